"""Times of day in typed words. The words stand in stories/texts/understood.yml, which says how they are written down.

Words of one language count together only: the Turkish "on" is ten after "saat", and nothing in "on Friday".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from functools import lru_cache

from service.day_words import spell
from service.language import LANGUAGES

GAP = "\u2026"  # in a phrase: where the hour stands
NEXT = f"{GAP}-1"  # in a phrase: where the hour stands that has yet to come
MINUTES, ROUND_MINUTES = "#", "##"  # in a phrase: where minutes stand; such from twenty on only
MARK = "*"  # after a word that is not a number only, such as "een"; before an ending, such as "*middag"
TIME = "\ue001"  # in a text: stands where a time was named. No letter, and nobody types it.
SPAN = "\ue002"  # the same of two times that are the ends of one
PARTS = (  # of an hour: name, hours to add, minutes
    ("half_past", 0, 30),
    ("half_to", -1, 30),
    ("quarter_past", 0, 15),
    ("quarter_to", -1, 45),
    ("third_past", 0, 20),
    ("third_to", -1, 40),
)
WITH_MINUTES = (  # name, hours to add, minutes to start from, sign of the minutes that are named
    ("minutes_past_half", 0, 30, 1),
    ("minutes_to_half", 0, 30, -1),
    ("minutes_past", 0, 0, 1),
    ("minutes_to", -1, 60, -1),
)
DAY_PARTS = ("part_morning", "part_afternoon", "part_evening")
NOONS = (("noon", 0), ("noon_and_half", 30))
BOUNDS = ("not_before", "not_after")
FIRST_ROUND, ROUND_STEP = 20, 5  # minutes
_CLOCK = re.compile(r"(?<!\d)(?<!\d[.:,/-])(\d{1,2})(?:\s?[:.uh]\s?([0-5]\d)(?!\d)(?![./]\d)|-(00|30|45)(?![\d-]))")
_DIGITS = r"(?<!\d)\d{1,2}(?!\d)"
_ENDING = r"[^\W\d]{0,3}"  # of a case, after digits: "3te"
_AND = "\u0648"  # Arabic and Persian
_BARE_CLOCK = r"(?P<clock%d>\d{1,2}[:.uh][0-5]\d)"

Prompts = Mapping[str, Mapping[str, str]]
Hours = tuple[time, ...]  # what one time can mean, likeliest first
Found = tuple[int, int, Hours, int]  # where it begins, less its length, what it means, where it ends


@dataclass(frozen=True)
class TimesRead:
    """What a text says of times."""

    times: tuple[Hours, ...]  # as they are named
    rest: str  # the text with TIME where a time stood, SPAN where the two ends of a span did


def read_times(spelled: str, prompts: Prompts) -> TimesRead:
    """Find all times that a text names with what makes a number a time: "10:30", "om drie", "half drie", "3pm".

    Args:
        spelled: The text as `spell` gives it.
        prompts: Texts by name and language.
    """
    found: list[Hours] = []
    for reader in (_clocks, _with_minutes, _parts, _minutes_behind, _hours, _noon):
        while match := min(reader(spelled, prompts), default=None):
            start, _, hours, end = match
            found.append(_of_half(hours, spelled, start, end, prompts))
            spelled = f"{spelled[:start]} {TIME} {spelled[end:]}"
    return TimesRead(tuple(hours for hours in found if hours), spelled)


def read_spans(spelled: str, prompts: Prompts) -> TimesRead:
    """Find the two ends of spans: "tussen 2 en 4", "14-16 uur"."""
    found: list[Hours] = []
    for language, phrase in phrases_of(prompts, "between", gaps=2, within=spelled):
        numbers = _numbers_of(prompts, language)
        pattern = _span(phrase, *_sides(prompts, language), numbers.pattern(name="1"), numbers.pattern(name="2"))
        while match := pattern.search(spelled):
            ends = [_end(match, place, numbers) for place in (1, 2)]
            if not all(ends) or match["digits2"] == "00":  # one time with its minutes: "14-30"
                break
            found += ends
            spelled = f"{spelled[: match.start()]} {SPAN} {spelled[match.end() :]}"
    return TimesRead(tuple(found), spelled)


def read_bound(spelled: str, prompts: Prompts) -> TimesRead:
    """Find a number that is a time by the bound beside it: "na 15", "before ten"."""
    for name in BOUNDS:
        for language, phrase in phrases_of(prompts, name, within=spelled):
            numbers = _numbers_of(prompts, language)
            match = re.search(_around(phrase, f"(?P<number>{numbers.pattern()})"), spelled)
            if match:
                rest = f"{spelled[: match.start('number')]}{TIME}{spelled[match.end('number') :]}"
                return TimesRead((_either(numbers.hour(match), 0),), rest)
    return TimesRead((), spelled)


def number_alone(said: str, prompts: Prompts, languages: Iterable[str]) -> Hours:
    """Read a number word of the languages, or digits, that are all that was said."""
    found = (_numbers_of(prompts, language).hours.get(said) for language in languages)
    word = next((_either(hour, 0) for hour in found if hour), ())
    digits = re.fullmatch(rf"({_DIGITS}){_ENDING}", said)
    return word or (_either(int(digits[1]), 0) if digits else ())


def is_number(word: str, language: str, prompts: Prompts) -> bool:
    """Tell whether a word is a number of a language."""
    return word in _numbers_of(prompts, language).hours


def phrases_of(prompts: Prompts, name: str, gaps: int = 1, within: str | None = None) -> Iterator[tuple[str, str]]:
    """Give each phrase of a text with its language.

    Args:
        prompts: Texts by name and language.
        name: Of the text, without "understood/".
        gaps: How many hours the phrases have; others are left out.
        within: A text: only phrases of which all words stand in it.
    """
    for language, text in prompts.get(f"understood/{name}", {}).items():
        for phrase, words in _split(text):
            if phrase.count(GAP) == gaps and (within is None or all(word in within for word in words)):
                yield language, phrase


@lru_cache(maxsize=1024)
def _split(text: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Split a text into phrases, each with the words of it that stand there as they are."""
    phrases = [phrase.strip() for phrase in text.split(",") if phrase.strip()]
    pieces = (re.split(f"{re.escape(NEXT)}|{GAP}|{MINUTES}+|{re.escape(MARK)}", phrase) for phrase in phrases)
    return tuple((phrase, tuple(map(spell, words))) for phrase, words in zip(phrases, pieces, strict=True))


def _clocks(words: str, _: Prompts) -> Iterator[Found]:
    """Find times as clocks write them: "10:30", "14u15"."""
    match = _CLOCK.search(words)
    if match:
        yield _found(match, int(match[1]), int(match[2] or match[3]))


def _parts(words: str, prompts: Prompts) -> Iterator[Found]:
    """Find halves, quarters and thirds of an hour."""
    for name, shift, minute in PARTS:
        for language, phrase in phrases_of(prompts, name, within=words):
            numbers = _numbers_of(prompts, language)
            match = _around(phrase, numbers.pattern()).search(words)
            if match:
                yield _found(match, numbers.hour(match) + (-1 if NEXT in phrase else shift), minute)


def _with_minutes(words: str, prompts: Prompts) -> Iterator[Found]:
    """Find hours with minutes named in words around them: "tien voor half drie"."""
    for name, shift, start, sign in WITH_MINUTES:
        for language, phrase in phrases_of(prompts, name, within=words):
            numbers, minutes = _numbers_of(prompts, language), _minutes_of(prompts, language)
            pattern = minutes.pattern(is_round=ROUND_MINUTES in phrase)
            match = _around(phrase, numbers.pattern(), minutes=pattern).search(words)
            if match:
                minute = start + sign * minutes.minute(match)
                if 0 <= minute < 60 and minute % ROUND_STEP == 0:
                    yield _found(match, numbers.hour(match) + (-1 if NEXT in phrase else shift), minute)


def _minutes_behind(words: str, prompts: Prompts) -> Iterator[Found]:
    """Find numbers with minutes in digits after them: "10 uur 30", "drie 30"."""
    units = "|".join(re.escape(spell(phrase)) for _, phrase in phrases_of(prompts, "minutes", gaps=0)) or "(?!)"
    for language, phrase in [
        *phrases_of(prompts, "at_hour", within=words),
        *((language, GAP) for language in LANGUAGES),
    ]:
        numbers = _numbers_of(prompts, language)
        bare = "00|15|30|45" if phrase == GAP else r"[0-5]\d"
        counted = rf"(?P<counted>[0-5]?\d)\s*(?:{units})(?!\w)"
        minutes = rf"\s*(?:{_AND}\s*)?(?:(?P<minute>{bare})(?=\W*$|\s+[^\W\d])|{counted})"
        match = _around(phrase, numbers.pattern(), minutes).search(words)
        if match:
            yield _found(match, numbers.hour(match), int(match["minute"] or match["counted"]))


def _hours(words: str, prompts: Prompts) -> Iterator[Found]:
    """Find numbers that are times by the words around them: "om drie", "3 's middags"."""
    around = [
        (language, phrase) for name in DAY_PARTS for language, phrase in phrases_of(prompts, name, gaps=0, within=words)
    ]
    beside = [(language, form) for language, phrase in around for form in (f"{phrase} {GAP}", f"{GAP} {phrase}")]
    for language, phrase in [
        *phrases_of(prompts, "at_hour", within=words),
        *(pair for pair in beside if MARK not in pair[1]),
    ]:
        numbers = _numbers_of(prompts, language)
        match = _around(phrase, numbers.pattern(is_last=phrase.endswith(GAP))).search(words)
        if match:
            yield _found(match, numbers.hour(match), 0)


def _noon(words: str, prompts: Prompts) -> Iterator[Found]:
    """Find noon, and half an hour after it."""
    for name, minute in NOONS:
        for _, phrase in phrases_of(prompts, name, gaps=0, within=words):
            match = re.search(rf"(?<!\w){re.escape(spell(phrase))}(?!\w)", words)
            if match:
                yield _found(match, 12, minute)


def without(words: str, phrases: Iterable[str]) -> str:
    """Take phrases and signs out of words."""
    rest = re.sub(r"\W+", " ", words)
    for phrase in sorted(phrases, key=len, reverse=True):
        rest = re.sub(rf"(?<!\w){re.escape(phrase)}(?!\w)", " ", rest)
    return " ".join(rest.split())


def _found(match: re.Match[str], hour: int, minute: int) -> Found:
    return match.start(), -len(match[0]), _either(hour, minute), match.end()


def _of_half(hours: Hours, words: str, start: int, end: int, prompts: Prompts) -> Hours:
    """Keep the half of the day that "am" or "pm" says, within or right after the time."""
    for name, is_before in (("before_noon", True), ("after_noon", False)):
        for _, phrase in phrases_of(prompts, name, gaps=0, within=words):
            for match in re.finditer(rf"(?<![^\W\d]){re.escape(spell(phrase))}(?!\w)", words):
                if start < match.start() and not words[end : match.start()].strip(" ."):
                    return tuple(hour for hour in hours if (hour.hour < 12) == is_before)
    return hours


@dataclass(frozen=True, eq=False)
class _Numbers:
    """The number words of a language, from one on."""

    hours: Mapping[str, int]
    also_others: frozenset[str]

    @lru_cache(maxsize=256)  # noqa: B019 - one for each language lives as long as the process
    def pattern(self, *, is_last: bool = False, name: str = "") -> str:
        """Make the pattern of digits or a word; with `is_last` a word that is another as well must be the last."""
        words = "|".join(
            re.escape(word) + (r"(?!\s*\w)" if is_last and word in self.also_others else "")
            for word in sorted(self.hours, key=len, reverse=True)
        )
        return rf"(?:(?P<digits{name}>{_DIGITS}){_ENDING}|(?P<word{name}>{words or '(?!)'}))"

    def hour(self, match: re.Match[str], name: str = "") -> int:
        """Give the number that digits or a word say."""
        digits = match[f"digits{name}"]
        return int(digits) if digits else self.hours[match[f"word{name}"]]


@dataclass(frozen=True, eq=False)
class _Minutes:
    """The words for minutes of a language."""

    words: Mapping[str, int]

    @lru_cache(maxsize=64)  # noqa: B019 - one for each language lives as long as the process
    def pattern(self, *, is_round: bool) -> str:
        """Make the pattern of minutes: of all, or in words from twenty on only."""
        words = [word for word, minute in self.words.items() if not is_round or minute >= FIRST_ROUND]
        either = "|".join(sorted(map(re.escape, words), key=len, reverse=True)) or "(?!)"
        return rf"(?P<said>{either})" if is_round else rf"(?:(?P<counted>{_DIGITS})|(?P<said>{either}))"

    def minute(self, match: re.Match[str]) -> int:
        """Give the minutes that digits or a word say."""
        counted = match.groupdict().get("counted")
        return int(counted) if counted else self.words[match["said"]]


def _numbers_of(prompts: Prompts, language: str) -> _Numbers:
    return _read_numbers(prompts.get("understood/numbers", {}).get(language, ""))


def _minutes_of(prompts: Prompts, language: str) -> _Minutes:
    return _read_minutes(
        prompts.get("understood/numbers", {}).get(language, ""),
        prompts.get("understood/round_minutes", {}).get(language, ""),
    )


@lru_cache(maxsize=64)
def _read_numbers(text: str) -> _Numbers:
    """Read "een*|eentje*, twee, ...": for each hour its words."""
    hours: dict[str, int] = {}
    also_others = set()
    for hour, forms in enumerate(text.split(","), start=1):
        for form in forms.split("|"):
            word = spell(form.strip().removesuffix(MARK))
            hours[word] = hour
            if form.strip().endswith(MARK):
                also_others.add(word)
    hours.pop("", None)
    return _Numbers(hours, frozenset(also_others))


@lru_cache(maxsize=64)
def _read_minutes(numbers: str, tens: str) -> _Minutes:
    """Read the words from one on, and "twintig, vijfentwintig, ..."."""
    words = dict(_read_numbers(numbers).hours)
    for place, forms in enumerate(tens.split(",")):
        words.update({spell(form): FIRST_ROUND + ROUND_STEP * place for form in forms.split("|")})
    words.pop("", None)
    return _Minutes(words)


@lru_cache(maxsize=4096)
def _around(phrase: str, number: str, rest: str = "", minutes: str = "") -> re.Pattern[str]:
    """Make the pattern of a phrase with a number in its gap, and minutes in theirs."""
    pieces = re.split(rf"({GAP}|{MINUTES}+)", phrase.replace(NEXT, GAP))
    inside = {GAP: number, MINUTES: minutes, ROUND_MINUTES: minutes}
    pattern = r"\s*".join(inside.get(piece) or re.escape(spell(piece)) for piece in pieces)
    return re.compile(rf"(?<!\w){pattern}(?!\w){rest}")


def _sides(prompts: Prompts, language: str) -> tuple[str, str]:
    """Make the patterns of what may stand before and after an hour in a language."""
    return _sides_in(prompts.get("understood/at_hour", {}).get(language, ""))


@lru_cache(maxsize=64)
def _sides_in(text: str) -> tuple[str, str]:
    before, after = ({words[place] for _, words in _split(text)} - {""} for place in (0, -1))
    return _one_of(before), _one_of(after)


def _one_of(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True)) or "(?!)"


@lru_cache(maxsize=512)
def _span(phrase: str, before: str, after: str, first: str, last: str) -> re.Pattern[str]:
    """Make the pattern of a phrase with two hours."""
    start, middle, end = (re.escape(spell(side)) for side in phrase.split(GAP))
    one, two = (
        rf"(?:(?:{before})\s+)?(?:{_BARE_CLOCK % place}|{number})\s*(?:(?:{after})(?!\w))?"
        for place, number in enumerate((first, last), start=1)
    )
    return re.compile(rf"(?<!\w){start}\s*{one}\s*{middle}\s*{two}\s*{end}(?![\w:])")


def _end(match: re.Match[str], place: int, numbers: _Numbers) -> Hours:
    clock = match[f"clock{place}"]
    if clock:
        hour, minute = re.split("[:.uh]", clock)
        return _either(int(hour), int(minute))
    return _either(numbers.hour(match, str(place)), 0)


def _either(hour: int, minute: int) -> Hours:
    """Give a time in both halves of the day, unless the hour tells which: "half een" is 0:30 and 12:30."""
    if hour > 23:
        return ()
    hour %= 24
    return tuple(time(half, minute) for half in ([hour, hour + 12] if hour < 12 else [hour]))
