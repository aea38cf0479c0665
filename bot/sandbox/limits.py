"""Telegram's own limits on sending, off until they are switched on."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from datetime import datetime, timedelta

from bot.sandbox.errors import too_many_requests

# (messages, seconds). A private chat takes a short burst, as Telegram's does, but no more than one a second for long.
IN_ALL = (30, 1)
IN_PRIVATE = (5, 5)
IN_GROUP = (20, 60)


class Limits:
    """Counts what the bot sent, in moving windows."""

    def __init__(self) -> None:
        self.on = False
        self._sent: dict[str, deque[datetime]] = defaultdict(deque)

    def switch(self, *, on: bool) -> None:
        """Switch the limits on or off and forget what was counted."""
        self.on = on
        self._sent.clear()

    def count(self, chat_id: int, *, is_private: bool, now: datetime) -> None:
        """Count a message to a chat. One that is refused does not count.

        Raises:
            ApiError: 429 with the seconds to wait, rounded up, if a window is full.
        """
        if not self.on:
            return
        windows = (("all", IN_ALL), (str(chat_id), IN_PRIVATE if is_private else IN_GROUP))
        waits = [self._wait(name, most, timedelta(seconds=span), now) for name, (most, span) in windows]
        if max(waits) > 0:
            raise too_many_requests(math.ceil(max(waits)))
        for name, _ in windows:
            self._sent[name].append(now)

    def _wait(self, name: str, most: int, span: timedelta, now: datetime) -> float:
        """Return the seconds until the window has room, 0 if it has."""
        sent = self._sent[name]
        while sent and now - sent[0] >= span:
            sent.popleft()
        return 0.0 if len(sent) < most else (sent[0] + span - now).total_seconds()
