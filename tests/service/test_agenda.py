from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from service import agenda as module
from service.agenda import (
    agenda,
    appointment_for,
    call_in_sick,
    cancel_by_coach,
    cancel_for,
    mark_attendance,
    move_by_coach,
    times_for_move,
)
from service.appointments import book_appointment, cancel_appointment, coach_free_time, free_times
from service.days import local_day
from service.errors import AlreadyCancelled, NoSuchAppointment, Overlaps, TimeTaken, TooEarly, TooLate
from service.newcomers import erase_newcomer
from store.messages import Notification, NotificationState
from store.models import Appointment, AppointmentStatus, AppointmentStep, Canceller, Coach, Mode, Newcomer
from tests.factories import (
    NOW,
    make_appointment,
    make_availability,
    make_coach,
    make_newcomer,
    make_organisation,
    make_request,
    make_week,
)

NINE = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)  # nine o'clock in Utrecht, a Wednesday
EVENING = datetime(2026, 11, 24, 21, 0, tzinfo=UTC)  # ten o'clock, in the quiet hours
BEGUN = NINE + timedelta(minutes=10)
MISSED = "attendance/missed"


def booked(session: Session, **values: Any) -> Appointment:
    """Book with a coach who works every day."""
    coach = values.pop("coach", None)
    if coach is None:
        coach = make_coach(session)
        make_week(session, coach)
    newcomer = values.pop("newcomer", None) or make_newcomer(session)
    return book_appointment(session, newcomer, make_request(coach, values.pop("starts_at", NINE), **values), NOW)


def heard(session: Session, appointment: Appointment, prefix: str = "") -> list[Notification]:
    """List what the newcomer of an appointment hears, or will, of what coaches do."""
    query = select(Notification).where(
        Notification.appointment_id == appointment.id,
        Notification.newcomer_id.is_not(None),
        Notification.name.like(f"{prefix}%"),
    )
    return list(session.scalars(query.order_by(Notification.id)))


def told(session: Session) -> list[tuple[str, int | None]]:
    query = select(Notification).where(Notification.newcomer_id.is_(None)).order_by(Notification.id)
    return [(row.name, row.coach_id) for row in session.scalars(query)]


def names(rows: list[Notification]) -> list[str]:
    return [row.name for row in rows]


def test_the_agenda_holds_what_is_not_cancelled_in_order_of_time(session: Session) -> None:
    coach, other = make_coach(session), make_coach(session)
    place = make_week(session, coach)
    newcomer = make_newcomer(session)
    midnight = datetime(2026, 11, 24, 23, 0, tzinfo=UTC)  # of the 25th in Utrecht

    def make(starts_at: datetime, **values: Any) -> Appointment:
        return make_appointment(session, newcomer, values.pop("coach", coach), place, starts_at=starts_at, **values)

    last = make(midnight + timedelta(days=2, minutes=-30), status=AppointmentStatus.NO_SHOW)
    first = make(midnight, status=AppointmentStatus.ATTENDED)
    between = make(NINE)
    make(midnight - timedelta(minutes=30))
    make(midnight + timedelta(days=2))
    make(NINE, status=AppointmentStatus.CANCELLED)
    make(NINE, coach=other)
    assert agenda(session, coach, date(2026, 11, 25), date(2026, 11, 26)) == [first, between, last]
    assert agenda(session, coach, date(2026, 11, 25), date(2026, 11, 25)) == [first, between]


def test_the_agenda_of_the_organisation_holds_those_of_colleagues(session: Session) -> None:
    organisation = make_organisation(session)
    coach, colleague = (make_coach(session, organisation=organisation) for _ in range(2))
    stranger = make_coach(session)
    place = make_week(session, coach)
    hers = make_appointment(session, None, colleague, place, starts_at=NINE)
    mine = make_appointment(session, None, coach, place, starts_at=NINE)
    make_appointment(session, None, stranger, place, starts_at=NINE)
    day = local_day(NINE)
    assert agenda(session, coach, day, day) == [mine]
    assert agenda(session, coach, day, day, whole_organisation=True) == [mine, hers]


def test_the_agenda_is_readable_after_the_transaction(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        made = booked(session)
    with sessions.begin() as session:
        coach = session.get_one(Coach, made.coach_id)
        listed = [*agenda(session, coach, local_day(NINE), local_day(NINE)), appointment_for(session, coach, made.id)]
    for row in listed:
        assert row.newcomer is not None
        assert row.newcomer.language == "nl"
        assert row.coach.organisation.name
        assert row.place.name


ACTS: dict[str, Callable[[Session, Coach, int], object]] = {
    "see": appointment_for,
    "mark": lambda session, coach, number: mark_attendance(session, coach, number, attended=False, now=BEGUN),
    "times": lambda session, coach, number: times_for_move(session, coach, number, NOW),
    "move": lambda session, coach, number: move_by_coach(session, coach, number, NINE + timedelta(hours=1), NOW),
    "cancel": lambda session, coach, number: cancel_for(session, coach, number, NOW),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_a_coach_of_another_organisation_sees_and_changes_nothing(
    session: Session, act: Callable[[Session, Coach, int], object]
) -> None:
    made = booked(session)
    stranger = make_coach(session)
    for number in (made.id, made.id + 100):
        with pytest.raises(NoSuchAppointment):
            act(session, stranger, number)
    session.expire_all()
    assert (made.status, made.starts_at, made.sequence) == (AppointmentStatus.BOOKED, NINE, 0)
    assert [row for row in heard(session, made) if row.name.startswith(("change/", "attendance/"))] == []


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_a_colleague_may_do_all_of_it(session: Session, act: Callable[[Session, Coach, int], object]) -> None:
    made = booked(session)
    colleague = make_coach(session, organisation=made.coach.organisation)
    assert act(session, colleague, made.id)


def test_who_was_not_there_hears_it_once_and_in_the_day(session: Session) -> None:
    made = booked(session)
    for _ in range(2):
        marked = mark_attendance(session, made.coach, made.id, attended=False, now=BEGUN)
    assert marked.status is AppointmentStatus.NO_SHOW
    (message,) = heard(session, made, "attendance/")
    assert (message.name, message.keeps_quiet, message.newcomer_id) == (MISSED, True, made.newcomer_id)
    assert message.arguments["when"] == {"datetime": NINE.isoformat()}


def test_a_correction_takes_the_message_back_before_it_is_sent(session: Session) -> None:
    made = booked(session)
    mark_attendance(session, made.coach, made.id, attended=False, now=BEGUN)
    mark_attendance(session, made.coach, made.id, attended=True, now=BEGUN)
    assert made.status is AppointmentStatus.ATTENDED
    assert heard(session, made, "attendance/") == []
    mark_attendance(session, made.coach, made.id, attended=False, now=BEGUN)
    assert names(heard(session, made, "attendance/")) == [MISSED]


@pytest.mark.parametrize("values", [{"state": NotificationState.SENT}, {"leased_until": BEGUN + timedelta(seconds=5)}])
def test_what_is_sent_or_being_sent_stays_and_is_not_said_again(session: Session, values: dict[str, Any]) -> None:
    made = booked(session)
    mark_attendance(session, made.coach, made.id, attended=False, now=BEGUN)
    (message,) = heard(session, made, "attendance/")
    for name, value in values.items():
        setattr(message, name, value)
    session.flush()
    mark_attendance(session, made.coach, made.id, attended=True, now=BEGUN)
    mark_attendance(session, made.coach, made.id, attended=False, now=BEGUN)
    assert heard(session, made, "attendance/") == [message]


def test_the_coach_of_the_last_talk_is_the_own_coach(session: Session, now: datetime) -> None:
    newcomer = make_newcomer(session)
    first = booked(session, newcomer=newcomer)
    second = booked(session, newcomer=newcomer, starts_at=NINE + timedelta(hours=2))
    later = now + timedelta(days=3)
    mark_attendance(session, first.coach, first.id, attended=True, now=later)
    assert newcomer.coach_id == first.coach_id
    mark_attendance(session, second.coach, second.id, attended=True, now=later)
    assert newcomer.coach_id == second.coach_id
    mark_attendance(session, first.coach, first.id, attended=True, now=later)  # once more, and too late
    assert newcomer.coach_id == second.coach_id
    mark_attendance(session, second.coach, second.id, attended=False, now=later)  # it was a mistake
    assert newcomer.coach_id == first.coach_id
    mark_attendance(session, first.coach, first.id, attended=False, now=later)
    assert newcomer.coach_id is None


def test_nobody_was_there_or_not_before_it_began(session: Session) -> None:
    made = booked(session)
    with pytest.raises(TooEarly):
        mark_attendance(session, made.coach, made.id, attended=True, now=NINE - timedelta(minutes=1))
    assert mark_attendance(session, made.coach, made.id, attended=True, now=NINE)


def test_what_was_cancelled_is_not_marked(session: Session, now: datetime) -> None:
    newcomer = make_newcomer(session)
    made = booked(session, newcomer=newcomer)
    cancel_appointment(session, newcomer, made.id, now)
    with pytest.raises(AlreadyCancelled):
        mark_attendance(session, made.coach, made.id, attended=False, now=BEGUN)
    assert heard(session, made, "attendance/") == []


def test_a_talk_with_somebody_who_was_erased_can_be_marked(session: Session) -> None:
    coach = make_coach(session)
    made = make_appointment(session, None, coach, make_week(session, coach), starts_at=NINE)
    assert mark_attendance(session, coach, made.id, attended=False, now=BEGUN).status is AppointmentStatus.NO_SHOW
    assert session.scalar(select(func.count()).select_from(Notification)) == 0


def test_one_no_show_marked_many_times_at_once_is_told_once(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        made = booked(session)
    barrier = Barrier(6)

    def mark(_number: int) -> None:
        barrier.wait(timeout=30)
        with sessions.begin() as session:
            mark_attendance(session, session.get_one(Coach, made.coach_id), made.id, attended=False, now=BEGUN)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(mark, range(6)))
    with sessions() as session:
        assert names(heard(session, made, "attendance/")) == [MISSED]


def test_a_coach_moves_an_appointment_and_all_hear_it(session: Session, now: datetime) -> None:
    made = booked(session)
    later = NINE + timedelta(hours=1)
    moved = move_by_coach(session, made.coach, made.id, later, now)
    assert moved is made
    assert (moved.starts_at, moved.ends_at, moved.sequence) == (later, later + timedelta(minutes=30), 1)
    assert told(session)[2:] == [("booking/moved_coaches", None), ("booking/moved_coach", made.coach_id)]
    (letter,) = heard(session, made, "change/")
    assert letter.name == "change/coach_moved"
    assert letter.arguments["old"] == {"datetime": NINE.isoformat()}
    assert letter.arguments["when"] == {"datetime": later.isoformat()}
    assert letter.arguments["coach"] == made.coach.name
    assert coach_free_time(session, made.coach_id, NINE, now) is not None
    reminders = heard(session, made, "reminder/")
    assert {row.arguments["when"]["datetime"] for row in reminders} == {later.isoformat()}


def test_the_notice_that_newcomers_give_does_not_bind_the_coach(session: Session) -> None:
    made = booked(session)
    made.coach.notice_minutes, made.coach.change_minutes = 24 * 60, 24 * 60
    session.flush()
    soon = NINE - timedelta(minutes=30)
    assert times_for_move(session, made.coach, made.id, soon)[0].starts_at == NINE + timedelta(minutes=30)
    assert move_by_coach(session, made.coach, made.id, NINE + timedelta(minutes=30), soon).sequence == 1


def test_a_move_by_the_coach_to_where_it_is_changes_nothing(session: Session, now: datetime) -> None:
    made = booked(session)
    assert move_by_coach(session, made.coach, made.id, NINE, now).sequence == 0
    assert len(told(session)) == 2


def test_the_times_for_a_move_are_those_of_the_coach_for_the_same_way_to_meet(session: Session, now: datetime) -> None:
    coach, other = make_coach(session), make_coach(session)
    place = make_week(session, coach, "09:00", "10:30")
    make_week(session, other)
    by_telephone = make_availability(session, coach, 2, "13:00", "14:00", place=place)
    by_telephone.mode = Mode.TELEPHONE
    session.flush()
    made = booked(session, coach=coach)
    taken = booked(session, coach=coach, starts_at=NINE + timedelta(minutes=60))
    times = times_for_move(session, coach, made.id, now, limit=4)
    assert {free.coach_id for free in times} == {coach.id}
    assert [free.starts_at for free in times[:2]] == [
        datetime(2026, 11, 24, 8, 0, tzinfo=UTC),
        datetime(2026, 11, 24, 8, 30, tzinfo=UTC),
    ]
    assert len(times) == 4
    starts = [free.starts_at for free in times_for_move(session, coach, made.id, now, limit=100)]
    assert NINE + timedelta(minutes=30) in starts
    assert not {made.starts_at, taken.starts_at, NINE + timedelta(hours=4)} & set(starts)


def test_a_time_that_is_taken_or_not_the_coachs_is_refused(session: Session, now: datetime) -> None:
    made = booked(session)
    taken = booked(session, coach=made.coach, starts_at=NINE + timedelta(minutes=30))
    for wrong in (taken.starts_at, NINE + timedelta(hours=12)):
        with pytest.raises(TimeTaken) as refused:
            move_by_coach(session, made.coach, made.id, wrong, now)
        assert len(refused.value.alternatives) == 3
    session.refresh(made)
    assert (made.starts_at, made.sequence) == (NINE, 0)
    assert heard(session, made, "change/") == []


def test_a_time_that_is_lost_at_the_last_moment_leaves_all_as_it_was(
    session: Session, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = booked(session)
    wanted = NINE + timedelta(hours=1)
    free_before = coach_free_time(session, made.coach_id, wanted, now)
    booked(session, coach=made.coach, starts_at=wanted)
    monkeypatch.setattr(module, "coach_free_time", lambda *_, **__: free_before)
    with pytest.raises(TimeTaken):
        move_by_coach(session, made.coach, made.id, wanted, now)
    session.refresh(made)
    assert (made.starts_at, made.sequence) == (NINE, 0)
    steps = select(AppointmentStep.step_at).where(AppointmentStep.appointment_id == made.id)
    assert min(session.scalars(steps)) == NINE


def test_a_coach_does_not_move_somebody_onto_another_talk(session: Session, now: datetime) -> None:
    newcomer = make_newcomer(session)
    made = booked(session, newcomer=newcomer)
    booked(session, newcomer=newcomer, starts_at=NINE + timedelta(hours=1))
    with pytest.raises(Overlaps):
        move_by_coach(session, made.coach, made.id, NINE + timedelta(hours=1), now)


@pytest.mark.parametrize("act", [ACTS["times"], ACTS["move"], ACTS["cancel"]], ids=["times", "move", "cancel"])
def test_what_has_begun_or_is_cancelled_is_not_moved(
    session: Session, act: Callable[[Session, Coach, int], object]
) -> None:
    coach = make_coach(session)
    place = make_week(session, coach)
    begun = make_appointment(session, None, coach, place, starts_at=NOW)
    off = make_appointment(session, None, coach, place, status=AppointmentStatus.CANCELLED)
    with pytest.raises(TooLate):
        act(session, coach, begun.id)
    with pytest.raises(AlreadyCancelled):
        act(session, coach, off.id)


def test_who_has_an_appointment_hears_that_the_coach_cancels(session: Session, now: datetime) -> None:
    made = booked(session)
    cancel_by_coach(session, made, now)
    assert (made.status, made.cancelled_by, made.cancelled_at, made.sequence) == (
        AppointmentStatus.CANCELLED,
        Canceller.COACH,
        now,
        1,
    )
    (letter,) = heard(session, made, "change/")
    assert letter.name == "change/coach_cancelled"
    assert letter.arguments["when"] == {"datetime": NINE.isoformat()}
    assert told(session)[2:] == [("booking/cancelled_coaches", None), ("booking/cancelled_coach", made.coach_id)]
    last = session.scalars(select(Notification).where(Notification.name == "booking/cancelled_coach")).one()
    assert last.arguments["reason"] == {"text": "cancel_reason/coach"}
    assert heard(session, made, "reminder/") == []
    assert NINE in [free.starts_at for free in free_times(session, local_day(NINE), now)]
    with pytest.raises(AlreadyCancelled):
        cancel_by_coach(session, made, now)


def test_a_coach_cancels_one(session: Session, now: datetime) -> None:
    made = booked(session)
    assert cancel_for(session, made.coach, made.id, now).cancelled_by is Canceller.COACH
    assert names(heard(session, made, "change/")) == ["change/coach_cancelled"]


def test_who_calls_in_sick_cancels_that_day_and_no_other(session: Session) -> None:
    coach = make_coach(session)
    make_week(session, coach)
    before = booked(session, coach=coach)
    after = booked(session, coach=coach, starts_at=NINE + timedelta(hours=2))
    tomorrow = booked(session, coach=coach, starts_at=NINE + timedelta(days=1))
    assert call_in_sick(session, coach, local_day(NINE), BEGUN) == [after]
    assert [each.status for each in (before, after, tomorrow)] == [
        AppointmentStatus.BOOKED,
        AppointmentStatus.CANCELLED,
        AppointmentStatus.BOOKED,
    ]
    assert names(heard(session, after, "change/")) == ["change/coach_cancelled"]
    assert free_times(session, local_day(NINE), BEGUN) == []


def test_what_coaches_do_at_night_is_told_in_the_morning(session: Session) -> None:
    made = booked(session)
    for row in heard(session, made, "calendar/"):
        assert not row.keeps_quiet  # the newcomer asked for it
        row.state = NotificationState.SENT
    session.flush()
    move_by_coach(session, made.coach, made.id, NINE + timedelta(hours=1), EVENING)
    assert [row.keeps_quiet for row in heard(session, made, "change/")] == [True]
    assert [row.keeps_quiet for row in heard(session, made, "calendar/")] == [False, True]
    cancel_by_coach(session, made, EVENING)
    assert [row.keeps_quiet for row in heard(session, made, "change/")] == [True]
    assert [row.keeps_quiet for row in heard(session, made, "calendar/")] == [False, True]


def test_only_the_last_change_is_told_when_the_first_was_not_heard(session: Session) -> None:
    made = booked(session)
    move_by_coach(session, made.coach, made.id, NINE + timedelta(hours=1), EVENING)
    move_by_coach(session, made.coach, made.id, NINE + timedelta(hours=2), EVENING)
    (letter,) = heard(session, made, "change/")
    assert letter.arguments["old"] == {"datetime": NINE.isoformat()}
    assert letter.arguments["when"] == {"datetime": (NINE + timedelta(hours=2)).isoformat()}
    cancel_by_coach(session, made, EVENING)
    (letter,) = heard(session, made, "change/")
    assert (letter.name, letter.arguments["when"]) == ("change/coach_cancelled", {"datetime": NINE.isoformat()})


def test_a_move_and_the_way_back_are_not_told(session: Session) -> None:
    made = booked(session)
    move_by_coach(session, made.coach, made.id, NINE + timedelta(hours=1), EVENING)
    move_by_coach(session, made.coach, made.id, NINE, EVENING)
    assert heard(session, made, "change/") == []
    assert made.sequence == 2


def test_what_was_heard_is_followed_by_what_came_after(session: Session, now: datetime) -> None:
    made = booked(session)
    move_by_coach(session, made.coach, made.id, NINE + timedelta(hours=1), now)
    (first,) = heard(session, made, "change/")
    first.state = NotificationState.SENT
    session.flush()
    move_by_coach(session, made.coach, made.id, NINE + timedelta(hours=2), now)
    _, second = heard(session, made, "change/")
    assert second.arguments["old"] == {"datetime": (NINE + timedelta(hours=1)).isoformat()}


def test_an_erased_newcomer_hears_nothing_of_it(session: Session, now: datetime) -> None:
    coach = make_coach(session)
    made = make_appointment(session, None, coach, make_week(session, coach), starts_at=NINE)
    cancel_by_coach(session, made, now)
    assert heard(session, made) == []


@pytest.mark.parametrize("_round", range(4))
def test_a_coach_who_moves_what_its_newcomer_moves_or_erases_ends_well(
    sessions: sessionmaker[Session], now: datetime, _round: int
) -> None:
    with sessions.begin() as session:
        made = booked(session)
    barrier = Barrier(3)

    def by_coach(session: Session) -> object:
        coach = session.get_one(Coach, made.coach_id)
        return move_by_coach(session, coach, made.id, NINE + timedelta(hours=1), now)

    def by_newcomer(session: Session) -> object:
        newcomer = session.get_one(Newcomer, made.newcomer_id)
        return erase_newcomer(session, newcomer, now)

    def sick(session: Session) -> object:
        return call_in_sick(session, session.get_one(Coach, made.coach_id), local_day(NINE), now)

    def run(act: Callable[[Session], object]) -> str:
        barrier.wait(timeout=30)
        try:
            with sessions.begin() as session:
                act(session)
        except AlreadyCancelled:
            return "off"
        return "done"

    with ThreadPoolExecutor(3) as pool:
        results = list(pool.map(run, [by_coach, by_newcomer, sick]))
    assert results[1:] == ["done", "done"]
    with sessions() as session:
        row = session.get_one(Appointment, made.id)
        assert (row.status, row.newcomer_id, row.called_name) == (AppointmentStatus.CANCELLED, None, None)
        assert session.scalar(select(func.count()).select_from(AppointmentStep)) == 0
        assert session.scalars(select(Notification).where(Notification.newcomer_id.is_not(None))).all() == []
