"""Finds appointments: all of a newcomer, those that stand, and one that can still be changed.

What is found has coach, organisation and place loaded, so that it can be told after the transaction.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, joinedload

from service.errors import AlreadyCancelled, NoSuchAppointment, TooLate, TooLateToChange
from store.models import Appointment, AppointmentStatus, Canceller, Coach, Newcomer


def loaded() -> Select[tuple[Appointment]]:
    """Select appointments as they stand in the store now, whatever this session has read of them before."""
    return (
        select(Appointment)
        .options(joinedload(Appointment.coach).joinedload(Coach.organisation), joinedload(Appointment.place))
        .execution_options(populate_existing=True)
    )


def appointments_of(session: Session, newcomer: Newcomer, *conditions: ColumnElement[bool]) -> list[Appointment]:
    """List appointments of a newcomer in order of time."""
    query = loaded().where(Appointment.newcomer_id == newcomer.id, *conditions)
    return list(session.scalars(query.order_by(Appointment.starts_at, Appointment.id)))


def standing_appointments(session: Session, newcomer: Newcomer, now: datetime) -> list[Appointment]:
    """List the appointments of a newcomer that have not begun and are not cancelled, first ones first."""
    return appointments_of(
        session, newcomer, Appointment.status == AppointmentStatus.BOOKED, Appointment.starts_at > now
    )


def appointment_of(session: Session, newcomer: Newcomer, appointment_id: int) -> Appointment:
    """Find one appointment of a newcomer, whatever became of it.

    Raises:
        NoSuchAppointment: If it is unknown or another newcomer's.
    """
    found = appointments_of(session, newcomer, Appointment.id == appointment_id)
    if not found:
        raise NoSuchAppointment(appointment_id)
    return found[0]


def standing_appointment(session: Session, newcomer: Newcomer, appointment_id: int, now: datetime) -> Appointment:
    """Find an appointment of a newcomer that is booked and to come.

    Raises:
        NoSuchAppointment: If it is unknown or another newcomer's; its subclass TooLate: if it has begun.
        AlreadyCancelled: If it was cancelled before, by whomever.
    """
    appointment = appointment_of(session, newcomer, appointment_id)
    if appointment.status is AppointmentStatus.CANCELLED:
        raise AlreadyCancelled(appointment_id)
    if has_begun(appointment, now):
        raise TooLate(appointment_id)
    return appointment


def changeable_appointment(session: Session, newcomer: Newcomer, appointment_id: int, now: datetime) -> Appointment:
    """Find an appointment of a newcomer that the newcomer can still cancel.

    Raises:
        NoSuchAppointment: As `standing_appointment`; its subclass TooLateToChange: if it begins too soon.
        AlreadyCancelled: As `standing_appointment`.
    """
    appointment = standing_appointment(session, newcomer, appointment_id, now)
    if now > last_change(appointment):
        raise TooLateToChange(appointment_id)
    return appointment


def last_change(appointment: Appointment) -> datetime:
    """Tell until when a newcomer can move or cancel an appointment; the coach loaded."""
    return appointment.starts_at - timedelta(minutes=appointment.coach.change_minutes)


def movable_appointment(session: Session, newcomer: Newcomer, appointment_id: int, now: datetime) -> Appointment:
    """Find an appointment of a newcomer that can get another time.

    That is one that can still be changed, or one that the coach cancelled: of that the time does not matter.

    Raises:
        NoSuchAppointment: As `changeable_appointment`.
        AlreadyCancelled: If the newcomer cancelled it.
    """
    appointment = appointment_of(session, newcomer, appointment_id)
    if appointment.cancelled_by is Canceller.COACH:
        return appointment
    return changeable_appointment(session, newcomer, appointment_id, now)


def has_begun(appointment: Appointment, now: datetime) -> bool:
    """Tell whether nothing of an appointment can be changed any more."""
    return appointment.status is not AppointmentStatus.BOOKED or appointment.starts_at <= now


def last_of(session: Session, newcomer: Newcomer) -> Appointment | None:
    """Find the appointment that a newcomer made last and whose name is still kept, to offer its answers again."""
    query = loaded().where(Appointment.newcomer_id == newcomer.id, Appointment.called_name.is_not(None))
    return session.scalar(query.order_by(Appointment.created_at.desc(), Appointment.id.desc()).limit(1))


def own_coach(session: Session, newcomer: Newcomer) -> Coach | None:
    """Find the coach of a newcomer's last talk, if that coach is still active; the organisation loaded."""
    if newcomer.coach_id is None:
        return None
    query = select(Coach).where(Coach.id == newcomer.coach_id, Coach.is_active)
    return session.scalar(query.options(joinedload(Coach.organisation)))
