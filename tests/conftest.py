"""What all tests share: a migrated store on SQLite and on PostgreSQL, and one fixed moment.

Both stores are migrated once a run. SQLite's file is copied for each test, PostgreSQL's tables are emptied.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, sessionmaker

import store.messages
import store.models  # noqa: F401 - the tables make themselves known to Base
from store.base import Base
from store.engine import close_sessions, make_sessions
from store.migrate import migrate
from tests.factories import NOW
from tests.services import Unavailable, postgres

NOT_TESTED = "not tested: "
RUN_TOGETHER = ("e2e", "dialogues", "nlu")  # folders whose tests share processes that take long to start


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a folder that share processes in one worker, where several work."""
    here = Path(__file__).parent
    for item in items:
        folder = item.path.relative_to(here).parts[0]
        if folder in RUN_TOGETHER:
            item.add_marker(pytest.mark.xdist_group(folder))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = (str(report.longrepr) for report in terminalreporter.stats.get("skipped", ()))
    missing = {text.split(NOT_TESTED, 1)[1].rstrip("')") for text in skipped if NOT_TESTED in text}
    for what in sorted(missing):
        terminalreporter.write_line(f"niet getest/not tested: {what}", yellow=True)


def not_tested(what: str, why: str) -> None:
    """Skip the running test for lack of something outside, and say so in the summary; under CI=true it fails."""
    why = why.removeprefix(f"{what}: ")
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what}: {why}")
    pytest.skip(f"{NOT_TESTED}{what}: {why}")


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "template.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_database() -> Iterator[str | Unavailable]:
    """Give the address of a database at the newest revision; or why there is none."""
    for url in own_postgres_database():
        if isinstance(url, str):
            migrate(url)
        yield url


def own_postgres_database() -> Iterator[str | Unavailable]:
    """Make an empty database for as long as it is needed; give its address, or why there is none."""
    try:
        server = postgres()
    except Unavailable as error:
        yield error
        return
    name = f"wegwijs_test_{os.getpid()}_{uuid.uuid4().hex[:8]}"
    _on_server(server, sql.SQL("create database {}").format(sql.Identifier(name)))
    url = make_url(server).set(database=name).render_as_string(hide_password=False)
    try:
        yield url
    finally:
        _on_server(server, sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def _on_server(server: str, command: sql.Composed) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(command)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of an empty store at the newest revision, of each kind in turn."""
    if request.param == "sqlite":
        path = tmp_path / "wegwijs.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}"
    url = request.getfixturevalue("postgres_database")
    if isinstance(url, Unavailable):
        not_tested("PostgreSQL", str(url))
    _empty(url)
    return url


def _empty(url: str) -> None:
    """Empty all tables and count from one again; several times faster than `truncate` on tables this small."""
    tables = reversed(Base.metadata.sorted_tables)
    deletes = [f"delete from {table.name}" for table in tables]
    counted = [table.name for table in Base.metadata.sorted_tables if table.autoincrement_column is not None]
    resets = [f"select setval(pg_get_serial_sequence('{name}', 'id'), 1, false)" for name in counted]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("; ".join([*deletes, *resets]))


@pytest.fixture
def sessions(database_url: str) -> Iterator[sessionmaker[Session]]:
    """Give the sessions of an empty store, on each kind of database in turn."""
    made = make_sessions(database_url)
    yield made
    close_sessions(made)


@pytest.fixture
def session(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """Give one open transaction on an empty store; it is rolled back after the test."""
    with sessions() as opened:
        yield opened
