"""Buttons under messages. Telegram sees a random id; what it stands for is kept here and looked up on a press.

A button works in its own chat and under its own message only, once, for a day, and until the chat gets its next
keyboard. A standing one (a topic, a flow, a language) only asks for something that may be asked at any time: it works
more than once, and longer. Under what the bot tells by itself (a reminder, an offer) they stand too, until the moment
that they name: the person may be in the middle of something else.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from store.messages import Button

LIFE = timedelta(hours=24)
STANDING_LIFE = timedelta(days=30)
ID_BYTES = 16  # 22 characters; Telegram takes 64 bytes at most


@dataclass(frozen=True)
class NewButton:
    """A button to be shown: what people read and what it does.

    `is_for_once`: a standing one that goes, with its like under the same message, when one of them is pressed.
    `expires_at`: until when it works, if not for as long as others of its kind. `begins_row`: it stands in no row with
    what comes before it.
    """

    label: str
    action: dict[str, Any]
    is_standing: bool = False
    is_for_once: bool = False
    expires_at: datetime | None = None
    begins_row: bool = False
    id: str = field(default_factory=lambda: secrets.token_urlsafe(ID_BYTES))


@dataclass(frozen=True)
class Press:
    """A good press of a button."""

    button_id: str
    label: str
    action: dict[str, Any]
    is_standing: bool
    is_for_once: bool = False


@dataclass(frozen=True)
class Keyboard:
    """The buttons that stay under a message: pairs (id, label), in the order in which they were shown."""

    message_id: int
    buttons: tuple[tuple[str, str], ...]


def keep_buttons(session: Session, chat_id: int, buttons: Sequence[NewButton], now: datetime) -> None:
    """Keep the buttons of a message that is going to be sent to a chat."""
    session.add_all(
        Button(
            id=button.id,
            chat_id=chat_id,
            action={**button.action, "label": button.label, "place": place, **_once(button)},
            is_standing=button.is_standing,
            created_at=now,
            expires_at=button.expires_at or now + (STANDING_LIFE if button.is_standing else LIFE),
        )
        for place, button in enumerate(buttons)
    )


def _once(button: NewButton) -> dict[str, bool]:
    return {"once": True} if button.is_for_once else {}


def set_message(session: Session, button_ids: Sequence[str], message_id: int) -> None:
    """Tie buttons to the message under which they were sent."""
    session.execute(update(Button).where(Button.id.in_(button_ids)).values(message_id=message_id))


def find_press(session: Session, button_id: str, chat_id: int, message_id: int, now: datetime) -> Press | None:
    """Look up a pressed button.

    Returns:
        None if it is forged, of another chat or message, used, retired or out of date: then nothing may be done.
    """
    button = session.get(Button, button_id)
    if button is None or button.chat_id != chat_id or button.used_at is not None or button.expires_at <= now:
        return None
    # The id of the message is missing if the bot was stopped between sending it and noting so.
    if button.message_id is not None and button.message_id != message_id:
        return None
    action = dict(button.action)
    label = str(action.pop("label"))
    del action["place"]
    return Press(button_id, label, action, button.is_standing, is_for_once=action.pop("once", False))


def kind_of(session: Session, button_id: str) -> str | None:
    """Tell what a button does, good or not; None if it is unknown. Whether it may be done: see `find_press`."""
    button = session.get(Button, button_id)
    return None if button is None else button.action.get("do")


def use_keyboard(session: Session, chat_id: int, message_id: int, now: datetime) -> Keyboard:
    """Use up the buttons of a message after a press. Returns what stays: the standing ones that are not for once."""
    rows = session.scalars(
        select(Button).where(Button.chat_id == chat_id, Button.message_id == message_id, Button.used_at.is_(None))
    )
    for button in rows:
        if not button.is_standing or button.action.get("once"):
            button.used_at = now
    session.flush()
    return Keyboard(message_id, _standing(session, chat_id, message_id))


def retire_keyboards(session: Session, chat_id: int, keep: Sequence[str], now: datetime) -> list[Keyboard]:
    """Retire all buttons of a chat that do not stand, but for those to *keep* (ids of the new keyboard).

    Returns:
        What stays under each message that lost buttons, oldest first. Messages whose buttons are all out of date
        are left as they are.
    """
    live = [
        Button.chat_id == chat_id,
        Button.is_standing.is_(False),
        Button.used_at.is_(None),
        Button.id.not_in(keep),
    ]
    messages = session.scalars(
        select(Button.message_id).where(*live, Button.message_id.is_not(None), Button.expires_at > now).distinct()
    ).all()
    session.execute(update(Button).where(*live).values(used_at=now))
    return [
        Keyboard(message_id, _standing(session, chat_id, message_id))
        for message_id in sorted(message for message in messages if message is not None)
    ]


def _standing(session: Session, chat_id: int, message_id: int) -> tuple[tuple[str, str], ...]:
    rows = session.scalars(
        select(Button).where(
            Button.chat_id == chat_id, Button.message_id == message_id, Button.is_standing, Button.used_at.is_(None)
        )
    )
    ordered = sorted(rows, key=lambda row: int(row.action["place"]))
    return tuple((row.id, str(row.action["label"])) for row in ordered)


def move_chat(session: Session, old_chat_id: int, new_chat_id: int) -> None:
    """Follow a group to its new id. Its messages have new ids too, which nobody tells."""
    session.execute(update(Button).where(Button.chat_id == old_chat_id).values(chat_id=new_chat_id, message_id=None))


def delete_old(session: Session, before: datetime) -> int:
    """Delete buttons that went out of date before a moment. Returns how many."""
    return int(session.execute(delete(Button).where(Button.expires_at < before)).rowcount)  # type: ignore[attr-defined]
