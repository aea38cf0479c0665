"""Shares the chats in the inbox out: claims those that wait, holds them by a lease, several at once."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from typing import Any

import structlog

from bot.answering import Answering
from bot.parts import Parts, is_outage, report
from bot.turn import LEASE
from service import inbox
from service.inbox import LeaseLost

log = structlog.get_logger()

MAX_CHATS = 16  # answered at once by one process
HEARTBEAT_SECONDS = 5.0
LOOK_SECONDS = 1.0  # between looks at the inbox, when nothing wakes the worker
RETRY_SECONDS = 0.5  # between tries to give a chat back while the database fails
STOP_SECONDS = 10.0  # for what is being answered when the worker is stopped


class Worker:
    """Answers chats, each in its own order."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._answering = Answering(parts)
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_stopping = False

    async def run(self) -> None:
        """Work until cancelled; then finish the updates that are being answered."""
        try:
            while True:
                self._parts.arrived.clear()
                while len(self._tasks) < MAX_CHATS and await self._start_one():
                    pass
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._parts.arrived.wait(), LOOK_SECONDS)
        finally:
            await self._stop()

    async def _stop(self) -> None:
        self._is_stopping = True
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=STOP_SECONDS)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _start_one(self) -> bool:
        # Each claim has a name of its own: who gives a chat back late must not give away the claim that followed.
        holder = f"worker-{secrets.token_hex(8)}"
        try:
            chat_id = await self._parts.in_store(lambda session, now: inbox.claim_chat(session, holder, now, LEASE))
        except Exception as error:  # noqa: BLE001 - it is logged
            report("claim_failed", error)
            return False
        if chat_id is None:
            return False
        task = asyncio.create_task(self._answer_chat(chat_id, holder))
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return True

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            report("chat_failed", error)  # it is looked at again a little later
        else:
            self._parts.arrived.set()  # something may have come for the chat while it was given back

    async def _answer_chat(self, chat_id: int, holder: str) -> None:
        """Answer all that waits in a chat, holding it by a lease."""
        heartbeat = asyncio.create_task(self._hold(chat_id, holder, asyncio.current_task()))
        try:
            while await self._answering.answer_next(chat_id, holder) and not self._is_stopping:
                pass
        finally:
            heartbeat.cancel()
            await self._give_back(chat_id, holder)

    async def _hold(self, chat_id: int, holder: str, work: asyncio.Task[Any] | None) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            try:
                await self._parts.in_store(lambda session, now: inbox.renew_lease(session, chat_id, holder, now, LEASE))
            except LeaseLost:
                log.warning("lease_lost", chat=self._parts.ref(chat_id))
                if work:
                    work.cancel()
                return
            except Exception as error:  # noqa: BLE001 - it is logged
                report("lease_not_renewed", error)

    async def _give_back(self, chat_id: int, holder: str) -> None:
        """Give a chat back, however long the database fails; when stopping, its lease runs out by itself."""
        while True:
            try:
                await self._parts.in_store(lambda session, _now: inbox.release_chat(session, chat_id, holder))
            except Exception as error:  # noqa: BLE001 - it is logged
                report("chat_not_given_back", error)
                if self._is_stopping or not is_outage(error):
                    return
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return
