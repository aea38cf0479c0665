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

from service import appointments
from service.agenda import cancel_by_coach
from service.appointments import (
    MOST_STANDING,
    blank_past,
    book_appointment,
    cancel_appointment,
    coach_free_time,
    free_times,
    last_of,
    movable_appointment,
    move_appointment,
    own_coach,
    standing_appointments,
    wish_of,
)
from service.availability import Wish
from service.days import local_day
from service.errors import (
    AlreadyCancelled,
    NoSuchAppointment,
    NoSuchNewcomer,
    Overlaps,
    TimeTaken,
    TooLate,
    TooLateToChange,
    TooMany,
    WegwijsError,
    WrongRequest,
)
from service.leave import take_leave
from service.newcomers import erase_newcomer
from service.waiting_list import join_line
from store.messages import Notification
from store.models import (
    Appointment,
    AppointmentStatus,
    AppointmentStep,
    Area,
    Canceller,
    Coach,
    CoachArea,
    LeaveKind,
    Mode,
    Newcomer,
)
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


def heard(session: Session, newcomer: Newcomer) -> list[str]:
    """List what a newcomer hears, or will, by name."""
    return sorted(session.scalars(select(Notification.name).where(Notification.newcomer_id == newcomer.id)))


def taken(session: Session, appointment: Appointment) -> set[tuple[int, datetime]]:
    """Say which five minutes of which coach an appointment takes."""
    query = select(AppointmentStep).where(AppointmentStep.appointment_id == appointment.id)
    return {(step.coach_id, step.step_at) for step in session.scalars(query)}


def fives(coach: Coach, starts_at: datetime, minutes: int) -> set[tuple[int, datetime]]:
    return {(coach.id, starts_at + timedelta(minutes=after)) for after in range(0, minutes, 5)}


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


@pytest.mark.parametrize("account", [42, None])
def test_telephone_and_reason_go_to_the_group_only_where_the_coach_has_no_chat(
    session: Session, now: datetime, account: int | None
) -> None:
    coach = make_coach(session, telegram_user_id=account)
    make_week(session, coach)
    newcomer = make_newcomer(session)
    request = make_request(coach, NINE, telephone="0612345678", reason="brief van DUO")
    booked = book_appointment(session, newcomer, request, now)
    move_appointment(session, newcomer, booked.id, NINE + timedelta(hours=1), coach.id, now)
    hidden = {"text": "booking/only_coach"}
    for row in to_coaches(session):
        is_hidden = account is not None and row.coach_id is None
        shown = (hidden, hidden) if is_hidden else ("0612345678", "brief van DUO")
        assert (row.arguments["telephone"], row.arguments["reason"]) == shown


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


def test_a_reason_is_one_line_without_numbers_that_must_not_be_kept(session: Session, now: datetime) -> None:
    coach = make_coach(session)
    make_week(session, coach)
    reason = " Mijn uitkering\n is te laag, BSN 111222333 \u2028"
    booked = book_appointment(session, make_newcomer(session), make_request(coach, NINE, reason=reason), now)
    assert booked.reason == "Mijn uitkering is te laag, BSN ***"
    assert [row.arguments["reason"] for row in to_coaches(session)] == [booked.reason] * 2


def test_a_reason_of_spaces_is_none(session: Session, now: datetime) -> None:
    coach = make_coach(session)
    make_week(session, coach)
    booked = book_appointment(session, make_newcomer(session), make_request(coach, NINE, reason=" \n "), now)
    assert booked.reason is None


def known(session: Session) -> list[str]:
    return [row.arguments["known"]["text"] for row in to_coaches(session) if row.name == "booking/told_coach"]


def test_a_coach_hears_whether_somebody_had_an_appointment_before(session: Session, now: datetime) -> None:
    first, second = make_coach(session), make_coach(session)
    place = make_week(session, first)
    newcomer, other = make_newcomer(session), make_newcomer(session)
    make_appointment(session, other, second, place, starts_at=now - timedelta(days=9))
    cancelled = {"starts_at": now - timedelta(days=9), "status": AppointmentStatus.CANCELLED}
    make_appointment(session, newcomer, second, place, **cancelled)
    make_appointment(session, newcomer, second, place, starts_at=NINE + timedelta(days=5))
    book_appointment(session, newcomer, make_request(first, NINE), now)
    make_appointment(
        session, newcomer, second, place, starts_at=now - timedelta(days=8), status=AppointmentStatus.NO_SHOW
    )
    book_appointment(session, newcomer, make_request(first, NINE + timedelta(hours=1)), now)
    assert known(session) == ["known/new", "known/before"]


def test_one_person_has_three_appointments_to_come_at_most(session: Session, now: datetime) -> None:
    coach = make_coach(session)
    place = make_week(session, coach)
    newcomer = make_newcomer(session)
    make_appointment(session, newcomer, coach, place, starts_at=now - timedelta(days=1))
    times = [NINE + timedelta(hours=hours) for hours in range(MOST_STANDING + 1)]
    booked = [book_appointment(session, newcomer, make_request(coach, time), now) for time in times[:-1]]
    with pytest.raises(TooMany) as refused:
        book_appointment(session, newcomer, make_request(coach, times[-1]), now)
    assert refused.value.most == MOST_STANDING == 3
    assert count(session, Appointment) == 1 + MOST_STANDING
    cancel_appointment(session, newcomer, booked[0].id, now)
    assert book_appointment(session, newcomer, make_request(coach, times[-1]), now)


@pytest.mark.parametrize(("minutes", "overlaps"), [(-30, False), (-15, True), (0, True), (15, True), (30, False)])
def test_nobody_has_two_talks_at_one_time(session: Session, now: datetime, minutes: int, *, overlaps: bool) -> None:
    first, second = make_coach(session), make_coach(session)
    make_week(session, first)
    make_week(session, second, "08:30" if minutes % 30 == 0 else "08:45")
    newcomer = make_newcomer(session)
    earlier = book_appointment(session, newcomer, make_request(first, NINE), now)
    request = make_request(second, NINE + timedelta(minutes=minutes))
    if not overlaps:
        assert book_appointment(session, newcomer, request, now)
        return
    with pytest.raises(Overlaps) as refused:
        book_appointment(session, newcomer, request, now)
    assert (refused.value.appointment_id, refused.value.starts_at) == (earlier.id, NINE)
    assert book_appointment(session, make_newcomer(session), request, now)


def test_who_cancelled_is_free_again_at_that_time(session: Session, now: datetime) -> None:
    first, second = make_coach(session), make_coach(session)
    make_week(session, first)
    make_week(session, second)
    newcomer = make_newcomer(session)
    earlier = book_appointment(session, newcomer, make_request(first, NINE), now)
    cancel_appointment(session, newcomer, earlier.id, now)
    assert book_appointment(session, newcomer, make_request(second, NINE), now).coach is second


def test_a_time_for_the_telephone_cannot_be_booked_as_a_visit(session: Session, now: datetime) -> None:
    coach = make_coach(session)
    make_week(session, coach)
    for row in coach.availability:
        row.mode = Mode.TELEPHONE
    session.flush()
    newcomer = make_newcomer(session)
    with pytest.raises(TimeTaken):
        book_appointment(session, newcomer, make_request(coach, NINE), now)
    assert book_appointment(session, newcomer, make_request(coach, NINE, mode=Mode.TELEPHONE), now)


def test_other_times_are_of_coaches_who_talk_about_the_same(session: Session, now: datetime) -> None:
    coach, of_work = make_coach(session), make_coach(session, areas=[CoachArea(area=Area.WORK)])
    make_week(session, coach, "09:00", "10:00")
    make_week(session, of_work)
    book_appointment(session, make_newcomer(session), make_request(coach, NINE), now)
    with pytest.raises(TimeTaken) as refused:
        book_appointment(session, make_newcomer(session), make_request(coach, NINE), now)
    assert {free.coach_id for free in refused.value.alternatives} == {coach.id}


def test_the_newcomer_gets_reminders_and_a_calendar_file(session: Session, now: datetime) -> None:
    coach = make_coach(session)
    make_week(session, coach)
    newcomer = make_newcomer(session)
    two_days = NINE + timedelta(days=1)
    booked = book_appointment(session, newcomer, make_request(coach, two_days), now)
    assert heard(session, newcomer) == ["calendar/file", "reminder/day_before", "reminder/two_hours"]
    move_appointment(session, newcomer, booked.id, two_days + timedelta(hours=1), coach.id, now)
    assert heard(session, newcomer) == ["calendar/file", "reminder/day_before", "reminder/two_hours"]
    for row in session.scalars(select(Notification).where(Notification.newcomer_id == newcomer.id)):
        assert row.arguments["when"] == {"datetime": (two_days + timedelta(hours=1)).isoformat()}
    cancel_appointment(session, newcomer, booked.id, now)
    assert not any(name.startswith("reminder/") for name in heard(session, newcomer))


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
        ("reason", "x" * 201),
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
    assert (cancelled.cancelled_by, cancelled.sequence) == (Canceller.NEWCOMER, 1)
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


@pytest.mark.parametrize(("minutes", "allowed"), [(120, True), (119, False)])
def test_what_begins_soon_can_be_changed_by_calling_only(
    session: Session, now: datetime, minutes: int, *, allowed: bool
) -> None:
    coach = make_coach(session, change_minutes=120)
    make_week(session, coach)
    newcomer = make_newcomer(session)
    booked = book_appointment(session, newcomer, make_request(coach, NINE), now)
    later = NINE - timedelta(minutes=minutes)
    if not allowed:
        with pytest.raises(TooLateToChange):
            move_appointment(session, newcomer, booked.id, NINE + timedelta(days=1), coach.id, later)
        with pytest.raises(TooLateToChange):
            cancel_appointment(session, newcomer, booked.id, later)
        assert (booked.status, booked.starts_at) == (AppointmentStatus.BOOKED, NINE)
        return
    move_appointment(session, newcomer, booked.id, NINE + timedelta(days=1), coach.id, later)
    assert cancel_appointment(session, newcomer, booked.id, later).status is AppointmentStatus.CANCELLED


def test_cancelling_ends_the_wait_for_a_sooner_time(session: Session, now: datetime) -> None:
    coach = make_coach(session)
    make_week(session, coach)
    newcomer = make_newcomer(session)
    booked = book_appointment(session, newcomer, make_request(coach, NINE), now)
    entry = join_line(session, newcomer, booked.id, now)
    cancel_appointment(session, newcomer, booked.id, now + timedelta(minutes=1))
    session.refresh(entry)
    assert entry.closed_at == now + timedelta(minutes=1)


def test_an_appointment_moves_as_a_whole(session: Session, now: datetime) -> None:
    first, second = make_coach(session), make_coach(session, appointment_minutes=60, buffer_minutes=10)
    make_week(session, first)
    place = make_week(session, second)
    newcomer = make_newcomer(session)
    booked = book_appointment(session, newcomer, make_request(first, NINE, called_name="Amina", reason="Huur"), now)
    booked.coming_at = now
    later = now + timedelta(hours=1)
    moved = move_appointment(session, newcomer, booked.id, NINE + timedelta(days=1), second.id, later)
    assert moved is booked
    assert (moved.coach, moved.place, moved.status) == (second, place, AppointmentStatus.BOOKED)
    assert moved.starts_at == NINE + timedelta(days=1)
    assert moved.ends_at == NINE + timedelta(days=1, hours=1)
    assert (moved.sequence, moved.changed_at, moved.created_at, moved.coming_at) == (1, later, now, None)
    assert (moved.called_name, moved.reason) == ("Amina", "Huur")
    assert taken(session, moved) == fives(second, moved.starts_at, 70)
    assert coach_free_time(session, first.id, NINE, now) is not None
    assert count(session, Appointment) == 1


def test_coaches_hear_of_a_move_what_the_store_says(session: Session, now: datetime) -> None:
    coach = make_coach(session)
    make_week(session, coach)
    newcomer = make_newcomer(session)
    booked = book_appointment(session, newcomer, make_request(coach, NINE), now)
    for _ in range(2):  # the same button twice
        move_appointment(session, newcomer, booked.id, NINE + timedelta(hours=1), coach.id, now)
    assert told(session)[2:] == [("booking/moved_coaches", None), ("booking/moved_coach", coach.id)]
    for row in to_coaches(session)[2:]:
        assert row.arguments["old"] == {"datetime": NINE.isoformat()}
        assert row.arguments["when"] == {"datetime": booked.starts_at.isoformat()}
        assert row.arguments["called_name"] == "Sami"
        assert (row.appointment_id, row.keeps_quiet) == (booked.id, True)
    assert booked.sequence == 1


def test_both_coaches_hear_of_a_move_from_one_to_the_other(session: Session, now: datetime) -> None:
    first, second = make_coach(session), make_coach(session)
    make_week(session, first)
    make_week(session, second)
    newcomer = make_newcomer(session)
    booked = book_appointment(session, newcomer, make_request(first, NINE), now)
    later = NINE + timedelta(hours=1)
    move_appointment(session, newcomer, booked.id, later, second.id, now)
    group, new, old = to_coaches(session)[2:]
    assert (group.name, group.coach_id) == ("booking/moved_coaches", None)
    assert (group.arguments["old_coach"], group.arguments["coach"]) == (first.name, second.name)
    assert (new.name, new.coach_id) == ("booking/told_coach", second.id)
    assert new.arguments["when"] == {"datetime": later.isoformat()}
    assert (old.name, old.coach_id) == ("booking/cancelled_coach", first.id)
    assert old.arguments["when"] == {"datetime": NINE.isoformat()}
    assert old.arguments["reason"] == {"text": "cancel_reason/other_coach"}


def test_an_appointment_can_move_into_its_own_time(session: Session, now: datetime) -> None:
    coach = make_coach(session, appointment_minutes=60, most_a_day=1)
    make_week(session, coach)
    newcomer = make_newcomer(session)
    booked = book_appointment(session, newcomer, make_request(coach, NINE), now)
    coach.appointment_minutes, coach.buffer_minutes = 30, 15
    session.flush()
    moved = move_appointment(session, newcomer, booked.id, NINE + timedelta(minutes=45), coach.id, now)
    assert taken(session, moved) == fives(coach, NINE + timedelta(minutes=45), 45)


def state(session: Session, appointment: Appointment) -> tuple[object, ...]:
    """Say all that a move can change, as it stands in the store."""
    session.expire_all()
    columns = tuple(getattr(appointment, column.key) for column in Appointment.__table__.columns)
    return (*columns, taken(session, appointment), count(session, Notification))


def test_a_move_to_a_taken_time_changes_nothing(
    session: Session, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = make_coach(session), make_coach(session, areas=[CoachArea(area=Area.MONEY)])
    make_week(session, first)
    make_week(session, second, "09:00", "11:00")
    newcomer = make_newcomer(session)
    booked = book_appointment(session, newcomer, make_request(first, NINE), now)
    wanted = NINE + timedelta(hours=1)
    free_before = coach_free_time(session, second.id, wanted, now)
    book_appointment(session, make_newcomer(session), make_request(second, wanted), now)
    before = state(session, booked)
    with pytest.raises(TimeTaken) as refused:
        move_appointment(session, newcomer, booked.id, wanted, second.id, now)
    assert state(session, booked) == before
    assert refused.value.alternatives[0].starts_at == wanted  # with the other coach
    assert refused.value.alternatives[0].coach_id == first.id
    # And were no check to see it, the database does.
    monkeypatch.setattr(appointments, "coach_free_time", lambda *_, **__: free_before)
    with pytest.raises(TimeTaken):
        move_appointment(session, newcomer, booked.id, wanted, second.id, now)
    assert state(session, booked) == before
    assert move_appointment(session, newcomer, booked.id, NINE, first.id, now).sequence == 0


def test_a_move_onto_the_own_other_appointment_changes_nothing(session: Session, now: datetime) -> None:
    first, second = make_coach(session), make_coach(session)
    make_week(session, first)
    make_week(session, second)
    newcomer = make_newcomer(session)
    other = book_appointment(session, newcomer, make_request(second, NINE), now)
    booked = book_appointment(session, newcomer, make_request(first, NINE + timedelta(hours=1)), now)
    before = state(session, booked)
    with pytest.raises(Overlaps) as refused:
        move_appointment(session, newcomer, booked.id, NINE, first.id, now)
    assert refused.value.appointment_id == other.id
    assert state(session, booked) == before


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"starts_at": NOW}, TooLate),
        ({"status": AppointmentStatus.ATTENDED}, TooLate),
        ({"status": AppointmentStatus.CANCELLED, "cancelled_by": Canceller.NEWCOMER}, AlreadyCancelled),
    ],
    ids=["begun", "held", "cancelled by the newcomer"],
)
def test_what_cannot_be_moved_any_more(
    session: Session, now: datetime, values: dict[str, object], error: type[WegwijsError]
) -> None:
    coach = make_coach(session)
    place = make_week(session, coach)
    newcomer = make_newcomer(session)
    appointment = make_appointment(session, newcomer, coach, place, **values)
    with pytest.raises(error):
        movable_appointment(session, newcomer, appointment.id, now)
    with pytest.raises(error):
        move_appointment(session, newcomer, appointment.id, NINE, coach.id, now)


def test_only_the_own_appointment_can_be_moved(session: Session, now: datetime) -> None:
    coach = make_coach(session)
    make_week(session, coach)
    booked = book_appointment(session, make_newcomer(session), make_request(coach, NINE), now)
    for wrong in (booked.id, booked.id + 100):
        with pytest.raises(NoSuchAppointment):
            move_appointment(session, make_newcomer(session), wrong, NINE + timedelta(hours=1), coach.id, now)
    assert booked.starts_at == NINE


def test_what_the_coach_cancelled_can_get_another_time(session: Session, now: datetime) -> None:
    coach, other = make_coach(session), make_coach(session)
    make_week(session, coach)
    make_week(session, other)
    newcomer = make_newcomer(session)
    booked = book_appointment(session, newcomer, make_request(coach, NINE), now)
    cancel_by_coach(session, booked, now)
    after = NINE + timedelta(hours=2)  # its own time is past
    assert movable_appointment(session, newcomer, booked.id, after) is booked
    moved = move_appointment(session, newcomer, booked.id, NINE + timedelta(days=1), other.id, after)
    assert (moved.status, moved.cancelled_at, moved.cancelled_by) == (AppointmentStatus.BOOKED, None, None)
    assert (moved.sequence, moved.coach) == (2, other)
    assert taken(session, moved) == fives(other, NINE + timedelta(days=1), 30)
    assert told(session)[-2:] == [("booking/moved_coaches", None), ("booking/told_coach", other.id)]
    assert standing_appointments(session, newcomer, after) == [moved]


def test_who_chose_another_time_does_not_hear_that_the_old_one_is_off(session: Session, now: datetime) -> None:
    coach, other = make_coach(session), make_coach(session)
    make_week(session, coach)
    make_week(session, other)
    newcomer = make_newcomer(session)
    booked = book_appointment(session, newcomer, make_request(coach, NINE), now)
    cancel_by_coach(session, booked, now)
    assert "change/coach_cancelled" in heard(session, newcomer)
    move_appointment(session, newcomer, booked.id, NINE, other.id, now)
    assert "change/coach_cancelled" not in heard(session, newcomer)


@pytest.mark.parametrize(("hours", "stays"), [(-1, False), (1, True)], ids=["sooner", "later"])
def test_moving_to_a_sooner_time_ends_the_wait_for_one(
    session: Session, now: datetime, hours: int, *, stays: bool
) -> None:
    coach = make_coach(session)
    make_week(session, coach)
    newcomer = make_newcomer(session)
    booked = book_appointment(session, newcomer, make_request(coach, NINE + timedelta(hours=2)), now)
    entry = join_line(session, newcomer, booked.id, now)
    move_appointment(session, newcomer, booked.id, booked.starts_at + timedelta(hours=hours), coach.id, now)
    session.refresh(entry)
    assert (entry.closed_at is None) is stays


def test_the_answers_of_the_last_appointment_can_be_offered_again(session: Session, now: datetime) -> None:
    coach = make_coach(session)
    place = make_week(session, coach)
    newcomer = make_newcomer(session)
    assert last_of(session, newcomer) is None
    older = make_appointment(session, newcomer, coach, place, created_at=now - timedelta(days=2))
    make_appointment(session, newcomer, coach, place, called_name=None, created_at=now)
    make_appointment(session, make_newcomer(session), coach, place, created_at=now)
    assert last_of(session, newcomer) is older
    newer = make_appointment(
        session, newcomer, coach, place, created_at=now, status=AppointmentStatus.CANCELLED, called_name="Amina"
    )
    assert last_of(session, newcomer) is newer


def test_the_own_coach_is_one_who_still_works(session: Session) -> None:
    coach, newcomer = make_coach(session), make_newcomer(session)
    assert own_coach(session, newcomer) is None
    newcomer.coach_id = coach.id
    assert own_coach(session, newcomer) is coach
    coach.is_active = False
    session.flush()
    assert own_coach(session, newcomer) is None


@pytest.mark.parametrize(
    ("values", "language"),
    [({"language": "ar"}, "ar"), ({"language": "ar", "interpreter": True}, None), ({"language": "nl"}, None)],
    ids=["own language", "interpreter", "Dutch"],
)
def test_another_time_suits_as_the_first_did(session: Session, values: dict[str, object], language: str | None) -> None:
    coach = make_coach(session)
    place = make_week(session, coach)
    appointment = make_appointment(session, None, coach, place, mode=Mode.TELEPHONE, **values)
    assert wish_of(appointment) == Wish(area=Area.MONEY, mode=Mode.TELEPHONE, language=language)


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


def all_at_once(sessions: sessionmaker[Session], acts: list[Callable[[Session], object]]) -> list[object]:
    """Run different acts at once, as `at_once` runs one."""
    return at_once(sessions, lambda session, number: acts[number](session), len(acts))


ROUNDS = range(4)  # a race that is lost now and then is lost in one of them


@pytest.mark.parametrize("_round", ROUNDS)
def test_nothing_is_booked_on_a_day_of_leave_while_the_leave_is_written(
    sessions: sessionmaker[Session], now: datetime, _round: int
) -> None:
    with sessions.begin() as session:
        coach = make_coach(session)
        make_week(session, coach)
        newcomers = [make_newcomer(session).id for _ in range(8)]

    def book(number: int) -> Callable[[Session], object]:
        request = make_request(coach, NINE + timedelta(minutes=30 * number))
        return lambda session: book_appointment(session, session.get_one(Newcomer, newcomers[number]), request, now).id

    def leave(session: Session) -> object:
        mine = session.get_one(Coach, coach.id)
        return [each.id for each in take_leave(session, mine, local_day(NINE), local_day(NINE), LeaveKind.SICK, now)]

    results = all_at_once(sessions, [*map(book, range(4)), leave, *map(book, range(4, 8))])
    cancelled = next(result for result in results if isinstance(result, list))
    booked = [result for result in results if isinstance(result, int)]
    assert [type(result) for result in results].count(TimeTaken) == 8 - len(booked)
    assert sorted(cancelled) == sorted(booked)  # who was in time is cancelled, whoever came later refused
    with sessions() as session:
        statuses = session.scalars(select(Appointment.status)).all()
        assert set(statuses) <= {AppointmentStatus.CANCELLED}
        assert count(session, AppointmentStep) == 0
        hears_of_it = select(func.count()).where(Notification.name == "change/coach_cancelled")
        assert session.scalar(hears_of_it) == len(booked)


def test_one_person_cannot_book_too_much_by_booking_at_once(sessions: sessionmaker[Session], now: datetime) -> None:
    with sessions.begin() as session:
        first, second = make_coach(session), make_coach(session)
        make_week(session, first)
        make_week(session, second)
        person, other = make_newcomer(session).id, make_newcomer(session).id

    def book(newcomer: int, coach: Coach, hours: int) -> Callable[[Session], object]:
        request = make_request(coach, NINE + timedelta(hours=hours))
        return lambda session: book_appointment(session, session.get_one(Newcomer, newcomer), request, now)

    results = all_at_once(sessions, [book(person, first, hours) for hours in range(6)])
    assert sorted(type(result).__name__ for result in results) == [*["Appointment"] * 3, *["TooMany"] * 3]
    results = all_at_once(sessions, [book(other, coach, 7) for coach in (first, second)])
    assert sorted(type(result).__name__ for result in results) == ["Appointment", "Overlaps"]


@pytest.mark.parametrize("_round", ROUNDS)
def test_of_one_who_moves_and_one_who_books_one_has_the_time(
    sessions: sessionmaker[Session], now: datetime, _round: int
) -> None:
    wanted = NINE + timedelta(hours=1)
    with sessions.begin() as session:
        first, second = make_coach(session), make_coach(session)
        make_week(session, first)
        make_week(session, second)
        movers = [make_newcomer(session).id for _ in range(3)]
        bookers = [make_newcomer(session).id for _ in range(3)]
        old = {}
        for number, mover in enumerate(movers):
            at = NINE + timedelta(minutes=30 * number + 120)
            request = make_request(first, at)
            old[mover] = (book_appointment(session, session.get_one(Newcomer, mover), request, now).id, at)

    def move(mover: int) -> Callable[[Session], object]:
        return lambda session: move_appointment(
            session, session.get_one(Newcomer, mover), old[mover][0], wanted, second.id, now
        )

    def book(booker: int) -> Callable[[Session], object]:
        request = make_request(second, wanted)
        return lambda session: book_appointment(session, session.get_one(Newcomer, booker), request, now)

    results = all_at_once(sessions, [*map(move, movers), *map(book, bookers)])
    assert sorted(type(result).__name__ for result in results) == ["Appointment", *["TimeTaken"] * 5]
    with sessions() as session:
        winner = session.scalars(
            select(Appointment).where(Appointment.starts_at == wanted, Appointment.coach_id == second.id)
        ).one()
        assert taken(session, winner) == fives(second, wanted, 30)
        for appointment, at in old.values():
            row = session.get_one(Appointment, appointment)
            if row is not winner:
                assert (row.starts_at, row.coach_id, row.sequence) == (at, first.id, 0)
                assert taken(session, row) == fives(first, at, 30)


@pytest.mark.parametrize("_round", ROUNDS)
def test_who_cancels_and_moves_at_once_has_cancelled(
    sessions: sessionmaker[Session], now: datetime, _round: int
) -> None:
    with sessions.begin() as session:
        coach = make_coach(session)
        make_week(session, coach)
        newcomer = make_newcomer(session).id
        request = make_request(coach, NINE)
        booked = book_appointment(session, session.get_one(Newcomer, newcomer), request, now).id

    def cancel(session: Session) -> object:
        return cancel_appointment(session, session.get_one(Newcomer, newcomer), booked, now).starts_at

    def move(session: Session) -> object:
        mine = session.get_one(Newcomer, newcomer)
        return move_appointment(session, mine, booked, NINE + timedelta(hours=1), coach.id, now).starts_at

    cancelled, moved = all_at_once(sessions, [cancel, move])
    if isinstance(moved, AlreadyCancelled):
        assert cancelled == NINE
    else:
        assert cancelled == moved == NINE + timedelta(hours=1)
    with sessions() as session:
        row = session.get_one(Appointment, booked)
        assert (row.status, row.cancelled_by) == (AppointmentStatus.CANCELLED, Canceller.NEWCOMER)
        assert row.starts_at == cancelled
        assert count(session, AppointmentStep) == 0
        last = to_coaches(session)[-1]
        assert (last.name, last.arguments["when"]) == (
            "booking/cancelled_coach",
            {"datetime": row.starts_at.isoformat()},
        )


@pytest.mark.parametrize("_round", ROUNDS)
def test_nobody_waits_in_a_circle(sessions: sessionmaker[Session], now: datetime, _round: int) -> None:
    """Moves from each of two coaches to the other, both on leave, and somebody who is erased: all come to an end."""
    later = NINE + timedelta(hours=4)
    with sessions.begin() as session:
        coaches = [make_coach(session), make_coach(session)]
        for coach in coaches:
            make_week(session, coach)
        people = [make_newcomer(session).id for _ in range(6)]
        booked = {}
        for number, person in enumerate(people):
            request = make_request(coaches[number % 2], NINE + timedelta(minutes=30 * (number // 2)))
            booked[person] = book_appointment(session, session.get_one(Newcomer, person), request, now).id

    def move(number: int) -> Callable[[Session], object]:
        to, at = coaches[1 - number % 2], later + timedelta(minutes=30 * (number // 2))
        person = people[number]
        return lambda session: move_appointment(
            session, session.get_one(Newcomer, person), booked[person], at, to.id, now
        )

    def leave(number: int) -> Callable[[Session], object]:
        day = local_day(NINE)
        return lambda session: take_leave(
            session, session.get_one(Coach, coaches[number].id), day, day, LeaveKind.LEAVE, now
        )

    def erase(number: int) -> Callable[[Session], object]:
        return lambda session: erase_newcomer(session, session.get_one(Newcomer, people[number]), now)

    acts = [erase(4), move(0), leave(0), move(1), move(2), leave(1), move(3), erase(5)]
    results = all_at_once(sessions, acts)
    assert {type(result) for result in results} <= {Appointment, TimeTaken, list, type(None)}
    with sessions() as session:
        assert not session.scalars(select(Appointment).where(Appointment.status == AppointmentStatus.BOOKED)).all()
        assert count(session, AppointmentStep) == 0
        assert sorted(session.scalars(select(Newcomer.id))) == sorted(people[:4])


def test_the_past_keeps_no_names_and_what_is_to_come_does(session: Session, now: datetime) -> None:
    coach, newcomer = make_coach(session), make_newcomer(session)
    place = make_week(session, coach)
    long_ago = {"starts_at": now - timedelta(days=40), "telephone": "0612345678", "reason": "Huur"}
    past = make_appointment(session, newcomer, coach, place, **long_ago)
    coming = make_appointment(session, newcomer, coach, place)

    assert blank_past(session, now - timedelta(days=30)) == 1

    session.expire_all()
    assert (past.called_name, past.telephone, past.reason) == (None, None, None)
    assert coming.called_name == "Sami"
