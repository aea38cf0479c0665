"""Booking, showing and cancelling appointments with coaches.

What coaches hear of it: `booking/told_coaches` (their group) and `booking/told_coach` (the coach), and
`booking/cancelled_coaches` and `booking/cancelled_coach`, with the arguments of `coach_arguments`; on cancelling also
`reason`: `{"text": "cancel_reason/newcomer"}` or `{"text": "cancel_reason/erased"}`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, Select, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from service.availability import (
    FreeTime,
    coach_free_time,
    free_days,
    free_times,
    nearest_free_times,
    steps_of,
)
from service.errors import (
    AlreadyCancelled,
    NoSuchAppointment,
    NoSuchNewcomer,
    TimeTaken,
    TooLate,
    WrongRequest,
)
from service.notifications import notify
from store.models import Appointment, AppointmentStatus, AppointmentStep, Area, Coach, Mode, Newcomer, Place

__all__ = [
    "AppointmentRequest",
    "FreeTime",
    "appointments_of",
    "book_appointment",
    "cancel_appointment",
    "coach_arguments",
    "free_days",
    "free_times",
    "nearest_free_times",
    "standing_appointments",
    "tell_cancelled",
    "withdraw",
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
    """Book a free time and tell the coaches' group and the coach, in the running transaction.

    A request whose key was used before changes nothing and returns what it booked then.

    Returns:
        The appointment, coach, organisation and place loaded.

    Raises:
        TimeTaken: If the coach is not free then (any more); with the nearest free times.
        WrongRequest: If a value is too long, empty or of no use.
        NoSuchNewcomer: If the newcomer was erased meanwhile.
    """
    _check(request)
    earlier = _of_request(session, newcomer, request)
    if earlier is not None:
        return earlier
    free = coach_free_time(session, request.coach_id, request.starts_at, now)
    appointment = _insert(session, newcomer, request, free, now) if free else None
    if appointment is None:
        won = _of_request(session, newcomer, request)  # the same turn, tried twice at once
        if won is not None:
            return won
        alternatives = nearest_free_times(session, request.starts_at, now)
        raise TimeTaken(request.starts_at, request.coach_id, alternatives)
    arguments = coach_arguments(appointment)
    _tell(session, appointment, ("booking/told_coaches", "booking/told_coach"), arguments, now)
    return appointment


def standing_appointments(session: Session, newcomer: Newcomer, now: datetime) -> list[Appointment]:
    """List the appointments of a newcomer that have not begun and are not cancelled, first ones first."""
    return appointments_of(
        session, newcomer, Appointment.status == AppointmentStatus.BOOKED, Appointment.starts_at > now
    )


def appointments_of(session: Session, newcomer: Newcomer, *conditions: ColumnElement[bool]) -> list[Appointment]:
    """List appointments of a newcomer in order of time, coach, organisation and place loaded."""
    query = _loaded().where(Appointment.newcomer_id == newcomer.id, *conditions)
    return list(session.scalars(query.order_by(Appointment.starts_at, Appointment.id)))


def blank_past(session: Session, before: datetime) -> int:
    """Take name and telephone number out of the appointments that ended before a moment; return of how many."""
    personal = Appointment.called_name.is_not(None) | Appointment.telephone.is_not(None)
    blank = update(Appointment).where(Appointment.ends_at < before, personal).values(called_name=None, telephone=None)
    return len(session.execute(blank.returning(Appointment.id)).all())


def cancel_appointment(session: Session, newcomer: Newcomer, appointment_id: int, now: datetime) -> Appointment:
    """Cancel an appointment of this newcomer, free its time, and tell the coaches.

    Raises:
        NoSuchAppointment: If it is unknown or another newcomer's; its subclass TooLate: if it has begun.
        AlreadyCancelled: If it was cancelled before.
    """
    found = appointments_of(session, newcomer, Appointment.id == appointment_id)
    if not found:
        raise NoSuchAppointment(appointment_id)
    appointment = found[0]
    if appointment.status is AppointmentStatus.CANCELLED:
        raise AlreadyCancelled(appointment_id)
    if appointment.starts_at <= now:
        raise TooLate(appointment_id)
    withdraw(session, appointment, now)
    tell_cancelled(session, appointment, "newcomer", now)
    return appointment


def withdraw(session: Session, appointment: Appointment, now: datetime) -> None:
    """Cancel an appointment and free its time; tells nobody.

    Raises:
        AlreadyCancelled: If another transaction cancelled it at the same moment.
    """
    cancelled = session.execute(
        update(Appointment)
        .where(Appointment.id == appointment.id, Appointment.status == AppointmentStatus.BOOKED)
        .values(status=AppointmentStatus.CANCELLED, cancelled_at=now)
        .execution_options(synchronize_session=False)
    )
    if not isinstance(cancelled, CursorResult) or cancelled.rowcount != 1:
        raise AlreadyCancelled(appointment.id)
    session.refresh(appointment, ["status", "cancelled_at"])
    session.execute(delete(AppointmentStep).where(AppointmentStep.appointment_id == appointment.id))


def tell_cancelled(session: Session, appointment: Appointment, reason: str, now: datetime) -> None:
    """Tell the coaches' group and the coach that an appointment is cancelled.

    Args:
        session: The transaction that cancels it.
        appointment: Coach, organisation and place loaded.
        reason: `newcomer` or `erased`: the text `cancel_reason/<reason>` says it.
        now: The moment, aware.
    """
    arguments = coach_arguments(appointment) | {"reason": {"text": f"cancel_reason/{reason}"}}
    _tell(session, appointment, ("booking/cancelled_coaches", "booking/cancelled_coach"), arguments, now)


def _tell(
    session: Session, appointment: Appointment, names: tuple[str, str], arguments: dict[str, Any], now: datetime
) -> None:
    """Tell the coaches' group by the first name, the appointment's own coach by the second."""
    for_group, for_coach = names
    notify(session, name=for_group, arguments=arguments, now=now, appointment=appointment)
    notify(session, coach=appointment.coach, name=for_coach, arguments=arguments, now=now, appointment=appointment)


def coach_arguments(appointment: Appointment) -> dict[str, Any]:
    """Say what a coach must know of an appointment, as arguments of a text.

    What is not there is a text too: `booking/no_name` for the name, `telephone/none` for the number.
    """
    return {
        "area": {"text": f"area/{appointment.area.value}"},
        "when": {"datetime": appointment.starts_at.isoformat()},
        "mode": {"text": f"mode/{appointment.mode.value}"},
        "place": appointment.place.name,
        "coach": appointment.coach.name,
        "organisation": appointment.coach.organisation.name,
        "called_name": appointment.called_name or {"text": "booking/no_name"},
        "language": {"language": appointment.language},
        "interpreter": {"text": "interpreter/yes" if appointment.interpreter else "interpreter/no"},
        "telephone": appointment.telephone or {"text": "telephone/none"},
    }


def _check(request: AppointmentRequest) -> None:
    if request.starts_at.tzinfo is None:
        raise WrongRequest("starts_at", "a moment with its zone")
    for name, text, longest in (
        ("called_name", request.called_name, 60),
        ("language", request.language, 8),
        ("telephone", request.telephone, 20),
        ("request_key", request.request_key, 80),
    ):
        if text is not None and not 1 <= len(text.strip()) <= longest:
            raise WrongRequest(name, f"1 to {longest} characters")


def _loaded() -> Select[tuple[Appointment]]:
    return select(Appointment).options(
        joinedload(Appointment.coach).joinedload(Coach.organisation), joinedload(Appointment.place)
    )


def _of_request(session: Session, newcomer: Newcomer, request: AppointmentRequest) -> Appointment | None:
    if request.request_key is None:
        return None
    query = _loaded().where(Appointment.request_key == request.request_key, Appointment.newcomer_id == newcomer.id)
    return session.scalar(query)


def _insert(
    session: Session, newcomer: Newcomer, request: AppointmentRequest, free: FreeTime, now: datetime
) -> Appointment | None:
    """Write the appointment and its steps; None if another was faster: the database says so, not a check."""
    coach = session.get_one(Coach, free.coach_id)
    appointment = Appointment(
        newcomer_id=newcomer.id,
        coach=coach,
        place=session.get_one(Place, free.place_id),
        starts_at=free.starts_at,
        ends_at=free.ends_at,
        area=request.area,
        mode=request.mode,
        called_name=request.called_name.strip(),
        language=request.language,
        interpreter=request.interpreter,
        telephone=request.telephone,
        request_key=request.request_key,
        created_at=now,
        changed_at=now,
    )
    try:
        with session.begin_nested():
            session.add(appointment)
            session.flush()
            _take_steps(session, appointment, coach)
    except IntegrityError:
        if session.scalar(select(Newcomer.id).where(Newcomer.id == newcomer.id)) is None:
            raise NoSuchNewcomer(newcomer.id) from None
        return None
    return appointment


def _take_steps(session: Session, appointment: Appointment, coach: Coach) -> None:
    """Take the coach's time. In order: two who want the same time then wait for each other, never in a circle."""
    steps = steps_of(appointment.starts_at, appointment.ends_at, coach.buffer_minutes)
    session.execute(
        insert(AppointmentStep),
        [{"coach_id": coach.id, "step_at": step, "appointment_id": appointment.id} for step in steps],
    )
