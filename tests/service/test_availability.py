from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select
from sqlalchemy.orm import Session, sessionmaker

from service.appointments import book_appointment
from service.availability import (
    FreeTime,
    Wish,
    all_free_times,
    coach_free_time,
    free_coaches,
    free_days,
    free_times,
    nearest_free_times,
    next_free_times,
    steps_of,
)
from service.clock import AMSTERDAM
from service.days import DayPart, local_day, moment_of, part_of
from service.opening import holiday_on
from store.models import (
    Appointment,
    AppointmentStatus,
    AppointmentStep,
    Area,
    Availability,
    AvailabilityException,
    Coach,
    Leave,
    Mode,
    OpeningException,
    OpeningTime,
)
from tests.factories import (
    make_appointment,
    make_availability,
    make_availability_exception,
    make_coach,
    make_coach_area,
    make_coach_language,
    make_leave,
    make_newcomer,
    make_opening_exception,
    make_opening_time,
    make_place,
    make_request,
    make_week,
)

TUESDAY = date(2026, 11, 24)
WEDNESDAY = date(2026, 11, 25)
THURSDAY = date(2026, 11, 26)


def local_starts(session: Session, day: date, now: datetime) -> list[str]:
    return [f"{free.starts_at.astimezone(AMSTERDAM):%H:%M}" for free in free_times(session, day, now)]


def starts(found: list[FreeTime]) -> list[str]:
    return [f"{free.starts_at.astimezone(AMSTERDAM):%d %H:%M}" for free in found]


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
    assert (free.place_id, free.place_name, free.mode) == (place.id, place.name, None)
    assert free.starts_at == datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
    assert free.ends_at - free.starts_at == timedelta(minutes=30)


@pytest.mark.parametrize("notice", [0, 60, 24 * 60, 7 * 24 * 60])
def test_the_first_time_is_as_far_away_as_the_coach_says(session: Session, notice: int) -> None:
    make_week(session, make_coach(session, notice_minutes=notice), "09:00", "11:00")
    now = at(TUESDAY, 9, 30) - timedelta(minutes=notice)
    assert local_starts(session, TUESDAY, now) == ["09:30", "10:00", "10:30"]
    assert local_starts(session, TUESDAY, now + timedelta(minutes=1)) == ["10:00", "10:30"]


@pytest.mark.parametrize("ahead", [28, 3])
def test_the_last_time_is_as_far_away_as_the_coach_says(session: Session, ahead: int) -> None:
    make_week(session, make_coach(session, ahead_days=ahead), "09:00", "11:00")
    last = TUESDAY - timedelta(days=ahead)
    assert local_starts(session, TUESDAY, at(last, 10)) == ["09:00", "09:30", "10:00"]
    assert local_starts(session, WEDNESDAY, at(last, 10)) == []


def test_each_coach_has_limits_of_the_own(session: Session, now: datetime) -> None:
    soon = make_coach(session, notice_minutes=0, ahead_days=1)
    late = make_coach(session, notice_minutes=24 * 60)
    make_week(session, soon, "10:00", "10:30")
    make_week(session, late, "10:00", "10:30")
    found = {(local_day(free.starts_at), free.coach_id) for free in all_free_times(session, now)}
    assert (TUESDAY, soon.id) in found
    assert (TUESDAY, late.id) not in found
    assert (WEDNESDAY, late.id) in found
    assert (THURSDAY, soon.id) not in found


def test_the_coach_who_looks_needs_no_notice(session: Session, now: datetime) -> None:
    coach = make_coach(session, notice_minutes=24 * 60)
    make_week(session, coach, "09:00", "10:00")
    assert starts(next_free_times(session, now, limit=1)) == ["25 09:00"]
    assert starts(next_free_times(session, now, limit=1, heeds_notice=False)) == ["24 09:00"]
    assert coach_free_time(session, coach.id, at(TUESDAY, 9, 30), now) is None
    assert coach_free_time(session, coach.id, at(TUESDAY, 9, 30), now, heeds_notice=False) is not None
    assert coach_free_time(session, coach.id, at(TUESDAY, 9), at(TUESDAY, 9, 1), heeds_notice=False) is None


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


def test_a_break_is_the_gap_between_two_spans(session: Session, now: datetime) -> None:
    coach, place = make_coach(session), make_place(session)
    make_availability(session, coach, 2, "09:00", "10:10", place=place)
    make_availability(session, coach, 2, "10:25", "11:25", place=place)
    assert local_starts(session, WEDNESDAY, now) == ["09:00", "09:30", "10:25", "10:55"]


def test_a_coach_is_at_several_places_on_one_day(session: Session, now: datetime) -> None:
    coach, first, second = make_coach(session), make_place(session), make_place(session)
    make_availability(session, coach, 2, "09:00", "09:30", place=first)
    make_availability(session, coach, 2, "13:00", "13:30", place=second)
    make_opening_exception(session, first, WEDNESDAY)
    make_availability(session, coach, 3, "09:00", "09:30", place=first)
    assert [(free.place_name, free.place_id) for free in next_free_times(session, now, limit=2)] == [
        (second.name, second.id),
        (first.name, first.id),
    ]


def test_a_coach_on_leave_is_not_offered(session: Session, now: datetime) -> None:
    coach = make_coach(session)
    make_week(session, coach, "09:00", "09:30")
    make_leave(session, coach, WEDNESDAY, THURSDAY)
    make_leave(session, make_coach(session), date(2026, 11, 27))
    assert free_days(session, now, limit=2) == [date(2026, 11, 27), date(2026, 11, 30)]
    assert coach_free_time(session, coach.id, at(THURSDAY, 9), now) is None


def test_leave_that_began_long_ago_and_ends_far_away_counts(session: Session, now: datetime) -> None:
    coach = make_coach(session)
    make_week(session, coach)
    make_leave(session, coach, date(2026, 1, 1), date(2027, 12, 31))
    assert all_free_times(session, now) == []


def test_an_exception_replaces_the_whole_week_of_that_day(session: Session, now: datetime) -> None:
    coach = make_coach(session)
    place = make_week(session, coach, "09:00", "10:00")
    make_availability_exception(session, coach, WEDNESDAY, "13:00", "13:30", place=place)
    make_availability_exception(session, coach, WEDNESDAY, "15:00", "15:30", place=place)
    make_availability_exception(session, coach, THURSDAY)
    assert local_starts(session, WEDNESDAY, now) == ["13:00", "15:00"]
    assert local_starts(session, THURSDAY, now) == []
    assert local_starts(session, date(2026, 11, 27), now) == ["09:00", "09:30"]


def test_a_coach_can_have_single_dates_only(session: Session, now: datetime) -> None:
    coach, place = make_coach(session), make_place(session)
    make_availability_exception(session, coach, date(2026, 11, 28), "10:00", "10:30", place=place)
    found = next_free_times(session, now)
    assert starts(found) == ["28 10:00"]
    assert (found[0].place_name, found[0].coach_id) == (place.name, coach.id)


def test_an_exception_of_the_coach_opens_no_closed_door(session: Session) -> None:
    coach = make_coach(session)
    place = make_week(session, coach)
    make_opening_exception(session, place, date(2026, 12, 24))
    for day in (date(2026, 12, 24), date(2026, 12, 25)):
        make_availability_exception(session, coach, day, "09:00", "10:00", place=place)
        assert local_starts(session, day, at(date(2026, 12, 22), 9)) == []


@pytest.mark.parametrize("status", [AppointmentStatus.BOOKED, AppointmentStatus.ATTENDED, AppointmentStatus.NO_SHOW])
def test_a_coach_with_the_most_appointments_of_a_day_is_full(
    session: Session, now: datetime, status: AppointmentStatus
) -> None:
    coach = make_coach(session, most_a_day=2)
    place = make_week(session, coach, "09:00", "12:00")
    make_appointment(session, None, coach, place, starts_at=at(WEDNESDAY, 0), status=status)
    make_appointment(session, None, coach, place, starts_at=at(THURSDAY, 0), status=status)
    make_appointment(session, None, coach, place, starts_at=at(WEDNESDAY, 8), status=AppointmentStatus.CANCELLED)
    assert len(local_starts(session, WEDNESDAY, now)) == 6
    make_appointment(session, None, coach, place, starts_at=at(WEDNESDAY, 23, 55), status=status)
    assert local_starts(session, WEDNESDAY, now) == []
    assert len(local_starts(session, THURSDAY, now)) == 6


def test_the_most_of_a_day_is_counted_for_each_coach(session: Session, now: datetime) -> None:
    coach, other = make_coach(session, most_a_day=1), make_coach(session, most_a_day=1)
    place = make_week(session, coach, "09:00", "09:30")
    make_week(session, other, "09:00", "09:30")
    make_appointment(session, None, coach, place, starts_at=at(WEDNESDAY, 15))
    assert [free.coach_id for free in free_times(session, WEDNESDAY, now)] == [other.id]


def test_an_appointment_that_is_to_move_is_in_nobody_s_way(session: Session, now: datetime) -> None:
    coach = make_coach(session, most_a_day=1)
    make_availability(session, coach, 2, "09:00", "10:00")
    booked = book_appointment(session, make_newcomer(session), make_request(coach, at(WEDNESDAY, 9)), now)
    for starts_at in (at(WEDNESDAY, 9), at(WEDNESDAY, 9, 30)):
        assert coach_free_time(session, coach.id, starts_at, now) is None
        assert coach_free_time(session, coach.id, starts_at, now, without=booked) is not None
    assert free_times(session, WEDNESDAY, now) == []
    both = ["25 09:00", "25 09:30"]
    assert starts(free_times(session, WEDNESDAY, now, without=booked)) == both
    assert starts(next_free_times(session, now, limit=2, without=booked)) == both
    assert starts(nearest_free_times(session, at(WEDNESDAY, 9), now, 2, without=booked)) == both


def test_a_span_for_the_telephone_needs_no_open_door(session: Session, now: datetime) -> None:
    coach, place = make_coach(session), make_place(session)
    make_availability(session, coach, 2, "18:00", "18:30", place=place, mode=Mode.TELEPHONE)
    make_availability(session, coach, 2, "09:00", "09:30", place=place)
    make_opening_time(session, place, 2, "10:00", "17:00", confirmed_on=TUESDAY)
    found = free_times(session, WEDNESDAY, now)
    assert [(free.mode, *starts([free])) for free in found] == [(Mode.TELEPHONE, "25 18:00")]
    make_opening_exception(session, place, WEDNESDAY)
    assert free_times(session, WEDNESDAY, now) == []


def test_a_span_for_the_telephone_is_no_public_holiday(session: Session) -> None:
    make_availability(session, make_coach(session), 4, mode=Mode.TELEPHONE)
    assert local_starts(session, date(2026, 12, 25), at(date(2026, 12, 23), 9)) == []


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (None, ["25 09:00", "25 13:00", "25 18:00"]),
        (Mode.PLACE, ["25 09:00", "25 13:00"]),
        (Mode.TELEPHONE, ["25 09:00", "25 18:00"]),
    ],
)
def test_a_span_can_be_for_one_way_to_meet(
    session: Session, now: datetime, mode: Mode | None, expected: list[str]
) -> None:
    coach, place = make_coach(session), make_place(session)
    make_availability(session, coach, 2, "09:00", "09:30", place=place)
    make_availability(session, coach, 2, "13:00", "13:30", place=place, mode=Mode.PLACE)
    make_availability(session, coach, 2, "18:00", "18:30", place=place, mode=Mode.TELEPHONE)
    assert starts(free_times(session, WEDNESDAY, now, wish=Wish(mode=mode))) == expected
    evening = coach_free_time(session, coach.id, at(WEDNESDAY, 18), now, mode=mode)
    assert (evening is None) == (mode is Mode.PLACE)


def test_a_wish_is_heeded_by_every_question(session: Session, now: datetime) -> None:
    suits, other = make_coach(session), make_coach(session)
    make_coach_language(session, suits, "ar")
    make_coach_area(session, suits, Area.MONEY)
    make_coach_area(session, other, Area.WORK)
    make_week(session, suits, "10:00", "10:30")
    make_week(session, other, "09:00", "10:00")
    for wish in (
        Wish(area=Area.MONEY),
        Wish(language="ar"),
        Wish(coach_id=suits.id),
        Wish(area=Area.MONEY, language="ar", mode=Mode.PLACE, coach_id=suits.id),
    ):
        assert starts(free_times(session, WEDNESDAY, now, wish=wish)) == ["25 10:00"]
        assert starts(next_free_times(session, now, wish=wish, limit=1)) == ["24 10:00"]
        assert starts(nearest_free_times(session, at(WEDNESDAY, 9), now, 1, wish=wish)) == ["25 10:00"]
        assert {free.coach_id for free in all_free_times(session, now, wish=wish)} == {suits.id}
        assert free_days(session, now, 1, wish=wish) == [TUESDAY]
    for wish in (Wish(area=Area.HEALTH), Wish(language="tr"), Wish(language="ar", coach_id=other.id)):
        assert free_days(session, now, wish=wish) == []
        assert next_free_times(session, now, wish=wish) == []


def test_the_next_times_go_on_after_a_moment(session: Session, now: datetime) -> None:
    make_week(session, make_coach(session), "09:00", "10:30")
    assert starts(next_free_times(session, now)) == ["24 10:00", "25 09:00", "25 09:30", "25 10:00"]
    later = next_free_times(session, now, after=at(WEDNESDAY, 9, 30), limit=3)
    assert starts(later) == ["25 10:00", "26 09:00", "26 09:30"]
    assert next_free_times(session, now, after=now + timedelta(days=400)) == []
    assert starts(next_free_times(session, now, after=now - timedelta(days=3), limit=1)) == ["24 10:00"]


def test_the_next_times_can_be_far_away(session: Session, now: datetime) -> None:
    coach = make_coach(session)
    make_week(session, coach, "09:00", "09:30")
    make_leave(session, coach, TUESDAY, TUESDAY + timedelta(days=24))
    assert starts(next_free_times(session, now, limit=2)) == ["21 09:00", "22 09:00"]
    assert free_days(session, now, limit=1) == [date(2026, 12, 21)]
    assert starts(nearest_free_times(session, at(WEDNESDAY, 9), now, limit=1)) == ["21 09:00"]


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (DayPart.MORNING, ["25 11:30", "26 11:30"]),
        (DayPart.AFTERNOON, ["24 12:00", "24 16:30"]),
        (DayPart.EVENING, ["24 17:00", "25 17:00"]),
    ],
)
def test_the_next_times_can_be_of_one_part_of_the_day(
    session: Session, now: datetime, part: DayPart, expected: list[str]
) -> None:
    coach, place = make_coach(session, notice_minutes=180), make_place(session)
    for weekday in range(5):
        make_availability(session, coach, weekday, "11:30", "12:30", place=place)
        make_availability(session, coach, weekday, "16:30", "17:30", place=place)
    assert starts(next_free_times(session, now, part=part, limit=2)) == expected


def test_a_buffer_that_reaches_beyond_midnight_keeps_clear_of_the_next_day(session: Session, now: datetime) -> None:
    coach = make_coach(session, buffer_minutes=60)
    make_availability(session, coach, 2, "23:00", "23:30")
    make_availability(session, coach, 3, "00:05", "00:35")
    assert starts(free_times(session, WEDNESDAY, now)) == ["25 23:00"]
    book_appointment(session, make_newcomer(session), make_request(coach, at(THURSDAY, 0, 5)), now)
    assert free_times(session, WEDNESDAY, now) == []


def test_the_nearest_time_can_lie_just_before_on_the_same_day(session: Session, now: datetime) -> None:
    coach, place = make_coach(session), make_place(session)
    make_availability(session, coach, 2, "22:00", "22:30", place=place)
    make_availability(session, coach, 3, "09:00", "09:30", place=place)
    for wanted, expected in ((at(WEDNESDAY, 23), ["25 22:00"]), (at(THURSDAY, 7), ["26 09:00"])):
        assert starts(nearest_free_times(session, wanted, now, limit=1)) == expected


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25), TUESDAY])
def test_a_part_of_the_day_is_a_local_one(day: date) -> None:
    parts = [part_of(moment_of(day, time(hour, minute))) for hour in (0, 11, 12, 16, 17, 23) for minute in (0, 59)]
    assert parts == [DayPart.MORNING] * 4 + [DayPart.AFTERNOON] * 4 + [DayPart.EVENING] * 4


def test_all_times_are_of_every_coach(session: Session, now: datetime) -> None:
    first, second = make_coach(session), make_coach(session)
    make_week(session, second, "10:00", "10:30")
    make_week(session, first, "10:00", "11:00")
    found = all_free_times(session, now, before=at(WEDNESDAY, 10, 30))
    assert [(free.coach_id, *starts([free])) for free in found] == [
        (first.id, "24 10:00"),
        (second.id, "24 10:00"),
        (first.id, "24 10:30"),
        (first.id, "25 10:00"),
        (second.id, "25 10:00"),
    ]
    assert len(all_free_times(session, now)) > len(found)


def test_free_times_cost_few_queries_however_many_coaches_there_are(session: Session, now: datetime) -> None:
    costs = []
    for _ in range(2):
        for _ in range(6):
            coach = make_coach(session, most_a_day=8)
            make_coach_language(session, coach, "ar")
            make_week(session, coach)
        session.expire_all()
        costs.append(
            [
                _queries(session, lambda: next_free_times(session, now, wish=Wish(language="ar"))),
                _queries(session, lambda: free_times(session, WEDNESDAY, now)),
                _queries(session, lambda: nearest_free_times(session, at(WEDNESDAY, 12), now)),
                _queries(session, lambda: all_free_times(session, now)),
            ]
        )
    assert costs[0] == costs[1]
    assert max(costs[0][:3]) <= 11
    assert costs[0][3] <= 18


def _queries(session: Session, ask: Callable[[], list[FreeTime]]) -> int:
    counted: list[str] = []

    def count(*arguments: Any) -> None:
        counted.append(arguments[2])

    connection = session.connection()
    session.expire_all()
    event.listen(connection, "before_cursor_execute", count)
    try:
        assert ask()
    finally:
        event.remove(connection, "before_cursor_execute", count)
    return len(counted)


def test_a_time_is_free_for_its_own_coach_only(session: Session, now: datetime) -> None:
    coach, other = make_coach(session), make_coach(session)
    make_week(session, coach)
    assert coach_free_time(session, coach.id, at(WEDNESDAY, 9), now) is not None
    assert coach_free_time(session, other.id, at(WEDNESDAY, 9), now) is None
    assert coach_free_time(session, coach.id, at(WEDNESDAY, 9, 5), now) is None


DAYS = 6  # of the worlds below: enough for a weekend, a feast or a clock change
FIRST_DAYS = [
    date(2026, 3, 27),  # before the clock goes forward
    date(2026, 10, 23),  # before it goes back
    date(2026, 12, 22),  # before Christmas
    date(2026, 11, 23),
]
FIVE = timedelta(minutes=5)

offsets = st.integers(0, DAYS - 1)
times = st.integers(0, 24 * 12 - 1).map(lambda count: time(count // 12, count % 12 * 5))
spans = st.tuples(times, times).filter(lambda span: span[0] < span[1])
modes = st.sampled_from([None, Mode.PLACE, Mode.TELEPHONE])


def begins(row: tuple[Any, ...]) -> tuple[int, time | None]:
    """Say on which day and when a drawn row begins: the store wants no two that begin together."""
    return row[0], row[1] and row[1][0]


@dataclass(frozen=True)
class CoachPlan:
    """What is set for a coach; days are counted from the first day of the world."""

    minutes: int
    buffer: int
    most_a_day: int | None
    notice: int
    ahead: int
    week: list[tuple[int, tuple[time, time], Mode | None]]
    exceptions: list[tuple[int, tuple[time, time] | None]]
    leave: list[tuple[int, int]]
    booked: list[tuple[int, time]]


@dataclass(frozen=True)
class PlacePlan:
    """What is set for the place, and the first day of the world."""

    first: date
    exceptions: list[tuple[int, tuple[time, time] | None]]
    week: list[tuple[int, tuple[time, time]]]


coach_plans = st.builds(
    CoachPlan,
    minutes=st.sampled_from([15, 30, 45, 90]),
    buffer=st.sampled_from([0, 5, 20]),
    most_a_day=st.sampled_from([None, None, 1, 2]),
    notice=st.sampled_from([0, 60, 24 * 60]),
    ahead=st.integers(1, DAYS),
    week=st.lists(st.tuples(offsets, spans, modes), min_size=1, max_size=6, unique_by=begins),
    exceptions=st.lists(st.tuples(offsets, st.none() | spans), max_size=3, unique_by=begins),
    leave=st.lists(st.tuples(offsets, st.integers(0, 2)), max_size=2),
    booked=st.lists(st.tuples(offsets, times), max_size=4),
)
place_plans = st.builds(
    PlacePlan,
    first=st.sampled_from(FIRST_DAYS),
    exceptions=st.lists(st.tuples(offsets, st.none() | spans), max_size=2, unique_by=begins),
    week=st.lists(st.tuples(offsets, spans), max_size=3, unique_by=begins),
)


class Slot(NamedTuple):
    """A start that is tried; `mode` is the only way to meet."""

    coach: Coach
    day: date
    mode: Mode | None
    starts_at: datetime
    ends_at: datetime


class World:
    """A drawn world in the store, and a slow and simple reading of what is free in it."""

    def __init__(self, session: Session, place_plan: PlacePlan, coach_plans: list[CoachPlan]) -> None:
        self.session = session
        first = place_plan.first
        self.days = [first + timedelta(days=ahead) for ahead in range(-1, DAYS + 8)]
        self.place = make_place(session)
        self._taken: set[tuple[int, datetime]] = set()
        self._first = first
        session.add_all(
            OpeningException(place_id=self.place.id, day=self._day(offset), **_span(span, "opens", "closes"))
            for offset, span in place_plan.exceptions
        )
        session.add_all(
            OpeningTime(
                place_id=self.place.id,
                weekday=self._day(offset).weekday(),
                confirmed_on=first,
                **_span(span, "opens", "closes"),
            )
            for offset, span in place_plan.week
        )
        self.coaches = [self._make(plan) for plan in coach_plans]
        kinds = (Appointment, Availability, AvailabilityException, Leave, OpeningException, OpeningTime)
        self._rows: dict[Any, list[Any]] = {kind: list(session.scalars(select(kind))) for kind in kinds}

    def _day(self, offset: int) -> date:
        return self._first + timedelta(days=offset)

    def _make(self, plan: CoachPlan) -> Coach:
        coach = make_coach(
            self.session,
            appointment_minutes=plan.minutes,
            buffer_minutes=plan.buffer,
            most_a_day=plan.most_a_day,
            notice_minutes=plan.notice,
            ahead_days=plan.ahead,
        )
        place = {"coach_id": coach.id, "place_id": self.place.id}
        self.session.add_all(
            Availability(weekday=self._day(offset).weekday(), mode=mode, **place, **_span(span, "starts", "ends"))
            for offset, span, mode in plan.week
        )
        self.session.add_all(
            AvailabilityException(
                day=self._day(offset), **(place if span else {"coach_id": coach.id}), **_span(span, "starts", "ends")
            )
            for offset, span in plan.exceptions
        )
        for offset, length in plan.leave:
            make_leave(self.session, coach, self._day(offset), self._day(offset + length))
        for offset, starts in plan.booked:
            self._book(coach, moment_of(self._day(offset), starts))
        self.session.flush()
        return coach

    def _book(self, coach: Coach, starts_at: datetime) -> None:
        ends_at = starts_at + timedelta(minutes=coach.appointment_minutes)
        steps = {(coach.id, step) for step in steps_of(starts_at, ends_at, coach.buffer_minutes)}
        if steps.isdisjoint(self._taken):
            self._taken |= steps
            made = make_appointment(self.session, None, coach, self.place, starts_at=starts_at, ends_at=ends_at)
            self.session.add_all(
                AppointmentStep(coach_id=coach_id, step_at=step, appointment_id=made.id) for coach_id, step in steps
            )

    def free(self, now: datetime, mode: Mode | None) -> set[tuple[datetime, int]]:
        """Try every start of every span of every day, each rule by itself."""
        return {
            (slot.starts_at, slot.coach.id)
            for coach in self.coaches
            for day in self.days
            for slot in self._slots(coach, day)
            if mode in (None, slot.mode) or slot.mode is None
            if timedelta(minutes=coach.notice_minutes) <= slot.starts_at - now <= timedelta(days=coach.ahead_days)
            if self._is_there(slot) and self._is_not_taken(slot) and self._is_open(slot)
        }

    def _slots(self, coach: Coach, day: date) -> Iterator[Slot]:
        length = timedelta(minutes=coach.appointment_minutes)
        for starts, ends, mode in self._spans(coach, day):
            starts_at, end = moment_of(day, starts), moment_of(day, ends)
            while starts_at + length <= end:
                yield Slot(coach, day, mode, starts_at, starts_at + length)
                starts_at += length + timedelta(minutes=coach.buffer_minutes)

    def _spans(self, coach: Coach, day: date) -> list[tuple[time, time, Mode | None]]:
        others = [row for row in self._rows[AvailabilityException] if (row.coach_id, row.day) == (coach.id, day)]
        if others:
            return [(row.starts, row.ends, None) for row in others if row.starts]
        return [
            (row.starts, row.ends, row.mode)
            for row in self._rows[Availability]
            if (row.coach_id, row.weekday) == (coach.id, day.weekday())
        ]

    def _is_there(self, slot: Slot) -> bool:
        leaves = [row for row in self._rows[Leave] if row.coach_id == slot.coach.id]
        return not any(row.first_day <= slot.day <= row.last_day for row in leaves)

    def _is_not_taken(self, slot: Slot) -> bool:
        taken = [row for row in self._rows[Appointment] if row.coach_id == slot.coach.id]
        on_day = [each for each in taken if local_day(each.starts_at) == slot.day]
        if slot.coach.most_a_day is not None and len(on_day) >= slot.coach.most_a_day:
            return False
        buffer = timedelta(minutes=slot.coach.buffer_minutes)
        return not any(
            each.starts_at < slot.ends_at + buffer and slot.starts_at < each.ends_at + buffer for each in taken
        )

    def _is_open(self, slot: Slot) -> bool:
        exceptions = [row for row in self._rows[OpeningException] if row.day == slot.day]
        plan = self._rows[OpeningTime]
        if exceptions:
            allowed = [row for row in exceptions if row.opens]
        elif holiday_on(slot.day):
            return False
        elif plan and slot.mode is not Mode.TELEPHONE:
            allowed = [row for row in plan if row.weekday == slot.day.weekday()]
        else:
            return True
        bounds = [(moment_of(slot.day, row.opens), moment_of(slot.day, row.closes)) for row in allowed]
        steps = [slot.starts_at + FIVE * count for count in range((slot.ends_at - slot.starts_at) // FIVE)]
        return all(any(opens <= step and step + FIVE <= closes for opens, closes in bounds) for step in steps)


def _span(span: tuple[time, time] | None, begin: str, end: str) -> dict[str, time]:
    return {begin: span[0], end: span[1]} if span else {}


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    hour=st.integers(0, 47),
    place_plan=place_plans,
    plans=st.lists(coach_plans, min_size=1, max_size=2),
    mode=modes,
)
def test_free_times_are_what_a_slow_and_simple_reading_finds(
    sessions: sessionmaker[Session], hour: int, place_plan: PlacePlan, plans: list[CoachPlan], mode: Mode | None
) -> None:
    now = moment_of(place_plan.first, time()) + timedelta(hours=hour)
    with sessions() as session:  # each world is rolled back
        world = World(session, place_plan, plans)
        wish = Wish(mode=mode)
        expected = sorted(world.free(now, mode))
        found = all_free_times(session, now, wish=wish)
        assert [(free.starts_at, free.coach_id) for free in found] == expected
        _all_questions_agree(session, now, wish, found)


def _all_questions_agree(session: Session, now: datetime, wish: Wish, found: list[FreeTime]) -> None:
    starts_at = sorted({free.starts_at for free in found})
    days = sorted({local_day(moment) for moment in starts_at})
    assert free_days(session, now, 4, wish=wish) == days[:4]
    assert [free.starts_at for free in next_free_times(session, now, wish=wish, limit=6)] == starts_at[:6]
    for day in days[:2]:
        on_day = [moment for moment in starts_at if local_day(moment) == day]
        assert [free.starts_at for free in free_times(session, day, now, wish=wish)] == on_day
    for wanted in (now - timedelta(days=1), now + timedelta(days=2, minutes=7), now + timedelta(days=20)):
        nearest = [free.starts_at for free in nearest_free_times(session, wanted, now, 4, wish=wish)]
        assert nearest == sorted(starts_at, key=lambda moment, wanted=wanted: (abs(moment - wanted), moment))[:4]
    for free in found[:3]:
        assert coach_free_time(session, free.coach_id, free.starts_at, now, mode=wish.mode) == free
        assert coach_free_time(session, free.coach_id, free.starts_at + timedelta(minutes=1), now) is None


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


# Who is free at all.


def test_who_is_free_at_all_is_who_has_a_free_time(session: Session, now: datetime) -> None:
    soon, late, never = (make_coach(session) for _ in range(3))
    make_availability(session, soon, 2)
    make_availability(session, late, 2)
    make_availability(session, never, 2)
    make_leave(session, late, WEDNESDAY, WEDNESDAY + timedelta(days=14))
    make_leave(session, never, WEDNESDAY, WEDNESDAY + timedelta(days=60))
    found = {free.coach_id for free in all_free_times(session, now)}
    assert free_coaches(session, now) == found == {soon.id, late.id}


def _reads_of_booked(session: Session, ask: Callable[[], object]) -> int:
    """Count how often a question reads what is booked."""
    statements: list[str] = []

    def note(*given: Any) -> None:
        statements.append(given[2])

    event.listen(session.get_bind(), "before_cursor_execute", note)
    try:
        ask()
    finally:
        event.remove(session.get_bind(), "before_cursor_execute", note)
    return sum("min(appointment_step" in statement for statement in statements)


def test_who_is_free_at_all_is_known_from_the_first_week(session: Session, now: datetime) -> None:
    make_week(session, make_coach(session))
    assert _reads_of_booked(session, lambda: free_coaches(session, now)) == 1


def test_what_is_booked_is_not_read_for_a_part_of_the_day_in_which_nobody_works(
    session: Session, now: datetime
) -> None:
    coach = make_coach(session)
    make_week(session, coach)
    evening = next_free_times(session, now, part=DayPart.EVENING)
    assert (evening, _reads_of_booked(session, lambda: next_free_times(session, now, part=DayPart.EVENING))) == ([], 0)
    make_availability(session, coach, 2, "16:30", "18:00")
    found = next_free_times(session, now, part=DayPart.EVENING, limit=1)
    assert [free.starts_at for free in found] == [moment_of(WEDNESDAY, time(17))]
