"""Words for days of each language, from service/days.yml and Babel, as patterns over spelled text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from babel import Locale

from nlu.spelling import fold
from service.language import SAFE_LOADER

WORDS = Path(__file__).resolve().parent / "days.yml"
GAP = "\u2026"  # in a phrase: where the number stands
DAY = "\ue000"  # in a text: stands where a day was named. No letter, and nobody types it.
LONG_WORD = 6  # letters from which on a slip of the pen is forgiven
_ETHIOPIC_TENS = re.compile("([\u1372-\u137a])([\u1369-\u1371]?)")
_BETWEEN_DIGITS = re.compile("(?<=\\d)\\s?[\u1361\u066b]\\s?(?=\\d)")
_NUMERIC = r"(?<![\d:.,/-])(\d{1,2})\s?([%s])\s?(\d{1,2})(?:\s?\2\s?(\d{4}|\d{2}))?(?![\d:,/-]|\.\d)"
_NOTHING = "(?!)"
_AGO = ("yesterday", "today", "tomorrow", "after_tomorrow")
_WEEKS = (("last_week", -1), ("this_week", 0), ("next_week", 1))
_FIXED = (("one_day", 1), ("two_days", 2), ("seven_days", 7))
_FIXED_WEEKS = (("one_week", 1), ("two_weeks", 2))

Pairs = tuple[tuple[str, int], ...]


def spell(text: str) -> str:
    """Spell a text in one way and keep only what days and times are made of: words, digits and the signs . / : , -."""
    joined = _ETHIOPIC_TENS.sub(_ethiopic_number, text.replace("\u200c", " "))
    bare = fold(_BETWEEN_DIGITS.sub(":", joined)).replace("\u060c", ",")
    return " ".join(re.sub(r"[^\w\s./:,-]", " ", bare).split()).strip(" .,")


def whole(words: Iterable[str]) -> str:
    """Make the pattern of any of some phrases as whole words, the longest first."""
    spelled = sorted({spell(word) for word in words} - {""}, key=lambda word: (-len(word), word))
    return rf"(?<!\w)(?:{'|'.join(map(re.escape, spelled)) or _NOTHING})(?!\w)"


def without_greetings(spelled: str) -> str:
    """Take greetings out, which hold words for days and parts of the day: "good morning"."""
    for words in day_words().values():
        spelled = words.greetings.sub(" ", spelled)
    return spelled


@dataclass(frozen=True)
class DayWords:
    """The words for days of one language, spelled, the longest first."""

    weekdays: Pairs
    whole_weekdays: Pairs  # in which a slip of the pen is forgiven; cases of them are too like number words
    short_weekdays: Mapping[str, int]
    months: Mapping[str, int]
    feasts: tuple[tuple[str, tuple[int, int]], ...]
    relative_days: Pairs
    now: re.Pattern[str]
    weeks: Pairs
    counted_weeks: tuple[re.Pattern[str], ...]
    fixed_weeks: Pairs
    fixed_days: Pairs
    counted_days: tuple[tuple[re.Pattern[str], int], ...]  # with 1 for days ahead, -1 for days ago
    coming_day: re.Pattern[str]
    next_day: re.Pattern[str]
    last_day: re.Pattern[str]
    week_start: re.Pattern[str]
    week_end: re.Pattern[str]
    weekend: re.Pattern[str]
    week_number: tuple[re.Pattern[str], ...]
    week_of: re.Pattern[str]
    week_behind: re.Pattern[str]
    nth: tuple[re.Pattern[str], ...]
    numbers: Mapping[str, int]
    dated: re.Pattern[str]
    dated_month_first: re.Pattern[str]
    numeric: re.Pattern[str]
    has_dots: bool
    day_of_month: re.Pattern[str]
    unread: re.Pattern[str]  # months of other calendars, and what is no day, such as "next month"
    month_alone: re.Pattern[str]
    greetings: re.Pattern[str]
    before: str  # pattern of what may stand before a day: "on"
    after: str  # pattern of endings


def day(year: int, month: int, number: int) -> date | None:
    """Make a date; None if there is none such."""
    try:
        return date(year, month, number)
    except ValueError:
        return None


@cache
def day_words() -> Mapping[str, DayWords]:
    """Give the words of each language."""
    data = yaml.load(WORDS.read_text(encoding="utf-8"), Loader=SAFE_LOADER)  # noqa: S506 - a safe one
    return {code: _words_of(code, given) for code, given in data.items()}


def _words_of(code: str, given: Mapping[str, Any]) -> DayWords:
    locale = Locale.parse(code)
    numbers = _numbers(given["numbers"])
    months = _months(locale, given)
    return DayWords(
        weekdays=_longest_first(_weekdays(locale, given)),
        whole_weekdays=_longest_first(_whole_weekdays(locale, given)),
        short_weekdays={spell(name): number for number, name in locale.days["format"]["abbreviated"].items()},
        months=months,
        feasts=_longest_first(
            (name, (number, month)) for number, month, names in given.get("feasts", ()) for name in names
        ),
        relative_days=_longest_first(_relative(given)),
        now=re.compile(whole(given["now"])),
        weeks=_longest_first((word, shift) for key, shift in _WEEKS for word in given[key]),
        counted_weeks=_counted(given["in_weeks"], numbers),
        fixed_weeks=_longest_first((word, count) for key, count in _FIXED_WEEKS for word in given.get(key, ())),
        fixed_days=_longest_first((word, count) for key, count in _FIXED for word in given.get(key, ())),
        counted_days=tuple(
            (pattern, sign)
            for key, sign in (("in_days", 1), ("days_ago", -1))
            for pattern in _counted(given[key], numbers)
        ),
        coming_day=_beside(given["coming"]),
        next_day=_beside(given["next"]),
        last_day=_beside(given["last"]),
        week_start=_beside(given["week_start"]),
        week_end=_beside(given["week_end"]),
        weekend=re.compile(whole(given["weekend"])),
        week_number=_counted(given.get("week_number", ()), {}),
        week_of=re.compile(rf"{whole(given.get('week_of', ()))}\s*{DAY}"),
        week_behind=re.compile(rf"{DAY}\s*{whole(given.get('week_behind', ()))}"),
        nth=_counted(given.get("nth", ()), numbers),
        numbers=numbers,
        **_dates(given, months, numbers),
        unread=_unread(given, numbers),
        month_alone=re.compile(whole(name for name in locale.months["format"]["wide"].values() if len(name) > 5)),
        greetings=re.compile(whole(given["greetings"])),
        before=_any(given["before"], r"(?:(?<!\w)(?:%s)\s+)?"),
        after=_any(given.get("endings", ()), "(?:%s)?"),
    )


def _dates(given: Mapping[str, Any], months: Mapping[str, int], numbers: Mapping[str, int]) -> dict[str, Any]:
    """Make the patterns of written dates."""
    month, filler, word = _either(months), _either(map(spell, given["filler"])), _either(numbers)
    year = r"(?:,?\s+(\d{4}))?"
    ending = r"[^\W\d]{0,3}"  # of an ordinal: "3e", "3rd"
    return {
        "dated": re.compile(
            rf"(?<![\w:])(?:(\d{{1,2}})\s?-?{ending}|({word}))\.?\s*(?:(?:{filler})\s+)?({month})(?:{filler})?"
            rf"(?:da|de|ta|te|a|e|ya|ye)?(?!\w){year}"
        ),
        "dated_month_first": re.compile(
            rf"(?<!\w)({month})\.?\s+(?:(?:{filler})\s+)?(?:(\d{{1,2}})(?:st|nd|rd|th)?|({word}))"
            rf"(?![\w:])(?!\.\d)(?!\s*(?:uur|u|h|am|pm)\b){year}"
        ),
        "numeric": re.compile(_NUMERIC % "/.-"),
        "has_dots": bool(given["dots"]),
        "day_of_month": _day_of_month(given["day_of_month"], given["goes_on"]),
    }


def _weekdays(locale: Locale, given: Mapping[str, Any]) -> list[tuple[str, int]]:
    """List the names of weekdays, also with what stands before them."""
    names = _whole_weekdays(locale, given)
    names += [(name, number) for number, forms in given["weekdays"].items() for name in forms]
    return names + [(start + name, number) for start in given.get("beginnings", ()) for name, number in names]


def _whole_weekdays(locale: Locale, given: Mapping[str, Any]) -> list[tuple[str, int]]:
    """List the names of weekdays, also with what makes one word with them."""
    names = [(name, number) for number, name in locale.days["format"]["wide"].items()]
    return names + [(f"{name} {part}", number) for name, number in names for part in given.get("parts", ())]


def _relative(given: Mapping[str, Any]) -> list[tuple[str, int]]:
    words = [(word, ahead) for ahead, key in enumerate(_AGO, start=-1) for word in given[key]]
    words += [(word, -2) for word in given["before_yesterday"]]
    return words + [(start + word, ahead) for start in given.get("beginnings", ()) for word, ahead in words]


def _months(locale: Locale, given: Mapping[str, Any]) -> dict[str, int]:
    months = {
        spell(name): number
        for form in ("format", "stand-alone")
        for width in ("wide", "abbreviated")
        for number, name in locale.months[form][width].items()
    }
    return months | {spell(name): number for number, names in given["months"].items() for name in names}


def _numbers(forms: Iterable[str]) -> dict[str, int]:
    return {spell(word): number for number, words in enumerate(forms, start=1) for word in words.split("|")}


def _counted(phrases: Iterable[str], numbers: Mapping[str, int]) -> tuple[re.Pattern[str], ...]:
    number = rf"(?:(?P<digits>\d{{1,2}})|(?P<word>{_either(numbers)}))"
    return tuple(
        re.compile(rf"(?<!\w){before}{number}{after}(?!\w)")
        for phrase in sorted(phrases, key=len, reverse=True)
        for before, after in [[_side(side) for side in phrase.split(GAP)]]
    )


def _side(side: str) -> str:
    """Make the pattern of what stands beside a number, with its space if there is one."""
    words = re.escape(spell(side))
    if side.endswith(" "):
        return rf"{words}\s+"
    return rf"\s+{words}" if side.startswith(" ") else words


def _day_of_month(phrases: Iterable[str], goes_on: Iterable[str]) -> re.Pattern[str]:
    forms = []
    for phrase in sorted(phrases, key=len, reverse=True):
        before, after = map(_side, phrase.split(GAP))
        forms.append(rf"(?<!\w){before}\d{{1,2}}{after}(?![\w:])")
    follows = rf"(?=\s*(?:$|[,.{DAY}]|{whole(goes_on)}))"
    return re.compile(rf"(?:{'|'.join(forms)}){follows}")


def _unread(given: Mapping[str, Any], numbers: Mapping[str, int]) -> re.Pattern[str]:
    other = _either(map(spell, given.get("other_months", ())))
    number = rf"(?:\d{{1,4}}\w{{0,2}}|{_either(numbers)})"
    return re.compile(
        rf"{whole(given['vague'])}|(?<!\w){number}\s+(?:\w+\s)?(?:{other})(?!\w)|(?<!\w)(?:{other})\s+\d{{1,2}}(?!\w)"
    )


def _beside(words: Iterable[str]) -> re.Pattern[str]:
    """Make the pattern of words right before or after a day."""
    one = whole(words)
    return re.compile(rf"{one}\s*(?:\w{{1,3}}\s+)?{DAY}|{DAY}\s*{one}")


def _any(words: Iterable[str], pattern: str) -> str:
    forms = [(" " if word.startswith(" ") else "") + spell(word) for word in words]
    return pattern % "|".join(sorted(map(re.escape, forms), key=len, reverse=True)) if forms else ""


def _either(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True)) or _NOTHING


def _ethiopic_number(match: re.Match[str]) -> str:
    ten = 10 * (ord(match[1]) - 0x1371)
    return str(ten + (ord(match[2]) - 0x1368 if match[2] else 0))


def _longest_first[Value](words: Iterable[tuple[str, Value]]) -> tuple[tuple[str, Value], ...]:
    """Order spelled words by length; one of several parts can be written as one, as Persian ones are."""
    plain = {(spell(word), value) for word, value in words}
    joined = {(word.replace(" ", ""), value) for word, value in plain}
    return tuple(sorted(plain | joined, key=lambda pair: (-len(pair[0]), pair[0])))
