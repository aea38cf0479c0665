"""Keeps within Telegram's limits on sending: 30 messages a second, 1 a second to a chat, 20 a minute to a group.

PTB's own AIORateLimiter knows no limit for private chats, and one RetryAfter halts all chats; here only its chat
waits.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

from aiolimiter import AsyncLimiter
from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

MESSAGES = ("sendMessage", "sendDocument", "sendVenue", "sendPhoto")
UNPACED = ("sendChatAction", "answerCallbackQuery")  # no messages: Telegram's limits do not name them
LONGEST_WAIT = 5.0  # seconds; what must wait longer is given back to the caller, who has other chats to serve
MAX_CHATS = 5000  # chats whose pace is remembered

type Result = bool | dict[str, Any] | list[dict[str, Any]]


class Pacing(BaseRateLimiter[None]):
    """Telegram's limits on sending."""

    def __init__(self) -> None:
        self._all = AsyncLimiter(3, 0.1)  # 30 a second, never more than a few at once
        self._chats: dict[int, AsyncLimiter] = {}
        self._groups: dict[int, AsyncLimiter] = {}
        self._paused_until: dict[int, float] = {}

    async def initialize(self) -> None:
        """Nothing is to be opened."""

    async def shutdown(self) -> None:
        """Nothing is to be closed."""

    async def process_request(  # noqa: PLR0917 - PTB's signature
        self,
        callback: Callable[..., Coroutine[Any, Any, Result]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: None,  # noqa: ARG002 - PTB's signature
    ) -> Result:
        """Wait until Telegram allows the request, then make it.

        Raises:
            RetryAfter: If Telegram wants this chat to wait longer than a few seconds.
        """
        chat_id = data.get("chat_id")
        if endpoint in UNPACED or not isinstance(chat_id, int):
            return await callback(*args, **kwargs)
        await self._wait(chat_id, endpoint)
        try:
            return await callback(*args, **kwargs)
        except RetryAfter as error:
            self._pause(chat_id, seconds_of(error))
            if seconds_of(error) > LONGEST_WAIT:
                raise
        await self._wait(chat_id, endpoint)
        return await callback(*args, **kwargs)

    async def _wait(self, chat_id: int, endpoint: str) -> None:
        while (pause := self._paused_until.get(chat_id, 0.0) - time.monotonic()) > 0:  # it can grow meanwhile
            if pause > LONGEST_WAIT:
                raise RetryAfter(int(pause) + 1)
            await asyncio.sleep(pause)
        self._paused_until.pop(chat_id, None)
        if chat_id < 0:
            await _limiter(self._groups, chat_id, 2, 6.0).acquire()  # 20 a minute, edits too
        if endpoint in MESSAGES:
            await _limiter(self._chats, chat_id, 3, 3.0).acquire()
        await self._all.acquire()

    def _pause(self, chat_id: int, seconds: float) -> None:
        self._paused_until[chat_id] = time.monotonic() + seconds


def seconds_of(error: RetryAfter) -> float:
    """Read how long to wait. PTB's own loop reads it in this way: the public name warns until a setting is made."""
    return error._retry_after.total_seconds()  # noqa: SLF001


def _limiter(known: dict[int, AsyncLimiter], chat_id: int, count: int, seconds: float) -> AsyncLimiter:
    if chat_id not in known:
        if len(known) >= MAX_CHATS:
            known.pop(next(iter(known)))
        known[chat_id] = AsyncLimiter(count, seconds)
    return known[chat_id]
