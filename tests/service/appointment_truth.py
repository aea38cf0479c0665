"""What must be true of all appointments at any moment, computed anew and simply from the rows of the store.

Nothing here asks the service but for its numbers: what is free, when a reminder is due and when people sleep is worked
out a second time, so that a fault in the service is not a fault in the test too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from service.offers import MOST_A_DAY, SHORTEST_LIFE
from store.base import Base
from store.messages import Notification, NotificationState
from store.models import (
    Appointment,
    AppointmentStatus,
    AppointmentStep,
    Area,
    Availability,
    AvailabilityException,
    Canceller,
    Coach,
    Leave,
    Mode,
    Newcomer,
    OpeningException,
    OpeningTime,
    TimeOffer,
    WaitingEntry,
)

UTRECHT = ZoneInfo("Europe/Amsterdam")
HOLIDAYS = {  # of the months in reach
    date.fromisoformat(day)
    for day in (
        *("2026-12-25", "2026-12-26", "2027-01-01"),
        *("2027-03-26", "2027-03-28", "2027-03-29"),  # Good Friday and Easter
        *("2027-04-27", "2027-05-06", "2027-05-16", "2027-05-17"),
    )
}
TO_GROUP = ("booking/told_coaches", "booking/moved_coaches", "booking/cancelled_coaches")
TO_COACH = ("booking/told_coach", "booking/moved_coach", "booking/cancelled_coach")
CHANGES = {"off": "change/coach_cancelled", "moved": "change/coach_moved"}
REMINDERS = ("reminder/day_before", "reminder/two_hours")
BOOKED, CANCELLED = AppointmentStatus.BOOKED, AppointmentStatus.CANCELLED
PENDING = NotificationState.PENDING

Span = tuple[datetime, datetime]
Time = tuple[int, datetime]  # coach, start


@dataclass(frozen=True)
class Looked:
    """What is looked for; None: any."""

    area: Area | None = None
    mode: Mode | None = None
    language: str | None = None


ANYTHING = Looked()


def at(day: date, local: time) -> datetime:
    """Give the moment of a time on a clock in Utrecht."""
    return datetime.combine(day, local, UTRECHT).astimezone(UTC)


def day_at(moment: datetime) -> date:
    """Give the day on a calendar in Utrecht."""
    return moment.astimezone(UTRECHT).date()


def overlap(one: Span, other: Span) -> bool:
    """Tell whether two spans have a moment in common."""
    return one[0] < other[1] and other[0] < one[1]


def is_night(moment: datetime) -> bool:
    """Tell whether people sleep."""
    return not 8 <= moment.astimezone(UTRECHT).hour < 21


def talk(appointment: Appointment) -> Span:
    """Give the time of a talk."""
    return appointment.starts_at, appointment.ends_at


class Truth:
    """The store at one moment, read at once; `before` is what it was, to know which times people have heard."""

    def __init__(self, session: Session, now: datetime, before: Truth | None = None) -> None:
        self.now = now
        suiting = (selectinload(Coach.languages), selectinload(Coach.areas))
        self.coaches = {coach.id: coach for coach in session.scalars(select(Coach).options(*suiting))}
        self.appointments = {row.id: row for row in _all(session, Appointment)}
        self.notifications = sorted(_all(session, Notification), key=lambda row: (row.deliver_at, row.id))
        self.steps = _all(session, AppointmentStep)
        self.entries = sorted(_all(session, WaitingEntry), key=lambda row: row.id)
        self.offers = sorted(_all(session, TimeOffer), key=lambda row: row.id)
        self.known = self._known(before.known if before else {})
        self._free: dict[tuple[Looked, int | None, bool], dict[Time, Mode | None]] = {}
        self._week = _all(session, Availability)
        self.exceptions = _all(session, AvailabilityException)
        self.blocked = {row.id for row in _all(session, Newcomer) if row.blocked_at or row.stopped_at}
        self._leave = _all(session, Leave)
        self._plan = _all(session, OpeningTime)
        self._closing = _all(session, OpeningException)

    def _known(self, before: dict[int, set[datetime]]) -> dict[int, set[datetime]]:
        """Give the time of each appointment that its newcomer knows: not the one of a move that is to be told yet.

        Two, where nobody can tell which of two acts at the same moment was first.
        """
        unheard = {
            each.appointment_id
            for each in self.notifications
            if each.name in CHANGES.values() and each.state is PENDING
        }
        return {
            row.id: before.get(row.id, {row.starts_at}) if row.id in unheard else {row.starts_at}
            for row in self.appointments.values()
        }

    # What stands

    def standing(self) -> list[Appointment]:
        """List what is not cancelled."""
        return [row for row in self.appointments.values() if row.status is not CANCELLED]

    def to_come(self) -> list[Appointment]:
        """List what is booked and has not begun."""
        return [row for row in self.appointments.values() if row.status is BOOKED and row.starts_at > self.now]

    def taken(self, appointment: Appointment) -> Span:
        """Give the time that an appointment takes of its coach, the buffer included."""
        buffer = timedelta(minutes=self.coaches[appointment.coach_id].buffer_minutes)
        return appointment.starts_at, appointment.ends_at + buffer

    def own_overlap(self, newcomer_id: int, span: Span, *, without: int | None = None) -> bool:
        """Tell whether a newcomer talks with somebody then."""
        mine = [row for row in self.appointments.values() if row.newcomer_id == newcomer_id and row.id != without]
        return any(row.status is BOOKED and overlap(talk(row), span) for row in mine)

    def span_with(self, time_: Time) -> Span:
        """Give the time of a talk with a coach that begins at a moment."""
        coach_id, start = time_
        return start, start + timedelta(minutes=self.coaches[coach_id].appointment_minutes)

    # What is free

    def free(
        self, looked: Looked = ANYTHING, *, without: int | None = None, heeds_notice: bool = True
    ) -> dict[Time, Mode | None]:
        """Give the free times of every coach who suits, by start, each with the only way to meet then."""
        key = (looked, without, heeds_notice)
        if key not in self._free:
            self._free[key] = self._compute_free(looked, without, heeds_notice=heeds_notice)
        return self._free[key]

    def _compute_free(self, looked: Looked, without: int | None, *, heeds_notice: bool) -> dict[Time, Mode | None]:
        found: dict[Time, Mode | None] = {}
        for coach in self.coaches.values():
            if not self._suits(coach, looked):
                continue
            mine = [row for row in self.standing() if row.coach_id == coach.id and row.id != without]
            spans = [self.taken(row) for row in mine]
            earliest = self.now + timedelta(minutes=coach.notice_minutes if heeds_notice else 0)
            latest = self.now + timedelta(days=coach.ahead_days)
            for start, mode in self._starts(coach, looked.mode, mine):
                taken = (start, start + timedelta(minutes=coach.appointment_minutes + coach.buffer_minutes))
                if earliest <= start <= latest and not any(overlap(taken, span) for span in spans):
                    found.setdefault((coach.id, start), mode)
        return dict(sorted(found.items(), key=lambda item: (item[0][1], item[0][0])))

    def _suits(self, coach: Coach, looked: Looked) -> bool:
        speaks = {"nl", None} | {row.language for row in coach.languages}
        talks_about = {row.area for row in coach.areas} or set(Area)
        return looked.language in speaks and (looked.area is None or looked.area in talks_about)

    def _starts(
        self, coach: Coach, wished: Mode | None, mine: list[Appointment]
    ) -> Iterator[tuple[datetime, Mode | None]]:
        """Give what a coach's days are cut into, whether or not it is taken."""
        for ahead in range(coach.ahead_days + 2):
            day = day_at(self.now) + timedelta(days=ahead)
            if self.is_away(coach.id, day):
                continue
            if coach.most_a_day and sum(day_at(row.starts_at) == day for row in mine) >= coach.most_a_day:
                continue
            for row in self._spans(coach, day):
                if row.starts is None or row.ends is None or row.place_id is None:
                    continue
                mode = row.mode if isinstance(row, Availability) else None
                if wished is None or mode in (wished, None):
                    opened = self._opened(row.place_id, day, mode)
                    for start, end in _cut(coach, at(day, row.starts), at(day, row.ends)):
                        if opened is None or any(begin <= start and end <= close for begin, close in opened):
                            yield start, mode

    def _spans(self, coach: Coach, day: date) -> list[Availability] | list[AvailabilityException]:
        other = [row for row in self.exceptions if (row.coach_id, row.day) == (coach.id, day)]
        return other or [row for row in self._week if (row.coach_id, row.weekday) == (coach.id, day.weekday())]

    def _opened(self, place_id: int, day: date, mode: Mode | None) -> list[Span] | None:
        """Give when a place is open; None: nobody says that it is not."""
        closing = [row for row in self._closing if (row.place_id, row.day) == (place_id, day)]
        if closing:
            return [(at(day, row.opens), at(day, row.closes)) for row in closing if row.opens and row.closes]
        if day in HOLIDAYS:
            return []
        plan = [row for row in self._plan if row.place_id == place_id]
        if mode is Mode.TELEPHONE or not plan:
            return None
        return [(at(day, row.opens), at(day, row.closes)) for row in plan if row.weekday == day.weekday()]

    def is_away(self, coach_id: int, day: date) -> bool:
        """Tell whether a coach is on leave or ill."""
        return any(row.coach_id == coach_id and row.first_day <= day <= row.last_day for row in self._leave)

    # What must be true

    def check(self) -> None:
        """Hold the store against all that must be true of it.

        Raises:
            AssertionError: Naming what is not.
        """
        self._check_coaches_time()
        self._check_steps()
        self._check_newcomers_time()
        self._check_leave()
        self._check_told_to_coaches()
        self._check_told_to_newcomers()
        self._check_reminders()
        self._check_line()

    def _check_coaches_time(self) -> None:
        for one, other in combinations(self.standing(), 2):
            if one.coach_id == other.coach_id:
                assert not overlap(self.taken(one), self.taken(other)), f"two at once: {one.id} and {other.id}"
        a_day = Counter((row.coach_id, day_at(row.starts_at)) for row in self.standing())
        for (coach_id, day), count in a_day.items():
            assert count <= (self.coaches[coach_id].most_a_day or count), f"{count} on {day}"

    def _check_steps(self) -> None:
        expected = set()
        for row in self.standing():
            step, end = self.taken(row)
            while step < end:
                expected.add((row.coach_id, step, row.id))
                step += timedelta(minutes=5)
        kept = {(step.coach_id, step.step_at, step.appointment_id) for step in self.steps}
        assert kept == expected, f"lost: {expected - kept}; left over: {kept - expected}"

    def _check_newcomers_time(self) -> None:
        for one, other in combinations(self.standing(), 2):
            if one.newcomer_id == other.newcomer_id is not None:
                assert not overlap(talk(one), talk(other)), f"one person twice: {one.id} and {other.id}"

    def _check_leave(self) -> None:
        for row in self.to_come():
            assert not self.is_away(row.coach_id, day_at(row.starts_at)), f"{row.id}: the coach is away"

    def _check_told_to_coaches(self) -> None:
        for row in self.appointments.values():
            told = [each for each in self.notifications if each.appointment_id == row.id]
            self._check_last(row, [each for each in told if each.name in TO_GROUP])
            for coach_id in {row.coach_id, *(each.coach_id for each in told if each.coach_id)}:
                mine = [each for each in told if each.coach_id == coach_id and each.name in TO_COACH]
                self._check_last(row, mine, coach_id=coach_id)

    def _check_last(self, row: Appointment, told: list[Notification], coach_id: int | None = None) -> None:
        """Check what was said last of an appointment: to a coach, or to the group."""
        if row.newcomer_id is None and not told:
            assert row not in self.to_come()  # erased: what was told of the past went with the person
            return
        last = told[-1]
        if coach_id not in (None, row.coach_id):
            assert last.name == "booking/cancelled_coach", f"{row.id}: a coach believes to have it: {last.name}"
            return
        believes_off = last.name.startswith("booking/cancelled")
        assert believes_off is (row.status is CANCELLED), f"{row.id} is {row.status}, told {last.name}"
        assert _when(last) == row.starts_at, f"{row.id} at {row.starts_at}, told {_when(last)}"
        assert last.arguments["coach"] == self.coaches[row.coach_id].name

    def _check_told_to_newcomers(self) -> None:
        for row in self.appointments.values():
            told = [each for each in self.notifications if each.appointment_id == row.id and each.newcomer_id]
            assert {each.newcomer_id for each in told} <= {row.newcomer_id}
            if row.newcomer_id is None:
                continue
            files = [each for each in told if each.name == "calendar/file"]
            if row.status is not CANCELLED:
                assert _when(files[-1]) == row.starts_at, f"{row.id}: the calendar has {_when(files[-1])}"
            elif any(each.state is NotificationState.SENT for each in files):
                assert files[-1].created_at == row.changed_at, f"{row.id}: still in the calendar"
            self._check_changes(row, [each for each in told if each.name in CHANGES.values()])

    def _check_changes(self, row: Appointment, told: list[Notification]) -> None:
        if row.cancelled_by is Canceller.COACH:
            last = told[-1]
            assert last.name == CHANGES["off"], f"{row.id}: not told: {last.name}"
            assert last.created_at == row.changed_at, f"{row.id}: told {last.created_at}, changed {row.changed_at}"
        for each in told:
            if each.state is PENDING:
                assert self.holds(each), f"{row.id}: will hear {each.name} {_when(each)}, is {row.status}"
                named = each.arguments["old"]["datetime"] if "old" in each.arguments else _when(each).isoformat()
                assert datetime.fromisoformat(named) in self.known[row.id], f"{row.id}: the person knows another time"

    def holds(self, told: Notification) -> bool:
        """Tell whether what is told to a newcomer is true now."""
        row = self.appointments[told.appointment_id or 0]
        if told.name == "attendance/missed":
            return row.status is AppointmentStatus.NO_SHOW
        if told.name == CHANGES["off"]:
            return row.cancelled_by is Canceller.COACH
        if told.name in (CHANGES["moved"], *REMINDERS):
            return row.status is not CANCELLED and _when(told) == row.starts_at
        return True

    def _check_reminders(self) -> None:
        told = [each for each in self.notifications if each.name in REMINDERS]
        to_come = {row.id: row for row in self.to_come()}
        for each in told:
            if each.state is PENDING and each.lapses_at and each.lapses_at > self.now:
                assert each.appointment_id in to_come, f"{each.appointment_id}: a reminder of nothing"
        for row in to_come.values():
            if row.newcomer_id is None:
                continue
            planned = {
                (each.name, each.deliver_at)
                for each in told
                if each.appointment_id == row.id and (each.state is PENDING or each.created_at >= row.changed_at)
            }
            due = {(name, moment) for name, moment in reminders_of(row.starts_at) if moment > row.changed_at}
            assert planned == due, f"{row.id} at {row.starts_at}: planned {planned}, due {due}"
            assert all(self.holds(each) for each in told if each.appointment_id == row.id and each.state is PENDING)
            assert not any(is_night(moment) for _, moment in planned)

    def _check_line(self) -> None:
        opened = [entry for entry in self.entries if entry.closed_at is None]
        assert len({entry.appointment_id for entry in opened}) == len(opened)
        for entry in opened:
            row = self.appointments[entry.appointment_id]
            assert row.status is BOOKED or row.starts_at <= self.now, f"{row.id}: waits, and is {row.status}"
        live = self.live_offers()
        times = Counter((offer.coach_id, offer.starts_at) for offer in live)
        assert all(count == 1 for count in times.values()), f"offered to two: {times}"

    def live_offers(self) -> list[TimeOffer]:
        """List the offers that can still be taken."""
        return [offer for offer in self.offers if offer.answered_at is None and offer.expires_at > self.now]

    def entry_of(self, offer: TimeOffer) -> WaitingEntry:
        """Give the place in line of an offer."""
        return next(entry for entry in self.entries if entry.id == offer.entry_id)

    def asked(self, offer: TimeOffer) -> int | None:
        """Tell who is offered a time."""
        return self.appointments[self.entry_of(offer).appointment_id].newcomer_id

    def could_be_offered(self, entry_id: int) -> set[Time]:
        """List what is sooner for somebody in line who has no offer to answer, and is on offer to nobody."""
        entry = next(entry for entry in self.entries if entry.id == entry_id)
        row = self.appointments[entry.appointment_id]
        if entry.closed_at or row.newcomer_id is None or row not in self.to_come() or row.newcomer_id in self.blocked:
            return set()
        mine = [offer for offer in self.offers if self.asked(offer) == row.newcomer_id]
        free = self.free()
        live = [offer for offer in self.live_offers() if (offer.coach_id, offer.starts_at) in free]
        today = sum(day_at(offer.offered_at) == day_at(self.now) for offer in mine)
        if today >= MOST_A_DAY or any(offer in mine for offer in live):
            return set()
        gone = {
            (offer.coach_id, offer.starts_at) for offer in self.offers if offer in live or offer.entry_id == entry_id
        }
        return {time_ for time_ in self._sooner(row) - gone if self._can_answer(row, time_)}

    def _sooner(self, row: Appointment) -> set[Time]:
        """List the times that would do for an appointment, and are sooner."""
        language = None if row.interpreter else row.language
        suits = self.free(Looked(row.area, row.mode, language))
        return {
            time_
            for time_ in suits
            if time_[1] < row.starts_at
            and not self.own_overlap(row.newcomer_id or 0, self.span_with(time_), without=row.id)
        }

    def _can_answer(self, row: Appointment, time_: Time) -> bool:
        """Tell whether there is time to answer an offer before one of the two coaches' limits."""
        notice = timedelta(minutes=self.coaches[time_[0]].notice_minutes)
        change = timedelta(minutes=self.coaches[row.coach_id].change_minutes)
        return min(time_[1] - notice, row.starts_at - change) - self.now >= SHORTEST_LIFE


def reminders_of(starts_at: datetime) -> Iterator[tuple[str, datetime]]:
    """Give the reminders of an appointment, and when they are due."""
    local = starts_at.astimezone(UTRECHT)
    yield REMINDERS[0], at(local.date() - timedelta(days=1), min(max(local.time(), time(8)), time(20, 30)))
    due = starts_at - timedelta(hours=2)
    if is_night(due):
        morning = due.astimezone(UTRECHT)
        due = at(morning.date() + timedelta(days=morning.hour >= 21), time(8))
    if due <= starts_at - timedelta(minutes=15):
        yield REMINDERS[1], due


def _all[Row: Base](session: Session, kind: type[Row]) -> list[Row]:
    return list(session.scalars(select(kind)))


def _cut(coach: Coach, begin: datetime, end: datetime) -> Iterator[Span]:
    length = timedelta(minutes=coach.appointment_minutes)
    while begin + length <= end:
        yield begin, begin + length
        begin += length + timedelta(minutes=coach.buffer_minutes)


def _when(told: Notification) -> datetime:
    return datetime.fromisoformat(told.arguments["when"]["datetime"])
