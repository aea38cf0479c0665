"""Drives the sandbox from a test, as newcomers and coaches do with their telephones.

```python
async with Sandbox("http://127.0.0.1:8080") as sandbox:
    newcomer = sandbox.newcomer(1000, language_code="nl")
    await newcomer.says("Hoe lang heb ik om in te burgeren?")
    answer = await newcomer.next_reply()            # the next message of the bot, waits for it
    assert "3 jaar" in answer.text
    await newcomer.presses("Ja, dat klopt")         # part of a label; the newest message with such a button
    for reply in await newcomer.replies():          # all that the bot writes until it is quiet
        print(reply.text, reply.labels)

    coach = sandbox.coach(2000)                     # the coach's private chat
    group = coach.in_group()                        # the same coach in the coaches' group
    call = await group.next_reply()
    await group.presses("Ik neem", message=call)
```

Each `Person` has a place of its own in the chat: `next_reply` never gives a message twice and never one from before
the person was asked for first. Waiting is done by long polls of the sandbox, which answer as soon as something
happens. A wait that lasts too long fails with `NoReplyError`, which shows the end of the chat.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Self

import httpx

TIMEOUT_SECONDS = 15.0
QUIET_SECONDS = 0.4


class NoReplyError(AssertionError):
    """The bot did not do in time what the test waits for."""


class NoSuchButtonError(AssertionError):
    """No message in the chat has such a button."""


@dataclass(frozen=True)
class Button:
    """A button under a message. `callback_data` or `url` is set."""

    label: str
    callback_data: str | None
    url: str | None


@dataclass(frozen=True)
class Reply:
    """A message as the sandbox shows it.

    Attributes:
        text: Plain text, or caption.
        html: The same with its markup, escaped: `<b>`, `<i>`, `<a href="...">` and so on.
        kind: "text", "venue", "document", "photo", "voice", "sticker" or "service".
        rows: Buttons, row by row.
        is_bot: From the bot.
        raw: All that the sandbox tells: `edits`, `edited`, `deleted`, `extra` (venue, document), `reply_to`, `nodes`.
    """

    message_id: int
    chat_id: int
    text: str
    html: str
    kind: str
    rows: tuple[tuple[Button, ...], ...]
    is_bot: bool
    raw: dict[str, Any] = field(repr=False)

    @classmethod
    def of(cls, raw: dict[str, Any]) -> Self:
        """Make one of what the sandbox tells."""
        rows = tuple(tuple(Button(**button) for button in row) for row in raw["buttons"])
        names = ("message_id", "chat_id", "text", "html", "kind", "is_bot")
        return cls(**{name: raw[name] for name in names}, rows=rows, raw=raw)

    @property
    def buttons(self) -> tuple[Button, ...]:
        """The buttons in reading order."""
        return tuple(button for row in self.rows for button in row)

    @property
    def labels(self) -> list[str]:
        """The labels in reading order."""
        return [button.label for button in self.buttons]

    def index_of(self, part: str) -> int | None:
        """Return the place of the first button with *part* in its label (case does not count), nothing if none has."""
        found = (i for i, label in enumerate(self.labels) if part.casefold() in label.casefold())
        return next(found, None)


class Sandbox:
    """The sandbox at an address. Close it when done, or use it as `async with`."""

    def __init__(self, base_url: str) -> None:
        self._client = httpx.AsyncClient(base_url=base_url.rstrip("/"), trust_env=False, timeout=90)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def newcomer(self, user_id: int, *, language_code: str | None = "nl", first_name: str | None = None) -> Person:
        """Return a newcomer with a private chat. They are added at their first act if they are not there."""
        who = {"role": "newcomer", "id": user_id, "language_code": language_code, "first_name": first_name}
        return Person(self, user_id, user_id, who)

    def coach(self, user_id: int, *, language_code: str | None = "nl", first_name: str | None = None) -> Person:
        """Return a coach in their private chat; `in_group()` gives the same coach in the coaches' group."""
        who = {"role": "coach", "id": user_id, "language_code": language_code, "first_name": first_name}
        return Person(self, user_id, user_id, who)

    async def state(self) -> dict[str, Any]:
        """Return who there is: `bot`, `newcomers`, `coaches`, `group` (with its id), `seq`."""
        return await self.get("/sandbox/state")

    async def put_fault(self, method: str, kind: int | str, **fields: Any) -> None:
        """Make calls of the bot go wrong.

        Args:
            method: Bot API method ("sendMessage"), or "*" for any.
            kind: 400, 401, 403, 409, 429, 500, 502, or "timeout" (no answer for `seconds`, then 504).
            fields: `times` (calls, default 1), `chat_id` (only this chat), `seconds` (retry_after of a 429, length of
                a timeout; default 3), `applied` (true: the call takes effect, only the answer is lost), `description`.
        """
        await self.post("/sandbox/faults", {"method": method, "kind": kind, **fields})

    async def waiting_faults(self) -> list[dict[str, Any]]:
        """Return the faults that no call has met yet."""
        return list((await self.get("/sandbox/faults"))["waiting"])

    async def clear_faults(self) -> None:
        """Take all faults out."""
        await self._call("DELETE", "/sandbox/faults")

    async def set_limits(self, *, on: bool) -> None:
        """Switch Telegram's limits on sending (30/s in all, 1/s a private chat with bursts of 5, 20/min a group)."""
        await self.post("/sandbox/limits", {"on": on})

    async def migrate_group(self, user_id: int = 2000) -> int:
        """Turn the coaches' group into a supergroup; return its new id."""
        group = (await self.state())["group"]["id"]
        return int((await self.post("/sandbox/migrations", {"chat_id": group, "user_id": user_id}))["chat_id"])

    async def transcript(self, chat_id: int) -> list[Reply]:
        """Return all messages of a chat, oldest first; deleted ones have `raw["deleted"]`."""
        return [Reply.of(raw) for raw in (await self.get(f"/sandbox/chats/{chat_id}"))["messages"]]

    async def counters(self) -> dict[str, Any]:
        """Return `methods` ({"sendMessage": {"200": 5, "429": 1}}) and `updates` (queued, acknowledged, waiting)."""
        return await self.get("/sandbox/counters")

    async def get(self, path: str, **query: Any) -> dict[str, Any]:
        """Read from the sandbox."""
        return await self._call("GET", path, params=query)

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Do something in the sandbox."""
        return await self._call("POST", path, json=body)

    async def _call(self, method: str, path: str, **arguments: Any) -> dict[str, Any]:
        response = await self._client.request(method, path, **arguments)
        if response.is_error:
            raise AssertionError(f"the sandbox refused {method} {path}: {response.status_code} {response.text}")
        found: dict[str, Any] = response.json()
        return found


class Person:
    """Somebody in a chat: a newcomer or coach in their private chat, or a coach in the group."""

    def __init__(self, sandbox: Sandbox, user_id: int, chat_id: int | None, who: dict[str, Any]) -> None:
        self.sandbox = sandbox
        self.user_id = user_id
        self._chat_id = chat_id  # nothing: the coaches' group, whose id can change
        self._who = who
        self._seq: int | None = None
        self._typing = False
        self._replies: deque[Reply] = deque()
        self._edits: deque[Reply] = deque()
        self._answers: deque[dict[str, Any]] = deque()

    @property
    def chat_id(self) -> int:
        """The chat's id; of the group only after the first act or wait."""
        if self._chat_id is None:
            raise AssertionError("the group's id is not known before the first act")
        return self._chat_id

    def in_group(self) -> Person:
        """Return the same coach in the coaches' group."""
        return Person(self.sandbox, self.user_id, None, self._who)

    async def enters(self) -> Self:
        """Add the person if needed and take a place at the end of the chat: only what comes later is a reply.

        Every act and wait does it by itself the first time. Call it to wait for what another person's act causes.
        """
        if self._seq is None:
            given = {name: value for name, value in self._who.items() if value is not None}
            found = await self.sandbox.post("/sandbox/people", given)
            if self._chat_id is None:
                self._chat_id = int(found["group"])
            self._seq = int(found["seq"])
        return self

    async def says(self, text: str, *, reply_to: int | None = None, split: bool = False) -> Reply:
        """Write a text of any length; with *split* in pieces of 4096 characters, as Telegram's apps do.

        Returns:
            The message (the first piece).
        """
        return await self._posts(text=text, reply_to=reply_to, split=split)

    async def sends(self, kind: str, caption: str = "") -> Reply:
        """Send a "photo", "voice" or "sticker"."""
        return await self._posts(kind=kind, text=caption)

    async def edits(self, message: Reply, text: str) -> None:
        """Change a message of one's own."""
        await self._act("/sandbox/edits", message_id=message.message_id, text=text)

    async def presses(self, part: str, *, message: Reply | None = None) -> Reply:
        """Press the button whose label contains *part* (case does not count).

        Args:
            part: Part of the label.
            message: Where the button is; without it the newest message that has such a button now.

        Returns:
            The message with the button, as it was before.

        Raises:
            NoSuchButtonError: If there is none, or it is a link; the error lists the labels that there are.
        """
        await self.enters()
        chat = await self.sandbox.transcript(self.chat_id)
        seen = [message] if message else [reply for reply in reversed(chat) if not reply.raw["deleted"]]
        for reply in seen:
            index = reply.index_of(part)
            data = None if index is None else reply.buttons[index].callback_data
            if data is not None:
                await self.forges(data, message_id=reply.message_id)
                return reply
        labels = [reply.labels for reply in seen if reply.labels]
        raise NoSuchButtonError(f"no button with {part!r} in chat {self.chat_id}; newest first: {labels[:5]}")

    async def forges(self, callback_data: str, *, message_id: int) -> None:
        """Press with any data on any message, as a forged or repeated press would."""
        await self._act("/sandbox/presses", message_id=message_id, callback_data=callback_data)

    async def blocks(self) -> None:
        """Block the bot."""
        await self._act("/sandbox/blocks", blocked=True)

    async def unblocks(self) -> None:
        """Let the bot in again."""
        await self._act("/sandbox/blocks", blocked=False)

    async def next_reply(self, timeout: float = TIMEOUT_SECONDS, *, containing: str = "") -> Reply:  # noqa: ASYNC109 - waits by long poll
        """Return the bot's next message that was not returned before; wait for it.

        Args:
            timeout: Seconds.
            containing: Pass over messages without these words (case does not count).

        Raises:
            NoReplyError: If none came in time.
        """
        until = time.monotonic() + timeout
        while True:
            while self._replies:
                reply = self._replies.popleft()
                if containing.casefold() in reply.text.casefold():
                    return reply
            await self._look_or_fail(until, f"no reply{f' with {containing!r}' if containing else ''}")

    async def replies(
        self,
        timeout: float = TIMEOUT_SECONDS,  # noqa: ASYNC109 - waits by long poll
        *,
        quiet: float = QUIET_SECONDS,
        at_least: int = 1,
    ) -> list[Reply]:
        """Return all new messages of the bot once it is quiet.

        Args:
            timeout: Seconds in all; when it is over while the bot still writes or types, what came is returned.
            quiet: The bot is quiet when nothing happened in the chat for so many seconds and it does not type.
            at_least: Wait for so many messages first; 0 to make sure that the bot stays silent.

        Returns:
            Messages, oldest first, none of them returned before.

        Raises:
            NoReplyError: If fewer than *at_least* came in time.
        """
        until = time.monotonic() + timeout
        await self.enters()
        while len(self._replies) < at_least:
            await self._look_or_fail(until, f"{len(self._replies)} replies, not {at_least}")
        while time.monotonic() < until and (await self._look(quiet) or self._typing):
            pass
        found = list(self._replies)
        self._replies.clear()
        return found

    async def next_edit(self, timeout: float = TIMEOUT_SECONDS) -> Reply:  # noqa: ASYNC109 - waits by long poll
        """Return the next message of the bot that it has edited (text or buttons); wait for it.

        Raises:
            NoReplyError: If none was in time.
        """
        until = time.monotonic() + timeout
        while not self._edits:
            await self._look_or_fail(until, "no edit")
        return self._edits.popleft()

    async def next_answer(self, timeout: float = TIMEOUT_SECONDS) -> dict[str, Any]:  # noqa: ASYNC109 - waits by long poll
        """Return how the bot answered the person's next press: `text`, `show_alert`, `data`; wait for it.

        Raises:
            NoReplyError: If it did not in time.
        """
        until = time.monotonic() + timeout
        while not self._answers:
            await self._look_or_fail(until, "no answer to a press")
        return self._answers.popleft()

    async def transcript(self) -> list[Reply]:
        """Return all messages of the chat, oldest first."""
        await self.enters()
        return await self.sandbox.transcript(self.chat_id)

    async def commands(self) -> list[dict[str, str]]:
        """Return the commands that the person's menu shows: `command`, `description`."""
        await self.enters()
        query = {"chat_id": self.chat_id, "language": self._who.get("language_code") or ""}
        return list((await self.sandbox.get("/sandbox/commands", **query))["commands"])

    async def _posts(self, **content: Any) -> Reply:
        return Reply.of((await self._act("/sandbox/messages", **content))["messages"][0])

    async def _act(self, path: str, **body: Any) -> dict[str, Any]:
        await self.enters()
        return await self.sandbox.post(path, {"user_id": self.user_id, "chat_id": self.chat_id, **body})

    async def _look_or_fail(self, until: float, words: str) -> None:
        left = until - time.monotonic()
        if left > 0:
            await self._look(left)
            return
        end = [
            f"{'bot' if reply.is_bot else 'person'}: {reply.text!r} {reply.labels}" for reply in await self.transcript()
        ]
        raise NoReplyError("\n  ".join([f"{words} in chat {self.chat_id} in time; the chat ends:", *end[-6:]]))

    async def _look(self, seconds: float) -> bool:
        """Wait for something in the chat and sort it; tell whether anything happened."""
        await self.enters()
        found = await self.sandbox.get(
            "/sandbox/events", after=self._seq, chat_id=self.chat_id, timeout=min(seconds, 50)
        )
        self._seq, self._typing = found["seq"], found["typing"]
        for event in found["events"]:
            self._sort(event)
        return bool(found["events"])

    def _sort(self, event: dict[str, Any]) -> None:
        if event["kind"] == "answered" and event["user_id"] == self.user_id:
            self._answers.append(event)
        elif event["kind"] == "migrated":
            # What was written to the new chat meanwhile is still to be read.
            self._chat_id, self._seq = event["new_chat_id"], event["seq"]
        elif event["kind"] in {"message", "edited"} and event["message"]["is_bot"]:
            (self._replies if event["kind"] == "message" else self._edits).append(Reply.of(event["message"]))
