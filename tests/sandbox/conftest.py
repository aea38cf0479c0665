from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from telegram import Bot

from bot.sandbox.client import Sandbox
from tests.sandbox.serving import STOPPING, Running, make_bot, running_sandbox


@pytest.fixture(scope="session")
def servers_stop() -> Iterator[None]:
    yield
    for thread in STOPPING:
        thread.join(10)
        assert not thread.is_alive()


@pytest.fixture
def running(servers_stop: None) -> Iterator[Running]:
    with running_sandbox() as started:
        yield started


@pytest.fixture
async def sandbox(running: Running) -> AsyncIterator[Sandbox]:
    async with Sandbox(running.url) as client:
        yield client


@pytest.fixture
async def bot(running: Running) -> AsyncIterator[Bot]:
    async with make_bot(running.url) as started:
        yield started
