"""Typed values in words: days, times and months in the person's language, always Europe/Amsterdam.

A value is a plain string or number, or one of these, as JSON, so that it can wait in a notification:
`{"datetime": iso}`, `{"date": iso day}`, `{"time": iso moment or HH:MM}`, `{"month": YYYY, YYYY-MM or YYYY-MM-DD}`,
`{"language": code}`, `{"text": name, "arguments": {...}}` (of a topic: its title), `{"list": [value, ...]}`.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_date

from service.clock import AMSTERDAM

DAY = "EEEE d MMMM"  # dinsdag 24 november
LOCALES = {"en": "en_GB"}  # Europe's order of day and month; all other languages are their own locale
PHRASES = ("format/day_and_time",)  # prompts that this module needs

Say = Callable[[str, Mapping[str, object]], str]  # name of a text and its arguments -> HTML


def locale_of(language: str) -> str:
    """Name Babel's locale for one of our languages."""
    return LOCALES.get(language, language)


def is_from_right(language: str) -> bool:
    """Tell whether a language is written from right to left."""
    return Locale.parse(locale_of(language)).text_direction == "rtl"


def day_words(day: date, language: str) -> str:
    """Say a day with its weekday, for instance "dinsdag 24 november"."""
    return format_date(day, DAY, locale=locale_of(language))


def clock_words(moment: datetime | time) -> str:
    """Say a time of day, for instance "10:00". A moment must be aware; it is turned into Europe/Amsterdam."""
    local = moment.astimezone(AMSTERDAM) if isinstance(moment, datetime) else moment
    return f"{local:%H:%M}"


def month_words(day: str, language: str) -> str:
    """Say YYYY, YYYY-MM or YYYY-MM-DD as far as it goes, for instance "augustus 2026"."""
    parts = [int(part) for part in day.split("-")]
    pattern = ("y", "MMMM y", "d MMMM y")[len(parts) - 1]
    return format_date(date(*[*parts, 1, 1][:3]), pattern, locale=locale_of(language))


def language_words(code: str, language: str) -> str:
    """Say the name of a language in another, for instance "Arabisch"; a code that nobody knows stays as it is."""
    try:
        return str(Locale.parse(locale_of(language)).languages.get(code, code))
    except (UnknownLocaleError, ValueError):
        return code


def html_of(value: object, language: str, say: Say) -> str:
    """Turn a typed value into HTML in the person's language.

    Raises:
        ValueError: If the value is of no known type.
    """
    if isinstance(value, Mapping):
        return _typed(value, language, say)
    if isinstance(value, str | int | float):
        return html.escape(str(value))
    raise ValueError(f"a text cannot say this value: {type(value).__name__}")


def _typed(value: Mapping[str, Any], language: str, say: Say) -> str:  # noqa: PLR0911 - a type, a return
    match value:
        case {"text": str(name)}:
            return _say_or_name(name, value.get("arguments") or {}, say)
        case {"list": list(items)}:
            return "\n".join(html_of(item, language, say) for item in items)
        case {"datetime": str(moment)}:
            local = _moment(moment).astimezone(AMSTERDAM)
            words = {"day": day_words(local.date(), language), "time": clock_words(local)}
            return say("format/day_and_time", words)
        case {"date": str(day)}:
            return html.escape(day_words(date.fromisoformat(day), language))
        case {"time": str(moment)}:
            return clock_words(_moment(moment) if "T" in moment else time.fromisoformat(moment))
        case {"month": str(day)}:
            return html.escape(month_words(day, language))
        case {"language": str(code)}:
            return _language(code, language, say)
    raise ValueError(f"a text cannot say this value: {', '.join(value)}")


def _say_or_name(name: str, arguments: Mapping[str, object], say: Say) -> str:
    """Say a text; one that is gone by now says its name: a notification that waited must not be lost for it."""
    try:
        return say(name, arguments)
    except LookupError:
        return html.escape(name)


def _language(code: str, language: str, say: Say) -> str:
    """Say the name of a language: our own word if there is one, as for Dari, which Babel does not know."""
    try:
        return say(f"language/{code}", {})
    except LookupError:
        return html.escape(language_words(code, language))


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment
