"""What a coach must know: that a newcomer did not get a message about an appointment to come."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from service.appointment_words import coach_arguments
from service.notifications import notify, was_told
from store.messages import Notification
from store.models import Appointment, AppointmentStatus, Canceller

NOT_REACHED = "booking/not_reached_coach"
COUNTED_ON = ("reminder/", "change/")  # texts that a newcomer must get to be there in time, or to stay away


def tell_coach(session: Session, notification_id: int, now: datetime) -> None:
    """Tell the coach that a newcomer did not get a notification, if that matters for an appointment to come.

    Said once for an appointment: who blocked or stopped the bot gets the next message no more than this one.

    Args:
        session: The transaction that notes it.
        notification_id: What was not delivered, and will not be.
        now: The moment, aware.
    """
    notification = session.get(Notification, notification_id)
    if notification is None or notification.newcomer_id is None or notification.appointment_id is None:
        return
    if not notification.name.startswith(COUNTED_ON):
        return
    appointment = session.get_one(Appointment, notification.appointment_id)
    if _matters(appointment, now) and not was_told(session, appointment, NOT_REACHED):
        notify(
            session,
            coach=appointment.coach,
            name=NOT_REACHED,
            arguments=coach_arguments(appointment, session),
            now=now,
            appointment=appointment,
            lapses_at=appointment.ends_at,
            keeps_quiet=True,
        )


def _matters(appointment: Appointment, now: datetime) -> bool:
    """Tell whether the person would come at the wrong time, or not at all."""
    is_on = appointment.status is AppointmentStatus.BOOKED or appointment.cancelled_by is Canceller.COACH
    return is_on and appointment.starts_at > now
