"""Faults that a test puts in: the next calls of a method go wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.sandbox.errors import ApiError, ControlError, too_many_requests

WORDS = {
    400: "Bad Request: fault put in by a test",
    401: "Unauthorized",
    403: "Forbidden: bot was blocked by the user",
    409: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    500: "Internal Server Error",
    502: "Bad Gateway",
}


@dataclass
class Fault:
    """One fault.

    Attributes:
        method: Bot API method, or "*" for any.
        kind: Status to answer (400, 401, 403, 409, 429, 500, 502), or "timeout": no answer for `seconds`, then 504.
        times: Calls that it still meets.
        chat_id: Only calls for this chat; None: all.
        applied: The call takes effect all the same, and only its answer is lost.
        seconds: `retry_after` of a 429, or how long a timeout lasts.
        description: Words in place of Telegram's usual ones.
    """

    method: str
    kind: int | str
    times: int = 1
    chat_id: int | None = None
    applied: bool = False
    seconds: float = 3
    description: str | None = None

    def error(self) -> ApiError:
        """Return what the bot gets."""
        if self.kind == 429:
            return too_many_requests(int(self.seconds))
        if self.kind == "timeout":
            return ApiError(504, "Gateway Timeout")
        return ApiError(int(self.kind), self.description or WORDS[int(self.kind)])


class Faults:
    """The faults that wait for a call, in the order they were put in."""

    def __init__(self) -> None:
        self.waiting: list[Fault] = []

    def add(self, given: dict[str, Any]) -> Fault:
        """Put a fault in.

        Raises:
            ControlError: 400 if its kind or a field is unknown.
        """
        try:
            fault = Fault(**given)
        except TypeError as error:
            raise ControlError(400, f"not a fault: {error}") from error
        if fault.kind not in {*WORDS, 429, "timeout"}:
            raise ControlError(400, f"no such fault: {fault.kind}")
        self.waiting.append(fault)
        return fault

    def meet(self, method: str, chat_id: int | None) -> Fault | None:
        """Return the fault that a call meets, and use it up by one."""
        for fault in self.waiting:
            if fault.method.lower() in {"*", method.lower()} and fault.chat_id in {None, chat_id}:
                fault.times -= 1
                if fault.times <= 0:
                    self.waiting.remove(fault)
                return fault
        return None
