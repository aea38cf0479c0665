"""The bot follows a person into another language, offers the way back, and says so when it knows a language badly."""

from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox.client import Person, Sandbox
from service.language import LANGUAGES
from service.newcomers import find_newcomer
from tests.bot.rig import Rig

QUESTIONS = {
    "nl": "Hoe lang heb ik om in te burgeren?",
    "en": "How much time do I have to integrate?",
    "ar": "كم من الوقت لدي للاندماج؟",
    "tr": "Uyum sınavı için ne kadar zamanım var?",
    "fa": "چقدر وقت برای ادغام دارم؟",
    "ti": "ክሳብ መዓስ እየ ክወድእ ዘለኒ?",
    "uk": "Скільки часу я маю на інтеграцію?",
}
FOREIGN = {"ru": "Сколько времени у меня есть на интеграцию?", "fr": "Combien de temps ai-je pour m'intégrer ?"}


def asked_in(rig: Rig) -> str:
    """Name the language of the last question to Rasa."""
    return str(rig.rasa.asked[-1]["metadata"]["language"])


def back_to(rig: Rig, left: str) -> str:
    return rig.parts.words.label("chat/button_back_to", left, {"language": LANGUAGES[left]})


def notice(rig: Rig, language: str) -> str:
    return rig.parts.words.label("chat/other_language", language, {"languages": ", ".join(LANGUAGES.values())})


async def choose(newcomer: Person, language: str) -> None:
    await newcomer.says(f"/taal {language}")
    await newcomer.next_reply()


@pytest.mark.parametrize(
    ("chosen", "written"),
    [("nl", "en"), ("en", "nl"), ("nl", "ar"), ("ar", "fa"), ("fa", "ar"), ("tr", "uk"), ("uk", "ti"), ("ti", "tr")],
)
async def test_a_full_sentence_in_another_language_is_answered_in_it_with_a_way_back(
    rig: Rig, newcomer: Person, chosen: str, written: str
) -> None:
    await choose(newcomer, chosen)
    await newcomer.says(QUESTIONS[written])
    answer = await newcomer.next_reply()
    assert asked_in(rig) == written
    assert answer.labels == [back_to(rig, chosen)]


async def test_the_button_back_goes_back_and_the_language_stays(rig: Rig, newcomer: Person) -> None:
    await choose(newcomer, "ar")
    await newcomer.says(QUESTIONS["en"])
    await newcomer.next_reply()
    await newcomer.presses(back_to(rig, "ar"))
    assert (await newcomer.next_reply()).text == rig.parts.words.label("chat/language_set", "ar")
    await newcomer.says("DUO")
    await newcomer.next_reply()
    assert asked_in(rig) == "ar"
    with rig.parts.sessions() as session:
        found = find_newcomer(session, rig.parts.ref(1000))
        assert found
        assert (found.language, found.language_chosen) == ("ar", True)


async def test_the_way_back_is_offered_once(rig: Rig, newcomer: Person) -> None:
    await choose(newcomer, "tr")
    for labels in ([back_to(rig, "tr")], []):
        await newcomer.says(QUESTIONS["uk"])
        assert (await newcomer.next_reply()).labels == labels


async def test_the_way_back_stands_under_the_buttons_of_the_answer(rig: Rig, newcomer: Person) -> None:
    await choose(newcomer, "nl")
    rig.rasa.answer = lambda _: [{"text": "What?", "buttons": [{"title": "Money", "payload": "/affirm"}]}]
    await newcomer.says(QUESTIONS["en"])
    assert (await newcomer.next_reply()).labels == ["Money", "Terug naar Nederlands"]


@pytest.mark.parametrize("word", ["thanks", "teşekkürler", "شكرا", "дякую", "የቐንየለይ"])
async def test_one_word_in_another_language_does_not_switch(rig: Rig, newcomer: Person, word: str) -> None:
    await choose(newcomer, "nl")
    await newcomer.says(word)
    answer = await newcomer.next_reply()
    assert (asked_in(rig), answer.labels) == ("nl", [])


@pytest.mark.parametrize(
    ("text", "language"),
    [("DUO mektubu geldi", "tr"), ("رسالة من DUO وصلت اليوم", "ar"), ("лист від DUO прийшов", "uk")],
)
async def test_dutch_names_in_a_sentence_do_not_make_it_dutch(
    rig: Rig, newcomer: Person, text: str, language: str
) -> None:
    await newcomer.says(text)
    await newcomer.next_reply()
    assert asked_in(rig) == language


@pytest.mark.parametrize("foreign", FOREIGN)
async def test_who_begins_in_a_language_that_we_do_not_speak_is_answered_in_english_and_told_which_we_do(
    rig: Rig, sandbox: Sandbox, foreign: str
) -> None:
    await rig.start()
    newcomer = sandbox.newcomer(1000, language_code=foreign)
    await newcomer.says(FOREIGN[foreign])
    introduction, answer = await newcomer.replies(at_least=2)
    assert "not a person" in introduction.text
    assert asked_in(rig) == "en"
    assert answer.text == f"{notice(rig, 'en')}\n\nantwoord op {FOREIGN[foreign]}"


@pytest.mark.parametrize("foreign", FOREIGN)
@pytest.mark.parametrize("current", ["nl", "uk"])
async def test_a_sentence_in_such_a_language_later_is_answered_in_the_current_one_with_the_line_once(
    rig: Rig, newcomer: Person, foreign: str, current: str
) -> None:
    await choose(newcomer, current)
    said: list[dict[str, Any]] = [{"text": "een", "buttons": [{"title": "Ja", "payload": "/affirm"}]}, {"text": "twee"}]
    rig.rasa.answer = lambda _: said
    await newcomer.says(FOREIGN[foreign])
    first, second = await newcomer.replies(at_least=2)
    assert asked_in(rig) == current
    assert (first.text, second.text) == (f"{notice(rig, current)}\n\neen", "twee")
    await newcomer.says(QUESTIONS[current])
    assert (await newcomer.replies(at_least=2))[0].text == "een"


async def test_one_foreign_word_brings_no_line_about_languages(rig: Rig, newcomer: Person) -> None:
    await newcomer.says("спасибо")
    assert (await newcomer.next_reply()).text == "antwoord op спасибо"
    assert asked_in(rig) == "nl"
