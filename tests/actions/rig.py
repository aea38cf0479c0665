"""A chat with the actions alone: trackers as Rasa sends them, and what the person would read."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.nlg import answer
from actions.parts import Parts
from actions.turn import Event, WegwijsAction
from service.clock import Clock
from tests.factories import NOW

PAYLOAD = re.compile(r"/(\w+)(\{.*\})?")
FORM = "appointment_form"


class FixedClock(Clock):
    """A clock that stands still."""

    def now(self) -> datetime:
        return NOW


@dataclass
class Heard:
    """What came of one action."""

    names: list[list[str]]  # of the texts, a list for each message
    texts: list[str]  # in the person's language
    buttons: list[tuple[str, str]]  # label and payload
    events: list[Event]

    @property
    def name(self) -> str:
        """The last text's name."""
        return self.names[-1][-1]

    @property
    def text(self) -> str:
        return "\n\n".join(self.texts)

    @property
    def slots(self) -> dict[str, Any]:
        return {event["name"]: event["value"] for event in self.events if event["event"] == "slot"}

    @property
    def payloads(self) -> list[str]:
        return [payload for _, payload in self.buttons]


@dataclass
class Chat:
    """The conversation of one person."""

    parts: Parts
    ref: str
    language: str = "nl"
    slots: dict[str, Any] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    form: str | None = None
    numbers: Any = field(default_factory=lambda: count(1))

    def send(self, text: str, intent: str = "nlu_fallback", **extra: Any) -> None:
        """Write a message, or press a button when it starts with a slash."""
        entities = []
        match = PAYLOAD.fullmatch(text)
        if match:
            intent = match[1]
            entities = [{"entity": name, "value": value} for name, value in json.loads(match[2] or "{}").items()]
        metadata = {"language": self.language, "update_id": next(self.numbers)}
        parsed = {"intent": {"name": intent}, "entities": entities, "text": text, "metadata": metadata, **extra}
        self.events.append({"event": "user", "text": text, "parse_data": parsed, "metadata": metadata})

    def tracker(self) -> Tracker:
        last = next((event["parse_data"] for event in reversed(self.events) if event["event"] == "user"), {})
        loop = {"name": self.form} if self.form else {}
        return Tracker(
            sender_id=self.ref,
            slots=dict(self.slots),
            latest_message=last,
            events=list(self.events),
            paused=False,
            followup_action=None,
            active_loop=loop,
            latest_action_name="action_listen",
        )

    def run(self, action: WegwijsAction) -> Heard:
        """Run an action on the last message, and remember what it says and sets."""
        dispatcher = CollectingDispatcher()
        tracker = self.tracker()
        events = asyncio.run(action.run(dispatcher, tracker, {}))
        heard = Heard([], [], [], events)
        for message in dispatcher.messages:
            self._say(heard, message, tracker)
        self.slots.update(heard.slots)
        return heard

    def ask(self, action: WegwijsAction, text: str, intent: str = "nlu_fallback", **extra: Any) -> Heard:
        self.send(text, intent, **extra)
        return self.run(action)

    def _say(self, heard: Heard, message: dict[str, Any], tracker: Tracker) -> None:
        said = answer({"response": message["response"], "arguments": message, "tracker": tracker.current_state()})
        buttons = said["buttons"]
        pieces = message.get("pieces") or [{"text": message["response"].removeprefix("utter_")}]
        heard.names.append([piece["text"] for piece in pieces])
        heard.texts.append(said["text"])
        heard.buttons.extend((button["title"], button["payload"]) for button in buttons)
        metadata = {"utter_action": message["response"]}
        self.events.append({"event": "bot", "text": said["text"], "data": {"buttons": buttons}, "metadata": metadata})
