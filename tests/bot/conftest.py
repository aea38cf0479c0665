from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from bot.sandbox.client import Person, Sandbox
from store.engine import close_sessions, make_sessions
from tests.bot.office import Office, open_office
from tests.bot.rig import Rig, open_rig
from tests.sandbox.serving import STOPPING, Running, running_sandbox


@pytest.fixture(scope="session")
def servers_stop() -> Iterator[None]:
    yield
    for thread in STOPPING:
        thread.join(10)


@pytest.fixture
def running(servers_stop: None) -> Iterator[Running]:
    with running_sandbox() as started:
        yield started


@pytest.fixture
async def sandbox(running: Running) -> AsyncIterator[Sandbox]:
    async with Sandbox(running.url) as client:
        yield client


@pytest.fixture
def sqlite_sessions(tmp_path: Path, sqlite_template: Path) -> Iterator[sessionmaker[Session]]:
    """Sessions of an empty SQLite store: what a database does differently is tested with the services."""
    shutil.copy(sqlite_template, tmp_path / "wegwijs.db")
    made = make_sessions(f"sqlite:///{tmp_path / 'wegwijs.db'}")
    yield made
    close_sessions(made)


@pytest.fixture
async def rig(running: Running, sqlite_sessions: sessionmaker[Session], tmp_path: Path) -> AsyncIterator[Rig]:
    async with open_rig(running.url, sqlite_sessions) as opened:
        yield opened
    await _end_threads()


async def _end_threads() -> None:
    """Wait for what a stopped bot still asks the store, so that the store is closed after it."""
    await asyncio.get_running_loop().shutdown_default_executor()


@pytest.fixture
async def newcomer(rig: Rig, sandbox: Sandbox) -> Person:
    """A newcomer who has met the bot: the introduction is said."""
    await rig.start()
    person = sandbox.newcomer(1000)
    await person.says("/start")
    await person.replies()
    return person


@pytest.fixture
async def office(running: Running, sandbox: Sandbox, sqlite_sessions: sessionmaker[Session]) -> AsyncIterator[Office]:
    """A bot on a Tuesday noon; without the fixtures below nobody is there."""
    async with open_office(running.url, sandbox, sqlite_sessions) as opened:
        yield opened
    await _end_threads()


@pytest.fixture
async def coach(office: Office) -> Person:
    return await office.coach()
