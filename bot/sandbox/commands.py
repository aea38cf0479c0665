"""The commands and descriptions that the bot has set, per language, and which of them a person sees."""

from __future__ import annotations

import json
import re
from typing import Any

from bot.sandbox.errors import bad_request

MAX_COMMANDS = 100
DEFAULT_SCOPE = {"type": "default"}


class Commands:
    """Command lists by scope and language code; "" is for every language without a list of its own."""

    def __init__(self) -> None:
        self._lists: dict[tuple[str, str], list[dict[str, str]]] = {}
        self._descriptions: dict[tuple[str, str], str] = {}

    def put(self, commands: Any, scope: dict[str, Any] | None, language: str) -> None:
        """Set the list of a scope and language.

        Raises:
            ApiError: 400 if a command or description is not as Telegram wants it.
        """
        if not isinstance(commands, list) or len(commands) > MAX_COMMANDS:
            raise bad_request("can't parse list of bot commands")
        self._lists[_key(scope, language)] = [_command(command) for command in commands]

    def find(self, scope: dict[str, Any] | None, language: str) -> list[dict[str, str]]:
        """Return the list of exactly this scope and language."""
        return self._lists.get(_key(scope, language), [])

    def forget(self, scope: dict[str, Any] | None, language: str) -> None:
        """Delete the list of exactly this scope and language."""
        self._lists.pop(_key(scope, language), None)

    def seen_in(self, chat_id: int, language: str | None, *, is_private: bool) -> list[dict[str, str]]:
        """Return what a person sees in a chat: the narrowest scope that has a list, their language first."""
        kinds = "all_private_chats" if is_private else "all_group_chats"
        for scope in ({"type": "chat", "chat_id": chat_id}, {"type": kinds}, DEFAULT_SCOPE):
            for code in (language or "", ""):
                found = self.find(scope, code)
                if found:
                    return found
        return []

    def describe(self, name: str, text: str, language: str) -> None:
        """Set the `description` or `short_description` of the bot in a language."""
        self._descriptions[name, language] = text

    def described(self, name: str, language: str | None) -> str:
        """Return what a person of this language reads: their language's, else the general one."""
        return self._descriptions.get((name, language or "")) or self._descriptions.get((name, ""), "")


def _command(given: Any) -> dict[str, str]:
    if not isinstance(given, dict):
        raise bad_request("expected an Object")
    name = str(given.get("command", "")).removeprefix("/")
    if not re.fullmatch(r"[a-z0-9_]{1,32}", name):
        raise bad_request("BOT_COMMAND_INVALID")
    description = str(given.get("description", "")).strip()
    if not 1 <= len(description) <= 256:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": description}


def _key(scope: dict[str, Any] | None, language: str) -> tuple[str, str]:
    if language and not re.fullmatch(r"[a-z]{2}", language):
        raise bad_request("invalid language code specified")
    return json.dumps(scope or DEFAULT_SCOPE, sort_keys=True), language
