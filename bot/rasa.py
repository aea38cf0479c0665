"""The client of Rasa's HTTP API: a turn of a conversation, what came of an earlier try, and starting over.

Rasa answers 200 with an empty list when its response server or action server failed: that is an error here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import httpx

from bot.replies import Said

TIMEOUT_SECONDS = 30.0  # a turn may wait for the action server; Rasa itself gives that one 10 s
CONNECT_SECONDS = 3.0


class RasaDown(Exception):  # noqa: N818 - named for what happened
    """Rasa gave no answer: not reached, an error, or nothing said. *cause* is a word for the log."""

    def __init__(self, cause: str) -> None:
        self.cause = cause
        super().__init__(f"rasa: no answer: {cause}")


class Rasa:
    """Rasa, behind its URL."""

    def __init__(self, url: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        timeout = httpx.Timeout(TIMEOUT_SECONDS, connect=CONNECT_SECONDS)
        self._client = httpx.AsyncClient(base_url=url, timeout=timeout, transport=transport)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def ask(self, chat_ref: str, text: str, language: str, update_id: int) -> list[Said]:
        """Give a text or a payload to Rasa and return what it says, in order; never empty.

        Raises:
            RasaDown: If there is no answer.
        """
        metadata = {"language": language, "update_id": update_id}
        body = {"sender": chat_ref, "message": text, "metadata": metadata}
        answer = await self._call("POST", "/webhooks/rest/webhook", json=body)
        said = [_read(message) for message in answer if message.get("text")] if isinstance(answer, list) else []
        if not said:
            raise RasaDown("nothing said")
        return said

    async def find_answer(self, chat_ref: str, update_id: int) -> list[Said] | None:
        """Find what came of an earlier try, see `find_turn`.

        Raises:
            RasaDown: If Rasa cannot tell.
        """
        path = f"/conversations/{chat_ref}/tracker"
        tracker = await self._call("GET", path, params={"include_events": "ALL"})
        return find_turn(tracker.get("events") or [], update_id)

    async def start_over(self, chat_ref: str) -> None:
        """End whatever is going on in a conversation.

        Raises:
            RasaDown: If Rasa cannot be reached.
        """
        events: list[dict[str, Any]] = [
            {"event": "action", "name": "action_session_start"},
            {"event": "session_started"},
            {"event": "action", "name": "action_listen"},
        ]
        await self._call("POST", f"/conversations/{chat_ref}/tracker/events", json=events)

    async def _call(self, method: str, path: str, **arguments: Any) -> Any:
        try:
            response = await self._client.request(method, path, **arguments)
            response.raise_for_status()
            return response.json()
        except httpx.HTTPStatusError as error:
            raise RasaDown(f"status {error.response.status_code}") from error
        except (httpx.HTTPError, ValueError) as error:
            raise RasaDown(type(error).__name__) from error


def find_turn(events: Iterable[dict[str, Any]], update_id: int) -> list[Said] | None:
    """Find what Rasa said to an update.

    Args:
        events: All events of the conversation, in order.
        update_id: The update, which went with the message as metadata.

    Returns:
        What was said, in order. Empty if Rasa heard the message and said nothing; None if it has not heard it, or
        was made to forget it.
    """
    said: list[Said] | None = None
    is_ours = False
    for event in events:
        kind = event.get("event")
        if kind == "user":
            is_ours = (event.get("metadata") or {}).get("update_id") == update_id
            said = [] if is_ours else said
        elif is_ours and kind == "bot" and said is not None and event.get("text"):
            said.append(_read({**(event.get("data") or {}), "text": event["text"]}))
        elif is_ours and kind == "rewind" and not said:
            said, is_ours = None, False
    return said


def _read(message: dict[str, Any]) -> Said:
    buttons = message.get("buttons") or []
    return Said(message["text"], tuple((str(b["title"]), str(b["payload"])) for b in buttons))
