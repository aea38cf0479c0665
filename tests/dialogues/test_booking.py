"""Whole conversations about appointments."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from service.appointments import book_appointment
from store.messages import Notification
from store.models import Appointment, AppointmentStatus, Coach, Newcomer
from tests.dialogues.stage import Person
from tests.factories import NOW, make_newcomer, make_request

BUTTONS = (
    "Geld",
    "donderdag 26 november",
    "10:00",
    "In het Welkomhuis",
)
WHEN = datetime(2026, 11, 26, 9, tzinfo=UTC)


def booked(store: sessionmaker[Session], person: Person) -> list[Appointment]:
    with store.begin() as session:
        query = select(Appointment).join(Newcomer).where(Newcomer.chat_ref == person.ref)
        return list(session.scalars(query))


def told(store: sessionmaker[Session]) -> list[str]:
    with store.begin() as session:
        return list(session.scalars(select(Notification.name).order_by(Notification.id)))


def until_confirm(person: Person) -> None:
    """Answer everything by buttons, up to "is this right?"."""
    person.say("ik wil een afspraak maken")
    for label in BUTTONS:
        person.press(label)
    person.say("Amina")
    person.press("Arabisch")
    person.press("Ja, met tolk")
    assert person.press("Nee, liever niet").flat == ["booking/read_back", "booking/ask_confirm"]


def test_an_appointment_is_booked_by_buttons(person: Person, stage_store: sessionmaker[Session]) -> None:
    until_confirm(person)
    answer = person.press("Ja, dit klopt")
    assert answer.flat == ["booking/booked", "opening/where_unconfirmed", "booking/at_place"]
    assert "donderdag 26 november om 10:00" in answer.text
    assert [entry.starts_at for entry in booked(stage_store, person)] == [WHEN]
    assert told(stage_store) == ["booking/told_coaches", "booking/told_coach"]
    assert person.tracker()["active_loop"] == {}


def test_an_appointment_is_booked_in_words(
    new_person: Callable[[str], Person], stage_store: sessionmaker[Session]
) -> None:
    person = new_person("en")
    for words in (
        "I want to make an appointment",
        "about my debts",
        "thursday",
        "half past two",
        "by phone",
        "my name is Sara",
        "Tigrinya",
        "yes please",
        "06 1234 5678",
    ):
        person.say(words)
    assert person.last is not None
    assert "Thursday 26 November at 14:30" in person.last.text
    assert person.say("yes").flat == ["booking/booked", "booking/coach_calls"]
    entry = booked(stage_store, person)[0]
    assert (entry.called_name, entry.language, entry.interpreter, entry.telephone) == (
        "Sara",
        "ti",
        True,
        "0612345678",
    )


def test_a_time_that_was_taken_meanwhile_leads_to_the_nearest_ones(
    person: Person, stage_store: sessionmaker[Session]
) -> None:
    until_confirm(person)
    with stage_store.begin() as session:
        coach = session.scalars(select(Coach)).one()
        book_appointment(session, make_newcomer(session), make_request(coach, WHEN), NOW)
    answer = person.press("Ja, dit klopt")
    assert answer.flat == ["booking/time_taken", "booking/ask_time_near"]
    labels = [label for label, _ in answer.buttons]
    assert "donderdag 26 november om 09:30" in labels
    assert "donderdag 26 november om 10:00" not in labels
    assert person.press("donderdag 26 november om 09:30").flat == ["booking/read_back", "booking/ask_confirm"]
    assert person.press("Ja, dit klopt").flat[0] == "booking/booked"


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("Hoe lang heb ik om in te burgeren?", "wet/termijn"),
        ("is het welkomhuis nu open?", "opening/open_now"),
        ("welke cursussen zijn er?", "courses/coming"),
        ("ik wil met een mens praten", "handoff/requested"),
        ('/topic{"topic": "welkomhuis/waar"}', "opening/where"),
    ],
)
def test_a_question_in_the_middle_is_answered_and_the_booking_goes_on(person: Person, question: str, name: str) -> None:
    person.say("/coach_afspraak")
    person.press("Geld")
    answer = person.say(question)
    assert name in answer.names[0]
    assert answer.names[-1] == ["booking/back", "booking/ask_day"]
    assert person.press("donderdag 26 november").flat == ["booking/ask_time"]


def test_a_question_where_a_name_is_asked_is_never_a_name(person: Person) -> None:
    person.say("/coach_afspraak")
    for label in BUTTONS:
        person.press(label)
    assert person.say("Hoe lang heb ik om in te burgeren?").names[-1][-1] == "booking/ask_called_name"
    assert person.say("boete").names[-1] == ["booking/ask_name_or_question"]
    assert person.press("Het is een vraag").names[0] == ["wet/boete"]
    assert person.say("ik heet Amina").flat == ["booking/ask_talk_language"]


def test_stop_always_stops(person: Person, stage_store: sessionmaker[Session]) -> None:
    until_confirm(person)
    assert person.say("stop").flat == ["booking/stopped"]
    assert person.tracker()["active_loop"] == {}
    assert person.say('/inform{"confirm": "yes"}').flat == ["booking/old_button"]
    assert booked(stage_store, person) == []


def test_a_stopped_booking_leaves_nothing_behind(person: Person) -> None:
    until_confirm(person)
    person.press("Stoppen, geen afspraak")
    assert person.say("/coach_afspraak").flat == ["booking/ask_area"]


def test_a_change_of_mind_at_the_end_keeps_the_other_answers(
    person: Person, stage_store: sessionmaker[Session]
) -> None:
    until_confirm(person)
    assert person.press("Nee, ik wil iets veranderen").flat == ["booking/ask_change"]
    assert person.press("De tijd").flat == ["booking/ask_time"]
    assert "om 11:00" in person.press("11:00").text
    assert "vrijdag 27 november" in person.say("nee, vrijdag").text
    assert "vrijdag 27 november om 11:30" in person.press("11:30").text
    person.say("ja")
    assert [entry.starts_at for entry in booked(stage_store, person)] == [datetime(2026, 11, 27, 10, 30, tzinfo=UTC)]


def test_two_misses_in_the_form_offer_a_person_and_the_buttons_again(person: Person) -> None:
    person.say("/coach_afspraak")
    assert person.say("blabla").flat == ["booking/not_understood", "booking/ask_area"]
    answer = person.say("brrr")
    assert answer.flat == ["booking/not_understood", "booking/offer_person", "booking/ask_area"]
    assert answer.buttons[-1][1] == "/coach_mens"
    assert person.press("Geld").flat == ["booking/ask_day"]


def test_a_button_pressed_twice_books_once(person: Person, stage_store: sessionmaker[Session]) -> None:
    until_confirm(person)
    assert person.last is not None
    payload = person.last.payload("Ja, dit klopt")
    person.say(payload)
    assert person.say(payload).flat == ["booking/old_button"]
    assert len(booked(stage_store, person)) == 1


def test_appointments_are_shown_and_cancelled(person: Person, stage_store: sessionmaker[Session]) -> None:
    until_confirm(person)
    person.press("Ja, dit klopt")
    assert "donderdag 26 november om 10:00" in person.say("mijn afspraken").text
    assert person.press("Afzeggen: donderdag 26 november om 10:00").flat == ["booking/ask_cancel"]
    assert person.press("Ja, afzeggen").flat == ["booking/cancelled"]
    assert [entry.status for entry in booked(stage_store, person)] == [AppointmentStatus.CANCELLED]
    assert told(stage_store)[2:] == ["booking/cancelled_coaches", "booking/cancelled_coach"]
    assert person.say("mijn afspraken").flat == ["booking/none_standing"]


def test_a_freed_time_can_be_booked_again(person: Person, stage_store: sessionmaker[Session]) -> None:
    until_confirm(person)
    person.press("Ja, dit klopt")
    person.say("/appointment_cancel")
    person.say("ja")
    until_confirm(person)
    assert person.press("Ja, dit klopt").flat[0] == "booking/booked"
    assert len(booked(stage_store, person)) == 2


def test_without_any_coach_it_is_said_and_a_person_is_offered(
    person: Person, stage_store: sessionmaker[Session]
) -> None:
    with stage_store.begin() as session:
        session.scalars(select(Coach)).one().is_active = False
    try:
        answer = person.say("ik wil een afspraak maken")
    finally:
        with stage_store.begin() as session:
            session.scalars(select(Coach)).one().is_active = True
    assert (answer.flat, answer.buttons[0][1]) == (["booking/no_days"], "/coach_mens")
    assert person.tracker()["active_loop"] == {}
    assert person.say("ja").flat == ["handoff/requested"]
