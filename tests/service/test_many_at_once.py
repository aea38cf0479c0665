"""Two hundred people who book a hundred free times at once, from four processes: PostgreSQL's promise, and ours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from service.availability import all_free_times
from store.messages import Notification
from store.models import Appointment, AppointmentStatus, AppointmentStep
from tests.crowd import Runner, Rush, make_people, make_times, processes, rush
from tests.factories import NOW

TIMES = 100
PEOPLE = 200

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture(scope="module")
def run() -> Iterator[Runner]:
    with processes() as started:
        yield started


def crowd(
    run: Runner, sessions: sessionmaker[Session], database_url: str, *, spare: int = 0, persistent: bool = False
) -> Rush:
    """Let two people want each of the times, at the same moment; *spare* more are free, which nobody wants."""
    with sessions.begin() as session:
        times = make_times(session, TIMES + spare)
        people = make_people(session, PEOPLE)
        assert sorted((free.coach_id, free.starts_at) for free in all_free_times(session, NOW)) == sorted(times)
    wanted = [(newcomer, times[number % TIMES]) for number, newcomer in enumerate(people)]
    return rush(run, database_url, wanted, persistent=persistent)


def told_of(session: Session, name: str) -> Counter[int | None]:
    """Count what was told under a name, for each appointment."""
    return Counter(session.scalars(select(Notification.appointment_id).where(Notification.name == name)))


def test_two_hundred_people_book_a_hundred_times_at_once(
    run: Runner, sessions: sessionmaker[Session], database_url: str
) -> None:
    told = crowd(run, sessions, database_url, persistent=True).told

    booked = {each.newcomer_id: each.booked for each in told if each.booked}
    assert len(told) == len({each.newcomer_id for each in told}) == PEOPLE
    assert len(booked) == len(set(booked.values())) == TIMES
    for each in told:
        assert all(taken not in named for taken, named in each.refused)
        assert each.booked or each.refused[-1][1] == ()  # nobody gives up while a time is named
    with sessions() as session:
        stored = list(session.scalars(select(Appointment)))
        assert {row.newcomer_id: (row.coach_id, row.starts_at) for row in stored} == booked
        assert {row.status for row in stored} == {AppointmentStatus.BOOKED}
        assert len(stored) == TIMES
        assert session.scalar(select(func.count()).select_from(AppointmentStep)) == TIMES * 6
        assert all_free_times(session, NOW) == []
        once = Counter({row.id: 1 for row in stored})
        assert told_of(session, "booking/told_coach") == told_of(session, "booking/told_coaches") == once
        assert told_of(session, "calendar/file") == once


def test_of_two_who_want_a_time_one_has_it_and_the_other_hears_of_others(
    run: Runner, sessions: sessionmaker[Session], database_url: str
) -> None:
    told = crowd(run, sessions, database_url, spare=20).told

    assert len({each.booked for each in told if each.booked}) == TIMES
    refused = [each.refused for each in told if not each.booked]
    assert len(refused) == PEOPLE - TIMES
    for each in refused:
        [(wanted, named)] = each
        assert len(named) == 3
        assert wanted not in named
