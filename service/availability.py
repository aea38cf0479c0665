"""Free times of coaches: their weekly availability without what is booked, past, a holiday or closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

EARLIEST_NOTICE = timedelta(hours=1)
LATEST_NOTICE = timedelta(days=28)


@dataclass(frozen=True)
class FreeTime:
    """A time at which a newcomer can book one coach. Moments in UTC."""

    starts_at: datetime
    ends_at: datetime
    coach_id: int
    coach_name: str
    organisation: str
    place_id: int


def free_days(session: Session, now: datetime, limit: int = 5) -> list[date]:
    """List the first local days that have a free time."""
    raise NotImplementedError


def free_times(session: Session, day: date, now: datetime) -> list[FreeTime]:
    """List the free times of a local day."""
    raise NotImplementedError


def nearest_free_times(session: Session, wanted: datetime, now: datetime, limit: int = 3) -> list[FreeTime]:
    """List the free times nearest to a moment, nearest first."""
    raise NotImplementedError
