"""Who and what there is in the sandbox: users, chats and messages."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.sandbox.markup import Formatted, as_html, tree

COACH_GROUP = -1001
FIRST_NEWCOMER = 1000
FIRST_COACH = 2000


@dataclass
class User:
    """A person, or the bot."""

    id: int
    first_name: str
    language_code: str | None = None
    username: str | None = None
    is_bot: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return Telegram's `User`."""
        body: dict[str, Any] = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name}
        if self.language_code:
            body["language_code"] = self.language_code
        if self.username:
            body["username"] = self.username
        return body


@dataclass
class Chat:
    """A private chat (id of its person) or a group (negative id).

    Attributes:
        started: The person of a private chat has written once; before that the bot may not.
        blocked: The person of a private chat has blocked the bot.
        typing_until: The bot shows "typing" until then.
        migrated_to: Id of the supergroup that the group has become.
    """

    id: int
    kind: str
    title: str = ""
    members: set[int] = field(default_factory=set)
    started: bool = False
    blocked: bool = False
    typing_until: datetime | None = None
    migrated_to: int | None = None

    @property
    def is_private(self) -> bool:
        """Tell whether it is the chat of one person with the bot."""
        return self.kind == "private"

    def is_typing(self, now: datetime) -> bool:
        """Tell whether the bot shows itself typing."""
        return self.typing_until is not None and now < self.typing_until


@dataclass
class Edit:
    """What a message said before it was edited."""

    date: datetime
    text: str
    markup: dict[str, Any] | None


@dataclass
class Message:
    """A message as it is now.

    Attributes:
        kind: "text", "photo", "voice", "sticker", "venue", "document" or "service".
        extra: Telegram's own fields of the kind, such as `photo` or `migrate_to_chat_id`.
        formatted: Text, or caption when the kind is not "text".
        markup: Inline keyboard as Telegram writes it, or nothing.
        edits: What it said before, oldest first.
    """

    id: int
    chat_id: int
    sender: User
    date: datetime
    kind: str
    formatted: Formatted
    extra: dict[str, Any] = field(default_factory=dict)
    markup: dict[str, Any] | None = None
    reply_to: int | None = None
    edits: list[Edit] = field(default_factory=list)
    edit_date: datetime | None = None
    deleted: bool = False
    version: int = 0

    def buttons(self) -> list[dict[str, Any]]:
        """Return the buttons in reading order."""
        rows = (self.markup or {}).get("inline_keyboard", [])
        return [button for row in rows for button in row]

    def as_json(self, chat: dict[str, Any]) -> dict[str, Any]:
        """Return Telegram's `Message`."""
        body: dict[str, Any] = {
            "message_id": self.id,
            "from": self.sender.as_json(),
            "chat": chat,
            "date": int(self.date.timestamp()),
        } | self.extra
        words, entities = ("text", "entities") if self.kind == "text" else ("caption", "caption_entities")
        if self.formatted.text:
            body[words] = self.formatted.text
        if self.formatted.entities:
            body[entities] = self.formatted.entities
        if self.edit_date:
            body["edit_date"] = int(self.edit_date.timestamp())
        if self.markup:
            body["reply_markup"] = self.markup
        return body

    def view(self) -> dict[str, Any]:
        """Return the message as the page and the tests see it (see `control`)."""
        nodes = tree(self.formatted)
        return {
            "message_id": self.id,
            "chat_id": self.chat_id,
            "from": self.sender.as_json(),
            "is_bot": self.sender.is_bot,
            "date": self.date.isoformat(),
            "kind": self.kind,
            "text": self.formatted.text,
            "html": as_html(nodes),
            "nodes": nodes,
            "buttons": [[_button(button) for button in row] for row in (self.markup or {}).get("inline_keyboard", [])],
            "reply_to": self.reply_to,
            "edited": self.edit_date is not None,
            "edits": [
                {"date": edit.date.isoformat(), "text": edit.text, "had_buttons": bool(edit.markup)}
                for edit in self.edits
            ],
            "deleted": self.deleted,
            "version": self.version,
            "extra": self.extra,
        }


def _button(button: dict[str, Any]) -> dict[str, Any]:
    return {"label": button["text"], "callback_data": button.get("callback_data"), "url": button.get("url")}
