from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.nl import bsn

from service.blanking import MARK, blank_numbers


@pytest.mark.parametrize(
    "text",
    [
        "mijn bsn is 111222333",
        "111 222 333",
        "1112.22.333",
        "111-222-333 is mijn nummer",
        "1 1 1 2 2 2 3 3 3",
        "١١١٢٢٢٣٣٣",
        "۱۱۱۲۲۲۳۳۳",
        "bsn:111222333.",
        "ik heb 2 kinderen, bsn 111222333, 3 jaar",
        "bel 06 12345678 of bsn 111222333",
        "NL91ABNA0417164300",
        "nl91 abna 0417 1643 00",
        "rekening NL91 ABNA 0417 1643 00 bedankt",
        "DE89370400440532013000.",
        "4111111111111111",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111 tot 12/28",
    ],
)
def test_sensitive_numbers_are_blanked(text: str) -> None:
    blanked, found = blank_numbers(text)
    assert found
    assert MARK in blanked
    digits = "".join(character for character in blanked if character.isdecimal())
    assert "111222333" not in digits
    assert "0417164300" not in digits
    assert "411111" not in digits


@pytest.mark.parametrize(
    "text",
    [
        "06 12345678",
        "0612345678",
        "+31 6 12345678",
        "0031 6 12345678",
        "+31 (0)30 286 0000",
        "14 030",
        "op 24-12-2026 om 9 uur",
        "24 12 2026",
        "2026-11-24 10:00",
        "3511 AB 12",
        "de lening is € 10.000 in 2026",
        "V-nummer 1112223334",
        "123456789",
        "",
    ],
)
def test_what_people_are_asked_for_stays(text: str) -> None:
    assert blank_numbers(text) == (text, False)


def test_words_around_a_number_stay() -> None:
    assert blank_numbers("mijn bsn is 111222333, wat nu?") == (f"mijn bsn is {MARK}, wat nu?", True)


@given(st.integers(min_value=10_000_000, max_value=99_999_999).map(str))
def test_every_number_that_passes_the_elfproef_is_blanked(stem: str) -> None:
    digit = next((str(last) for last in range(10) if bsn.is_valid(stem + str(last))), None)
    if digit is not None:
        assert blank_numbers(f"nummer {stem}{digit}") == (f"nummer {MARK}", True)


@given(st.text())
def test_any_text_can_be_blanked(text: str) -> None:
    blanked, found = blank_numbers(text)
    assert found == (blanked != text)
