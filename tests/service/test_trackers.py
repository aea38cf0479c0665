from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Column, Engine, Float, Integer, MetaData, String, Table, Text, insert, select

from service.trackers import Trackers
from store.engine import make_engine

# As Rasa 3.6 makes it; its other columns do not matter here.
EVENTS = Table(
    "events",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("sender_id", String(255), nullable=False),
    Column("type_name", String(255)),
    Column("timestamp", Float),
    Column("data", Text),
)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = make_engine(database_url)
    EVENTS.create(made)
    yield made
    EVENTS.drop(made)
    made.dispose()


def _said(engine: Engine, sender: str, at: datetime) -> None:
    with engine.begin() as connection:
        connection.execute(insert(EVENTS).values(sender_id=sender, timestamp=at.timestamp()))


def _senders(engine: Engine) -> list[str]:
    with engine.begin() as connection:
        return list(connection.scalars(select(EVENTS.c.sender_id).order_by(EVENTS.c.sender_id)))


def test_the_conversation_of_one_chat_is_erased(engine: Engine, database_url: str, now: datetime) -> None:
    for sender in ("a", "a", "b"):
        _said(engine, sender, now)
    trackers = Trackers(database_url)
    assert trackers.erase("a") == 2
    assert _senders(engine) == ["b"]
    trackers.close()


def test_what_was_said_before_a_moment_is_deleted(engine: Engine, database_url: str, now: datetime) -> None:
    _said(engine, "a", now - timedelta(days=31))
    _said(engine, "b", now)
    trackers = Trackers(database_url)
    assert trackers.delete_older(now - timedelta(days=30)) == 1
    assert _senders(engine) == ["b"]
    trackers.close()


def test_before_the_first_conversation_there_is_nothing_to_erase(tmp_path: Path, now: datetime) -> None:
    file = tmp_path / "trackers.db"
    trackers = Trackers(f"sqlite:///{file}")
    assert trackers.erase("a") == trackers.delete_older(now) == 0
    assert not file.exists()
    trackers.close()


def _turn(engine: Engine, sender: str, update_id: int | None, *types: str) -> None:
    with engine.begin() as connection:
        for kind in ("user", *types):
            data = {"event": kind, "metadata": {"update_id": update_id} if update_id else None}
            connection.execute(insert(EVENTS).values(sender_id=sender, type_name=kind, data=json.dumps(data)))


def _types(engine: Engine, sender: str) -> list[str]:
    with engine.begin() as connection:
        return list(connection.scalars(select(EVENTS.c.type_name).where(EVENTS.c.sender_id == sender).order_by("id")))


def test_a_turn_is_undone_and_the_one_before_stays(engine: Engine, database_url: str) -> None:
    _turn(engine, "a", 1, "action", "bot")
    _turn(engine, "a", 2, "action", "action")
    _turn(engine, "b", 2, "action")
    trackers = Trackers(database_url)
    assert trackers.undo_turn("a", 2) == 3
    assert _types(engine, "a") == ["user", "action", "bot"]
    assert _types(engine, "b") == ["user", "action"]
    trackers.close()


@pytest.mark.parametrize("last", [3, None])
def test_a_turn_is_not_undone_if_another_came_after_it(engine: Engine, database_url: str, last: int | None) -> None:
    _turn(engine, "a", 2, "action")
    _turn(engine, "a", last, "bot")
    trackers = Trackers(database_url)
    assert trackers.undo_turn("a", 2) == trackers.undo_turn("nobody", 2) == 0
    assert _types(engine, "a") == ["user", "action", "user", "bot"]
    trackers.close()


A_FORM, NO_FORM = {"name": "a_form"}, {"name": None}


def _hear(engine: Engine, at: datetime, *events: tuple[str, dict[str, str | None]]) -> None:
    rows = [
        {"sender_id": "a", "type_name": kind, "timestamp": at.timestamp(), "data": json.dumps(data)}
        for kind, data in events
    ]
    with engine.begin() as connection:
        connection.execute(insert(EVENTS), rows)


@pytest.mark.parametrize(
    ("events", "form"),
    [
        ([("session_started", {}), ("user", {}), ("active_loop", A_FORM)], "a_form"),
        ([("user", {}), ("active_loop", A_FORM), ("user", {}), ("active_loop", NO_FORM)], None),
        ([("active_loop", A_FORM), ("session_started", {}), ("user", {})], None),
        ([("user", {})], None),
    ],
)
def test_a_form_in_the_middle_of_which_a_chat_fell_silent_is_found(
    engine: Engine, database_url: str, now: datetime, events: list[tuple[str, dict[str, str | None]]], form: str | None
) -> None:
    _hear(engine, now, *events)
    trackers = Trackers(database_url)
    assert trackers.left_form("a", now + timedelta(seconds=1)) == form
    assert trackers.left_form("a", now) is None
    assert trackers.left_form("b", now + timedelta(seconds=1)) is None
    trackers.close()
