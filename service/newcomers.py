"""Newcomers: meeting them, their language, what is kept about them, and erasing it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from store.models import Appointment, Newcomer


@dataclass(frozen=True)
class KeptData:
    """What the store keeps about a newcomer."""

    since: datetime
    last_seen_at: datetime
    language: str
    appointments: tuple[Appointment, ...]
    hand_offs: int
    messages: int
    notifications: int


def chat_ref(secret: str, chat_id: int) -> str:
    """Return the keyed hash under which Rasa and the logs know a chat."""
    raise NotImplementedError


def find_newcomer(session: Session, ref: str) -> Newcomer | None:
    """Find a newcomer by the chat's keyed hash."""
    raise NotImplementedError


def meet_newcomer(session: Session, chat_id: int, ref: str, language: str, now: datetime) -> Newcomer:
    """Find or make the newcomer of a chat."""
    raise NotImplementedError


def set_language(session: Session, newcomer: Newcomer, language: str, *, chosen: bool) -> None:
    """Remember the language of a newcomer."""
    raise NotImplementedError


def kept_data(session: Session, newcomer: Newcomer) -> KeptData:
    """Tell what is kept."""
    raise NotImplementedError


def erase_newcomer(session: Session, newcomer: Newcomer, now: datetime) -> None:
    """Erase a newcomer."""
    raise NotImplementedError


def stop_messages(session: Session, newcomer: Newcomer, now: datetime) -> list[Appointment]:
    """Send nothing more."""
    raise NotImplementedError
