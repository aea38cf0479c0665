"""The state of the local Telegram and what people and the bot can do in it. No HTTP and no clock: `now` is passed in.

Acts of the bot raise `ApiError` in Telegram's words; acts of people raise `ControlError` when no person could do
them. All moments are aware.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.sandbox.commands import Commands
from bot.sandbox.errors import ApiError, ControlError, bad_request
from bot.sandbox.faults import Faults
from bot.sandbox.journal import Journal
from bot.sandbox.limits import Limits
from bot.sandbox.markup import Formatted
from bot.sandbox.people import COACH_GROUP, FIRST_COACH, FIRST_NEWCOMER, Chat, Edit, Message, User
from bot.sandbox.updates import Updates

TYPING_LASTS = timedelta(seconds=5)
# Telegram tells no figure; a bot that takes this long has left the person with a spinning button.
QUERY_LASTS = timedelta(seconds=60)


@dataclass
class Query:
    """A press of a button that the bot may answer once."""

    id: str
    chat_id: int
    message_id: int
    user_id: int
    data: str
    pressed_at: datetime
    answer: dict[str, Any] | None = None


class Telegram:
    """All users, chats, messages and updates.

    Ids of updates, messages and queries rise from *first_id*. A server that is started again must go on with higher
    ones than before: the bot takes an update it has seen for a repetition.
    """

    def __init__(self, token: str, first_id: int = 1) -> None:
        name = "wegwijs_zandbak_bot"
        self.bot = User(int(token.partition(":")[0]), "Wegwijs (zandbak)", username=name, is_bot=True)
        self.users: dict[int, User] = {self.bot.id: self.bot}
        self.chats: dict[int, Chat] = {}
        self.messages: dict[int, dict[int, Message]] = defaultdict(dict)
        self.queries: dict[str, Query] = {}
        self.files: dict[str, tuple[str, bytes]] = {}
        self.journal = Journal()
        self.updates = Updates(first_id)
        self.commands = Commands()
        self.limits = Limits()
        self.faults = Faults()
        self._next_message = first_id
        self._next_query = first_id

    # People and chats

    def add_person(self, user_id: int, first_name: str, language_code: str | None = None) -> User:
        """Add a person with a private chat, or change name and language of one who is there."""
        user = self.users.setdefault(user_id, User(user_id, first_name))
        user.first_name, user.language_code = first_name, language_code
        self.chats.setdefault(user_id, Chat(user_id, "private", members={user_id}))
        self.journal.add("person", None, user=user.as_json())
        return user

    def next_newcomer(self) -> int:
        """Return the lowest free id of a newcomer."""
        return next(number for number in range(FIRST_NEWCOMER, FIRST_COACH) if number not in self.users)

    def add_coach(self, user_id: int, first_name: str, language_code: str | None = "nl") -> User:
        """Add a coach: a member of the coaches' group, who has a started private chat with the bot."""
        user = self.add_person(user_id, first_name, language_code)
        self.chats[user_id].started = True
        self.group().members.add(user_id)
        return user

    def group(self) -> Chat:
        """Return the coaches' group, under the id that it has by now."""
        chat = self.chats.setdefault(COACH_GROUP, Chat(COACH_GROUP, "group", "Coaches (voorbeeld)"))
        return self.chats[chat.migrated_to] if chat.migrated_to else chat

    def chat_json(self, chat: Chat) -> dict[str, Any]:
        """Return Telegram's `Chat`."""
        if chat.is_private:
            return {"id": chat.id, "type": "private", "first_name": self.users[chat.id].first_name}
        return {"id": chat.id, "type": chat.kind, "title": chat.title}

    def message_json(self, message: Message) -> dict[str, Any]:
        """Return Telegram's `Message`, with the one it answers."""
        chat = self.chat_json(self.chats[message.chat_id])
        body = message.as_json(chat)
        answered = self.messages[message.chat_id].get(message.reply_to or 0)
        return body | {"reply_to_message": answered.as_json(chat)} if answered else body

    def find_message(self, chat_id: int, message_id: int) -> Message | None:
        """Return a message that is still there."""
        message = self.messages[chat_id].get(message_id)
        return None if message is None or message.deleted else message

    def transcript(self, chat_id: int) -> list[Message]:
        """Return the messages of a chat, oldest first, deleted ones too (marked)."""
        return list(self.messages.get(chat_id, {}).values())

    # What the bot does

    def chat_for_bot(self, chat_id: int) -> Chat:
        """Return a chat that the bot may write to.

        Raises:
            ApiError: 400 if there is none or the group has a new id, 403 if the person has blocked the bot or has
                never written.
        """
        chat = self.chats.get(chat_id)
        if chat is None:
            raise bad_request("chat not found")
        if chat.migrated_to:
            words = "Bad Request: group chat was upgraded to a supergroup chat"
            raise ApiError(400, words, migrate_to_chat_id=chat.migrated_to)
        if chat.blocked:
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        if chat.is_private and not chat.started:
            raise ApiError(403, "Forbidden: bot can't initiate conversation with a user")
        return chat

    def add_message(
        self,
        chat: Chat,
        sender: User,
        formatted: Formatted,
        now: datetime,
        *,
        kind: str = "text",
        extra: dict[str, Any] | None = None,
        markup: dict[str, Any] | None = None,
        reply_to: int | None = None,
    ) -> Message:
        """Put a message in a chat. One from the bot ends its typing."""
        message = Message(self._next_message, chat.id, sender, now, kind, formatted, extra or {}, markup, reply_to)
        self._next_message += 1
        self.messages[chat.id][message.id] = message
        if sender.is_bot:
            chat.typing_until = None
        self.journal.add("message", chat.id, message)
        return message

    def change_message(
        self, message: Message, formatted: Formatted, markup: dict[str, Any] | None, now: datetime
    ) -> Message:
        """Give a message another text and keyboard, and keep what it said.

        Raises:
            ApiError: 400 if both are as they were.
        """
        if formatted == message.formatted and markup == message.markup:
            raise bad_request(
                "message is not modified: specified new message content and reply markup are exactly the same as a "
                "current content and reply markup of the message"
            )
        message.edits.append(Edit(now, message.formatted.text, message.markup))
        if formatted != message.formatted:
            message.edit_date = now
        message.formatted, message.markup = formatted, markup
        message.version += 1
        self.journal.add("edited", message.chat_id, message)
        return message

    def own_message(self, chat: Chat, message_id: int) -> Message:
        """Return a message of the bot that it may edit.

        Raises:
            ApiError: 400 if it is not there or not the bot's.
        """
        message = self.find_message(chat.id, message_id)
        if message is None:
            raise bad_request("message to edit not found")
        if message.sender is not self.bot:
            raise bad_request("message can't be edited")
        return message

    def delete_message(self, chat: Chat, message_id: int) -> None:
        """Delete a message for the bot: its own, or in a private chat any.

        Raises:
            ApiError: 400 if it is not there or not the bot's to delete.
        """
        message = self.find_message(chat.id, message_id)
        if message is None:
            raise bad_request("message to delete not found")
        if message.sender is not self.bot and not chat.is_private:
            raise bad_request("message can't be deleted")
        message.deleted = True
        message.version += 1
        self.journal.add("deleted", chat.id, message)

    def start_typing(self, chat: Chat, now: datetime) -> None:
        """Show the bot typing, for five seconds or until it writes."""
        chat.typing_until = now + TYPING_LASTS
        self.journal.add("typing", chat.id)

    def add_query(self, message_id: int, chat_id: int, user_id: int, data: str, now: datetime) -> Query:
        """Keep a press, so that the bot can answer it."""
        query = Query(str(self._next_query), chat_id, message_id, user_id, data, now)
        self._next_query += 1
        self.queries[query.id] = query
        return query

    def answer_query(self, query_id: str, text: str, *, show_alert: bool, now: datetime) -> None:
        """Answer a press, once and in time.

        Raises:
            ApiError: 400 if there was no such press, it has been answered, or it is over a minute old.
        """
        query = self.queries.get(query_id)
        if query is None or query.answer is not None or now - query.pressed_at > QUERY_LASTS:
            raise bad_request("query is too old and response timeout expired or query ID is invalid")
        query.answer = {"text": text, "show_alert": show_alert}
        self.journal.add(
            "answered", query.chat_id, query_id=query_id, user_id=query.user_id, data=query.data, **query.answer
        )

    # What only people see

    def person(self, user_id: int) -> User:
        """Return a person.

        Raises:
            ControlError: 404 if there is none.
        """
        user = self.users.get(user_id)
        if user is None or user.is_bot:
            raise ControlError(404, f"no such person: {user_id}")
        return user

    def chat_of(self, chat_id: int) -> Chat:
        """Return a chat, for a test or the page.

        Raises:
            ControlError: 404 if there is none.
        """
        chat = self.chats.get(chat_id)
        if chat is None:
            raise ControlError(404, f"no such chat: {chat_id}")
        return chat
