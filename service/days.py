"""Days and times of Europe/Amsterdam, and the day that a text names.

A text is read in the person's language first, then as Dutch and English: official days and dates are Dutch, and people
mix. A text that names two different days names none: it is asked back rather than read wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from babel import Locale

from nlu.spelling import fold
from service.clock import AMSTERDAM

WORDS = Path(__file__).resolve().parent / "days.yml"
ALSO_READ = ("nl", "en")
NUMERIC = r"(?<![\d:.,/-])(\d{1,2})\s?[%s]\s?(\d{1,2})(?:\s?[%s]\s?(\d{4}|\d{2}))?(?![\d:,/-]|\.\d)"
ISO = re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")


class DayPart(StrEnum):
    """A part of a local day."""

    MORNING = "morning"  # before 12:00
    AFTERNOON = "afternoon"  # before 17:00
    EVENING = "evening"


def local_day(moment: datetime) -> date:
    """Return the day in Europe/Amsterdam at a moment."""
    return moment.astimezone(AMSTERDAM).date()


def part_of(moment: datetime) -> DayPart:
    """Return the part of the day in Europe/Amsterdam at a moment."""
    hour = moment.astimezone(AMSTERDAM).hour
    if hour < 12:
        return DayPart.MORNING
    return DayPart.AFTERNOON if hour < 17 else DayPart.EVENING


def moment_of(day: date, local: time) -> datetime:
    """Return the moment in UTC of a local time on a day.

    A time that comes twice (last Sunday of October) means the first; one that the clock skips (last Sunday of March)
    means as much after the last moment before the skip.
    """
    return datetime.combine(day, local, AMSTERDAM).astimezone(UTC)


def day_in(text: str, language: str, today: date) -> date | None:
    """Find the one day that a text names, today or later.

    Returns:
        As `day_named`, and None for a day in the past.
    """
    day = day_named(text, language, today)
    return day if day and day >= today else None


def day_named(text: str, language: str, today: date) -> date | None:
    """Find the one day that a text names, also one in the past: "yesterday", or a date with its year.

    A weekday means the next one, today included; with "next week" the one of the next calendar week. A day and month
    without a year means the next one.

    Args:
        text: What a person typed.
        language: Code of the person's language.
        today: The day in Europe/Amsterdam.

    Returns:
        None if the text names no day, more than one, or one that is no day (31-2).
    """
    plain = _plain(text)
    for code in dict.fromkeys((language, *ALSO_READ)):
        words = _words().get(code)
        if words is None:
            continue
        for read in (words.dates, words.feast, words.weekday, words.relative):
            found = read(plain, today)
            found.discard(None)
            if found:
                return found.pop() if len(found) == 1 else None
    return None


@dataclass(frozen=True)
class _Words:
    """The words for days of one language, plain, longest first."""

    weekdays: tuple[tuple[str, int], ...]
    short_weekdays: Mapping[str, int]
    months: Mapping[str, int]
    feasts: tuple[tuple[str, tuple[int, int]], ...]
    relative_days: tuple[tuple[str, int], ...]
    next_week: tuple[str, ...]
    dated: re.Pattern[str]
    dated_month_first: re.Pattern[str]
    numeric: re.Pattern[str]

    def dates(self, plain: str, today: date) -> set[date | None]:
        """Find written dates; None among them stands for numbers that are no date."""
        found: set[date | None] = {_day(int(y), int(m), int(d)) for y, m, d in ISO.findall(plain)}
        rest = ISO.sub(" ", plain)
        for match in self.dated.finditer(rest):
            found.add(_next_date(int(match[1]), self.months[match[2]], match[3], today))
        if not found:
            for match in self.dated_month_first.finditer(rest):
                found.add(_next_date(int(match[2]), self.months[match[1]], match[3], today))
        for match in self.numeric.finditer(rest):
            found.add(_next_date(int(match[1]), int(match[2]), match[3], today))
        return found

    def feast(self, plain: str, today: date) -> set[date | None]:
        """Find feasts that fall on the same date each year."""
        found, _ = _take(plain, self.feasts)
        return {_next_date(day, month, None, today) for day, month in found}

    def weekday(self, plain: str, today: date) -> set[date | None]:
        """Find weekdays. Short names count only alone: "do" and "zo" are common words too."""
        found, _ = _take(plain, self.weekdays)
        if plain.strip() in self.short_weekdays:
            found.add(self.short_weekdays[plain.strip()])
        if any(_holds(plain, phrase) for phrase in self.next_week):
            monday = today + timedelta(days=7 - today.weekday())
            return {monday + timedelta(days=weekday) for weekday in found}
        return {today + timedelta(days=(weekday - today.weekday()) % 7) for weekday in found}

    def relative(self, plain: str, today: date) -> set[date | None]:
        """Find yesterday, today, tomorrow and the day after."""
        found, _ = _take(plain, self.relative_days)
        return {today + timedelta(days=ahead) for ahead in found}


def _plain(text: str) -> str:
    """Spell a text in one way and keep only what a date is made of."""
    return " ".join(re.sub(r"[^\w\s./:,-]", " ", fold(text)).split()).strip(" .,")


def _holds(plain: str, phrase: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", plain) is not None


def _take[Value](plain: str, words: Iterable[tuple[str, Value]]) -> tuple[set[Value], str]:
    """Find words, longest first, each taken out, so that no shorter one is found inside it."""
    found: set[Value] = set()
    for word, value in words:
        plain, count = re.subn(rf"(?<!\w){re.escape(word)}(?!\w)", " ", plain)
        if count:
            found.add(value)
    return found, plain


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _next_date(day: int, month: int, year: str | None, today: date) -> date | None:
    if year is not None:
        return _day(int(year) + (2000 if len(year) == 2 else 0), month, day)
    this_year = _day(today.year, month, day)
    if this_year is not None and this_year >= today:
        return this_year
    return _day(today.year + 1, month, day)


@cache
def _words() -> Mapping[str, _Words]:
    data = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return {code: _words_of(code, given) for code, given in data.items()}


def _words_of(code: str, given: Mapping[str, Any]) -> _Words:
    locale = Locale.parse(code)
    weekdays = [(name, number) for number, name in locale.days["format"]["wide"].items()]
    weekdays += [(name, number) for number, names in given["weekdays"].items() for name in names]
    months = {
        _plain(name): number
        for form in ("format", "stand-alone")
        for width in ("wide", "abbreviated")
        for number, name in locale.months[form][width].items()
    }
    relative = [
        (word, ahead)
        for ahead, key in enumerate(("yesterday", "today", "tomorrow", "after_tomorrow"), start=-1)
        for word in given[key]
    ]
    feasts = [(name, (day, month)) for day, month, names in given.get("feasts", ()) for name in names]
    month = "|".join(sorted(map(re.escape, months), key=len, reverse=True))
    filler = "|".join(map(_plain, given["filler"])) or "(?!)"
    separators = "/.-" if given["dots"] else "/-"
    year = r"(?:,?\s+(\d{4}))?"
    return _Words(
        weekdays=_longest_first(weekdays),
        short_weekdays={_plain(name): number for number, name in locale.days["format"]["abbreviated"].items()},
        months=months,
        feasts=_longest_first(feasts),
        relative_days=_longest_first(relative),
        next_week=tuple(map(_plain, given["next_week"])),
        dated=re.compile(
            rf"(?<![\d:])(\d{{1,2}})\s?(?:e|de|ste|st|nd|rd|th)?\.?\s*(?:(?:{filler})\s+)?({month})(?!\w){year}"
        ),
        dated_month_first=re.compile(
            rf"(?<!\w)({month})\.?\s+(?:(?:{filler})\s+)?(\d{{1,2}})(?:st|nd|rd|th)?(?![\w:])(?!\.\d){year}"
        ),
        numeric=re.compile(NUMERIC % (re.escape(separators), re.escape(separators))),
    )


def _longest_first[Value](words: Iterable[tuple[str, Value]]) -> tuple[tuple[str, Value], ...]:
    """Order plain words by length; one of several parts can be written as one, as Persian ones are."""
    plain = {(_plain(word), value) for word, value in words}
    joined = {(word.replace(" ", ""), value) for word, value in plain}
    return tuple(sorted(plain | joined, key=lambda pair: (-len(pair[0]), pair[0])))
