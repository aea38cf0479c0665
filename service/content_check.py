"""Checks all content: `python -m service.content_check stories nlu` prints each fault as "file:line: what".

Schema, references and markup are checked where texts are read (`service.texts`); here stands what makes them right for
people: every language says the same numbers, in its own script, in sentences that can be read; and every topic has
examples enough, none of them twice.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

import structlog

from service import emergencies
from service.language import Example, read_blocks
from service.markup import END_ISOLATE, LEFT_TO_RIGHT, placeholders, plain
from service.readability import Readability, readability
from service.text_files import HOME, Fault, Topic, read_texts, text_paths
from service.texts import TextMissing, Texts, check
from service.wording import is_from_right

LONGEST_SENTENCE = 20  # Dutch words: A2
LONGEST_AVERAGE = 12.0  # Dutch words a sentence, in one answer
LONGEST_MESSAGE = 4096  # characters that Telegram takes
# Of each topic. The sentence encoder does not know the last three languages, which need more.
FEWEST_EXAMPLES = {"nl": 15, "en": 10, "ar": 8, "tr": 8, "fa": 12, "ti": 12, "uk": 12}
OWN_SCRIPT = {"ar": "\u0600-\u06ff", "fa": "\u0600-\u06ff", "ti": "\u1200-\u137f", "uk": "\u0400-\u04ff"}
OWN_SHARE = 0.25  # of the letters of a text at least; the rest are official Dutch words
# Letters of another language that is written with the same script, a slip of hand or keyboard.
STRANGE_LETTERS = {"ar": "پچژگکی", "fa": "يكةى", "uk": "ыэъёЫЭЪЁ"}
LATIN, EASTERN_DIGITS = "A-Za-z\u00c0-\u024f", "\u0660-\u0669\u06f0-\u06f9"
_NUMBER = re.compile(r"\d(?:[\d ., \-]*\d)?")
_LINK = re.compile(r'href="([^"]*)"')
_ENTITY = re.compile(r"\[[^\]]*\]\s*[({]|^/")  # what Rasa would read as an entity or a command


def main(arguments: list[str]) -> int:
    """Check the folder of texts that is named first, and the examples in all folders; 1 if there are faults."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))  # faults are printed
    folders = [Path(argument) for argument in arguments or ("stories", "nlu")]
    faults = [*check(folders[0]), *map(str, text_faults(folders[0])), *map(str, example_faults(folders))]
    faults += emergencies.check(folders[0] / emergencies.FILE)
    for fault in faults:
        sys.stdout.write(fault + "\n")
    sys.stdout.write(report(folders[0]) + "\n")
    return 1 if faults else 0


def text_faults(folder: Path) -> list[Fault]:
    """List what is wrong in the words of topics and prompts that can be read at all."""
    texts = Texts(folder)
    faults: list[Fault] = []
    for path in text_paths(folder):
        found = read_texts(path)
        for topic in found.topics.values():
            line = found.lines[topic.id]
            faults += [Fault(path, line, what) for what in (*topic_faults(topic), *_rendering_faults(texts, topic))]
        for name, prompt in found.prompts.items():
            if not name.startswith(("understood/", "language/")):
                words = [(language, text, f"{name}: {language}") for language, text in prompt.items()]
                faults += [Fault(path, found.lines[name], what) for what in _language_faults(words)]
    return faults


def topic_faults(topic: Topic) -> Iterator[str]:
    """Say what is wrong in the words of a topic."""
    yield from _language_faults((code, text, f"title: {code}") for code, text in topic.titles.items())
    yield from _language_faults((code, text, f"text: {code}") for code, text in topic.texts.items())
    if HOME in topic.texts:
        yield from _reading_faults(readability(topic.texts[HOME]))
    for language, text in topic.texts.items():
        yield from _differences(language, text, topic.texts.get(HOME, text))


def example_faults(folders: Iterable[Path]) -> list[Fault]:
    """List topics with too few examples, examples that stand twice, and such as Rasa would misread."""
    faults: list[Fault] = []
    seen: dict[str, Example] = {}
    for folder in folders:
        for path in sorted(folder.rglob("*.yml")):
            examples = list(read_blocks(path))
            for example in examples:
                first = seen.setdefault(_fold(example.text), example)
                if first is not example:
                    twice = f"{example.text!r} stands in {first.file}:{first.line} too"
                    faults.append(Fault(path, example.line, twice))
                if _ENTITY.search(example.text):
                    faults.append(Fault(path, example.line, f"{example.text!r}: brackets and / mean something to Rasa"))
            if "faq" in path.parts:
                faults += [Fault(path, 1, what) for what in _count_faults(examples)]
    return faults


def report(folder: Path) -> str:
    """Tell how readable the Dutch answers are."""
    figures = [
        (readability(topic.texts[HOME]), topic.id)
        for path in text_paths(folder)
        for topic in read_texts(path).topics.values()
    ]
    if not figures:
        return "no Dutch answers"
    average = sum(figure.average for figure, _ in figures) / len(figures)
    ease = sum(figure.ease for figure, _ in figures) / len(figures)
    longest = max(figure.longest[1] for figure, _ in figures)
    hardest = ", ".join(f"{name} {figure.ease:.0f}" for figure, name in sorted(figures, key=lambda f: f[0].ease)[:3])
    return (
        f"{len(figures)} Dutch answers: {average:.1f} words a sentence, the longest {longest}; "
        f"reading ease (Flesch-Douma) {ease:.0f}; hardest: {hardest}"
    )


def _language_faults(texts: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    for language, text, where in texts:
        words = re.sub(r"\{[a-z_]+\}", "", plain(text))
        if re.search(f"[{EASTERN_DIGITS}]", words):
            yield f"{where}: digits are written 0-9, so that a number can be copied"
        strange = sorted(set(words) & set(STRANGE_LETTERS.get(language, "")))
        if strange:
            yield f"{where}: {' '.join(strange)} are no letters of this language"
        yield from _script_faults(language, words, where)


def _script_faults(language: str, words: str, where: str) -> Iterator[str]:
    letters = [letter for letter in words if letter.isalpha()]
    own = re.compile(f"[{OWN_SCRIPT.get(language, LATIN)}]")
    others = [letter for letter in letters if not own.match(letter)]
    allowed = re.compile(f"[{LATIN}]")
    wrong = sorted({letter for letter in others if not allowed.match(letter)})
    if wrong:
        yield f"{where}: {' '.join(wrong)} are letters of another script"
    if letters and language in OWN_SCRIPT and len(letters) - len(others) < OWN_SHARE * len(letters):
        yield f"{where}: mostly not in its own script"


def _reading_faults(figures: Readability) -> Iterator[str]:
    sentence, words = figures.longest
    if words > LONGEST_SENTENCE:
        yield f"text: nl: {words} words, at most {LONGEST_SENTENCE}: {sentence!r}"
    if figures.average > LONGEST_AVERAGE:
        yield f"text: nl: {figures.average:.1f} words a sentence, at most {LONGEST_AVERAGE:.0f}"


def _differences(language: str, text: str, dutch: str) -> Iterator[str]:
    """Say which telephone numbers, amounts and links a translation lacks or has too many."""
    missing, extra = _numbers(dutch) - _numbers(text), _numbers(text) - _numbers(dutch)
    if missing or extra:
        yield f"text: {language}: numbers differ from nl: missing {sorted(missing)}, extra {sorted(extra)}"
    if set(_LINK.findall(text)) != set(_LINK.findall(dutch)):
        yield f"text: {language}: links differ from nl"


def _numbers(text: str) -> set[str]:
    """Give the numbers of three digits or more, without what stands between the digits."""
    found = (re.sub(r"\D", "", number) for number in _NUMBER.findall(plain(text)))
    return {number for number in found if len(number) >= 3}


def _rendering_faults(texts: Texts, topic: Topic) -> Iterator[str]:
    """Render an answer as it is sent."""
    for language in topic.texts:
        try:
            said = texts.find(topic.id, language, today=date.max).html  # past its date: with every line below it
        except TextMissing:  # a phrase below it, which the schema check names
            return
        if len(said) > LONGEST_MESSAGE:
            yield f"text: {language}: {len(said)} characters with what stands below it, at most {LONGEST_MESSAGE}"
        left = placeholders(said.replace(LEFT_TO_RIGHT, "").replace(END_ISOLATE, ""))
        if left:
            yield f"text: {language}: placeholders are left: {', '.join(sorted(left))}"
        bare = re.sub(f"{LEFT_TO_RIGHT}[^{END_ISOLATE}]*{END_ISOLATE}", "", plain(said))
        if is_from_right(language) and re.search(f"[{LATIN}0-9]", bare):
            yield f"text: {language}: not set apart: {re.findall(f'[{LATIN}0-9]+', bare)}"


def _count_faults(examples: Iterable[Example]) -> Iterator[str]:
    counts = dict.fromkeys(FEWEST_EXAMPLES, 0)
    for example in examples:
        if example.language in counts:
            counts[example.language] += 1
    for language, fewest in FEWEST_EXAMPLES.items():
        if counts[language] < fewest:
            yield f"nlu: {language}: {counts[language]} examples, at least {fewest}"


def _fold(text: str) -> str:
    return " ".join(re.sub(r"[^\w]+", " ", text.casefold()).split()) or text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
