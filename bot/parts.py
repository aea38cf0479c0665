"""What the parts of the bot share: opened once at start, handed down."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import structlog
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError, StatementError
from sqlalchemy.orm import Session, sessionmaker
from telegram.ext import ExtBot

from bot.rasa import Rasa
from bot.replies import Message, plain_text, read_button
from service.clock import AMSTERDAM, Clock
from service.emergencies import Emergencies
from service.language import DEFAULT_LANGUAGE, FOREIGN_LANGUAGE, LANGUAGES, Detector, Told, choose
from service.newcomers import chat_ref
from service.settings import Settings
from service.texts import Text, Texts
from service.trackers import Trackers

log = structlog.get_logger()


class Words:
    """Words for people, in the language of the one who reads them."""

    def __init__(self, texts: Texts, today: Callable[[], date]) -> None:
        self._texts = texts
        self._today = today

    def find(self, name: str, language: str, arguments: Mapping[str, object] | None = None) -> Text:
        """Find a text, see `service.texts.Texts.find`."""
        return self._texts.find(name, language, arguments, today=self._today())

    def html(self, name: str, language: str, arguments: Mapping[str, object] | None = None) -> str:
        """Find the HTML of a text."""
        return self.find(name, language, arguments).html

    def label(self, name: str, language: str, arguments: Mapping[str, object] | None = None) -> str:
        """Find a text without markup, for a button or an alert."""
        return plain_text(self.html(name, language, arguments)).strip()

    def title(self, topic: str, language: str) -> str:
        """Find the title of a topic, for a button."""
        return self._texts.title(topic, language)

    def message(self, name: str, language: str, arguments: Mapping[str, object] | None = None) -> Message:
        """Find a text and make a message of it, with the text's own buttons."""
        text = self.find(name, language, arguments)
        return Message(text.html.strip(), tuple(read_button(b.label, b.payload) for b in text.buttons))


class Outage:
    """Kind words while the database fails: once a chat, once an outage. Only memory can remember whom, then."""

    def __init__(self) -> None:
        self._told: set[int] = set()
        self.is_on = False

    def begin(self, error: Exception) -> None:
        """Note that the database fails."""
        if not self.is_on:
            log.error("database_fails", error=type(error).__name__)
        self.is_on = True

    def end(self) -> None:
        """Note that the database answers."""
        if self.is_on:
            log.info("database_answers")
        self.is_on = False
        self._told.clear()

    def is_first(self, chat_id: int) -> bool:
        """Tell whether a chat has not heard of this outage yet; from now on it has."""
        if chat_id in self._told:
            return False
        self._told.add(chat_id)
        return True


def report(event: str, error: BaseException, **fields: object) -> None:
    """Log an error of ours: which and where, without its message, that can repeat what a person typed.

    A database that fails is no error of ours; it is logged where it is asked, see `Parts`.
    """
    if isinstance(error, Exception) and is_outage(error):
        return
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    where = " > ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)
    log.error(event, error=type(error).__name__, where=where, **fields)


def is_outage(error: Exception) -> bool:
    """Tell a database that fails from an error of ours, which does not go away by waiting."""
    if isinstance(error, SQLAlchemyError):
        return not isinstance(error, IntegrityError | DataError) and type(error) is not StatementError
    return isinstance(error, OSError)


@dataclass(repr=False)  # the bot shows its token
class Parts:
    """The shared parts. `arrived` wakes the workers, `noted` the delivery of notifications."""

    settings: Settings
    clock: Clock
    sessions: sessionmaker[Session]
    bot: ExtBot[None]
    rasa: Rasa
    words: Words
    detector: Detector
    emergencies: Emergencies
    trackers: Trackers
    outage: Outage = field(default_factory=Outage)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    noted: asyncio.Event = field(default_factory=asyncio.Event)

    def ref(self, chat_id: int) -> str:
        """Return the keyed hash of a chat, all that Rasa and the logs see."""
        return chat_ref(self.settings.secret, chat_id)

    def choose_language(
        self, told: Told, app_language: str | None, *, current: str | None = None, chosen: bool = False
    ) -> str:
        """Choose the language to answer in.

        Args:
            told: What is known of the language of the message.
            app_language: The language of the person's Telegram, to begin with if the text does not tell.
            current: The language of the conversation so far.
            chosen: Whether the person chose *current*.
        """
        app = (app_language or "").split("-", maxsplit=1)[0]
        if app not in LANGUAGES:
            app = FOREIGN_LANGUAGE if told.language is None and told.is_sentence else DEFAULT_LANGUAGE
        return choose(told, current=current, chosen=chosen, otherwise=app)

    async def in_trackers[T](self, act: Callable[[Trackers], T]) -> T:
        """Read or change what Rasa keeps, in a thread.

        Raises:
            SQLAlchemyError, OSError: If Rasa's database fails.
        """
        try:
            return await asyncio.to_thread(act, self.trackers)
        except Exception as error:
            if is_outage(error):
                log.error("conversations_fail", error=type(error).__name__)  # noqa: TRY400 - a trace may hold words
            raise

    async def in_store[T](self, act: Callable[[Session, datetime], T]) -> T:
        """Run *act* in one transaction, in a thread, with the moment it is.

        Raises:
            SQLAlchemyError, OSError: If the database fails.
        """
        try:
            done = await asyncio.to_thread(self._transact, act)
        except Exception as error:
            if is_outage(error):
                self.outage.begin(error)
            raise
        self.outage.end()
        return done

    def _transact[T](self, act: Callable[[Session, datetime], T]) -> T:
        with self.sessions.begin() as session:
            return act(session, self.clock.now())


def today_in(clock: Clock) -> Callable[[], date]:
    """Make a function that tells the day it is in Europe/Amsterdam."""
    return lambda: clock.now().astimezone(AMSTERDAM).date()
