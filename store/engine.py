"""Opens the store: one engine a process, SQLite or PostgreSQL by the address."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import Session, sessionmaker

BUSY_TIMEOUT_SECONDS = 10
WAL_TRIES = 100
# libpq's own wait for minutes: a host that is gone must not hold the few threads of a process so long.
POSTGRES_LIMITS = {
    "connect_timeout": 5,  # seconds
    "tcp_user_timeout": 10_000,  # milliseconds for what was sent and never confirmed
    "keepalives_idle": 10,  # seconds of silence before it is asked whether the other side is still there
    "keepalives_interval": 5,
    "keepalives_count": 2,
}


def make_sessions(url: str) -> sessionmaker[Session]:
    """Make the sessions of one process on the store.

    Use it as `with sessions.begin() as session:`, one transaction a block. What a block loaded can still be read
    after it. On SQLite every transaction takes the write lock at its start, so that it never fails half-way.

    Args:
        url: `sqlite:///file` (its folder is made) or `postgresql://...`.

    Raises:
        ValueError: On any other kind of address.
    """
    return sessionmaker(make_engine(url), expire_on_commit=False)


def make_engine(url: str, *, foreign_keys: bool = True) -> Engine:
    """Make an engine on the store.

    Args:
        url: As for `make_sessions`.
        foreign_keys: Whether SQLite checks them; off only while a migration rebuilds tables.

    Raises:
        ValueError: If it is neither SQLite nor PostgreSQL.
    """
    address = make_url(url)
    if address.drivername == "sqlite":
        return _sqlite_engine(address, foreign_keys=foreign_keys)
    if address.drivername == "postgresql":
        options = " ".join([*address.normalized_query.get("options", ()), "-c timezone=utc"])
        address = address.update_query_dict({"options": options})
        return make_postgres_engine(address)
    raise ValueError(f"store: {address.drivername}: neither sqlite:/// nor postgresql://")


def make_postgres_engine(address: URL) -> Engine:
    """Make an engine on PostgreSQL that gives up soon on a host that is gone. What *address* says itself comes first.

    The messages of its errors do not repeat what was to be stored: it can be what a person typed.
    """
    limits = {name: value for name, value in POSTGRES_LIMITS.items() if name not in address.query}
    return create_engine(
        address.set(drivername="postgresql+psycopg"), pool_pre_ping=True, hide_parameters=True, connect_args=limits
    )


@contextmanager
def opened_sessions(url: str) -> Iterator[sessionmaker[Session]]:
    """Open the sessions of a command that ends soon, and close their connections after it."""
    sessions = make_sessions(url)
    try:
        yield sessions
    finally:
        close_sessions(sessions)


def close_sessions(sessions: sessionmaker[Session]) -> None:
    """Close all connections that the sessions hold."""
    sessions.kw["bind"].dispose()


def _sqlite_engine(address: URL, *, foreign_keys: bool) -> Engine:
    if not address.database or address.database == ":memory:":
        raise ValueError("store: sqlite: a file is needed, a store in memory is seen by one connection only")
    Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(address, hide_parameters=True, connect_args={"timeout": BUSY_TIMEOUT_SECONDS})

    @event.listens_for(engine, "connect")
    def set_up(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # pysqlite's own BEGIN comes too late; `begin` below says it
        _use_wal(connection)
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch the file to WAL, once; it stays so.

    While two processes switch a new file at once, SQLite says "locked" to one of them without waiting.
    """
    for attempt in range(WAL_TRIES):
        try:
            if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if attempt == WAL_TRIES - 1:
                raise
            time.sleep(0.05)
        else:
            return
