from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from service.appointments import book_appointment
from service.availability import coach_free_time, free_days, free_times, nearest_free_times, steps_of
from service.clock import AMSTERDAM
from tests.factories import (
    make_appointment,
    make_availability,
    make_coach,
    make_newcomer,
    make_opening_exception,
    make_opening_time,
    make_request,
    make_week,
)

TUESDAY = date(2026, 11, 24)
WEDNESDAY = date(2026, 11, 25)


def local_starts(session: Session, day: date, now: datetime) -> list[str]:
    return [f"{free.starts_at.astimezone(AMSTERDAM):%H:%M}" for free in free_times(session, day, now)]


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=AMSTERDAM)


def test_free_times_follow_the_coach_s_week(session: Session, now: datetime) -> None:
    make_week(session, make_coach(session), "09:00", "11:00")
    assert local_starts(session, WEDNESDAY, now) == ["09:00", "09:30", "10:00", "10:30"]
    assert local_starts(session, date(2026, 11, 28), now) == []


def test_a_free_time_says_who_and_where(session: Session, now: datetime) -> None:
    coach = make_coach(session)
    place = make_week(session, coach, "09:00", "09:30")
    free = free_times(session, WEDNESDAY, now)[0]
    assert (free.coach_id, free.coach_name, free.organisation) == (coach.id, coach.name, coach.organisation.name)
    assert free.place_id == place.id
    assert free.starts_at == datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
    assert free.ends_at - free.starts_at == timedelta(minutes=30)


def test_the_first_time_is_an_hour_from_now(session: Session) -> None:
    make_week(session, make_coach(session), "09:00", "11:00")
    assert local_starts(session, TUESDAY, at(TUESDAY, 8, 30)) == ["09:30", "10:00", "10:30"]
    assert local_starts(session, TUESDAY, at(TUESDAY, 8, 31)) == ["10:00", "10:30"]
    assert local_starts(session, TUESDAY, at(TUESDAY, 12)) == []


def test_the_last_time_is_28_days_from_now(session: Session) -> None:
    make_week(session, make_coach(session), "09:00", "11:00")
    last = TUESDAY - timedelta(days=28)
    assert local_starts(session, TUESDAY, at(last, 10)) == ["09:00", "09:30", "10:00"]
    assert local_starts(session, WEDNESDAY, at(last, 10)) == []


def test_length_and_buffer_set_the_pace(session: Session, now: datetime) -> None:
    make_week(session, make_coach(session, appointment_minutes=45, buffer_minutes=15), "09:00", "11:45")
    assert local_starts(session, WEDNESDAY, now) == ["09:00", "10:00", "11:00"]


def test_an_appointment_that_does_not_fit_is_not_offered(session: Session, now: datetime) -> None:
    make_week(session, make_coach(session, appointment_minutes=45), "09:00", "10:00")
    assert local_starts(session, WEDNESDAY, now) == ["09:00"]


def test_a_coach_who_left_is_not_offered(session: Session, now: datetime) -> None:
    make_week(session, make_coach(session, is_active=False))
    assert free_days(session, now) == []
    assert nearest_free_times(session, now, now) == []


def test_a_taken_time_is_not_free_and_its_neighbours_are(session: Session, now: datetime) -> None:
    coach = make_coach(session)
    make_week(session, coach, "09:00", "10:30")
    book_appointment(session, make_newcomer(session), make_request(coach, at(WEDNESDAY, 9, 30)), now)
    assert local_starts(session, WEDNESDAY, now) == ["09:00", "10:00"]


def test_a_changed_week_keeps_clear_of_what_is_booked(session: Session, now: datetime) -> None:
    coach = make_coach(session)
    make_availability(session, coach, 2, "09:00", "10:00")
    book_appointment(session, make_newcomer(session), make_request(coach, at(WEDNESDAY, 9)), now)
    make_availability(session, coach, 2, "09:15", "10:45")
    assert local_starts(session, WEDNESDAY, now) == ["09:30", "09:45", "10:15"]


def test_one_time_is_offered_once_by_the_coach_with_the_fewest_appointments(session: Session, now: datetime) -> None:
    busy, idle = make_coach(session), make_coach(session)
    place = make_week(session, busy, "09:00", "10:00")
    make_week(session, idle, "09:00", "10:00")
    make_appointment(session, None, busy, place, starts_at=at(WEDNESDAY, 15))
    found = free_times(session, WEDNESDAY, now)
    assert [free.coach_id for free in found] == [idle.id, idle.id]


def test_public_holidays_are_not_offered(session: Session) -> None:
    make_week(session, make_coach(session))
    before = at(date(2026, 12, 23), 17)
    assert local_starts(session, date(2026, 12, 25), before) == []
    assert free_days(session, before, limit=3) == [date(2026, 12, 24), date(2026, 12, 28), date(2026, 12, 29)]


def test_a_closing_day_of_the_place_is_not_offered(session: Session, now: datetime) -> None:
    place = make_week(session, make_coach(session))
    make_opening_exception(session, place, WEDNESDAY)
    assert local_starts(session, WEDNESDAY, now) == []
    assert WEDNESDAY not in free_days(session, now)


def test_other_times_of_the_place_cut_the_coach_s_day(session: Session, now: datetime) -> None:
    place = make_week(session, make_coach(session), "09:00", "12:00")
    make_opening_exception(session, place, WEDNESDAY, "09:40", "11:00")
    make_opening_exception(session, place, WEDNESDAY, "11:00", "11:30")
    assert local_starts(session, WEDNESDAY, now) == ["10:00", "10:30", "11:00"]


def test_an_exception_decides_over_a_public_holiday(session: Session) -> None:
    place = make_week(session, make_coach(session), "09:00", "12:00")
    make_opening_exception(session, place, date(2026, 12, 25), "09:00", "10:00")
    assert local_starts(session, date(2026, 12, 25), at(date(2026, 12, 23), 9)) == ["09:00", "09:30"]


def test_a_confirmed_week_plan_of_the_place_cuts_the_coach_s_day(session: Session, now: datetime) -> None:
    place = make_week(session, make_coach(session), "09:00", "11:00")
    make_opening_time(session, place, 2, "10:00", "12:00", confirmed_on=TUESDAY)
    assert local_starts(session, WEDNESDAY, now) == ["10:00", "10:30"]
    assert local_starts(session, date(2026, 11, 26), now) == []


def test_a_week_plan_that_is_not_confirmed_does_not_count(session: Session, now: datetime) -> None:
    place = make_week(session, make_coach(session), "09:00", "10:00")
    make_opening_time(session, place, 2, "13:00", "14:00", is_sample=True)
    assert local_starts(session, WEDNESDAY, now) == ["09:00", "09:30"]


def test_the_nearest_times_come_nearest_first(session: Session, now: datetime) -> None:
    make_week(session, make_coach(session), "09:00", "12:00")
    wanted = at(WEDNESDAY, 10)
    found = [free.starts_at for free in nearest_free_times(session, wanted, now)]
    assert found == [at(WEDNESDAY, 10), at(WEDNESDAY, 9, 30), at(WEDNESDAY, 10, 30)]


@pytest.mark.parametrize(
    ("day", "hours_from_utc"),
    [
        (date(2026, 3, 28), 1),
        (date(2026, 3, 29), 2),
        (date(2026, 10, 24), 2),
        (date(2026, 10, 25), 1),
    ],
)
def test_local_times_are_right_on_both_sides_of_the_clock_changes(
    session: Session, day: date, hours_from_utc: int
) -> None:
    make_availability(session, make_coach(session), day.weekday(), "09:00", "10:00")
    found = free_times(session, day, at(day - timedelta(days=3), 12))
    first = datetime(day.year, day.month, day.day, 9, tzinfo=UTC) - timedelta(hours=hours_from_utc)
    assert [free.starts_at for free in found] == [first, first + timedelta(minutes=30)]


def test_the_skipped_hour_is_not_offered(session: Session) -> None:
    day = date(2026, 3, 29)
    make_availability(session, make_coach(session, appointment_minutes=60), 6, "01:00", "05:00")
    assert local_starts(session, day, at(day - timedelta(days=3), 12)) == ["01:00", "03:00", "04:00"]


def test_the_hour_that_comes_twice_is_worked_twice(session: Session) -> None:
    day = date(2026, 10, 25)
    make_availability(session, make_coach(session, appointment_minutes=60), 6, "01:00", "04:00")
    found = free_times(session, day, at(day - timedelta(days=3), 12))
    assert len(found) == 4
    assert all(one.ends_at <= two.starts_at for one, two in pairwise(found))


def test_a_time_is_free_for_its_own_coach_only(session: Session, now: datetime) -> None:
    coach, other = make_coach(session), make_coach(session)
    make_week(session, coach)
    assert coach_free_time(session, coach.id, at(WEDNESDAY, 9), now) is not None
    assert coach_free_time(session, other.id, at(WEDNESDAY, 9), now) is None
    assert coach_free_time(session, coach.id, at(WEDNESDAY, 9, 5), now) is None


moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(  # noqa: DTZ001 - hypothesis wants naive bounds
    lambda moment: moment.replace(second=0, microsecond=0, tzinfo=UTC)
)
lengths = st.integers(1, 120)


@given(moments, lengths, st.integers(-200, 200), lengths, st.integers(0, 30))
def test_two_times_share_a_step_if_they_overlap(
    start: datetime, length: int, distance: int, other_length: int, buffer: int
) -> None:
    other = start + timedelta(minutes=distance)
    end, other_end = start + timedelta(minutes=length), other + timedelta(minutes=other_length)
    overlap = start < other_end + timedelta(minutes=buffer) and other < end + timedelta(minutes=buffer)
    shared = set(steps_of(start, end, buffer)) & set(steps_of(other, other_end, buffer))
    if overlap:
        assert shared
    if length % 5 == distance % 5 == other_length % 5 == buffer % 5 == start.minute % 5 == 0:
        assert bool(shared) == overlap
