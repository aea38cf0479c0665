from __future__ import annotations

import asyncio

import pytest
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from actions.session import SessionStart
from tests.actions.rig import FORM, Chat

STARTED = [("session_started", None), ("action", "action_listen")]


def events(heard_events: list[dict[str, object]]) -> list[tuple[object, object]]:
    return [(event["event"], event.get("name")) for event in heard_events]


def test_a_first_session_starts_without_words(chat: Chat) -> None:
    heard = chat.run(SessionStart())
    assert (heard.names, events(heard.events)) == ([], STARTED)


@pytest.mark.parametrize(
    ("slots", "said"),
    [
        ({"area": "money"}, [["booking/forgotten"]]),
        ({"area": "money", "moving": "3"}, [["standing/move_forgotten"]]),
        ({"area": None, "form_problem": "booking/not_understood"}, []),
    ],
)
def test_a_booking_that_was_left_is_said_to_be_forgotten(
    chat: Chat, slots: dict[str, str | None], said: list[list[str]]
) -> None:
    chat.send("geld")
    chat.form, chat.slots = FORM, dict(slots)
    heard = chat.run(SessionStart())
    assert (heard.names, events(heard.events)) == (said, STARTED)


def test_outside_a_booking_nothing_is_forgotten(chat: Chat) -> None:
    chat.slots = {"area": "money"}
    assert chat.run(SessionStart()).names == []


def test_a_session_starts_without_the_store_too(chat: Chat, store: sessionmaker[Session]) -> None:
    with store.begin() as session:
        session.execute(text("drop table newcomer"))
    chat.form, chat.slots = FORM, {"area": "money"}
    dispatcher = CollectingDispatcher()
    found = asyncio.run(SessionStart().run(dispatcher, chat.tracker(), {}))
    assert events(found) == STARTED
    assert dispatcher.messages == []
