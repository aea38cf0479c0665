from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from telegram.error import RetryAfter

from bot.pacing import Pacing

pytestmark = pytest.mark.filterwarnings("ignore:Deprecated since version v22.2")


class Calls:
    """Stands for the requests that would be made; notes when."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.at: list[float] = []
        self._start = time.monotonic()

    async def __call__(self) -> bool:
        self.at.append(time.monotonic() - self._start)
        if self.errors:
            raise self.errors.pop(0)
        return True


async def _send(pacing: Pacing, calls: Calls, chat_id: Any, endpoint: str = "sendMessage") -> None:
    await pacing.process_request(calls, (), {}, endpoint, {"chat_id": chat_id}, None)


async def test_a_chat_gets_three_at_once_and_then_one_a_second() -> None:
    pacing, calls = Pacing(), Calls()
    await asyncio.gather(*(_send(pacing, calls, 1) for _ in range(4)))
    assert calls.at[2] < 0.5
    assert 0.8 < calls.at[3] < 1.6


async def test_in_all_there_are_thirty_a_second() -> None:
    pacing, calls = Pacing(), Calls()
    await asyncio.gather(*(_send(pacing, calls, chat_id) for chat_id in range(1, 46)))
    assert 1.2 < calls.at[-1] < 2.5
    assert sum(at < 1.0 for at in calls.at) <= 33


async def test_a_group_gets_twenty_a_minute_edits_included() -> None:
    pacing, calls = Pacing(), Calls()
    for endpoint in ("sendMessage", "editMessageText"):
        await _send(pacing, calls, -1, endpoint)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(_send(pacing, calls, -1), 1)
    assert len(calls.at) == 2


async def test_typing_and_answers_to_presses_do_not_wait() -> None:
    pacing, calls = Pacing(), Calls()
    for _ in range(50):
        await _send(pacing, calls, 1, "sendChatAction")
        await _send(pacing, calls, None, "answerCallbackQuery")
    assert calls.at[-1] < 0.5


async def test_a_short_wait_that_telegram_asks_for_is_kept_by_its_chat_alone() -> None:
    pacing, told, others = Pacing(), Calls(RetryAfter(1)), Calls()
    waiting = asyncio.create_task(_send(pacing, told, 1))
    await asyncio.sleep(0.05)
    await _send(pacing, others, 2)
    await waiting
    assert others.at[0] < 0.5
    assert told.at[1] >= 1.0


async def test_a_long_wait_is_given_back_and_kept() -> None:
    pacing, calls = Pacing(), Calls(RetryAfter(30))
    for _ in range(2):
        with pytest.raises(RetryAfter):
            await _send(pacing, calls, 1)
    assert len(calls.at) == 1


async def test_a_pause_that_grows_while_another_message_waits_for_it_is_kept() -> None:
    pacing, calls = Pacing(), Calls()
    pacing._pause(1, 0.05)
    waiting = asyncio.create_task(_send(pacing, calls, 1))
    await asyncio.sleep(0)
    pacing._pause(1, 100)
    with pytest.raises(RetryAfter):
        await waiting
    assert not calls.at
