"""What coaches do with appointments: see them, say who was there, move one, call in sick.

A coach sees and changes the own appointments and those of the own organisation; all others are none.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from service.appointment_changes import (
    OldTime,
    cancel_by_coach,
    lock_coaches,
    lock_newcomer,
    move_to,
    refuse_overlap,
    take_back_changes,
    tell_moved,
    tell_newcomer,
)
from service.appointment_queries import has_begun, loaded
from service.appointment_words import newcomer_arguments
from service.availability import FreeTime, Wish, coach_free_time, next_free_times
from service.days import moment_of
from service.errors import AlreadyCancelled, NoSuchAppointment, NoSuchNewcomer, TimeTaken, TooEarly, TooLate
from service.leave import take_leave
from service.notifications import drop_waiting, was_told
from store.models import Appointment, AppointmentStatus, Coach, LeaveKind

__all__ = [
    "agenda",
    "appointment_for",
    "call_in_sick",
    "cancel_by_coach",
    "cancel_for",
    "mark_attendance",
    "move_by_coach",
    "times_for_move",
]

MISSED = "attendance/missed"
SHOWN = (AppointmentStatus.BOOKED, AppointmentStatus.ATTENDED, AppointmentStatus.NO_SHOW)


def agenda(
    session: Session, coach: Coach, first_day: date, last_day: date, *, whole_organisation: bool = False
) -> list[Appointment]:
    """List what is not cancelled on local days, first and last included, by time.

    Args:
        session: The transaction.
        coach: Who looks.
        first_day: The first day in Europe/Amsterdam.
        last_day: The last day.
        whole_organisation: Whether to list those of all coaches of the own organisation.

    Returns:
        The appointments; newcomer, coach, organisation and place loaded.
    """
    whose = Coach.organisation_id == coach.organisation_id if whole_organisation else Coach.id == coach.id
    query = (
        loaded()
        .options(joinedload(Appointment.newcomer))
        .where(
            Appointment.coach.has(whose),
            Appointment.status.in_(SHOWN),
            Appointment.starts_at >= moment_of(first_day, time.min),
            Appointment.starts_at < moment_of(last_day + timedelta(days=1), time.min),
        )
    )
    return list(session.scalars(query.order_by(Appointment.starts_at, Appointment.coach_id, Appointment.id)))


def appointment_for(session: Session, coach: Coach, appointment_id: int) -> Appointment:
    """Find an appointment that a coach may see: an own one, or one of the own organisation, whatever became of it.

    Returns:
        The appointment; newcomer, coach, organisation and place loaded.

    Raises:
        NoSuchAppointment: If it is unknown, or of another organisation.
    """
    query = loaded().options(joinedload(Appointment.newcomer))
    mine = Appointment.coach.has(Coach.organisation_id == coach.organisation_id)
    appointment = session.scalar(query.where(Appointment.id == appointment_id, mine))
    if appointment is None:
        raise NoSuchAppointment(appointment_id)
    return appointment


def mark_attendance(
    session: Session, coach: Coach, appointment_id: int, *, attended: bool, now: datetime
) -> Appointment:
    """Note whether the newcomer was there; it can be corrected.

    Who was not there hears so once, in the day, with the offer of a new appointment. With the coach of the last talk
    that took place a newcomer is offered to talk again.

    Raises:
        NoSuchAppointment: As `appointment_for`.
        AlreadyCancelled: If it was cancelled.
        TooEarly: If it has not begun.
    """
    appointment = _held(session, coach, appointment_id)
    if appointment.status is AppointmentStatus.CANCELLED:
        raise AlreadyCancelled(appointment_id)
    if appointment.starts_at > now:
        raise TooEarly(appointment_id)
    appointment.status = AppointmentStatus.ATTENDED if attended else AppointmentStatus.NO_SHOW
    session.flush()
    _choose_own_coach(session, appointment)
    if attended:
        drop_waiting(session, appointment, [MISSED], unheld_at=now)
    elif not was_told(session, appointment, MISSED):
        tell_newcomer(session, appointment, (MISSED, newcomer_arguments(appointment)), now)
    return appointment


def _held(session: Session, coach: Coach, appointment_id: int) -> Appointment:
    """Find an appointment, hold its newcomer and coach, and find it as it is then."""
    appointment = appointment_for(session, coach, appointment_id)
    if appointment.newcomer is not None:
        with suppress(NoSuchNewcomer):  # erased at this moment; the talk stays the coach's to mark
            lock_newcomer(session, appointment.newcomer)
    lock_coaches(session, {appointment_for(session, coach, appointment_id).coach_id})  # it may just have moved
    return appointment_for(session, coach, appointment_id)


def _choose_own_coach(session: Session, appointment: Appointment) -> None:
    """Make the coach of the last talk that took place the newcomer's own, if there is one."""
    if appointment.newcomer is None:
        return
    last = select(Appointment.coach_id).where(
        Appointment.newcomer_id == appointment.newcomer_id, Appointment.status == AppointmentStatus.ATTENDED
    )
    appointment.newcomer.coach_id = session.scalar(last.order_by(Appointment.starts_at.desc()).limit(1))
    session.flush()


def times_for_move(
    session: Session, coach: Coach, appointment_id: int, now: datetime, limit: int = 8
) -> list[FreeTime]:
    """List the first times to which a coach can move an appointment, of the appointment's own coach.

    Raises:
        NoSuchAppointment: As `appointment_for`; its subclass TooLate: if it has begun.
        AlreadyCancelled: If it was cancelled.
    """
    appointment = _to_come(appointment_for(session, coach, appointment_id), now)
    return _other_times(session, appointment, now, limit)


def _other_times(session: Session, appointment: Appointment, now: datetime, limit: int) -> list[FreeTime]:
    wish = Wish(coach_id=appointment.coach_id, mode=appointment.mode)
    found = next_free_times(session, now, wish=wish, limit=limit + 1, without=appointment, heeds_notice=False)
    return [free for free in found if free.starts_at != appointment.starts_at][:limit]


def _to_come(appointment: Appointment, now: datetime) -> Appointment:
    if appointment.status is AppointmentStatus.CANCELLED:
        raise AlreadyCancelled(appointment.id)
    if has_begun(appointment, now):
        raise TooLate(appointment.id)
    return appointment


def move_by_coach(
    session: Session, coach: Coach, appointment_id: int, starts_at: datetime, now: datetime
) -> Appointment:
    """Move an appointment to another free time of the same coach; the newcomer hears it and can choose another.

    A coach may move at any moment before it begins, and to a time within the notice that newcomers give. One that is
    there already stays as it is.

    Raises:
        NoSuchAppointment: As `appointment_for`; its subclass TooLate: if it has begun.
        AlreadyCancelled: If it was cancelled.
        TimeTaken: If the coach is not free then (any more); with the first free times.
        Overlaps: If the newcomer has another appointment then.
    """
    appointment = _to_come(_held(session, coach, appointment_id), now)
    if appointment.starts_at == starts_at:
        return appointment
    old = OldTime.of(appointment)
    free = coach_free_time(
        session,
        appointment.coach_id,
        starts_at,
        now,
        mode=appointment.mode,
        without=appointment,
        heeds_notice=False,
    )
    if free is not None:
        refuse_overlap(session, appointment.newcomer_id, free, without=appointment_id)
    if free is None or not move_to(session, appointment, free, now, by_coach=True):
        raise TimeTaken(starts_at, old.coach.id, _other_times(session, appointment, now, 3))
    tell_moved(session, appointment, old, now)
    _tell_of_move(session, appointment, old, now)
    return appointment


def _tell_of_move(session: Session, appointment: Appointment, old: OldTime, now: datetime) -> None:
    """Tell the newcomer, unless the appointment is back at the time that the newcomer knows."""
    heard = take_back_changes(session, appointment, now) or old.starts_at
    if heard == appointment.starts_at:
        return
    arguments = newcomer_arguments(appointment) | {"old": {"datetime": heard.isoformat()}}
    tell_newcomer(session, appointment, ("change/coach_moved", arguments), now)


def cancel_for(session: Session, coach: Coach, appointment_id: int, now: datetime) -> Appointment:
    """Cancel an appointment for a coach who cannot be there; the newcomer hears it and can choose another time.

    Raises:
        NoSuchAppointment: As `appointment_for`; its subclass TooLate: if it has begun.
        AlreadyCancelled: If it was cancelled before.
    """
    appointment = _to_come(_held(session, coach, appointment_id), now)
    cancel_by_coach(session, appointment, now)
    return appointment


def call_in_sick(session: Session, coach: Coach, day: date, now: datetime) -> list[Appointment]:
    """Note that a coach is ill on a local day, and cancel what is still to come then.

    Returns:
        The appointments that are cancelled, first ones first. Their newcomers hear it and can choose another time.
    """
    return take_leave(session, coach, day, day, LeaveKind.SICK, now)
