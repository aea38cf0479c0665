from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from service.notifications import notify
from service.reached import is_reached
from store.messages import NotificationState
from store.models import Appointment
from tests.factories import make_appointment, make_coach, make_newcomer, make_place

LATER = timedelta(minutes=1)


def _appointment(session: Session) -> Appointment:
    return make_appointment(session, make_newcomer(session), make_coach(session), make_place(session))


def _told(session: Session, appointment: Appointment, name: str, state: NotificationState, at: datetime) -> None:
    told = notify(session, newcomer=appointment.newcomer, name=name, arguments={}, now=at, appointment=appointment)
    told.state, told.settled_at = state, at


def test_who_heard_all_is_reached(session: Session, now: datetime) -> None:
    appointment = _appointment(session)
    assert is_reached(session, appointment)
    _told(session, appointment, "reminder/day_before", NotificationState.SENT, now + LATER)
    assert is_reached(session, appointment)


@pytest.mark.parametrize("field", ["blocked_at", "stopped_at"])
def test_who_blocked_or_stopped_the_bot_is_not(session: Session, now: datetime, field: str) -> None:
    appointment = _appointment(session)
    setattr(appointment.newcomer, field, now)
    assert not is_reached(session, appointment)


@pytest.mark.parametrize("state", [NotificationState.FAILED, NotificationState.BLOCKED])
def test_the_last_thing_to_count_on_decides_until_the_person_writes(
    session: Session, now: datetime, state: NotificationState
) -> None:
    appointment = _appointment(session)
    _told(session, appointment, "reminder/day_before", state, now + LATER)
    _told(session, appointment, "calendar/file", NotificationState.SENT, now + 2 * LATER)
    assert not is_reached(session, appointment)
    _told(session, appointment, "reminder/two_hours", NotificationState.SENT, now + 3 * LATER)
    assert is_reached(session, appointment)
    _told(session, appointment, "change/coach_moved", state, now + 4 * LATER)
    assert not is_reached(session, appointment)
    assert appointment.newcomer
    appointment.newcomer.last_seen_at = now + 5 * LATER
    session.flush()
    assert is_reached(session, appointment)


def test_what_another_did_not_get_does_not_count(session: Session, now: datetime) -> None:
    _told(session, _appointment(session), "reminder/day_before", NotificationState.FAILED, now + LATER)
    assert is_reached(session, _appointment(session))
