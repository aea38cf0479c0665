"""How fast appointments are booked: `python -m tests.bench.appointments`, on PostgreSQL, from four processes.

Beside it, in the same run and from as many processes and threads, the database alone: the very rows of these bookings,
written again by plain psycopg, one transaction each. Then how long "the first free times" take.
"""

# ruff: noqa: T201 -- a command line prints

from __future__ import annotations

import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from queue import Queue
from typing import Any

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Json
from sqlalchemy import delete, event, insert, text
from sqlalchemy.orm import Session, sessionmaker

from service.appointments import book_appointment
from service.availability import Wish, all_free_times, free_days, nearest_free_times, next_free_times, steps_of
from store.engine import close_sessions, make_sessions
from store.migrate import migrate
from store.models import Appointment, AppointmentStep, Area, Availability, Coach, Newcomer, Place
from tests.conftest import own_postgres_database
from tests.crowd import (
    PROCESSES,
    THREADS,
    Runner,
    Rush,
    make_people,
    make_times,
    processes,
    request_for,
    rush,
    together,
)
from tests.factories import NOW, make_appointment, make_coach, make_coach_language, make_newcomer, make_week
from tests.services import Unavailable

TABLES = ("appointment", "appointment_step", "notification")
CONNECTIONS = 15  # of a process: as many as the pool of `make_sessions` opens
CONTESTED, CROWD = 100, 200
UNCONTESTED = 400
COACHES, DAYS, BOOKED_SHARE = 30, 28, 2  # every second time of these coaches is booked
TRIES = 20

Ask = Callable[[Session], Sequence[Any]]
Rows = dict[str, list[dict[str, Any]]]  # of one booking, by table


def main() -> int:
    """Measure and print tables in Markdown."""
    for url in own_postgres_database():
        if isinstance(url, Unavailable):
            print(f"not measured: {url}")
            return 1
        migrate(url)
        sessions = make_sessions(url)
        try:
            with processes() as run:
                measure_bookings(run, sessions, url)
            measure_free_times(sessions)
        finally:
            close_sessions(sessions)
    return 0


def measure_bookings(run: Runner, sessions: sessionmaker[Session], url: str) -> None:
    """Measure who books what nobody else wants, and a crowd that wants half as many times."""
    print(f"{PROCESSES} processes of {THREADS} threads\n")
    print("| what | bookings/s | beside the database alone |\n|---|---|---|")
    free = book_at_once(run, sessions, url, times=UNCONTESTED, people=UNCONTESTED)
    alone = write_again(run, url)
    contested = book_at_once(run, sessions, url, times=CONTESTED, people=CROWD)
    rates = [UNCONTESTED / alone, UNCONTESTED / free.seconds, CONTESTED / contested.seconds]
    names = (
        "the same rows by plain psycopg",
        f"{UNCONTESTED} people, each another time",
        f"{CROWD} people, {CONTESTED} times",
    )
    for name, rate in zip(names, rates, strict=True):
        print(f"| {name} | {rate:.0f} | {rate / rates[0]:.2f} |")
    refused = sum(len(told.refused) for told in contested.told)
    print(f"\nOf {CROWD} people {CONTESTED} booked; {refused} answers named other times, in {contested.seconds:.1f} s.")
    print(f"A booking asks the database {queries_of_a_booking(sessions, url)} times.")


def book_at_once(run: Runner, sessions: sessionmaker[Session], url: str, *, times: int, people: int) -> Rush:
    """Let people book at once, after what was booked before is gone."""
    clear(url)
    with sessions.begin() as session:
        wanted = make_times(session, times, coaches=20)
        newcomers = make_people(session, people)
    return rush(run, url, [(who, wanted[number % times]) for number, who in enumerate(newcomers)], persistent=False)


def queries_of_a_booking(sessions: sessionmaker[Session], url: str) -> int:
    """Count the queries of one booking, which is taken back."""
    clear(url)
    with sessions.begin() as session:
        wanted, who = make_times(session, 1, coaches=1)[0], make_people(session, 1)[0]

    def book(session: Session) -> list[Appointment]:
        return [book_appointment(session, session.get_one(Newcomer, who), request_for(wanted), NOW)]

    return counted(sessions, book)[0]


def clear(url: str) -> None:
    """Delete bookings and coaches' weeks, and let the database tidy up: each measurement begins alike."""
    with psycopg.connect(url, autocommit=True) as connection:
        for table in (*reversed(TABLES), "availability"):
            connection.execute(f"delete from {table}")
            connection.execute(f"vacuum analyze {table}")


def write_again(run: Runner, url: str) -> float:
    """Write all bookings again by plain psycopg; return how many seconds it took."""
    bookings = list(bookings_of(url))
    with psycopg.connect(url, autocommit=True) as connection:
        for table in reversed(TABLES):
            connection.execute(f"delete from {table}")
            connection.execute(f"vacuum analyze {table}")
    results = run(_write_all, url, [bookings[number::PROCESSES] for number in range(PROCESSES)])
    return max(end for _, end in results) - min(begin for begin, _ in results)


def bookings_of(url: str) -> Iterator[Rows]:
    """Give the rows of each booking."""
    found: dict[int, Rows] = defaultdict(lambda: {table: [] for table in TABLES})
    with psycopg.connect(url, row_factory=dict_row) as connection:
        for table in TABLES:
            for row in connection.execute(f"select * from {table}"):
                key = row["id"] if table == "appointment" else row["appointment_id"]
                found[key][table].append(row)
    yield from found.values()


def _write_all(url: str, bookings: Sequence[Rows]) -> tuple[float, float]:
    connections: Queue[psycopg.Connection[Any]] = Queue()
    for _ in range(CONNECTIONS):
        connections.put(psycopg.connect(url))
    acts: list[Callable[[], None]] = [lambda booking=booking: _write(connections, booking) for booking in bookings]  # type: ignore[misc]
    _, begin, end = together(acts)
    while not connections.empty():
        connections.get().close()
    return begin, end


def _write(connections: Queue[psycopg.Connection[Any]], booking: Rows) -> None:
    connection = connections.get()
    with connection.transaction(), closing(connection.cursor()) as cursor:
        for table in TABLES:
            columns = list(booking[table][0])
            places = ", ".join(["%s"] * len(columns))
            cursor.executemany(
                f"insert into {table} ({', '.join(columns)}) values ({places})",
                [
                    [Json(value) if isinstance(value, dict) else value for value in row.values()]
                    for row in booking[table]
                ],
            )
    connections.put(connection)


def measure_free_times(sessions: sessionmaker[Session]) -> None:
    """Measure how long a person waits for free times of many coaches, and how often the database is asked."""
    with sessions.begin() as session:
        make_full_weeks(session)
    in_arabic = Wish(area=Area.MONEY, language="ar")
    in_two_weeks = NOW + timedelta(days=14)
    asks: dict[str, Ask] = {
        "the first four free times": lambda session: next_free_times(session, NOW),
        "the first four about one area, in Arabic": lambda session: next_free_times(session, NOW, wish=in_arabic),
        "the three nearest to a time in two weeks": lambda session: nearest_free_times(session, in_two_weeks, NOW),
        "the first five days with a free time": lambda session: free_days(session, NOW),
        "every free time of four weeks": lambda session: all_free_times(session, NOW),
    }
    print(f"\n{COACHES} coaches, {DAYS} days, every second time booked\n")
    print("| what | found | ms | longest ms | queries |\n|---|---|---|---|---|")
    for name, ask in asks.items():
        queries, found = counted(sessions, ask)
        seconds = sorted(timed(sessions, ask) for _ in range(TRIES))
        shown = f"{statistics.median(seconds) * 1000:.0f} | {seconds[-1] * 1000:.0f}"
        print(f"| {name} | {found} | {shown} | {queries} |", flush=True)


def make_full_weeks(session: Session) -> None:
    """Make coaches who are there every weekday, and take a part of their time."""
    session.execute(delete(Availability))
    for number in range(COACHES):
        coach = make_coach(session, ahead_days=DAYS, buffer_minutes=5)
        make_week(session, coach)
        if number % 3 == 0:
            make_coach_language(session, coach, "ar")
    newcomer = make_newcomer(session)
    for free in all_free_times(session, NOW)[::BOOKED_SHARE]:
        coach, place = session.get_one(Coach, free.coach_id), session.get_one(Place, free.place_id)
        booked = make_appointment(session, newcomer, coach, place, starts_at=free.starts_at)
        session.execute(
            insert(AppointmentStep),
            [
                {"coach_id": coach.id, "step_at": step, "appointment_id": booked.id}
                for step in steps_of(free.starts_at, free.ends_at, coach.buffer_minutes)
            ],
        )
    session.execute(text("analyze"))


def counted(sessions: sessionmaker[Session], ask: Ask) -> tuple[int, int]:
    """Count the queries of a question, and what it finds."""
    engine, queries = sessions.kw["bind"], 0

    def count(*_: Any) -> None:
        nonlocal queries
        queries += 1

    event.listen(engine, "before_cursor_execute", count)
    try:
        with sessions() as session:
            found = len(ask(session))
    finally:
        event.remove(engine, "before_cursor_execute", count)
    return queries, found


def timed(sessions: sessionmaker[Session], ask: Ask) -> float:
    """Tell how many seconds a question takes, in a transaction of its own."""
    begin = time.perf_counter()
    with sessions() as session:
        ask(session)
    return time.perf_counter() - begin


if __name__ == "__main__":
    sys.exit(main())
