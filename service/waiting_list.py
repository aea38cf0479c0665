"""The line of people who want a sooner time than that of their appointment; `service.offers` serves it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from service.appointment_queries import appointment_of, standing_appointment
from service.notifications import drop_waiting
from store.models import Appointment, Newcomer, TimeOffer, WaitingEntry

OFFER = "waiting/offer"


def join_line(session: Session, newcomer: Newcomer, appointment_id: int, now: datetime) -> WaitingEntry:
    """Put a newcomer in line for a sooner time than that of an appointment. Who is in line keeps the place.

    Raises:
        NoSuchAppointment: If it is unknown or another newcomer's; its subclass TooLate: if it has begun.
        AlreadyCancelled: If it is cancelled.
    """
    appointment = standing_appointment(session, newcomer, appointment_id, now)
    entry = open_entry(session, appointment)
    if entry is not None:
        return entry
    entry = WaitingEntry(appointment_id=appointment.id, created_at=now)
    try:
        with session.begin_nested():
            session.add(entry)
    except IntegrityError:  # the same person, twice at the same moment
        found = open_entry(session, appointment)
        if found is None:
            raise
        return found
    return entry


def leave_line(session: Session, newcomer: Newcomer, appointment_id: int, now: datetime) -> bool:
    """Take a newcomer out of the line. The appointment stays as it is.

    Returns:
        Whether the newcomer was in line.

    Raises:
        NoSuchAppointment: If it is unknown or another newcomer's.
    """
    return close_entry(session, appointment_of(session, newcomer, appointment_id), now)


def open_entry(session: Session, appointment: Appointment) -> WaitingEntry | None:
    """Find the place in line of an appointment."""
    query = select(WaitingEntry).where(WaitingEntry.appointment_id == appointment.id, WaitingEntry.closed_at.is_(None))
    return session.scalar(query)


def close_entry(session: Session, appointment: Appointment, now: datetime) -> bool:
    """Close the place in line of an appointment: its offers are answered, and those not sent yet are deleted.

    Returns:
        Whether there was one.
    """
    entry = open_entry(session, appointment)
    if entry is None:
        return False
    entry.closed_at = now
    session.flush()
    session.execute(
        update(TimeOffer).where(TimeOffer.entry_id == entry.id, TimeOffer.answered_at.is_(None)).values(answered_at=now)
    )
    drop_waiting(session, appointment, [OFFER])
    return True


def close_past(session: Session, now: datetime) -> None:
    """Close the places in line of appointments that have begun: nothing is sooner any more.

    What another transaction holds is left to the next time.
    """
    begun = (
        select(WaitingEntry.id)
        .join(WaitingEntry.appointment)
        .where(WaitingEntry.closed_at.is_(None), Appointment.starts_at <= now)
        .with_for_update(of=WaitingEntry, skip_locked=True)
    )
    session.execute(update(WaitingEntry).where(WaitingEntry.id.in_(begun)).values(closed_at=now))


def place_in_line(session: Session, appointment: Appointment) -> int | None:
    """Count who waits for a sooner time, up to and with the newcomer of an appointment; None if that one waits not."""
    entry = open_entry(session, appointment)
    if entry is None:
        return None
    ahead = select(func.count()).where(WaitingEntry.id <= entry.id, WaitingEntry.closed_at.is_(None))
    return session.scalar(ahead)
