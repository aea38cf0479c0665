"""Reads what staff type. All faults are gathered, so that they are named at once and nothing is half done."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, time
from itertools import batched, pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.errors import WegwijsError
from service.opening import find_place
from store.models import Coach, Organisation, Place

WEEKDAYS = ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag")
ENGLISH = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SPAN = re.compile(r"(\d{1,2})[:.](\d{2})-(\d{1,2})[:.](\d{2})")
DUTCH_DAY = re.compile(r"(\d{1,2})-(\d{1,2})-(\d{4})")
NOTHING = ("dicht", "geen", "closed", "none")

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

    def minutes(self, what: str, typed: int, least: int) -> int:
        """Read a number of minutes, by five."""
        if not least <= typed <= 240 or typed % 5:
            self.faults.append(f"{what}: geef {least} tot 240 minuten, per vijf.")
        return typed


def _date(typed: str) -> date | None:
    match = DUTCH_DAY.fullmatch(typed)
    try:
        return date(int(match[3]), int(match[2]), int(match[1])) if match else date.fromisoformat(typed)
    except ValueError:
        return None
