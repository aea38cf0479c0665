"""A person instead of the bot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from actions.turn import Event, Turn, WegwijsAction, named
from service.handoffs import request_person
from service.texts import TextButton


class RequestPerson(WegwijsAction):
    """Asks a coach to talk to this person."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_request_person"

    def act(self, turn: Turn) -> list[Event]:
        """Ask, and say what happens next."""
        ask_person(turn)
        return []


class OfferHelp(WegwijsAction):
    """Says what can be asked, and offers a person, to somebody who is stuck."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_offer_help"

    def act(self, turn: Turn) -> list[Event]:
        """Offer; the coaches are not called before the person says so."""
        book = TextButton(turn.label("flow/coach_afspraak"), "/coach_afspraak")
        turn.say("dialogue/help", buttons=[person_button(turn), book])
        return []


def person_button(turn: Turn) -> TextButton:
    """Make the button that asks for a person."""
    return TextButton(turn.label("flow/coach_mens"), "/coach_mens")


def ask_person(turn: Turn) -> None:
    """Ask the coaches for a person and say what happens next; a second time, say that it waits already."""
    topic = last_topic(turn.tracker.events)
    hand_off = request_person(turn.session, turn.newcomer, topic, turn.request_key, turn.now)
    if hand_off.claim is not None:
        turn.say(named("handoff/claimed_already", coach=hand_off.claim.coach.name))
    elif hand_off.opened_at == turn.now or (turn.request_key and hand_off.request_key == turn.request_key):
        turn.say("handoff/requested")
    else:
        turn.say("handoff/waiting")


def last_topic(events: Sequence[Mapping[str, Any]]) -> str | None:
    """Find the topic that was asked about last, as taxonomy id; None if there was none."""
    for event in reversed(events):
        if event.get("event") == "user":
            topic = topic_of(event.get("parse_data") or {})
            if topic:
                return topic
    return None


def topic_of(message: Mapping[str, Any]) -> str | None:
    """Find the topic that a message asks about, by button or words; None if it asks about none."""
    for entity in message.get("entities") or []:
        if entity.get("entity") == "topic":
            return str(entity.get("value"))
    intent = str((message.get("intent") or {}).get("name") or "")
    selected = (message.get("response_selector") or {}).get(intent)
    if selected:
        return str(selected["response"]["intent_response_key"])
    return intent.replace("_", "/", 1) if intent.startswith("welkomhuis_") else None
