"""What an action sees of one turn, and the root of all actions.

An action never leaves a person without words by accident: what goes wrong is logged, and something kind is said.
Only when the store cannot be reached it says nothing on purpose: the bot takes an empty answer for "later", says so,
and asks again.
"""

from __future__ import annotations

import asyncio
import traceback
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import structlog
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from actions.parts import Parts, parts
from service.days import local_day
from service.errors import WegwijsError
from service.language import LANGUAGES
from service.markup import plain
from service.newcomers import find_newcomer
from service.text_files import HOME
from service.texts import TextButton
from store.models import Newcomer

log = structlog.get_logger()

Event = dict[str, Any]
Piece = dict[str, Any]  # {"text": name, "arguments": {...}}, as `service.wording` types it


class StoreUnavailable(Exception):  # noqa: N818 - said as it is
    """The store cannot be reached now. Carries nothing of the statement: it can hold names."""


class Stranger(WegwijsError):  # noqa: N818 - said as it is
    """Who writes is not in the store; the bot puts everybody there who writes to it."""


@dataclass(frozen=True)
class Turn:
    """One turn of a conversation: who, when, in which language, and what was said so far."""

    tracker: Tracker
    dispatcher: CollectingDispatcher
    session: Session
    parts: Parts
    now: datetime
    someone: Newcomer | None

    @property
    def newcomer(self) -> Newcomer:
        """Who writes.

        Raises:
            Stranger: If the store does not know who writes.
        """
        if self.someone is None:
            raise Stranger("newcomer: not in the store")
        return self.someone

    @property
    def language(self) -> str:
        """Code of the person's language."""
        return language_of(self.tracker.latest_message, self.someone)

    @property
    def today(self) -> date:
        """The day it is in Europe/Amsterdam."""
        return local_day(self.now)

    @property
    def text(self) -> str:
        """What was typed; empty for a button."""
        text = str(self.tracker.latest_message.get("text") or "")
        return "" if text.startswith("/") else text

    @property
    def intent(self) -> str:
        """Intent of the message."""
        return str((self.tracker.latest_message.get("intent") or {}).get("name") or "")

    @property
    def request_key(self) -> str | None:
        """Name of this turn: the same when the bot asks again after a crash. None without the bot."""
        update_id = (self.tracker.latest_message.get("metadata") or {}).get("update_id")
        return f"{self.tracker.sender_id}:{update_id}" if update_id is not None else None

    def entity(self, name: str) -> str | None:
        """Return what a button carries; None for typed text and when it carries nothing of this name."""
        if self.text:
            return None
        values = [e.get("value") for e in self.tracker.latest_message.get("entities") or [] if e.get("entity") == name]
        return str(values[-1]) if values and isinstance(values[-1], str | int) else None

    def label(self, name: str, arguments: Mapping[str, object] | None = None) -> str:
        """Return a text as plain words, for a button."""
        found = self.parts.texts.find(name, self.language, arguments, today=self.today)
        return plain(found.html)

    def say(self, *pieces: Piece | str, buttons: Sequence[TextButton] = ()) -> None:
        """Say texts by name, as one message, in the person's language, with buttons under it."""
        wrapped = [piece if isinstance(piece, dict) else named(piece) for piece in pieces]
        self.dispatcher.utter_message(
            response=f"utter_{wrapped[-1]['text']}",
            pieces=wrapped,
            choices=[{"title": button.label, "payload": button.payload} for button in buttons],
        )

    def has_spoken(self) -> bool:
        """Tell whether the bot has said something since the person's message."""
        for event in reversed(self.tracker.events):
            if event.get("event") == "user":
                return bool(self.dispatcher.messages)
            if event.get("event") == "bot":
                return True
        return bool(self.dispatcher.messages)


def named(text: str, /, **arguments: object) -> Piece:
    """Name a text with its arguments."""
    return {"text": text, "arguments": arguments}


def language_of(message: Mapping[str, Any], newcomer: Newcomer | None) -> str:
    """Choose the language of a turn: what the bot says it is, else the newcomer's own, else Dutch."""
    told = (message.get("metadata") or {}).get("language")
    if told in LANGUAGES:
        return str(told)
    return newcomer.language if newcomer and newcomer.language in LANGUAGES else HOME


def is_outage(error: Exception) -> bool:
    """Tell whether an error means that the store cannot be reached now."""
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    return lost or isinstance(error, OperationalError | InterfaceError | PoolTimeout)


class WegwijsAction(Action, ABC):  # type: ignore[misc]  # rasa-sdk is untyped
    """Root of all actions: one run is one transaction, in a thread, so that the texts of other chats do not wait."""

    @abstractmethod
    def name(self) -> str:
        """Name of the action in domain.yml."""

    @abstractmethod
    def act(self, turn: Turn) -> list[Event]:
        """Do what the action is for, and return Rasa's events."""

    def after_failure(self) -> list[Event]:
        """Return the events that keep the conversation going after something went wrong."""
        return []

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[Event]:  # noqa: ARG002 - rasa-sdk's signature
        """Run the action; say something kind if it fails.

        Raises:
            StoreUnavailable: If the store cannot be reached; then nothing is said.
        """
        try:
            return await asyncio.to_thread(self._run, dispatcher, tracker)
        except Exception as error:  # noqa: BLE001 - whatever it is, the person must hear something
            dispatcher.messages.clear()
            self._log(error, tracker)
            if is_outage(error):
                raise StoreUnavailable("the store cannot be reached") from None
            dispatcher.utter_message(response="utter_dialogue/sorry")
            return self.after_failure()

    def _run(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[Event]:
        here = parts()
        with here.sessions.begin() as session:
            someone = find_newcomer(session, tracker.sender_id)
            return self.act(Turn(tracker, dispatcher, session, here, here.clock.now(), someone))

    def _log(self, error: Exception, tracker: Tracker) -> None:
        """Log what and where, never the message of the error: it can repeat what a person typed."""
        frames = traceback.extract_tb(error.__traceback__)
        where = next((f for f in reversed(frames) if "site-packages" not in f.filename), frames[-1])
        log.error(
            "action_failed",
            action=self.name(),
            chat=tracker.sender_id,
            error=type(error).__name__,
            where=f"{where.filename}:{where.lineno}",
            outage=is_outage(error),
        )
