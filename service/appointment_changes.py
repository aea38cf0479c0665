"""The changes of an appointment, whoever makes them: taking a time, moving to another, cancelling; and who hears of it.

An appointment is one row for its whole life. Each change sets its reminders, sends its calendar file anew and tells the
coaches, in the running transaction.

Locks, always in this order, so that no two wait for each other: the newcomer, then coaches by id. Whoever books, moves
or cancels holds both, whoever writes a leave the coach: what a check finds stays true until the change is written. That
no coach has two appointments at one time needs no lock: the steps are the promise.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from service.appointment_words import coach_arguments, newcomer_arguments
from service.availability import FreeTime, steps_of
from service.calendar_file import send_calendar
from service.errors import AlreadyCancelled, NoSuchNewcomer, Overlaps
from service.notifications import Told, drop_waiting, notify
from service.reminders import plan_reminders
from service.waiting_list import close_entry
from store.models import (
    Appointment,
    AppointmentStatus,
    AppointmentStep,
    Canceller,
    Coach,
    Newcomer,
    Place,
)

CALLED_OFF = "change/coach_cancelled"
CHANGES = ("change/coach_moved", CALLED_OFF)


def lock_newcomer(session: Session, newcomer: Newcomer) -> None:
    """Hold a newcomer's row: two acts of one person follow each other.

    Raises:
        NoSuchNewcomer: If the newcomer was erased meanwhile.
    """
    row = select(Newcomer.id).where(Newcomer.id == newcomer.id).with_for_update(key_share=True)
    if session.scalar(row) is None:
        raise NoSuchNewcomer(newcomer.id)


def lock_coaches(session: Session, coach_ids: Collection[int]) -> None:
    """Hold the rows of coaches: what is free does not change, and no leave is written, until the end."""
    rows = select(Coach.id).where(Coach.id.in_(coach_ids)).order_by(Coach.id).with_for_update(key_share=True)
    session.execute(rows).all()


def refuse_overlap(session: Session, newcomer_id: int | None, free: FreeTime, *, without: int | None = None) -> None:
    """Refuse a time at which the newcomer talks with a coach already.

    Args:
        session: The transaction, which holds the newcomer.
        newcomer_id: Whose time it is; nobody's overlaps with nothing.
        free: The time.
        without: Id of the appointment that is to move.

    Raises:
        Overlaps: If there is such an appointment.
    """
    others = select(Appointment.id, Appointment.starts_at).where(
        Appointment.newcomer_id == newcomer_id,
        Appointment.id != (without or 0),
        Appointment.status == AppointmentStatus.BOOKED,
        Appointment.starts_at < free.ends_at,
        Appointment.ends_at > free.starts_at,
    )
    other = session.execute(others.limit(1)).first()
    if other is not None:
        raise Overlaps(other.id, other.starts_at)


def take_time(session: Session, appointment: Appointment, free: FreeTime, now: datetime) -> bool:
    """Write an appointment, new or old, at a free time, in place of the time that it had.

    Returns:
        False if another was faster, which the database says and not a check: then all is as it was.
    """
    coach, place = session.get_one(Coach, free.coach_id), session.get_one(Place, free.place_id)
    try:
        with session.begin_nested():
            appointment.coach, appointment.place = coach, place
            appointment.starts_at, appointment.ends_at = free.starts_at, free.ends_at
            appointment.status = AppointmentStatus.BOOKED
            appointment.changed_at = now
            session.add(appointment)
            session.flush()
            _take_steps(session, appointment)
    except IntegrityError:
        return False
    return True


def _take_steps(session: Session, appointment: Appointment) -> None:
    """Take the coach's time. In order: two who want the same time then wait for each other, never in a circle."""
    free_steps(session, appointment)
    steps = steps_of(appointment.starts_at, appointment.ends_at, appointment.coach.buffer_minutes)
    session.execute(
        insert(AppointmentStep),
        [{"coach_id": appointment.coach_id, "step_at": step, "appointment_id": appointment.id} for step in steps],
    )


def free_steps(session: Session, appointment: Appointment) -> None:
    """Give back the coach's time that an appointment takes."""
    session.execute(delete(AppointmentStep).where(AppointmentStep.appointment_id == appointment.id))


def move_to(
    session: Session, appointment: Appointment, free: FreeTime, now: datetime, *, by_coach: bool = False
) -> bool:
    """Move an appointment to a free time, one that was cancelled too; reminders and calendar file follow.

    Returns:
        False if another was faster: then all is as it was.
    """
    before = appointment.starts_at
    if not take_time(session, appointment, free, now):
        return False
    appointment.sequence += 1
    appointment.coming_at = None
    appointment.cancelled_at = None
    appointment.cancelled_by = None
    session.flush()
    if appointment.starts_at < before:
        close_entry(session, appointment, now)
    follow(session, appointment, now, keeps_quiet=by_coach)
    return True


def withdraw(session: Session, appointment: Appointment, by: Canceller, now: datetime) -> None:
    """Cancel an appointment and free its time; reminders, waiting line and calendar file follow. Tells nobody.

    Raises:
        AlreadyCancelled: If another transaction cancelled it at the same moment.
    """
    cancelled = session.execute(
        update(Appointment)
        .where(Appointment.id == appointment.id, Appointment.status == AppointmentStatus.BOOKED)
        .values(
            status=AppointmentStatus.CANCELLED,
            cancelled_at=now,
            cancelled_by=by,
            changed_at=now,
            sequence=Appointment.sequence + 1,
        )
        .execution_options(synchronize_session=False)
    )
    if not isinstance(cancelled, CursorResult) or cancelled.rowcount != 1:
        raise AlreadyCancelled(appointment.id)
    session.refresh(appointment, ["status", "cancelled_at", "cancelled_by", "changed_at", "sequence"])
    free_steps(session, appointment)
    close_entry(session, appointment, now)
    follow(session, appointment, now, keeps_quiet=by is Canceller.COACH)


def follow(session: Session, appointment: Appointment, now: datetime, *, keeps_quiet: bool = False) -> None:
    """Plan the reminders of an appointment as it stands now, and send its calendar file."""
    plan_reminders(session, appointment, now)
    send_calendar(session, appointment, now, keeps_quiet=keeps_quiet)


@dataclass(frozen=True)
class OldTime:
    """The time that an appointment had before a move."""

    starts_at: datetime
    coach: Coach
    was_booked: bool

    @classmethod
    def of(cls, appointment: Appointment) -> OldTime:
        """Remember the time of an appointment that is about to move."""
        is_booked = appointment.status is AppointmentStatus.BOOKED
        return cls(appointment.starts_at, appointment.coach, is_booked)


def tell_booked(session: Session, appointment: Appointment, now: datetime) -> None:
    """Tell the coaches' group and the coach of a new appointment."""
    arguments = coach_arguments(appointment, session)
    _tell(session, appointment, ("booking/told_coaches", _for_group(appointment, arguments)), now)
    _tell(session, appointment, ("booking/told_coach", arguments), now, appointment.coach)


def _for_group(appointment: Appointment, arguments: dict[str, Any]) -> dict[str, Any]:
    """Leave out telephone number and reason: coaches of all organisations read the group, and one of them needs these.

    A coach without a chat of the own can only hear it from the group.
    """
    if appointment.coach.telegram_user_id is None:
        return arguments
    given = [name for name in ("telephone", "reason") if getattr(appointment, name)]
    return arguments | {name: {"text": "booking/only_coach"} for name in given}


def tell_moved(session: Session, appointment: Appointment, old: OldTime, now: datetime) -> None:
    """Tell the coaches' group and the coach that an appointment has another time.

    Where the coach is another one, the new coach hears of a new appointment, and the old one that it is off.
    """
    arguments = coach_arguments(appointment, session)
    was = {"datetime": old.starts_at.isoformat()}
    change = {"old": was, "old_coach": old.coach.name}
    _tell(session, appointment, ("booking/moved_coaches", _for_group(appointment, arguments) | change), now)
    if old.coach.id == appointment.coach_id:
        _tell(session, appointment, ("booking/moved_coach", arguments | {"old": was}), now, old.coach)
        return
    _tell(session, appointment, ("booking/told_coach", arguments), now, appointment.coach)
    if old.was_booked:
        gone = arguments | {"when": was, "reason": {"text": "cancel_reason/other_coach"}}
        _tell(session, appointment, ("booking/cancelled_coach", gone), now, old.coach)


def tell_cancelled(session: Session, appointment: Appointment, now: datetime) -> None:
    """Tell the coaches' group and the coach that an appointment is cancelled, and by whom."""
    arguments = coach_arguments(appointment, session)
    arguments["reason"] = {"text": f"cancel_reason/{appointment.cancelled_by}"}
    _tell(session, appointment, ("booking/cancelled_coaches", arguments), now)
    _tell(session, appointment, ("booking/cancelled_coach", arguments), now, appointment.coach)


def _tell(session: Session, appointment: Appointment, told: Told, now: datetime, coach: Coach | None = None) -> None:
    """Tell a coach, or the coaches' group; either can wait until the morning."""
    name, arguments = told
    notify(session, coach=coach, name=name, arguments=arguments, now=now, appointment=appointment, keeps_quiet=True)


def cancel_by_coach(session: Session, appointment: Appointment, now: datetime) -> None:
    """Cancel an appointment because its coach cannot be there; the newcomer hears it and can take another time.

    Why, the newcomer does not hear: that somebody is ill is nobody else's. The caller holds the coach.

    Args:
        session: The transaction.
        appointment: Booked and to come; coach, organisation and place loaded.
        now: The moment, aware.

    Raises:
        AlreadyCancelled: If it is cancelled already.
    """
    withdraw(session, appointment, Canceller.COACH, now)
    tell_cancelled(session, appointment, now)
    heard = take_back_changes(session, appointment, now) or appointment.starts_at
    arguments = newcomer_arguments(appointment) | {"when": {"datetime": heard.isoformat()}}
    tell_newcomer(session, appointment, (CALLED_OFF, arguments), now)


def take_back_changes(session: Session, appointment: Appointment, now: datetime) -> datetime | None:
    """Take back what a newcomer has not heard yet of a coach's changes: newer ones replace it.

    Returns:
        When the appointment was before the first move that was taken back; None if none was.
    """
    unheard = drop_waiting(session, appointment, CHANGES, unheld_at=now)
    return next((datetime.fromisoformat(said["old"]["datetime"]) for _, said in unheard if "old" in said), None)


def tell_newcomer(session: Session, appointment: Appointment, told: Told, now: datetime) -> None:
    """Tell the newcomer of an appointment, in the day, what a coach did with it; one who was erased hears nothing."""
    if appointment.newcomer is None:
        return
    name, arguments = told
    notify(
        session,
        newcomer=appointment.newcomer,
        name=name,
        arguments=arguments,
        now=now,
        appointment=appointment,
        keeps_quiet=True,
    )
