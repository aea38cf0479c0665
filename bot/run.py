"""`make run`: prepares what the parts need, starts them all and says when they answer.

With a token in WEGWIJS_TELEGRAM_TOKEN the bot talks to Telegram. Without one a local Telegram starts beside it
(bot/sandbox) and the sample data is loaded. supervisord keeps the parts running (supervisord.conf).
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from sqlalchemy import create_engine, make_url, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bot.sandbox.people import COACH_GROUP, FIRST_COACH
from service.clock import Clock, offset_to
from service.coaches import issue_link_code, link_coach
from service.sample import load_sample
from service.settings import ROOT, VAR, Settings, SettingsError, load_settings
from store.engine import opened_sessions
from store.migrate import migrate
from store.models import Coach

SANDBOX_TOKEN = "1:of-the-local-Telegram"  # noqa: S105 - opens nothing but bot/sandbox on this machine
SANDBOX_COACHES = (FIRST_COACH, FIRST_COACH + 1)
READY_SECONDS = 120.0  # how long the parts may take before we stop promising that they come
POLL_SECONDS = 0.5


def environment(given: Mapping[str, str], real_now: datetime) -> dict[str, str]:
    """Complete the environment that all parts start with.

    Args:
        given: The environment as it was found. The secret of a run without a token is made on first use, and kept.
        real_now: The real moment, from which WEGWIJS_CLOCK becomes one offset for all parts.

    Raises:
        SettingsError: If WEGWIJS_CLOCK is no ISO time.
    """
    env = {"WEGWIJS_VAR": str(VAR), **given}
    with_sandbox = not env.get("WEGWIJS_TELEGRAM_TOKEN")
    if with_sandbox:
        port = env.setdefault("WEGWIJS_SANDBOX_PORT", str(Settings.sandbox_port))
        env |= {"WEGWIJS_TELEGRAM_TOKEN": SANDBOX_TOKEN, "WEGWIJS_TELEGRAM_API": f"http://127.0.0.1:{port}"}
        env.setdefault("WEGWIJS_COACH_CHAT", str(COACH_GROUP))
        if not env.get("WEGWIJS_SECRET"):
            env["WEGWIJS_SECRET"] = _kept_secret(Path(env["WEGWIJS_VAR"]) / "secret")
    if env.get("WEGWIJS_CLOCK"):
        try:
            env["WEGWIJS_CLOCK_OFFSET"] = str(offset_to(env["WEGWIJS_CLOCK"], real_now).total_seconds())
        except ValueError:
            raise SettingsError(["WEGWIJS_CLOCK: must be an ISO time, such as 2026-11-24T09:00"]) from None
    env["WEGWIJS_WITH_RASA"] = str(not env.get("WEGWIJS_RASA_URL")).lower()
    env["WEGWIJS_WITH_SANDBOX"] = str(with_sandbox).lower()
    env.setdefault("WEGWIJS_RASA_PORT", "5005")
    env.setdefault("WEGWIJS_RASA_URL", f"http://127.0.0.1:{env['WEGWIJS_RASA_PORT']}")
    env.setdefault("WEGWIJS_ACTIONS_URL", Settings.actions_url)
    # Trials have a store of their own: the samples in it must not meet a real newcomer.
    env.setdefault(
        "WEGWIJS_DATABASE_URL", f"sqlite:///{env['WEGWIJS_VAR']}/{'sandbox' if with_sandbox else 'wegwijs'}.db"
    )
    env.setdefault("WEGWIJS_TRACKER_URL", _tracker_url(env))
    return env | {"RASA_TELEMETRY_ENABLED": "false"}


def _kept_secret(file: Path) -> str:
    """Read the secret of this folder's runs without a token, or make it."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(32))
    return file.read_text()


def _tracker_url(env: Mapping[str, str]) -> str:
    """Place Rasa's conversations beside the store, apart from its tables: a file or a schema of their own."""
    store = env["WEGWIJS_DATABASE_URL"]
    if store.startswith("postgresql://"):
        url = make_url(store).update_query_dict({"options": "-csearch_path=rasa"})
        return url.render_as_string(hide_password=False)
    return f"{store.removesuffix('.db')}-trackers.db"


def prepare(settings: Settings, *, with_sample: bool) -> None:
    """Bring the store and the place of Rasa's conversations into being.

    Args:
        settings: Where they are.
        with_sample: Load the sample data too; never beside a real token.
    """
    migrate(settings.database_url)
    if settings.tracker_url.startswith("postgresql://"):
        engine = create_engine(make_url(settings.tracker_url).set(drivername="postgresql+psycopg"))
        with engine.begin() as connection:
            connection.execute(text("create schema if not exists rasa"))
        engine.dispose()
    if with_sample:
        with opened_sessions(settings.database_url) as sessions, sessions.begin() as session:
            now = Clock(settings.clock_offset).now()
            load_sample(session, now)
            link_sample_coaches(session, now)


def link_sample_coaches(session: Session, now: datetime) -> None:
    """Link the sample coaches with the coaches of the local Telegram, so that a trial can begin at once."""
    samples = session.scalars(select(Coach).where(Coach.is_sample).order_by(Coach.id))
    for coach, user_id in zip(samples, SANDBOX_COACHES, strict=False):
        if coach.telegram_user_id is None and coach.is_active:
            link_coach(session, issue_link_code(session, coach, now), user_id, now)


def taken_ports(env: Mapping[str, str]) -> list[int]:
    """List the ports that the parts want and another program has."""
    wanted = [urlsplit(env["WEGWIJS_ACTIONS_URL"]).port]
    if env["WEGWIJS_WITH_RASA"] == "true":
        wanted.append(int(env["WEGWIJS_RASA_PORT"]))
    if env["WEGWIJS_WITH_SANDBOX"] == "true":
        wanted.append(int(env["WEGWIJS_SANDBOX_PORT"]))
    return [port for port in wanted if port and _is_taken(port)]


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).is_success
    except httpx.HTTPError:
        return False


def _wait_until_ready(parts: subprocess.Popen[bytes], urls: list[str]) -> bool:
    """Wait until every address answers; give up when the parts end or it takes too long."""
    until = time.monotonic() + READY_SECONDS
    while urls and parts.poll() is None and time.monotonic() < until:
        urls = [url for url in urls if not _answers(url)]
        time.sleep(POLL_SECONDS)
    return not urls


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def run(env: dict[str, str]) -> int:
    """Start all parts, tell when they answer, and stay until they have ended.

    Returns:
        The exit code: 0 after Ctrl-C or SIGTERM.
    """
    with_sandbox = env["WEGWIJS_WITH_SANDBOX"] == "true"
    parts = subprocess.Popen(
        [sys.executable, "-m", "supervisor.supervisord", "-c", "supervisord.conf"], cwd=ROOT, env=env
    )
    # supervisord stops the parts, and we wait for it. After Ctrl-C it hears it twice, which does no harm.
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: parts.terminate())
    urls = [f"{env['WEGWIJS_RASA_URL']}/status", f"{env['WEGWIJS_ACTIONS_URL']}/healthz"]
    if with_sandbox:
        urls.append(f"{env['WEGWIJS_TELEGRAM_API']}/healthz")
    if _wait_until_ready(parts, urls):
        where = f"in your browser at {env['WEGWIJS_TELEGRAM_API']}/" if with_sandbox else "in Telegram"
        _say(f"\n  Wegwijs answers {where}   (Ctrl-C stops it)\n")
    parts.wait()
    return 0


def main() -> int:
    """Prepare and run; say in plain words what is wrong with the settings."""
    os.umask(0o077)  # what people say is kept in files, which are nobody else's to read
    try:
        env = environment(os.environ, datetime.now(UTC))
        settings = load_settings(env)
    except SettingsError as error:
        _say(str(error))
        return 2
    if ports := taken_ports(env):
        _say(f"these ports are taken by another program: {', '.join(map(str, ports))}")
        return 2
    try:
        prepare(settings, with_sample=env["WEGWIJS_WITH_SANDBOX"] == "true")
    except OperationalError:
        _say("the database that WEGWIJS_DATABASE_URL names cannot be opened: is it running, and is the address right?")
        return 2
    return run(env)


if __name__ == "__main__":
    sys.exit(main())
