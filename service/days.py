"""Days and times of Europe/Amsterdam, and the day that a text names.

A text is read in the person's language first, then as Dutch and English: official days and dates are Dutch, and people
mix. A text that names two different days names none: it is asked back rather than read wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from service.clock import AMSTERDAM
from service.day_words import DAY, LONG_WORD, DayWords, day, day_words, spell

ALSO_READ = ("nl", "en")
SCRIPTS = (("\u0600-\u06ff", ("ar", "fa")), ("\u1200-\u137f", ("ti",)), ("\u0400-\u04ff", ("uk",)))
CENTURY = 2000
_ISO = re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_BARE_NUMBER = re.compile(r"\d{1,2}")


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
    return _part_of_hour(moment.astimezone(AMSTERDAM).hour)


def parts_between(begin: time, end: time) -> list[DayPart]:
    """List the parts of a day in which something can start between two times of it, the end left out."""
    parts = list(DayPart)
    last = end.hour if end.minute else end.hour - 1
    return parts[parts.index(_part_of_hour(begin.hour)) : parts.index(_part_of_hour(last)) + 1]


def _part_of_hour(hour: int) -> DayPart:
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
    return read_days(spell(text), language, today).day


@dataclass(frozen=True)
class DaysRead:
    """What a text says of days."""

    day: date | None  # the one day that is named
    week: tuple[date, date] | None  # first and last day, if a week is named and no day of it
    is_unclear: bool  # days are named that contradict each other, are no days, or are of another calendar
    rest: str  # the text with DAY where words for days stood
    is_next: bool = False  # "next Friday": some mean the one after the day that is given


def read_days(spelled: str, language: str, today: date) -> DaysRead:
    """Read the days and weeks that a text names.

    Args:
        spelled: The text as `spell` gives it.
        language: Code of the person's language.
        today: The day in Europe/Amsterdam.
    """
    reader = _Reader(spelled, today, [day_words()[code] for code in _codes(spelled, language)])
    reader.read()
    return reader.result()


def _codes(spelled: str, language: str) -> list[str]:
    """List the languages to read in: the person's, Dutch and English, and those of the script."""
    scripts = [code for letters, codes in SCRIPTS if re.search(f"[{letters}]", spelled) for code in codes]
    return [code for code in dict.fromkeys((language, *ALSO_READ, *scripts)) if code in day_words()]


@dataclass
class _Reader:
    """Takes the words for days out of a text, one kind after another."""

    rest: str
    today: date
    languages: list[DayWords]
    days: set[date] = field(default_factory=set)
    weekdays: set[int] = field(default_factory=set)
    week: int | None = None  # weeks ahead, counted in calendar weeks
    weeks_ahead: int | None = None  # weeks ahead, counted from today
    span: tuple[int, int] = (0, 6)  # of the week, 0 is Monday
    is_unclear: bool = False
    has_week: bool = False
    is_next: bool = False

    def read(self) -> None:
        """Read all."""
        for words in self.languages:
            self.rest = words.greetings.sub(" ", self.rest)
            if words.unread.search(self.rest):
                self.is_unclear = True
                self.rest = words.unread.sub(" ", self.rest)
        for words in self.languages:
            self._counted_days(words)
            self._weeks(words)
        for words in self.languages:
            if self._named(words):
                break
        else:
            self._likely()
        self._month_alone()

    def result(self) -> DaysRead:
        """Put together what was read."""
        days = self.days | (set() if self.days and self._fits() else set(self._weekday_days()))
        if self.days and self.has_week and not self.weekdays and self.weeks_ahead:
            days = {day + timedelta(weeks=self.weeks_ahead) for day in days}
        unclear = self.is_unclear or len(days) > 1 or not self._in_week(days)
        week = None if days or unclear or not self.has_week else self._week()
        return DaysRead(days.pop() if len(days) == 1 and not unclear else None, week, unclear, self.rest, self.is_next)

    def _in_week(self, days: Iterable[date]) -> bool:
        """Tell whether the days are of the week that is named: "morgen of volgende week" names two times."""
        if self.week is None or self.span != (0, 6):
            return True
        first = self._monday(self.week)
        return all(first <= day < first + timedelta(weeks=1) for day in days)

    def _fits(self) -> bool:
        """Tell whether the weekdays are those of the days that are named."""
        return self.weekdays <= {day.weekday() for day in self.days}

    def _take(self, pattern: re.Pattern[str]) -> list[re.Match[str]]:
        """Take out what a pattern finds."""
        found = list(pattern.finditer(self.rest))
        if found:
            self.rest = pattern.sub(f" {DAY} ", self.rest)
        return found

    def _take_words[Value](self, words: Iterable[tuple[str, Value]], before: str = "", after: str = "") -> list[Value]:
        """Take words out, longest first, so that no shorter one is found inside a longer one."""
        return [
            value
            for word, value in words
            if word in self.rest and self._take(re.compile(rf"{before}(?<!\w){re.escape(word)}{after}(?!\w)"))
        ]

    def _counted_days(self, words: DayWords) -> None:
        for ahead in self._take_words(words.fixed_days):
            self.days.add(self.today + timedelta(days=ahead))
        for pattern, sign in words.counted_days:
            for match in self._take(pattern):
                self.days.add(self.today + sign * timedelta(days=_number(match, words.numbers)))

    def _weeks(self, words: DayWords) -> None:
        """Find weeks."""
        if self._take(words.weekend):
            self.has_week, self.week, self.span = True, 0, (5, 6)
        for count in self._take_words(words.fixed_weeks):
            self.has_week, self.weeks_ahead = True, count
        for pattern in words.counted_weeks:
            for match in self._take(pattern):
                self.has_week, self.weeks_ahead = True, _number(match, words.numbers)
        for pattern in words.week_number:
            for match in self._take(pattern):
                self._numbered_week(int(match["digits"]))
        for shift in self._take_words(words.weeks):
            self.has_week, self.week = True, shift
        if self.has_week:
            self._part_of_week(words)

    def _part_of_week(self, words: DayWords) -> None:
        if self.span == (0, 6):
            start, end = self._take(words.week_start), self._take(words.week_end)
            self.span = (0, 1) if start else (3, 6) if end else self.span
        elif self._take(words.next_day):
            self.week = 1

    def _numbered_week(self, number: int) -> None:
        """Find the next week with a number."""
        for year in (self.today.year, self.today.year + 1):
            with suppress(ValueError):  # not every year has a week 53
                ahead = (date.fromisocalendar(year, number, 1) - self._monday(0)).days // 7
                if ahead >= 0:
                    self.has_week, self.week = True, ahead
                    return
        self.is_unclear = True

    def _named(self, words: DayWords) -> bool:
        """Read the days that are named in one language."""
        before = self.rest
        self._dates(words)
        self._feasts(words)
        if before in words.short_weekdays:
            self.weekdays.add(words.short_weekdays[before])
            self.rest = DAY
        self._short_weekday(words)
        self.weekdays.update(self._take_words(words.weekdays, words.before, words.after))
        for ahead in self._take_words(words.relative_days, words.before):
            self.days.add(self.today + timedelta(days=ahead))
        self._day_of_month(words)
        self._weeks_beside(words)
        self._next_or_last(words)
        if not (self.days or self.weekdays or self.has_week) and self._take(words.now):
            self.days.add(self.today)
        return self.rest != before

    def _dates(self, words: DayWords) -> None:
        """Find written dates. Numbers that are no date make the text unclear."""
        for match in self._take(_ISO):
            self._add(self._with_year(int(match[3]), int(match[2]), int(match[1])))
        for match in self._take(words.dated):
            number = int(match[1]) if match[1] else words.numbers[match[2]]
            self._add(self._next_date(number, words.months[match[3]], match[4]))
        for match in self._take(words.dated_month_first):
            number = int(match[2]) if match[2] else words.numbers[match[3]]
            self._add(self._next_date(number, words.months[match[1]], match[4]))
        self.rest = words.numeric.sub(lambda match: self._numeric(match, words), self.rest)

    def _numeric(self, match: re.Match[str], words: DayWords) -> str:
        """Read a date in numbers; leave what can only be a time ("10.30", "10-30")."""
        first, sign, second, year = int(match[1]), match[2], int(match[3]), match[4]
        named = self._next_date(first, second, year)
        could_be_time = first < 24 and second < 60
        if year is None and could_be_time:
            if sign == "." and (not words.has_dots or named is None):
                return match[0]
            if sign == "-" and named is None and (match[3] in ("00", "30", "45") or first < second < 24):
                return match[0]
        self._add(named)
        return f" {DAY} "

    def _feasts(self, words: DayWords) -> None:
        for number, month in self._take_words(words.feasts, words.before):
            self._add(self._next_date(number, month, None))

    def _short_weekday(self, words: DayWords) -> None:
        """Find a short name of a weekday, which counts only before a number: "do" and "zo" are common words too."""
        for name, weekday in words.short_weekdays.items():
            if self.rest.startswith(name) and self._take(re.compile(rf"^{re.escape(name)}(?=\.?,?\s*(?:\d|{DAY}))\.?")):
                self.weekdays.add(weekday)

    def _day_of_month(self, words: DayWords) -> None:
        for match in self._take(words.day_of_month):
            number = int(_BARE_NUMBER.search(match[0])[0])  # type: ignore[index]  # the pattern has one
            self._add(next_with(number, self.today))

        for pattern in words.nth if self.weekdays else ():
            for match in self._take(pattern):
                self._add(next_with(_number(match, words.numbers), self.today))

    def _weeks_beside(self, words: DayWords) -> None:
        """Heed the week that is named by a day of it, or as one week after a weekday."""
        if self.has_week:
            return
        if self._take(words.week_behind) and self.weekdays:
            self.has_week, self.weeks_ahead = True, 1
        elif self._take(words.week_of) and len(self.days) == 1:
            monday = self._monday(0)
            self.has_week, self.week = True, (self.days.pop() - monday).days // 7

    def _next_or_last(self, words: DayWords) -> None:
        """Heed "next" and "last" beside a weekday."""
        if not self.weekdays or self.has_week:
            return
        is_next = bool(self._take(words.next_day))
        if is_next or self._take(words.coming_day):
            self.is_next = is_next and all(weekday > self.today.weekday() for weekday in self.weekdays)
            later = {(weekday - self.today.weekday()) % 7 or 7 for weekday in self.weekdays}
        elif self._take(words.last_day):
            later = {-((self.today.weekday() - weekday) % 7 or 7) for weekday in self.weekdays}
        else:
            return
        if not self.days:
            self.days = {self.today + timedelta(days=ahead) for ahead in later}

    def _likely(self) -> None:
        """Find a weekday with a slip of the pen in it."""
        for word in re.findall(rf"[^\W\d]{{{LONG_WORD},}}", self.rest):
            found = {
                number for words in self.languages for name, number in words.whole_weekdays if _is_near(word, name)
            }
            if len(found) == 1:
                self.weekdays |= found
                self.rest = self.rest.replace(word, DAY)

    def _month_alone(self) -> None:
        """Call a month without a day unclear: it was meant as a date, or as a time that is no day."""
        for words in self.languages:
            if words.month_alone.search(self.rest):
                self.is_unclear = True

    def _weekday_days(self) -> Iterator[date]:
        for weekday in self.weekdays:
            ahead = (weekday - self.today.weekday()) % 7
            if self.weeks_ahead is not None:
                counted = self.today + timedelta(days=ahead, weeks=self.weeks_ahead)
                calendar = self._monday(self.weeks_ahead) + timedelta(days=weekday)
                yield counted
                if self.weeks_ahead > 1:
                    yield calendar
            elif self.week is not None and self.span != (5, 6):
                yield self._monday(self.week) + timedelta(days=weekday)
            else:
                yield self.today + timedelta(days=ahead)

    def _week(self) -> tuple[date, date]:
        monday = self._monday(self.weeks_ahead if self.weeks_ahead is not None else self.week or 0)
        first, last = (monday + timedelta(days=weekday) for weekday in self.span)
        return (max(first, self.today) if last >= self.today else first), last

    def _monday(self, weeks: int) -> date:
        return self.today + timedelta(weeks=weeks, days=-self.today.weekday())

    def _add(self, found: date | None) -> None:
        if found is None:
            self.is_unclear = True
        else:
            self.days.add(found)

    def _with_year(self, number: int, month: int, year: int) -> date | None:
        """Give a date; a year that is long past is of another calendar, or a slip."""
        return day(year, month, number) if year >= self.today.year - 1 else None

    def _next_date(self, number: int, month: int, year: str | None) -> date | None:
        if year is not None:
            return self._with_year(number, month, int(year) + (CENTURY if len(year) == 2 else 0))
        this_year = day(self.today.year, month, number)
        if this_year is not None and this_year >= self.today:
            return this_year
        return day(self.today.year + 1, month, number)


def next_with(number: int, today: date) -> date | None:
    """Give the next day with a number in its month, today included; None for a number that no day has."""
    for ahead in range(13):
        month = today.month - 1 + ahead
        found = day(today.year + month // 12, month % 12 + 1, number)
        if found is not None and found >= today:
            return found
    return None


def _number(match: re.Match[str], numbers: Mapping[str, int]) -> int:
    return int(match["digits"]) if match["digits"] else numbers[match["word"]]


def _is_near(word: str, name: str) -> bool:
    """Tell whether a word is a name with one letter wrong, missing, too many, or two letters swapped."""
    if len(name) < LONG_WORD or word[0] != name[0] or abs(len(word) - len(name)) > 1:
        return False
    start = next((at for at, (a, b) in enumerate(zip(word, name, strict=False)) if a != b), min(len(word), len(name)))
    said, meant = word[start:], name[start:]
    swapped = said[:2] == meant[1::-1] and said[2:] == meant[2:]
    return said[1:] == meant[1:] or said == meant[1:] or said[1:] == meant or swapped
