from __future__ import annotations

import pytest

from bot.incoming import Incoming, Kind
from bot.routing import (
    COMMANDS,
    AskRasa,
    LeaveAlone,
    Note,
    PressButton,
    Route,
    RunCommand,
    RunGroupCommand,
    Say,
    Warn,
    route,
)
from service.emergencies import Emergency

FIRE = Emergency("danger", "gezondheid/spoed", ("en",))


def _find_emergency(text: str) -> Emergency | None:
    return FIRE if "fire" in text else None


def _route(incoming: Incoming, recent: int = 1) -> Route:
    return route(incoming, recent, _find_emergency)


def _text(text: str, *, recent: int = 1, is_private: bool = True) -> Route:
    return _route(Incoming(Kind.TEXT, is_private=is_private, text=text), recent)


@pytest.mark.parametrize("text", ["fire", "fire " * 300])
def test_danger_is_answered_without_rasa_however_long_the_text(text: str) -> None:
    assert _text(text) == Warn(FIRE)


def test_danger_under_a_picture_is_answered() -> None:
    assert _route(Incoming(Kind.MEDIA, text="fire")) == Warn(FIRE)


def test_a_group_is_not_warned() -> None:
    assert _text("fire", is_private=False) == LeaveAlone("group")


@pytest.mark.parametrize("text", ["Wat is DUO?", "ja", "10:00", "متى", "7", "wat is / betekent DUO", "a" * 1000])
def test_words_go_to_rasa(text: str) -> None:
    assert _text(text) == AskRasa(text)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_known(name: str) -> None:
    assert _text(f"/{name}") == RunCommand(name)
    assert _text(f"/{name.upper()}@wegwijsbot") == RunCommand(name)


def test_a_command_can_have_an_argument() -> None:
    assert _text("/taal  en ") == RunCommand("taal", "en")
    assert _text("/koppel ABCD2345EF") == RunCommand("koppel", "ABCD2345EF")


def test_a_start_with_a_code_links_a_coach_and_any_other_start_does_not() -> None:
    assert _text("/start ABCD2345EF") == RunCommand("koppel", "ABCD2345EF")
    assert _text("/start folder_2026") == RunCommand("start", "folder_2026")


@pytest.mark.parametrize(
    "text", ["/restart", "//restart", "/", "/ restart", '/inform{"area": "money"}', "/session_start", "/wet/termijn"]
)
def test_any_other_text_with_a_slash_gets_help(text: str) -> None:
    assert _text(text) == RunCommand("help")


@pytest.mark.parametrize("text", ["👍", "…", "?", ""])
def test_text_without_words_is_not_asked(text: str) -> None:
    assert _text(text) == Say("chat/no_words", offers_person=True)


def test_a_text_over_a_thousand_characters_is_not_asked() -> None:
    assert _text("a" * 1001) == Say("chat/too_long", offers_person=True)


def test_media_is_answered_by_its_words_if_it_has_any() -> None:
    assert _route(Incoming(Kind.MEDIA), 1) == Say("chat/only_text", offers_person=True)
    assert _route(Incoming(Kind.MEDIA, text="wat is dit?"), 1) == AskRasa("wat is dit?", with_media=True)


def test_the_first_message_too_many_is_answered_and_the_rest_left_alone() -> None:
    assert _text("vraag", recent=20) == AskRasa("vraag")
    assert _text("vraag", recent=21) == Say("chat/too_many")
    assert _text("vraag", recent=22) == LeaveAlone("flood")


def test_buttons_pressed_too_often_are_refused_but_not_in_the_group() -> None:
    press = Incoming(Kind.BUTTON, button_id="x")
    assert _route(press, 20) == PressButton()
    assert _route(press, 21) == PressButton(is_flood=True)
    assert _route(Incoming(Kind.BUTTON, is_private=False, button_id="x"), 99) == PressButton()


def test_an_edit_and_what_cannot_be_read_get_a_line() -> None:
    assert _route(Incoming(Kind.EDITED), 1) == Say("chat/edited")
    assert _route(Incoming(Kind.UNREADABLE), 1) == Say("chat/unreadable", offers_person=True)


def test_in_a_group_only_its_commands_are_answered() -> None:
    assert _text("/groep", is_private=False) == RunGroupCommand("groep")
    assert _text("/gegevens", is_private=False) == LeaveAlone("group")
    assert _text("hallo", is_private=False) == LeaveAlone("group")


def test_a_group_that_sends_too_many_commands_is_left_alone() -> None:
    assert _text("/koppel", is_private=False, recent=20) == RunGroupCommand("koppel")
    assert _text("/koppel", is_private=False, recent=21) == LeaveAlone("flood")


@pytest.mark.parametrize("kind", [Kind.BLOCKED, Kind.UNBLOCKED, Kind.JOINED_GROUP, Kind.GROUP_MOVED])
def test_what_telegram_tells_of_a_chat_is_noted_also_in_a_flood(kind: Kind) -> None:
    assert _route(Incoming(kind), 99) == Note(kind)
