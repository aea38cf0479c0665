from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.clock import AMSTERDAM
from service.days import moment_of
from service.quiet_hours import awake, is_quiet

DAY = date(2026, 11, 24)
AUTUMN = date(2026, 10, 25)  # the hour from two to three comes twice
FIRST = datetime(2026, 10, 20, tzinfo=UTC)  # before both of them, and counted until after
SPRING = date(2027, 3, 28)  # it does not come at all


@pytest.mark.parametrize(
    ("local", "quiet"),
    [(time(20, 59), False), (time(21), True), (time(0), True), (time(7, 59), True), (time(8), False)],
)
def test_it_is_quiet_from_nine_in_the_evening_until_eight(local: time, *, quiet: bool) -> None:
    assert is_quiet(moment_of(DAY, local)) is quiet


def test_in_the_day_it_is_now() -> None:
    assert awake(moment_of(DAY, time(12))) == moment_of(DAY, time(12))


def test_in_the_evening_it_is_the_next_morning_and_after_midnight_the_same() -> None:
    assert awake(moment_of(DAY, time(22))) == moment_of(date(2026, 11, 25), time(8))
    assert awake(moment_of(DAY, time(3))) == moment_of(DAY, time(8))


@pytest.mark.parametrize("day", [AUTUMN, SPRING])
def test_eight_is_eight_in_utrecht_when_the_clock_changes(day: date) -> None:
    assert awake(moment_of(day, time(1))).astimezone(AMSTERDAM) == datetime.combine(day, time(8), AMSTERDAM)


@given(st.integers(0, 166 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes)))
def test_nobody_is_woken_and_nobody_waits_longer_than_a_night(moment: datetime) -> None:
    waited = awake(moment)
    assert not is_quiet(waited)
    assert 0 <= (waited - moment).total_seconds() <= 12 * 3600
    assert awake(waited) == waited
