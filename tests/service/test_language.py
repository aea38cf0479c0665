"""Which language a message is in, and when a conversation follows it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from service.language import LANGUAGES, Detector, Told, choose, read_examples

ROOT = Path(__file__).parents[2]
QUESTIONS = yaml.safe_load((ROOT / "tests/nlu/questions.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector(read_examples([ROOT / "nlu", ROOT / "stories"]))


def test_every_language_has_examples() -> None:
    assert set(read_examples([ROOT / "nlu", ROOT / "stories"])) == set(LANGUAGES)


def test_questions_of_no_example_are_told_in_nineteen_of_twenty_cases(detector: Detector) -> None:
    questions = [(q, language) for by in QUESTIONS.values() for language, qs in by.items() for q in qs]
    right = sum(detector.tell(question).language == language for question, language in questions)
    assert right / len(questions) >= 0.95


@pytest.mark.parametrize(
    "text",
    [
        "my letter from DUO about inburgering",
        "What does my inburgeringscoach at VluchtelingenWerk do?",
        "how do i do the participatieverklaringstraject",
        "I got a brief from the gemeente about my brede intake and leerbaarheidstoets",
    ],
)
def test_official_dutch_words_do_not_make_an_english_question_dutch(detector: Detector, text: str) -> None:
    told = detector.tell(text)
    assert told.language == "en"
    assert told.confidence > 0.8


@pytest.mark.parametrize("text", ["ik wil afpsraak mken", "wanneer ist open welkomhuis", "hoelang duurt inburgerring"])
def test_misspelt_dutch_is_dutch(detector: Detector, text: str) -> None:
    assert detector.tell(text).language == "nl"


@pytest.mark.parametrize("text", ["как записаться на курс", "مرحبا كيف حالك", "ሰላም ከመይ ኣለኻ", "你好,我想预约"])
def test_a_script_without_examples_is_no_language_of_ours(detector: Detector, text: str) -> None:
    assert detector.tell(text).language is None


@pytest.mark.parametrize(
    "text",
    ["Merhaba, randevu almak istiyorum", "quiero hacer una cita por favor", "je voudrais prendre rendez-vous"],
)
def test_a_sentence_in_a_foreign_language_is_no_language_of_ours(detector: Detector, text: str) -> None:
    assert detector.tell(text).language is None


@pytest.mark.parametrize("text", ["", "   ", "😀👍", "12-3-2026 14:00", "?!"])
def test_a_message_without_words_has_no_language(detector: Detector, text: str) -> None:
    assert detector.tell(text) == Told(None, 0.0, is_sentence=False)


def test_a_very_long_message_is_told(detector: Detector) -> None:
    assert detector.tell("Can you help me with this letter, please? " * 250).language == "en"


def test_two_words_are_no_sentence_and_three_are(detector: Detector) -> None:
    assert not detector.tell("make appointment").is_sentence
    assert detector.tell("can i come").is_sentence


def test_a_broken_file_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "broken.yml").write_text("nlu: [unclosed", encoding="utf-8")
    (tmp_path / "texts.yml").write_text("texts: {a: {nl: x}}", encoding="utf-8")
    block = {"intent": "greet", "metadata": {"language": "nl"}, "examples": "- hallo\n- hoi\n"}
    (tmp_path / "good.yml").write_text(yaml.safe_dump({"nlu": [block]}), encoding="utf-8")
    assert read_examples([tmp_path]) == {"nl": ["hallo", "hoi"]}


def test_with_one_language_everything_readable_is_in_it() -> None:
    assert Detector({"nl": ["hallo daar", "hoe gaat het"]}).tell("hoe daar").language == "nl"


SURE_ENGLISH = Told("en", 0.99, is_sentence=True)


def test_a_first_message_sets_the_language() -> None:
    assert choose(Told("en", 0.85, is_sentence=False), current=None, chosen=False) == "en"


def test_a_first_message_that_does_not_tell_begins_in_dutch_or_what_the_caller_says() -> None:
    unclear = Told("en", 0.55, is_sentence=False)
    assert choose(unclear, current=None, chosen=False) == "nl"
    assert choose(Told(None, 0.0, is_sentence=True), current=None, chosen=False, otherwise="en") == "en"


def test_one_short_word_never_switches() -> None:
    assert choose(Told("en", 0.95, is_sentence=False), current="nl", chosen=False) == "nl"


def test_a_sentence_in_another_language_switches() -> None:
    assert choose(SURE_ENGLISH, current="nl", chosen=False) == "en"


def test_an_unclear_sentence_does_not_switch() -> None:
    assert choose(Told("en", 0.7, is_sentence=True), current="nl", chosen=False) == "nl"


def test_a_chosen_language_stays_until_a_clear_sentence_in_another() -> None:
    assert choose(Told("en", 0.9, is_sentence=True), current="nl", chosen=True) == "nl"
    assert choose(SURE_ENGLISH, current="nl", chosen=True) == "en"


def test_a_message_in_no_language_of_ours_changes_nothing() -> None:
    assert choose(Told(None, 0.0, is_sentence=True), current="en", chosen=False) == "en"
