from __future__ import annotations

import pytest
from rasa_sdk.events import SlotSet
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from structlog.testing import capture_logs

from actions.turn import Event, StoreUnavailable, Turn, WegwijsAction, language_of, named
from service.newcomers import set_language
from store.models import Newcomer
from tests.actions.rig import Chat

SECRET = "Amina 0612345678"


class Scripted(WegwijsAction):
    """Does what a test says, after it has spoken and written to the store."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    def name(self) -> str:
        return "action_scripted"

    def act(self, turn: Turn) -> list[Event]:
        turn.say("dialogue/greet")
        set_language(turn.session, turn.newcomer, "en", chosen=True)
        if self.error:
            raise self.error
        return [SlotSet("area", "money")]

    def after_failure(self) -> list[Event]:
        return [SlotSet("area", None)]


def language_in_store(chat: Chat) -> str:
    with chat.parts.sessions.begin() as session:
        return session.scalars(select(Newcomer.language).where(Newcomer.chat_ref == chat.ref)).one()


def test_an_action_speaks_and_writes_in_one_go(chat: Chat) -> None:
    heard = chat.ask(Scripted(), "hoi")
    assert (heard.name, heard.slots, language_in_store(chat)) == ("dialogue/greet", {"area": "money"}, "en")


def test_a_failing_action_says_something_kind_and_writes_nothing(chat: Chat) -> None:
    heard = chat.ask(Scripted(RuntimeError(SECRET)), "hoi")
    assert (heard.names, heard.slots, language_in_store(chat)) == ([["dialogue/sorry"]], {"area": None}, "nl")


def test_a_failure_is_logged_without_what_people_typed(chat: Chat) -> None:
    with capture_logs() as logs:
        chat.ask(Scripted(RuntimeError(SECRET)), SECRET)
    assert [(log["event"], log["action"], log["chat"], log["error"]) for log in logs] == [
        ("action_failed", "action_scripted", chat.ref, "RuntimeError")
    ]
    assert SECRET not in str(logs)


@pytest.mark.parametrize(
    "outage",
    [
        OperationalError("select", {}, Exception(SECRET)),
        InterfaceError("select", {}, Exception(SECRET)),
        DBAPIError("select", {}, Exception(SECRET), connection_invalidated=True),
    ],
)
def test_without_the_store_nothing_is_said_so_that_the_bot_asks_again(chat: Chat, outage: Exception) -> None:
    with pytest.raises(StoreUnavailable) as raised:
        chat.ask(Scripted(outage), "hoi")
    assert SECRET not in str(raised.value)
    assert raised.value.__cause__ is None


def test_who_is_not_in_the_store_hears_something_kind(chat: Chat) -> None:
    stranger = Chat(chat.parts, "unknown")
    assert stranger.ask(Scripted(), "hoi").name == "dialogue/sorry"


def test_the_language_is_what_the_bot_says_it_is() -> None:
    assert language_of({"metadata": {"language": "en"}}, Newcomer(language="nl")) == "en"


def test_without_the_bots_word_the_language_is_the_persons_own() -> None:
    assert language_of({}, Newcomer(language="en")) == "en"


@pytest.mark.parametrize("newcomer", [None, Newcomer(language="xx")])
def test_a_language_that_we_do_not_have_is_dutch(newcomer: Newcomer | None) -> None:
    assert language_of({"metadata": {"language": "xx"}}, newcomer) == "nl"


def test_several_texts_are_said_as_one_message(chat: Chat) -> None:
    class Two(Scripted):
        def act(self, turn: Turn) -> list[Event]:
            turn.say("dialogue/greet", named("opening/open_now", until={"time": "17:00"}))
            return []

    heard = chat.ask(Two(), "hoi")
    assert len(heard.texts) == 1
    assert heard.text.endswith("\n\nHet Welkomhuis is nu <b>open</b>, tot 17:00.")
