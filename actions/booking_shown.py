"""What the bot showed last to choose from: "the first one" is one of its buttons."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from actions.turn import Turn
from actions.understanding import Understanding

INFORM = "/inform"
PLACES: Mapping[str, int] = {"first": 0, "second": 1, "third": 2, "fourth": 3, "last": -1}
WHEN = ("time", "day")
MOST_WORDS = 5  # "I would like the second": a longer text says more than that


def shown(turn: Turn, slot: str) -> list[dict[str, str]]:
    """List what the last buttons answer, those that answer this question, in order."""
    none: dict[str, Any] = {}
    said = next((event for event in reversed(turn.tracker.events) if event.get("event") == "bot"), none)
    payloads = [str(button.get("payload")) for button in (said.get("data") or {}).get("buttons") or []]
    values = [json.loads(payload.removeprefix(INFORM)) for payload in payloads if payload.startswith(f"{INFORM}{{")]
    return [value for value in values if slot in value]


def shown_at(turn: Turn, text: str, slot: str) -> dict[str, str] | None:
    """Find the button whose place the words name: "the second", "the last"; a bare "2" too, unless it is an hour."""
    choices = shown(turn, slot)
    if len(text.split()) > MOST_WORDS:
        return None
    named = Understanding(turn.parts.texts).choice(text, {name: name for name in PLACES})
    place = PLACES[named] if named else None
    if text.strip().isdecimal() and int(text) > 0 and slot not in WHEN:
        place = int(text) - 1
    return choices[place] if place is not None and -1 <= place < len(choices) else None
