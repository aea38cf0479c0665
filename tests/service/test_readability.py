"""How easy a Dutch text is to read: sentences, words, and the figure of Flesch-Douma, computed by hand here."""

from __future__ import annotations

import pytest

from service.readability import readability, sentences


def test_a_sentence_of_one_syllable_a_word_has_the_ease_of_the_formula() -> None:
    # De kat zit op de mat: 6 words, 6 syllables. 206.84 - 0.93 x 6 - 77 x 6/6 = 124.26
    assert readability("De kat zit op de mat.").ease == pytest.approx(124.26)


def test_long_words_lower_the_ease() -> None:
    # Je moet de in-bur-ge-ring bin-nen drie jaar af-ron-den: 8 words, 14 syllables.
    # 206.84 - 0.93 x 8 - 77 x 14/8 = 64.65
    assert readability("Je moet de inburgering binnen drie jaar afronden.").ease == pytest.approx(64.65)


def test_two_sentences_have_the_average_of_both() -> None:
    # 6 and 8 words: 7 a sentence; 20 syllables in 14 words. 206.84 - 0.93 x 7 - 77 x 20/14 = 90.33
    found = readability("De kat zit op de mat. Je moet de inburgering binnen drie jaar afronden.")
    assert found.average == 7.0
    assert found.longest == ("Je moet de inburgering binnen drie jaar afronden.", 8)
    assert found.ease == pytest.approx(90.33)


def test_a_line_of_a_list_is_a_sentence_and_markup_is_none() -> None:
    text = 'Je hebt <b>nodig</b>:\n• een foto\n• <a href="https://www.ind.nl/x">een formulier</a>\n\nBel ons!'
    assert sentences(text) == ["Je hebt nodig:", "een foto", "een formulier", "Bel ons!"]


def test_a_telephone_number_is_one_word_without_syllables() -> None:
    # 2 words; 1 syllable in the 1 word that has letters. 206.84 - 0.93 x 2 - 77 x 1/1 = 127.98
    found = readability("Bel 030 - 286 00 00.")
    assert found.longest[1] == 2
    assert found.ease == pytest.approx(127.98)


def test_a_point_within_a_word_or_amount_ends_no_sentence() -> None:
    assert sentences("Kijk op www.ind.nl. Het kost 1.200 euro.") == ["Kijk op www.ind.nl.", "Het kost 1.200 euro."]


@pytest.mark.parametrize("text", ["", "14 030", "<b></b>", "• \n•"])
def test_a_text_without_words_has_no_figures(text: str) -> None:
    with pytest.raises(ValueError, match="no words"):
        readability(text)
