from __future__ import annotations

import socket
from datetime import UTC, datetime, time, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError, StatementError
from sqlalchemy.orm import Session, sessionmaker

from store.engine import POSTGRES_LIMITS, close_sessions, make_engine, make_sessions
from store.models import Availability, Newcomer
from tests.factories import make_newcomer


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite://", "sqlite:///:memory:", "postgresql+psycopg2://x/y"])
def test_an_address_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="store: "):
        make_sessions(url)


def test_the_folder_of_an_sqlite_file_is_made(tmp_path: Path) -> None:
    sessions = make_sessions(f"sqlite:///{tmp_path / 'a' / 'b' / 'store.db'}")
    with sessions.begin() as session:
        assert session.scalar(text("select 1")) == 1
    close_sessions(sessions)
    assert (tmp_path / "a" / "b" / "store.db").exists()


def test_sqlite_is_set_up_for_several_processes(sqlite_template: Path) -> None:
    engine = make_engine(f"sqlite:///{sqlite_template}")
    with engine.connect() as connection:
        pragmas = ("journal_mode", "busy_timeout", "foreign_keys")
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in pragmas]
    engine.dispose()
    assert found == ["wal", 10_000, 1]


def test_an_sqlite_transaction_holds_the_write_lock_from_its_start(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    first, second = make_engine(url), make_engine(url)
    with first.begin(), second.connect() as impatient:
        impatient.connection.execute("PRAGMA busy_timeout = 0")
        with pytest.raises(OperationalError, match="locked"):
            impatient.exec_driver_sql("select 1")
    first.dispose()
    second.dispose()


def test_a_moment_keeps_its_zone(sessions: sessionmaker[Session]) -> None:
    moment = datetime(2026, 10, 25, 2, 30, tzinfo=timezone(timedelta(hours=1)))
    with sessions.begin() as session:
        make_newcomer(session, last_seen_at=moment)
    with sessions() as session:
        found = session.query(Newcomer).one().last_seen_at
    assert found == moment
    assert found.tzinfo == UTC


def test_a_moment_without_zone_is_refused(session: Session) -> None:
    with pytest.raises(StatementError, match="needs a time zone"):
        make_newcomer(session, last_seen_at=datetime(2026, 11, 24, 8, 0))  # noqa: DTZ001 - the naive one is the point


def test_a_savepoint_that_fails_leaves_the_transaction_whole(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        make_newcomer(session, chat_id=1)
        with pytest.raises(IntegrityError), session.begin_nested():
            make_newcomer(session, chat_id=1)
        make_newcomer(session, chat_id=2)
    with sessions() as session:
        assert session.query(Newcomer).count() == 2


def test_foreign_keys_are_held(session: Session) -> None:
    session.add(Availability(coach_id=99, place_id=99, weekday=0, starts=time(9), ends=time(10)))
    with pytest.raises(IntegrityError):
        session.flush()


def test_an_error_does_not_repeat_what_was_to_be_stored(session: Session) -> None:
    typed = "what somebody typed"
    with pytest.raises(OperationalError if session.get_bind().dialect.name == "sqlite" else ProgrammingError) as failed:
        session.execute(text("insert into no_such_table values (:typed)"), {"typed": typed})
    assert typed not in str(failed.value)


def test_a_host_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(POSTGRES_LIMITS, "connect_timeout", 2)  # libpq's shortest
    with socket.create_server(("127.0.0.1", 0)) as silent:
        engine = make_engine(f"postgresql://somebody@127.0.0.1:{silent.getsockname()[1]}/wegwijs")
        with pytest.raises(OperationalError, match="timeout"):
            engine.connect()
