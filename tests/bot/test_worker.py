from __future__ import annotations

import asyncio

from bot.worker import Worker
from service import inbox
from tests.bot.rig import Rig

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
