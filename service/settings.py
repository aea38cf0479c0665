"""All settings, read once at start and passed down. No other module looks at the environment."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
TELEGRAM = "https://api.telegram.org"


class SettingsError(Exception):
    """Settings that are missing or wrong, all of them at once, a line each."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("\n".join(["the settings are not right:", *(f"  {fault}" for fault in faults)]))


@dataclass(frozen=True)
class Settings:
    """What the parts need to know about where they run.

    `clock_offset` is how far the clock of all parts is set ahead (see `service.clock`). `keep_days` is how long
    answered messages and conversations are kept.
    """

    telegram_token: str = field(repr=False)
    secret: str = field(repr=False)
    webhook_secret: str | None = field(default=None, repr=False)
    telegram_api: str = TELEGRAM
    database_url: str = field(default=f"sqlite:///{VAR / 'wegwijs.db'}", repr=False)  # can hold a password
    tracker_url: str = field(default=f"sqlite:///{VAR / 'wegwijs-trackers.db'}", repr=False)
    rasa_url: str = "http://127.0.0.1:5005"
    actions_url: str = "http://127.0.0.1:5055"
    coach_chat: int | None = None
    webhook_url: str | None = None
    webhook_port: int = 8443
    sandbox_port: int = 8080
    keep_days: int = 30
    content: Path = ROOT / "stories"
    clock_offset: timedelta = timedelta(0)


def _positive(text: str) -> int:
    number = int(text)
    if number <= 0:
        raise ValueError
    return number


def _url(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", text):
        raise ValueError
    return text.rstrip("/")


def _database(text: str) -> str:
    if not text.startswith(("sqlite:///", "postgresql://")):
        raise ValueError
    return text


def _long(text: str) -> str:
    if len(text) < 16:
        raise ValueError
    return text


def _token(text: str) -> str:
    if not re.fullmatch(r"\d+:[\w-]{10,}", text):
        raise ValueError
    return text


def _seconds(text: str) -> timedelta:
    return timedelta(seconds=float(text))


# environment variable: field, how it is read, what it must be
KEYS: dict[str, tuple[str, Callable[[str], Any], str]] = {
    "WEGWIJS_TELEGRAM_TOKEN": ("telegram_token", _token, "the token that BotFather gave"),
    "WEGWIJS_TELEGRAM_API": ("telegram_api", _url, "the root of the Bot API, http(s)://..."),
    "WEGWIJS_SECRET": ("secret", _long, "a secret of 16 characters or more"),
    "WEGWIJS_DATABASE_URL": ("database_url", _database, "sqlite:///file or postgresql://..."),
    "WEGWIJS_TRACKER_URL": ("tracker_url", _database, "sqlite:///file or postgresql://..."),
    "WEGWIJS_RASA_URL": ("rasa_url", _url, "the address of Rasa, http(s)://..."),
    "WEGWIJS_ACTIONS_URL": ("actions_url", _url, "the address of the action server, http(s)://..."),
    "WEGWIJS_COACH_CHAT": ("coach_chat", int, "the chat id of the coaches' group, a whole number"),
    "WEGWIJS_WEBHOOK_URL": ("webhook_url", _url, "the address at which Telegram reaches the bot, http(s)://..."),
    "WEGWIJS_WEBHOOK_SECRET": ("webhook_secret", _long, "a secret of 16 characters or more"),
    "WEGWIJS_WEBHOOK_PORT": ("webhook_port", _positive, "a port"),
    "WEGWIJS_SANDBOX_PORT": ("sandbox_port", _positive, "a port"),
    "WEGWIJS_KEEP_DAYS": ("keep_days", _positive, "a number of days, 1 or more"),
    "WEGWIJS_CONTENT": ("content", Path, "the folder of stories and texts"),
    "WEGWIJS_CLOCK_OFFSET": ("clock_offset", _seconds, "seconds; set by `make run` from WEGWIJS_CLOCK"),
}
REQUIRED = ("WEGWIJS_TELEGRAM_TOKEN", "WEGWIJS_SECRET")


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Read all settings from the environment.

    Raises:
        SettingsError: Naming every key that is missing or wrong. Values are not repeated: some are secret.
    """
    values: dict[str, Any] = {}
    faults = [f"{key}: missing" for key in REQUIRED if not environ.get(key)]
    for key, (name, read, expected) in KEYS.items():
        if not environ.get(key):
            continue
        try:
            values[name] = read(environ[key])
        except ValueError:
            faults.append(f"{key}: must be {expected}")
    if values.get("webhook_url") and not values.get("webhook_secret"):
        faults.append("WEGWIJS_WEBHOOK_SECRET: missing, and WEGWIJS_WEBHOOK_URL is set")
    if faults:
        raise SettingsError(faults)
    return Settings(**values)


def load_store_settings(environ: Mapping[str, str]) -> Settings:
    """Read the settings of a command line that works on the store alone: it needs neither token nor secret.

    Raises:
        SettingsError: As `load_settings`.
    """
    not_needed = {"WEGWIJS_TELEGRAM_TOKEN": "0:not-needed-here", "WEGWIJS_SECRET": "not-needed-for-the-store"}
    return load_settings(not_needed | {key: value for key, value in environ.items() if value})
