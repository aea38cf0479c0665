"""One call of a Bot API method, and how its parameters are read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.sandbox.errors import bad_request


@dataclass(frozen=True)
class Upload:
    """A file that came with a call."""

    name: str
    mime_type: str
    content: bytes


@dataclass(frozen=True)
class Call:
    """A method with its parameters as they came: text from a form or query, JSON values from a JSON body."""

    method: str
    parameters: Mapping[str, Any]
    now: datetime
    files: Mapping[str, Upload] = field(default_factory=dict)

    def text(self, name: str, default: str = "") -> str:
        """Return a parameter as text."""
        value = self.parameters.get(name, default)
        return value if isinstance(value, str) else json.dumps(value)

    def integer(self, name: str, default: int = 0) -> int:
        """Return a parameter as a whole number.

        Raises:
            ApiError: 400 if it is none.
        """
        try:
            return int(self.parameters.get(name, default))
        except (TypeError, ValueError) as error:
            raise bad_request(f'parameter "{name}" must be an integer') from error

    def number(self, name: str) -> float:
        """Return a parameter as a number.

        Raises:
            ApiError: 400 if it is missing or none.
        """
        try:
            return float(self.parameters[name])
        except (KeyError, TypeError, ValueError) as error:
            raise bad_request(f"{name} is empty") from error

    def flag(self, name: str) -> bool:
        """Return a parameter as a truth value."""
        return str(self.parameters.get(name, "")).lower() in {"true", "1", "yes"}

    def value(self, name: str) -> Any:
        """Return a parameter that is an object or array, nothing if it is not given.

        Raises:
            ApiError: 400 if it is text that is no JSON.
        """
        given = self.parameters.get(name)
        if not isinstance(given, str):
            return given
        try:
            return json.loads(given) if given else None
        except ValueError as error:
            raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from error

    def chat_id(self) -> int:
        """Return `chat_id`.

        Raises:
            ApiError: 400 if it is missing, or a name: the sandbox has no chats with names.
        """
        given = str(self.parameters.get("chat_id", "")).strip()
        if not given:
            raise bad_request("chat_id is empty")
        try:
            return int(given)
        except ValueError as error:
            raise bad_request("chat not found") from error

    def chat_id_or_none(self) -> int | None:
        """Return `chat_id` if it is given and a number."""
        given = str(self.parameters.get("chat_id", ""))
        return int(given) if given.lstrip("-").isdigit() else None
