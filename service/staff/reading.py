"""Reads what staff type. All faults are gathered, so that they are named at once and nothing is half done."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, time
from itertools import batched, pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.errors import WegwijsError
from service.language import DEFAULT_LANGUAGE
from service.opening import find_place
from store.models import Area, Coach, Mode, Organisation, Place

WEEKDAYS = ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag")
ENGLISH = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SPAN = re.compile(r"(\d{1,2})[:.](\d{2})-(\d{1,2})[:.](\d{2})")
DUTCH_DAY = re.compile(r"(\d{1,2})-(\d{1,2})-(\d{4})")
NOTHING = ("dicht", "geen", "closed", "none")
ALL = ("alle", "alles", "all")
BOTH = ("beide", "both")

LANGUAGE_WORDS = {
    "nl": "Nederlands",
    "en": "Engels",
    "ar": "Arabisch",
    "tr": "Turks",
    "fa": "Farsi of Dari",
    "ti": "Tigrinya",
    "uk": "Oekraïens",
}
AREA_WORDS = {
    Area.LANGUAGE: "taal",
    Area.WORK: "werk",
    Area.EDUCATION: "school",
    Area.MONEY: "geld",
    Area.HEALTH: "gezondheid",
    Area.CHILDREN: "kinderen",
    Area.SOCIAL_NETWORK: "mensen",
    Area.OTHER: "anders",
}
MODE_WORDS = {Mode.PLACE: "locatie", Mode.TELEPHONE: "telefoon"}

Spans = list[tuple[time, time]]


class WrongInput(WegwijsError):  # noqa: N818 - named for what it is, as in service.errors
    """What staff typed cannot be done; `faults` are Dutch sentences, at least one."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("staff command: not done: " + "; ".join(faults))


class Reader:
    """Reads typed values one by one and remembers every fault; call `check` before anything is changed."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.faults: list[str] = []

    def check(self) -> None:
        """Stop if there was a fault.

        Raises:
            WrongInput: With all faults.
        """
        if self.faults:
            raise WrongInput(self.faults)

    def place(self, key: str) -> Place:
        """Find a place by its key."""
        found = find_place(self._session, key)
        if found is None:
            self.faults.append(f"Plek “{key}” bestaat niet. Kijk met: python -m service.staff places")
        return found or Place()

    def organisation(self, key: str) -> Organisation:
        """Find an organisation by its key."""
        found = self._session.scalar(select(Organisation).where(Organisation.key == key))
        if found is None:
            keys = list(self._session.scalars(select(Organisation.key).order_by(Organisation.key)))
            known = ", ".join(keys) or "nog geen; voeg er een toe met: organisation add"
            self.faults.append(f"Organisatie “{key}” bestaat niet. Er zijn: {known}.")
        return found or Organisation()

    def coach(self, typed: str) -> Coach:
        """Find a coach by number."""
        found = self._session.get(Coach, int(typed)) if typed.isascii() and typed.isdecimal() else None
        if found is None:
            self.faults.append(f"Coach “{typed}” bestaat niet. Geef het nummer uit: python -m service.staff coach list")
        return found or Coach()

    def weekday(self, typed: str) -> int:
        """Read a weekday, Dutch or English; 0 is Monday."""
        for names in (WEEKDAYS, ENGLISH):
            if typed.lower() in names:
                return names.index(typed.lower())
        self.faults.append(f"“{typed}” is geen dag. Schrijf: {', '.join(WEEKDAYS)}.")
        return 0

    def day(self, typed: str, today: date) -> date:
        """Read a date, 2026-12-25 or 25-12-2026, today or later."""
        day = _date(typed)
        if day is None:
            self.faults.append(f"“{typed}” is geen datum. Schrijf bijvoorbeeld 2026-12-25 of 25-12-2026.")
        elif day < today:
            self.faults.append(f"{typed} is voorbij.")
        return day or today

    def spans(self, typed: Sequence[str], *, whole_steps: bool = False) -> Spans:
        """Read spans such as 09:00-12:00, in order; `dicht` or `geen` alone means none.

        Args:
            typed: What staff typed, one span each.
            whole_steps: Whether times must be whole five minutes, as appointments are kept.
        """
        if len(typed) == 1 and typed[0].lower() in NOTHING:
            return []
        spans = [span for span in map(self._span, typed) if span]
        if whole_steps and any(each.minute % 5 for span in spans for each in span):
            self.faults.append("Tijden gaan per vijf minuten: 09:00, 09:05, 09:10.")
        spans.sort()
        for (_, closes), (opens, _) in pairwise(spans):
            if opens < closes:
                self.faults.append(f"De tijden lopen door elkaar: {opens:%H:%M} valt voor {closes:%H:%M}.")
        return spans

    def _span(self, typed: str) -> tuple[time, time] | None:
        match = SPAN.fullmatch(typed)
        try:
            parts = [int(part) for part in match.groups()] if match else []
            opens, closes = [time(hour, minute) for hour, minute in batched(parts, 2, strict=True)]
        except ValueError:
            self.faults.append(f"“{typed}” is geen tijd van-tot. Schrijf bijvoorbeeld 09:00-12:00.")
            return None
        if opens >= closes:
            self.faults.append(f"{typed}: het einde ligt niet na het begin.")
            return None
        return opens, closes

    def text(self, what: str, typed: str, longest: int) -> str:
        """Read a line of text."""
        plain = " ".join(typed.split())
        if not 1 <= len(plain) <= longest:
            self.faults.append(f"{what}: geef 1 tot {longest} tekens.")
        return plain

    def key(self, typed: str, longest: int) -> str:
        """Read a new key: small letters, digits and underscores."""
        if not re.fullmatch(rf"[a-z0-9_]{{1,{longest}}}", typed):
            self.faults.append(f"“{typed}” kan geen sleutel zijn: kleine letters, cijfers en _, hoogstens {longest}.")
        return typed

    def minutes(self, what: str, typed: str, least: int, most: int = 240) -> int:
        """Read a number of minutes, by five."""
        number = _number(typed)
        if number is None or not least <= number <= most or number % 5:
            self.faults.append(f"{what}: “{typed}” kan niet. Geef {least} tot {most} minuten, per vijf.")
        return number or 0

    def number(self, what: str, typed: str, least: int, most: int) -> int:
        """Read a whole number."""
        number = _number(typed)
        if number is None or not least <= number <= most:
            self.faults.append(f"{what}: “{typed}” kan niet. Geef een getal van {least} tot {most}.")
        return number or 0

    def mode(self, typed: str | None) -> Mode | None:
        """Read the only way to meet; None for both."""
        for mode, word in MODE_WORDS.items():
            if typed is not None and typed.lower() in (mode, word):
                return mode
        if typed is not None and typed.lower() not in BOTH:
            words = ", ".join((*MODE_WORDS.values(), BOTH[0]))
            self.faults.append(f"“{typed}” is geen manier om af te spreken. Kies uit: {words}.")
        return None

    def languages(self, typed: str) -> list[str]:
        """Read codes of languages with commas between; `geen` means none. Dutch needs no mention."""
        found = [] if typed.lower() in NOTHING else _parts(typed)
        for code in found:
            if code not in LANGUAGE_WORDS:
                known = ", ".join(f"{key} ({name})" for key, name in LANGUAGE_WORDS.items())
                self.faults.append(f"Taal “{code}” bestaat niet. Kies uit: {known}.")
        return [code for code in found if code != DEFAULT_LANGUAGE]

    def areas(self, typed: str) -> list[Area]:
        """Read areas with commas between, in Dutch or by their key; none stands for all."""
        by_name = {name: area for area, word in AREA_WORDS.items() for name in (word, area.value)}
        parts = [] if typed.lower() in ALL else _parts(typed)
        for part in parts:
            if part not in by_name:
                known = ", ".join((*AREA_WORDS.values(), ALL[0]))
                self.faults.append(f"Onderwerp “{part}” bestaat niet. Kies uit: {known}.")
        return list(dict.fromkeys(by_name[part] for part in parts if part in by_name))


def _parts(typed: str) -> list[str]:
    """Take what stands between commas apart, each once."""
    return list(dict.fromkeys(part.strip().lower() for part in typed.split(",")))


def _number(typed: str) -> int | None:
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else None


def _date(typed: str) -> date | None:
    match = DUTCH_DAY.fullmatch(typed)
    try:
        return date(int(match[3]), int(match[2]), int(match[1])) if match else date.fromisoformat(typed)
    except ValueError:
        return None
