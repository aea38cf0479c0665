"""Days and times of Europe/Amsterdam, and the day that a text names."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from service.clock import AMSTERDAM


def local_day(moment: datetime) -> date:
    """Return the day in Europe/Amsterdam at a moment."""
    return moment.astimezone(AMSTERDAM).date()


def moment_of(day: date, local: time) -> datetime:
    """Return the moment in UTC of a local time on a day.

    A time that comes twice (last Sunday of October) means the first; one that the clock skips (last Sunday of March)
    means as much after the last moment before the skip.
    """
    return datetime.combine(day, local, AMSTERDAM).astimezone(UTC)


def day_in(text: str, language: str, today: date) -> date | None:
    """Find the day that a text names."""
    raise NotImplementedError
