"""What must reach a person: written with the fact that it tells, delivered by the bot."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from store.messages import Notification, NotificationState
from store.models import Appointment, Coach, HandOff, Newcomer


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
