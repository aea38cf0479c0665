from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot import worker as worker_module
from bot.answering import Answering
from bot.worker import Worker
from service import inbox
from store.messages import InboxUpdate
from tests.bot.rig import Rig, database_down

CHAT = 1000


class SlowToLeave:
    """Answers as the bot does when nothing is left to answer: the first claim is given up and takes long to end."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._calls = 0
        self.left, self.end_first, self.end_second = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def answer_next(self, chat_id: int, holder: str) -> bool:
        self._calls += 1
        if self._calls > 1:
            await self.end_second.wait()
            return False
        await self._rig.parts.in_store(lambda session, _now: inbox.release_chat(session, chat_id, holder))
        self.left.set()
        await self.end_first.wait()
        return False


async def test_a_chat_that_is_given_back_late_stays_with_who_took_it_since(rig: Rig) -> None:
    await rig.parts.in_store(lambda session, now: inbox.receive(session, 1, CHAT, {}, now))
    worker = Worker(rig.parts)
    worker._answering = slow = SlowToLeave(rig)  # type: ignore[assignment]
    assert await worker._start_one()
    (first,) = worker._tasks
    await slow.left.wait()
    assert await worker._start_one()

    slow.end_first.set()
    await first

    assert not await worker._start_one()
    slow.end_second.set()
    await asyncio.gather(*worker._tasks)


async def test_who_was_overtaken_does_not_begin_an_update(rig: Rig) -> None:
    await rig.parts.in_store(lambda session, now: inbox.receive(session, 1, CHAT, {"kind": "text", "text": "a"}, now))
    await rig.parts.in_store(
        lambda session, now: inbox.claim_chat(session, "mine", now - timedelta(seconds=20), timedelta(seconds=15))
    )
    await rig.parts.in_store(lambda session, now: inbox.claim_chat(session, "theirs", now, timedelta(seconds=15)))

    assert not await Answering(rig.parts).answer_next(CHAT, "mine")

    assert not rig.rasa.asked
    with rig.parts.sessions() as session:
        assert session.get_one(InboxUpdate, 1).attempts == 0


class NeverDone:
    """Answers a chat for ever."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()

    async def answer_next(self, chat_id: int, holder: str) -> bool:
        self.begun.set()
        await asyncio.Event().wait()
        return False


async def test_the_worker_stops_while_the_database_is_down(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "STOP_SECONDS", 0.1)
    await rig.parts.in_store(lambda session, now: inbox.receive(session, 1, CHAT, {}, now))
    worker = Worker(rig.parts)
    worker._answering = answering = NeverDone()  # type: ignore[assignment]
    running = asyncio.create_task(worker.run())
    await answering.begun.wait()

    with database_down(rig):
        running.cancel()
        await asyncio.wait([running], timeout=5)

        assert running.done()
