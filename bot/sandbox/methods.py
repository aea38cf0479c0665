"""The methods of the Bot API that the sandbox knows, but for those that wait: `getUpdates` and the webhook's."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from bot.sandbox.call import Call, Upload
from bot.sandbox.errors import bad_request
from bot.sandbox.keyboards import inline_keyboard
from bot.sandbox.markup import Formatted, parse_html, trimmed, with_found_entities
from bot.sandbox.model import Telegram
from bot.sandbox.people import Chat, Message

MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_ANSWER = 200
ACTIONS = frozenset(
    {"typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document"}
    | {"choose_sticker", "find_location", "record_video_note", "upload_video_note"}
)

type Method = Callable[[Telegram, Call], Any]


def get_me(telegram: Telegram, _: Call) -> dict[str, Any]:
    """Return the bot. It reads all messages of its groups: the harder case for a bot."""
    groups = {"can_join_groups": True, "can_read_all_group_messages": True, "supports_inline_queries": False}
    return telegram.bot.as_json() | groups | {"can_connect_to_business": False, "has_main_web_app": False}


def send_message(telegram: Telegram, call: Call) -> dict[str, Any]:
    """Send a text."""
    chat = telegram.chat_for_bot(call.chat_id())
    formatted = _formatted(call, "text", "entities")
    if not formatted.text:
        raise bad_request("message text is empty")
    if len(formatted.text) > MAX_TEXT:
        raise bad_request("message is too long")
    return _send(telegram, call, chat, formatted)


def send_venue(telegram: Telegram, call: Call) -> dict[str, Any]:
    """Send a place with its address."""
    chat = telegram.chat_for_bot(call.chat_id())
    location = {"latitude": call.number("latitude"), "longitude": call.number("longitude")}
    title, address = call.text("title"), call.text("address")
    if not title or not address:
        raise bad_request("venue title and address must be non-empty")
    extra = {"location": location, "venue": {"location": location, "title": title, "address": address}}
    return _send(telegram, call, chat, Formatted(""), kind="venue", extra=extra)


def send_document(telegram: Telegram, call: Call) -> dict[str, Any]:
    """Send a file that comes with the call."""
    chat = telegram.chat_for_bot(call.chat_id())
    upload = _upload(call, "document")
    caption = _formatted(call, "caption", "caption_entities")
    if len(caption.text) > MAX_CAPTION:
        raise bad_request("message caption is too long")
    file_id = f"document-{len(telegram.files) + 1}"
    telegram.files[file_id] = (upload.name, upload.content)
    document: dict[str, Any] = {"file_id": file_id, "file_unique_id": file_id, "file_name": upload.name}
    document |= {"mime_type": upload.mime_type, "file_size": len(upload.content)}
    return _send(telegram, call, chat, caption, kind="document", extra={"document": document})


def edit_message_text(telegram: Telegram, call: Call) -> dict[str, Any]:
    """Change the text of a message of the bot; its keyboard goes unless it is sent again."""
    chat = telegram.chat_for_bot(call.chat_id())
    message = telegram.own_message(chat, call.integer("message_id"))
    formatted = _formatted(call, "text", "entities")
    if message.kind != "text":
        raise bad_request("there is no text in the message to edit")
    if not formatted.text:
        raise bad_request("message text is empty")
    if len(formatted.text) > MAX_TEXT:
        raise bad_request("MESSAGE_TOO_LONG")
    changed = telegram.change_message(message, formatted, inline_keyboard(call.value("reply_markup")), call.now)
    return telegram.message_json(changed)


def edit_message_reply_markup(telegram: Telegram, call: Call) -> dict[str, Any]:
    """Change or take away the keyboard of a message of the bot."""
    chat = telegram.chat_for_bot(call.chat_id())
    message = telegram.own_message(chat, call.integer("message_id"))
    markup = inline_keyboard(call.value("reply_markup"))
    return telegram.message_json(telegram.change_message(message, message.formatted, markup, call.now))


def delete_message(telegram: Telegram, call: Call) -> bool:
    """Delete a message."""
    telegram.delete_message(telegram.chat_for_bot(call.chat_id()), call.integer("message_id"))
    return True


def answer_callback_query(telegram: Telegram, call: Call) -> bool:
    """End the wait of a person who pressed a button, with or without words."""
    text = call.text("text")
    if len(text) > MAX_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    telegram.answer_query(call.text("callback_query_id"), text, show_alert=call.flag("show_alert"), now=call.now)
    return True


def send_chat_action(telegram: Telegram, call: Call) -> bool:
    """Show the bot busy."""
    chat = telegram.chat_for_bot(call.chat_id())
    if call.text("action") not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    telegram.start_typing(chat, call.now)
    return True


def set_my_commands(telegram: Telegram, call: Call) -> bool:
    """Set the commands of a scope and language."""
    telegram.commands.put(call.value("commands"), call.value("scope"), call.text("language_code"))
    telegram.journal.add("commands", None)
    return True


def get_my_commands(telegram: Telegram, call: Call) -> list[dict[str, str]]:
    """Return the commands of a scope and language."""
    return telegram.commands.find(call.value("scope"), call.text("language_code"))


def delete_my_commands(telegram: Telegram, call: Call) -> bool:
    """Delete the commands of a scope and language."""
    telegram.commands.forget(call.value("scope"), call.text("language_code"))
    telegram.journal.add("commands", None)
    return True


def set_my_description(telegram: Telegram, call: Call) -> bool:
    """Set what a person reads before the first message."""
    return _describe(telegram, call, "description", 512)


def set_my_short_description(telegram: Telegram, call: Call) -> bool:
    """Set what stands on the bot's profile."""
    return _describe(telegram, call, "short_description", 120)


def get_my_description(telegram: Telegram, call: Call) -> dict[str, str]:
    """Return what a person reads before the first message."""
    return {"description": telegram.commands.described("description", call.text("language_code"))}


def get_my_short_description(telegram: Telegram, call: Call) -> dict[str, str]:
    """Return what stands on the bot's profile."""
    return {"short_description": telegram.commands.described("short_description", call.text("language_code"))}


def get_chat(telegram: Telegram, call: Call) -> dict[str, Any]:
    """Return Telegram's `ChatFullInfo`."""
    chat = telegram.chats.get(call.chat_id())
    if chat is None:
        raise bad_request("chat not found")
    gifts = dict.fromkeys(
        ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False
    )
    full = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": gifts}
    return telegram.chat_json(chat) | full


def get_chat_member(telegram: Telegram, call: Call) -> dict[str, Any]:
    """Return whether a person, or the bot, is in a chat."""
    chat = telegram.chat_for_bot(call.chat_id())
    user = telegram.users.get(call.integer("user_id"))
    if user is None:
        raise bad_request("invalid user_id specified")
    is_in = user is telegram.bot or user.id in chat.members
    return {"status": "member" if is_in else "left", "user": user.as_json()}


METHODS: dict[str, Method] = {
    "getme": get_me,
    "sendmessage": send_message,
    "sendvenue": send_venue,
    "senddocument": send_document,
    "editmessagetext": edit_message_text,
    "editmessagereplymarkup": edit_message_reply_markup,
    "deletemessage": delete_message,
    "answercallbackquery": answer_callback_query,
    "sendchataction": send_chat_action,
    "setmycommands": set_my_commands,
    "getmycommands": get_my_commands,
    "deletemycommands": delete_my_commands,
    "setmydescription": set_my_description,
    "getmydescription": get_my_description,
    "setmyshortdescription": set_my_short_description,
    "getmyshortdescription": get_my_short_description,
    "getchat": get_chat,
    "getchatmember": get_chat_member,
}


def _send(
    telegram: Telegram,
    call: Call,
    chat: Chat,
    formatted: Formatted,
    *,
    kind: str = "text",
    extra: dict[str, Any] | None = None,
) -> dict[str, Any]:
    markup = inline_keyboard(call.value("reply_markup"))
    reply_to = _answered(telegram, call, chat)
    telegram.limits.count(chat.id, is_private=chat.is_private, now=call.now)
    message: Message = telegram.add_message(
        chat, telegram.bot, formatted, call.now, kind=kind, extra=extra, markup=markup, reply_to=reply_to
    )
    return telegram.message_json(message)


def _answered(telegram: Telegram, call: Call, chat: Chat) -> int | None:
    given = call.value("reply_parameters")
    if not given:
        return None
    message_id = int(given.get("message_id", 0))
    if telegram.find_message(chat.id, message_id):
        return message_id
    if given.get("allow_sending_without_reply"):
        return None
    raise bad_request("message to be replied not found")


def _formatted(call: Call, text: str, entities: str) -> Formatted:
    mode = call.text("parse_mode").lower()
    source = call.text(text)
    if mode == "html":
        formatted = parse_html(source)
    elif mode:
        raise bad_request("unsupported parse_mode")
    else:
        formatted = Formatted(source, call.value(entities) or [])
    return with_found_entities(trimmed(formatted))


def _upload(call: Call, name: str) -> Upload:
    attached = re.fullmatch(r"attach://(.+)", call.text(name))
    upload = call.files.get(attached[1] if attached else name)
    if upload is None:
        raise bad_request(f"there is no {name} in the request")
    if not upload.content:
        raise bad_request("file must be non-empty")
    return upload


def _describe(telegram: Telegram, call: Call, name: str, most: int) -> bool:
    text = call.text(name)
    if len(text) > most:
        raise bad_request(f"bot {name.replace('_', ' ')} is too long")
    telegram.commands.describe(name, text, call.text("language_code"))
    telegram.journal.add("commands", None)
    return True
