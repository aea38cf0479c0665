"""Topics: pressed ones, likely ones when the bot is not sure, and a person when it keeps missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rasa_sdk.events import FollowupAction

from actions.courses import tell_courses
from actions.handoff import person_button
from actions.languages import offer_languages
from actions.places import tell_opening_times, tell_where
from actions.turn import Event, Turn, WegwijsAction
from service.texts import TextButton, TextMissing

TOLD_BY_ACTION = {
    "welkomhuis/openingstijden": tell_opening_times,
    "welkomhuis/waar": tell_where,
    "welkomhuis/cursussen": tell_courses,
    "bot/taal": offer_languages,
}
FLOWS = (
    "coach_afspraak",
    "coach_mens",
    "appointment_show",
    "appointment_cancel",
    "appointment_move",
    "appointment_sooner",
)
MOST_OFFERED = 3
MISSES_BEFORE_PERSON = 2
FALLBACK = "nlu_fallback"
OUT_OF_SCOPE = "out_of_scope"
NONE_OF_THESE = "none_of_these"


class AnswerTopic(WegwijsAction):
    """Says the topic of a button."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_answer_topic"

    def act(self, turn: Turn) -> list[Event]:
        """Say what the plain question would get."""
        tell_topic(turn, turn.entity("topic") or "")
        return []


class OfferTopics(WegwijsAction):
    """Not sure: offers what is likely. Nothing likely, or not ours: says so once, and then offers a person."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_offer_topics"

    def act(self, turn: Turn) -> list[Event]:
        """Offer topics or a person."""
        likely = likely_topics(turn)
        if misses_in_a_row(turn.tracker.events) >= MISSES_BEFORE_PERSON:
            person = person_button(turn)
            others = [button for button in likely if button.payload != person.payload]
            turn.say("dialogue/second_miss", buttons=[*others, person])
        elif likely:
            nothing = TextButton(turn.label("dialogue/none_of_these"), f"/{NONE_OF_THESE}")
            asked = "dialogue/did_you_mean" if len(likely) > 1 else "dialogue/did_you_mean_this"
            turn.say(asked, buttons=[*likely, nothing])
        else:
            turn.say("dialogue/out_of_scope" if turn.intent == OUT_OF_SCOPE else "dialogue/other_words")
        return []


class NoneOfThese(WegwijsAction):
    """None of the offered topics was meant."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_none_of_these"

    def act(self, turn: Turn) -> list[Event]:
        """Ask for other words, and after a second miss offer a person."""
        if misses_in_a_row(turn.tracker.events) >= MISSES_BEFORE_PERSON:
            turn.say("dialogue/second_miss", buttons=[person_button(turn)])
        else:
            turn.say("dialogue/other_words")
        return []


class DefaultFallback(WegwijsAction):
    """What Rasa runs when no rule knows the next step. Ends the turn itself: else Rasa would run it ten times."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_default_fallback"

    def act(self, turn: Turn) -> list[Event]:
        """Say something kind, and go back to a form that waits."""
        turn.say("dialogue/fallback")
        form = (turn.tracker.active_loop or {}).get("name")
        return [FollowupAction(form or "action_listen")]

    def after_failure(self) -> list[Event]:
        """End the turn."""
        return [FollowupAction("action_listen")]


def tell_topic(turn: Turn, topic: str) -> None:
    """Say a topic by id, as the plain question would be answered."""
    if topic in TOLD_BY_ACTION:
        TOLD_BY_ACTION[topic](turn)
    elif topic in turn.parts.texts.topics():
        turn.say(topic)
    else:
        turn.say("dialogue/topic_gone")


def likely_topics(turn: Turn) -> list[TextButton]:
    """Make buttons of the topics that the classifier finds likely, likeliest first, at most three."""
    ranking: Iterable[Mapping[str, Any]] = turn.tracker.latest_message.get("topic_ranking") or []
    buttons = [topic_button(turn, str(entry["name"])) for entry in ranking]
    return [button for button in buttons if button is not None][:MOST_OFFERED]


def topic_button(turn: Turn, name: str) -> TextButton | None:
    """Make the button of a topic or flow, named by id ("wet/termijn") or plain intent; None for small talk."""
    topic = name if "/" in name else name.replace("_", "/", 1)
    try:
        if topic in turn.parts.texts.topics():
            return TextButton(turn.parts.texts.title(topic, turn.language), f'/topic{{"topic": "{topic}"}}')
        if name in FLOWS:
            return TextButton(turn.parts.texts.title(name, turn.language), f"/{name}")
    except TextMissing:  # its file went away just now
        return None
    return None


def misses_in_a_row(events: Sequence[Mapping[str, Any]]) -> int:
    """Count the questions that were not understood or not ours, up to and with the last one.

    "None of these" belongs to the question that the offer answered: it neither counts nor breaks the row. What the
    booking form took, a name or a wrong date, was no question.
    """
    misses = 0
    for event in reversed(events):
        if event.get("event") == "slot" and event.get("name") == "form_problem":
            break
        if event.get("event") != "user":
            continue
        intent = ((event.get("parse_data") or {}).get("intent") or {}).get("name")
        if intent not in (FALLBACK, OUT_OF_SCOPE, NONE_OF_THESE):
            break
        misses += intent != NONE_OF_THESE
    return misses
