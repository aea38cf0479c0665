from __future__ import annotations

from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session, sessionmaker

from service import outbox
from service.days import moment_of
from service.notifications import notify
from service.outbox import LEASE, Due
from store.messages import Notification, NotificationState
from tests.factories import make_coach, make_newcomer

SECOND = timedelta(seconds=1)
NIGHT = moment_of(date(2026, 11, 24), time(22))
MORNING = moment_of(date(2026, 11, 25), time(8))


def _tell(session: Session, now: datetime, **values: object) -> Notification:
    return notify(session, **{"name": "booking/told_coaches", "arguments": {}, "now": now} | values)  # type: ignore[arg-type]


def _claim(session: Session, now: datetime) -> list[Due]:
    return outbox.claim_due(session, now, 10)


def test_what_is_due_is_claimed_oldest_first_with_its_reader(session: Session, now: datetime) -> None:
    newcomer, coach = make_newcomer(session, language="en"), make_coach(session, telegram_user_id=2000)
    _tell(session, now, coach=coach)
    _tell(session, now - SECOND, newcomer=newcomer)
    _tell(session, now)
    first, second, third = _claim(session, now)
    assert (first.newcomer_chat, first.language, first.is_for_group) == (newcomer.chat_id, "en", False)
    assert (second.coach_chat, second.is_for_group) == (2000, False)
    assert third.is_for_group


def test_many_for_the_group_keep_nobody_else_waiting(session: Session, now: datetime) -> None:
    for _ in range(12):
        _tell(session, now - SECOND)
    _tell(session, now, newcomer=make_newcomer(session))
    assert [due.is_for_group for due in _claim(session, now)] == [False, True]


def test_what_is_due_later_waits(session: Session, now: datetime) -> None:
    _tell(session, now, deliver_at=now + SECOND)
    assert _claim(session, now) == []
    assert len(_claim(session, now + SECOND)) == 1


def test_what_another_holds_is_claimed_once_its_lease_runs_out(session: Session, now: datetime) -> None:
    _tell(session, now)
    assert len(_claim(session, now)) == 1
    assert _claim(session, now + LEASE - SECOND) == []
    again = _claim(session, now + LEASE)
    assert [due.attempts for due in again] == [2]


def test_who_was_overtaken_does_not_send(session: Session, now: datetime) -> None:
    _tell(session, now)
    (mine,) = _claim(session, now)
    (theirs,) = _claim(session, now + LEASE)
    assert not outbox.hold(session, mine, now + LEASE)
    assert outbox.hold(session, theirs, now + LEASE)


def test_what_is_sent_is_not_claimed_again(session: Session, now: datetime) -> None:
    told = _tell(session, now)
    outbox.settle_sent(session, told.id, 55, now)
    session.expire_all()
    assert (told.state, told.message_id, told.settled_at) == (NotificationState.SENT, 55, now)
    assert _claim(session, now + timedelta(days=1)) == []


def test_the_group_waits_while_no_group_is_set(session: Session, now: datetime) -> None:
    _tell(session, now)
    assert outbox.group_waits(session)
    assert outbox.claim_due(session, now, 10, with_group=False) == []
    assert len(_claim(session, now)) == 1


def test_a_blocked_bot_is_noted_with_the_newcomer(session: Session, now: datetime) -> None:
    newcomer = make_newcomer(session)
    told = _tell(session, now, newcomer=newcomer)
    (due,) = _claim(session, now)
    outbox.settle_blocked(session, due, now)
    session.expire_all()
    assert told.state is NotificationState.BLOCKED
    assert newcomer.blocked_at == now


def test_a_failed_one_keeps_its_cause(session: Session, now: datetime) -> None:
    told = _tell(session, now)
    outbox.settle_failed(session, told.id, "x" * 300, now)
    session.expire_all()
    assert (told.state, told.error) == (NotificationState.FAILED, "x" * 200)


def test_it_is_tried_again_after_a_growing_delay_or_what_telegram_asks(session: Session, now: datetime) -> None:
    told = _tell(session, now)
    (due,) = _claim(session, now)
    outbox.retry(session, due, "down", now)
    session.expire_all()
    assert told.deliver_at == now + 2 * SECOND
    (due,) = _claim(session, now + 2 * SECOND)
    outbox.retry(session, due, "429", now, after=30 * SECOND)
    session.expire_all()
    assert told.deliver_at == now + 30 * SECOND


def test_who_stopped_gets_a_claimed_hand_off_only_after_writing_again(session: Session, now: datetime) -> None:
    newcomer = make_newcomer(session, stopped_at=now)
    _tell(session, now, newcomer=newcomer, name="handoff/claimed_newcomer")
    assert _claim(session, now) == []
    newcomer.stopped_at = None
    session.flush()
    assert len(_claim(session, now)) == 1


def test_for_who_stopped_all_else_is_claimed_to_be_dropped(session: Session, now: datetime) -> None:
    _tell(session, now, newcomer=make_newcomer(session, stopped_at=now))
    assert [due.is_stopped for due in _claim(session, now)] == [True]


def test_what_waits_a_week_for_who_stopped_is_dropped(session: Session, now: datetime) -> None:
    old = make_newcomer(session, stopped_at=now - timedelta(days=8))
    new = make_newcomer(session, stopped_at=now - timedelta(days=6))
    dropped = _tell(session, now, newcomer=old, name="handoff/claimed_newcomer")
    kept = _tell(session, now, newcomer=new, name="handoff/claimed_newcomer")
    assert outbox.drop_long_stopped(session, now) == 1
    session.expire_all()
    assert (dropped.state, kept.state) == (NotificationState.FAILED, NotificationState.PENDING)


def test_old_settled_ones_are_deleted(session: Session, now: datetime) -> None:
    old, new, pending = (_tell(session, now) for _ in range(3))
    outbox.settle_sent(session, old.id, 1, now - timedelta(days=40))
    outbox.settle_sent(session, new.id, 2, now)
    assert outbox.delete_old(session, now - timedelta(days=30)) == 1
    assert {row.id for row in session.query(Notification)} == {new.id, pending.id}


def test_what_nobody_could_take_is_not_kept_for_ever(session: Session, now: datetime) -> None:
    before = now - timedelta(days=30)
    _tell(session, now, deliver_at=before - timedelta(days=8))
    waits = _tell(session, now, deliver_at=before - timedelta(days=6))
    assert outbox.delete_old(session, before) == 1
    assert session.query(Notification.id).scalar() == waits.id


def test_a_week_of_tries_is_enough(session: Session, now: datetime) -> None:
    told = _tell(session, now)
    told.attempts = outbox.MAX_TRIES - 1
    (due,) = _claim(session, now)
    outbox.retry(session, due, "down", now)
    session.expire_all()
    assert (told.state, told.error) == (NotificationState.FAILED, "down")


def test_what_nobody_asked_for_waits_until_the_morning(session: Session) -> None:
    newcomer = make_newcomer(session)
    quiet = _tell(session, NIGHT, newcomer=newcomer, keeps_quiet=True)
    asked = _tell(session, NIGHT, newcomer=newcomer)
    assert [due.id for due in _claim(session, NIGHT)] == [asked.id]
    assert quiet.id not in {due.id for due in _claim(session, MORNING - SECOND)}
    assert quiet.id in {due.id for due in _claim(session, MORNING)}


def test_what_waits_for_the_morning_lapses_in_the_night(session: Session) -> None:
    told = _tell(session, NIGHT, keeps_quiet=True, lapses_at=MORNING)
    assert _claim(session, MORNING) == []
    session.expire_all()
    assert (told.state, told.error, told.settled_at) == (NotificationState.FAILED, "lapsed", MORNING)


def test_what_has_lapsed_is_never_sent(session: Session, now: datetime) -> None:
    told = _tell(session, now, lapses_at=now + SECOND)
    other = _tell(session, now)
    assert [due.id for due in _claim(session, now + SECOND)] == [other.id]
    session.expire_all()
    assert (told.state, told.error, told.leased_until) == (NotificationState.FAILED, "lapsed", None)
    assert _claim(session, now + timedelta(days=1))[0].id == other.id


def test_what_lapses_or_becomes_quiet_in_the_hands_of_a_bot_is_not_sent(session: Session) -> None:
    evening = NIGHT - timedelta(hours=1)
    newcomer = make_newcomer(session)
    lapses = _tell(session, evening - SECOND, newcomer=newcomer, lapses_at=evening)
    quiet = _tell(session, evening - SECOND, newcomer=newcomer, keeps_quiet=True)
    first, second = _claim(session, evening - SECOND)
    assert (first.id, second.id) == (lapses.id, quiet.id)
    assert not outbox.hold(session, first, evening)
    assert not outbox.hold(session, second, evening)
    assert _claim(session, evening) == []  # still in those hands
    session.expire_all()
    assert lapses.state is NotificationState.PENDING
    assert [due.id for due in _claim(session, MORNING)] == [quiet.id]
    session.expire_all()
    assert lapses.error == "lapsed"


def test_a_retry_does_not_wake_anybody(session: Session) -> None:
    newcomer = make_newcomer(session)
    evening = NIGHT - timedelta(hours=1)
    told = _tell(session, evening - SECOND, newcomer=newcomer, keeps_quiet=True)
    (due,) = _claim(session, evening - SECOND)
    outbox.retry(session, due, "down", evening - SECOND)
    assert _claim(session, NIGHT) == []
    assert [due.id for due in _claim(session, MORNING)] == [told.id]


def test_a_coach_who_is_not_active_any_more_is_told_nothing(session: Session, now: datetime) -> None:
    coach = make_coach(session, telegram_user_id=2000)
    coach.is_active = False
    _tell(session, now, coach=coach)
    assert [due.coach_chat for due in _claim(session, now)] == [None]


def test_a_group_is_followed_through_all_its_moves(session: Session) -> None:
    outbox.move_group(session, -1, -2)
    outbox.move_group(session, -2, -3)
    session.flush()
    assert outbox.current_group(session, -1) == -3
    assert outbox.current_group(session, -9) == -9


def test_a_group_that_moves_in_a_circle_ends_the_search(session: Session) -> None:
    outbox.move_group(session, -1, -2)
    outbox.move_group(session, -2, -1)
    session.flush()
    assert outbox.current_group(session, -1) in {-1, -2}


def test_two_processes_never_hold_the_same_notification(sessions: sessionmaker[Session], now: datetime) -> None:
    with sessions.begin() as session:
        newcomer = make_newcomer(session)
        for _ in range(10):
            _tell(session, now, newcomer=newcomer)
    with sessions.begin() as session:
        first = outbox.claim_due(session, now, 6)
    with sessions.begin() as session:
        second = outbox.claim_due(session, now, 6)
    assert len(first) == 6
    assert len(second) == 4
    assert not {due.id for due in first} & {due.id for due in second}
