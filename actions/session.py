"""The start of a session: what was being booked when the last one ended is forgotten, and that is said.

Rasa runs this before it hears the first message after an hour of silence, with the conversation as it was.
"""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import ActionExecuted, SessionStarted
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.draft import ASKED, Draft, is_booking
from actions.turn import Event, StoreUnavailable, Turn, WegwijsAction


class SessionStart(WegwijsAction):
    """Starts a session, with empty slots."""

    def name(self) -> str:
        """Name of the action of Rasa's own that this one replaces."""
        return "action_session_start"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[Event]:
        """Start a session, whatever goes wrong: without these events Rasa would understand nothing more."""
        try:
            await super().run(dispatcher, tracker, domain)
        except StoreUnavailable:
            dispatcher.messages.clear()
        return [SessionStarted(), ActionExecuted("action_listen")]

    def act(self, turn: Turn) -> list[Event]:
        """Say that a booking was forgotten, if anything of it was answered."""
        draft = Draft.of(turn.tracker)
        if is_booking(turn.tracker) and draft.moving:
            turn.say("standing/move_forgotten")
        elif is_booking(turn.tracker) and any(turn.tracker.slots.get(name) for name in ASKED):
            turn.say("booking/forgotten")
        return []
