"""What every action needs, made on first use, once per process: rasa-sdk imports all modules here at start."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass

from sqlalchemy.orm import Session, sessionmaker

from service.clock import Clock
from service.settings import Settings, load_settings
from service.texts import Texts
from store.engine import make_sessions


@dataclass(frozen=True)
class Parts:
    """Settings, and what is made from them."""

    settings: Settings
    sessions: sessionmaker[Session]
    clock: Clock
    texts: Texts


_lock = threading.Lock()
_parts: Parts | None = None


def parts() -> Parts:
    """Return the parts of this process; the first caller makes them from the environment.

    Raises:
        SettingsError: If the settings are not right.
    """
    global _parts  # noqa: PLW0603 - the one place that holds them
    with _lock:
        if _parts is None:
            _parts = make_parts(load_settings(os.environ))
        return _parts


def make_parts(settings: Settings) -> Parts:
    """Make the parts that settings ask for. Nothing is connected yet."""
    return Parts(
        settings=settings,
        sessions=make_sessions(settings.database_url),
        clock=Clock(settings.clock_offset),
        texts=Texts(settings.content),
    )


def use_parts(chosen: Parts | None) -> None:
    """Use these parts in this process; None: make them anew on the next use."""
    global _parts  # noqa: PLW0603 - the one place that holds them
    with _lock:
        _parts = chosen
