"""Puts the sandbox together as an ASGI app."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.sandbox.bell import Bell
from bot.sandbox.bot_api import BotApi
from bot.sandbox.control import Control
from bot.sandbox.errors import ApiError, ControlError
from bot.sandbox.journal import Event
from bot.sandbox.model import Telegram
from bot.sandbox.people import FIRST_COACH, FIRST_NEWCOMER

PAGE = Path(__file__).parent / "page"
# Names other than these would let a page elsewhere reach this server by a name that points here.
HOSTS = ["127.0.0.1", "localhost"]
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class SafeHeaders:
    """Gives every response the headers that keep the page to itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add the headers to the answer."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def sample_telegram(token: str, first_id: int = 1) -> Telegram:
    """Return a Telegram with one newcomer (1000), and a group (-1001) of two sample coaches (2000 and 2001)."""
    telegram = Telegram(token, first_id)
    telegram.group()
    telegram.add_person(FIRST_NEWCOMER, f"Nieuwkomer {FIRST_NEWCOMER}", "nl")
    telegram.add_coach(FIRST_COACH, "Voorbeeldcoach A")
    telegram.add_coach(FIRST_COACH + 1, "Voorbeeldcoach B")
    return telegram


def build_app(telegram: Telegram, token: str, now: Callable[[], datetime], bell: Bell) -> Starlette:
    """Build the app.

    Args:
        telegram: The state.
        token: What the bot must give.
        now: Tells the time, aware.
        bell: Wakes who waits; close it to end all waits when the server stops.
    """
    api = BotApi(telegram, token, now, bell)
    telegram.updates.listener = lambda: bell.ring("updates")

    def tell(event: Event) -> None:
        bell.ring(("events", None))
        bell.ring(("events", event.chat_id))

    telegram.journal.listener = tell

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        delivery = asyncio.create_task(api.webhook.deliver(time.time))
        yield
        delivery.cancel()
        with suppress(asyncio.CancelledError):
            await delivery

    return Starlette(
        routes=[
            Route("/healthz", _healthz),
            Route("/bot{token}/{method}", api.answer, methods=["GET", "POST"]),
            *Control(telegram, api, now, bell).routes(),
            Mount("/", StaticFiles(directory=PAGE, html=True)),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS), Middleware(SafeHeaders)],
        exception_handlers={ControlError: _control_error, ApiError: _api_error},
        lifespan=lifespan,
    )


async def _healthz(_: Request) -> Response:
    return PlainTextResponse("ok")


async def _control_error(_: Request, error: Exception) -> Response:
    code = error.code if isinstance(error, ControlError) else 500
    return JSONResponse({"error": str(error)}, code)


async def _api_error(_: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, 409)
