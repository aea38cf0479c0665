import os
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.run import SANDBOX_COACHES, environment, prepare, taken_ports
from service.coaches import coach_of
from service.settings import ROOT, SettingsError, load_settings
from store.engine import opened_sessions
from tests.e2e.stack import free_port

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
WITH_TOKEN = {"WEGWIJS_TELEGRAM_TOKEN": "123:abcdefghijklmnop", "WEGWIJS_SECRET": "sixteen characters or more"}


def test_without_a_token_the_sandbox_starts(tmp_path: Path) -> None:
    env = environment({"WEGWIJS_VAR": str(tmp_path)}, NOW)

    assert env["WEGWIJS_WITH_SANDBOX"] == "true"
    assert load_settings(env).telegram_api == "http://127.0.0.1:8080"
    assert load_settings(env).coach_chat is not None


def test_the_secret_of_the_sandbox_is_made_once_and_is_private(tmp_path: Path) -> None:
    file = tmp_path / "var" / "secret"

    first = environment({"WEGWIJS_VAR": str(file.parent)}, NOW)["WEGWIJS_SECRET"]

    assert environment({"WEGWIJS_VAR": str(file.parent)}, NOW)["WEGWIJS_SECRET"] == first
    assert file.stat().st_mode & 0o777 == 0o600


def test_with_a_token_there_is_no_sandbox_and_no_secret_of_ours() -> None:
    env = environment({"WEGWIJS_TELEGRAM_TOKEN": "123:abcdefghijklmnop"}, NOW)

    assert env["WEGWIJS_WITH_SANDBOX"] == "false"
    with pytest.raises(SettingsError, match="WEGWIJS_SECRET"):
        load_settings(env)


def test_a_trial_has_a_store_of_its_own(tmp_path: Path) -> None:
    trial = environment({"WEGWIJS_VAR": str(tmp_path)}, NOW)
    real = environment(WITH_TOKEN | {"WEGWIJS_VAR": str(tmp_path)}, NOW)

    assert trial["WEGWIJS_DATABASE_URL"] == f"sqlite:///{tmp_path}/sandbox.db"
    assert real["WEGWIJS_DATABASE_URL"] == f"sqlite:///{tmp_path}/wegwijs.db"
    assert trial["WEGWIJS_TRACKER_URL"] == f"sqlite:///{tmp_path}/sandbox-trackers.db"


def test_one_clock_offset_for_all_parts() -> None:
    env = environment(WITH_TOKEN | {"WEGWIJS_CLOCK": "2026-11-24T10:00"}, NOW)

    assert load_settings(env).clock_offset.total_seconds() == 3600


def test_a_clock_that_is_no_time_is_named() -> None:
    with pytest.raises(SettingsError, match="WEGWIJS_CLOCK"):
        environment(WITH_TOKEN | {"WEGWIJS_CLOCK": "ten o'clock"}, NOW)


def test_a_rasa_named_by_hand_is_left_alone() -> None:
    env = environment(WITH_TOKEN | {"WEGWIJS_RASA_URL": "http://127.0.0.1:9"}, NOW)

    assert env["WEGWIJS_WITH_RASA"] == "false"
    assert env["WEGWIJS_RASA_URL"] == "http://127.0.0.1:9"


def test_conversations_lie_in_a_schema_of_their_own_on_postgresql() -> None:
    env = environment(WITH_TOKEN | {"WEGWIJS_DATABASE_URL": "postgresql://a:b@db/w"}, NOW)

    assert env["WEGWIJS_TRACKER_URL"] == "postgresql://a:b@db/w?options=-csearch_path%3Drasa"


def test_a_port_that_another_program_has_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        env = environment({"WEGWIJS_SANDBOX_PORT": str(port), "WEGWIJS_VAR": str(tmp_path)}, NOW)

        assert port in taken_ports(env)


@pytest.mark.parametrize(
    ("name", "is_said"),
    [
        ("rasa.core.channels.rest", False),
        ("rasa.core.tracker_store", False),
        ("rasa.core.processor", False),
        ("rasa.core.run", True),
    ],
)
def test_rasa_does_not_log_what_people_typed(name: str, *, is_said: bool) -> None:
    assert "--logging-config-file rasa_logging.yml" in (ROOT / "supervisord.conf").read_text()
    program = (
        "import logging.config, sys, yaml\n"
        "logging.config.dictConfig(yaml.safe_load(open('rasa_logging.yml')))\n"
        "logging.getLogger(sys.argv[1]).error('what somebody typed')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, name], cwd=ROOT, capture_output=True, text=True, check=True, timeout=30
    )
    assert ("what somebody typed" in done.stderr) is is_said
    assert is_said or name in done.stderr


def test_a_trial_begins_with_linked_sample_coaches(tmp_path: Path) -> None:
    settings = load_settings(environment({"WEGWIJS_VAR": str(tmp_path)}, NOW))
    prepare(settings, with_sample=True)
    prepare(settings, with_sample=True)

    with opened_sessions(settings.database_url) as sessions, sessions() as session:
        linked = {coach_of(session, user_id) for user_id in SANDBOX_COACHES}
        assert {coach and coach.name for coach in linked} == {"Voorbeeldcoach A", "Voorbeeldcoach B"}


def test_a_database_that_does_not_answer_is_said_in_plain_words(tmp_path: Path) -> None:
    nowhere = {
        "WEGWIJS_VAR": str(tmp_path),
        "WEGWIJS_DATABASE_URL": "postgresql://someone:secret-word@127.0.0.1:1/nowhere",
        **{name: str(free_port()) for name in ("WEGWIJS_SANDBOX_PORT", "WEGWIJS_RASA_PORT")},
        "WEGWIJS_ACTIONS_URL": f"http://127.0.0.1:{free_port()}",
    }
    ended = subprocess.run(
        [sys.executable, "-m", "bot.run"],
        cwd=ROOT,
        env={**os.environ, **nowhere},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 2
    assert "WEGWIJS_DATABASE_URL" in ended.stdout
    assert "secret-word" not in ended.stdout + ended.stderr
