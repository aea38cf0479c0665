"""Hand-offs: a newcomer asks for a person, one coach takes it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from store.models import Coach, HandOff, Newcomer


def request_person(
    session: Session, newcomer: Newcomer, topic: str | None, request_key: str | None, now: datetime
) -> HandOff:
    """Ask for a person."""
    raise NotImplementedError


def claim_hand_off(session: Session, hand_off_id: int, coach: Coach, now: datetime) -> HandOff:
    """Give a hand-off to one coach."""
    raise NotImplementedError
