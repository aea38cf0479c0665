"""When a place is open: the week plan, other times on single days, and public holidays.

An exception of the place decides before the week plan and before a public holiday. A public holiday without an
exception counts as closed, but as not confirmed by staff.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache

import holidays
from sqlalchemy import select
from sqlalchemy.orm import Session

from service.days import local_day, moment_of
from store.models import OpeningException, OpeningTime, Place

SEARCH_DAYS = 60  # how far the next opening is looked for


@dataclass(frozen=True)
class Span:
    """From opening to closing, local times of one day."""

    opens: time
    closes: time


@dataclass(frozen=True)
class Hours:
    """When a place is open on one day.

    `spans` are in order and empty when it is closed. `confirmed_on` is the day on which staff confirmed it, None if
    they have not. `reason` is what staff wrote with an exception, or the Dutch name of the public holiday.
    `is_known` is False if nothing at all is known about the day.
    """

    day: date
    spans: tuple[Span, ...]
    confirmed_on: date | None
    is_sample: bool
    reason: str | None
    is_known: bool


@dataclass(frozen=True)
class OpenState:
    """Whether a place is open, until when, and when it opens next (after `until`, if it is open). Moments in UTC.

    `confirmed_on` is None as soon as anything told here is not confirmed. `is_known` is False if the store has no
    opening times: then it is not "closed", nobody knows.
    """

    is_open: bool
    until: datetime | None
    next_opening: datetime | None
    confirmed_on: date | None
    is_sample: bool
    reason: str | None
    is_known: bool


def find_place(session: Session, key: str) -> Place | None:
    """Find a place by its key."""
    return session.scalar(select(Place).where(Place.key == key))


def holiday_on(day: date) -> str | None:
    """Return the Dutch name of the public holiday on a day, None if it is none.

    The library counts Good Friday as one, and 5 May each fifth year only. Where staff do otherwise, an exception of
    the place decides.
    """
    return _holidays(day.year).get(day)


@cache
def _holidays(year: int) -> dict[date, str]:
    return dict(holidays.country_holidays("NL", years=year, language="nl").items())


def hours_on(session: Session, place: Place, day: date) -> Hours:
    """Tell when a place is open on a local day."""
    plan = _week_plan(session, place)
    exceptions = _exceptions(session, place, day, day)
    return _decide(plan, exceptions, day)


def open_state(session: Session, place: Place, now: datetime) -> OpenState:
    """Tell whether a place is open at a moment, and when it opens next within 60 days."""
    today = local_day(now)
    plan = _week_plan(session, place)
    exceptions = _exceptions(session, place, today, today + timedelta(days=SEARCH_DAYS))
    days = [_decide(plan, exceptions, today + timedelta(days=ahead)) for ahead in range(SEARCH_DAYS + 1)]
    until = _closing_after(days, now)
    opening = _opening_after(days, until or now)
    told = [days[0]] if opening is None else [days[0], opening[0]]
    return OpenState(
        is_open=until is not None,
        until=until,
        next_opening=opening[1] if opening else None,
        confirmed_on=_oldest([hours.confirmed_on for hours in told]),
        is_sample=any(hours.is_sample for hours in told),
        reason=days[0].reason,
        is_known=days[0].is_known or opening is not None,
    )


def _closing_after(days: list[Hours], now: datetime) -> datetime | None:
    """Find when it closes if it is open now; spans that touch are one."""
    until = None
    for opens, closes in _moments(days[0]):
        if opens <= (until or now) < closes:
            until = closes
    return until


def _opening_after(days: list[Hours], moment: datetime) -> tuple[Hours, datetime] | None:
    for hours in days:
        for opens, _ in _moments(hours):
            if opens > moment:
                return hours, opens
    return None


def _moments(hours: Hours) -> list[tuple[datetime, datetime]]:
    return [(moment_of(hours.day, span.opens), moment_of(hours.day, span.closes)) for span in hours.spans]


def _week_plan(session: Session, place: Place) -> list[OpeningTime]:
    query = select(OpeningTime).where(OpeningTime.place_id == place.id)
    return list(session.scalars(query.order_by(OpeningTime.weekday, OpeningTime.opens)))


def _exceptions(session: Session, place: Place, first: date, last: date) -> list[OpeningException]:
    query = select(OpeningException).where(
        OpeningException.place_id == place.id, OpeningException.day.between(first, last)
    )
    return list(session.scalars(query.order_by(OpeningException.day, OpeningException.opens)))


def _decide(plan: list[OpeningTime], exceptions: list[OpeningException], day: date) -> Hours:
    mine = [exception for exception in exceptions if exception.day == day]
    if mine:
        return Hours(
            day=day,
            spans=tuple(Span(row.opens, row.closes) for row in mine if row.opens and row.closes),
            confirmed_on=_oldest([row.confirmed_on for row in mine]),
            is_sample=any(row.is_sample for row in mine),
            reason=next((row.reason for row in mine if row.reason), None),
            is_known=True,
        )
    is_sample = any(row.is_sample for row in plan)
    holiday = holiday_on(day)
    if holiday:
        return Hours(day, (), None, is_sample, holiday, is_known=bool(plan))
    spans = tuple(Span(row.opens, row.closes) for row in plan if row.weekday == day.weekday())
    confirmed_on = _oldest([row.confirmed_on for row in plan])
    return Hours(day, spans, confirmed_on, is_sample, None, is_known=bool(plan))


def _oldest(days: list[date | None]) -> date | None:
    """Return the oldest day of confirmation; None if one is missing, or there are none."""
    known = [day for day in days if day is not None]
    return min(known) if known and len(known) == len(days) else None
