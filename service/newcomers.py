"""Newcomers: meeting them, their language, what is kept about them, and erasing it."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from service.appointment_changes import lock_coaches, lock_newcomer, tell_cancelled, withdraw
from service.appointment_queries import appointments_of, own_coach, standing_appointments
from service.waiting_list import close_entry
from store.messages import Button, InboxUpdate, Notification, Reply
from store.models import Appointment, Canceller, Coach, HandOff, Newcomer


@dataclass(frozen=True)
class KeptData:
    """What the store keeps about a newcomer, to show it.

    `appointments` are all of them, the cancelled ones too, in order of time, coach and place loaded. `own_coach` is the
    coach of the last talk. `messages` counts the updates of the chat that are still there, emptied once answered;
    `notifications` what was or will be sent by itself.
    """

    since: datetime
    last_seen_at: datetime
    language: str
    language_chosen: bool
    appointments: tuple[Appointment, ...]
    own_coach: Coach | None
    hand_offs: int
    messages: int
    notifications: int


def chat_ref(secret: str, chat_id: int) -> str:
    """Return the keyed hash (HMAC-SHA256, 64 hexadecimal digits) under which Rasa and the logs know a chat."""
    return hmac.new(secret.encode(), str(chat_id).encode(), hashlib.sha256).hexdigest()


def find_newcomer(session: Session, ref: str) -> Newcomer | None:
    """Find a newcomer by the chat's keyed hash."""
    return session.scalar(select(Newcomer).where(Newcomer.chat_ref == ref))


def meet_newcomer(session: Session, chat_id: int, ref: str, language: str, now: datetime) -> Newcomer:
    """Find or make the newcomer of a chat who writes at this moment.

    Who writes wants to hear again: `stopped_at` and `blocked_at` are cleared.

    Args:
        session: The transaction.
        chat_id: Telegram's id of the private chat.
        ref: `chat_ref` of it.
        language: Language to begin with; a newcomer who is known keeps the own one.
        now: The moment, aware.
    """
    newcomer = _by_chat(session, chat_id) or _make(session, chat_id, ref, language, now)
    newcomer.chat_ref = ref  # another secret makes other hashes
    newcomer.last_seen_at = now
    newcomer.stopped_at = None
    newcomer.blocked_at = None
    session.flush()
    return newcomer


def _by_chat(session: Session, chat_id: int) -> Newcomer | None:
    return session.scalar(select(Newcomer).where(Newcomer.chat_id == chat_id))


def _make(session: Session, chat_id: int, ref: str, language: str, now: datetime) -> Newcomer:
    newcomer = Newcomer(chat_id=chat_id, chat_ref=ref, language=language, created_at=now, last_seen_at=now)
    try:
        with session.begin_nested():
            session.add(newcomer)
    except IntegrityError:
        found = _by_chat(session, chat_id)  # another process met the same person at the same moment
        if found is None:
            raise
        return found
    return newcomer


def set_language(session: Session, newcomer: Newcomer, language: str, *, chosen: bool) -> None:
    """Remember the language of a newcomer.

    Args:
        session: The transaction.
        newcomer: Whose.
        language: Code of a language.
        chosen: Whether the person chose it by a button or command; False if it was told from a message.
    """
    newcomer.language = language
    newcomer.language_chosen = chosen
    session.flush()


def kept_data(session: Session, newcomer: Newcomer) -> KeptData:
    """Tell what the store keeps about a newcomer."""
    return KeptData(
        since=newcomer.created_at,
        last_seen_at=newcomer.last_seen_at,
        language=newcomer.language,
        language_chosen=newcomer.language_chosen,
        appointments=tuple(appointments_of(session, newcomer)),
        own_coach=own_coach(session, newcomer),
        hand_offs=_count(session, HandOff.newcomer_id == newcomer.id),
        messages=_count(session, InboxUpdate.chat_id == newcomer.chat_id),
        notifications=_count(session, Notification.newcomer_id == newcomer.id),
    )


def _count(session: Session, condition: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).where(condition)) or 0


def stop_messages(session: Session, newcomer: Newcomer, now: datetime) -> list[Appointment]:
    """Send this newcomer nothing more until the person writes again.

    Returns:
        The appointments that still stand, first ones first: stopping does not cancel them.
    """
    newcomer.stopped_at = now
    session.flush()
    return standing_appointments(session, newcomer, now)


def erase_newcomer(session: Session, newcomer: Newcomer, now: datetime) -> None:
    """Erase all that the store keeps about a newcomer; the caller erases Rasa's conversation.

    Appointments to come are cancelled and the coaches told, without a name. Past ones stay, without anything that
    leads to the person; so do hand-offs, which are closed. What was told about them is deleted, sent or not. An update
    that a worker is answering at this moment is left to that worker, to empty and delete.
    """
    _lock_all(session, newcomer, now)
    _erase_appointments(session, newcomer, now)
    _erase_hand_offs(session, newcomer, now)
    _erase_chat(session, newcomer.chat_id)
    session.execute(delete(Notification).where(Notification.newcomer_id == newcomer.id))
    session.delete(newcomer)
    session.flush()


def _lock_all(session: Session, newcomer: Newcomer, now: datetime) -> None:
    """Hold the newcomer and the coaches of what is to be cancelled, in the order of all; then the newcomer alone.

    The last keeps out whoever would write something that leads to the person.
    """
    lock_newcomer(session, newcomer)
    lock_coaches(session, {appointment.coach_id for appointment in standing_appointments(session, newcomer, now)})
    session.execute(select(Newcomer.id).where(Newcomer.id == newcomer.id).with_for_update())


def _erase_appointments(session: Session, newcomer: Newcomer, now: datetime) -> None:
    appointments = appointments_of(session, newcomer)
    ids = [appointment.id for appointment in appointments]
    session.execute(delete(Notification).where(Notification.appointment_id.in_(ids)))
    # Those of a coach's agenda too: the name stands on them.
    session.execute(delete(Button).where(Button.action["appointment"].as_integer().in_(ids)))
    standing = standing_appointments(session, newcomer, now)
    for appointment in appointments:
        appointment.newcomer = None
        appointment.called_name = None
        appointment.telephone = None
        appointment.reason = None
        appointment.request_key = None  # it holds the hash of the chat
        close_entry(session, appointment, now)
    session.flush()
    for appointment in standing:
        withdraw(session, appointment, Canceller.ERASED, now)
        tell_cancelled(session, appointment, now)


def _erase_hand_offs(session: Session, newcomer: Newcomer, now: datetime) -> None:
    mine = list(session.scalars(select(HandOff).where(HandOff.newcomer_id == newcomer.id)))
    session.execute(delete(Notification).where(Notification.hand_off_id.in_([hand_off.id for hand_off in mine])))
    for hand_off in mine:
        hand_off.closed_at = hand_off.closed_at or now
        hand_off.newcomer_id = None
        hand_off.request_key = None
        hand_off.topic = None
    session.flush()


def _erase_chat(session: Session, chat_id: int) -> None:
    is_answered_now = (InboxUpdate.done_at.is_(None)) & (InboxUpdate.attempts > 0)
    updates = select(InboxUpdate.update_id).where(InboxUpdate.chat_id == chat_id, ~is_answered_now)
    session.execute(delete(Reply).where(Reply.update_id.in_(updates)))
    session.execute(delete(InboxUpdate).where(InboxUpdate.chat_id == chat_id, ~is_answered_now))
    session.execute(delete(Button).where(Button.chat_id == chat_id))
