"""The bot as the process that it is: starts, answers, stops when told, and says nothing that it should not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from bot.sandbox.client import Sandbox
from service.settings import ROOT
from tests.sandbox.serving import TOKEN, Running, free_port

SECRET = "a-secret-for-tests"
CHAT = 7_345_612_098
SAID = "een zin die niemand anders mag zien"


@contextmanager
def process(folder: Path, **environment: str) -> Iterator[subprocess.Popen[str]]:
    own = {key: value for key, value in os.environ.items() if not key.startswith("WEGWIJS_")}
    wanted = {
        "WEGWIJS_TELEGRAM_TOKEN": TOKEN,
        "WEGWIJS_SECRET": SECRET,
        "WEGWIJS_DATABASE_URL": f"sqlite:///{folder / 'wegwijs.db'}",
        "WEGWIJS_TRACKER_URL": f"sqlite:///{folder / 'trackers.db'}",
        "WEGWIJS_RASA_URL": f"http://127.0.0.1:{free_port()}",
    }
    with subprocess.Popen(
        [sys.executable, "-m", "bot"], cwd=ROOT, env=own | wanted | environment, stderr=subprocess.PIPE, text=True
    ) as started:
        try:
            yield started
        finally:
            started.kill()


def test_what_telegrams_library_received_is_never_logged() -> None:
    program = (
        "import logging\n"
        "from bot.__main__ import set_up_logging\n"
        "set_up_logging()\n"
        f"logging.getLogger('telegram.Bot').critical('Received data was %r', {SAID!r})\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, stderr=subprocess.PIPE, text=True, check=True)
    assert SAID not in done.stderr


@pytest.mark.parametrize("by_webhook", [False, True], ids=["polling", "webhook"])
async def test_it_answers_and_stops_when_told_and_its_log_tells_nothing_secret(
    running: Running,
    sandbox: Sandbox,
    sqlite_sessions: sessionmaker[Session],
    tmp_path: Path,
    *,
    by_webhook: bool,
) -> None:
    port = free_port()
    webhook = {
        "WEGWIJS_WEBHOOK_URL": f"http://127.0.0.1:{port}/hook",
        "WEGWIJS_WEBHOOK_PORT": str(port),
        "WEGWIJS_WEBHOOK_SECRET": "a-secret-for-the-webhook",
    }
    newcomer = await sandbox.newcomer(CHAT, first_name="Fatima").enters()
    with process(tmp_path, WEGWIJS_TELEGRAM_API=running.url, **(webhook if by_webhook else {})) as bot:
        await newcomer.says(SAID)
        introduction, sorry = await newcomer.replies(timeout=40, at_least=2)
        bot.send_signal(signal.SIGTERM)
        _, log = bot.communicate(timeout=15)
    assert "geen mens" in introduction.text
    assert "14\u00a0030" in sorry.text  # kept in one line
    assert bot.returncode == 0
    assert "rasa_down" in log
    assert not [
        word for word in (TOKEN, SECRET, SAID, "Fatima", "1000", webhook["WEGWIJS_WEBHOOK_SECRET"]) if word in log
    ]


async def test_it_stops_when_told_while_telegram_cannot_be_reached(
    sqlite_sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    with process(tmp_path, WEGWIJS_TELEGRAM_API=f"http://127.0.0.1:{free_port()}") as bot:
        assert bot.stderr
        for line in bot.stderr:
            if "telegram_not_reached" in line:
                break
        bot.send_signal(signal.SIGTERM)
        assert bot.wait(timeout=10) == 0


async def test_a_token_that_telegram_does_not_know_ends_it(
    running: Running, sqlite_sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    wrong = "999:a-token-that-is-not-known"
    with process(tmp_path, WEGWIJS_TELEGRAM_API=running.url, WEGWIJS_TELEGRAM_TOKEN=wrong) as bot:
        _, log = bot.communicate(timeout=30)
    assert bot.returncode == 1
    assert "telegram_refuses" in log
    assert wrong not in log


async def test_wrong_settings_are_named(tmp_path: Path) -> None:
    with process(tmp_path, WEGWIJS_SECRET="") as bot:
        _, log = bot.communicate(timeout=30)
    assert bot.returncode == 1
    assert "WEGWIJS_SECRET: missing" in log
