"""Whole conversations of questions and answers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.dialogues.stage import Person


@pytest.mark.parametrize(
    ("language", "question", "words"),
    [
        ("nl", "Hoe lang heb ik om in te burgeren?", ["3 jaar", "Bron: "]),
        ("en", "How long do I have to integrate?", ["3 years", "Source: "]),
    ],
)
def test_a_question_is_answered_in_its_language_with_its_source(
    new_person: Callable[[str], Person], language: str, question: str, words: list[str]
) -> None:
    answer = new_person(language).say(question)
    assert answer.names == [["wet/termijn"]]
    assert all(word in answer.text for word in words)


def test_a_button_under_an_answer_gives_the_next_answer(person: Person) -> None:
    answer = person.say("Hoe lang heb ik om in te burgeren?")
    topic = next(payload for _, payload in answer.buttons if payload.startswith("/topic"))
    assert person.say(topic).names != answer.names


def test_open_now_is_answered_from_the_store_and_called_an_example(person: Person) -> None:
    answer = person.say("is het welkomhuis nu open?")
    assert answer.flat == ["opening/sample", "opening/open_now", "opening/days_ahead", "welkomhuis/openingstijden"]
    assert "tot 17:00" in answer.text


def test_two_misses_lead_to_a_person(person: Person) -> None:
    assert person.say("Wie won gisteren de voetbalwedstrijd?").flat == ["dialogue/out_of_scope"]
    answer = person.say("Wat kost een treinkaartje naar Parijs?")
    assert answer.flat == ["dialogue/second_miss"]
    assert person.press("Met een mens praten").flat == ["handoff/requested"]
    assert person.say("/coach_mens").flat == ["handoff/waiting"]


def test_a_chosen_language_is_confirmed_in_it(person: Person) -> None:
    payload = person.say("/bot_taal").payload("English")
    person.language = "en"
    assert person.say(payload).text == "All right, we will use English."
