"""How easy a Dutch text is to read.

The figure is Flesch-Douma (W.H. Douma, De leesbaarheid van landbouwbladen, 1960): 0 is hardest, 100 easiest; from 80 on
a text is easy. Newcomers at A2 need short sentences most, so those are counted by themselves.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import pyphen

from service.markup import plain

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_WORD = re.compile(r"\d[\d .,:-]*\d|\w[\w'\u2019-]*")  # a telephone number is one word
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True)
class Readability:
    """Figures of a text.

    Attributes:
        average: Words a sentence.
        longest: The sentence with the most words, and how many.
        ease: Flesch-Douma.
    """

    average: float
    longest: tuple[str, int]
    ease: float


def sentences(text: str) -> list[str]:
    """Split a text in Telegram's HTML into sentences; a line of a list is one too."""
    parts = (part.strip(" •") for part in _SENTENCE_END.split(plain(text)))
    return [part for part in parts if _LETTER.search(part)]


def readability(text: str) -> Readability:
    """Measure a Dutch text in Telegram's HTML.

    Raises:
        ValueError: If the text holds no words.
    """
    counts = [(sentence, len(_WORD.findall(sentence))) for sentence in sentences(text)]
    if not counts:
        raise ValueError("readability: no words")
    words = [word for sentence, _ in counts for word in _WORD.findall(sentence) if _LETTER.search(word)]
    average = sum(count for _, count in counts) / len(counts)
    syllables = sum(_syllables(word) for word in words) / len(words)
    ease = 206.84 - 0.93 * average - 77 * syllables
    return Readability(average, max(counts, key=lambda counted: counted[1]), ease)


def _syllables(word: str) -> int:
    return len(_hyphenation().positions(word)) + 1


@cache
def _hyphenation() -> pyphen.Pyphen:
    return pyphen.Pyphen(lang="nl_NL")
