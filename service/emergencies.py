"""Emergencies: danger to life, suicide, violence at home, exploitation. Told by words, before any model is asked.

The words stand in stories/emergencies.yml, which staff edit; a changed file is read at the next message. Of a phrase
all words must stand in a message in this order, with at most `MOST_BETWEEN` others between two of them. `*` is the
rest of a word, `|` stands between words that do the same. Spelling counts as in `nlu.spelling`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
import yaml

from nlu.spelling import fold, fold_words
from service.language import LANGUAGES, SAFE_LOADER

log = structlog.get_logger()

FILE = "emergencies.yml"
MOST_BETWEEN = 3  # words between two words of a phrase
_PART = re.compile(r"\*?\w+\*?(\|\*?\w+\*?)*")


@dataclass(frozen=True)
class Emergency:
    """What is the matter, and the languages in which the message says so."""

    kind: str
    topic: str
    languages: tuple[str, ...]

    def language_for(self, language: str) -> str:
        """Choose the language to answer in: the person's own if the words are of it too."""
        return language if language in self.languages else self.languages[0]


@dataclass(frozen=True)
class _Kind:
    name: str
    topic: str
    phrases: Mapping[str, re.Pattern[str]]  # by language
    exceptions: Mapping[str, re.Pattern[str]]


class Emergencies:
    """Finds emergencies in messages by the words in a content folder. Safe to use from many threads.

    Raises:
        OSError: If the file cannot be found at the start; one that goes away later leaves its words.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._stamp: tuple[int, int] | None = None
        self._kinds: Sequence[_Kind] = ()
        self._refresh()

    def find(self, text: str) -> Emergency | None:
        """Tell which emergency a message speaks of; of several kinds the one that the file names first."""
        self._refresh()
        words = fold_words(text)
        for kind in self._kinds:
            languages = tuple(language for language in LANGUAGES if _says(kind, language, words))
            if languages:
                return Emergency(kind.name, kind.topic, languages)
        return None

    def _refresh(self) -> None:
        """Read the file again if it changed; words with a fault are not taken over: the old ones stay."""
        try:
            state = self._path.stat()
        except OSError:
            if self._stamp is None:
                raise
            log.error("emergency_words_gone", file=str(self._path))  # noqa: TRY400 - a trace says no more
            return
        stamp = state.st_mtime_ns, state.st_size
        if stamp == self._stamp:
            return
        self._stamp = stamp
        kinds, faults = _read(self._path)
        if faults:
            log.error("emergency_words_broken", file=str(self._path), faults=faults)
        else:
            self._kinds = [_kind(name, given) for name, given in kinds.items()]


def check(path: Path) -> list[str]:
    """List what is wrong in a file of emergency words, each "file: what"; empty if all is well."""
    return _read(path)[1]


def _read(path: Path) -> tuple[dict[str, Any], list[str]]:
    """Read a file of emergency words: what it gives of each kind, and its faults."""
    try:
        kinds = (yaml.load(path.read_bytes(), Loader=SAFE_LOADER) or {}).get("emergencies") or {}  # noqa: S506 -- it is a safe one
    except (yaml.YAMLError, OSError, UnicodeDecodeError, AttributeError) as fault:
        return {}, [f"{path}: cannot be read: {type(fault).__name__}"]
    if not kinds:
        return {}, [f"{path}: names no emergencies"]
    return kinds, [f"{path}: {what}" for name, given in kinds.items() for what in _faults(name, given)]


def _faults(name: str, given: Mapping[str, Any]) -> Iterator[str]:
    if not isinstance(given, Mapping) or set(given) != {"topic", "words", "not_with"}:
        yield f"{name}: must have topic, words and not_with"
        return
    for language in LANGUAGES:
        if not given["words"].get(language):
            yield f"{name}: words: {language} has none"
    for key in ("words", "not_with"):
        for language, phrases in (given[key] or {}).items():
            if language not in LANGUAGES:
                yield f"{name}: {key}: {language!r} is no language of ours"
            for phrase in phrases:
                if not phrase.strip() or not all(_PART.fullmatch(part) for part in phrase.split()):
                    yield f"{name}: {key}: {language}: {phrase!r}: only words, * and |"


def _kind(name: str, given: Mapping[str, Any]) -> _Kind:
    return _Kind(name, given["topic"], _patterns(given["words"]), _patterns(given["not_with"] or {}))


def _patterns(phrases: Mapping[str, Sequence[str]]) -> dict[str, re.Pattern[str]]:
    return {language: re.compile("|".join(map(_pattern, given))) for language, given in phrases.items() if given}


def _pattern(phrase: str) -> str:
    between = rf" (?:\w+ ){{0,{MOST_BETWEEN}}}"
    return rf"(?<!\w){between.join(map(_part, phrase.split()))}(?!\w)"


def _part(part: str) -> str:
    return "(?:" + "|".join(re.escape(fold(word)).replace(r"\*", r"\w*") for word in part.split("|")) + ")"


def _says(kind: _Kind, language: str, words: str) -> bool:
    exceptions = kind.exceptions.get(language)
    if exceptions is not None:
        words = exceptions.sub(" ", words)
    return kind.phrases[language].search(words) is not None
