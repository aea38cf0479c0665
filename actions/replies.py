"""Yes and no outside the booking form: they answer what the bot asked last, if it asked anything."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from rasa_sdk.events import FollowupAction

from actions.appointments import cancel
from actions.draft import FORM, NO, YES, clear
from actions.handoff import ask_person
from actions.moving import start_moving
from actions.standing import CANCEL, MOVE
from actions.turn import Event, Turn, WegwijsAction

PERSON_OFFERS = (
    "utter_dialogue/help",
    "utter_dialogue/second_miss",
    "utter_booking/no_days",
    "utter_standing/too_late_to_change",
)
BOOKING_OFFERS = ("utter_standing/cancelled",)


class Affirm(WegwijsAction):
    """Takes a yes."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_affirm"

    def act(self, turn: Turn) -> list[Event]:
        """Do what was asked; nothing was asked: ask what the question is."""
        asked = last_said(turn)
        said = (asked.get("metadata") or {}).get("utter_action")
        cancelling, sooner = asked_to_cancel(asked), offered_times(asked)
        if cancelling:
            cancel(turn, cancelling, YES)
        elif len(sooner) == 1:
            return start_moving(turn, *sooner[0])
        elif said in BOOKING_OFFERS:
            return [*clear(), FollowupAction(FORM)]
        elif said in PERSON_OFFERS:
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
        asked = last_said(turn)
        cancelling = asked_to_cancel(asked)
        if cancelling:
            cancel(turn, cancelling, NO)
        elif offered_times(asked):
            turn.say("booking/kept")
        else:
            turn.say("dialogue/deny")
        return []


def last_said(turn: Turn) -> Mapping[str, Any]:
    """Return the last thing that the bot said, as Rasa's event; empty if it said nothing yet."""
    return next((event for event in reversed(turn.tracker.events) if event.get("event") == "bot"), {})


def asked_to_cancel(event: Mapping[str, Any]) -> int | None:
    """Find the appointment of "do you really want to cancel ...?"; None if that was not asked."""
    asked = (int(values["appointment"]) for values in _carried(event, CANCEL) if values.get("confirm") == YES)
    return next(asked, None)


def offered_times(event: Mapping[str, Any]) -> list[tuple[int, str]]:
    """List the times to which an appointment was offered to move: its number and the time."""
    return [(int(values["appointment"]), values["time"]) for values in _carried(event, MOVE) if "time" in values]


def _carried(event: Mapping[str, Any], intent: str) -> Iterator[dict[str, str]]:
    """Give what the buttons of an intent carry."""
    for button in (event.get("data") or {}).get("buttons") or []:
        name, brace, values = str(button.get("payload")).removeprefix("/").partition("{")
        if name == intent and brace:
            yield json.loads(brace + values)
