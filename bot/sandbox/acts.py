"""What people do: write, edit, press, block, and turn a group into a supergroup. Each becomes an update for the bot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.sandbox.errors import ControlError
from bot.sandbox.markup import Formatted, with_found_entities
from bot.sandbox.model import Telegram
from bot.sandbox.people import Chat, Message, User

MAX_TEXT = 4096
SUPERGROUP_BASE = -1_000_000_000_000


@dataclass(frozen=True)
class Seat:
    """A person in a chat: their private one, or a group that they are in."""

    user_id: int
    chat_id: int


def post(
    telegram: Telegram, seat: Seat, content: dict[str, Any], now: datetime, *, reply_to: int | None = None
) -> Message:
    """Write a message as a person.

    Args:
        telegram: The state.
        seat: Who writes, and where.
        content: `{"text": ...}` of any length, or `{"kind": "photo" | "voice" | "sticker", "text": caption or ""}`.
        now: When.
        reply_to: Message that is answered.

    Raises:
        ControlError: If there is no such person or chat, they are not in it, or they have blocked the bot.
    """
    user, chat = _place(telegram, seat)
    kind = content.get("kind", "text")
    if kind != "text" and kind not in MEDIA:
        raise ControlError(400, f"no such kind of message: {kind}")
    text = str(content.get("text", ""))
    if kind == "text" and not text.strip():
        raise ControlError(400, "a message needs text")
    chat.started = True
    formatted = with_found_entities(Formatted(text))
    extra = MEDIA[kind](telegram.updates.next_id) if kind != "text" else {}
    message = telegram.add_message(chat, user, formatted, now, kind=kind, extra=extra, reply_to=reply_to)
    telegram.updates.add("message", telegram.message_json(message))
    return message


def split(text: str) -> list[str]:
    """Cut a text as Telegram's apps do before they send: at most 4096 characters a message."""
    return [text[start : start + MAX_TEXT] for start in range(0, len(text), MAX_TEXT)]


def edit(telegram: Telegram, seat: Seat, message_id: int, text: str, now: datetime) -> Message:
    """Change a message that the person wrote.

    Raises:
        ControlError: If it is not there or not theirs.
    """
    user, _ = _place(telegram, seat)
    message = telegram.find_message(seat.chat_id, message_id)
    if message is None or message.sender is not user:
        raise ControlError(404, f"no such message of {seat.user_id}: {message_id}")
    telegram.change_message(message, with_found_entities(Formatted(text)), message.markup, now)
    telegram.updates.add("edited_message", telegram.message_json(message))
    return message


def press(telegram: Telegram, seat: Seat, message_id: int, data: str, now: datetime) -> str:
    """Press a button, or pretend to: *data* may be forged, and the message may be gone or another's.

    Returns:
        Id of the callback query.

    Raises:
        ControlError: If there is no such person or chat, or they are not in it.
    """
    user, chat = _place(telegram, seat)
    query = telegram.add_query(message_id, chat.id, user.id, data, now)
    message = telegram.find_message(seat.chat_id, message_id)
    gone = {"chat": telegram.chat_json(chat), "message_id": message_id, "date": 0}
    telegram.journal.add("pressed", chat.id, query_id=query.id, user_id=user.id, message_id=message_id, data=data)
    telegram.updates.add(
        "callback_query",
        {
            "id": query.id,
            "from": user.as_json(),
            "message": telegram.message_json(message) if message else gone,
            "chat_instance": str(chat.id),
            "data": data,
        },
    )
    return query.id


def set_blocked(telegram: Telegram, user_id: int, now: datetime, *, blocked: bool) -> None:
    """Block the bot as a person, or let it in again."""
    user = telegram.person(user_id)
    chat = telegram.chat_of(user_id)
    if chat.blocked == blocked:
        return
    chat.blocked = blocked
    bot = telegram.bot.as_json()
    member = {"status": "member", "user": bot}
    banned = {"status": "kicked", "user": bot, "until_date": 0}
    telegram.journal.add("blocked" if blocked else "unblocked", user_id)
    telegram.updates.add(
        "my_chat_member",
        {
            "chat": telegram.chat_json(chat),
            "from": user.as_json(),
            "date": int(now.timestamp()),
            "old_chat_member": member if blocked else banned,
            "new_chat_member": banned if blocked else member,
        },
    )


def migrate(telegram: Telegram, seat: Seat, now: datetime) -> int:
    """Turn a group into a supergroup, which has another id; the old one is refused from then on.

    Returns:
        Id of the supergroup.

    Raises:
        ControlError: If the chat is no group, or has been turned already.
    """
    user, group = _place(telegram, seat)
    if group.kind != "group" or group.migrated_to:
        raise ControlError(409, f"not a group that can become a supergroup: {group.id}")
    new = Chat(SUPERGROUP_BASE + group.id, "supergroup", group.title, set(group.members))
    telegram.chats[new.id] = new
    group.migrated_to = new.id
    for chat, extra in ((group, {"migrate_to_chat_id": new.id}), (new, {"migrate_from_chat_id": group.id})):
        message = telegram.add_message(chat, user, Formatted(""), now, kind="service", extra=extra)
        telegram.updates.add("message", telegram.message_json(message))
    telegram.journal.add("migrated", group.id, new_chat_id=new.id)
    return new.id


def _place(telegram: Telegram, seat: Seat) -> tuple[User, Chat]:
    user, chat = telegram.person(seat.user_id), telegram.chat_of(seat.chat_id)
    if user.id not in chat.members:
        raise ControlError(409, f"{user.id} is not in chat {chat.id}")
    if chat.blocked:
        raise ControlError(409, f"{user.id} has blocked the bot")
    if chat.migrated_to and chat.kind == "group":
        raise ControlError(409, f"the group has become {chat.migrated_to}")
    return user, chat


def _photo(number: int) -> dict[str, Any]:
    size = {"file_id": f"photo-{number}", "file_unique_id": f"p{number}", "width": 90, "height": 90, "file_size": 1200}
    return {"photo": [size]}


def _voice(number: int) -> dict[str, Any]:
    voice = {"file_id": f"voice-{number}", "file_unique_id": f"v{number}", "duration": 3, "mime_type": "audio/ogg"}
    return {"voice": voice}


def _sticker(number: int) -> dict[str, Any]:
    sticker = {
        "file_id": f"sticker-{number}",
        "file_unique_id": f"s{number}",
        "type": "regular",
        "width": 512,
        "height": 512,
        "is_animated": False,
        "is_video": False,
        "emoji": "👍",
    }
    return {"sticker": sticker}


MEDIA = {"photo": _photo, "voice": _voice, "sticker": _sticker}
