"""Whether a newcomer still hears what the bot tells about an appointment, for the coach who counts on it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.undelivered import COUNTED_ON
from store.messages import Notification, NotificationState
from store.models import Appointment


def is_reached(session: Session, appointment: Appointment) -> bool:
    """Tell whether a newcomer hears of an appointment, as far as is known.

    Who has blocked or stopped the bot does not, nor does one whose last reminder was not delivered, until the person
    writes again. Of an erased newcomer nothing is known.
    """
    newcomer = appointment.newcomer
    if newcomer is None:
        return True
    if newcomer.blocked_at is not None or newcomer.stopped_at is not None:
        return False
    query = select(Notification).where(
        Notification.appointment_id == appointment.id,
        Notification.newcomer_id == newcomer.id,
        Notification.settled_at > newcomer.last_seen_at,
    )
    settled = session.scalars(query.order_by(Notification.settled_at.desc(), Notification.id.desc()))
    last = next((one for one in settled if one.name.startswith(COUNTED_ON)), None)
    return last is None or last.state is NotificationState.SENT
