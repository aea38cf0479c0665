"""The real Rasa with the real model, and the real action server, spoken to as the bot speaks to them."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from service.settings import ROOT
from tests.factories import NOW

READY_SECONDS = 120.0
MODEL = ROOT / "models" / "wegwijs.tar.gz"
TRAINED_ON = ("domain.yml", "config.yml", "nlu/**/*.yml", "nlu/**/*.py", "stories/*.yml", "stories/faq/**/*.yml")
FORM = "appointment_form"


def is_fresh(model: Path) -> bool:
    """Tell whether a model is newer than all that it is made of."""
    sources = [path for pattern in TRAINED_ON for path in ROOT.glob(pattern)]
    return model.exists() and model.stat().st_mtime >= max(path.stat().st_mtime for path in sources)


def train(folder: Path) -> Path:
    """Train a model, as `make train` does."""
    rasa = str(ROOT / ".venv-rasa/bin/rasa")
    command = [rasa, "train", "--data", "nlu", "stories", "--out", str(folder), "--fixed-model-name", "wegwijs"]
    done = subprocess.run(command, cwd=ROOT, env=_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return folder / "wegwijs.tar.gz"


def settings(folder: Path, rasa_port: int, actions_port: int) -> dict[str, str]:
    """Give the settings of a stage of its own; its clock starts at NOW."""
    offset = NOW - datetime.now(UTC) + timedelta(seconds=1)
    return {
        "WEGWIJS_TELEGRAM_TOKEN": "1:of-no-Telegram",
        "WEGWIJS_SECRET": "a secret of the tests",
        "WEGWIJS_DATABASE_URL": f"sqlite:///{folder}/wegwijs.db",
        "WEGWIJS_TRACKER_URL": f"sqlite:///{folder}/trackers.db",
        "WEGWIJS_RASA_URL": f"http://127.0.0.1:{rasa_port}",
        "WEGWIJS_ACTIONS_URL": f"http://127.0.0.1:{actions_port}",
        "WEGWIJS_CLOCK_OFFSET": str(offset.total_seconds()),
    }


@contextmanager
def running(command: Sequence[str], env: dict[str, str], log: Path, health: str) -> Iterator[None]:
    """Run a part until it is left; wait until it answers."""
    with log.open("ab") as file:
        process = subprocess.Popen(command, cwd=ROOT, env=_environment() | env, stdout=file, stderr=file)
    try:
        _wait(process, health, log)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def actions_command() -> list[str]:
    return [sys.executable, "-m", "actions"]


def rasa_command(port: int, model: Path) -> list[str]:
    address = ["-i", "127.0.0.1", "-p", str(port)]
    return [str(ROOT / ".venv-rasa/bin/rasa"), "run", "--enable-api", *address, "-m", str(model)]


def _environment() -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("WEGWIJS_")}
    return clean | {"RASA_TELEMETRY_ENABLED": "false", "PYTHONWARNINGS": "ignore"}


def _wait(process: subprocess.Popen[bytes], health: str, log: Path) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(health, timeout=2).is_success:
                return
        except httpx.HTTPError:
            time.sleep(0.2)
    raise AssertionError(f"no answer at {health}:\n{log.read_text(errors='replace')[-4000:]}")


@dataclass(frozen=True)
class Answer:
    """What the bot said in one turn."""

    intent: str
    names: list[list[str]]  # of the texts, a list for each message
    texts: list[str]
    buttons: list[tuple[str, str]]  # label and payload

    @property
    def flat(self) -> list[str]:
        return [name for names in self.names for name in names]

    @property
    def text(self) -> str:
        return "\n\n".join(self.texts)

    def payload(self, label: str) -> str:
        """Return what the button with this label sends."""
        return next(payload for words, payload in self.buttons if words == label)


@dataclass
class Person:
    """A newcomer in a chat of their own."""

    client: httpx.Client
    ref: str
    language: str = "nl"
    last: Answer | None = None
    _updates: Any = field(default_factory=lambda: count(1))

    def say(self, message: str) -> Answer:
        """Write a text, press a button by its payload, and read what comes back; it is never nothing."""
        metadata = {"language": self.language, "update_id": next(self._updates)}
        body = {"sender": self.ref, "message": message, "metadata": metadata}
        said = self.client.post("/webhooks/rest/webhook", json=body).raise_for_status().json()
        assert any(entry.get("text") for entry in said), f"silence after {message!r}"
        self.last = self._read()
        return self.last

    def press(self, label: str) -> Answer:
        """Press a button of the last answer by its label."""
        assert self.last is not None
        return self.say(self.last.payload(label))

    def choose(self, **values: str) -> Answer:
        """Press the first button of the last answer that carries these values; of a time its beginning is enough."""
        assert self.last is not None
        return self.say(next(payload for _, payload in self.last.buttons if carries(payload, values)))

    def set_state(self, slot: str | None, **slots: str | None) -> None:
        """Bring the conversation to a question of the booking form, or out of it (*slot* None)."""
        events: list[dict[str, Any]] = [
            {"event": "action", "name": "action_session_start"},
            {"event": "session_started"},
            {"event": "action", "name": "action_listen"},
        ]
        if slot is not None:
            events += [
                {"event": "user", "text": "/coach_afspraak", "parse_data": {"intent": {"name": "coach_afspraak"}}},
                {"event": "action", "name": FORM},
                {"event": "active_loop", "name": FORM},
                *({"event": "slot", "name": name, "value": value} for name, value in slots.items()),
                {"event": "slot", "name": "requested_slot", "value": slot},
                {"event": "action", "name": "action_listen"},
            ]
        self.client.post(f"/conversations/{self.ref}/tracker/events", json=events).raise_for_status()

    def be_silent(self, trackers: str, length: timedelta) -> None:
        """Say nothing for a while: all that Rasa keeps of the conversation becomes older by that."""
        seconds = length.total_seconds()
        with closing(sqlite3.connect(trackers.removeprefix("sqlite:///"), timeout=10)) as store, store:
            rows = store.execute("select id, timestamp, data from events where sender_id = ?", (self.ref,)).fetchall()
            for number, moment, data in rows:
                older = moment - seconds
                values = (older, json.dumps(json.loads(data) | {"timestamp": older}), number)
                store.execute("update events set timestamp = ?, data = ? where id = ?", values)

    def tracker(self) -> dict[str, Any]:
        path = f"/conversations/{self.ref}/tracker"
        return self.client.get(path, params={"include_events": "ALL"}).raise_for_status().json()  # type: ignore[no-any-return]

    def _read(self) -> Answer:
        events = self.tracker()["events"]
        last = max(index for index, event in enumerate(events) if event["event"] == "user")
        said = [event for event in events[last:] if event["event"] == "bot"]
        buttons = [button for event in said for button in (event["data"].get("buttons") or [])]
        return Answer(
            intent=events[last]["parse_data"]["intent"]["name"],
            names=[_names(event["metadata"]) for event in said],
            texts=[event["text"] for event in said],
            buttons=[(button["title"], button["payload"]) for button in buttons],
        )


def carries(payload: str, values: dict[str, str]) -> bool:
    """Tell whether a button carries these values."""
    _, brace, carried = payload.partition("{")
    found = json.loads(brace + carried) if brace else {}
    return all(name in found and str(found[name]).startswith(value) for name, value in values.items())


def _names(metadata: dict[str, Any]) -> list[str]:
    pieces = metadata.get("pieces")
    return [piece["text"] for piece in pieces] if pieces else [metadata["utter_action"].removeprefix("utter_")]
