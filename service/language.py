"""The languages that Wegwijs speaks, and which of them a message is in.

The detector learns from the examples of the topics, which say their language. It weighs words one by one, so that a
long Dutch official word in an English question counts once; and as English examples hold such words too, it knows them
for words of both. Of some languages that we do not speak it knows common words (other_languages.yml), so that they are
not taken for one of ours.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import structlog
import yaml

log = structlog.get_logger()

LANGUAGES: dict[str, str] = {  # BCP 47 code -> its own name
    "nl": "Nederlands",
    "en": "English",
    "ar": "العربية",
    "tr": "Türkçe",
    "fa": "فارسی / دری",
    "ti": "ትግርኛ",
    "uk": "Українська",
}
DEFAULT_LANGUAGE = "nl"
FOREIGN_LANGUAGE = "en"  # for who writes in a language that we do not speak

SAFE_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one in C reads all content in a blink
OTHER_LANGUAGES = Path(__file__).with_name("other_languages.yml")
SENTENCE_WORDS = 3  # fewer words never change the language of a conversation
FIRST_CONFIDENCE = 0.6  # enough to begin with
SWITCH_CONFIDENCE = 0.8  # enough to follow a person into another language
UNCHOOSE_CONFIDENCE = 0.95  # enough to leave the language that a person chose
KNOWN_SHARE = 0.15  # of the words of a sentence; with fewer it is a language of which we know nothing
SURE_WORD = 0.95  # no single word is believed more than this
STRANGE_WORD = 0.8  # nor a word that stands in no example
UNSEEN_WORD = 2e-5  # share of a word that a language does not show
UNSEEN_PIECE = 1e-6  # and of a piece of a word
LONGEST_TEXT = 1000  # characters read of a message
LONGEST_PIECE = 4  # characters of a word looked at together
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Told:
    """What is known of the language of a message.

    Attributes:
        language: One of `LANGUAGES`, or None if it is in none of them or holds no words.
        confidence: Between 0 and 1; 0 without a language.
        is_foreign: Whether it is in a language of which we know that we do not speak it.
        is_sentence: Whether it has `SENTENCE_WORDS` words or more.
    """

    language: str | None
    confidence: float
    is_sentence: bool
    is_foreign: bool = False


def choose(told: Told, *, current: str | None, chosen: bool, otherwise: str = DEFAULT_LANGUAGE) -> str:
    """Choose the language to speak after a message.

    Args:
        told: What `Detector.tell` says of the message.
        current: The language of the conversation, None before its first message.
        chosen: Whether the person chose *current*; then only a clear sentence in another language leaves it.
        otherwise: The language to begin with when the first message does not tell.
    """
    if told.language is None:
        return current or otherwise
    if current is None:
        return told.language if told.confidence >= FIRST_CONFIDENCE else otherwise
    needed = UNCHOOSE_CONFIDENCE if chosen else SWITCH_CONFIDENCE
    return told.language if told.is_sentence and told.confidence >= needed else current


class _Counts(Counter[str]):
    """How often each word or piece occurs, added up once: adding up takes longer than all else."""

    def __init__(self, items: Iterable[str]) -> None:
        super().__init__(items)
        self._total = self.total()

    def log_rate(self, item: str, unseen: float) -> float:
        return math.log(self[item] / self._total + unseen)


class Detector:
    """Tells the language of a message.

    Args:
        examples: Examples per language code, as `read_examples` gives them.
        others: Common words of languages that we do not speak, per language code.
    """

    def __init__(self, examples: Mapping[str, Iterable[str]], others: Mapping[str, str] = MappingProxyType({})) -> None:
        texts = {language: "\n".join(examples[language]) for language in sorted(examples)} | dict(others)
        self._ours = frozenset(examples)
        self._words = {language: _Counts(_words(text)) for language, text in texts.items()}
        self._pieces = {language: _Counts(_pieces(words)) for language, words in self._words.items()}
        self._letters = {letter for words in self._words.values() for word in words for letter in word}

    def tell(self, text: str) -> Told:
        """Tell the language of *text*; see `Told`."""
        words = _words(text[:LONGEST_TEXT])
        is_sentence = len(words) >= SENTENCE_WORDS
        if not words:
            return Told(None, 0.0, is_sentence)
        if not self._can_read(words):
            return Told(None, 0.0, is_sentence, is_foreign=True)
        shares = _shares([sum(column) for column in zip(*map(self._weigh, words), strict=True)])
        confidence, language = max(zip(shares, self._words, strict=True))
        known = sum(word in self._words[language] for word in words)
        if language not in self._ours:
            return Told(None, 0.0, is_sentence, is_foreign=True)
        if is_sentence and known < KNOWN_SHARE * len(words):
            return Told(None, 0.0, is_sentence)
        return Told(language, confidence, is_sentence)

    def _can_read(self, words: list[str]) -> bool:
        letters = "".join(words)
        return sum(letter in self._letters for letter in letters) > len(letters) / 2

    def _weigh(self, word: str) -> list[float]:
        """Weigh *word* for each language, as logarithms: by how often each uses it, else by how it is spelled."""
        if any(word in words for words in self._words.values()):
            uses = [words.log_rate(word, UNSEEN_WORD) for words in self._words.values()]
            return _temper(_shares(uses), SURE_WORD)
        spellings = [
            sum(pieces.log_rate(piece, UNSEEN_PIECE) for piece in _pieces([word])) for pieces in self._pieces.values()
        ]
        return _temper(_shares(spellings), STRANGE_WORD)


@dataclass(frozen=True)
class Example:
    """An example of what people type, and where it stands (line 1 is the first of the file)."""

    text: str
    language: str | None
    intent: str
    file: Path
    line: int


def read_other_languages() -> dict[str, str]:
    """Read common words of languages that we do not speak, per language code."""
    words: dict[str, str] = yaml.safe_load(OTHER_LANGUAGES.read_text(encoding="utf-8"))
    return words


def read_examples(folders: Iterable[Path]) -> dict[str, list[str]]:
    """Read the examples of all YAML files under *folders* whose block names one of `LANGUAGES`.

    A file that is no YAML is logged and left out: one mistake in a topic must not keep the bot from starting.

    Returns:
        Per language code the examples, in the order of the files; languages without any are left out.
    """
    examples: dict[str, list[str]] = {}
    for path in sorted(path for folder in folders for path in folder.rglob("*.yml")):
        for example in read_blocks(path):
            if example.language in LANGUAGES:
                examples.setdefault(example.language, []).append(example.text)
    return examples


def read_blocks(path: Path) -> Iterator[Example]:
    """Read the examples of one YAML file; of one that is no YAML none, which is logged."""
    text = path.read_bytes()
    try:
        content = yaml.load(text, Loader=SAFE_LOADER)  # noqa: S506 -- it is a safe one
    except yaml.YAMLError:
        log.warning("example_file_broken", file=str(path))
        return
    lines = [line.strip() for line in text.decode().splitlines()]
    place = 0
    for block in (content or {}).get("nlu") or []:
        if "intent" not in block or not isinstance(block.get("examples"), str):
            continue
        language = (block.get("metadata") or {}).get("language")
        for line in block["examples"].splitlines():
            example = line.strip()
            if example:
                with suppress(ValueError):  # quoted in one line: then it has the line of the one before it
                    place = lines.index(example, place) + 1
                yield Example(example.removeprefix("- "), language, block["intent"], path, max(place, 1))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _pieces(words: Iterable[str]) -> list[str]:
    """Cut *words* into pieces of one to `LONGEST_PIECE` characters; a space marks where a word begins and ends."""
    return [
        f" {word} "[start : start + size]
        for word in words
        for size in range(1, LONGEST_PIECE + 1)
        for start in range(len(word) + 3 - size)
    ]


def _shares(weights: list[float]) -> list[float]:
    """Turn logarithms of weights into shares that add up to 1."""
    highest = max(weights)
    parts = [math.exp(weight - highest) for weight in weights]
    return [part / sum(parts) for part in parts]


def _temper(shares: list[float], highest: float) -> list[float]:
    """Draw *shares* towards equal ones until none can exceed *highest*, and give their logarithms."""
    equal = 1 / len(shares)
    pull = (highest - equal) / (1 - equal) if len(shares) > 1 else 0.0
    return [math.log(equal + (share - equal) * pull) for share in shares]
