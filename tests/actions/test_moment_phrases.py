"""How well the reader of moments does on phrases that were written without knowing its rules and words."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
import yaml

from actions.booking_moments import Moment, read_moment
from service.settings import ROOT
from service.texts import Texts

PHRASES = yaml.safe_load(Path(__file__).with_name("moment_phrases.yml").read_text(encoding="utf-8"))
PROMPTS = Texts(ROOT / "stories").prompts()
ASK_BACK = "ask_back"
TODAY = date(2026, 11, 24)  # a Tuesday
LEAST_RIGHT = 0.95


def read(phrase: dict[str, Any]) -> Moment:
    return read_moment(phrase["text"], phrase["language"], TODAY, PROMPTS)


def meant(expect: dict[str, Any]) -> dict[str, Any]:
    """Give what is expected: a week begins today at the earliest."""
    if expect.get("past"):
        return {"is_past": True}
    week = expect.get("week")
    return {
        "day": date.fromisoformat(expect["day"]) if "day" in expect else None,
        "hour": time.fromisoformat(expect["time"]) if "time" in expect else None,
        "part": expect.get("part"),
        "week": tuple(max(date.fromisoformat(day), TODAY) for day in week) if week else None,
    }


def found(moment: Moment) -> dict[str, Any]:
    """Give what was read in the same way: of "3 uur" the time at which somebody may work, then no part."""
    if moment.is_past:
        return {"is_past": True}
    hour = next((hour for hour in moment.times if time(8) <= hour <= time(20)), None)
    part = moment.part.value if moment.part and hour is None else None
    return {"day": moment.day, "hour": hour, "part": part, "week": moment.week}


def asks_back(moment: Moment) -> bool:
    """Tell whether the form asks again: the moment is unclear, or names at most a part of the day to choose from."""
    return moment.is_unclear or not (moment.day or moment.times or moment.week)


def is_right(phrase: dict[str, Any]) -> bool:
    moment = read(phrase)
    if phrase["expect"] == ASK_BACK:
        return asks_back(moment)
    return not moment.is_unclear and found(moment) == meant(phrase["expect"])


def is_wrong_silently(phrase: dict[str, Any]) -> bool:
    """Tell whether another day or time than the one that was meant is read, without asking."""
    moment = read(phrase)
    if asks_back(moment):
        return False
    if phrase["expect"] == ASK_BACK:
        return True
    right, said = meant(phrase["expect"]), found(moment)
    return any(said.get(name) not in (None, right.get(name)) for name in ("day", "hour", "week"))


def test_nearly_all_phrases_are_read_right() -> None:
    wrong = [phrase["text"] for phrase in PHRASES if not is_right(phrase)]
    assert len(wrong) <= (1 - LEAST_RIGHT) * len(PHRASES), wrong


@pytest.mark.parametrize("phrase", PHRASES, ids=lambda phrase: phrase["text"])
def test_no_phrase_is_read_as_another_day_or_time(phrase: dict[str, Any]) -> None:
    assert not is_wrong_silently(phrase), read(phrase)
