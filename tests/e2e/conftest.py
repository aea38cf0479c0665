"""The real processes, started once a run: one stack on SQLite with polling, one on PostgreSQL with a webhook."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import date
from pathlib import Path

import pytest

from bot.sandbox.client import Person, Sandbox
from service.settings import ROOT
from service.texts import Texts
from tests.conftest import not_tested, own_postgres_database
from tests.e2e.stack import Stack, free_port
from tests.services import Unavailable

CLOCK = "2026-11-24T10:00"  # a Tuesday, in Europe/Amsterdam
newcomer_ids = itertools.count(1100)
coach_ids = itertools.count(2100)


@pytest.fixture(scope="session")
def sqlite_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """SQLite and long polling; its content is a copy, so that a test may change it."""
    folder = tmp_path_factory.mktemp("polling")
    shutil.copytree(ROOT / "stories", folder / "stories")
    yield from _run(Stack(folder, WEGWIJS_CLOCK=CLOCK, WEGWIJS_CONTENT=str(folder / "stories")))


@pytest.fixture(scope="session")
def postgres_stack(
    tmp_path_factory: pytest.TempPathFactory, postgres_stack_database: str | Unavailable
) -> Iterator[Stack]:
    """PostgreSQL and a webhook."""
    if isinstance(postgres_stack_database, Unavailable):
        not_tested("PostgreSQL", str(postgres_stack_database))
    port = free_port()
    yield from _run(
        Stack(
            tmp_path_factory.mktemp("webhook"),
            WEGWIJS_CLOCK=CLOCK,
            WEGWIJS_DATABASE_URL=postgres_stack_database,
            WEGWIJS_WEBHOOK_URL=f"http://127.0.0.1:{port}/telegram",
            WEGWIJS_WEBHOOK_PORT=str(port),
            WEGWIJS_WEBHOOK_SECRET="a-secret-of-the-tests-alone",
        )
    )


def _run(stack: Stack) -> Iterator[Stack]:
    stack.start()
    yield stack
    assert stack.end() == 0


@pytest.fixture(scope="session")
def postgres_stack_database() -> Iterator[str | Unavailable]:
    """A database of the stack's own: other tests empty theirs."""
    yield from own_postgres_database()


@pytest.fixture(params=["sqlite", "postgresql"])
def stack(request: pytest.FixtureRequest) -> Stack:
    """Each stack in turn."""
    found: Stack = request.getfixturevalue("sqlite_stack" if request.param == "sqlite" else "postgres_stack")
    return found


@pytest.fixture
async def sandbox(stack: Stack) -> AsyncIterator[Sandbox]:
    """The hand on the stack's local Telegram."""
    async with Sandbox(stack.sandbox_url) as opened:
        yield opened


@pytest.fixture
async def newcomer(sandbox: Sandbox) -> Person:
    """A newcomer who has met the bot and reads Dutch."""
    return await _met(sandbox, "nl")


@pytest.fixture
async def sqlite_newcomer(sqlite_stack: Stack) -> AsyncIterator[Person]:
    """A newcomer who has met the bot of the SQLite stack."""
    async with Sandbox(sqlite_stack.sandbox_url) as opened:
        yield await _met(opened, "nl")


@pytest.fixture
async def postgres_newcomer(postgres_stack: Stack) -> AsyncIterator[Person]:
    """A newcomer who has met the bot of the PostgreSQL stack."""
    async with Sandbox(postgres_stack.sandbox_url) as opened:
        yield await _met(opened, "nl")


async def _met(sandbox: Sandbox, language: str) -> Person:
    person = sandbox.newcomer(next(newcomer_ids), language_code=language)
    await person.says("/start")
    await person.replies()
    await person.says(f"/taal {language}")
    await person.replies()
    return person


@pytest.fixture
async def coach(stack: Stack, sandbox: Sandbox) -> Person:
    """A coach of the gemeente whose Telegram account is linked by a one-time code."""
    person = sandbox.coach(next(coach_ids), first_name="Voorbeeldcoach")
    await person.says(f"/koppel {stack.coach_code(f'Voorbeeldcoach {person.user_id}')}")
    await person.next_reply()
    return person


class Say:
    """Finds what the bot should say, by name: a better wording breaks no test."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts

    def __call__(self, name: str, language: str = "nl") -> str:
        return self._texts.find(name, language, today=date(2026, 11, 24)).html.strip()


@pytest.fixture(scope="session")
def say() -> Say:
    return Say(Texts(Path(ROOT / "stories")))
