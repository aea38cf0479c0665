"""What must reach a person: written with the fact that it tells, delivered by the bot."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, select
from sqlalchemy.orm import Session

from store.messages import Notification, NotificationState
from store.models import Appointment, Coach, HandOff, Newcomer

Told = tuple[str, dict[str, Any]]  # the name of a text and its arguments


def notify(
    session: Session,
    *,
    newcomer: Newcomer | None = None,
    coach: Coach | None = None,
    name: str,
    arguments: Mapping[str, Any],
    now: datetime,
    deliver_at: datetime | None = None,
    hand_off: HandOff | None = None,
    appointment: Appointment | None = None,
    lapses_at: datetime | None = None,
    keeps_quiet: bool = False,
) -> Notification:
    """Write what a person must hear into the running transaction.

    Args:
        session: The transaction of the fact that it tells.
        newcomer: Who hears it; neither a newcomer nor a coach means the coaches' group.
        coach: Who hears it; at most one of the two.
        name: Name of a text.
        arguments: The text's arguments: JSON, with typed values for what depends on language, such as
            `{"datetime": iso}` or `{"text": "area/money"}`.
        now: The moment, aware.
        deliver_at: Not before this moment; None: at once.
        hand_off: What it is about, for the button under it.
        appointment: What it is about.
        lapses_at: Of no use from this moment on: not sent any more then.
        keeps_quiet: Whether it waits while people sleep: nobody asked for it.

    Raises:
        ValueError: If there are two recipients.
    """
    if newcomer is not None and coach is not None:
        raise ValueError(f"notification: {name}: has two recipients")
    notification = Notification(
        newcomer_id=newcomer.id if newcomer else None,
        coach_id=coach.id if coach else None,
        name=name,
        arguments=dict(arguments),
        hand_off_id=hand_off.id if hand_off else None,
        appointment_id=appointment.id if appointment else None,
        state=NotificationState.PENDING,
        created_at=now,
        deliver_at=deliver_at or now,
        lapses_at=lapses_at,
        keeps_quiet=keeps_quiet,
    )
    session.add(notification)
    session.flush()
    return notification


def drop_waiting(
    session: Session, appointment: Appointment, names: Collection[str], *, unheld_at: datetime | None = None
) -> list[Told]:
    """Delete what waits to be told of an appointment.

    Args:
        session: The transaction.
        appointment: What it is about.
        names: Of the texts.
        unheld_at: Spares what a delivery holds at this moment: it may be on its way.

    Returns:
        What nobody will hear, first ones first.
    """
    waiting = delete(Notification).where(
        Notification.appointment_id == appointment.id,
        Notification.name.in_(names),
        Notification.state == NotificationState.PENDING,
    )
    if unheld_at is not None:
        waiting = waiting.where(Notification.leased_until.is_(None) | (Notification.leased_until <= unheld_at))
    rows = session.execute(waiting.returning(Notification.id, Notification.name, Notification.arguments)).all()
    return [(name, arguments) for _, name, arguments in sorted(rows, key=lambda row: row[0])]


def was_told(session: Session, appointment: Appointment, name: str, *conditions: ColumnElement[bool]) -> bool:
    """Tell whether a notification of a name was ever written about an appointment, and fulfils the conditions."""
    told = exists().where(Notification.appointment_id == appointment.id, Notification.name == name, *conditions)
    return bool(session.scalar(select(told)))
