"""What the page and the tests drive the sandbox with: JSON over HTTP under `/sandbox/`.

A message is shown as `people.Message.view` makes it. Writing calls want `Content-Type: application/json`, which no
other page in the same browser can send without being asked by its browser first.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox import acts
from bot.sandbox.bell import Bell
from bot.sandbox.bot_api import BotApi
from bot.sandbox.errors import ControlError
from bot.sandbox.model import Telegram
from bot.sandbox.people import Chat, User

MAX_WAIT_SECONDS = 60


class Control:
    """The routes under `/sandbox/`."""

    def __init__(self, telegram: Telegram, api: BotApi, now: Callable[[], datetime], bell: Bell) -> None:
        self._telegram = telegram
        self._api = api
        self._now = now
        self._bell = bell

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/sandbox/state", self.state),
            Route("/sandbox/people", self.add_person, methods=["POST"]),
            Route("/sandbox/messages", self.post, methods=["POST"]),
            Route("/sandbox/edits", self.edit, methods=["POST"]),
            Route("/sandbox/presses", self.press, methods=["POST"]),
            Route("/sandbox/blocks", self.block, methods=["POST"]),
            Route("/sandbox/migrations", self.migrate, methods=["POST"]),
            Route("/sandbox/faults", self.faults, methods=["GET", "POST", "DELETE"]),
            Route("/sandbox/limits", self.limits, methods=["POST"]),
            Route("/sandbox/chats/{chat_id}", self.chat),
            Route("/sandbox/events", self.events),
            Route("/sandbox/answers", self.answers),
            Route("/sandbox/commands", self.commands),
            Route("/sandbox/counters", self.counters),
            Route("/sandbox/files/{file_id}", self.file),
        ]

    async def state(self, _: Request) -> Response:
        """Tell who there is: the bot, newcomers, coaches, the group's id, and the number of the last event."""
        telegram = self._telegram
        group = telegram.group()
        people = [user for user in telegram.users.values() if not user.is_bot]
        return JSONResponse(
            {
                "bot": telegram.bot.as_json(),
                "seq": telegram.journal.last_seq,
                "group": telegram.chat_json(group),
                "newcomers": [self._person(user) for user in people if user.id not in group.members],
                "coaches": [self._person(user) for user in people if user.id in group.members],
            }
        )

    async def add_person(self, request: Request) -> Response:
        """Add or change a person: `{"role": "newcomer" | "coach", "id"?, "first_name"?, "language_code"?}`.

        Tells, beside the person, the group's id and the number of the last event.
        """
        body = await _body(request)
        telegram = self._telegram
        is_coach = body.get("role") == "coach"
        if is_coach and "id" not in body:
            raise ControlError(400, "id: missing")
        user_id = _integer(body, "id") if "id" in body else telegram.next_newcomer()
        known = telegram.users.get(user_id)
        name = body.get("first_name") or (
            known.first_name if known else f"{'Coach' if is_coach else 'Nieuwkomer'} {user_id}"
        )
        language = body.get("language_code", known.language_code if known else "nl")
        add = telegram.add_coach if is_coach else telegram.add_person
        person = self._person(add(user_id, name, language))
        return JSONResponse(person | {"group": telegram.group().id, "seq": telegram.journal.last_seq})

    async def post(self, request: Request) -> Response:
        """Write: `{"user_id", "chat_id", "text"? , "kind"?, "reply_to"?, "split"?}`; `split` cuts as apps do."""
        body = await _body(request)
        texts = acts.split(str(body.get("text", ""))) if body.get("split") else [body.get("text", "")]
        seat, reply_to = _seat(body), body.get("reply_to")
        contents = [{"kind": body.get("kind", "text"), "text": text} for text in texts]
        messages = [acts.post(self._telegram, seat, content, self._now(), reply_to=reply_to) for content in contents]
        return JSONResponse({"messages": [message.view() for message in messages]})

    async def edit(self, request: Request) -> Response:
        """Edit one's own message: `{"user_id", "chat_id", "message_id", "text"}`."""
        body = await _body(request)
        message_id, text = _integer(body, "message_id"), str(body.get("text", ""))
        message = acts.edit(self._telegram, _seat(body), message_id, text, self._now())
        return JSONResponse({"messages": [message.view()]})

    async def press(self, request: Request) -> Response:
        """Press: `{"user_id", "chat_id", "message_id", "button": index in reading order | "callback_data": any}`."""
        body = await _body(request)
        seat, message_id = _seat(body), _integer(body, "message_id")
        data = body.get("callback_data")
        if data is None:
            data = self._data(seat.chat_id, message_id, _integer(body, "button"))
        query_id = acts.press(self._telegram, seat, message_id, str(data), self._now())
        return JSONResponse({"query_id": query_id})

    async def block(self, request: Request) -> Response:
        """Block the bot or let it in: `{"user_id", "blocked"}`."""
        body = await _body(request)
        acts.set_blocked(self._telegram, _integer(body, "user_id"), self._now(), blocked=bool(body.get("blocked")))
        return JSONResponse({})

    async def migrate(self, request: Request) -> Response:
        """Turn a group into a supergroup: `{"chat_id", "user_id"}`; tells the new id."""
        body = await _body(request)
        new = acts.migrate(self._telegram, _seat(body), self._now())
        return JSONResponse({"chat_id": new})

    async def faults(self, request: Request) -> Response:
        """Put in a fault (fields: `faults.Fault`), show those that wait, or take them all out."""
        faults = self._telegram.faults
        if request.method == "POST":
            faults.add(await _body(request))
        elif request.method == "DELETE":
            faults.waiting.clear()
        return JSONResponse({"waiting": [vars(fault) for fault in faults.waiting]})

    async def limits(self, request: Request) -> Response:
        """Switch Telegram's limits on sending: `{"on": true}`."""
        self._telegram.limits.switch(on=bool((await _body(request)).get("on")))
        return JSONResponse({"on": self._telegram.limits.on})

    async def chat(self, request: Request) -> Response:
        """Show a chat: its messages in order, whether the bot types, and the number of the last event."""
        chat = self._telegram.chat_of(int(_number(request.path_params["chat_id"])))
        messages = [message.view() for message in self._telegram.transcript(chat.id)]
        return JSONResponse(self._chat(chat) | {"messages": messages, "seq": self._telegram.journal.last_seq})

    async def events(self, request: Request) -> Response:
        """Tell what happened after `after`, in `chat_id` or everywhere; waits up to `timeout` seconds for something."""
        query = request.query_params
        after, chat_id = _number(query.get("after", "0")), query.get("chat_id")
        key = int(_number(chat_id)) if chat_id else None
        until = time.monotonic() + min(_number(query.get("timeout", "0")), MAX_WAIT_SECONDS)
        journal = self._telegram.journal
        while not (events := journal.since(int(after), key)) and await self._bell.wait(
            ("events", key), until - time.monotonic()
        ):
            pass
        shown = {"events": [event.view() for event in events], "seq": journal.last_seq}
        return JSONResponse(shown | (self._chat(self._telegram.chat_of(key)) if key is not None else {}))

    async def answers(self, request: Request) -> Response:
        """Show the presses in `chat_id`, oldest first, and how the bot answered each (`answer` null: not yet)."""
        chat_id = int(_number(request.query_params.get("chat_id", "0")))
        queries = [query for query in self._telegram.queries.values() if query.chat_id == chat_id]
        shown = ("id", "chat_id", "message_id", "user_id", "data", "answer")
        return JSONResponse({"presses": [{name: getattr(query, name) for name in shown} for query in queries]})

    async def commands(self, request: Request) -> Response:
        """Show the commands and the description that a person sees: `chat_id`, `language`."""
        chat = self._telegram.chat_of(int(_number(request.query_params.get("chat_id", "0"))))
        language = request.query_params.get("language")
        commands = self._telegram.commands
        seen = commands.seen_in(chat.id, language, is_private=chat.is_private)
        return JSONResponse({"commands": seen, "description": commands.described("description", language)})

    async def counters(self, _: Request) -> Response:
        """Show how often each method was called, by status, and how many updates wait."""
        updates = self._telegram.updates
        return JSONResponse(
            {
                "methods": {
                    name: {str(code): n for code, n in codes.items()} for name, codes in self._api.counts.items()
                },
                "updates": {"queued": updates.queued, "acknowledged": updates.acknowledged, "waiting": len(updates)},
            }
        )

    async def file(self, request: Request) -> Response:
        """Give a document that the bot sent, always as a download."""
        found = self._telegram.files.get(request.path_params["file_id"])
        if found is None:
            raise ControlError(404, "no such file")
        return Response(found[1], media_type="application/octet-stream", headers={"Content-Disposition": "attachment"})

    def _person(self, user: User) -> dict[str, Any]:
        chat = self._telegram.chats[user.id]
        return user.as_json() | {"blocked": chat.blocked, "started": chat.started}

    def _chat(self, chat: Chat) -> dict[str, Any]:
        shown = {"chat": self._telegram.chat_json(chat), "typing": chat.is_typing(self._now())}
        return shown | {"blocked": chat.blocked, "migrated_to": chat.migrated_to}

    def _data(self, chat_id: int, message_id: int, index: int) -> str:
        message = self._telegram.find_message(chat_id, message_id)
        buttons = message.buttons() if message else []
        if not 0 <= index < len(buttons):
            raise ControlError(404, f"no such button: {index} of message {message_id}")
        if "callback_data" not in buttons[index]:
            raise ControlError(400, "the button is a link")
        return str(buttons[index]["callback_data"])


async def _body(request: Request) -> dict[str, Any]:
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise ControlError(415, "Content-Type: must be application/json")
    try:
        body = await request.json()
    except ValueError as error:
        raise ControlError(400, "the body is no JSON") from error
    if not isinstance(body, dict):
        raise ControlError(400, "the body is no object")
    return body


def _seat(body: dict[str, Any]) -> acts.Seat:
    return acts.Seat(_integer(body, "user_id"), _integer(body, "chat_id"))


def _integer(body: dict[str, Any], name: str) -> int:
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ControlError(400, f"{name}: must be a whole number")
    return value


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise ControlError(400, f"not a number: {text}") from error
