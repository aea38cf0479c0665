"""Days on which a coach is away: on leave or ill. Who had an appointment then hears it and can choose another time.

Writing a leave and booking take the same lock, the coach's row: no appointment slips in between.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from service.appointment_changes import cancel_by_coach, lock_coaches
from service.appointment_queries import loaded
from service.days import local_day, moment_of
from store.models import Appointment, AppointmentStatus, Coach, Leave, LeaveKind


def take_leave(  # noqa: PLR0917 - who, from when to when, why
    session: Session, coach: Coach, first_day: date, last_day: date, kind: LeaveKind, now: datetime
) -> list[Appointment]:
    """Make a coach away on some days, and cancel the appointments of these days that are still to come.

    Days on which the coach is away already are not written again.

    Args:
        session: The transaction.
        coach: The coach.
        first_day: The first local day.
        last_day: The last local day, included.
        kind: Why the coach is away; staff see it, newcomers do not.
        now: The moment, aware.

    Returns:
        The appointments that are cancelled by it, first ones first.
    """
    lock_coaches(session, {coach.id})
    covered = select(Leave.id).where(
        Leave.coach_id == coach.id, Leave.first_day <= first_day, Leave.last_day >= last_day
    )
    if session.scalar(covered.limit(1)) is None:
        session.add(Leave(coach_id=coach.id, first_day=first_day, last_day=last_day, kind=kind, created_at=now))
        session.flush()
    appointments = appointments_during(session, coach, first_day, last_day, now)
    for appointment in appointments:
        cancel_by_coach(session, appointment, now)
    return appointments


def end_leave(session: Session, coach: Coach, day: date, now: datetime) -> bool:
    """Make a coach who is away on a day be back on it, and after; what was cancelled stays cancelled.

    A leave that begins on the day goes; of one that began before, the days before stay.
    A day in the past means today.

    Returns:
        Whether the coach was away on that day.
    """
    lock_coaches(session, {coach.id})
    back = max(day, local_day(now))
    query = select(Leave).where(Leave.coach_id == coach.id, Leave.first_day <= back, Leave.last_day >= back)
    found = list(session.scalars(query))
    for leave in found:
        if leave.first_day == back:
            session.delete(leave)
        else:
            leave.last_day = back - timedelta(days=1)
    session.flush()
    return bool(found)


def leave_to_come(session: Session, coach: Coach, now: datetime) -> list[Leave]:
    """List the leave of a coach that has not ended, in order."""
    query = select(Leave).where(Leave.coach_id == coach.id, Leave.last_day >= local_day(now))
    return list(session.scalars(query.order_by(Leave.first_day, Leave.id)))


def appointments_during(
    session: Session, coach: Coach, first_day: date, last_day: date, now: datetime
) -> list[Appointment]:
    """List the booked appointments of a coach on some days that are still to come, first ones first."""
    query = loaded().where(
        Appointment.coach_id == coach.id,
        Appointment.status == AppointmentStatus.BOOKED,
        Appointment.starts_at > now,
        Appointment.starts_at >= moment_of(first_day, time.min),
        Appointment.starts_at < moment_of(last_day + timedelta(days=1), time.min),
    )
    query = query.options(joinedload(Appointment.newcomer)).order_by(Appointment.starts_at, Appointment.id)
    return list(session.scalars(query))
