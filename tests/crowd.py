"""A crowd that books at once, from processes of its own with many threads each, as several bots would."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from service.appointments import AppointmentRequest, book_appointment
from service.errors import TimeTaken, WegwijsError
from store.engine import opened_sessions
from store.models import Area, Mode, Newcomer
from tests.factories import NOW, make_availability, make_coach, make_newcomer, make_place

PROCESSES = 4
THREADS = 10  # in each process: PostgreSQL takes 100 connections, and other tests run beside
START_SECONDS = 60.0

Time = tuple[int, datetime]  # coach, start
Runner = Callable[..., list[Any]]  # runs a function in all processes at once: the function, an address, their shares


@dataclass(frozen=True)
class Told:
    """What one person was told, in order: the times that were taken, and how many others were named each time."""

    newcomer_id: int
    booked: Time | None
    refused: tuple[tuple[Time, tuple[Time, ...]], ...]


@dataclass(frozen=True)
class Rush:
    """What became of a crowd, and how many seconds it took from the first try to the last answer."""

    told: list[Told]
    seconds: float


Person = tuple[int, Time]  # newcomer, wanted time


def make_times(session: Session, count: int, *, coaches: int = 4, buffer_minutes: int = 0) -> list[Time]:
    """Make coaches who are free on the next day only, half an hour each, *count* times in all; give these times."""
    each = timedelta(minutes=30 + buffer_minutes)
    first = (NOW + timedelta(days=1)).replace(hour=7)  # eight o'clock in Utrecht
    made: list[Time] = []
    for _ in range(coaches):
        coach = make_coach(session, ahead_days=3, buffer_minutes=buffer_minutes)
        last = first + each * (count // coaches)
        make_availability(session, coach, 2, "08:00", f"{last.hour + 1:02}:{last.minute:02}", place=make_place(session))
        made += [(coach.id, first + each * number) for number in range(count // coaches)]
    return made


def make_people(session: Session, count: int) -> list[int]:
    """Make newcomers; give their ids."""
    return [make_newcomer(session).id for _ in range(count)]


@contextmanager
def processes() -> Iterator[Runner]:
    """Start processes, and give what runs a function in all of them at once."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(PROCESSES)
    with ProcessPoolExecutor(PROCESSES, context, initializer=_wait_with, initargs=(barrier,)) as pool:

        def run(act: Callable[..., Any], url: str, shares: Sequence[Any]) -> list[Any]:
            return list(pool.map(act, [url] * len(shares), shares))

        yield run


def rush(run: Runner, url: str, people: Sequence[Person], *, persistent: bool = True) -> Rush:
    """Let all people book at once.

    Args:
        run: What `processes` gives.
        url: Address of the store.
        people: Who wants which time.
        persistent: Whether who is refused tries the times that are named instead, until none is left.
    """
    shares = [(people[number::PROCESSES], persistent) for number in range(PROCESSES)]
    results = run(_book_all, url, shares)
    seconds = max(end for _, _, end in results) - min(begin for _, begin, _ in results)
    return Rush([told for each, _, _ in results for told in each], seconds)


def together(acts: Sequence[Callable[[], Any]]) -> tuple[list[Any], float, float]:
    """Do all acts of this process with many threads, as soon as every process is ready; give the moments too."""
    with ThreadPoolExecutor(THREADS) as pool:
        ready.wait(START_SECONDS)
        begin = time.monotonic()
        done = list(pool.map(lambda act: act(), acts))
        return done, begin, time.monotonic()


def _wait_with(barrier: Barrier) -> None:
    global ready  # noqa: PLW0603 - the one thing that a process of a pool is given before its first task
    ready = barrier


def _book_all(url: str, share: tuple[Sequence[Person], bool]) -> tuple[list[Told], float, float]:
    people, persistent = share
    with opened_sessions(url) as sessions:
        _warm_up(sessions, people[0])
        acts = [lambda person=person: _book(sessions, *person, persistent=persistent) for person in people]
        return together(acts)


def _warm_up(sessions: sessionmaker[Session], person: Person) -> None:
    """Book and take it back: the first booking of a process prepares what all later ones use."""
    newcomer_id, wanted = person
    with sessions() as session, suppress(WegwijsError):
        book_appointment(session, session.get_one(Newcomer, newcomer_id), request_for(wanted), NOW)


def _book(sessions: sessionmaker[Session], newcomer_id: int, wanted: Time, *, persistent: bool) -> Told:
    refused: list[tuple[Time, tuple[Time, ...]]] = []
    choices: tuple[Time, ...] = (wanted,)
    while choices:
        wanted = choices[newcomer_id % len(choices)]
        try:
            with sessions.begin() as session:
                book_appointment(session, session.get_one(Newcomer, newcomer_id), request_for(wanted), NOW)
        except TimeTaken as taken:
            choices = tuple((free.coach_id, free.starts_at) for free in taken.alternatives)
            refused.append((wanted, choices))
            if not persistent:
                break
        else:
            return Told(newcomer_id, wanted, tuple(refused))
    return Told(newcomer_id, None, tuple(refused))


def request_for(wanted: Time) -> AppointmentRequest:
    """Ask for a time."""
    coach_id, starts_at = wanted
    return AppointmentRequest(
        starts_at=starts_at,
        coach_id=coach_id,
        area=Area.MONEY,
        mode=Mode.PLACE,
        called_name="Sami",
        language="nl",
        interpreter=False,
    )
