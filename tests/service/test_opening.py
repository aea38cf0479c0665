from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy.orm import Session

from service.clock import AMSTERDAM
from service.opening import Span, find_place, holiday_on, hours_on, open_state
from store.models import Place
from tests.factories import make_opening_exception, make_opening_time, make_place

TUESDAY = date(2026, 11, 24)
CHRISTMAS = date(2026, 12, 25)
CONFIRMED = date(2026, 11, 1)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=AMSTERDAM)


def week(session: Session, confirmed_on: date | None = CONFIRMED, *, is_sample: bool = False) -> Place:
    """Make a place that is open on weekdays, 10:00-12:00 and 13:00-17:00."""
    place = make_place(session, key="welkomhuis")
    for weekday in range(5):
        for opens, closes in (("10:00", "12:00"), ("13:00", "17:00")):
            make_opening_time(session, place, weekday, opens, closes, confirmed_on=confirmed_on, is_sample=is_sample)
    return place


def test_a_place_is_found_by_its_key(session: Session) -> None:
    place = week(session)
    assert find_place(session, "welkomhuis") is place
    assert find_place(session, "nergens") is None


def test_the_week_plan_tells_the_hours(session: Session) -> None:
    hours = hours_on(session, week(session), TUESDAY)
    assert hours.spans == (Span(time(10), time(12)), Span(time(13), time(17)))
    assert (hours.confirmed_on, hours.is_sample, hours.reason, hours.is_known) == (CONFIRMED, False, None, True)


def test_a_day_without_times_is_closed_as_far_as_the_plan_is_confirmed(session: Session) -> None:
    hours = hours_on(session, week(session), date(2026, 11, 29))
    assert (hours.spans, hours.confirmed_on, hours.is_known) == ((), CONFIRMED, True)


def test_a_place_without_any_times_is_not_closed_but_unknown(session: Session) -> None:
    place = make_place(session)
    assert not hours_on(session, place, TUESDAY).is_known
    state = open_state(session, place, at(TUESDAY, 11))
    assert (state.is_known, state.is_open, state.next_opening, state.confirmed_on) == (False, False, None, None)


def test_one_unconfirmed_time_makes_the_plan_unconfirmed(session: Session) -> None:
    place = week(session)
    make_opening_time(session, place, 5, "10:00", "12:00")
    assert hours_on(session, place, TUESDAY).confirmed_on is None


def test_sample_times_are_told_as_such(session: Session) -> None:
    place = week(session, None, is_sample=True)
    hours = hours_on(session, place, TUESDAY)
    assert (hours.is_sample, hours.confirmed_on) == (True, None)
    state = open_state(session, place, at(TUESDAY, 11))
    assert (state.is_sample, state.confirmed_on) == (True, None)


def test_an_exception_takes_the_place_of_the_plan(session: Session) -> None:
    place = week(session)
    make_opening_exception(session, place, TUESDAY, "11:00", "12:00", reason="Studiedag", confirmed_on=TUESDAY)
    hours = hours_on(session, place, TUESDAY)
    assert (hours.spans, hours.reason, hours.confirmed_on) == ((Span(time(11), time(12)),), "Studiedag", TUESDAY)


def test_a_closing_exception_closes(session: Session) -> None:
    place = week(session)
    make_opening_exception(session, place, TUESDAY, reason="Verhuizing")
    assert hours_on(session, place, TUESDAY).spans == ()
    state = open_state(session, place, at(TUESDAY, 11))
    assert (state.is_open, state.reason, state.confirmed_on) == (False, "Verhuizing", None)
    assert state.next_opening == at(date(2026, 11, 25), 10)


def test_a_public_holiday_counts_as_closed_but_not_as_confirmed(session: Session) -> None:
    hours = hours_on(session, week(session), CHRISTMAS)
    assert (hours.spans, hours.confirmed_on, hours.reason) == ((), None, "Eerste kerstdag")


def test_an_exception_decides_over_a_public_holiday(session: Session) -> None:
    place = week(session)
    make_opening_exception(session, place, CHRISTMAS, "12:00", "15:00", confirmed_on=CONFIRMED)
    hours = hours_on(session, place, CHRISTMAS)
    assert (hours.spans, hours.confirmed_on) == ((Span(time(12), time(15)),), CONFIRMED)


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 4, 6), "Tweede paasdag"),
        (date(2026, 4, 27), "Koningsdag"),
        (date(2026, 5, 5), None),
        (date(2030, 5, 5), "Bevrijdingsdag"),
        (date(2026, 12, 31), None),
    ],
)
def test_public_holidays_are_the_dutch_ones(day: date, name: str | None) -> None:
    assert holiday_on(day) == name


@pytest.mark.parametrize(
    ("moment", "until", "next_opening"),
    [
        (at(TUESDAY, 9, 59), None, at(TUESDAY, 10)),
        (at(TUESDAY, 10), at(TUESDAY, 12), at(TUESDAY, 13)),
        (at(TUESDAY, 12), None, at(TUESDAY, 13)),
        (at(TUESDAY, 16, 59), at(TUESDAY, 17), at(date(2026, 11, 25), 10)),
        (at(TUESDAY, 17), None, at(date(2026, 11, 25), 10)),
        (at(date(2026, 11, 27), 18), None, at(date(2026, 11, 30), 10)),
        (at(date(2026, 12, 24), 18), None, at(date(2026, 12, 28), 10)),
    ],
)
def test_open_now_until_when_and_when_next(
    session: Session, moment: datetime, until: datetime | None, next_opening: datetime
) -> None:
    state = open_state(session, week(session), moment)
    assert (state.is_open, state.until, state.next_opening) == (until is not None, until, next_opening)
    assert state.confirmed_on == CONFIRMED


def test_moments_are_in_utc(session: Session) -> None:
    state = open_state(session, week(session), at(TUESDAY, 11))
    assert state.until == datetime(2026, 11, 24, 11, tzinfo=UTC)
    assert state.until.tzinfo == UTC


def test_spans_that_touch_are_one(session: Session) -> None:
    place = week(session)
    make_opening_exception(session, place, TUESDAY, "10:00", "12:00")
    make_opening_exception(session, place, TUESDAY, "12:00", "14:00")
    state = open_state(session, place, at(TUESDAY, 11))
    assert state.until == at(TUESDAY, 14)
    assert state.next_opening == at(date(2026, 11, 25), 10)


def test_a_next_opening_that_is_not_confirmed_makes_the_answer_so(session: Session) -> None:
    place = week(session)
    make_opening_exception(session, place, date(2026, 11, 25), "11:00", "12:00")
    state = open_state(session, place, at(TUESDAY, 18))
    assert (state.next_opening, state.confirmed_on) == (at(date(2026, 11, 25), 11), None)


def test_a_place_that_stays_closed_has_no_next_opening(session: Session) -> None:
    place = make_place(session)
    make_opening_exception(session, place, TUESDAY)
    state = open_state(session, place, at(TUESDAY, 11))
    assert (state.is_known, state.is_open, state.next_opening) == (True, False, None)


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25)])
def test_the_clock_changes_move_no_opening(session: Session, day: date) -> None:
    place = make_place(session)
    make_opening_time(session, place, 6, "10:00", "12:00")
    for each in (day - timedelta(days=7), day):
        assert open_state(session, place, at(each, 10)).is_open
        assert not open_state(session, place, at(each, 9, 59)).is_open
        assert not open_state(session, place, at(each, 12)).is_open
