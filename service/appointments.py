"""Booking, moving, cancelling and showing appointments: what newcomers do. Coaches' acts stand in `service.agenda`.

What coaches hear of it, the group (`_coaches`) and the coach (`_coach`), with the arguments of `coach_arguments`:
`booking/told_...`, `booking/moved_...` (also `old`), `booking/cancelled_...` (with `reason`, the text
`cancel_reason/<who cancelled>`, in place of the newcomer's own).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from service.appointment_changes import (
    OldTime,
    follow,
    lock_coaches,
    lock_newcomer,
    move_to,
    refuse_overlap,
    take_back_changes,
    take_time,
    tell_booked,
    tell_cancelled,
    tell_moved,
    withdraw,
)
from service.appointment_queries import (
    appointment_of,
    appointments_of,
    changeable_appointment,
    last_of,
    loaded,
    movable_appointment,
    own_coach,
    standing_appointments,
)
from service.appointment_words import coach_arguments, newcomer_arguments, wish_of
from service.availability import (
    FreeTime,
    coach_free_time,
    free_days,
    free_times,
    nearest_free_times,
)
from service.blanking import blank_numbers
from service.errors import TimeTaken, TooMany, WrongRequest
from store.models import Appointment, AppointmentStatus, Area, Canceller, Mode, Newcomer

__all__ = [
    "MOST_STANDING",
    "AppointmentRequest",
    "FreeTime",
    "appointments_of",
    "blank_past",
    "book_appointment",
    "cancel_appointment",
    "coach_arguments",
    "free_days",
    "free_times",
    "last_of",
    "movable_appointment",
    "move_appointment",
    "nearest_free_times",
    "newcomer_arguments",
    "own_coach",
    "standing_appointments",
    "wish_of",
]

MOST_STANDING = 3  # appointments of one person: enough for the areas of a plan, too few to fill a coach's days


@dataclass(frozen=True)
class AppointmentRequest:
    """What a newcomer asks for.

    `language` is the code of the language of the talk. `request_key` names the turn that asks: a retry of the turn
    finds what it booked. `reason` is in the newcomer's own words; numbers that must not be kept are taken out of it.
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
    reason: str | None = None


def book_appointment(session: Session, newcomer: Newcomer, request: AppointmentRequest, now: datetime) -> Appointment:
    """Book a free time and tell the coaches' group and the coach, in the running transaction.

    A request whose key was used before changes nothing and returns what it booked then.

    Returns:
        The appointment, coach, organisation and place loaded.

    Raises:
        TimeTaken: If the coach is not free then (any more); with the nearest free times that suit.
        WrongRequest: If a value is too long, empty or of no use.
        NoSuchNewcomer: If the newcomer was erased meanwhile.
        TooMany: If as many stand as one person can have.
        Overlaps: If the newcomer has another appointment then.
    """
    request = replace(request, reason=_one_line(request.reason))
    _check(request)
    lock_newcomer(session, newcomer)
    earlier = _of_request(session, newcomer, request)
    if earlier is not None:
        return earlier
    if len(standing_appointments(session, newcomer, now)) >= MOST_STANDING:
        raise TooMany(newcomer.id, MOST_STANDING)
    lock_coaches(session, {request.coach_id})
    appointment = _new(newcomer, request, now)
    wish = wish_of(appointment)
    free = coach_free_time(session, request.coach_id, request.starts_at, now, mode=request.mode)
    if free is not None:
        refuse_overlap(session, newcomer.id, free)
    if free is None or not take_time(session, appointment, free, now):
        alternatives = nearest_free_times(session, request.starts_at, now, wish=wish)
        raise TimeTaken(request.starts_at, request.coach_id, alternatives)
    tell_booked(session, appointment, now)
    follow(session, appointment, now)
    return appointment


def _new(newcomer: Newcomer, request: AppointmentRequest, now: datetime) -> Appointment:
    return Appointment(
        newcomer_id=newcomer.id,
        area=request.area,
        mode=request.mode,
        called_name=request.called_name.strip(),
        language=request.language,
        interpreter=request.interpreter,
        telephone=request.telephone,
        reason=request.reason,
        request_key=request.request_key,
        created_at=now,
    )


def move_appointment(  # noqa: PLR0917 - who moves what to when and whom
    session: Session, newcomer: Newcomer, appointment_id: int, starts_at: datetime, coach_id: int, now: datetime
) -> Appointment:
    """Move an appointment of this newcomer to another time or coach, also one that the coach cancelled.

    The old time is free once the new one is taken, in one step; a move that fails changes nothing. One that is there
    already stays as it is.

    Raises:
        NoSuchAppointment: If it is unknown or another newcomer's; its subclasses TooLate: if it has begun;
            TooLateToChange: if it begins too soon.
        NoSuchNewcomer: If the newcomer was erased meanwhile.
        AlreadyCancelled: If the newcomer cancelled it.
        TimeTaken: If the coach is not free then (any more); with the nearest free times that suit.
        Overlaps: If the newcomer has another appointment then.
    """
    lock_newcomer(session, newcomer)
    lock_coaches(session, {appointment_of(session, newcomer, appointment_id).coach_id, coach_id})
    appointment = appointment_of(session, newcomer, appointment_id)
    if _is_there(appointment, starts_at, coach_id):
        return appointment
    appointment = movable_appointment(session, newcomer, appointment_id, now)
    old, wish = OldTime.of(appointment), wish_of(appointment)
    free = coach_free_time(session, coach_id, starts_at, now, mode=appointment.mode, without=appointment)
    if free is not None:
        refuse_overlap(session, newcomer.id, free, without=appointment_id)
    if free is None or not move_to(session, appointment, free, now):
        alternatives = nearest_free_times(session, starts_at, now, wish=wish, without=appointment)
        raise TimeTaken(starts_at, coach_id, alternatives)
    take_back_changes(session, appointment, now)
    tell_moved(session, appointment, old, now)
    return appointment


def _is_there(appointment: Appointment, starts_at: datetime, coach_id: int) -> bool:
    is_booked = appointment.status is AppointmentStatus.BOOKED
    return is_booked and (appointment.starts_at, appointment.coach_id) == (starts_at, coach_id)


def cancel_appointment(session: Session, newcomer: Newcomer, appointment_id: int, now: datetime) -> Appointment:
    """Cancel an appointment of this newcomer, free its time, and tell the coaches.

    Raises:
        NoSuchAppointment: If it is unknown or another newcomer's; its subclasses TooLate: if it has begun;
            TooLateToChange: if it begins too soon.
        NoSuchNewcomer: If the newcomer was erased meanwhile.
        AlreadyCancelled: If it was cancelled before.
    """
    lock_newcomer(session, newcomer)
    lock_coaches(session, {appointment_of(session, newcomer, appointment_id).coach_id})
    appointment = changeable_appointment(session, newcomer, appointment_id, now)
    withdraw(session, appointment, Canceller.NEWCOMER, now)
    take_back_changes(session, appointment, now)
    tell_cancelled(session, appointment, now)
    return appointment


def blank_past(session: Session, before: datetime) -> int:
    """Take name, telephone number and reason out of the appointments that ended before a moment; return of how many."""
    personal = (Appointment.called_name, Appointment.telephone, Appointment.reason)
    is_kept = or_(*(column.is_not(None) for column in personal))
    blank = update(Appointment).where(Appointment.ends_at < before, is_kept)
    blanked = session.execute(blank.values(dict.fromkeys(personal)).returning(Appointment.id))
    return len(blanked.all())


def _one_line(reason: str | None) -> str | None:
    """Put what was typed on one line, without numbers that must not be kept; None if nothing is left."""
    line, _ = blank_numbers(" ".join((reason or "").split()))
    return line or None


def _check(request: AppointmentRequest) -> None:
    if request.starts_at.tzinfo is None:
        raise WrongRequest("starts_at", "a moment with its zone")
    for name, text, longest in (
        ("called_name", request.called_name, 60),
        ("language", request.language, 8),
        ("telephone", request.telephone, 20),
        ("request_key", request.request_key, 80),
        ("reason", request.reason, 200),
    ):
        if text is not None and not 1 <= len(text.strip()) <= longest:
            raise WrongRequest(name, f"1 to {longest} characters")


def _of_request(session: Session, newcomer: Newcomer, request: AppointmentRequest) -> Appointment | None:
    if request.request_key is None:
        return None
    query = loaded().where(Appointment.request_key == request.request_key, Appointment.newcomer_id == newcomer.id)
    return session.scalar(query)
