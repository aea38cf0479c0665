"""Brings a store to the newest tables. Safe when several processes start at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from store.engine import make_engine

FOLDER = Path(__file__).resolve().parent / "migrations"
LOCK = 0x5765677769  # any number of our own; PostgreSQL's advisory lock


def migrate(url: str) -> None:
    """Bring the store to head, in one transaction: all of it or nothing.

    A second process waits until the first is done and finds nothing left to do.

    Args:
        url: As for `store.engine.make_sessions`.
    """
    with locked(url) as connection:
        command.upgrade(config(connection), "head")


def make_revision(url: str, message: str) -> None:
    """Write a revision of what the models have and the store, which must be at head, has not. For developers."""
    with locked(url) as connection:
        command.revision(config(connection), message, autogenerate=True)


def current_revision(url: str) -> str | None:
    """Return the revision at which the store is; None before the first."""
    with locked(url) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head_revision() -> str | None:
    """Return the newest revision."""
    return ScriptDirectory(str(FOLDER)).get_current_head()


def config(connection: Connection) -> Config:
    """Make Alembic's configuration for one connection."""
    made = Config(attributes={"connection": connection})
    made.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    return made


@contextmanager
def locked(url: str) -> Iterator[Connection]:
    """Open a transaction that keeps other migrations out; SQLite's begins with the write lock.

    Foreign keys are off in SQLite: to change a table it is built anew, and dropping the old one would delete what
    points to it. They are checked as a whole before the end.
    """
    engine = make_engine(url, foreign_keys=False)
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            yield connection
            if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                raise RuntimeError("store: migration: a row points to one that is gone: nothing was changed")
    finally:
        engine.dispose()
