"""Which free times are shown to choose from: the first ones, those of a day, a week, a part of the day or an hour.

The slots that hold it: `day` is a day ("2026-11-26") or several ("2026-11-30/2026-12-06"); `part` a part of the day
("morning") or the times of day that were typed, likeliest first ("15:00,03:00"); `after` the moment of the last time
that was shown: "later" goes on from there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from actions.booking_wish import moving_appointment, wish_of
from actions.draft import Draft
from actions.turn import Turn
from service.appointments import FreeTime
from service.availability import free_days, free_times, next_free_times
from service.clock import AMSTERDAM
from service.days import DayPart, moment_of, part_of

MOST_TIMES = 4  # at once
MOST_DAYS = 5
MOST_OF_A_DAY = 8
ALL = 1000  # more than can be free
OFFICE = (time(8), time(20))  # an hour outside is hardly what somebody means
NOON = time(12)
MIDST = {DayPart.MORNING: time(10), DayPart.AFTERNOON: time(14), DayPart.EVENING: time(18)}


@dataclass(frozen=True)
class View:
    """What the slots `day`, `part` and `after` say."""

    first: date | None = None
    last: date | None = None
    part: DayPart | None = None
    clocks: tuple[time, ...] = ()
    after: datetime | None = None

    @classmethod
    def read(cls, slots: Mapping[str, Any]) -> View:
        """Read the slots.

        Raises:
            ValueError: If they hold anything else.
        """
        first, _, last = str(slots.get("day") or "").partition("/")
        part, after = str(slots.get("part") or ""), slots.get("after")
        is_part = part in set(DayPart)
        return cls(
            first=date.fromisoformat(first) if first else None,
            last=date.fromisoformat(last or first) if first else None,
            part=DayPart(part) if is_part else None,
            clocks=tuple(time.fromisoformat(clock) for clock in part.split(",")) if part and not is_part else (),
            after=datetime.fromisoformat(after).astimezone(AMSTERDAM) if after else None,
        )

    @property
    def day(self) -> date | None:
        """The one day whose times are shown."""
        return self.first if self.first == self.last else None

    @property
    def is_of_days(self) -> bool:
        """Whether days are to be chosen from, and no times yet."""
        return self.first != self.last

    @property
    def clock(self) -> time | None:
        """The time of day that was most likely meant."""
        inside = [clock for clock in self.clocks if OFFICE[0] <= clock < OFFICE[1]]
        return next(iter([*inside, *self.clocks]), None)

    @property
    def wanted(self) -> datetime | None:
        """The moment to look near, when nothing of what was asked for is free."""
        hour = self.clock or (MIDST[self.part] if self.part else NOON)
        return moment_of(self.first, hour) if self.first else None

    def holds(self, free: FreeTime) -> bool:
        """Tell whether a free time is in the part of the day, or at the hour, that was asked for."""
        if self.clocks:
            return free.starts_at.astimezone(AMSTERDAM).time() in self.clocks
        return self.part is None or part_of(free.starts_at) is self.part


def times_of(turn: Turn, draft: Draft, view: View) -> list[FreeTime]:
    """List the free times of a view: all of its day, or the first of all days and whether there are more."""
    wish, moving = wish_of(turn, draft), moving_appointment(turn, draft)
    if view.day:
        found = free_times(turn.session, view.day, turn.now, wish=wish, without=moving)
    else:
        limit = ALL if view.clocks else MOST_TIMES + 1
        found = next_free_times(
            turn.session, turn.now, wish=wish, after=view.after, part=view.part, limit=limit, without=moving
        )
    return [free for free in found if view.holds(free) and (view.after is None or free.starts_at > view.after)]


def days_of(turn: Turn, draft: Draft, view: View) -> list[date]:
    """List the first days of a view that have free times."""
    first, last = view.first or date.min, view.last or date.max
    days = free_days(turn.session, turn.now, ALL, wish=wish_of(turn, draft))
    return [day for day in days if first <= day <= last][:MOST_DAYS]


def parts_of(turn: Turn, draft: Draft, view: View) -> list[DayPart]:
    """List the parts of the day in which there are free times, on the day of the view or at all."""
    wish, moving = wish_of(turn, draft), moving_appointment(turn, draft)
    if view.day:
        times = free_times(turn.session, view.day, turn.now, wish=wish, without=moving)
        return [part for part in DayPart if any(part_of(free.starts_at) is part for free in times)]
    return [
        part
        for part in DayPart
        if next_free_times(turn.session, turn.now, wish=wish, part=part, limit=1, without=moving)
    ]
