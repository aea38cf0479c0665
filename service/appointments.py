"""Booking, showing and cancelling appointments with coaches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from service.availability import FreeTime, free_days, free_times, nearest_free_times
from store.models import Appointment, Area, Mode, Newcomer

__all__ = [
    "AppointmentRequest",
    "FreeTime",
    "book_appointment",
    "cancel_appointment",
    "free_days",
    "free_times",
    "nearest_free_times",
    "standing_appointments",
]


@dataclass(frozen=True)
class AppointmentRequest:
    """What a newcomer asks for.

    `language` is the code of the language of the talk. `request_key` names the turn that asks: a retry of the turn
    finds what it booked.
    """

    starts_at: datetime
    coach_id: int
    area: Area
    mode: Mode
    called_name: str
    language: str
    interpreter: bool
    telephone: str | None = None
    request_key: str | None = None


def book_appointment(session: Session, newcomer: Newcomer, request: AppointmentRequest, now: datetime) -> Appointment:
    """Book a free time."""
    raise NotImplementedError


def standing_appointments(session: Session, newcomer: Newcomer, now: datetime) -> list[Appointment]:
    """List the appointments of a newcomer that are still to come."""
    raise NotImplementedError


def cancel_appointment(session: Session, newcomer: Newcomer, appointment_id: int, now: datetime) -> Appointment:
    """Cancel an appointment of this newcomer."""
    raise NotImplementedError
