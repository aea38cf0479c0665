"""Free times of coaches: their availability without what is booked, past, a leave, a public holiday or closed.

What a coach does on a day: an exception of that day replaces the whole week; a leave ends it. What the place allows: an
exception of the place decides first, then a public holiday, then the place's week plan, once staff have confirmed it:
an example closes nobody's day. A span for the telephone only needs no open door: the week plan does not cut it.

Coaches and their plans are read at once, what is booked only for the days that are looked at, a week at a time: who
wants the first four times does not wait for four weeks.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import batched, islice
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from service.coaches import coaches_for
from service.days import DayPart, local_day, moment_of, part_of, parts_between
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
    Place,
)

STEP = timedelta(minutes=5)
DAYS_AT_ONCE = 7  # of what is booked, read in one go

Moments = tuple[datetime, datetime]


@dataclass(frozen=True)
class Wish:
    """What somebody looks for; None means any.

    `language` is the code of a language that the coach must speak: see `service.coaches.speaks`.
    """

    area: Area | None = None
    mode: Mode | None = None
    language: str | None = None
    coach_id: int | None = None


ANY = Wish()


@dataclass(frozen=True)
class FreeTime:
    """A time at which a newcomer can book one coach. Moments in UTC.

    `mode` is the only way in which they can meet then, None if they can choose.
    """

    starts_at: datetime
    ends_at: datetime
    coach_id: int
    coach_name: str
    organisation: str
    place_id: int
    place_name: str
    mode: Mode | None = None


def free_days(session: Session, now: datetime, limit: int = 5, *, wish: Wish = ANY) -> list[date]:
    """List the first local days on which at least one coach has a free time, in order."""
    calendar = _Calendar(session, now, wish)
    days = (local_day(found[0].starts_at) for found in calendar.walk(calendar.days) if found)
    return list(islice(days, limit))


def free_times(
    session: Session, day: date, now: datetime, *, wish: Wish = ANY, without: Appointment | None = None
) -> list[FreeTime]:
    """List the free times of a local day in order, one for each start.

    Where several coaches can, it is the one with the fewest appointments to come. Times sooner than a coach's notice
    or further ahead than the coach allows are none.

    Args:
        session: The transaction.
        day: The local day.
        now: The moment, aware.
        wish: What is looked for.
        without: An appointment that is to move: its own time counts as free.
    """
    calendar = _Calendar(session, now, wish, without)
    return [free for found in calendar.walk([day]) for free in calendar.one_a_start(found)]


def next_free_times(
    session: Session,
    now: datetime,
    *,
    wish: Wish = ANY,
    after: datetime | None = None,
    part: DayPart | None = None,
    limit: int = 4,
    without: Appointment | None = None,
    heeds_notice: bool = True,
) -> list[FreeTime]:
    """List the first free times in order, one for each start.

    Args:
        session: The transaction.
        now: The moment, aware.
        wish: What is looked for.
        after: Only times that start later than this moment.
        part: Only times in this part of a day.
        limit: How many at most.
        without: An appointment that is to move: its own time counts as free.
        heeds_notice: Whether the coach's notice counts; it does not when the coach looks.
    """
    calendar = _Calendar(session, now, wish, without, heeds_notice=heeds_notice, part=part)
    days = [day for day in calendar.days if after is None or day >= local_day(after)]
    times = (
        free
        for found in calendar.walk(days)
        for free in calendar.one_a_start(found)
        if (after is None or free.starts_at > after) and (part is None or part_of(free.starts_at) is part)
    )
    return list(islice(times, limit))


def nearest_free_times(
    session: Session,
    wanted: datetime,
    now: datetime,
    limit: int = 3,
    *,
    wish: Wish = ANY,
    without: Appointment | None = None,
) -> list[FreeTime]:
    """List the free times nearest to a moment, nearest first, one for each start.

    The wanted time itself comes first if a coach is free then.
    """
    calendar = _Calendar(session, now, wish, without)
    days = sorted(calendar.days, key=lambda day: (_distance(day, wanted), day))
    nearest: list[FreeTime] = []
    for day, found in zip(days, calendar.walk(days), strict=False):
        if len(nearest) == limit and _distance(day, wanted) > abs(nearest[-1].starts_at - wanted):
            break
        nearest += calendar.one_a_start(found)
        nearest = sorted(nearest, key=lambda free: (abs(free.starts_at - wanted), free.starts_at))[:limit]
    return nearest


def coach_free_time(
    session: Session,
    coach_id: int,
    starts_at: datetime,
    now: datetime,
    *,
    mode: Mode | None = None,
    without: Appointment | None = None,
    heeds_notice: bool = True,
) -> FreeTime | None:
    """Find the free time of one coach that starts at a moment; None if it is none.

    Args:
        session: The transaction.
        coach_id: The coach.
        starts_at: The moment.
        now: The moment, aware.
        mode: How they want to meet; None if it does not matter.
        without: An appointment that is to move: its own time counts as free.
        heeds_notice: Whether the coach's notice counts; it does not when the coach moves an appointment.
    """
    calendar = _Calendar(session, now, Wish(mode=mode, coach_id=coach_id), without, heeds_notice=heeds_notice)
    found = (free for times in calendar.walk([local_day(starts_at)]) for free in times)
    return next((free for free in found if free.starts_at == starts_at), None)


def all_free_times(
    session: Session, now: datetime, *, wish: Wish = ANY, before: datetime | None = None
) -> list[FreeTime]:
    """List the free times of every coach by start, then coach; only those before a moment, if one is given."""
    calendar = _Calendar(session, now, wish)
    days = [day for day in calendar.days if before is None or day <= local_day(before)]
    times = (free for found in calendar.walk(days) for free in found)
    return [free for free in times if before is None or free.starts_at < before]


def free_coaches(session: Session, now: datetime, *, wish: Wish = ANY) -> set[int]:
    """Give the ids of the coaches of a wish who have any free time; each coach's days are read until there is one."""
    return _Calendar(session, now, wish).coaches_with_time()


def steps_of(starts_at: datetime, ends_at: datetime, buffer_minutes: int) -> list[datetime]:
    """List the five-minute steps that an appointment takes, its buffer included, in order.

    Steps lie on whole five minutes, so that two times that overlap share one, whenever they begin.
    """
    last = ends_at + timedelta(minutes=buffer_minutes)
    first = _step_of(starts_at)
    return [first + STEP * count for count in range(-(-(last - first) // STEP))]


def _step_of(moment: datetime) -> datetime:
    return moment - (moment - datetime.min.replace(tzinfo=UTC)) % STEP


def spans_of_day(
    day: date, starts: Moments, exceptions: Sequence[OpeningException], plan: Sequence[OpeningTime] | None
) -> list[Moments]:
    """Cut a span of availability to what its place allows on a day.

    Args:
        day: The local day.
        starts: Begin and end of the span, moments.
        exceptions: Those of the place on this day. If there are any they decide.
        plan: The place's confirmed times of this weekday; None if no week plan counts.
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


def _distance(day: date, wanted: datetime) -> timedelta:
    """Tell how far a local day is from a moment: not at all if the moment lies in it."""
    begin, end = moment_of(day, time.min), moment_of(day + timedelta(days=1), time.min)
    return max(begin - wanted, wanted - end, timedelta())


class _Span(NamedTuple):
    """When a coach can be booked on one day, at one place; `mode` is the only way to meet, if there is but one."""

    starts: time
    ends: time
    place: Place
    mode: Mode | None


class _Calendar:
    """All that decides when the coaches of a wish are free. What is booked is read as the days are walked."""

    def __init__(
        self,
        session: Session,
        now: datetime,
        wish: Wish,
        without: Appointment | None = None,
        *,
        heeds_notice: bool = True,
        part: DayPart | None = None,
    ) -> None:
        self._session = session
        self._now = now
        self._mode = wish.mode
        self._part = part
        self._without = without.id if without is not None else None
        self._heeds_notice = heeds_notice
        self._coaches = sorted(coaches_for(session, wish), key=lambda coach: coach.id)
        self._ids = [coach.id for coach in self._coaches]
        self.days = self._all_days()
        self._booked: Mapping[int, int] | None = None
        self._full: set[tuple[int, date]] = set()
        if self._coaches:
            self._read_coaches()
            self._read_places()

    def walk(self, days: Iterable[date]) -> Iterator[list[FreeTime]]:
        """Give the free times of each day by start, then coach. Only days on which somebody works are read."""
        known = set(self.days)
        for some in batched(days, DAYS_AT_ONCE, strict=False):
            worked = {day for day in some if day in known and any(self._spans(coach, day) for coach in self._coaches)}
            self._read_taken(worked)
            for day in some:
                yield self._free_on(day) if day in worked else []

    def coaches_with_time(self) -> set[int]:
        """Find who has any free time."""
        missing = {coach.id: coach for coach in self._coaches}
        for some in batched(self.days, DAYS_AT_ONCE, strict=False):
            if not missing:
                break
            self._read_taken(some)
            for coach in list(missing.values()):
                if any(True for day in some for span in self._spans(coach, day) for _ in self._slots(coach, span, day)):
                    del missing[coach.id]
        return set(self._ids) - set(missing)

    def one_a_start(self, found: list[FreeTime]) -> list[FreeTime]:
        """Keep one free time for each start: of the coach with the fewest appointments to come."""
        if self._booked is None:
            self._booked = self._count_booked()
        booked = self._booked
        best: dict[datetime, FreeTime] = {}
        for free in sorted(found, key=lambda free: (free.starts_at, booked.get(free.coach_id, 0), free.coach_id)):
            best.setdefault(free.starts_at, free)
        return list(best.values())

    def _all_days(self) -> list[date]:
        """List the local days on which any of the coaches can be booked at all."""
        bounds = [self._bounds(coach) for coach in self._coaches]
        if not bounds:
            return []
        first, last = local_day(min(bounds)[0]), local_day(max(last for _, last in bounds))
        return [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]

    def _bounds(self, coach: Coach) -> Moments:
        notice = timedelta(minutes=coach.notice_minutes) if self._heeds_notice else timedelta()
        return self._now + notice, self._now + timedelta(days=coach.ahead_days)

    def _read_coaches(self) -> None:
        """Read the week, the exceptions and the leave of the coaches."""
        first, last = self.days[0], self.days[-1]
        self._week: dict[tuple[int, int], list[_Span]] = defaultdict(list)
        week = select(Availability).where(Availability.coach_id.in_(self._ids)).options(joinedload(Availability.place))
        for row in self._session.scalars(week.order_by(Availability.starts, Availability.id)):
            self._week[row.coach_id, row.weekday].append(_Span(row.starts, row.ends, row.place, row.mode))
        self._other: dict[tuple[int, date], list[_Span]] = defaultdict(list)
        other = select(AvailabilityException, Place).outerjoin(Place, Place.id == AvailabilityException.place_id)
        mine = (AvailabilityException.coach_id.in_(self._ids), AvailabilityException.day.between(first, last))
        for each, place in self._session.execute(other.where(*mine).order_by(AvailabilityException.starts)).tuples():
            spans = self._other[each.coach_id, each.day]
            if each.starts and each.ends and place:
                spans.append(_Span(each.starts, each.ends, place, None))
        away = select(Leave.coach_id, Leave.first_day, Leave.last_day).where(
            Leave.coach_id.in_(self._ids), Leave.first_day <= last, Leave.last_day >= first
        )
        self._leave: dict[int, list[tuple[date, date]]] = defaultdict(list)
        for coach_id, begin, end in self._session.execute(away).tuples():
            self._leave[coach_id].append((begin, end))

    def _read_places(self) -> None:
        """Read the exceptions of places, and the week plans that staff have confirmed whole."""
        self._closing: dict[tuple[int, date], list[OpeningException]] = defaultdict(list)
        query = select(OpeningException).where(OpeningException.day.between(self.days[0], self.days[-1]))
        for row in self._session.scalars(query):
            self._closing[row.place_id, row.day].append(row)
        self._opening: dict[int, dict[int, list[OpeningTime]]] = {}
        unsure = set()
        for each in self._session.scalars(select(OpeningTime)):
            self._opening.setdefault(each.place_id, {}).setdefault(each.weekday, []).append(each)
            if each.confirmed_on is None:
                unsure.add(each.place_id)
        for place_id in unsure:
            del self._opening[place_id]

    def _read_taken(self, days: Collection[date]) -> None:
        """Read what is taken on these days, and which coaches have their most on a day.

        The steps of an appointment have no gap: its first and last one say all.
        """
        self._taken: dict[int, list[Moments]] = defaultdict(list)
        self._full = set()
        if not days:
            return
        first = moment_of(min(days), time.min)
        last = moment_of(max(days) + timedelta(days=2), time.min)  # a buffer can reach beyond midnight
        step_at = AppointmentStep.step_at
        steps = select(AppointmentStep.coach_id, func.min(step_at), func.max(step_at)).where(
            AppointmentStep.coach_id.in_(self._ids), step_at.between(first, last)
        )
        if self._without is not None:
            steps = steps.where(AppointmentStep.appointment_id != self._without)
        steps = steps.group_by(AppointmentStep.coach_id, AppointmentStep.appointment_id).order_by(func.min(step_at))
        for coach_id, begin, end in self._session.execute(steps).tuples():
            self._taken[coach_id].append((begin, end))
        self._read_full(first, last)

    def _read_full(self, first: datetime, last: datetime) -> None:
        most = {coach.id: coach.most_a_day for coach in self._coaches if coach.most_a_day is not None}
        if not most:
            return
        query = select(Appointment.coach_id, Appointment.starts_at).where(
            Appointment.coach_id.in_(most),
            Appointment.status != AppointmentStatus.CANCELLED,
            Appointment.starts_at.between(first, last),
        )
        if self._without is not None:
            query = query.where(Appointment.id != self._without)
        rows = self._session.execute(query).tuples()
        counts = Counter((coach_id, local_day(starts_at)) for coach_id, starts_at in rows)
        self._full = {key for key, count in counts.items() if count >= most[key[0]]}

    def _free_on(self, day: date) -> list[FreeTime]:
        found: dict[tuple[datetime, int], FreeTime] = {}
        for coach in self._coaches:
            for span in self._spans(coach, day):
                for free in self._slots(coach, span, day):
                    found.setdefault((free.starts_at, coach.id), free)
        return [found[key] for key in sorted(found)]

    def _spans(self, coach: Coach, day: date) -> list[_Span]:
        """List when a coach can be booked on a day, for the wished way to meet; before it is cut by the place."""
        if (coach.id, day) in self._full or any(begin <= day <= end for begin, end in self._leave[coach.id]):
            return []
        spans = self._other.get((coach.id, day), self._week[coach.id, day.weekday()])
        return [span for span in spans if self._suits(span)]

    def _suits(self, span: _Span) -> bool:
        is_how = None in (span.mode, self._mode) or span.mode is self._mode
        return is_how and (self._part is None or self._part in parts_between(span.starts, span.ends))

    def _slots(self, coach: Coach, span: _Span, day: date) -> Iterator[FreeTime]:
        """Cut a span of availability into appointments: each with its buffer after it, the last one needs none."""
        length = timedelta(minutes=coach.appointment_minutes)
        buffer = timedelta(minutes=coach.buffer_minutes)
        pace = length + buffer
        earliest, latest = self._bounds(coach)
        taken = self._taken[coach.id]
        whole = (moment_of(day, span.starts), moment_of(day, span.ends))
        for begin, end in spans_of_day(day, whole, self._closing.get((span.place.id, day), []), self._plan(span, day)):
            starts_at = whole[0] + -(-(begin - whole[0]) // pace) * pace  # an exception moves no appointment's start
            while starts_at + length <= end:
                ends_at = starts_at + length
                if earliest <= starts_at <= latest and not _is_taken(taken, starts_at, ends_at + buffer):
                    yield _free_time(coach, span, starts_at, ends_at)
                starts_at += pace

    def _plan(self, span: _Span, day: date) -> list[OpeningTime] | None:
        if span.mode is Mode.TELEPHONE or span.place.id not in self._opening:
            return None
        return self._opening[span.place.id].get(day.weekday(), [])

    def _count_booked(self) -> dict[int, int]:
        query = (
            select(Appointment.coach_id, func.count())
            .where(Appointment.status == AppointmentStatus.BOOKED, Appointment.starts_at > self._now)
            .group_by(Appointment.coach_id)
        )
        return dict(self._session.execute(query).tuples().all())


def _is_taken(taken: list[Moments], starts_at: datetime, ends_at: datetime) -> bool:
    """Tell whether a step from one moment to another is taken; *taken* are first and last steps, in order."""
    after = bisect_left(taken, _step_of(starts_at), key=lambda steps: steps[1])
    return after < len(taken) and taken[after][0] < ends_at


def _free_time(coach: Coach, span: _Span, starts_at: datetime, ends_at: datetime) -> FreeTime:
    return FreeTime(
        starts_at=starts_at,
        ends_at=ends_at,
        coach_id=coach.id,
        coach_name=coach.name,
        organisation=coach.organisation.name,
        place_id=span.place.id,
        place_name=span.place.name,
        mode=span.mode,
    )
