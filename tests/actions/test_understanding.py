from __future__ import annotations

from datetime import time

import pytest

from actions.understanding import Understanding, telephone
from service.texts import Texts
from store.models import Area

AREAS = {area.value: f"area_{area.value}" for area in Area}


@pytest.fixture
def words(texts: Texts) -> Understanding:
    return Understanding(texts)


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("Geld", "money"),
        ("over mijn schulden", "money"),
        ("ik wil werken", "work"),
        ("taalles", "language"),
        ("health please", "health"),
        ("my kids", "children"),
        ("iets anders", "other"),
        ("mensen ontmoeten", "social_network"),
        ("een opleiding", "education"),
        ("geld en werk", None),
        ("kast", None),
        ("", None),
    ],
)
def test_an_area_is_found_when_the_words_name_one(words: Understanding, text: str, area: str | None) -> None:
    assert words.choice(text, AREAS) == area


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Ja!", "yes"),
        ("ja graag", "yes"),
        ("nee", "no"),
        ("liever niet", "no"),
        ("dat klopt", "yes"),
        ("dat klopt niet", "no"),
        ("YES", "yes"),
        ("no thanks", "no"),
        ("ja of nee", None),
        ("Jan", None),
    ],
)
def test_yes_and_no_are_found_also_when_one_word_holds_the_other(
    words: Understanding, text: str, answer: str | None
) -> None:
    assert words.choice(text, {"yes": "yes", "no": "no"}) == answer


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("10:00", ["10:00", "22:00"]),
        ("10.30", ["10:30", "22:30"]),
        ("om 9 uur", ["09:00", "21:00"]),
        ("14 uur", ["14:00"]),
        ("14u30", ["14:30"]),
        ("half drie", ["02:30", "14:30"]),
        ("half past two", ["02:30", "14:30"]),
        ("kwart over tien", ["10:15", "22:15"]),
        ("kwart voor drie", ["02:45", "14:45"]),
        ("quarter to three", ["02:45", "14:45"]),
        ("3pm", ["03:00", "15:00"]),
        ("drie", ["03:00", "15:00"]),
        ("0:00", ["00:00", "12:00"]),
        ("half een", ["00:30", "12:30"]),
        ("12 uur", ["12:00"]),
        ("25 uur", []),
        ("99", []),
        ("later", []),
        ("0612345678", []),
    ],
)
def test_a_time_of_day_is_read_in_both_halves_of_the_day(words: Understanding, text: str, times: list[str]) -> None:
    assert words.times(text) == [time.fromisoformat(value) for value in times]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Arabisch", "ar"),
        ("ik spreek Arabisch", "ar"),
        ("arabic", "ar"),
        ("العربية", "ar"),
        ("Türkçe", "tr"),
        ("turkce", "tr"),
        ("ትግርኛ", "ti"),
        ("українська", "uk"),
        ("Dari", "prs"),
        ("somali", "so"),
        ("english", "en"),
        ("Nederlands", "nl"),
        ("Farsi", "fa"),
        ("Perzisch", "fa"),
        ("turks of arabisch", None),
        ("klingon", None),
        ("ja", None),
        ("", None),
    ],
)
def test_a_language_is_found_by_any_of_its_names(words: Understanding, text: str, code: str | None) -> None:
    assert words.language(text) == code


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Amina", "Amina"),
        ("ik heet Amina", "Amina"),
        ("Mijn naam is  Jan-Willem de Vries.", "Jan-Willem de Vries"),
        ("my name is O'Neill", "O'Neill"),
        ("محمد", "محمد"),
        ("ሰላም", "ሰላም"),
        ("नीलम", "नीलम"),
        ("hoeveel tijd heb ik nog", None),
        ("is dit gratis?", None),
        ("06 12345678", None),
        ("<b>Jan</b>", None),
        ("x" * 61, None),
        ("- .", None),
        ("", None),
    ],
)
def test_a_name_is_letters_and_a_few_words(words: Understanding, text: str, name: str | None) -> None:
    assert words.name(text) == name


@pytest.mark.parametrize("text", ["Hoe lang heb ik", "wat kost dat?", "can I bring my son", "is it free", "gratis?"])
def test_a_question_is_seen_by_its_mark_or_its_first_word(words: Understanding, text: str) -> None:
    assert words.is_question(text)


@pytest.mark.parametrize("text", ["Amina", "geld", "Wouter", "maandag om tien uur", "I am Sara"])
def test_an_answer_is_no_question(words: Understanding, text: str) -> None:
    assert not words.is_question(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0612345678", "0612345678"),
        ("06 1234 5678", "0612345678"),
        ("06-12345678", "0612345678"),
        ("mijn nummer is 06 12 34 56 78.", "0612345678"),
        ("+31 6 12345678", "+31612345678"),
        ("0031612345678", "+31612345678"),
        ("+31 (0)6 12345678", "+31612345678"),
        ("030 286 00 00", "0302860000"),
        ("12345", None),
        ("912345678901", None),
        ("0612345678 of 0687654321", None),
        ("geen", None),
        ("+123456789012345678", None),
    ],
)
def test_a_telephone_number_is_kept_without_its_dress(text: str, number: str | None) -> None:
    assert telephone(text) == number
