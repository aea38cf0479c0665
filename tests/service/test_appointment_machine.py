"""Newcomers, coaches, the clock and the bot do as they like, in any order and at once: what must be true stays true.

Hypothesis draws the acts. Each is told beforehand what must come of it, and after each the whole store is held against
`tests.service.appointment_truth`.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from threading import Barrier
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import delete
from sqlalchemy.orm import Session, sessionmaker

from service.agenda import call_in_sick, cancel_by_coach, mark_attendance, move_by_coach, times_for_move
from service.appointment_changes import lock_coaches
from service.appointments import (
    MOST_STANDING,
    Appointment,
    AppointmentRequest,
    book_appointment,
    cancel_appointment,
    move_appointment,
)
from service.availability import Wish, all_free_times, next_free_times
from service.errors import (
    AlreadyCancelled,
    NoSuchNewcomer,
    OfferLapsed,
    Overlaps,
    TimeTaken,
    TooEarly,
    TooLate,
    TooLateToChange,
    TooMany,
    WegwijsError,
)
from service.leave import end_leave, take_leave
from service.newcomers import erase_newcomer
from service.offers import OFFER_LIFE, SHORTEST_LIFE, decline_offer, offer_times, take_offer
from service.outbox import LEASE, claim_due, settle_blocked, settle_sent
from service.reminders import mark_coming
from service.waiting_list import join_line, leave_line
from store.base import Base
from store.models import AppointmentStatus, Area, Canceller, Coach, LeaveKind, Mode, Newcomer, TimeOffer, WaitingEntry
from tests.factories import (
    make_availability,
    make_availability_exception,
    make_coach,
    make_coach_area,
    make_coach_language,
    make_newcomer,
    make_opening_exception,
    make_opening_time,
    make_organisation,
    make_place,
)
from tests.service.appointment_truth import (
    ANYTHING,
    BOOKED,
    CANCELLED,
    Looked,
    Time,
    Truth,
    at,
    day_at,
    is_night,
)

EXAMPLES, STEPS = 20, 40
PEOPLE = 4
BEGINNINGS = (
    datetime(2026, 10, 23, 7, 0, tzinfo=UTC),  # a Friday; the clock goes back on Sunday
    datetime(2026, 11, 24, 8, 0, tzinfo=UTC),  # an ordinary Tuesday
    datetime(2027, 3, 25, 8, 0, tzinfo=UTC),  # a Thursday; the clock goes forward on Sunday, which is Easter
)
CLOCK_CHANGES = (datetime(2026, 10, 25, tzinfo=UTC).date(), datetime(2027, 3, 28, tzinfo=UTC).date())
PAIRS = (  # acts at the same moment
    ("move", "cancel"),
    ("move", "book"),
    ("move", "coach moves"),
    ("move", "be ill"),
    ("move", "be ill then"),
    ("cancel", "cancel"),
    ("cancel", "be ill"),
    ("cancel", "coach moves"),
    ("book", "be ill then"),
    ("be ill", "be ill"),
    ("be ill", "coach moves"),
    ("erase", "be ill"),
    ("erase", "move"),
    ("erase", "cancel"),
    ("erase", "coach moves"),
)
picks = st.integers(0, 40)  # the one at this place of whatever there is; more than there are begins anew
wishes = st.builds(
    Looked,
    area=st.sampled_from([None, Area.MONEY, Area.WORK]),
    mode=st.sampled_from([None, Mode.PLACE, Mode.TELEPHONE]),
    language=st.sampled_from([None, "nl", "ar"]),
)


class Life(RuleBasedStateMachine):
    """A few people and three coaches with as different weeks as can be."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        super().__init__()
        self.sessions = sessions
        self.now = BEGINNINGS[0]
        self.people: list[int] = []
        self.coaches: list[int] = []
        self.blocked: set[int] = set()  # newcomers
        self.reminded: set[tuple[int, str, str]] = set()  # appointment, reminder, time
        self.truth: Truth | Any = None

    @initialize(beginning=st.sampled_from(BEGINNINGS), bookings=st.lists(st.tuples(picks, picks, wishes), min_size=5))
    def begin(self, beginning: datetime, bookings: list[tuple[int, int, Looked]]) -> None:
        self.now = beginning
        with self.sessions.begin() as session:
            for table in reversed(Base.metadata.sorted_tables):
                session.execute(delete(table))
            self.coaches = make_coaches(session)
            self.people = [make_newcomer(session).id for _ in range(PEOPLE)]
        self.look()
        for number, (person, pick, looked) in enumerate(bookings):
            self.book(person, pick, looked)
            if number % 3 == 0:
                self.wait(0, joins=True)

    def look(self) -> None:
        """Read the store anew."""
        with self.sessions() as session:
            self.truth = Truth(session, self.now, self.truth)

    def act(self, act: Callable[[Session], Any]) -> Any:
        """Do something in a transaction of its own; give its result, or the kind of refusal."""
        return self.at_once(act)[0]

    def at_once(self, *acts: Callable[[Session], Any]) -> list[Any]:
        """Do several things at the same moment, each in a transaction of its own."""
        barrier = Barrier(len(acts))

        def run(act: Callable[[Session], Any]) -> Any:
            barrier.wait(timeout=30)
            try:
                with self.sessions.begin() as session:
                    return act(session)
            except WegwijsError as refused:
                return refused

        if len(acts) == 1:
            done = [run(acts[0])]
        else:
            with ThreadPoolExecutor(len(acts)) as pool:
                done = list(pool.map(run, acts))
        self.look()
        return done

    @invariant()
    def all_is_true(self) -> None:
        if not self.people:
            return
        self.truth.check()
        with self.sessions() as session:
            offered = [(free.coach_id, free.starts_at) for free in all_free_times(session, self.now)]
        assert offered == list(self.truth.free()), "what is free is not offered, or what is offered is not free"

    # Newcomers

    def appointment(self, pick: int, *, own: bool = False) -> Appointment | None:
        """Choose an appointment; the latest ones first, as they are the ones that can change."""
        rows = [row for row in self.truth.appointments.values() if not own or row.newcomer_id]
        return rows[-1 - pick % len(rows)] if rows else None

    def request(self, wanted: Time, looked: Looked) -> AppointmentRequest:
        return AppointmentRequest(
            starts_at=wanted[1],
            coach_id=wanted[0],
            area=looked.area or Area.MONEY,
            mode=looked.mode or Mode.TELEPHONE,
            called_name="Sami",
            language=looked.language or "nl",
            interpreter=False,
        )

    def booking(self, newcomer_id: int, wanted: Time, looked: Looked) -> Callable[[Session], Appointment]:
        request = self.request(wanted, looked)
        return lambda session: book_appointment(session, person_of(session, newcomer_id), request, self.now)

    def moving(self, row: Appointment, wanted: Time) -> Callable[[Session], Appointment]:
        whose, appointment_id = row.newcomer_id, row.id
        return lambda session: move_appointment(
            session, person_of(session, whose), appointment_id, wanted[1], wanted[0], self.now
        )

    def cancelling(self, row: Appointment) -> Callable[[Session], Appointment]:
        whose, appointment_id = row.newcomer_id, row.id
        return lambda session: cancel_appointment(session, person_of(session, whose), appointment_id, self.now)

    def outcome_of_booking(self, newcomer_id: int, wanted: Time, looked: Looked) -> type:
        mine = [row for row in self.truth.to_come() if row.newcomer_id == newcomer_id]
        if len(mine) >= MOST_STANDING:
            return TooMany
        if wanted not in self.truth.free(Looked(mode=looked.mode or Mode.TELEPHONE)):
            return TimeTaken
        if self.truth.own_overlap(newcomer_id, self.truth.span_with(wanted)):
            return Overlaps
        return Appointment

    def wanted_time(self, pick: int, looked: Looked, minutes: int) -> Time | None:
        free = list(self.truth.free(looked))
        if not free:
            return None
        coach_id, start = free[pick % len(free)]
        return coach_id, start + timedelta(minutes=minutes)

    @rule(person=picks, pick=picks, looked=wishes)
    def book(self, person: int, pick: int, looked: Looked) -> None:
        self.try_to_book(person, self.wanted_time(pick, looked, 0), looked)

    @rule(person=picks, pick=picks, looked=wishes, minutes=st.sampled_from([-25, -5, 5, 15, 1440]))
    def book_what_may_not_be_free(self, person: int, pick: int, looked: Looked, minutes: int) -> None:
        self.try_to_book(person, self.wanted_time(pick, looked, minutes), looked)

    @rule(person=picks, pick=picks, looked=wishes)
    def book_while_talking(self, person: int, pick: int, looked: Looked) -> None:
        """Book a time at which one talks with another coach already."""
        newcomer_id = self.people[person % PEOPLE]
        busy = [t for t in self.truth.free(looked) if self.truth.own_overlap(newcomer_id, self.truth.span_with(t))]
        if busy:
            self.try_to_book(person, busy[pick % len(busy)], looked)

    @rule(person=picks, pick=picks, looked=wishes)
    def book_what_is_taken(self, person: int, pick: int, looked: Looked) -> None:
        row = self.appointment(pick)
        if row is not None:
            self.try_to_book(person, (row.coach_id, row.starts_at), looked)

    def try_to_book(self, person: int, wanted: Time | None, looked: Looked) -> None:
        if wanted is None:
            return
        newcomer_id = self.people[person % PEOPLE]
        expected = self.outcome_of_booking(newcomer_id, wanted, looked)
        suits = self.truth.free(
            Looked(looked.area or Area.MONEY, looked.mode or Mode.TELEPHONE, looked.language), heeds_notice=True
        )
        booked = self.act(self.booking(newcomer_id, wanted, looked))
        assert type(booked) is expected, f"{booked!r}, not {expected.__name__}"
        if isinstance(booked, TimeTaken):
            named = [(free.coach_id, free.starts_at) for free in booked.alternatives]
            assert set(named) <= set(suits)
            assert len(named) == min(3, len({start for _, start in suits}))

    @rule(looked=wishes, pick=picks)
    def look_for_times(self, looked: Looked, pick: int) -> None:
        wish = Wish(area=looked.area, mode=looked.mode, language=looked.language)
        suits = self.truth.free(looked)
        starts = sorted({start for _, start in suits})
        after = starts[pick % len(starts)] if starts and pick else None
        with self.sessions() as session:
            found = [(free.coach_id, free.starts_at) for free in all_free_times(session, self.now, wish=wish)]
            following = next_free_times(session, self.now, wish=wish, after=after, limit=5)
        assert found == list(suits)
        assert [free.starts_at for free in following] == [s for s in starts if after is None or s > after][:5]

    def outcome_of_change(self, row: Appointment) -> type[WegwijsError] | None:
        """Tell why an appointment cannot be changed by its newcomer."""
        if row.status is CANCELLED:
            return AlreadyCancelled
        if row.status is not BOOKED or row.starts_at <= self.now:
            return TooLate
        change = timedelta(minutes=self.truth.coaches[row.coach_id].change_minutes)
        return TooLateToChange if row.starts_at - self.now < change else None

    def outcome_of_moving(self, row: Appointment, wanted: Time) -> type:
        if row.status is BOOKED and (row.coach_id, row.starts_at) == wanted:
            return Appointment
        refusal = None if row.cancelled_by is Canceller.COACH else self.outcome_of_change(row)
        if refusal is not None:
            return refusal
        if wanted not in self.truth.free(Looked(mode=row.mode), without=row.id):
            return TimeTaken
        taken = row.newcomer_id and self.truth.own_overlap(
            row.newcomer_id, self.truth.span_with(wanted), without=row.id
        )
        return Overlaps if taken else Appointment

    @rule(which=picks, pick=picks, minutes=st.sampled_from([None, 0, 0, 0, 5, -60]))
    def move(self, which: int, pick: int, minutes: int | None) -> None:
        """Move to a free time, or one near it; None: to where it is."""
        row = self.appointment(which, own=True)
        if row is None:
            return
        there = (row.coach_id, row.starts_at)
        wanted = there if minutes is None else self.wanted_time(pick, ANYTHING, minutes) or there
        expected = self.outcome_of_moving(row, wanted)
        moved = self.act(self.moving(row, wanted))
        assert type(moved) is expected, f"{moved!r}, not {expected.__name__}"
        if isinstance(moved, Appointment):
            assert (moved.coach_id, moved.starts_at) == wanted

    @rule(which=picks)
    def cancel(self, which: int) -> None:
        row = self.appointment(which, own=True)
        if row is not None:
            expected = self.outcome_of_change(row) or Appointment
            cancelled = self.act(self.cancelling(row))
            assert type(cancelled) is expected, f"{cancelled!r}, not {expected.__name__}"

    @rule(which=picks)
    def say_that_one_comes(self, which: int) -> None:
        row = self.appointment(which, own=True)
        if row is None:
            return
        whose = row.newcomer_id
        coming = self.act(lambda session: mark_coming(session, person_of(session, whose), row.id, self.now))
        assert isinstance(coming, Appointment) is (row.id in self.ids_to_come())

    def ids_to_come(self) -> set[int]:
        return {row.id for row in self.truth.to_come()}

    @rule(person=picks, erases=st.sampled_from([False, False, True]))
    def go(self, person: int, *, erases: bool) -> None:
        """Block the bot; or have everything erased, after which another person comes."""
        whose = self.people[person % PEOPLE]
        if not erases:
            self.blocked.add(whose)
            return
        self.act(lambda session: erase_newcomer(session, person_of(session, whose), self.now))
        self.replace(whose)
        assert not any(each.newcomer_id == whose for each in self.truth.notifications)
        for row in self.truth.appointments.values():
            assert row.newcomer_id or not (row.called_name or row.telephone or row.reason)

    def replace(self, newcomer_id: int) -> None:
        """Let somebody new come for one who is erased."""
        with self.sessions.begin() as session:
            self.people[self.people.index(newcomer_id)] = make_newcomer(session).id
        self.blocked.discard(newcomer_id)
        self.look()

    # Coaches

    def coach_id(self, pick: int) -> int:
        return self.coaches[pick % len(self.coaches)]

    @rule(which=picks, pick=picks, clashes=st.booleans())
    def coach_moves(self, which: int, pick: int, *, clashes: bool) -> None:
        """Move to a free time; if it *clashes*, to one at which the newcomer talks with another coach, if there is."""
        row = self.appointment(which)
        if row is None:
            return
        free = self.truth.free(Looked(mode=row.mode), without=row.id, heeds_notice=False)
        mine = [start for coach_id, start in free if coach_id == row.coach_id and start != row.starts_at]
        with self.sessions() as session:
            if row.id in self.ids_to_come():
                coach = session.get_one(Coach, row.coach_id)
                named = times_for_move(session, coach, row.id, self.now)
                assert [each.starts_at for each in named] == mine[:8]
        if clashes and row.newcomer_id:
            spans = {start: self.truth.span_with((row.coach_id, start)) for start in mine}
            busy = [s for s in mine if self.truth.own_overlap(row.newcomer_id, spans[s], without=row.id)]
            mine = busy or mine
        if not mine:
            return
        start, known = mine[pick % len(mine)], self.truth.known[row.id]
        expected = self.outcome_of_coach_moving(row, start)
        moved = self.act(self.coach_moving(row, start))
        assert type(moved) is expected, f"{moved!r}, not {expected.__name__}"
        if isinstance(moved, Appointment) and row.newcomer_id and len(known) == 1:
            # Unless it is back before the person heard that it moved.
            assert self.was_told(row.id, "change/coach_moved") is (start not in known)

    def coach_moving(self, row: Appointment, start: datetime) -> Callable[[Session], Appointment]:
        return lambda session: move_by_coach(session, session.get_one(Coach, row.coach_id), row.id, start, self.now)

    def outcome_of_coach_moving(self, row: Appointment, start: datetime) -> type:
        if row.status is CANCELLED:
            return AlreadyCancelled
        if row.id not in self.ids_to_come():
            return TooLate
        span = self.truth.span_with((row.coach_id, start))
        taken = row.newcomer_id and self.truth.own_overlap(row.newcomer_id, span, without=row.id)
        return Overlaps if taken else Appointment

    def was_told(self, appointment_id: int, name: str) -> bool:
        """Tell whether the newcomer is told something at this moment."""
        return any(
            (each.appointment_id, each.name, each.created_at) == (appointment_id, name, self.now)
            for each in self.truth.notifications
            if each.newcomer_id
        )

    @rule(which=picks)
    def coach_cancels(self, which: int) -> None:
        row = self.appointment(which)
        if row is None or row.id not in self.ids_to_come():
            return

        def cancel(session: Session) -> None:
            found = session.get_one(Appointment, row.id)
            lock_coaches(session, {found.coach_id})
            cancel_by_coach(session, found, self.now)

        self.act(cancel)
        assert self.truth.appointments[row.id].cancelled_by is Canceller.COACH

    @rule(who=picks, ahead=st.integers(0, 4), days=st.integers(0, 3))
    def go_away(self, who: int, ahead: int, days: int) -> None:
        """Take leave for some days; none: be ill for one."""
        first = day_at(self.now) + timedelta(days=ahead)
        last = first + timedelta(days=max(days, 1) - 1)
        coach_id = self.coach_id(who)
        concerned = {
            row.id
            for row in self.truth.to_come()
            if row.coach_id == coach_id and first <= day_at(row.starts_at) <= last
        }
        away = self.taking_leave(coach_id, first, last) if days else self.falling_ill(coach_id, first)
        assert {row.id for row in self.act(away)} == concerned
        assert self.truth.is_away(coach_id, last)

    def taking_leave(self, coach_id: int, first: date, last: date) -> Callable[[Session], list[Appointment]]:
        return lambda session: take_leave(
            session, session.get_one(Coach, coach_id), first, last, LeaveKind.LEAVE, self.now
        )

    def falling_ill(self, coach_id: int, day: date) -> Callable[[Session], list[Appointment]]:
        return lambda session: call_in_sick(session, session.get_one(Coach, coach_id), day, self.now)

    @rule(who=picks, ahead=st.integers(0, 4))
    def end_leave(self, who: int, ahead: int) -> None:
        day = day_at(self.now) + timedelta(days=ahead)
        was_away = self.truth.is_away(self.coach_id(who), day)
        ended = self.act(lambda session: end_leave(session, session.get_one(Coach, self.coach_id(who)), day, self.now))
        assert ended is was_away
        assert not self.truth.is_away(self.coach_id(who), day)

    @rule(who=picks, ahead=st.integers(0, 5), hours=st.sampled_from([None, ("10:00", "12:00"), ("19:00", "21:30")]))
    def other_times_on_a_day(self, who: int, ahead: int, hours: tuple[str, str] | None) -> None:
        day = day_at(self.now) + timedelta(days=ahead)
        coach_id = self.coach_id(who)
        if any((row.coach_id, row.day) == (coach_id, day) for row in self.truth.exceptions):
            return
        self.act(
            lambda session: make_availability_exception(session, session.get_one(Coach, coach_id), day, *(hours or ()))
        )

    @rule(which=picks, attended=st.booleans())
    def mark(self, which: int, *, attended: bool) -> None:
        row = self.appointment(which)
        if row is None:
            return
        expected: type = AlreadyCancelled if row.status is CANCELLED else Appointment
        if row.status is not CANCELLED and row.starts_at > self.now:
            expected = TooEarly
        marked = self.act(
            lambda session: mark_attendance(
                session, session.get_one(Coach, row.coach_id), row.id, attended=attended, now=self.now
            )
        )
        assert type(marked) is expected, f"{marked!r}, not {expected.__name__}"
        if isinstance(marked, Appointment):
            assert marked.status is (AppointmentStatus.ATTENDED if attended else AppointmentStatus.NO_SHOW)
            told = [each for each in self.truth.notifications if each.appointment_id == row.id]
            assert len([each for each in told if each.name == "attendance/missed"]) <= 1

    # The line

    @rule(which=picks, joins=st.sampled_from([True, True, False]))
    def wait(self, which: int, *, joins: bool) -> None:
        """Join the line, or leave it."""
        row = self.appointment(which, own=True)
        if row is None:
            return
        whose, act = row.newcomer_id, join_line if joins else leave_line
        waited = any(entry.appointment_id == row.id and not entry.closed_at for entry in self.truth.entries)
        done = self.act(lambda session: act(session, person_of(session, whose), row.id, self.now))
        if joins:
            assert isinstance(done, WaitingEntry) is (row.id in self.ids_to_come())
        else:
            assert done is waited

    @rule()
    def offer(self) -> None:
        before = self.truth
        made = self.act(lambda session: offer_times(session, self.now))
        known = {offer.id for offer in before.offers}
        new = [offer for offer in self.truth.offers if offer.id not in known]
        assert made == len(new)
        if is_night(self.now) or is_night(self.now + SHORTEST_LIFE):
            assert new == []
            return
        asked = {self.truth.asked(offer) for offer in new}
        for offer in new:
            assert (offer.coach_id, offer.starts_at) in before.could_be_offered(offer.entry_id)
            assert self.now < offer.expires_at <= self.now + OFFER_LIFE
            for entry in self.truth.entries:
                is_ahead = entry.id < offer.entry_id
                if is_ahead and self.truth.appointments[entry.appointment_id].newcomer_id not in asked:
                    assert (offer.coach_id, offer.starts_at) not in before.could_be_offered(entry.id)
        for entry in self.truth.entries:
            assert self.truth.could_be_offered(entry.id) == set(), "somebody in line could have a sooner time"

    def an_offer(self, pick: int) -> tuple[TimeOffer, Appointment] | None:
        offers = [
            (offer, self.truth.appointments[self.truth.entry_of(offer).appointment_id]) for offer in self.truth.offers
        ]
        offers = [(offer, row) for offer, row in offers if row.newcomer_id]
        return offers[-1 - pick % len(offers)] if offers else None

    def taking(self, offer: TimeOffer, row: Appointment) -> Callable[[Session], Appointment]:
        return lambda session: take_offer(session, person_of(session, row.newcomer_id), offer.id, self.now)

    @rule(pick=picks)
    def take(self, pick: int) -> None:
        found = self.an_offer(pick)
        if found is None:
            return
        offer, row = found
        wanted = (offer.coach_id, offer.starts_at)
        is_live = offer in self.truth.live_offers() and not self.truth.entry_of(offer).closed_at
        is_there = row.status is BOOKED and (row.coach_id, row.starts_at) == wanted
        expected = self.outcome_of_moving(row, wanted) if is_live or is_there else OfferLapsed
        taken = self.act(self.taking(offer, row))
        assert type(taken) is expected, f"{taken!r}, not {expected.__name__}"
        if isinstance(taken, Appointment):
            assert (taken.coach_id, taken.starts_at) == wanted
            assert not any(entry.appointment_id == row.id and not entry.closed_at for entry in self.truth.entries)

    @rule(pick=picks, is_theirs=st.booleans())
    def decline(self, pick: int, *, is_theirs: bool) -> None:
        """Decline an offer; a stranger can neither take nor decline it."""
        found = self.an_offer(pick)
        if found is None:
            return
        offer, row = found
        stranger = next(person for person in self.people if person != row.newcomer_id)
        whose = row.newcomer_id if is_theirs else stranger
        was_open = self.truth.entry_of(offer).closed_at is None
        declined = self.act(lambda session: decline_offer(session, person_of(session, whose), offer.id, self.now))
        assert isinstance(declined, Appointment) is (is_theirs and was_open)
        assert not is_theirs or offer.id not in {live.id for live in self.truth.live_offers()}
        taken = self.act(lambda session: take_offer(session, person_of(session, stranger), offer.id, self.now))
        assert type(taken) is OfferLapsed

    # At the same moment

    @rule(pick=picks, looked=wishes, one=st.integers(0, 3), other=st.integers(0, 3))
    def two_book_one_time(self, pick: int, looked: Looked, one: int, other: int) -> None:
        wanted = self.wanted_time(pick, looked, 0)
        if wanted is None:
            return
        people = [self.people[one], self.people[other]]
        could = [self.outcome_of_booking(person, wanted, looked) for person in people]
        done = self.at_once(*(self.booking(person, wanted, looked) for person in people))
        booked = [isinstance(each, Appointment) for each in done]
        assert sum(booked) == (1 if Appointment in could else 0), f"{done} of {could}"

    @rule(pair=st.sampled_from(PAIRS), which=picks, pick=picks, person=picks)
    def two_change_one_appointment(self, pair: tuple[str, str], which: int, pick: int, person: int) -> None:
        row = self.appointment(which, own=True)
        if row is None or row.newcomer_id is None:
            return
        whose = row.newcomer_id
        wanted = self.wanted_time(pick, ANYTHING, 0) or (row.coach_id, row.starts_at)
        acts = {
            "move": self.moving(row, wanted),
            "cancel": self.cancelling(row),
            "coach moves": self.coach_moving(row, wanted[1]),
            "be ill": self.falling_ill(row.coach_id, day_at(row.starts_at)),
            "be ill then": self.falling_ill(wanted[0], day_at(wanted[1])),
            "book": self.booking(self.people[person % PEOPLE], wanted, Looked(mode=row.mode)),
            "erase": lambda session: erase_newcomer(session, person_of(session, whose), self.now),
        }
        self.at_once(*(acts[name] for name in pair))
        self.truth.known[row.id].add(wanted[1])
        if "erase" in pair:
            self.replace(whose)

    @rule(pick=picks, person=picks)
    def take_an_offer_twice_and_book(self, pick: int, person: int) -> None:
        found = self.an_offer(pick)
        if found is None:
            self.at_once(*[lambda session: offer_times(session, self.now)] * 2)
            return
        offer, row = found
        booking = self.booking(self.people[person % PEOPLE], (offer.coach_id, offer.starts_at), Looked(mode=row.mode))
        self.at_once(self.taking(offer, row), booking, self.taking(offer, row))

    # The bot and the clock

    @rule(minutes=st.sampled_from([5, 30, 60, 120, 300]))
    def hours_pass(self, minutes: int) -> None:
        self.time_passes(minutes)

    @rule(days=st.integers(1, 3))
    def days_pass(self, days: int) -> None:
        self.time_passes(days * 1440)

    @rule(minutes=st.sampled_from([60, 300, 720, 1440]))
    def bot_is_off(self, minutes: int) -> None:
        self.time_passes(minutes, is_on=False)

    def time_passes(self, minutes: int, *, is_on: bool = True) -> None:
        """Let the clock go on, with the bot there all the time, or off."""
        until = self.now + timedelta(minutes=minutes)
        while is_on and (moment := self.next_delivery(until)):
            self.now = moment
            self.deliver_all()
        self.now = until
        self.look()

    def next_delivery(self, until: datetime) -> datetime | None:
        """Give the next moment at which something can be sent: when it is due, or when people wake."""
        mornings = [at(day_at(self.now) + timedelta(days=ahead), time(8)) for ahead in range(4)]
        due = {each.deliver_at for each in self.truth.notifications} | set(mornings)
        return min((moment for moment in due if self.now < moment <= until), default=None)

    @rule(crashes=st.booleans())
    def deliver(self, *, crashes: bool) -> None:
        if crashes:
            self.act(lambda session: claim_due(session, self.now, 3))
            self.now += LEASE  # until then it counts as being sent
            self.look()
        else:
            self.deliver_all()

    def deliver_all(self) -> None:
        while True:
            with self.sessions.begin() as session:
                due = claim_due(session, self.now, 20)
                for each in due:
                    if each.newcomer_chat and self.is_blocked(session, each.newcomer_chat):
                        settle_blocked(session, each, self.now)
                    else:
                        settle_sent(session, each.id, each.id, self.now)
            self.look()
            if not due:
                return
            for sent in due:
                self.check_sent(sent.id)

    def is_blocked(self, session: Session, chat_id: int) -> bool:
        return session.query(Newcomer.id).filter(Newcomer.chat_id == chat_id).scalar() in self.blocked

    def check_sent(self, notification_id: int) -> None:
        sent = next(each for each in self.truth.notifications if each.id == notification_id)
        assert not (sent.keeps_quiet and is_night(self.now)), f"{sent.name} at night"
        assert sent.lapses_at is None or sent.lapses_at > self.now, f"{sent.name} helps nobody any more"
        if sent.newcomer_id and sent.appointment_id:
            assert self.truth.holds(sent), f"{sent.name} is not true"
        if sent.name.startswith("reminder/") and sent.appointment_id:
            assert sent.appointment_id in self.ids_to_come()
            times = [each for each in self.truth.notifications if each.appointment_id == sent.appointment_id]
            same = [each for each in times if each.name == sent.name and each.created_at == sent.created_at]
            assert len(same) == 1


def person_of(session: Session, newcomer_id: int | None) -> Newcomer:
    """Find a newcomer who may be erased at this moment."""
    found = session.get(Newcomer, newcomer_id)
    if found is None:
        raise NoSuchNewcomer(newcomer_id or 0)
    return found


def make_coaches(session: Session) -> list[int]:
    """Make three coaches: by day at a place with a week plan, at odd hours at another, and by telephone at night."""
    organisation, station, house = make_organisation(session), make_place(session), make_place(session)
    by_day = make_coach(session, organisation=organisation, buffer_minutes=10, most_a_day=3, ahead_days=7)
    make_coach_language(session, by_day, "ar")
    for weekday in range(5):
        make_opening_time(session, station, weekday, "08:30", "16:30", confirmed_on=BEGINNINGS[0].date())
        make_availability(session, by_day, weekday, "13:00", "14:30", place=station)
        make_availability(session, by_day, weekday, "15:00", "17:00", place=station)
    odd = make_coach(
        session,
        organisation=organisation,
        appointment_minutes=45,
        notice_minutes=240,
        change_minutes=2880,
        ahead_days=5,
    )
    make_coach_area(session, odd, Area.MONEY)
    for weekday, starts, ends in (
        (0, "13:00", "16:00"),
        (1, "13:00", "16:00"),
        (2, "20:00", "22:15"),
        (3, "18:30", "22:15"),
        (5, "10:00", "12:00"),
    ):
        make_availability(session, odd, weekday, starts, ends, place=house)
    make_availability(session, odd, 6, "14:00", "16:00", place=house)
    calls = make_coach(session, appointment_minutes=20, buffer_minutes=5, notice_minutes=0, ahead_days=6, most_a_day=4)
    for weekday, starts, ends in ((6, "00:30", "04:30"), (2, "06:30", "08:30"), (4, "20:00", "22:00")):
        make_availability(session, calls, weekday, starts, ends, place=house, mode=Mode.TELEPHONE)
    for day in CLOCK_CHANGES:
        make_opening_exception(session, house, day, "00:00", "05:00")
        make_opening_exception(session, house, day, "13:00", "17:00")
    return [by_day.id, odd.id, calls.id]


@pytest.mark.timeout(600)
def test_what_must_be_true_of_appointments_stays_true(sessions: sessionmaker[Session]) -> None:
    run_state_machine_as_test(
        lambda: Life(sessions),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
