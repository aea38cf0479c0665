"""The webhook: updates are posted to the bot one after another, in order, until it answers 2xx."""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import httpx

from bot.sandbox.bell import Bell
from bot.sandbox.call import Call
from bot.sandbox.errors import bad_request
from bot.sandbox.polling import Polling
from bot.sandbox.updates import Updates

ANSWER_SECONDS = 30
FIRST_RETRY_SECONDS = 0.2
LAST_RETRY_SECONDS = 10.0
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass
class Setting:
    """Where updates go, and what went wrong last."""

    url: str = ""
    secret: str = ""
    max_connections: int = 40
    last_error_date: int | None = None
    last_error_message: str = ""


class Webhook:
    """Keeps the setting and delivers. A new setting ends the wait for the next try."""

    def __init__(self, updates: Updates, bell: Bell, polling: Polling) -> None:
        self.setting = Setting()
        self._updates = updates
        self._bell = bell
        self._polling = polling

    def set(self, call: Call) -> bool:
        """Set the webhook, or delete it if the address is empty.

        Raises:
            ApiError: 400 if the address is not https (http is taken on this machine), or the secret has other
                characters than Telegram allows.
        """
        url, secret = call.text("url"), call.text("secret_token")
        if not url:
            return self.delete(call)
        parts = urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
            raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret):
            raise bad_request("secret token contains unallowed characters")
        self._change(call, Setting(url, secret, call.integer("max_connections", 40)))
        self._updates.allow(call.value("allowed_updates"))
        self._polling.end()
        return True

    def delete(self, call: Call) -> bool:
        """Delete the webhook."""
        self._change(call, Setting())
        return True

    def info(self) -> dict[str, Any]:
        """Return Telegram's `WebhookInfo`."""
        setting = self.setting
        body: dict[str, Any] = {
            "url": setting.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self._updates),
        }
        if setting.url:
            body |= {"max_connections": setting.max_connections, "ip_address": "127.0.0.1"}
        if setting.last_error_date:
            body |= {"last_error_date": setting.last_error_date, "last_error_message": setting.last_error_message}
        if self._updates.allowed:
            body["allowed_updates"] = self._updates.allowed
        return body

    async def deliver(self, unix_now: Any) -> None:
        """Deliver until the task is cancelled.

        Args:
            unix_now: Function that tells the time in seconds, for `last_error_date`.
        """
        wait = FIRST_RETRY_SECONDS
        async with httpx.AsyncClient(trust_env=False, timeout=ANSWER_SECONDS) as client:
            while not self._bell.closed:
                waiting = self._updates.peek(1) if self.setting.url else []
                if not waiting:
                    await self._bell.wait("updates", 3600)
                    continue
                setting = self.setting
                fault = await _post(client, setting, waiting[0])
                if not fault:
                    self._updates.acknowledge(waiting[0]["update_id"] + 1)
                    wait = FIRST_RETRY_SECONDS
                    continue
                setting.last_error_date, setting.last_error_message = int(unix_now()), fault
                await self._bell.wait("webhook", wait)
                wait = min(wait * 2, LAST_RETRY_SECONDS)

    def _change(self, call: Call, setting: Setting) -> None:
        if call.flag("drop_pending_updates"):
            self._updates.drop()
        self.setting = setting
        self._bell.ring("webhook")
        self._bell.ring("updates")


async def _post(client: httpx.AsyncClient, setting: Setting, update: dict[str, Any]) -> str:
    """Post one update; return what went wrong in Telegram's words, or nothing."""
    headers = {"X-Telegram-Bot-Api-Secret-Token": setting.secret} if setting.secret else {}
    try:
        response = await client.post(setting.url, json=update, headers=headers)
    except httpx.TimeoutException:
        return "Read timeout expired"
    except httpx.HTTPError as error:
        return "Connection refused" if isinstance(error, httpx.ConnectError) else "Connection reset by peer"
    if response.is_success:
        return ""
    return f"Wrong response from the webhook: {response.status_code} {HTTPStatus(response.status_code).phrase}"
