from datetime import UTC, datetime, timedelta

import pytest

from service.clock import Clock, offset_to

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def test_a_start_without_zone_is_in_amsterdam() -> None:
    assert offset_to("2026-07-01T10:00", NOW) == datetime(2026, 7, 1, 8, 0, tzinfo=UTC) - NOW


def test_a_start_with_zone_is_kept() -> None:
    assert offset_to("2026-11-24T10:00:00+00:00", NOW) == timedelta(hours=2)


def test_a_start_that_is_no_time_is_refused() -> None:
    with pytest.raises(ValueError, match="soon"):
        offset_to("soon", NOW)


def test_the_clock_is_aware_and_shifted() -> None:
    ahead = Clock(timedelta(days=400)).now()

    assert ahead.tzinfo is UTC
    assert timedelta(days=399) < ahead - Clock().now() < timedelta(days=401)
