from __future__ import annotations

import pytest

from nlu.reading import LONGEST_READING, LONGEST_TEXT, has_words, read


def test_a_single_question_is_read_once() -> None:
    assert read("  Hoe lang   heb ik om in te burgeren? ") == ["Hoe lang heb ik om in te burgeren?"]


def test_of_a_story_the_sentence_with_the_question_mark_is_read_too() -> None:
    story = "Ik woon hier pas. Wanneer zijn jullie open? Alvast heel erg bedankt."
    assert read(story) == [story, "Wanneer zijn jullie open?"]


def test_without_question_marks_every_sentence_may_be_the_question() -> None:
    assert read("ik woon hier pas\nik zoek een coach")[1:] == ["ik woon hier pas", "ik zoek een coach"]


def test_a_greeting_before_the_question_is_not_read_by_itself() -> None:
    assert read("Hallo! Kan ik een afspraak maken?")[1:] == ["Kan ik een afspraak maken?"]


def test_of_a_very_long_text_the_end_is_read() -> None:
    readings = read("bla die bla. " * 1000 + "Wanneer zijn jullie open?")
    assert max(map(len, readings)) <= LONGEST_TEXT
    assert readings[-1] == "Wanneer zijn jullie open?"


def test_no_more_sentences_are_read_than_the_limit() -> None:
    assert len(read("is dit een vraag? " * 50)) == 1 + LONGEST_READING


@pytest.mark.parametrize("text", ["", "  ", "😀👍", "?!..."])
def test_without_letters_or_digits_there_are_no_words(text: str) -> None:
    assert not has_words(text)


@pytest.mark.parametrize("text", ["ja", "B1", "12", "ሰላም", "سلام"])
def test_letters_and_digits_of_any_script_are_words(text: str) -> None:
    assert has_words(text)
