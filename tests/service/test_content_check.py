"""All content is checked: each kind of fault is named with its file and line, and ours has none."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from service.content_check import FEWEST_EXAMPLES, example_faults, text_faults
from service.language import LANGUAGES
from service.settings import ROOT

TITLES = {
    "nl": "Hoe lang?",
    "en": "How long?",
    "ar": "كم من الوقت؟",
    "tr": "Ne kadar?",
    "fa": "چه مدت؟",
    "ti": "ክንደይ ግዜ?",
    "uk": "Як довго?",
}
LINK = '<a href="https://duo.nl/x">DUO</a>'
TEXTS = {
    "nl": f"Je hebt 3 jaar. Het kost 340 euro. Vraag het aan {LINK}.",
    "en": f"You have 3 years. It costs 340 euros. Ask {LINK}.",
    "ar": f"لديك 3 سنوات. التكلفة 340 يورو. اسأل {LINK}.",
    "tr": f"3 yılınız var. 340 euro tutar. {LINK} ile konuşun.",
    "fa": f"شما 3 سال وقت دارید. هزینه 340 یورو است. از {LINK} بپرسید.",
    "ti": f"3 ዓመት ኣለኩም። 340 ዩሮ ይኸፈል። ን {LINK} ሕተቱ።",
    "uk": f"У вас є 3 роки. Це коштує 340 євро. Запитайте {LINK}.",
}
PHRASES = {
    "answer/source": "{url} {site}",
    "answer/source_as_of": "{url} {site} {as_of}",
    "answer/as_of": "{as_of}",
    "answer/lapsed": "{day}",
    "answer/dutch_counts": "!",
    "format/day_and_time": "{day} {time}",
    "flow/coach_afspraak": "1",
    "flow/coach_mens": "2",
}
EXAMPLES = [(language, f"{n} {title}") for language, title in TITLES.items() for n in range(FEWEST_EXAMPLES[language])]
SHORT = "Dat is zo. Dat is goed. Dat mag ook. "
TWENTY = "een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijf zes zeven acht negen tien"
THIRTEEN = "een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien."

type Write = Callable[..., Path]


def quoted(texts: dict[str, str]) -> str:
    return "{" + ", ".join(f"{code}: '{text}'" for code, text in texts.items()) + "}"


def blocks(examples: Iterable[tuple[str, str]], intent: str = "wet/termijn") -> str:
    head = "- intent: {}\n  metadata: {{language: {}}}\n  examples: |\n    - {}\n"
    return "".join(head.format(intent, *example) for example in examples)


def line_of(path: Path, words: str) -> int:
    """Find the only line with these words."""
    (line,) = [n for n, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if words in text]
    return line


def write_prompts(folder: Path, name: str, texts: dict[str, str]) -> Path:
    path = folder / "stories/texts" / f"{name}.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = "".join(f"  {prompt}: {text}\n" for prompt, text in texts.items())
    path.write_text(f'version: "3.1"\ntexts:\n{lines}', encoding="utf-8")
    return path


def write_examples(folder: Path, *examples: str) -> Path:
    path = folder / "nlu/flows.yml"
    path.parent.mkdir(exist_ok=True)
    said = blocks((("nl", example) for example in examples), "greet")
    path.write_text(f'version: "3.1"\nnlu:\n{said}', encoding="utf-8")
    return path


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Give a writer of a small content folder: one topic, the phrases of answers, and the words of emergencies."""

    def write_topic(
        texts: dict[str, str] = TEXTS,
        titles: dict[str, str] = TITLES,
        examples: Iterable[tuple[str, str]] = EXAMPLES,
        address: str = "https://duo.nl/x",
    ) -> Path:
        path = tmp_path / "stories/faq/wet/termijn.yml"
        path.parent.mkdir(parents=True)
        path.write_text(
            f'version: "3.1"\nnlu:\n{blocks(examples)}answers:\n  topic: wet/termijn\n  owner: wegwijs\n'
            f'  compared_on: null\n  lapses_on: 2026-01-01\n  sources: [{{url: "{address}", as_of: null}}]\n'
            f"  buttons: []\n  title: {quoted(titles)}\n  text: {quoted(texts)}\n"
            f"  read_by_speaker: {quoted(dict.fromkeys(LANGUAGES, 'x')).replace("'x'", 'false')}\n",
            encoding="utf-8",
        )
        phrases = {name: quoted(dict.fromkeys(LANGUAGES, text)) for name, text in PHRASES.items()}
        write_prompts(tmp_path, "phrases", phrases)
        shutil.copy(ROOT / "stories/emergencies.yml", tmp_path / "stories")
        return path

    return write_topic


def run(folder: Path) -> tuple[int, list[str]]:
    command = [sys.executable, "-m", "service.content_check", str(folder / "stories"), str(folder / "nlu")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=dict(os.environ))
    return done.returncode, done.stdout.splitlines()


def test_a_good_folder_has_no_faults_and_its_figures_are_told(write: Write, tmp_path: Path) -> None:
    write()
    write_examples(tmp_path, "hallo", "goedemorgen")
    # Je hebt 3 jaar (4), Het kost 340 eu-ro (4), Vraag het aan DUO (4): 12 words in 3 sentences; 10 of them have
    # letters, with 11 syllables. 206.84 - 0.93 x 4 - 77 x 11/10 = 118.42
    figures = "4.0 words a sentence, the longest 4; reading ease (Flesch-Douma) 118; hardest: wet/termijn 118"
    assert run(tmp_path) == (0, [f"1 Dutch answers: {figures}"])


def test_the_command_names_every_fault_and_fails(write: Write, tmp_path: Path) -> None:
    topic = write(texts=TEXTS | {"ar": TEXTS["ar"].replace("3 ", "٣ ")}, examples=EXAMPLES[1:])
    examples = write_examples(tmp_path, "/start")
    emergencies = tmp_path / "stories/emergencies.yml"
    emergencies.write_text("emergencies: [", encoding="utf-8")
    code, lines = run(tmp_path)
    assert code == 1
    assert [line.partition(": ")[0] for line in lines[:-1]] == [
        f"{topic}:{line_of(topic, '  topic: ')}",
        f"{topic}:1",
        f"{examples}:6",
        str(emergencies),
    ]


@pytest.mark.parametrize(
    ("texts", "what"),
    [
        (
            {"ar": TEXTS["ar"].replace("3 ", "٣ ")},
            "text: ar: digits are written 0-9, so that a number can be copied",
        ),
        (
            {"fa": TEXTS["fa"].replace("3 ", "۳ ")},
            "text: fa: digits are written 0-9, so that a number can be copied",
        ),
        ({"ar": TEXTS["ar"].replace("يورو", "یورو")}, "text: ar: ی are no letters of this language"),
        ({"fa": TEXTS["fa"].replace("یورو", "يورو")}, "text: fa: ي are no letters of this language"),
        ({"uk": TEXTS["uk"].replace("У вас", "Вы")}, "text: uk: ы are no letters of this language"),
        ({"nl": TEXTS["nl"].replace("kost", "kоst")}, "text: nl: о are letters of another script"),
        ({"ti": TEXTS["ti"].replace("ዩሮ", "євро")}, "text: ti: в о р є are letters of another script"),
        ({"uk": f"3 roky maiete, 340 євро, {LINK}."}, "text: uk: mostly not in its own script"),
        ({"nl": f"{TEXTS['nl']} {SHORT}{TWENTY} elf."}, f"text: nl: 21 words, at most 20: '{TWENTY} elf.'"),
        (
            {"nl": f"Het kost 340 euro bij {LINK} {THIRTEEN.replace('vier ', '')} {THIRTEEN}"},
            "text: nl: 15.5 words a sentence, at most 12",
        ),
        (
            {"tr": TEXTS["tr"].replace("340", "430")},
            "text: tr: numbers differ from nl: missing ['340'], extra ['430']",
        ),
        ({"en": TEXTS["en"].replace("340", "some")}, "text: en: numbers differ from nl: missing ['340'], extra []"),
        ({"ti": TEXTS["ti"].replace("duo.nl/x", "duo.nl/en")}, "text: ti: links differ from nl"),
    ],
)
def test_each_fault_in_an_answer_is_named_with_file_and_line(write: Write, texts: dict[str, str], what: str) -> None:
    path = write(texts=TEXTS | texts)
    assert list(map(str, text_faults(path.parents[2]))) == [f"{path}:{line_of(path, '  topic: ')}: {what}"]


@pytest.mark.parametrize(
    "texts",
    [
        {"nl": f"{TEXTS['nl']} {SHORT}{TWENTY}."},
        {"en": f"{TEXTS['en']} {SHORT}{TWENTY} {TWENTY}."},
        {"en": TEXTS["en"].replace("3 years", "3 to 12 years")},
        {"uk": TEXTS["uk"].replace("340", "3-40")},
        {"ar": f"{TEXTS['ar']} inburgeringscursus (دورة)."},
    ],
    ids=["twenty words", "long English", "numbers of two digits", "signs between digits", "some Dutch words"],
)
def test_what_stays_within_the_limits_is_no_fault(write: Write, texts: dict[str, str]) -> None:
    path = write(texts=TEXTS | texts)
    assert text_faults(path.parents[2]) == []


def test_titles_are_checked_as_answers_are(write: Write) -> None:
    path = write(titles=TITLES | {"fa": "Hoe lang?"})
    what = "title: fa: mostly not in its own script"
    assert list(map(str, text_faults(path.parents[2]))) == [f"{path}:{line_of(path, '  topic: ')}: {what}"]


def test_a_place_that_nothing_fills_is_named(write: Write) -> None:
    path = write(texts={language: f"{text} {{sum}}" for language, text in TEXTS.items()})
    faults = [fault.what for fault in text_faults(path.parents[2])]
    assert faults == [f"text: {language}: placeholders are left: sum" for language in LANGUAGES]


def test_an_answer_that_telegram_would_not_take_with_its_source_is_named(write: Write) -> None:
    path = write(address=f"https://duo.nl/{'x' * 4000}")
    faults = [re.sub(r"\d+ characters", "N characters", fault.what) for fault in text_faults(path.parents[2])]
    what = "N characters with what stands below it, at most 4096"
    assert faults == [f"text: {language}: {what}" for language in LANGUAGES]


def test_a_fault_in_a_prompt_is_named_with_file_and_line(write: Write, tmp_path: Path) -> None:
    write()
    texts = {"chat/good": quoted(TITLES), "chat/wrong": quoted(TITLES | {"uk": "Jak dovho?"})}
    path = write_prompts(tmp_path, "chat", texts)
    what = "chat/wrong: uk: mostly not in its own script"
    assert list(map(str, text_faults(tmp_path / "stories"))) == [f"{path}:4: {what}"]


def test_words_that_are_understood_may_be_in_any_script(write: Write, tmp_path: Path) -> None:
    write()
    write_prompts(tmp_path, "understood", {"understood/yes": quoted(dict.fromkeys(LANGUAGES, "ja, да, ٣"))})
    assert text_faults(tmp_path / "stories") == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_too_few_examples_in_a_language_are_named(write: Write, language: str) -> None:
    fewest = FEWEST_EXAMPLES[language]
    path = write(examples=[example for example in EXAMPLES if example != (language, f"0 {TITLES[language]}")])
    what = f"nlu: {language}: {fewest - 1} examples, at least {fewest}"
    assert list(map(str, example_faults([path.parents[2]]))) == [f"{path}:1: {what}"]


def test_an_example_that_stands_twice_in_a_file_is_named(write: Write) -> None:
    path = write(examples=[*EXAMPLES, ("nl", "1, hoe LANG")])
    line, first = line_of(path, "1, hoe LANG"), line_of(path, "    - 1 Hoe lang?")
    what = f"'1, hoe LANG' stands in {path}:{first} too"
    assert list(map(str, example_faults([path.parents[2]]))) == [f"{path}:{line}: {what}"]


def test_an_example_that_stands_in_two_files_is_named(write: Write, tmp_path: Path) -> None:
    path = write()
    other = write_examples(tmp_path, "hallo", "1 hoe lang!")
    what = f"'1 hoe lang!' stands in {path}:{line_of(path, '    - 1 Hoe lang?')} too"
    found = example_faults([tmp_path / "stories", tmp_path / "nlu"])
    assert list(map(str, found)) == [f"{other}:{line_of(other, '1 hoe lang!')}: {what}"]


@pytest.mark.parametrize("example", ["de brief van [DUO](organisation)", "brief van [DUO] {x}", "/start"])
def test_what_rasa_would_misread_is_named(write: Write, tmp_path: Path, example: str) -> None:
    write()
    path = write_examples(tmp_path, "hallo", example)
    what = f"{example!r}: brackets and / mean something to Rasa"
    found = example_faults([tmp_path / "stories", tmp_path / "nlu"])
    assert list(map(str, found)) == [f"{path}:{line_of(path, example)}: {what}"]


def test_our_own_answers_and_prompts_have_no_faults() -> None:
    assert text_faults(ROOT / "stories") == []


def test_our_own_examples_have_no_faults() -> None:
    assert example_faults([ROOT / "stories", ROOT / "nlu"]) == []
