"""A booking that is left: forgotten after an hour, and that is said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.rasa import find_turn
from service.trackers import Trackers
from tests.dialogues.stage import Person

BEFORE, AFTER = timedelta(minutes=55), timedelta(minutes=65)


@pytest.fixture
def silence(stage_settings: dict[str, str]) -> Callable[[Person, timedelta], None]:
    return lambda person, length: person.be_silent(stage_settings["WEGWIJS_TRACKER_URL"], length)


@pytest.mark.parametrize(("language", "words"), [("nl", "vergeten"), ("en", "forg"), ("ar", "نسيت")])
def test_a_booking_that_was_left_is_forgotten_and_the_message_is_answered(
    new_person: Callable[[str], Person], silence: Callable[[Person, timedelta], None], language: str, words: str
) -> None:
    person = new_person(language)
    person.say("/coach_afspraak")
    person.say('/inform{"area": "money"}')
    silence(person, AFTER)
    answer = person.say('/topic{"topic": "wet/termijn"}')
    assert answer.flat == ["booking/forgotten", "wet/termijn"]
    assert words in answer.texts[0]
    tracker = person.tracker()
    assert (tracker["active_loop"], tracker["slots"]["area"]) == ({}, None)
    assert person.say('/topic{"topic": "wet/termijn"}').flat == ["wet/termijn"]


def test_a_booking_waits_nearly_an_hour(person: Person, silence: Callable[[Person, timedelta], None]) -> None:
    person.say("/coach_afspraak")
    person.say('/inform{"area": "money"}')
    silence(person, BEFORE)
    answer = person.say('/topic{"topic": "wet/termijn"}')
    assert answer.names[0] == ["wet/termijn"]
    assert answer.names[1][0] == "booking/back"


def test_a_button_of_a_forgotten_booking_books_nothing(
    person: Person, silence: Callable[[Person, timedelta], None]
) -> None:
    person.say("/coach_afspraak")
    person.say('/inform{"area": "money"}')
    silence(person, AFTER)
    answer = person.say('/inform{"time": "2026-11-26T09:00:00+00:00|1"}')
    assert answer.flat == ["booking/forgotten", "booking/old_button"]
    assert person.tracker()["active_loop"] == {}


def test_a_new_booking_starts_afresh_after_a_forgotten_one(
    person: Person, silence: Callable[[Person, timedelta], None]
) -> None:
    person.say("/coach_afspraak")
    person.say('/inform{"area": "money"}')
    silence(person, AFTER)
    assert person.say("/coach_afspraak").flat == ["booking/forgotten", "booking/ask_area"]


@pytest.mark.parametrize("message", ["hallo", "/coach_afspraak"])
def test_who_left_nothing_hears_nothing_of_it(
    person: Person, silence: Callable[[Person, timedelta], None], message: str
) -> None:
    person.say(message)
    silence(person, AFTER)
    assert person.say("hallo").flat == ["greet"]


def test_the_bot_finds_the_whole_turn_and_can_undo_it(
    person: Person, silence: Callable[[Person, timedelta], None], stage_settings: dict[str, str]
) -> None:
    person.say("/coach_afspraak")
    person.say('/inform{"area": "money"}')
    silence(person, AFTER)
    answer = person.say("hallo")
    found = find_turn(person.tracker()["events"], 3)
    assert found is not None
    assert [said.html for said in found] == answer.texts
    trackers = Trackers(stage_settings["WEGWIJS_TRACKER_URL"])
    try:
        assert trackers.undo_turn(person.ref, 3) > 0
    finally:
        trackers.close()
    assert person.tracker()["active_loop"]["name"] == "appointment_form"
    assert person.say("hallo").flat == ["booking/forgotten", "greet"]
