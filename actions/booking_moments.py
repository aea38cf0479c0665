"""The day, the time and the part of the day that typed words name, together: "volgende week dinsdag om half drie".

What cannot be read with one meaning is unclear and asked back; the form reads back the rest with weekday and date.
Hours are those of a Dutch clock, also in Tigrinya: the question says so, and Eritreans count from midnight too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time

from actions.booking_times import (
    GAP,
    MARK,
    TIME,
    Prompts,
    is_number,
    number_alone,
    phrases_of,
    read_bound,
    read_spans,
    read_times,
    without,
)
from service.day_words import DAY, spell, whole, without_greetings
from service.days import ALSO_READ, DayPart, next_with, read_days

PARTS = {part: f"part_{part.value}" for part in DayPart}
OFFICE = (time(8), time(20))
EARLIEST = time(7)  # "3 in the morning" is of another clock, such as the Ethiopian one
DOTTED = re.compile(r"(\d{1,2})\.(\d{2})")
AFTER = {
    **dict.fromkeys(range(12, 16), DayPart.AFTERNOON),
    **dict.fromkeys(range(17, 24), DayPart.EVENING),
}
NOON = time(12)
SPANS = {
    DayPart.MORNING: (OFFICE[0], NOON),
    DayPart.AFTERNOON: (NOON, time(17)),
    DayPart.EVENING: (time(17), time(22)),
}
HALVES = {DayPart.MORNING: (0, 11), DayPart.AFTERNOON: (12, 18), DayPart.EVENING: (16, 23)}  # first and last hour


@dataclass(frozen=True)
class Moment:
    """What a text says of when."""

    day: date | None = None
    is_past: bool = False
    times: tuple[time, ...] = ()  # likeliest first: "3 uur" is 3:00 and 15:00
    part: DayPart | None = None
    week: tuple[date, date] | None = None  # first and last day, where no day of it is named
    is_unclear: bool = False  # two days or times, a "not", a bound, or a date of another calendar: ask back


def read_moment(text: str, language: str, today: date, prompts: Prompts) -> Moment:
    """Read when somebody wants to come.

    Args:
        text: What was typed.
        language: Code of the person's language.
        today: The day in Europe/Amsterdam.
        prompts: Texts by name and language.

    Returns:
        A moment without anything if the text says nothing of when.
    """
    return _Reader(text, language, today, prompts).moment()


class _Reader:
    """Reads one text. Each step leaves what the next one has to read."""

    def __init__(self, text: str, language: str, today: date, prompts: Prompts) -> None:
        self._prompts, self._language, self._today = prompts, language, today
        words = without_greetings(spell(text))
        words = re.sub(self._any_of("no_matter", words), " ", words)
        negated = self._any_of("not_then", words)
        words = re.sub(rf"^.*{negated}.*?{self._any_of('but', words)}", " ", words)  # "not this but that"
        self._is_negated = re.search(negated, words) is not None
        self._parts = self._parts_in(words)
        self._spans = read_spans(words, prompts)
        self._days = read_days(self._spans.rest, language, today)
        read = read_times(self._without_counted_parts(self._days.rest), prompts)
        self._times = read if read.times else read_bound(read.rest, prompts)
        self._rest = self._without_parts(self._times.rest)

    def moment(self) -> Moment:
        """Put together what was read."""
        days, times, part = self._days, self._hours(), self._part()
        if (self._is_negated and (days.day or days.week or times or part)) or self._may_be_day() or self._ends_in_no():
            return Moment(is_unclear=True)
        day = None if self._is_bound(DAY) else days.day
        last = day or (days.week[1] if days.week else self._today)
        return Moment(day, last < self._today, times, part, days.week, self._is_unclear(times, part))

    def _is_unclear(self, times: tuple[time, ...], part: DayPart | None) -> bool:
        """Tell whether something was named that cannot be read with one meaning."""
        named = self._times.times or self._spans.times
        return (
            self._days.is_unclear
            or len(self._parts) > 1
            or self._days.is_next
            or self._is_bound(DAY)
            or self._is_one_of_two()
            or bool(named and not times and part is None)
            or bool(self._times.times and not times and not self._is_bound(TIME))
            or (part == DayPart.MORNING and bool(times) and times[-1] < EARLIEST)
        )

    def _hours(self) -> tuple[time, ...]:
        """Give the one time that is named, in the half of the day that is named."""
        if self._is_bound(TIME) or self._is_bound(TIME, "in_hours") or self._spans.times:
            return ()
        named = set(self._times.times) or {self._alone()}
        if len(named) > 1 or len(self._parts) > 1:
            return ()
        hours = named.pop()
        first, last = HALVES[next(iter(self._parts))] if self._parts else (0, 23)
        return tuple(hour for hour in hours if first <= hour.hour <= last)

    def _part(self) -> DayPart | None:
        """Give the one part of the day that is named, also by a bound or a span: "na 15 uur"."""
        if self._parts:
            return next(iter(self._parts)) if len(self._parts) == 1 else None
        if self._spans.times:
            return self._part_between(self._spans.times)
        bound = in_office(self._times.times[0]) if len(set(self._times.times)) == 1 else None
        if bound is None:
            return None
        if self._holds("not_before", TIME):
            return AFTER.get(bound.hour)
        return DayPart.MORNING if bound <= NOON and self._holds("not_after", TIME) else None

    def _part_between(self, ends: tuple[tuple[time, ...], ...]) -> DayPart | None:
        """Give the part of the day in which a span lies as a whole."""
        start, end = (in_office(hours) for hours in ends[:2])
        if start is None or end is None or len(ends) > 2 or end <= start:
            return None
        for part, (first, last) in SPANS.items():
            if first <= start and end <= last:
                return part
        return None

    def _alone(self) -> tuple[time, ...]:
        """Read a number that is all that is left."""
        languages = dict.fromkeys((self._language, *ALSO_READ))
        return next((hours for said in self._left() if (hours := number_alone(said, self._prompts, languages))), ())

    def _left(self) -> list[str]:
        """Give the words that were not read: all, without what says nothing in the person's language, in any."""
        words = re.sub(f"[{DAY}{TIME}]", " ", self._rest)
        pairs = list(phrases_of(self._prompts, "beside_hour", gaps=0, within=words))
        own = [phrase for language, phrase in pairs if language == self._language]
        return [
            without(words, (spell(phrase) for phrase in phrases))
            for phrases in ([], own, [phrase for _, phrase in pairs])
        ]

    def _ends_in_no(self) -> bool:
        """Tell whether "no" stands behind a day: "dinsdag niet". The Persian one is nine as well."""
        return re.search(rf"{DAY}\W*{self._any_of('no', self._rest)}\W*$", self._rest) is not None

    def _may_be_day(self) -> bool:
        """Tell whether numbers may be a day as well as a time: "vrijdag 4" where the fourth is a Friday, "3.12"."""
        if not self._days.day:
            match = DOTTED.fullmatch(self._days.rest)
            return bool(match) and int(match[1]) <= 31 and 1 <= int(match[2]) <= 12  # type: ignore[index]
        left = self._left()[-1]
        if self._times.times or not re.fullmatch(r"\d{1,2}", left) or int(left) == self._days.day.day:
            return False
        day = next_with(int(left), self._today)
        return int(left) > 23 or (day is not None and day.weekday() == self._days.day.weekday())

    def _parts_in(self, words: str) -> set[DayPart]:
        """Find the parts of the day, longest words first: "na de middag" is no "middag"."""
        found = set()
        forms = [(form, part) for part, name in PARTS.items() for form in self._phrases(name, words)]
        for form, part in sorted(forms, key=lambda pair: -len(pair[0])):
            words, count = re.subn(pattern_of(form), " ", words)
            if count:
                found.add(part)
        return found

    def _without_parts(self, words: str) -> str:
        forms = [form for name in PARTS.values() for form in self._phrases(name, words)]
        for form in sorted(forms, key=len, reverse=True):
            words = re.sub(pattern_of(form), " ", words)
        return words

    def _without_counted_parts(self, words: str) -> str:
        """Take out parts of the day that hold a number, which is no hour: "the second half of the day"."""
        for name in PARTS.values():
            for language, phrase in phrases_of(self._prompts, name, gaps=0, within=words):
                if any(is_number(word, language, self._prompts) for word in spell(phrase).split()):
                    words = re.sub(pattern_of(phrase), " ", words)
        return words

    def _is_one_of_two(self) -> bool:
        """Tell whether a number that was not read stands beside a day or time: "1 of 2 december", "2 en 4 uur"."""
        number, either = r"(?<![\w.:])\d{1,2}(?![\w.:])", self._any_of("or", self._rest)
        pattern = rf"{number}\s*{either}\s*[{DAY}{TIME}]|[{DAY}{TIME}]\s*{either}\s*{number}"
        return re.search(pattern, self._rest) is not None

    def _is_bound(self, mark: str, *names: str) -> bool:
        """Tell whether a day or time is only the first or last possible one."""
        return any(self._holds(name, mark) for name in names or ("not_before", "not_after"))

    def _holds(self, name: str, mark: str) -> bool:
        """Tell whether words stand around a day or time."""
        for _, phrase in phrases_of(self._prompts, name, within=self._rest):
            before, after = (re.escape(spell(side)) for side in phrase.split(GAP))
            if re.search(rf"(?<!\w){before}\s*{mark}\s*{after}(?!\w)", self._rest):
                return True
        return False

    def _phrases(self, name: str, within: str | None = None) -> list[str]:
        return [phrase for _, phrase in phrases_of(self._prompts, name, gaps=0, within=within)]

    def _any_of(self, name: str, within: str) -> str:
        return whole(self._phrases(name, within))


def pattern_of(form: str) -> str:
    """Make the pattern of a word; "*" before it stands for any beginning."""
    start = r"(?<!\w)\w*" if form.startswith(MARK) else r"(?<!\w)"
    return rf"{start}{re.escape(spell(form.removeprefix(MARK)))}(?!\w)"


def in_office(hours: tuple[time, ...]) -> time | None:
    """Give the hour at which somebody may work."""
    return next((hour for hour in hours if OFFICE[0] <= hour <= OFFICE[1]), None)
