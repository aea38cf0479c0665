"""The real server of the sandbox, in a thread, and bots of python-telegram-bot that talk to it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from starlette.types import ASGIApp
from telegram import Bot
from telegram.request import HTTPXRequest

from bot.sandbox.app import build_app, sample_telegram
from bot.sandbox.bell import Bell
from bot.sandbox.model import Telegram
from bot.sandbox.server import Server

TOKEN = "123456:a-token-for-tests"
# A server takes 0.2 s to stop, which no test needs to wait for: the last fixture does.
STOPPING: list[threading.Thread] = []


@dataclass
class ShiftedClock:
    ahead: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Running:
    url: str
    telegram: Telegram
    clock: ShiftedClock


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def served(app: ASGIApp, bell: Bell) -> Iterator[str]:
    port = free_port()
    server = Server(app, port, bell)
    started = threading.Event()
    original = server.startup

    async def startup(sockets: list[socket.socket] | None = None) -> None:
        await original(sockets)
        started.set()

    server.startup = startup  # type: ignore[method-assign]
    thread = threading.Thread(target=server.run)
    thread.start()
    assert started.wait(10)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop()
        STOPPING.append(thread)


@contextmanager
def running_sandbox() -> Iterator[Running]:
    clock, bell, telegram = ShiftedClock(), Bell(), sample_telegram(TOKEN)
    with served(build_app(telegram, TOKEN, clock.now, bell), bell) as url:
        yield Running(url, telegram, clock)


def make_bot(url: str, token: str = TOKEN) -> Bot:
    request = HTTPXRequest(httpx_kwargs={"trust_env": False}, read_timeout=2)
    polling = HTTPXRequest(httpx_kwargs={"trust_env": False}, read_timeout=2)
    return Bot(token, base_url=f"{url}/bot", request=request, get_updates_request=polling)
