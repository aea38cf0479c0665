from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from bot.rasa import Rasa, RasaDown, find_turn
from bot.replies import Said
from tests.bot.rig import StubRasa

REF = "a" * 64


def _user(update_id: int) -> dict[str, Any]:
    return {"event": "user", "text": "x", "metadata": {"update_id": update_id}}


def _bot(text: str, buttons: list[dict[str, str]] | None = None) -> dict[str, Any]:
    return {"event": "bot", "text": text, "data": {"buttons": buttons, "custom": None}}


def _rasa(handle: Callable[[httpx.Request], httpx.Response]) -> Rasa:
    return Rasa("http://rasa", httpx.MockTransport(handle))


async def test_a_turn_gives_what_was_said_with_its_buttons() -> None:
    stub = StubRasa(lambda _: [{"text": "kies", "buttons": [{"title": "Ja", "payload": "/affirm"}]}, {"image": "x"}])
    rasa = stub.client()
    assert await rasa.ask(REF, "ja", "nl", 3) == [Said("kies", (("Ja", "/affirm"),))]
    assert stub.asked == [{"sender": REF, "message": "ja", "metadata": {"language": "nl", "update_id": 3}}]


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(200, json=[]),
        httpx.Response(200, json=[{"custom": {}}]),
        httpx.Response(200, json={"status": "failure"}),
        httpx.Response(200, text="no json"),
        httpx.Response(500),
        httpx.Response(404),
    ],
)
async def test_no_words_are_an_error(response: httpx.Response) -> None:
    with pytest.raises(RasaDown):
        await _rasa(lambda _: response).ask(REF, "ja", "nl", 3)


async def test_a_rasa_that_is_not_there_is_an_error() -> None:
    stub = StubRasa(is_up=False)
    with pytest.raises(RasaDown) as raised:
        await stub.client().ask(REF, "ja", "nl", 3)
    assert raised.value.cause == "ConnectError"


async def test_the_answer_of_an_earlier_try_is_found() -> None:
    stub = StubRasa()
    rasa = stub.client()
    assert await rasa.find_answer(REF, 3) is None
    first = await rasa.ask(REF, "ja", "nl", 3)
    assert await rasa.find_answer(REF, 3) == first


def test_only_the_words_of_the_turn_itself_are_found() -> None:
    events = [_user(1), _bot("een"), _user(2), _bot("twee"), _bot("drie"), _user(3), _bot("vier")]
    assert find_turn(events, 2) == [Said("twee"), Said("drie")]


def test_a_turn_that_was_not_heard_is_told_from_one_without_answer() -> None:
    assert find_turn([_user(1), _bot("een")], 2) is None
    assert find_turn([_user(2)], 2) == []
    assert find_turn([], 2) is None


def test_a_turn_that_was_undone_counts_as_not_heard() -> None:
    assert find_turn([_user(2), {"event": "rewind"}], 2) is None
    assert find_turn([_user(2), {"event": "rewind"}, _user(2), _bot("goed")], 2) == [Said("goed")]


def test_the_words_of_rasas_default_fallback_count_though_it_forgets_the_message() -> None:
    assert find_turn([_user(2), _bot("sorry?"), {"event": "rewind"}], 2) == [Said("sorry?")]


def test_messages_of_other_channels_have_no_update() -> None:
    assert find_turn([{"event": "user", "metadata": None}, _bot("een")], 2) is None
