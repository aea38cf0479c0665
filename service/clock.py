"""The one clock of all parts.

Every part asks this clock and passes the moment on as `now`. For trials and tests it can start elsewhere: the
first part that starts turns `WEGWIJS_CLOCK` into an offset and hands the offset to the others.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


class Clock:
    """Tells the time, shifted by a fixed offset."""

    def __init__(self, offset: timedelta = timedelta(0)) -> None:
        self._offset = offset

    def now(self) -> datetime:
        """Return the moment it is, aware, in UTC."""
        return datetime.now(UTC) + self._offset


def offset_to(start: str, real_now: datetime) -> timedelta:
    """Count how far the clock must be set for it to start at a moment.

    Args:
        start: ISO time; without a zone it is taken as Europe/Amsterdam.
        real_now: The real moment, aware.

    Raises:
        ValueError: If *start* is no ISO time.
    """
    moment = datetime.fromisoformat(start)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=AMSTERDAM)
    return moment - real_now
