"""Times of day in typed words. The words stand in stories/texts/understood.yml, which says how they are written down.

Words of one language count together only: the Turkish "on" is ten after "saat", and nothing in "on Friday".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from functools import lru_cache

from nlu.spelling import fold
from service.language import LANGUAGES

GAP = "\u2026"  # in a phrase: where the hour stands
NEXT = f"{GAP}-1"  # in a phrase: where the hour stands that has yet to come
MARK = "*"  # after a word that is not a number only, such as "een"
PARTS = (("half_past", 0, 30), ("half_to", -1, 30), ("quarter_past", 0, 15), ("quarter_to", -1, 45))
_CLOCK = re.compile(r"(?<!\d)(\d{1,2})(?:\s?[:.uh\u066b\u1361]\s?([0-5]\d)(?!\d)|-(00|30|45)(?![\d-]))")
_DIGITS = r"(?<!\d)\d{1,2}(?!\d)"
_ENDING = r"[^\W\d]{0,3}"  # of a case, after digits: "3te"
_ZERO_WIDTH = "\u200c"  # Persian: keeps two parts of a word from touching
_AND = "\u0648"  # Arabic and Persian

Prompts = Mapping[str, Mapping[str, str]]
Found = tuple[int, int, list[time]]  # where it begins, less its length, what it means


def times_in(text: str, prompts: Prompts, beside: Iterable[str] = ()) -> list[time]:
    """List the times of day that a text can mean, likeliest first: "3 uur" is 3:00 and 15:00.

    Args:
        text: What was typed.
        prompts: Texts by name and language.
        beside: Phrases, spelled as `fold` does, that may stand beside a number word that is alone.
    """
    words = _spell(text)
    clock = _CLOCK.search(words)
    if clock:
        return _either(int(clock[1]), int(clock[2] or clock[3]))
    for reader in (_parts, _with_minutes, _hours):
        found = min(reader(words, prompts), default=None)
        if found:
            return found[2]
    return _alone(words, prompts, beside)


def _parts(words: str, prompts: Prompts) -> Iterator[Found]:
    """Find halves and quarters of an hour."""
    for name, shift, minute in PARTS:
        for language, phrase in _phrases(prompts, name):
            numbers = _numbers_of(prompts, language)
            match = _around(phrase, numbers.pattern()).search(words)
            if match:
                hour = numbers.hour(match) + (-1 if NEXT in phrase else shift)
                yield match.start(), -len(match[0]), _either(hour, minute)


def _with_minutes(words: str, prompts: Prompts) -> Iterator[Found]:
    """Find numbers with minutes after them: "10 uur 30", "drie 30"."""
    units = "|".join(re.escape(_spell(phrase)) for _, phrase in _phrases(prompts, "minutes")) or "(?!)"
    minutes = rf"\s*(?:{_AND}\s*)?(?P<minute>00|15|30|45)(?:\s*(?:{units})(?!\w)|\W*$)"
    for language, phrase in [*_phrases(prompts, "at_hour"), *((language, GAP) for language in LANGUAGES)]:
        numbers = _numbers_of(prompts, language)
        match = _around(phrase, numbers.pattern(), minutes).search(words)
        if match:
            yield match.start(), -len(match[0]), _either(numbers.hour(match), int(match["minute"]))


def _hours(words: str, prompts: Prompts) -> Iterator[Found]:
    """Find numbers that are times by the words around them: "om drie"."""
    for language, phrase in _phrases(prompts, "at_hour"):
        numbers = _numbers_of(prompts, language)
        match = _around(phrase, numbers.pattern(is_last=phrase.endswith(GAP))).search(words)
        if match:
            yield match.start(), -len(match[0]), _either(numbers.hour(match), 0)


def _alone(words: str, prompts: Prompts, beside: Iterable[str]) -> list[time]:
    """Read the only digits, or a number word that is all that was said."""
    digits = re.findall(_DIGITS, words)
    if digits:
        return _either(int(digits[0]), 0) if len(digits) == 1 else []
    rest = re.sub(r"\W+", " ", words)
    for phrase in sorted(beside, key=len, reverse=True):
        rest = re.sub(rf"(?<!\w){re.escape(phrase)}(?!\w)", " ", rest)
    said = " ".join(rest.split())
    found = (_numbers_of(prompts, language).hours.get(said) for language in LANGUAGES)
    return next((_either(hour, 0) for hour in found if hour), [])


@dataclass(frozen=True)
class _Numbers:
    """The number words of a language, from one on."""

    hours: Mapping[str, int]
    also_others: frozenset[str]

    def pattern(self, *, is_last: bool = False) -> str:
        """Make the pattern of digits or a word; with `is_last` a word that is another as well must be the last."""
        words = "|".join(
            re.escape(word) + (r"(?!\s*\w)" if is_last and word in self.also_others else "")
            for word in sorted(self.hours, key=len, reverse=True)
        )
        return rf"(?:(?P<digits>{_DIGITS}){_ENDING}|(?P<word>{words or '(?!)'}))"

    def hour(self, match: re.Match[str]) -> int:
        """Give the number that digits or a word say."""
        return int(match["digits"]) if match["digits"] else self.hours[match["word"]]


def _numbers_of(prompts: Prompts, language: str) -> _Numbers:
    return _read_numbers(prompts.get("understood/numbers", {}).get(language, ""))


@lru_cache(maxsize=64)
def _read_numbers(text: str) -> _Numbers:
    """Read "een*|eentje*, twee, ...": for each hour its words."""
    hours: dict[str, int] = {}
    also_others = set()
    for hour, forms in enumerate(text.split(","), start=1):
        for form in forms.split("|"):
            word = _spell(form.strip().removesuffix(MARK))
            hours[word] = hour
            if form.strip().endswith(MARK):
                also_others.add(word)
    hours.pop("", None)
    return _Numbers(hours, frozenset(also_others))


@lru_cache(maxsize=1024)
def _around(phrase: str, number: str, rest: str = "") -> re.Pattern[str]:
    """Make the pattern of a phrase with a number in its gap."""
    before, after = (re.escape(_spell(side)) for side in phrase.replace(NEXT, GAP).split(GAP, 1))
    return re.compile(rf"(?<!\w){before}\s*{number}\s*{after}(?!\w){rest}")


def _phrases(prompts: Prompts, name: str) -> Iterator[tuple[str, str]]:
    """Give each phrase of a text with its language; of those with an hour only the ones with one gap."""
    for language, phrases in prompts.get(f"understood/{name}", {}).items():
        for phrase in map(str.strip, phrases.split(",")):
            if phrase.count(GAP) == (name != "minutes"):
                yield language, phrase


def _spell(text: str) -> str:
    return " ".join(fold(text.replace(_ZERO_WIDTH, " ")).split())


def _either(hour: int, minute: int) -> list[time]:
    """Give a time in both halves of the day, unless the hour tells which: "half een" is 0:30 and 12:30."""
    if hour > 23:
        return []
    hour %= 24
    return [time(half, minute) for half in ([hour, hour + 12] if hour < 12 else [hour])]
