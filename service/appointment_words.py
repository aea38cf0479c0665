"""What an appointment says of itself: as arguments of a text, to the newcomer and to coaches, and as a wish."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.availability import Wish
from service.language import DEFAULT_LANGUAGE
from store.models import Appointment, AppointmentStatus


def newcomer_arguments(appointment: Appointment) -> dict[str, Any]:
    """Say an appointment to the newcomer, as arguments of a text."""
    return {
        "when": {"datetime": appointment.starts_at.isoformat()},
        "area": {"text": f"area/{appointment.area.value}"},
        "mode": {"text": f"mode/{appointment.mode.value}"},
        "coach": appointment.coach.name,
        "organisation": appointment.coach.organisation.name,
    }


def kept_arguments(appointment: Appointment) -> dict[str, Any]:
    """Say all that is kept of an appointment, as arguments of a text.

    What is not there is a text too: `booking/no_name` for the name, `telephone/none` for the number,
    `booking/no_reason` for the reason.
    """
    return newcomer_arguments(appointment) | {
        "place": appointment.place.name,
        "called_name": appointment.called_name or {"text": "booking/no_name"},
        "language": {"language": appointment.language},
        "interpreter": {"text": "interpreter/yes" if appointment.interpreter else "interpreter/no"},
        "telephone": appointment.telephone or {"text": "telephone/none"},
        "reason": appointment.reason or {"text": "booking/no_reason"},
    }


def coach_arguments(appointment: Appointment, session: Session) -> dict[str, Any]:
    """Say what a coach must know of an appointment: all that is kept, and whether the newcomer came before."""
    known = "known/before" if _had_earlier_one(session, appointment) else "known/new"
    return kept_arguments(appointment) | {"known": {"text": known}}


def wish_of(appointment: Appointment) -> Wish:
    """Say what other time suits an appointment: of any coach who talks about it, in its language unless a tolk does."""
    needs_language = not appointment.interpreter and appointment.language != DEFAULT_LANGUAGE
    return Wish(area=appointment.area, mode=appointment.mode, language=appointment.language if needs_language else None)


def _had_earlier_one(session: Session, appointment: Appointment) -> bool:
    if appointment.newcomer_id is None:
        return False
    earlier = select(Appointment.id).where(
        Appointment.newcomer_id == appointment.newcomer_id,
        Appointment.id != appointment.id,
        Appointment.starts_at < appointment.starts_at,
        Appointment.status != AppointmentStatus.CANCELLED,
    )
    return session.scalar(earlier.limit(1)) is not None
