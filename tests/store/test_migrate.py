from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import IntegrityError

from service.settings import Settings
from store.__main__ import main, store_url
from store.base import Base
from store.engine import make_engine
from store.migrate import current_revision, head_revision, locked, migrate

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def bare_url(database_url: str, tmp_path: Path) -> Any:
    """Give the address of a store without any table."""
    if database_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'new' / 'bare.db'}"
        return
    schema = "bare"
    engine = make_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text(f"create schema {schema}"))
    yield f"{database_url}?options=-csearch_path%3D{schema}"
    with engine.begin() as connection:
        connection.execute(text(f"drop schema {schema} cascade"))
    engine.dispose()


def shape(engine: Engine) -> dict[str, Any]:
    """Describe all tables with their constraints and indexes, so that two stores can be compared."""
    found = inspect(engine)
    return {
        table: {
            "columns": sorted((c["name"], str(c["type"]), c["nullable"]) for c in found.get_columns(table)),
            "key": found.get_pk_constraint(table),
            "unique": sorted((u["name"], u["column_names"]) for u in found.get_unique_constraints(table)),
            "checks": sorted((c["name"], c["sqltext"]) for c in found.get_check_constraints(table)),
            "foreign": sorted(
                (f["name"], f["constrained_columns"], f["referred_table"], sorted(f["options"].items()))
                for f in found.get_foreign_keys(table)
            ),
            "indexes": sorted(
                (
                    i["name"],
                    i["column_names"],
                    bool(i["unique"]),
                    str(i["dialect_options"].get(f"{engine.dialect.name}_where", "")),
                )
                for i in found.get_indexes(table)
            ),
        }
        for table in sorted(found.get_table_names())
        if table != "alembic_version"
    }


def test_the_migrations_make_what_the_models_say(database_url: str) -> None:
    with locked(database_url) as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_constraints_and_partial_indexes_are_those_of_the_models(database_url: str, bare_url: str) -> None:
    migrated, made = make_engine(database_url), make_engine(bare_url)
    Base.metadata.create_all(made)
    expected = shape(made)
    assert shape(migrated) == expected
    assert any(table["checks"] for table in expected.values())
    assert any(index[3] for table in expected.values() for index in table["indexes"])
    migrated.dispose()
    made.dispose()


ROWS = (
    "insert into organisation (id, key, name, is_sample) values (1, 'x', 'x', false)",
    "insert into place (id, key, name, kind, is_sample) values (1, 'p', 'p', 'k', false)",
    (
        "insert into coach (id, organisation_id, name, appointment_minutes, buffer_minutes, is_active, is_sample)"
        " values (1, 1, 'c', 30, 0, true, false)"
    ),
    (
        "insert into newcomer (id, chat_id, chat_ref, language, language_chosen, created_at, last_seen_at)"
        " values (1, 1, 'r', 'nl', false, '2026-11-24', '2026-11-24')"
    ),
    (
        "insert into appointment (id, coach_id, place_id, starts_at, ends_at, area, mode, language, interpreter,"
        " status, created_at, changed_at) values (1, 1, 1, '2026-11-24', '2026-11-25', 'money', 'place', 'nl', false,"
        " 'booked', '2026-11-24', '2026-11-24')"
    ),
)


@pytest.mark.parametrize(
    "statement",
    [
        "insert into organisation (id, key, name, is_sample) values (2, 'a', 'a', false), (3, 'a', 'b', false)",
        "insert into opening_time (place_id, weekday, opens, closes, is_sample) values (1, 7, '09:00', '10:00', false)",
        "insert into opening_time (place_id, weekday, opens, closes, is_sample) values (1, 0, '10:00', '09:00', false)",
        "insert into opening_exception (place_id, day, opens, is_sample) values (1, '2026-12-25', '10:00', false)",
        "insert into opening_time (place_id, weekday, opens, closes, is_sample) values (9, 0, '09:00', '10:00', false)",
        (
            "insert into notification (newcomer_id, coach_id, name, arguments, state, created_at, deliver_at, attempts)"
            " values (1, 1, 'a', '{}', 'pending', '2026-11-24', '2026-11-24', 0)"
        ),
        (
            "insert into notification (name, arguments, state, created_at, deliver_at, attempts)"
            " values ('a', '{}', 'lost', '2026-11-24', '2026-11-24', 0)"
        ),
        (
            "insert into hand_off (newcomer_id, language, opened_at)"
            " values (1, 'nl', '2026-11-24'), (1, 'nl', '2026-11-25')"
        ),
        (
            "insert into appointment_step (coach_id, step_at, appointment_id)"
            " values (1, '2026-11-24', 1), (1, '2026-11-24', 1)"
        ),
    ],
)
def test_the_store_refuses_what_must_never_be(database_url: str, statement: str) -> None:
    engine = make_engine(database_url)
    with engine.begin() as connection:
        for row in ROWS:
            connection.execute(text(row))
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    migrate(database_url)
    assert current_revision(database_url) == head_revision() is not None


def test_processes_that_start_at_once_migrate_once(bare_url: str) -> None:
    command = [sys.executable, "-m", "store"]
    started = [
        subprocess.Popen(command, cwd=ROOT, env={"WEGWIJS_DATABASE_URL": bare_url}, stderr=subprocess.PIPE)
        for _ in range(4)
    ]
    errors = [process.communicate(timeout=60)[1] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0, 0], errors
    assert current_revision(bare_url) == head_revision()


def break_off(url: str) -> None:
    with locked(url) as connection:
        connection.execute(text("create table half_done (id integer)"))
        raise RuntimeError("stopped")


def test_a_migration_that_fails_leaves_the_store_as_it_was(bare_url: str) -> None:
    with pytest.raises(RuntimeError, match="stopped"):
        break_off(bare_url)
    engine = make_engine(bare_url)
    assert inspect(engine).get_table_names() == []
    engine.dispose()


def test_the_command_uses_the_store_of_the_settings(tmp_path: Path) -> None:
    assert store_url({}) == Settings.database_url
    assert store_url({"WEGWIJS_DATABASE_URL": "sqlite:///x"}) == "sqlite:///x"


def test_the_command_says_what_is_wrong_without_the_address(capsys: pytest.CaptureFixture[str]) -> None:
    url = "postgresql://user:geheim@127.0.0.1:1/none"
    assert main([], {"WEGWIJS_DATABASE_URL": url}) == 1
    said = capsys.readouterr().err
    assert said.startswith("store: not migrated: ")
    assert "geheim" not in said


def test_an_unknown_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["destroy"], {"WEGWIJS_DATABASE_URL": "sqlite:///x"}) == 2
    assert "python -m store" in capsys.readouterr().err
