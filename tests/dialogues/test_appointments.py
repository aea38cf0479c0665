"""Whole conversations about appointments that stand: seeing, moving and cancelling them, and asking for sooner."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session, sessionmaker

from service.appointments import book_appointment
from service.coaches import find_coach
from service.leave import take_leave
from store.models import Appointment, AppointmentStatus, Coach, Leave, LeaveKind, Newcomer, WaitingEntry
from tests.dialogues.stage import Person
from tests.dialogues.test_booking import booked, until_confirm
from tests.factories import NOW, make_leave, make_request

NewPerson = Callable[[str], Person]
Store = sessionmaker[Session]

THURSDAY_TEN, FRIDAY_TWO = datetime(2026, 11, 26, 9, tzinfo=UTC), datetime(2026, 11, 27, 13, tzinfo=UTC)
CONFIRM_MOVE = ["booking/read_back_move", "booking/ask_confirm_move"]


def stand(store: Store, person: Person, starts_at: datetime = THURSDAY_TEN) -> int:
    """Book a time for a person, with the coach who is free all week; return the appointment's number."""
    with store.begin() as session:
        newcomer = session.scalars(select(Newcomer).where(Newcomer.chat_ref == person.ref)).one()
        coach = session.scalars(select(Coach).where(Coach.name == "Voorbeeldcoach A")).one()
        request = make_request(coach, starts_at, called_name="Amina", reason="brief van DUO")
        return book_appointment(session, newcomer, request, NOW).id


@pytest.fixture
def _no_time_before_friday(stage_store: Store) -> Iterator[None]:
    """Let all coaches be away until Thursday."""
    with stage_store.begin() as session:
        for coach in session.scalars(select(Coach)):
            make_leave(session, coach, NOW.date(), date(2026, 11, 26))
    yield
    with stage_store.begin() as session:
        session.execute(delete(Leave))


MOVES = {
    "nl": ("ik wil mijn afspraak verzetten", "vrijdag om 2 uur", "ja", "vrijdag 27 november om 14:00"),
    "en": ("I want to move my appointment", "Friday at 2 pm", "yes", "Friday 27 November at 14:00"),
    "ar": ("أريد تغيير موعدي", "الجمعة الساعة 2", "نعم", "الجمعة"),
}


@pytest.mark.parametrize("language", MOVES)
def test_an_appointment_moves_in_words_and_both_times_are_read_back(
    new_person: NewPerson, stage_store: Store, language: str
) -> None:
    person = new_person(language)
    number = stand(stage_store, person)
    wish, when, yes, moment = MOVES[language]
    assert person.say(wish).flat == ["standing/moving", "booking/ask_time"]
    answer = person.say(when)
    assert answer.flat == CONFIRM_MOVE
    assert moment in answer.text
    assert "10:00" in answer.text
    assert [entry.starts_at for entry in booked(stage_store, person)] == [THURSDAY_TEN]
    assert person.say(yes).flat[0] == "booking/moved"
    (entry,) = booked(stage_store, person)
    assert (entry.id, entry.starts_at, entry.sequence) == (number, FRIDAY_TWO, 1)
    assert (entry.called_name, entry.reason) == ("Amina", "brief van DUO")
    assert person.tracker()["active_loop"] == {}


def test_the_new_time_in_the_first_words_is_read_back_at_once(person: Person, stage_store: Store) -> None:
    stand(stage_store, person)
    answer = person.say("verzet mijn afspraak naar vrijdag 14 uur")
    assert answer.flat == CONFIRM_MOVE
    assert "vrijdag 27 november om 14:00" in answer.text
    assert person.choose(confirm="yes").flat[0] == "booking/moved"
    assert [entry.starts_at for entry in booked(stage_store, person)] == [FRIDAY_TWO]


def test_an_appointment_moves_by_buttons_and_stop_leaves_it(person: Person, stage_store: Store) -> None:
    stand(stage_store, person)
    person.say("mijn afspraken")
    person.press("Andere tijd")
    assert person.say("stop").flat == ["booking/stopped_moving"]
    assert [entry.starts_at for entry in booked(stage_store, person)] == [THURSDAY_TEN]
    person.say("mijn afspraken")
    person.press("Andere tijd")
    person.choose(day="2026-11-24/")
    person.choose(day="2026-11-27")
    person.choose(part="afternoon")
    assert person.choose(time="2026-11-27T13:00").flat == CONFIRM_MOVE
    person.choose(confirm="yes")
    assert [entry.starts_at for entry in booked(stage_store, person)] == [FRIDAY_TWO]


def test_the_new_time_that_was_taken_meanwhile_leaves_the_old_one(
    person: Person, new_person: NewPerson, stage_store: Store
) -> None:
    stand(stage_store, person)
    assert person.say("verzet mijn afspraak naar vrijdag 14 uur").flat == CONFIRM_MOVE
    stand(stage_store, new_person("nl"), FRIDAY_TWO)
    answer = person.choose(confirm="yes")
    assert answer.flat == ["booking/time_taken", "booking/ask_time_near"]
    assert [entry.starts_at for entry in booked(stage_store, person)] == [THURSDAY_TEN]
    person.choose(time="2026-11-27T")
    assert person.choose(confirm="yes").flat[0] == "booking/moved"


def test_of_several_appointments_it_is_asked_which_one_moves(person: Person, stage_store: Store) -> None:
    stand(stage_store, person)
    second = stand(stage_store, person, FRIDAY_TWO)
    assert person.say("afspraak verzetten").flat == ["standing/ask_which_move"]
    person.choose(appointment=str(second))
    person.choose(time="2026-11-24T")
    assert person.choose(confirm="yes").flat[0] == "booking/moved"
    moved = {entry.id: entry.starts_at.date() for entry in booked(stage_store, person)}
    assert moved[second] == NOW.date()


def test_one_that_the_coach_cancelled_gets_another_time(person: Person, stage_store: Store) -> None:
    stand(stage_store, person)
    with stage_store.begin() as session:
        coach = find_coach(session, 1)
        assert coach is not None
        take_leave(session, coach, THURSDAY_TEN.date(), THURSDAY_TEN.date(), LeaveKind.SICK, NOW)
    try:
        assert person.say("andere tijd voor mijn afspraak").flat == ["standing/moving", "booking/ask_time"]
        person.say("vrijdag om 14 uur")
        assert person.choose(confirm="yes").flat[0] == "booking/moved"
    finally:
        with stage_store.begin() as session:
            session.execute(delete(Leave))
    (entry,) = booked(stage_store, person)
    assert (entry.status, entry.starts_at, entry.cancelled_by) == (AppointmentStatus.BOOKED, FRIDAY_TWO, None)


def test_a_question_in_the_middle_of_a_move_is_answered_and_the_move_goes_on(
    person: Person, stage_store: Store
) -> None:
    stand(stage_store, person)
    person.say("afspraak verzetten")
    answer = person.say("Hoe lang heb ik om in te burgeren?")
    assert answer.flat == ["wet/termijn", "booking/back", "booking/ask_time"]
    assert person.say("vrijdag om 14 uur").flat == CONFIRM_MOVE


def test_to_move_in_the_middle_of_a_new_booking_changes_the_new_one(person: Person, stage_store: Store) -> None:
    stand(stage_store, person)
    until_confirm(person, "2026-11-26T10:00")
    person.say("kan het op een andere dag?")
    assert person.say("vrijdag om 14 uur").flat == ["booking/read_back", "booking/ask_confirm"]
    person.choose(confirm="yes")
    assert {entry.starts_at for entry in booked(stage_store, person)} == {THURSDAY_TEN, FRIDAY_TWO}


CANCELS = {
    "nl": ("ik kan niet komen, afspraak afzeggen", "ja"),
    "en": ("cancel my appointment please", "yes"),
    "ar": ("أريد إلغاء موعدي", "نعم"),
}


@pytest.mark.parametrize("language", CANCELS)
def test_an_appointment_is_cancelled_after_asking(new_person: NewPerson, stage_store: Store, language: str) -> None:
    person = new_person(language)
    stand(stage_store, person)
    wish, yes = CANCELS[language]
    assert person.say(wish).flat == ["booking/ask_cancel"]
    answer = person.say(yes)
    assert (answer.flat, answer.buttons[0][1]) == (["standing/cancelled"], "/coach_afspraak")
    assert [entry.status for entry in booked(stage_store, person)] == [AppointmentStatus.CANCELLED]
    assert person.say("/appointment_show").flat == ["booking/none_standing"]


def test_yes_after_cancelling_books_a_new_one_at_the_time_that_came_free(person: Person, stage_store: Store) -> None:
    stand(stage_store, person)
    person.say("/appointment_cancel")
    person.choose(confirm="yes")
    assert person.say("ja").flat == ["booking/ask_area"]
    person.say("stop")
    until_confirm(person)
    assert person.choose(confirm="yes").flat[0] == "booking/booked"


@pytest.mark.parametrize(
    ("language", "wish"), [("nl", "kan het eerder?"), ("en", "can it be sooner?"), ("ar", "أريد موعدا أقرب")]
)
def test_a_sooner_time_that_is_free_is_taken(
    new_person: NewPerson, stage_store: Store, language: str, wish: str
) -> None:
    person = new_person(language)
    stand(stage_store, person)
    answer = person.say(wish)
    assert answer.flat == ["standing/sooner_now"]
    assert person.choose(time="2026-11-24T").flat == CONFIRM_MOVE
    assert person.choose(confirm="yes").flat[0] == "booking/moved"
    assert [entry.starts_at.date() for entry in booked(stage_store, person)] == [NOW.date()]


@pytest.mark.usefixtures("_no_time_before_friday")
def test_with_nothing_sooner_the_person_waits_in_line_and_sees_it(person: Person, stage_store: Store) -> None:
    number = stand(stage_store, person, FRIDAY_TWO.replace(hour=8))
    assert person.say("kan mijn afspraak eerder?").flat == ["standing/joined_line"]
    with stage_store.begin() as session:
        assert list(session.scalars(select(WaitingEntry.appointment_id))) == [number]
    answer = person.say("mijn afspraken")
    assert "Je bent nummer 1." in answer.text
    assert person.press("Niet meer wachten op eerder").flat == ["standing/left_line"]
    assert "nummer" not in person.say("mijn afspraken").text


def test_the_appointment_of_another_cannot_be_touched(
    person: Person, new_person: NewPerson, stage_store: Store
) -> None:
    number = stand(stage_store, person)
    stranger = new_person("nl")
    for payload in (
        f'/appointment_move{{"appointment": "{number}"}}',
        f'/appointment_show{{"appointment": "{number}"}}',
        f'/appointment_sooner{{"appointment": "{number}"}}',
        f'/wait_for_sooner{{"appointment": "{number}"}}',
        f'/cancel_appointment{{"appointment": "{number}", "confirm": "yes"}}',
    ):
        assert stranger.say(payload).flat == ["booking/no_such"]
    with stage_store.begin() as session:
        entry = session.scalars(select(Appointment)).one()
        assert (entry.status, entry.starts_at) == (AppointmentStatus.BOOKED, THURSDAY_TEN)
