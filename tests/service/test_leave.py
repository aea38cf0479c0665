from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from service.appointments import book_appointment
from service.availability import free_days
from service.clock import AMSTERDAM
from service.errors import TimeTaken
from service.leave import appointments_during, end_leave, leave_to_come, take_leave
from store.messages import Notification
from store.models import Appointment, AppointmentStatus, AppointmentStep, Canceller, Coach, Leave, LeaveKind, Newcomer
from tests.factories import make_appointment, make_coach, make_leave, make_newcomer, make_request, make_week

TUESDAY = date(2026, 11, 24)
WEDNESDAY = date(2026, 11, 25)
THURSDAY = date(2026, 11, 26)
FRIDAY = date(2026, 11, 27)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=AMSTERDAM)


def told(session: Session, newcomer: Newcomer) -> list[str]:
    names = session.scalars(select(Notification.name).where(Notification.newcomer_id == newcomer.id))
    return [name for name in names if name.startswith("change/")]


def days_of(session: Session, coach: Coach) -> list[tuple[date, date]]:
    rows = session.scalars(select(Leave).where(Leave.coach_id == coach.id).order_by(Leave.first_day))
    return [(row.first_day, row.last_day) for row in rows]


@pytest.mark.parametrize("kind", LeaveKind)
def test_who_had_an_appointment_hears_that_it_is_off_and_not_why(
    session: Session, now: datetime, kind: LeaveKind
) -> None:
    coach, newcomer = make_coach(session), make_newcomer(session)
    make_week(session, coach)
    booked = book_appointment(session, newcomer, make_request(coach, at(WEDNESDAY, 10)), now)
    assert take_leave(session, coach, WEDNESDAY, WEDNESDAY, kind, now) == [booked]
    assert (booked.status, booked.cancelled_by) == (AppointmentStatus.CANCELLED, Canceller.COACH)
    assert told(session, newcomer) == ["change/coach_cancelled"]
    assert session.scalars(select(AppointmentStep)).all() == []
    assert WEDNESDAY not in free_days(session, now)


def test_only_booked_ones_of_this_coach_in_these_days_that_are_to_come_are_cancelled(
    session: Session, now: datetime
) -> None:
    coach, other = make_coach(session), make_coach(session)
    place = make_week(session, coach)
    first = make_appointment(session, make_newcomer(session), coach, place, starts_at=at(WEDNESDAY, 0))
    last = make_appointment(session, make_newcomer(session), coach, place, starts_at=at(THURSDAY, 23, 30))
    for starts_at, whose, status in (
        (at(TUESDAY, 23, 30), coach, AppointmentStatus.BOOKED),
        (at(FRIDAY, 0), coach, AppointmentStatus.BOOKED),
        (at(WEDNESDAY, 10), other, AppointmentStatus.BOOKED),
        (at(WEDNESDAY, 11), coach, AppointmentStatus.CANCELLED),
    ):
        make_appointment(session, make_newcomer(session), whose, place, starts_at=starts_at, status=status)
    assert take_leave(session, coach, WEDNESDAY, THURSDAY, LeaveKind.LEAVE, now) == [first, last]
    standing = select(Appointment).where(Appointment.status == AppointmentStatus.BOOKED)
    assert len(session.scalars(standing).all()) == 3


def test_an_appointment_that_has_begun_is_left_alone(session: Session, now: datetime) -> None:
    coach = make_coach(session)
    place = make_week(session, coach)
    make_appointment(session, make_newcomer(session), coach, place, starts_at=now)
    later = make_appointment(session, make_newcomer(session), coach, place, starts_at=now + timedelta(hours=2))
    assert take_leave(session, coach, TUESDAY, TUESDAY, LeaveKind.SICK, now) == [later]


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25)])
def test_a_day_of_leave_is_a_local_one_on_both_clock_changes(session: Session, day: date) -> None:
    coach = make_coach(session)
    place = make_week(session, coach)
    starts = [at(day - timedelta(days=1), 23, 55), at(day, 0), at(day, 23, 55), at(day + timedelta(days=1), 0)]
    for starts_at in starts:
        make_appointment(session, None, coach, place, starts_at=starts_at)
    found = appointments_during(session, coach, day, day, at(day - timedelta(days=3), 12))
    assert [each.starts_at for each in found] == starts[1:3]


def test_calling_in_sick_twice_tells_once(session: Session, now: datetime) -> None:
    coach, newcomer = make_coach(session), make_newcomer(session)
    place = make_week(session, coach)
    make_appointment(session, newcomer, coach, place, starts_at=at(WEDNESDAY, 10))
    assert len(take_leave(session, coach, WEDNESDAY, WEDNESDAY, LeaveKind.SICK, now)) == 1
    assert take_leave(session, coach, WEDNESDAY, WEDNESDAY, LeaveKind.SICK, now) == []
    assert told(session, newcomer) == ["change/coach_cancelled"]
    assert days_of(session, coach) == [(WEDNESDAY, WEDNESDAY)]


def test_leave_within_leave_is_not_written_again(session: Session, now: datetime) -> None:
    coach = make_coach(session)
    make_leave(session, coach, WEDNESDAY, FRIDAY)
    take_leave(session, coach, THURSDAY, FRIDAY, LeaveKind.LEAVE, now)
    assert days_of(session, coach) == [(WEDNESDAY, FRIDAY)]


def test_a_leave_that_ends_early_frees_the_day_and_those_after(session: Session, now: datetime) -> None:
    coach, newcomer = make_coach(session), make_newcomer(session)
    place = make_week(session, coach)
    make_appointment(session, newcomer, coach, place, starts_at=at(FRIDAY, 10))
    take_leave(session, coach, WEDNESDAY, FRIDAY, LeaveKind.LEAVE, now)
    assert end_leave(session, coach, THURSDAY, now)
    assert days_of(session, coach) == [(WEDNESDAY, WEDNESDAY)]
    assert free_days(session, now, limit=3) == [TUESDAY, THURSDAY, FRIDAY]
    booked = select(Appointment).where(Appointment.status == AppointmentStatus.BOOKED)
    assert session.scalars(booked).all() == []


def test_a_leave_that_ends_on_its_first_day_is_gone(session: Session, now: datetime) -> None:
    coach, other = make_coach(session), make_coach(session)
    make_leave(session, coach, WEDNESDAY, FRIDAY)
    make_leave(session, other, WEDNESDAY)
    assert end_leave(session, coach, WEDNESDAY, now)
    assert days_of(session, coach) == []
    assert days_of(session, other) == [(WEDNESDAY, WEDNESDAY)]


def test_days_of_leave_that_are_past_stay(session: Session, now: datetime) -> None:
    coach = make_coach(session)
    make_leave(session, coach, TUESDAY - timedelta(days=4), FRIDAY)
    assert end_leave(session, coach, TUESDAY - timedelta(days=3), now)
    assert days_of(session, coach) == [(TUESDAY - timedelta(days=4), TUESDAY - timedelta(days=1))]
    assert not end_leave(session, coach, TUESDAY, now)


def test_leave_that_has_ended_is_not_to_come(session: Session, now: datetime) -> None:
    coach = make_coach(session)
    make_leave(session, coach, TUESDAY - timedelta(days=1))
    later = make_leave(session, coach, FRIDAY)
    today = make_leave(session, coach, TUESDAY - timedelta(days=2), TUESDAY)
    assert leave_to_come(session, coach, now) == [today, later]


def test_no_appointment_slips_into_a_leave(sessions: sessionmaker[Session], now: datetime) -> None:
    with sessions.begin() as session:
        coach = make_coach(session)
        make_week(session, coach)
        coach_id, request = coach.id, make_request(coach, at(WEDNESDAY, 10))
        newcomer_id = make_newcomer(session).id
    barrier = Barrier(2)

    def book() -> None:
        barrier.wait(timeout=30)
        with sessions.begin() as session:
            try:
                book_appointment(session, session.get_one(Newcomer, newcomer_id), request, now)
            except TimeTaken:
                session.rollback()

    def leave() -> None:
        barrier.wait(timeout=30)
        with sessions.begin() as session:
            take_leave(session, session.get_one(Coach, coach_id), WEDNESDAY, WEDNESDAY, LeaveKind.SICK, now)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(book), pool.submit(leave)]:
            done.result(timeout=60)
    with sessions() as session:
        booked = select(Appointment).where(Appointment.status == AppointmentStatus.BOOKED)
        assert session.scalars(booked).all() == []
        assert session.scalars(select(AppointmentStep)).all() == []
        assert len(session.scalars(select(Leave)).all()) == 1
