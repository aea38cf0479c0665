"""The server itself, as a process: what Rasa and the bot get from it when something is wrong."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from service.settings import ROOT
from tests.dialogues import stage
from tests.e2e.stack import free_port

SECRET = "Amina 0612345678"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Run the action server on a store without tables: it cannot be used."""
    folder: Path = tmp_path_factory.mktemp("server")
    settings = stage.settings(folder, free_port(), free_port())
    url = settings["WEGWIJS_ACTIONS_URL"]
    part = stage.running(stage.actions_command(), settings, folder / "log", f"{url}/healthz")
    with part, httpx.Client(base_url=url) as client:
        yield client
    assert SECRET not in (folder / "log").read_text()


def call(action: str) -> dict[str, object]:
    tracker = {"sender_id": "someone", "slots": {}, "latest_message": {"text": SECRET}, "events": []}
    return {"next_action": action, "sender_id": "someone", "tracker": tracker, "domain": {}, "version": "3.6.21"}


def test_the_server_tells_that_it_is_well(server: httpx.Client) -> None:
    assert server.get("/healthz").json() == {"status": "ok"}


def test_without_the_store_an_action_is_an_error_that_repeats_nothing(server: httpx.Client) -> None:
    answer = server.post("/webhook", json=call("action_affirm"))
    assert (answer.status_code, answer.json()) == (500, {"error": "the store cannot be reached"})


def test_a_text_is_said_also_without_the_store(server: httpx.Client) -> None:
    answer = server.post("/nlg", json={"response": "utter_greet", "arguments": {}, "tracker": {"sender_id": "x"}})
    assert answer.json()["text"].startswith("Hallo!")


@pytest.mark.parametrize("body", [{"response": "utter_no/text"}, {}, {"response": "utter_greet", "tracker": 3}])
def test_a_text_that_cannot_be_said_is_an_error(server: httpx.Client, body: dict[str, object]) -> None:
    assert server.post("/nlg", json=body).status_code == 500


def test_all_actions_are_registered(server: httpx.Client) -> None:
    names = {action["name"] for action in server.get("/actions").json()}
    assert {"action_offer_topics", "validate_appointment_form"} <= names
    assert None not in names


def test_wrong_settings_are_named_and_end_the_server() -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith("WEGWIJS_")}
    done = subprocess.run(stage.actions_command(), cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "WEGWIJS_SECRET: missing" in done.stderr
