"""The Bot API over HTTP: reads a call as python-telegram-bot sends it, and answers as Telegram does."""

from __future__ import annotations

import json
import secrets
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.sandbox.bell import Bell
from bot.sandbox.call import Call, Upload
from bot.sandbox.errors import ApiError, bad_request
from bot.sandbox.faults import Fault
from bot.sandbox.methods import METHODS
from bot.sandbox.model import Telegram
from bot.sandbox.polling import WEBHOOK_ACTIVE, Polling
from bot.sandbox.webhook import Webhook


class BotApi:
    """Answers `/bot<token>/<method>`.

    Attributes:
        counts: Calls by method, as it was written, and by status.
    """

    def __init__(self, telegram: Telegram, token: str, now: Callable[[], datetime], bell: Bell) -> None:
        self.polling = Polling(telegram.updates, bell)
        self.webhook = Webhook(telegram.updates, bell, self.polling)
        self.counts: defaultdict[str, Counter[int]] = defaultdict(Counter)
        self._telegram = telegram
        self._token = token
        self._now = now
        self._bell = bell

    async def answer(self, request: Request) -> Response:
        """Answer one call."""
        name = request.path_params["method"]
        try:
            self._authorise(request.path_params["token"])
            result = await self._with_faults(await self._read(request, name))
        except ApiError as error:
            self.counts[name][error.code] += 1
            headers = {"Retry-After": str(error.parameters["retry_after"])} if "retry_after" in error.parameters else {}
            return JSONResponse(error.as_json(), error.code, headers)
        self.counts[name][200] += 1
        return JSONResponse({"ok": True, "result": result})

    def _authorise(self, token: str) -> None:
        if not secrets.compare_digest(token.encode(), self._token.encode()):
            raise ApiError(401, "Unauthorized")

    async def _read(self, request: Request, name: str) -> Call:
        parameters: dict[str, Any] = dict(request.query_params)
        files: dict[str, Upload] = {}
        kind = request.headers.get("content-type", "")
        if kind.startswith("application/json"):
            parameters |= _json_object(await request.body())
        elif kind:
            async with request.form() as form:
                for key, value in form.items():
                    if isinstance(value, UploadFile):
                        mime_type = value.content_type or "application/octet-stream"
                        files[key] = Upload(value.filename or key, mime_type, await value.read())
                    else:
                        parameters[key] = value
        return Call(name, parameters, self._now(), files)

    async def _with_faults(self, call: Call) -> Any:
        fault = self._telegram.faults.meet(call.method, call.chat_id_or_none())
        if fault is None:
            return await self._run(call)
        if fault.applied:
            await self._run(call)
        await self._hang(fault)
        raise fault.error()

    async def _hang(self, fault: Fault) -> None:
        if fault.kind == "timeout":
            await self._bell.wait("nothing", fault.seconds)

    async def _run(self, call: Call) -> Any:
        name = call.method.lower()
        if name == "getupdates":
            if self.webhook.setting.url:
                raise ApiError(409, WEBHOOK_ACTIVE)
            return await self.polling.get_updates(call)
        if name == "setwebhook":
            return self.webhook.set(call)
        if name == "deletewebhook":
            return self.webhook.delete(call)
        if name == "getwebhookinfo":
            return self.webhook.info()
        method = METHODS.get(name)
        if method is None:
            raise ApiError(404, "Not Found: method not found")
        return method(self._telegram, call)


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body or b"{}")
    except ValueError as error:
        raise bad_request("can't parse JSON in request body") from error
    if not isinstance(found, dict):
        raise bad_request("object expected in request body")
    return found
