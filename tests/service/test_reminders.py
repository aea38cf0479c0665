from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from service import outbox
from service.appointments import book_appointment, cancel_appointment, move_appointment
from service.clock import AMSTERDAM
from service.days import local_day, moment_of
from service.errors import AlreadyCancelled, NoSuchAppointment, TooLate
from service.newcomers import erase_newcomer
from service.notifications import notify
from service.outbox import LEASE
from service.quiet_hours import is_quiet
from service.reminders import DAY_BEFORE, TWO_HOURS, drop_reminders, mark_coming, plan_reminders
from store.messages import Notification, NotificationState
from store.models import Appointment, AppointmentStatus, Canceller
from tests.factories import make_appointment, make_coach, make_newcomer, make_place, make_request, make_week

FRIDAY = date(2026, 11, 27)
THURSDAY = date(2026, 11, 26)
NOT_REACHED = "booking/not_reached_coach"
AUTUMN, SPRING = date(2026, 10, 25), date(2027, 3, 28)  # the days on which the clock changes
FIRST_MINUTE = datetime(2026, 10, 23, tzinfo=UTC)
MINUTES = (datetime(2027, 3, 31, tzinfo=UTC) - FIRST_MINUTE) // timedelta(minutes=1)


def _appointment(session: Session, starts_at: datetime, **values: object) -> Appointment:
    newcomer = make_newcomer(session)
    return make_appointment(session, newcomer, make_coach(session), make_place(session), starts_at=starts_at, **values)


def _reminders(session: Session, appointment: Appointment) -> list[Notification]:
    query = select(Notification).where(
        Notification.appointment_id == appointment.id, Notification.name.startswith("reminder/")
    )
    return list(session.scalars(query.order_by(Notification.deliver_at)))


def _planned(session: Session, starts_at: datetime, now: datetime) -> dict[str, tuple[datetime, datetime | None]]:
    appointment = _appointment(session, starts_at)
    plan_reminders(session, appointment, now)
    return {row.name: (row.deliver_at, row.lapses_at) for row in _reminders(session, appointment)}


def test_the_day_before_at_the_same_time_and_two_hours_before(session: Session, now: datetime) -> None:
    starts_at = moment_of(FRIDAY, time(14))
    assert _planned(session, starts_at, now) == {
        DAY_BEFORE: (moment_of(THURSDAY, time(14)), moment_of(FRIDAY, time(12))),
        TWO_HOURS: (moment_of(FRIDAY, time(12)), starts_at),
    }


def test_a_reminder_says_the_appointment_and_keeps_quiet(session: Session, now: datetime) -> None:
    appointment = _appointment(session, moment_of(FRIDAY, time(14)))
    plan_reminders(session, appointment, now)
    first, second = _reminders(session, appointment)
    assert first.newcomer_id == second.newcomer_id == appointment.newcomer_id
    assert first.keeps_quiet
    assert second.keeps_quiet
    assert first.arguments == {
        "when": {"datetime": appointment.starts_at.isoformat()},
        "area": {"text": "area/money"},
        "mode": {"text": "mode/place"},
        "coach": appointment.coach.name,
        "organisation": appointment.coach.organisation.name,
    }


@pytest.mark.parametrize(
    ("begins", "day_before", "two_hours"),
    [
        (time(9), time(9), time(8)),
        (time(8, 15), time(8, 15), time(8)),
        (time(8, 10), time(8, 10), None),
        (time(7), time(8), None),
        (time(20, 45), time(20, 30), time(18, 45)),
        (time(23, 30), time(20, 30), None),
    ],
)
def test_early_and_late_appointments_are_not_reminded_of_at_night(
    session: Session, now: datetime, begins: time, day_before: time, two_hours: time | None
) -> None:
    starts_at = moment_of(FRIDAY, begins)
    planned = _planned(session, starts_at, now)
    assert planned[DAY_BEFORE][0] == moment_of(THURSDAY, day_before)
    if two_hours:
        assert planned[TWO_HOURS][0] == planned[DAY_BEFORE][1] == moment_of(FRIDAY, two_hours)
    else:
        assert planned == {DAY_BEFORE: (moment_of(THURSDAY, day_before), starts_at)}


def test_what_would_be_due_already_is_not_written(session: Session, now: datetime) -> None:
    assert list(_planned(session, now + timedelta(hours=24), now)) == [TWO_HOURS]
    assert list(_planned(session, now + timedelta(hours=24, minutes=1), now)) == [DAY_BEFORE, TWO_HOURS]
    assert _planned(session, now + timedelta(hours=2), now) == {}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.integers(0, MINUTES).map(lambda minutes: FIRST_MINUTE + timedelta(minutes=minutes)))
@example(moment_of(AUTUMN, time(2, 30)))
@example(moment_of(AUTUMN, time(2, 30)) + timedelta(hours=1))
@example(moment_of(AUTUMN + timedelta(days=1), time(2, 30)))
@example(moment_of(SPRING + timedelta(days=1), time(2, 30)))
@example(moment_of(SPRING, time(9)))
@example(moment_of(SPRING, time(0)))
def test_whenever_an_appointment_begins_its_reminders_come_in_order_and_by_day(
    sessions: sessionmaker[Session], starts_at: datetime
) -> None:
    with sessions() as session:
        planned = _planned(session, starts_at, starts_at - timedelta(days=7))
        session.rollback()
    due, lapses_at = planned[DAY_BEFORE]
    assert local_day(due) == local_day(starts_at) - timedelta(days=1)
    assert time(8) <= due.astimezone(AMSTERDAM).time() <= time(20, 30)
    assert due < lapses_at <= starts_at  # type: ignore[operator]
    if TWO_HOURS in planned:
        last, last_lapses_at = planned[TWO_HOURS]
        assert due < last == lapses_at
        assert timedelta(minutes=15) <= starts_at - last <= timedelta(hours=2)
        assert last_lapses_at == starts_at
        assert not is_quiet(last)
    else:
        assert lapses_at == starts_at
        assert is_quiet(starts_at - timedelta(hours=2))


def test_planning_anew_replaces_what_waits_and_leaves_what_was_sent(session: Session, now: datetime) -> None:
    appointment = _appointment(session, moment_of(FRIDAY, time(14)))
    plan_reminders(session, appointment, now)
    sent = _reminders(session, appointment)[0]
    outbox.settle_sent(session, sent.id, 1, now)
    appointment.starts_at += timedelta(days=7)
    appointment.ends_at += timedelta(days=7)
    plan_reminders(session, appointment, now)
    rows = _reminders(session, appointment)
    assert [(row.name, row.deliver_at) for row in rows] == [
        (DAY_BEFORE, sent.deliver_at),
        (DAY_BEFORE, moment_of(THURSDAY + timedelta(days=7), time(14))),
        (TWO_HOURS, moment_of(FRIDAY + timedelta(days=7), time(12))),
    ]


def test_of_a_cancelled_appointment_nobody_is_reminded(session: Session, now: datetime) -> None:
    appointment = _appointment(session, moment_of(FRIDAY, time(14)))
    plan_reminders(session, appointment, now)
    appointment.status = AppointmentStatus.CANCELLED
    plan_reminders(session, appointment, now)
    assert _reminders(session, appointment) == []


def test_dropping_takes_those_of_this_appointment_only(session: Session, now: datetime) -> None:
    one, other = (_appointment(session, moment_of(FRIDAY, time(14))) for _ in range(2))
    plan_reminders(session, one, now)
    plan_reminders(session, other, now)
    drop_reminders(session, one)
    assert _reminders(session, one) == []
    assert len(_reminders(session, other)) == 2


def test_reminders_follow_booking_moving_cancelling_and_erasing(session: Session, now: datetime) -> None:
    newcomer, coach = make_newcomer(session), make_coach(session)
    make_week(session, coach)
    request = make_request(coach, moment_of(FRIDAY, time(14)))
    appointment = book_appointment(session, newcomer, request, now)
    assert [row.deliver_at for row in _reminders(session, appointment)] == [
        moment_of(THURSDAY, time(14)),
        moment_of(FRIDAY, time(12)),
    ]
    move_appointment(session, newcomer, appointment.id, moment_of(THURSDAY, time(10)), coach.id, now)
    assert [row.deliver_at for row in _reminders(session, appointment)] == [
        moment_of(THURSDAY - timedelta(days=1), time(10)),
        moment_of(THURSDAY, time(8)),
    ]
    cancel_appointment(session, newcomer, appointment.id, now)
    assert _reminders(session, appointment) == []
    again = book_appointment(session, newcomer, request, now)
    erase_newcomer(session, newcomer, now)
    assert _reminders(session, again) == []


def test_who_comes_is_noted_once(session: Session, now: datetime) -> None:
    appointment = _appointment(session, moment_of(FRIDAY, time(14)))
    newcomer = appointment.newcomer
    assert newcomer is not None
    assert mark_coming(session, newcomer, appointment.id, now).coming_at == now
    assert mark_coming(session, newcomer, appointment.id, now + timedelta(hours=1)).coming_at == now


def test_only_the_own_appointment_that_stands_and_is_to_come_can_be_answered(session: Session, now: datetime) -> None:
    starts_at = moment_of(FRIDAY, time(14))
    appointment = _appointment(session, starts_at)
    newcomer = appointment.newcomer
    assert newcomer is not None
    with pytest.raises(NoSuchAppointment):
        mark_coming(session, make_newcomer(session), appointment.id, now)
    with pytest.raises(TooLate):
        mark_coming(session, newcomer, appointment.id, starts_at)
    appointment.status = AppointmentStatus.CANCELLED
    session.flush()
    with pytest.raises(AlreadyCancelled):
        mark_coming(session, newcomer, appointment.id, now)
    assert appointment.coming_at is None


def _waiting(session: Session, name: str, values: dict[str, object]) -> Notification:
    return notify(session, name=name, **values)  # type: ignore[arg-type]


def _names(due: list[outbox.Due]) -> list[str]:
    return [one.name for one in due]


def test_after_a_night_without_the_bot_a_late_reminder_still_comes_once(session: Session, now: datetime) -> None:
    plan_reminders(session, _appointment(session, moment_of(FRIDAY, time(14))), now)
    late = moment_of(FRIDAY, time(8))
    (due,) = outbox.claim_due(session, late, 10)
    assert due.name == DAY_BEFORE
    outbox.settle_sent(session, due.id, 1, late)
    assert _names(outbox.claim_due(session, moment_of(FRIDAY, time(12)), 10)) == [TWO_HOURS]


def test_after_a_longer_time_only_the_one_that_still_helps_comes(session: Session, now: datetime) -> None:
    plan_reminders(session, _appointment(session, moment_of(FRIDAY, time(14))), now)
    assert _names(outbox.claim_due(session, moment_of(FRIDAY, time(13, 30)), 10)) == [TWO_HOURS]


def test_after_the_appointment_has_begun_none_comes_and_no_coach_is_told(session: Session, now: datetime) -> None:
    appointment = _appointment(session, moment_of(FRIDAY, time(14)))
    plan_reminders(session, appointment, now)
    assert outbox.claim_due(session, appointment.starts_at, 10) == []
    session.expire_all()
    assert {(row.state, row.error) for row in _reminders(session, appointment)} == {
        (NotificationState.FAILED, "lapsed")
    }
    assert outbox.claim_due(session, appointment.starts_at, 10) == []


def test_two_bots_send_each_reminder_once(sessions: sessionmaker[Session], now: datetime) -> None:
    with sessions.begin() as session:
        for _ in range(6):
            plan_reminders(session, _appointment(session, moment_of(FRIDAY, time(14))), now)
    at = moment_of(THURSDAY, time(14))
    with sessions() as one, sessions() as other:
        first = outbox.claim_due(one, at, 4)
        if one.get_bind().dialect.name == "sqlite":  # the second would wait for the first to commit
            one.commit()
        second = outbox.claim_due(other, at, 4)
        one.commit()
        other.commit()
    assert (len(first), len(second)) == (4, 2)
    assert not {due.id for due in first} & {due.id for due in second}


def test_a_bot_that_is_killed_while_it_holds_a_reminder_loses_none(
    sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions.begin() as session:
        plan_reminders(session, _appointment(session, moment_of(FRIDAY, time(14))), now)
    at = moment_of(THURSDAY, time(14))
    with sessions.begin() as session:
        (killed,) = outbox.claim_due(session, at, 10)
    with sessions.begin() as session:
        assert outbox.claim_due(session, at + LEASE / 2, 10) == []
    with sessions.begin() as session:
        (again,) = outbox.claim_due(session, at + LEASE, 10)
        assert again.id == killed.id
        assert not outbox.hold(session, killed, at + LEASE)
        assert outbox.hold(session, again, at + LEASE)


def _told_coach(session: Session, appointment: Appointment) -> list[Notification]:
    query = select(Notification).where(Notification.appointment_id == appointment.id, Notification.name == NOT_REACHED)
    return list(session.scalars(query))


def test_a_coach_hears_once_that_the_reminders_did_not_arrive(session: Session, now: datetime) -> None:
    appointment = _appointment(session, moment_of(FRIDAY, time(14)), telephone="0612345678")
    plan_reminders(session, appointment, now)
    for at in (moment_of(THURSDAY, time(14)), moment_of(FRIDAY, time(12))):
        (due,) = [due for due in outbox.claim_due(session, at, 10) if due.name != NOT_REACHED]
        outbox.settle_blocked(session, due, at)
    (told,) = _told_coach(session, appointment)
    assert (told.coach_id, told.keeps_quiet, told.lapses_at) == (appointment.coach_id, True, appointment.ends_at)
    assert told.arguments["telephone"] == "0612345678"
    assert told.arguments["known"] == {"text": "known/new"}


def test_a_coach_hears_that_the_newcomer_stopped_the_bot(session: Session, now: datetime) -> None:
    appointment = _appointment(session, moment_of(FRIDAY, time(14)))
    plan_reminders(session, appointment, now)
    assert appointment.newcomer is not None
    appointment.newcomer.stopped_at = now
    session.flush()
    at = moment_of(THURSDAY, time(14))
    (due,) = outbox.claim_due(session, at, 10)
    assert due.is_stopped
    outbox.settle_failed(session, due.id, "stopped", at)
    assert len(_told_coach(session, appointment)) == 1


@pytest.mark.parametrize(("by", "told"), [(Canceller.COACH, 1), (Canceller.NEWCOMER, 0)])
def test_a_coach_who_cancelled_hears_that_the_newcomer_may_still_come(
    session: Session, now: datetime, by: Canceller, told: int
) -> None:
    appointment = _appointment(
        session, moment_of(FRIDAY, time(14)), status=AppointmentStatus.CANCELLED, cancelled_by=by
    )
    values = {"newcomer": appointment.newcomer, "appointment": appointment, "arguments": {}, "now": now}
    row = _waiting(session, "change/coach_cancelled", values)
    outbox.settle_failed(session, row.id, "chat not found", now)
    assert len(_told_coach(session, appointment)) == told


@pytest.mark.parametrize(
    ("name", "hours"), [("calendar/file", 0), ("attendance/missed", 0), ("reminder/two_hours", 999)]
)
def test_what_the_newcomer_can_do_without_bothers_no_coach(
    session: Session, now: datetime, name: str, hours: int
) -> None:
    appointment = _appointment(session, moment_of(FRIDAY, time(14)))
    values = {"newcomer": appointment.newcomer, "appointment": appointment, "arguments": {}, "now": now}
    row = _waiting(session, name, values)
    outbox.settle_failed(session, row.id, "chat not found", now + timedelta(hours=hours))
    assert _told_coach(session, appointment) == []
