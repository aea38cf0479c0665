"""Coaches, and the one-time codes with which they link a Telegram account."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, CursorResult, Select, delete, or_, select, true, update
from sqlalchemy.orm import Session, joinedload, selectinload

from service.errors import WrongCode
from service.language import DEFAULT_LANGUAGE
from store.models import (
    Availability,
    AvailabilityException,
    Coach,
    CoachArea,
    CoachLanguage,
    LinkCode,
    Mode,
    Organisation,
)

if TYPE_CHECKING:
    from service.availability import Wish

CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that looks like something else
CODE_LENGTH = 10
CODE_LIFE = timedelta(hours=48)


def add_coach(
    session: Session,
    *,
    name: str,
    organisation: Organisation,
    appointment_minutes: int = 30,
    buffer_minutes: int = 0,
    is_sample: bool = False,
) -> Coach:
    """Add a coach to an organisation.

    Args:
        session: The transaction.
        name: As newcomers see it.
        organisation: Where the coach works.
        appointment_minutes: Length of an appointment.
        buffer_minutes: Minutes kept free after each appointment.
        is_sample: Whether it is no real coach.
    """
    coach = Coach(
        name=name,
        organisation=organisation,
        appointment_minutes=appointment_minutes,
        buffer_minutes=buffer_minutes,
        is_sample=is_sample,
    )
    session.add(coach)
    session.flush()
    return coach


def issue_link_code(session: Session, coach: Coach, now: datetime) -> str:
    """Make a one-time code for a coach; older codes of that coach lapse.

    Returns:
        The code. It is valid for 48 hours and can be read only here: the store keeps its hash.
    """
    session.execute(delete(LinkCode).where(LinkCode.coach_id == coach.id, LinkCode.used_at.is_(None)))
    code = "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))
    session.add(LinkCode(coach_id=coach.id, code_hash=_hash(code), expires_at=now + CODE_LIFE))
    session.flush()
    return code


def link_coach(session: Session, code: str, telegram_user_id: int, now: datetime) -> Coach:
    """Link a Telegram account to the coach of a code, and use the code up.

    An account that was linked to another coach moves over: who holds the code and the account may say so.

    Raises:
        WrongCode: If the code is unknown, used, or older than 48 hours, or its coach is not active.
    """
    link_code = session.scalar(select(LinkCode).where(LinkCode.code_hash == _hash(code)))
    if link_code is None:
        raise WrongCode("unknown")
    if link_code.expires_at <= now:
        raise WrongCode("out of date")
    coach = session.get_one(Coach, link_code.coach_id, options=[joinedload(Coach.organisation)])
    if not coach.is_active:
        raise WrongCode("its coach is not active")
    claim = update(LinkCode).where(LinkCode.id == link_code.id, LinkCode.used_at.is_(None)).values(used_at=now)
    if not _changed_one(session.execute(claim)):
        raise WrongCode("used")
    session.execute(
        update(Coach)
        .where(Coach.telegram_user_id == telegram_user_id, Coach.id != coach.id)
        .values(telegram_user_id=None)
    )
    coach.telegram_user_id = telegram_user_id
    session.flush()
    return coach


def coach_of(session: Session, telegram_user_id: int) -> Coach | None:
    """Find the active coach who linked this Telegram account, the organisation loaded."""
    query = select(Coach).where(Coach.telegram_user_id == telegram_user_id, Coach.is_active)
    return session.scalar(query.options(joinedload(Coach.organisation)))


def find_coach(session: Session, coach_id: int) -> Coach | None:
    """Find an active coach by id, languages and organisation loaded."""
    return session.scalar(_loaded().where(Coach.id == coach_id, Coach.is_active))


def coaches_for(session: Session, wish: Wish) -> list[Coach]:
    """List the active coaches who suit a wish and have any availability for it, by name.

    Whether they have a free time soon is another question: see `service.availability`.

    Returns:
        The coaches, languages and organisation loaded.
    """
    query = _loaded().where(Coach.is_active, _can_be_booked(wish.mode))
    if wish.coach_id is not None:
        query = query.where(Coach.id == wish.coach_id)
    if wish.area is not None:
        query = query.where(~Coach.areas.any() | Coach.areas.any(CoachArea.area == wish.area))
    if wish.language not in (None, DEFAULT_LANGUAGE):
        query = query.where(Coach.languages.any(CoachLanguage.language == wish.language))
    return list(session.scalars(query.order_by(Coach.name, Coach.id)))


def places_of(session: Session, wish: Wish) -> set[int]:
    """Give the ids of the places where the coaches who suit a wish work, in their week or on single dates."""
    coach_ids = [coach.id for coach in coaches_for(session, wish)]
    week = select(Availability.place_id).where(Availability.coach_id.in_(coach_ids), _is_for(wish.mode))
    other = select(AvailabilityException.place_id).where(
        AvailabilityException.coach_id.in_(coach_ids), AvailabilityException.place_id.is_not(None)
    )
    return set(session.scalars(week)) | {place_id for place_id in session.scalars(other) if place_id is not None}


def speaks(coach: Coach, language: str) -> bool:
    """Tell whether a coach talks in a language without an interpreter; Dutch, every coach does."""
    return language == DEFAULT_LANGUAGE or any(row.language == language for row in coach.languages)


def _loaded() -> Select[tuple[Coach]]:
    return select(Coach).options(joinedload(Coach.organisation), selectinload(Coach.languages))


def _can_be_booked(mode: Mode | None) -> ColumnElement[bool]:
    return Coach.availability.any(_is_for(mode)) | Coach.availability_exceptions.any(
        AvailabilityException.starts.is_not(None)
    )


def _is_for(mode: Mode | None) -> ColumnElement[bool]:
    return or_(Availability.mode == mode, Availability.mode.is_(None)) if mode else true()


def _changed_one(result: object) -> bool:
    return isinstance(result, CursorResult) and result.rowcount == 1


def _hash(code: str) -> str:
    typed = "".join(code.upper().split()).replace("-", "")
    return hashlib.sha256(typed.encode()).hexdigest()
