"""Free times of coaches: their weekly availability without what is booked, past, a public holiday or closed.

A coach is booked when the coach and the place can. An exception of the place decides first, then a public holiday,
then the place's week plan, once staff have confirmed it: an example closes nobody's day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from service.days import local_day, moment_of
from service.opening import holiday_on
from store.models import (
    Appointment,
    AppointmentStatus,
    AppointmentStep,
    Availability,
    Coach,
    OpeningException,
    OpeningTime,
)

EARLIEST_NOTICE = timedelta(hours=1)
LATEST_NOTICE = timedelta(days=28)
STEP = timedelta(minutes=5)

Moments = tuple[datetime, datetime]


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
    """List the first local days on which at least one coach has a free time, in order."""
    found = sorted({local_day(free.starts_at) for free in _all_free(session, now)})
    return found[:limit]


def free_times(session: Session, day: date, now: datetime) -> list[FreeTime]:
    """List the free times of a local day in order, one for each start.

    Where several coaches can, it is the one with the fewest appointments to come. Times within an hour of *now* or
    more than 28 days ahead are none.
    """
    return _one_a_start(session, _all_free(session, now, day), now)


def nearest_free_times(session: Session, wanted: datetime, now: datetime, limit: int = 3) -> list[FreeTime]:
    """List the free times nearest to a moment, nearest first, one for each start.

    The wanted time itself comes first if a coach is free then.
    """
    found = _one_a_start(session, _all_free(session, now), now)
    return sorted(found, key=lambda free: (abs(free.starts_at - wanted), free.starts_at))[:limit]


def coach_free_time(session: Session, coach_id: int, starts_at: datetime, now: datetime) -> FreeTime | None:
    """Find the free time of one coach that starts at a moment; None if it is none."""
    found = _all_free(session, now, local_day(starts_at), coach_id)
    return next((free for free in found if free.starts_at == starts_at), None)


def steps_of(starts_at: datetime, ends_at: datetime, buffer_minutes: int) -> list[datetime]:
    """List the five-minute steps that an appointment takes, its buffer included, in order.

    Steps lie on whole five minutes, so that two times that overlap share one, whenever they begin.
    """
    last = ends_at + timedelta(minutes=buffer_minutes)
    first = starts_at - (starts_at - datetime.min.replace(tzinfo=UTC)) % STEP
    return [first + STEP * count for count in range(-(-(last - first) // STEP))]


def spans_of_day(
    day: date, starts: Moments, exceptions: Sequence[OpeningException], plan: Sequence[OpeningTime] | None
) -> list[Moments]:
    """Cut a span of availability to what its place allows on a day.

    Args:
        day: The local day.
        starts: Begin and end of the span, moments.
        exceptions: Those of the place on this day. If there are any they decide.
        plan: The place's confirmed times of this weekday; None if its week plan is not confirmed.
    """
    begin, end = starts
    if not exceptions and holiday_on(day):
        return []
    rows = exceptions or plan
    if rows is None:
        return [starts]
    allowed = [(moment_of(day, row.opens), moment_of(day, row.closes)) for row in rows if row.opens and row.closes]
    cut = [(max(begin, opens), min(end, closes)) for opens, closes in _join_touching(allowed)]
    return [(opens, closes) for opens, closes in cut if opens < closes]


def _join_touching(spans: list[Moments]) -> list[Moments]:
    joined: list[Moments] = []
    for opens, closes in sorted(spans):
        if joined and opens <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], closes))
        else:
            joined.append((opens, closes))
    return joined


def _all_free(session: Session, now: datetime, day: date | None = None, coach_id: int | None = None) -> list[FreeTime]:
    """List all free times by start, then coach: of one day or all that can be booked, of one coach or all."""
    first, last = now + EARLIEST_NOTICE, now + LATEST_NOTICE
    days = [day] if day else _days_between(local_day(first), local_day(last))
    plan = _availability(session, coach_id)
    exceptions = _exceptions(session, days)
    week = _confirmed_week(session)
    is_taken = _taken(session, days)
    found: dict[tuple[datetime, int], FreeTime] = {}
    for each in days:
        for row in plan:
            if row.weekday != each.weekday():
                continue
            opening = week[row.place_id].get(row.weekday, []) if row.place_id in week else None
            for free in _slots(row, each, exceptions.get((row.place_id, each), []), opening):
                if first <= free.starts_at <= last and not is_taken(row.coach, free):
                    found[free.starts_at, free.coach_id] = free
    return [found[key] for key in sorted(found)]


def _slots(
    row: Availability, day: date, exceptions: list[OpeningException], opening: list[OpeningTime] | None
) -> Iterator[FreeTime]:
    """Cut a span of availability into appointments: each with its buffer after it, the last one needs none."""
    length = timedelta(minutes=row.coach.appointment_minutes)
    pace = length + timedelta(minutes=row.coach.buffer_minutes)
    whole = (moment_of(day, row.starts), moment_of(day, row.ends))
    for begin, end in spans_of_day(day, whole, exceptions, opening):
        starts_at = whole[0] + -(-(begin - whole[0]) // pace) * pace  # an exception moves no appointment's start
        while starts_at + length <= end:
            yield FreeTime(
                starts_at, starts_at + length, row.coach_id, row.coach.name, row.coach.organisation.name, row.place_id
            )
            starts_at += pace


def _days_between(first: date, last: date) -> list[date]:
    return [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]


def _availability(session: Session, coach_id: int | None) -> list[Availability]:
    query = (
        select(Availability)
        .join(Availability.coach)
        .where(Coach.is_active)
        .options(joinedload(Availability.coach).joinedload(Coach.organisation))
    )
    if coach_id is not None:
        query = query.where(Availability.coach_id == coach_id)
    return list(session.scalars(query))


def _exceptions(session: Session, days: list[date]) -> Mapping[tuple[int, date], list[OpeningException]]:
    query = select(OpeningException).where(OpeningException.day.between(days[0], days[-1]))
    found: dict[tuple[int, date], list[OpeningException]] = {}
    for row in session.scalars(query):
        found.setdefault((row.place_id, row.day), []).append(row)
    return found


def _confirmed_week(session: Session) -> Mapping[int, Mapping[int, list[OpeningTime]]]:
    """Read the week plans that staff have confirmed whole: place, weekday, times."""
    found: dict[int, dict[int, list[OpeningTime]]] = {}
    unsure = set()
    for row in session.scalars(select(OpeningTime)):
        found.setdefault(row.place_id, {}).setdefault(row.weekday, []).append(row)
        if row.confirmed_on is None:
            unsure.add(row.place_id)
    return {place_id: week for place_id, week in found.items() if place_id not in unsure}


def _taken(session: Session, days: list[date]) -> Callable[[Coach, FreeTime], bool]:
    """Make a test of whether a step of a coach's time is taken on these days."""
    first = moment_of(days[0], datetime.min.time()) - timedelta(days=1)
    last = moment_of(days[-1], datetime.max.time()) + timedelta(days=1)
    query = select(AppointmentStep.coach_id, AppointmentStep.step_at).where(
        AppointmentStep.step_at.between(first, last)
    )
    taken = {(coach_id, step_at) for coach_id, step_at in session.execute(query)}

    def is_taken(coach: Coach, free: FreeTime) -> bool:
        return any((coach.id, step) in taken for step in steps_of(free.starts_at, free.ends_at, coach.buffer_minutes))

    return is_taken


def _one_a_start(session: Session, found: list[FreeTime], now: datetime) -> list[FreeTime]:
    query = (
        select(Appointment.coach_id, func.count())
        .where(Appointment.status == AppointmentStatus.BOOKED, Appointment.starts_at > now)
        .group_by(Appointment.coach_id)
    )
    booked = dict(session.execute(query).tuples().all())
    best: dict[datetime, FreeTime] = {}
    for free in sorted(found, key=lambda free: (free.starts_at, booked.get(free.coach_id, 0), free.coach_id)):
        best.setdefault(free.starts_at, free)
    return list(best.values())
