"""`getUpdates`: the long poll, and its conflicts."""

from __future__ import annotations

import time
from typing import Any

from bot.sandbox.bell import Bell
from bot.sandbox.call import Call
from bot.sandbox.errors import ApiError
from bot.sandbox.updates import Updates

MAX_TIMEOUT_SECONDS = 50
OTHER_POLL = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK_SET = "Conflict: terminated by setWebhook request"
WEBHOOK_ACTIVE = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)


class Polling:
    """Lets one long poll wait at a time: a later one, or a webhook, ends the earlier with 409."""

    def __init__(self, updates: Updates, bell: Bell) -> None:
        self._updates = updates
        self._bell = bell
        self._turn = 0
        self._ended_by = OTHER_POLL

    def end(self, words: str = WEBHOOK_SET) -> None:
        """End the poll that waits, with 409."""
        self._turn += 1
        self._ended_by = words
        self._bell.ring("updates")

    async def get_updates(self, call: Call) -> list[dict[str, Any]]:
        """Answer one call: what waits, or else what comes within its timeout.

        Raises:
            ApiError: 409 if another poll or a webhook takes over.
        """
        self.end(OTHER_POLL)
        turn = self._turn
        self._updates.allow(call.value("allowed_updates"))
        if offset := call.integer("offset"):
            self._updates.acknowledge(offset)
        limit = min(max(call.integer("limit", 100), 1), 100)
        until = time.monotonic() + min(call.integer("timeout"), MAX_TIMEOUT_SECONDS)
        while not self._updates.peek(1) and not self._bell.closed:
            left = until - time.monotonic()
            if left <= 0:
                break
            await self._bell.wait("updates", left)
            if self._turn != turn:
                raise ApiError(409, self._ended_by)
        return self._updates.peek(limit)
