from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from service.appointments import blank_past, book_appointment, cancel_appointment, free_times, standing_appointments
from service.days import local_day
from service.errors import (
    AlreadyCancelled,
    NoSuchAppointment,
    NoSuchNewcomer,
    TimeTaken,
    TooLate,
    WegwijsError,
    WrongRequest,
)
from store.messages import Notification
from store.models import Appointment, AppointmentStatus, AppointmentStep, Area, Mode, Newcomer
from tests.factories import NOW, make_appointment, make_coach, make_newcomer, make_request, make_week

NINE = datetime(2026, 11, 25, 8, 0, tzinfo=NOW.tzinfo)  # nine o'clock in Utrecht, a Wednesday
AT_ONCE = 50
ROOT = Path(__file__).resolve().parents[2]


def to_coaches(session: Session) -> list[Notification]:
    """List what the coaches' group and coaches hear."""
    return list(
        session.scalars(select(Notification).where(Notification.newcomer_id.is_(None)).order_by(Notification.id))
    )


def told(session: Session) -> list[tuple[str, int | None]]:
    return [(row.name, row.coach_id) for row in to_coaches(session)]


def count(session: Session, kind: type[Appointment | AppointmentStep | Notification]) -> int:
    return session.scalar(select(func.count()).select_from(kind)) or 0


def test_a_free_time_is_booked(session: Session, now: datetime) -> None:
    coach = make_coach(session)
    place = make_week(session, coach)
    newcomer = make_newcomer(session)
    booked = book_appointment(session, newcomer, make_request(coach, NINE), now)
    assert booked.status is AppointmentStatus.BOOKED
    assert (booked.newcomer_id, booked.coach, booked.place) == (newcomer.id, coach, place)
    assert (booked.starts_at, booked.ends_at) == (NINE, NINE + timedelta(minutes=30))
    assert standing_appointments(session, newcomer, now) == [booked]


def test_the_coaches_hear_what_they_must_know(session: Session, now: datetime) -> None:
    coach = make_coach(session)
    place = make_week(session, coach)
    request = make_request(
        coach, NINE, mode=Mode.TELEPHONE, language="ti", interpreter=True, telephone="0612345678", area=Area.WORK
    )
    book_appointment(session, make_newcomer(session), request, now)
    assert told(session) == [("booking/told_coaches", None), ("booking/told_coach", coach.id)]
    for row in to_coaches(session):
        assert row.arguments == {
            "area": {"text": "area/work"},
            "when": {"datetime": NINE.isoformat()},
            "mode": {"text": "mode/telephone"},
            "place": place.name,
            "coach": coach.name,
            "organisation": coach.organisation.name,
            "called_name": "Sami",
            "language": {"language": "ti"},
            "interpreter": {"text": "interpreter/yes"},
            "telephone": "0612345678",
            "reason": {"text": "booking/no_reason"},
            "known": {"text": "known/new"},
        }
        assert row.keeps_quiet


def test_what_was_not_given_is_a_text(session: Session, now: datetime) -> None:
    coach = make_coach(session)
    make_week(session, coach)
    book_appointment(session, make_newcomer(session), make_request(coach, NINE), now)
    arguments = to_coaches(session)[0].arguments
    assert arguments["telephone"] == {"text": "telephone/none"}
    assert arguments["interpreter"] == {"text": "interpreter/no"}


def test_what_was_loaded_is_readable_after_the_transaction(sessions: sessionmaker[Session], now: datetime) -> None:
    with sessions.begin() as session:
        coach = make_coach(session)
        make_week(session, coach)
        newcomer = make_newcomer(session)
    with sessions.begin() as session:
        booked = book_appointment(session, session.get_one(Newcomer, newcomer.id), make_request(coach, NINE), now)
    with sessions.begin() as session:
        listed = standing_appointments(session, newcomer, now)
    for appointment in (booked, *listed):
        assert appointment.coach.organisation.name
        assert appointment.place.name


def test_booking_and_telling_are_one_transaction(sessions: sessionmaker[Session], now: datetime) -> None:
    with sessions.begin() as session:
        coach = make_coach(session)
        make_week(session, coach)
        newcomer = make_newcomer(session)
    with sessions() as session:
        book_appointment(session, session.get_one(Newcomer, newcomer.id), make_request(coach, NINE), now)
        session.rollback()
    with sessions() as session:
        assert [count(session, kind) for kind in (Appointment, AppointmentStep, Notification)] == [0, 0, 0]


def test_a_taken_time_is_refused_with_the_nearest_others(session: Session, now: datetime) -> None:
    coach = make_coach(session)
    make_week(session, coach)
    book_appointment(session, make_newcomer(session), make_request(coach, NINE), now)
    with pytest.raises(TimeTaken) as refused:
        book_appointment(session, make_newcomer(session), make_request(coach, NINE), now)
    assert [free.starts_at for free in refused.value.alternatives] == [
        NINE + timedelta(minutes=30),
        NINE + timedelta(minutes=60),
        NINE + timedelta(minutes=90),
    ]
    assert len(told(session)) == 2


@pytest.mark.parametrize(
    "starts_at",
    [NINE + timedelta(minutes=10), NINE - timedelta(days=7), NINE + timedelta(days=70), NINE + timedelta(days=3)],
    ids=["between two times", "past", "too far ahead", "on a Saturday"],
)
def test_a_time_that_is_not_offered_cannot_be_booked(session: Session, now: datetime, starts_at: datetime) -> None:
    coach = make_coach(session)
    make_week(session, coach)
    with pytest.raises(TimeTaken) as refused:
        book_appointment(session, make_newcomer(session), make_request(coach, starts_at), now)
    assert len(refused.value.alternatives) == 3
    assert count(session, Appointment) == 0


def test_the_buffer_is_kept_free(session: Session, now: datetime) -> None:
    coach = make_coach(session, buffer_minutes=15)
    make_week(session, coach, "09:00", "11:00")
    book_appointment(session, make_newcomer(session), make_request(coach, NINE), now)
    assert count(session, AppointmentStep) == 9
    assert [free.starts_at for free in free_times(session, local_day(NINE), now)] == [
        NINE + timedelta(minutes=45),
        NINE + timedelta(minutes=90),
    ]


def test_a_retry_of_the_same_turn_books_once(session: Session, now: datetime) -> None:
    coach = make_coach(session)
    make_week(session, coach)
    newcomer = make_newcomer(session)
    request = make_request(coach, NINE, request_key="ref:1")
    first = book_appointment(session, newcomer, request, now)
    assert book_appointment(session, newcomer, replace(request, called_name="Anders"), now) is first
    assert len(told(session)) == 2
    cancel_appointment(session, newcomer, first.id, now)
    assert book_appointment(session, newcomer, request, now).status is AppointmentStatus.CANCELLED


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("called_name", "  "),
        ("called_name", "x" * 61),
        ("language", "langer dan acht"),
        ("telephone", "0" * 21),
        ("telephone", ""),
        ("request_key", "x" * 81),
    ],
)
def test_what_cannot_be_kept_is_refused(session: Session, now: datetime, field: str, value: object) -> None:
    coach = make_coach(session)
    make_week(session, coach)
    with pytest.raises(WrongRequest) as refused:
        book_appointment(session, make_newcomer(session), make_request(coach, NINE, **{field: value}), now)
    assert refused.value.field == field


def test_a_moment_without_zone_is_refused(session: Session, now: datetime) -> None:
    with pytest.raises(WrongRequest):
        book_appointment(
            session, make_newcomer(session), make_request(make_coach(session), NINE.replace(tzinfo=None)), now
        )


def test_an_erased_newcomer_cannot_book(sessions: sessionmaker[Session], now: datetime) -> None:
    with sessions.begin() as session:
        coach = make_coach(session)
        make_week(session, coach)
        newcomer = make_newcomer(session)
    with sessions.begin() as session:
        session.delete(session.get_one(Newcomer, newcomer.id))
    with sessions.begin() as session:
        with pytest.raises(NoSuchNewcomer):
            book_appointment(session, newcomer, make_request(coach, NINE), now)
        assert count(session, Appointment) == 0


def test_standing_appointments_are_to_come_and_not_cancelled(session: Session, now: datetime) -> None:
    coach = make_coach(session)
    place = make_week(session, coach)
    newcomer, other = make_newcomer(session), make_newcomer(session)
    make_appointment(session, newcomer, coach, place, starts_at=now - timedelta(hours=1))
    make_appointment(session, newcomer, coach, place, status=AppointmentStatus.CANCELLED)
    make_appointment(session, other, coach, place)
    later = make_appointment(session, newcomer, coach, place, starts_at=now + timedelta(days=2))
    sooner = make_appointment(session, newcomer, coach, place, starts_at=now + timedelta(days=1))
    assert standing_appointments(session, newcomer, now) == [sooner, later]


def test_cancelling_frees_the_time_and_tells_the_coaches(session: Session, now: datetime) -> None:
    coach = make_coach(session)
    make_week(session, coach)
    newcomer = make_newcomer(session)
    booked = book_appointment(session, newcomer, make_request(coach, NINE), now)
    cancelled = cancel_appointment(session, newcomer, booked.id, now)
    assert (cancelled.status, cancelled.cancelled_at) == (AppointmentStatus.CANCELLED, now)
    assert count(session, AppointmentStep) == 0
    assert told(session)[2:] == [("booking/cancelled_coaches", None), ("booking/cancelled_coach", coach.id)]
    last = to_coaches(session)[-1]
    assert last.arguments["reason"] == {"text": "cancel_reason/newcomer"}
    assert last.arguments["called_name"] == "Sami"
    assert book_appointment(session, make_newcomer(session), make_request(coach, NINE), now).id != booked.id


def test_only_the_own_appointment_can_be_cancelled(session: Session, now: datetime) -> None:
    coach = make_coach(session)
    make_week(session, coach)
    booked = book_appointment(session, make_newcomer(session), make_request(coach, NINE), now)
    stranger = make_newcomer(session)
    for wrong in (booked.id, booked.id + 100):
        with pytest.raises(NoSuchAppointment):
            cancel_appointment(session, stranger, wrong, now)
    assert booked.status is AppointmentStatus.BOOKED


def test_cancelling_twice_is_refused_and_told_once(session: Session, now: datetime) -> None:
    coach = make_coach(session)
    make_week(session, coach)
    newcomer = make_newcomer(session)
    booked = book_appointment(session, newcomer, make_request(coach, NINE), now)
    cancel_appointment(session, newcomer, booked.id, now)
    with pytest.raises(AlreadyCancelled):
        cancel_appointment(session, newcomer, booked.id, now)
    assert len(told(session)) == 4


def test_an_appointment_that_has_begun_cannot_be_cancelled(session: Session, now: datetime) -> None:
    coach = make_coach(session)
    place = make_week(session, coach)
    newcomer = make_newcomer(session)
    begun = make_appointment(session, newcomer, coach, place, starts_at=now)
    with pytest.raises(TooLate):
        cancel_appointment(session, newcomer, begun.id, now)


def at_once(sessions: sessionmaker[Session], act: Callable[[Session, int], object], times: int) -> list[object]:
    """Run an act in as many threads at once, each with a transaction of its own; give back results and refusals."""
    barrier = Barrier(times)

    def run(number: int) -> object:
        barrier.wait(timeout=30)
        try:
            with sessions.begin() as session:
                return act(session, number)
        except WegwijsError as refused:
            return refused

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


def test_fifty_who_want_one_time_at_once_book_it_once(sessions: sessionmaker[Session], now: datetime) -> None:
    with sessions.begin() as session:
        coach = make_coach(session)
        make_week(session, coach)
        newcomers = [make_newcomer(session).id for _ in range(AT_ONCE)]
        request = make_request(coach, NINE)

    def book(session: Session, number: int) -> object:
        return book_appointment(session, session.get_one(Newcomer, newcomers[number]), request, now)

    results = at_once(sessions, book, AT_ONCE)
    assert [type(result) for result in results].count(Appointment) == 1
    refused = [result for result in results if isinstance(result, TimeTaken)]
    assert len(refused) == AT_ONCE - 1
    assert all(len(each.alternatives) == 3 for each in refused)
    assert all(NINE not in [free.starts_at for free in each.alternatives] for each in refused)
    with sessions() as session:
        assert [count(session, kind) for kind in (Appointment, AppointmentStep)] == [1, 6]
        assert len(told(session)) == 2


BOOK = """
import sys
from datetime import datetime
from service.appointments import AppointmentRequest, book_appointment
from service.errors import TimeTaken
from store.engine import opened_sessions
from store.models import Area, Mode, Newcomer

url, coach, starts_at, now, *newcomers = sys.argv[1:]
print("ready", flush=True)
sys.stdin.readline()
for newcomer in newcomers:
    request = AppointmentRequest(
        datetime.fromisoformat(starts_at), int(coach), Area.MONEY, Mode.PLACE, "Sami", "nl", interpreter=False
    )
    try:
        with opened_sessions(url) as sessions, sessions.begin() as session:
            book_appointment(session, session.get_one(Newcomer, int(newcomer)), request, datetime.fromisoformat(now))
        print("booked")
    except TimeTaken as refused:
        print("taken", len(refused.alternatives))
"""


def test_processes_that_want_one_time_at_once_book_it_once(
    sessions: sessionmaker[Session], database_url: str, now: datetime
) -> None:
    with sessions.begin() as session:
        coach = make_coach(session)
        make_week(session, coach)
        newcomers = [[str(make_newcomer(session).id) for _ in range(4)] for _ in range(3)]
    command = [sys.executable, "-c", BOOK, database_url, str(coach.id), NINE.isoformat(), now.isoformat()]
    started = [
        subprocess.Popen([*command, *mine], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for mine in newcomers
    ]
    assert [process.stdout.readline() for process in started] == ["ready\n"] * 3
    for process in started:
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [line for process in started for line in process.communicate(timeout=60)[0].splitlines()]
    assert sorted(said) == ["booked", *["taken 3"] * 11]


def test_one_turn_tried_many_times_at_once_books_once(sessions: sessionmaker[Session], now: datetime) -> None:
    with sessions.begin() as session:
        coach = make_coach(session)
        make_week(session, coach)
        newcomer = make_newcomer(session).id
        request = make_request(coach, NINE, request_key="ref:1")

    def book(session: Session, _number: int) -> object:
        return book_appointment(session, session.get_one(Newcomer, newcomer), request, now).id

    results = at_once(sessions, book, 8)
    assert len(set(results)) == 1
    assert isinstance(results[0], int)
    with sessions() as session:
        assert count(session, Appointment) == 1
        assert len(told(session)) == 2


def test_one_appointment_cancelled_many_times_at_once_is_told_once(
    sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions.begin() as session:
        coach = make_coach(session)
        make_week(session, coach)
        newcomer = make_newcomer(session)
        booked = book_appointment(session, newcomer, make_request(coach, NINE), now).id

    def cancel(session: Session, _number: int) -> object:
        return cancel_appointment(session, session.get_one(Newcomer, newcomer.id), booked, now).id

    results = at_once(sessions, cancel, 8)
    assert results.count(booked) == 1
    assert [type(result) for result in results].count(AlreadyCancelled) == 7
    with sessions() as session:
        assert len(told(session)) == 4


def test_the_past_keeps_no_names_and_what_is_to_come_does(session: Session, now: datetime) -> None:
    coach, newcomer = make_coach(session), make_newcomer(session)
    place = make_week(session, coach)
    long_ago = {"starts_at": now - timedelta(days=40), "telephone": "0612345678"}
    past = make_appointment(session, newcomer, coach, place, **long_ago)
    coming = make_appointment(session, newcomer, coach, place)

    assert blank_past(session, now - timedelta(days=30)) == 1

    session.expire_all()
    assert (past.called_name, past.telephone) == (None, None)
    assert coming.called_name == "Sami"
