"""Waiting for something to happen, without a loop that looks again and again."""

from __future__ import annotations

import asyncio
from collections import defaultdict


class Bell:
    """Wakes who waits for a key. All of it runs on one event loop."""

    def __init__(self) -> None:
        self._waiting: dict[object, set[asyncio.Future[None]]] = defaultdict(set)
        self.closed = False

    def ring(self, key: object) -> None:
        """Wake all who wait for *key*."""
        for waiter in self._waiting.pop(key, ()):
            if not waiter.done():
                waiter.set_result(None)

    def close(self) -> None:
        """Wake everybody, for good: the server stops."""
        self.closed = True
        for key in list(self._waiting):
            self.ring(key)

    async def wait(self, key: object, seconds: float) -> bool:
        """Wait until *key* rings; tell whether it did within the time."""
        if self.closed or seconds <= 0:
            return False
        waiter = asyncio.get_running_loop().create_future()
        self._waiting[key].add(waiter)
        try:
            await asyncio.wait_for(waiter, seconds)
        except TimeoutError:
            return False
        finally:
            self._waiting[key].discard(waiter)
            if not self._waiting[key]:
                del self._waiting[key]
        return not self.closed
