"""Whole conversations in English, Arabic, Turkish and Ukrainian: what is true of Dutch is true of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from service.settings import ROOT
from service.texts import Texts
from tests.dialogues.stage import Person
from tests.factories import NOW

LANGUAGES = ("en", "ar", "tr", "uk")
ANSWERED = {
    "en": [
        ("How long do I have to integrate?", "wet/termijn"),
        ("I am pregnant, where do I find a midwife?", "gezondheid/zwanger"),
        ("what happens if I don't finish in time, do I get a fine?", "wet/boete"),
    ],
    "ar": [
        ("كم سنة عندي لأنهي الاندماج؟", "wet/termijn"),
        ("أنا حامل، أين أجد قابلة؟", "gezondheid/zwanger"),
        ("هل سأدفع غرامة إذا لم أنه الاندماج في الوقت؟", "wet/boete"),
    ],
    "tr": [
        ("Uyumu bitirmek için ne kadar zamanım var?", "wet/termijn"),
        ("Hamileyim, ebeyi nerede bulurum?", "gezondheid/zwanger"),
        ("Zamanında bitirmezsem ceza alır mıyım?", "wet/boete"),
    ],
    "uk": [
        ("Скільки часу я маю на інтеграцію?", "wet/termijn"),
        ("Я вагітна, де знайти акушерку?", "gezondheid/zwanger"),
        ("Чи отримаю я штраф, якщо не встигну вчасно?", "wet/boete"),
    ],
}
VAGUE = {  # of each language one at least leaves the bot in doubt
    "en": ("exam plan talk", "course money", "money for school plan"),
    "ar": ("امتحان خطة مقابلة", "دورة مال", "مال مدرسة خطة"),
    "tr": ("kurs para", "sınav kurs para", "okul para plan"),
    "uk": ("іспит план розмова", "гроші план школа", "курс іспит гроші"),
}
NOT_OURS = {
    "en": ("Who won the football match yesterday?", "What does a train ticket to Paris cost?"),
    "ar": ("من فاز في مباراة كرة القدم أمس؟", "كم سعر تذكرة القطار إلى باريس؟"),
    "tr": ("Dünkü futbol maçını kim kazandı?", "Paris'e tren bileti ne kadar?"),
    "uk": ("Хто виграв вчорашній футбольний матч?", "Скільки коштує квиток на поїзд до Парижа?"),
}
MONEY = {"en": "Money", "ar": "المال", "tr": "Para", "uk": "Гроші"}


@pytest.fixture(scope="module")
def texts() -> Texts:
    return Texts(ROOT / "stories")


def label(texts: Texts, name: str, language: str) -> str:
    return texts.find(name, language, today=NOW.date()).html.strip()


@pytest.mark.parametrize(
    ("language", "question", "topic"),
    [(language, question, topic) for language, asked in ANSWERED.items() for question, topic in asked],
)
def test_a_question_is_answered_in_its_language_with_its_source(
    new_person: Callable[[str], Person], texts: Texts, language: str, question: str, topic: str
) -> None:
    answer = new_person(language).say(question)
    assert answer.names == [[topic]]
    assert answer.text == texts.find(topic, language, today=NOW.date()).html
    assert 'href="https://' in answer.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unsure_question_gets_buttons_in_its_language_and_none_of_these(
    new_person: Callable[[str], Person], texts: Texts, language: str
) -> None:
    for vague in VAGUE[language]:
        person = new_person(language)
        answer = person.say(vague)
        if answer.flat[0] in ("dialogue/did_you_mean", "dialogue/did_you_mean_this"):
            break
    else:
        pytest.fail(f"no doubt about {', '.join(VAGUE[language])}")
    *offered, none = answer.buttons
    assert none == (label(texts, "dialogue/none_of_these", language), "/none_of_these")
    assert offered
    assert {words for words, _ in offered} <= {texts.title(topic, language) for topic in texts.topics()}
    assert person.press(none[0]).flat == ["dialogue/other_words"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_misses_lead_to_a_person(new_person: Callable[[str], Person], texts: Texts, language: str) -> None:
    person = new_person(language)
    first, second = NOT_OURS[language]
    assert person.say(first).flat == ["dialogue/out_of_scope"]
    answer = person.say(second)
    assert answer.flat == ["dialogue/second_miss"]
    assert answer.text == label(texts, "dialogue/second_miss", language)
    assert person.press(label(texts, "flow/coach_mens", language)).flat == ["handoff/requested"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_question_in_the_middle_of_a_booking_is_answered_and_the_booking_goes_on(
    new_person: Callable[[str], Person], texts: Texts, language: str
) -> None:
    person = new_person(language)
    person.say("/coach_afspraak")
    person.press(person.last.buttons[0][0] if person.last else "")
    question, topic = ANSWERED[language][0]
    answer = person.say(question)
    assert answer.names == [[topic], ["booking/back", "booking/ask_talk_language"]]
    assert answer.texts[0] == texts.find(topic, language, today=NOW.date()).html
    assert person.choose(talk_language="nl").flat == ["booking/ask_mode"]
