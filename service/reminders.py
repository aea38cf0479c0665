"""Reminders of appointments: planned in the transaction that books or moves, answered by the newcomer."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy.orm import Session

from service.appointment_queries import standing_appointment
from service.appointment_words import newcomer_arguments
from service.clock import AMSTERDAM
from service.days import local_day, moment_of
from service.notifications import drop_waiting, notify
from service.quiet_hours import END, awake
from store.models import Appointment, AppointmentStatus, Newcomer

DAY_BEFORE = "reminder/day_before"
TWO_HOURS = "reminder/two_hours"
LATEST_IN_THE_EVENING = time(20, 30)  # half an hour before the quiet hours: time to answer, and to be delivered late
TWO_HOURS_BEFORE = timedelta(hours=2)
SHORTEST_BEFORE = timedelta(minutes=15)  # with less the person is on the way, or will not come in time any more


def plan_reminders(session: Session, appointment: Appointment, now: datetime) -> None:
    """Write the reminders of an appointment, in place of those that wait; of one that is cancelled there are none.

    One that would be due at *now* already is not written: the person has only just made the appointment.

    Args:
        session: The transaction that books or moves it.
        appointment: Coach and organisation loaded.
        now: The moment, aware.
    """
    drop_reminders(session, appointment)
    if appointment.newcomer is None or appointment.status is not AppointmentStatus.BOOKED:
        return
    last = two_hours_before(appointment.starts_at)
    first = day_before(appointment.starts_at)
    for name, due, lapses_at in (
        (DAY_BEFORE, first, last or appointment.starts_at),
        (TWO_HOURS, last, appointment.starts_at),
    ):
        if due is not None and due > now:
            notify(
                session,
                newcomer=appointment.newcomer,
                name=name,
                arguments=newcomer_arguments(appointment),
                now=now,
                deliver_at=due,
                appointment=appointment,
                lapses_at=lapses_at,
                keeps_quiet=True,
            )


def drop_reminders(session: Session, appointment: Appointment) -> None:
    """Delete the reminders of an appointment that were not sent."""
    drop_waiting(session, appointment, [DAY_BEFORE, TWO_HOURS])


def mark_coming(session: Session, newcomer: Newcomer, appointment_id: int, now: datetime) -> Appointment:
    """Note that the newcomer answered a reminder: "I come". The first answer counts.

    Returns:
        The appointment, coach, organisation and place loaded.

    Raises:
        NoSuchAppointment: If it is unknown or another newcomer's; its subclass TooLate: if it has begun.
        AlreadyCancelled: If it is cancelled.
    """
    appointment = standing_appointment(session, newcomer, appointment_id, now)
    appointment.coming_at = appointment.coming_at or now
    session.flush()
    return appointment


def day_before(starts_at: datetime) -> datetime:
    """Return when to remind of an appointment on the day before: at its own time of day, while people are awake."""
    local = starts_at.astimezone(AMSTERDAM).time()
    return moment_of(local_day(starts_at) - timedelta(days=1), min(max(local, END), LATEST_IN_THE_EVENING))


def two_hours_before(starts_at: datetime) -> datetime | None:
    """Return when to remind of an appointment for the last time; None if that would be at night or too late."""
    due = awake(starts_at - TWO_HOURS_BEFORE)
    return due if due <= starts_at - SHORTEST_BEFORE else None
