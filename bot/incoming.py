"""What the bot keeps of an update of Telegram: only what is needed to answer it.

No name, no user name, no file, no telephone number, no place. Numbers such as a BSN are blanked before anything is
kept. Of a group only commands are kept.
"""

from __future__ import annotations

import unicodedata
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from telegram import CallbackQuery, Chat, ChatMember, ChatMemberUpdated, Message, Update

from service.blanking import blank_numbers

MAX_KEPT = 1001  # characters; longer texts are asked to be shortened, so the rest is not kept
HANDLED = [Update.MESSAGE, Update.EDITED_MESSAGE, Update.CALLBACK_QUERY, Update.MY_CHAT_MEMBER]

_INVISIBLE = "\u115f\u1160\u2800\u3164\uffa0"  # letters and signs that show nothing


class Kind(StrEnum):
    """What sort of thing happened."""

    TEXT = "text"
    MEDIA = "media"  # all that is no text: photo, voice, sticker, place, document, ...
    EDITED = "edited"
    BUTTON = "button"
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"
    JOINED_GROUP = "joined_group"
    GROUP_MOVED = "group_moved"
    UNREADABLE = "unreadable"  # an error of ours while reading it


@dataclass(frozen=True)
class Incoming:
    """An update, reduced.

    `text` has no white space or invisible signs at its start, and its numbers are blanked. `html` is the text of the
    bot's own message above a pressed button. `app_language` is the language of the person's Telegram.
    """

    kind: Kind
    is_private: bool = True
    text: str = ""
    user_id: int | None = None
    app_language: str | None = None
    message_id: int | None = None
    button_id: str | None = None
    query_id: str | None = None
    html: str | None = None
    moved_to: int | None = None

    def to_payload(self) -> dict[str, Any]:
        """Turn it into JSON, without what is empty."""
        return {key: value for key, value in asdict(self).items() if value not in (None, "")}


@dataclass(frozen=True)
class Kept:
    """What goes into the inbox."""

    update_id: int
    chat_id: int
    incoming: Incoming
    numbers_blanked: bool = False


def from_payload(payload: dict[str, Any]) -> Incoming:
    """Read what `to_payload` wrote. Keys that are no part of it are passed over; what has no kind is unreadable."""
    fields = {key: value for key, value in payload.items() if key in Incoming.__dataclass_fields__}
    kind = fields.pop("kind", Kind.UNREADABLE)
    return Incoming(Kind(kind), **fields)


def read_update(update: Update) -> Kept | None:
    """Reduce an update.

    Returns:
        None if there is nothing to answer or to note: then nothing of it is kept.
    """
    if update.callback_query:
        return _read_press(update.update_id, update.callback_query)
    if update.my_chat_member:
        return _read_membership(update.update_id, update.my_chat_member)
    if update.message:
        return _read_message(update.update_id, update.message)
    if update.edited_message:
        return _read_edit(update.update_id, update.edited_message)
    return None


def unreadable(update: Update) -> Kept | None:
    """Keep of an update, at which we failed, no more than that it came; None outside private chats."""
    chat = update.effective_chat
    if chat is None or chat.type != Chat.PRIVATE:
        return None
    return Kept(update.update_id, chat.id, Incoming(Kind.UNREADABLE))


def strip_start(text: str) -> str:
    """Remove white space, control characters and all that shows nothing from the start of a text."""
    for position, character in enumerate(text):
        if not _shows_nothing(character):
            return text[position:]
    return ""


def _shows_nothing(character: str) -> bool:
    return character in _INVISIBLE or unicodedata.category(character) in {"Cc", "Cf", "Zs", "Zl", "Zp", "Mn", "Cn"}


def _clean(text: str) -> tuple[str, bool]:
    """Blank numbers and remove what no database or server takes. Returns the text and whether numbers were blanked."""
    sound = text.encode("utf-8", "replace").decode()
    blanked, found = blank_numbers("".join(c for c in sound if c in "\n\t" or unicodedata.category(c) != "Cc"))
    return strip_start(blanked).rstrip()[:MAX_KEPT], found


def _read_message(update_id: int, message: Message) -> Kept | None:
    if message.migrate_to_chat_id:
        moved = Incoming(Kind.GROUP_MOVED, is_private=False, moved_to=message.migrate_to_chat_id)
        return Kept(update_id, message.chat_id, moved)
    if message.from_user is None or message.from_user.is_bot:
        return None
    is_private = message.chat.type == Chat.PRIVATE
    text, found = _clean(message.text or message.caption or "")
    if not is_private and not text.startswith("/"):
        return None
    if message.text is None and not message.effective_attachment:
        return None  # a service message: pinned, a timer was set, ...
    incoming = Incoming(
        Kind.TEXT if message.text is not None else Kind.MEDIA,
        is_private=is_private,
        text=text,
        user_id=message.from_user.id,
        app_language=message.from_user.language_code,
        message_id=message.message_id,
    )
    return Kept(update_id, message.chat_id, incoming, found)


def _read_edit(update_id: int, message: Message) -> Kept | None:
    """Keep that a text was edited, not to what. A live location, which edits itself, is passed over."""
    if message.chat.type != Chat.PRIVATE or message.text is None:
        return None
    return Kept(update_id, message.chat_id, Incoming(Kind.EDITED, message_id=message.message_id))


def _read_press(update_id: int, query: CallbackQuery) -> Kept | None:
    message = query.message
    if message is None:
        return None
    incoming = Incoming(
        Kind.BUTTON,
        is_private=message.chat.type == Chat.PRIVATE,
        user_id=query.from_user.id,
        app_language=query.from_user.language_code,
        message_id=message.message_id,
        button_id=query.data,
        query_id=query.id,
        html=message.text_html if isinstance(message, Message) and message.text else None,
    )
    return Kept(update_id, message.chat.id, incoming)


def _read_membership(update_id: int, change: ChatMemberUpdated) -> Kept | None:
    is_out = change.new_chat_member.status in {ChatMember.LEFT, ChatMember.BANNED}
    if change.chat.type == Chat.PRIVATE:
        return Kept(update_id, change.chat.id, Incoming(Kind.BLOCKED if is_out else Kind.UNBLOCKED))
    if is_out:
        return None
    return Kept(update_id, change.chat.id, Incoming(Kind.JOINED_GROUP, is_private=False))
