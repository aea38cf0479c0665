"""The bot's parts against a running sandbox, with Rasa played by `StubRasa`."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import httpx
from sqlalchemy import create_engine
from sqlalchemy.orm import Session, sessionmaker
from telegram.ext import Updater

from bot.__main__ import make_bot
from bot.delivery import Delivery
from bot.incoming import HANDLED
from bot.parts import Parts, Words, today_in
from bot.rasa import Rasa
from bot.receiving import InboxQueue, PollingBot
from bot.worker import Worker
from service.clock import Clock
from service.emergencies import Emergencies
from service.language import Detector, read_examples, read_other_languages
from service.settings import ROOT, Settings
from service.texts import Texts
from service.trackers import Trackers
from tests.sandbox.serving import TOKEN

GROUP = -1001

type Answer = Callable[[dict[str, Any]], list[dict[str, Any]]]


def echo(message: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"recipient_id": message["sender"], "text": f"antwoord op {message['message']}"}]


@dataclass
class StubRasa:
    """Rasa as the bot sees it: a REST channel that remembers turns in a tracker."""

    answer: Answer = echo
    is_up: bool = True
    asked: list[dict[str, Any]] = field(default_factory=list)
    events: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def client(self) -> Rasa:
        return Rasa("http://rasa", httpx.MockTransport(self.handle))

    @property
    def texts(self) -> list[str]:
        return [message["message"] for message in self.asked]

    def handle(self, request: httpx.Request) -> httpx.Response:
        if not self.is_up:
            raise httpx.ConnectError("refused")
        body = json.loads(request.content or b"null")
        if request.url.path == "/webhooks/rest/webhook":
            return httpx.Response(200, json=self._turn(body))
        ref = request.url.path.split("/")[2]
        if request.method == "POST":
            self.events.setdefault(ref, []).extend(body)
        return httpx.Response(200, json={"events": self.events.get(ref, [])})

    def _turn(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        self.asked.append(body)
        events = self.events.setdefault(body["sender"], [])
        events.append({"event": "user", "text": body["message"], "metadata": body["metadata"]})
        said = self.answer(body)
        events += [{"event": "bot", "text": one.get("text"), "data": {"buttons": one.get("buttons")}} for one in said]
        return said


class StubTrackers(Trackers):
    """The conversations of `StubRasa`, which stand in no database."""

    def __init__(self, rasa: StubRasa) -> None:
        super().__init__("sqlite:////nowhere/trackers.db")
        self._rasa = rasa
        self.left: str | None = None  # the form that everybody left

    def left_form(self, chat_ref: str, before: datetime) -> str | None:
        return self.left

    def erase(self, chat_ref: str) -> int:
        return len(self._rasa.events.pop(chat_ref, []))

    def undo_turn(self, chat_ref: str, update_id: int) -> int:
        events = self._rasa.events[chat_ref]
        place = max(n for n, event in enumerate(events) if event["event"] == "user")
        assert events[place]["metadata"]["update_id"] == update_id
        undone, self._rasa.events[chat_ref] = events[place:], events[:place]
        return len(undone)


@dataclass
class Rig:
    """A bot that can be started and killed."""

    parts: Parts
    bot: PollingBot
    rasa: StubRasa
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    updater: Updater | None = None

    async def start(self) -> None:
        await self.receive()
        self.work()
        self.tasks.append(asyncio.create_task(Delivery(self.parts).run()))

    async def receive(self) -> None:
        self.updater = Updater(self.bot, InboxQueue(self.parts, self.bot))
        await self.updater.initialize()
        await self.updater.start_polling(timeout=5, allowed_updates=HANDLED, error_callback=lambda _: None)

    def work(self) -> None:
        self.tasks.append(asyncio.create_task(Worker(self.parts).run()))

    async def stop_working(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        self.tasks.clear()

    async def stop(self) -> None:
        if self.updater and self.updater.running:
            await self.updater.stop()
        await self.stop_working()


@contextlib.contextmanager
def database_down(rig: Rig) -> Iterator[None]:
    engine = rig.parts.sessions.kw["bind"]
    broken = create_engine("sqlite:////nowhere/at/all.db")
    rig.parts.sessions.configure(bind=broken)
    yield
    rig.parts.sessions.configure(bind=engine)
    broken.dispose()


@cache
def _detector() -> Detector:
    return Detector(read_examples([ROOT / "nlu", ROOT / "stories"]), read_other_languages())


@cache
def _texts() -> Texts:
    return Texts(ROOT / "stories")


@cache
def _emergencies() -> Emergencies:
    return Emergencies(ROOT / "stories")


@contextlib.asynccontextmanager
async def open_rig(
    url: str, sessions: sessionmaker[Session], *, ahead: timedelta = timedelta(0), **settings: Any
) -> AsyncIterator[Rig]:
    """Open the parts of a bot on a sandbox and a store; nothing runs yet."""
    made = Settings(
        telegram_token=TOKEN,
        secret="a-secret-for-tests",
        telegram_api=url,
        clock_offset=ahead,
        content=ROOT / "stories",
        **{"coach_chat": GROUP, **settings},
    )
    clock, rasa, bot = Clock(made.clock_offset), StubRasa(), make_bot(made)
    await bot.initialize()
    parts = Parts(
        settings=made,
        clock=clock,
        sessions=sessions,
        bot=bot,
        rasa=rasa.client(),
        words=Words(_texts(), today_in(clock)),
        detector=_detector(),
        emergencies=_emergencies(),
        trackers=StubTrackers(rasa),
    )
    rig = Rig(parts, bot, rasa)
    try:
        yield rig
    finally:
        await rig.stop()
        await parts.rasa.close()
        parts.trackers.close()
        await bot.shutdown()
