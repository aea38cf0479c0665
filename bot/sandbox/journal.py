"""What happened in the sandbox, in order, for whoever watches: the page and the tests."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.people import Message

KEPT_EVENTS = 10_000


@dataclass(frozen=True)
class Event:
    """One thing that happened.

    Attributes:
        seq: Number, rising by one; the first is 1.
        kind: "message", "edited", "deleted", "typing", "pressed", "answered", "blocked", "unblocked", "migrated",
            "person", "commands".
        chat_id: Chat it happened in; nothing for what concerns all.
        message: The message concerned, as it is by now.
    """

    seq: int
    kind: str
    chat_id: int | None
    message: Message | None = None
    body: dict[str, Any] = field(default_factory=dict)

    def view(self) -> dict[str, Any]:
        """Return the event as JSON."""
        shown = {"message": self.message.view()} if self.message else {}
        return {"seq": self.seq, "kind": self.kind, "chat_id": self.chat_id} | shown | self.body


class Journal:
    """Keeps the last events of all chats, and all events of each chat; tells its listener of each new one."""

    def __init__(self) -> None:
        self.last_seq = 0
        self.listener: Callable[[Event], None] = lambda _: None
        self._recent: deque[Event] = deque(maxlen=KEPT_EVENTS)
        self._of_chat: dict[int, list[Event]] = defaultdict(list)

    def add(self, kind: str, chat_id: int | None, message: Message | None = None, **body: Any) -> None:
        """Write down what happened."""
        self.last_seq += 1
        event = Event(self.last_seq, kind, chat_id, message, body)
        self._recent.append(event)
        if chat_id is not None:
            self._of_chat[chat_id].append(event)
        self.listener(event)

    def since(self, seq: int, chat_id: int | None = None) -> list[Event]:
        """Return what happened after *seq*, oldest first; in one chat, or in all (then the last 10,000 at most)."""
        if chat_id is not None:
            events = self._of_chat.get(chat_id, [])
            return events[bisect_right(events, seq, key=lambda event: event.seq) :]
        first = self._recent[0].seq if self._recent else 1
        return list(self._recent)[max(0, seq + 1 - first) :]
