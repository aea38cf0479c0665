"""The webhook: a route of our own, so that Telegram hears 200 only once an update is stored."""

from __future__ import annotations

import hmac
import json
from http import HTTPStatus

import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Update

from bot.parts import Parts, report
from bot.receiving import say_later, store_update

log = structlog.get_logger()

MAX_BODY = 1024 * 1024  # bytes; an update is far smaller
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header


class Webhook:
    """Takes updates by HTTP."""

    def __init__(self, parts: Parts, secret: str) -> None:
        self._parts = parts
        self._secret = secret.encode()

    def app(self, path: str) -> Starlette:
        """Make the app with its one route."""
        return Starlette(routes=[Route(path, self._take, methods=["POST"])])

    async def _take(self, request: Request) -> Response:
        given = request.headers.get(SECRET_HEADER, "").encode()
        if not hmac.compare_digest(given, self._secret):
            return Response(status_code=HTTPStatus.FORBIDDEN)
        body = await _read(request)
        if body is None:
            return Response(status_code=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        try:
            given_update = json.loads(body)
        except ValueError:
            return Response(status_code=HTTPStatus.BAD_REQUEST)
        update = self._parse(given_update)
        return Response(status_code=await self._store(update) if update else HTTPStatus.OK)

    def _parse(self, given: object) -> Update | None:
        """Read an update. One that cannot be read is dropped: refused, Telegram would give it again for ever."""
        try:
            return Update.de_json(given, self._parts.bot)  # type: ignore[arg-type]
        except Exception as error:  # noqa: BLE001 - whatever it is
            report("update_unreadable", error)
            return None

    async def _store(self, update: Update) -> HTTPStatus:
        """Store an update. After 503 Telegram gives it again."""
        try:
            await store_update(self._parts, update)
        except Exception as error:  # noqa: BLE001 - it is logged
            report("update_not_stored", error)
            await say_later(self._parts, update)
            return HTTPStatus.SERVICE_UNAVAILABLE
        return HTTPStatus.OK


async def _read(request: Request) -> bytes | None:
    """Read a body; None if it is too large."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            return None
    return body
