from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from service.notifications import notify
from store.messages import Notification, NotificationState
from tests.factories import make_coach, make_hand_off, make_newcomer


def test_a_notification_waits_from_now_on(session: Session, now: datetime) -> None:
    row = notify(session, name="a/b", arguments={"when": {"datetime": now.isoformat()}}, now=now)
    session.expire(row)
    found = session.get_one(Notification, row.id)
    assert (found.state, found.created_at, found.deliver_at) == (NotificationState.PENDING, now, now)
    assert (found.newcomer_id, found.coach_id, found.attempts) == (None, None, 0)
    assert found.arguments == {"when": {"datetime": now.isoformat()}}


def test_a_notification_can_wait_longer(session: Session, now: datetime) -> None:
    newcomer = make_newcomer(session)
    later = now + timedelta(days=1)
    row = notify(session, newcomer=newcomer, name="a/b", arguments={}, now=now, deliver_at=later)
    assert (row.newcomer_id, row.deliver_at) == (newcomer.id, later)


def test_a_notification_can_lapse_and_keep_quiet(session: Session, now: datetime) -> None:
    coach = make_coach(session)
    later = now + timedelta(hours=1)
    row = notify(session, coach=coach, name="a/b", arguments={}, now=now, lapses_at=later, keeps_quiet=True)
    plain = notify(session, coach=coach, name="a/b", arguments={}, now=now)
    session.expire_all()
    assert (row.lapses_at, row.keeps_quiet) == (later, True)
    assert (plain.lapses_at, plain.keeps_quiet) == (None, False)


def test_a_notification_says_what_it_is_about(session: Session, now: datetime) -> None:
    coach = make_coach(session)
    hand_off = make_hand_off(session, make_newcomer(session))
    row = notify(session, coach=coach, name="a/b", arguments={}, now=now, hand_off=hand_off)
    assert (row.coach_id, row.hand_off_id, row.appointment_id) == (coach.id, hand_off.id, None)


def test_two_recipients_are_refused(session: Session, now: datetime) -> None:
    with pytest.raises(ValueError, match="two recipients"):
        notify(session, newcomer=make_newcomer(session), coach=make_coach(session), name="a", arguments={}, now=now)
