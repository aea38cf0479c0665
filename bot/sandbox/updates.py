"""The updates that wait for the bot, until it acknowledges them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

# What Telegram sends only to who asks for it.
ON_REQUEST = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


class Updates:
    """A queue with rising ids. An update stays until a later offset, or the webhook's 200, acknowledges it."""

    def __init__(self, first_id: int) -> None:
        self.next_id = first_id
        self.queued = 0
        self.acknowledged = 0
        self.allowed: list[str] = []
        self.listener: Callable[[], None] = lambda: None
        self._waiting: deque[dict[str, Any]] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def allow(self, kinds: Sequence[str] | None) -> None:
        """Set which kinds are queued from now on; an empty list is Telegram's default, None leaves it as it is."""
        if kinds is not None:
            self.allowed = list(kinds)

    def add(self, kind: str, body: dict[str, Any]) -> int | None:
        """Queue an update and return its id; nothing if its kind is not allowed."""
        is_allowed = kind in self.allowed if self.allowed else kind not in ON_REQUEST
        if not is_allowed:
            return None
        update_id = self.next_id
        self.next_id += 1
        self.queued += 1
        self._waiting.append({"update_id": update_id, kind: body})
        self.listener()
        return update_id

    def acknowledge(self, offset: int) -> None:
        """Forget updates below *offset*; a negative one keeps only that many of the newest."""
        if offset < 0:
            offset = self.next_id + offset
        while self._waiting and self._waiting[0]["update_id"] < offset:
            self._waiting.popleft()
            self.acknowledged += 1

    def peek(self, limit: int) -> list[dict[str, Any]]:
        """Return the oldest updates that wait."""
        return [update for _, update in zip(range(limit), self._waiting, strict=False)]

    def drop(self) -> None:
        """Forget all that waits."""
        self._waiting.clear()
