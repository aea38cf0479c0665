"""A local Telegram: the part of the Bot API that the bot uses, and a page with a newcomer's and the coaches' chat.

What happens in it is decided by a plain model (`model.Telegram` and what it is made of), which knows no HTTP and no
clock; `app`, `bot_api`, `control`, `polling` and `webhook` are the thin skin around it. All state is in memory.
"""
