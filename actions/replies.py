"""Yes and no outside the booking form: they answer what the bot asked last, if it asked anything."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from actions.appointments import cancel
from actions.draft import NO, YES
from actions.handoff import ask_person
from actions.turn import Event, Turn, WegwijsAction

PERSON_OFFERS = ("utter_dialogue/help", "utter_dialogue/second_miss", "utter_booking/no_days")
CANCEL = "/cancel_appointment"


class Affirm(WegwijsAction):
    """Takes a yes."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_affirm"

    def act(self, turn: Turn) -> list[Event]:
        """Do what was asked; nothing was asked: ask what the question is."""
        asked = last_said(turn)
        cancelling = asked_to_cancel(asked)
        if cancelling:
            cancel(turn, cancelling, YES)
        elif (asked.get("metadata") or {}).get("utter_action") in PERSON_OFFERS:
            ask_person(turn)
        else:
            turn.say("dialogue/affirm")
        return []


class Deny(WegwijsAction):
    """Takes a no."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_deny"

    def act(self, turn: Turn) -> list[Event]:
        """Leave what was asked as it is."""
        cancelling = asked_to_cancel(last_said(turn))
        if cancelling:
            cancel(turn, cancelling, NO)
        else:
            turn.say("dialogue/deny")
        return []


def last_said(turn: Turn) -> Mapping[str, Any]:
    """Return the last thing that the bot said, as Rasa's event; empty if it said nothing yet."""
    return next((event for event in reversed(turn.tracker.events) if event.get("event") == "bot"), {})


def asked_to_cancel(event: Mapping[str, Any]) -> str | None:
    """Find the appointment of "do you really want to cancel ...?"; None if that was not asked."""
    for button in (event.get("data") or {}).get("buttons") or []:
        payload = str(button.get("payload"))
        if payload.startswith(CANCEL):
            values = json.loads(payload.removeprefix(CANCEL))
            if values.get("confirm") == YES:
                return str(values["appointment"])
    return None
