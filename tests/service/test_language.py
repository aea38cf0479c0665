"""Which language a message is in, and when a conversation follows it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from service.language import LANGUAGES, Detector, Told, choose, read_blocks, read_examples, read_other_languages

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector(read_examples([ROOT / "nlu", ROOT / "stories"]), read_other_languages())


@pytest.fixture(scope="module")
def told_right(detector: Detector) -> dict[str, list[bool]]:
    """Tell of each question that no example repeats whether its language is told, per language."""
    right = {}
    for language in LANGUAGES:
        asked = yaml.safe_load((ROOT / f"tests/nlu/questions/{language}.yml").read_text(encoding="utf-8"))
        questions = [question for of_topic in asked.values() for question in of_topic]
        right[language] = [detector.tell(question).language == language for question in questions]
    return right


def test_every_language_has_examples() -> None:
    assert set(read_examples([ROOT / "nlu", ROOT / "stories"])) == set(LANGUAGES)


def test_questions_of_no_example_are_told_in_nineteen_of_twenty_cases(told_right: dict[str, list[bool]]) -> None:
    right = [is_right for of_language in told_right.values() for is_right in of_language]
    assert sum(right) / len(right) >= 0.95


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_language_is_told_badly(told_right: dict[str, list[bool]], language: str) -> None:
    right = told_right[language]
    assert sum(right) / len(right) >= 0.93


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


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("DUO mektubu geldi", "tr"),
        ("gemeente'den mektup aldım, ne yapmalıyım", "tr"),
        ("رسالة من DUO وصلت اليوم", "ar"),
        ("متى يبدأ inburgeringscursus في Utrecht؟", "ar"),
        ("نامه از gemeente گرفتم", "fa"),
        ("ካብ DUO ደብዳበ መጺኡኒ", "ti"),
        ("я отримав brief від gemeente", "uk"),
        ("letter from the gemeente about my uitkering", "en"),
    ],
)
def test_a_sentence_with_dutch_words_is_in_the_language_of_its_other_words(
    detector: Detector, text: str, language: str
) -> None:
    told = detector.tell(text)
    assert told.language == language
    assert told.confidence > 0.8


@pytest.mark.parametrize(
    "text",
    [
        "你好,我想预约",
        "मुझे अपॉइंटमेंट चाहिए",
        "как мне записаться на курс голландского",
        "Сколько времени у меня есть на интеграцию?",
        "ሰላም ደህና ነህ እንዴት ነህ",
        "میں نیدرلینڈز میں کام کرنا چاہتا ہوں",
        "زه غواړم چې هالنډي ژبه زده کړم",
        "je voudrais prendre rendez-vous",
        "Ich möchte einen Termin machen",
        "waxaan rabaa inaan ballan qabsado",
        "chciałbym umówić się na spotkanie",
        "quiero hacer una cita por favor",
    ],
    ids=["zh", "hi", "ru", "ru long", "am", "ur", "ps", "fr", "de", "so", "pl", "es"],
)
def test_a_sentence_in_a_foreign_language_is_no_language_of_ours(detector: Detector, text: str) -> None:
    told = detector.tell(text)
    assert (told.language, told.is_foreign) == (None, True)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Merhaba, randevu almak istiyorum", "tr"),
        ("مرحبا، أريد موعداً مع مرشد", "ar"),
        ("سلام، من یک وقت ملاقات می‌خواهم", "fa"),
        ("ሰላም፡ ቆጸራ ክሕዝ እደሊ", "ti"),
        ("Добрий день, хочу записатися на зустріч", "uk"),
    ],
)
def test_a_sentence_in_a_language_of_ours_is_not_foreign(detector: Detector, text: str, language: str) -> None:
    told = detector.tell(text)
    assert (told.language, told.is_foreign) == (language, False)


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
    forgotten = {"intent": "greet", "metadata": {"language": "nl"}}
    (tmp_path / "good.yml").write_text(yaml.safe_dump({"nlu": [forgotten, block]}), encoding="utf-8")
    assert read_examples([tmp_path]) == {"nl": ["hallo", "hoi"]}


def test_an_example_has_the_line_on_which_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "good.yml"
    block = "- intent: greet\n  metadata: {language: nl}\n  examples: |\n    - hoi\n    - hallo\n"
    path.write_text(f"nlu:\n{block}{block}", encoding="utf-8")
    assert [(example.text, example.line) for example in read_blocks(path)] == [
        ("hoi", 5),
        ("hallo", 6),
        ("hoi", 10),
        ("hallo", 11),
    ]


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
