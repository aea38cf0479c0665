"""When something does not work: nobody waits in silence, and nobody is answered twice."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy.orm import Session, sessionmaker
from telegram import Update

from bot import turn
from bot.sandbox.client import Person, Sandbox
from service import inbox
from store.messages import InboxUpdate
from tests.bot.rig import Rig, database_down, open_rig
from tests.sandbox.serving import Running

SORRY = "er werkt hier nu iets niet"


async def test_while_rasa_is_down_one_kind_word_is_said_and_the_answer_comes_later(rig: Rig, newcomer: Person) -> None:
    rig.rasa.is_up = False
    await newcomer.says("Wat is DUO?")
    await newcomer.says("En wat is een brief?")
    apology = await newcomer.next_reply()
    assert SORRY in apology.text
    assert "14\u00a0030" in apology.text  # kept in one line
    assert await newcomer.replies(at_least=0, quiet=3, timeout=4) == []
    rig.rasa.is_up = True
    answers = await newcomer.replies(at_least=2, quiet=1)
    assert [one.text for one in answers] == ["antwoord op Wat is DUO?", "antwoord op En wat is een brief?"]


async def test_silence_of_rasa_is_an_error_and_the_turn_is_undone_and_asked_again(rig: Rig, newcomer: Person) -> None:
    rig.rasa.answer = lambda _: []
    await newcomer.says("Wat is DUO?")
    assert SORRY in (await newcomer.next_reply()).text
    rig.rasa.answer = lambda _: [{"text": "dit"}]
    assert (await newcomer.next_reply()).text == "dit"
    events = rig.rasa.events[rig.parts.ref(1000)]
    assert [event["event"] for event in events] == ["user", "bot"]


async def test_an_answer_of_rasa_that_got_lost_is_found_and_the_turn_is_not_done_twice(
    rig: Rig, newcomer: Person
) -> None:
    handle = rig.rasa.handle
    lost = []

    def lose_first(request: httpx.Request) -> httpx.Response:
        response = handle(request)
        if request.url.path.startswith("/webhooks") and not lost:
            lost.append(request)
            raise httpx.ReadTimeout("lost", request=request)
        return response

    rig.parts.rasa._client = httpx.AsyncClient(base_url="http://rasa", transport=httpx.MockTransport(lose_first))
    rig.rasa.answer = lambda _: [{"text": "geboekt", "buttons": [{"title": "Toon", "payload": "/appointment_show"}]}]
    await newcomer.says("ja")
    assert SORRY in (await newcomer.next_reply()).text
    answer = await newcomer.next_reply()
    assert (answer.text, answer.labels) == ("geboekt", ["Toon"])
    assert rig.rasa.texts == ["ja"]


async def test_what_was_received_before_a_kill_is_answered_once_after_it(
    rig: Rig, sandbox: Sandbox, running: Running, sqlite_sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    await rig.receive()
    newcomer = sandbox.newcomer(1000)
    await newcomer.says("Wat is DUO?")
    assert await newcomer.replies(at_least=0, quiet=0.5) == []
    await rig.stop()
    async with open_rig(running.url, sqlite_sessions) as next_rig:
        await next_rig.start()
        introduction, answer = await newcomer.replies(at_least=2, quiet=1)
    assert "geen mens" in introduction.text
    assert answer.text == "antwoord op Wat is DUO?"


async def test_what_was_stored_before_a_kill_is_sent_without_asking_rasa_again(rig: Rig, sandbox: Sandbox) -> None:
    newcomer = await sandbox.newcomer(1000).enters()
    await newcomer.says("/start")
    with rig.parts.sessions.begin() as session:
        now = rig.parts.clock.now()
        inbox.receive(session, 1, 1000, {"kind": "text", "text": "Wat is DUO?"}, now)
        inbox.take_next(session, 1000, now)
        bodies = [{"do": "message", "html": "deel 1", "rows": []}, {"do": "message", "html": "deel 2", "rows": []}]
        inbox.store_replies(session, 1, bodies)
        session.flush()
        inbox.mark_sent(session, 1, 1, now)
    rig.work()
    assert [one.text for one in await newcomer.replies(quiet=1)] == ["deel 2"]
    assert not rig.rasa.asked


async def test_a_chat_that_a_killed_worker_held_is_answered_once_its_lease_ran_out(rig: Rig, sandbox: Sandbox) -> None:
    newcomer = await sandbox.newcomer(1000).enters()
    await newcomer.says("/start")
    with rig.parts.sessions.begin() as session:
        now = rig.parts.clock.now()
        inbox.receive(session, 1, 1000, {"kind": "text", "text": "Wat is DUO?"}, now)
        inbox.claim_chat(session, "killed", now, timedelta(seconds=2))
    rig.work()
    assert await newcomer.replies(at_least=0, quiet=1, timeout=1) == []
    assert (await newcomer.replies(at_least=2))[-1].text == "antwoord op Wat is DUO?"


async def test_while_the_database_is_down_each_chat_hears_it_once_and_is_answered_after(
    rig: Rig, sandbox: Sandbox, newcomer: Person
) -> None:
    other = await sandbox.newcomer(1001, language_code="en").enters()
    with database_down(rig):
        await newcomer.says("Wat is DUO?")
        await other.says("hello")
        assert SORRY in (await newcomer.next_reply()).text
        assert "not working" in (await other.next_reply()).text
        await newcomer.says("hallo?")
        assert await newcomer.replies(at_least=0, quiet=3, timeout=4) == []
    answers = await newcomer.replies(at_least=2, quiet=1)
    assert [one.text for one in answers] == ["antwoord op Wat is DUO?", "antwoord op hallo?"]
    assert "antwoord op hello" in [one.text for one in await other.replies(at_least=2)]


async def test_a_database_that_fails_in_the_middle_of_a_turn_is_survived(rig: Rig, newcomer: Person) -> None:
    down = database_down(rig)

    def answer(_: dict[str, Any]) -> list[dict[str, Any]]:
        down.__enter__()
        rig.rasa.answer = lambda _: [{"text": "niet twee keer"}]
        return [{"text": "dit"}]

    rig.rasa.answer = answer
    await newcomer.says("Wat is DUO?")
    assert SORRY in (await newcomer.next_reply()).text
    down.__exit__(None, None, None)
    assert [one.text for one in await newcomer.replies(quiet=1)] == ["dit"]
    assert rig.rasa.texts == ["Wat is DUO?"]


async def test_a_server_error_of_telegram_is_tried_again_without_asking_rasa_again(
    rig: Rig, sandbox: Sandbox, newcomer: Person
) -> None:
    await sandbox.put_fault("sendMessage", 502, times=1)
    await newcomer.says("Wat is DUO?")
    assert [one.text for one in await newcomer.replies(quiet=3)] == ["antwoord op Wat is DUO?"]
    assert rig.rasa.texts == ["Wat is DUO?"]


# PTB 22 warns in its own constructor that the time will become a span.
@pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
async def test_a_flood_wait_of_telegram_is_kept(sandbox: Sandbox, newcomer: Person) -> None:
    await sandbox.put_fault("sendMessage", 429, seconds=1)
    await newcomer.says("Wat is DUO?")
    assert (await newcomer.next_reply()).text == "antwoord op Wat is DUO?"


async def test_who_blocked_the_bot_is_not_tried_again(rig: Rig, sandbox: Sandbox, newcomer: Person) -> None:
    await sandbox.put_fault("sendMessage", 403, times=1)
    await newcomer.says("Wat is DUO?")
    assert await newcomer.replies(at_least=0, quiet=3, timeout=4) == []
    with rig.parts.sessions() as session:
        assert session.query(InboxUpdate).filter(InboxUpdate.done_at.is_(None)).count() == 0


async def test_an_error_of_ours_is_given_up_after_five_tries(
    rig: Rig, newcomer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.answering.delay_after", lambda _: timedelta(0))
    rig.rasa.answer = lambda _: [{"text": "x", "buttons": [{"wrong": "button"}]}]
    await newcomer.says("Wat is DUO?")
    sorry, given_up = await newcomer.replies(at_least=2, quiet=2)
    assert SORRY in sorry.text
    assert "niet gelukt" in given_up.text
    rig.rasa.answer = lambda _: [{"text": "weer goed"}]
    await newcomer.says("En nu?")
    assert (await newcomer.next_reply()).text == "weer goed"


async def test_an_error_of_ours_while_opening_an_update_is_given_up_too(
    rig: Rig, newcomer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.answering.delay_after", lambda _: timedelta(0))

    def fail(*_: object) -> None:
        raise KeyError("of ours")

    with monkeypatch.context() as patch:
        patch.setattr(turn, "route", fail)
        await newcomer.says("Wat is DUO?")
        sorry, given_up = await newcomer.replies(at_least=2, quiet=2)
    assert SORRY in sorry.text
    assert "niet gelukt" in given_up.text


async def test_what_waited_a_day_is_given_up_with_kind_words(rig: Rig, sandbox: Sandbox) -> None:
    newcomer = await sandbox.newcomer(1000).enters()
    await newcomer.says("/start")
    with rig.parts.sessions.begin() as session:
        old = rig.parts.clock.now() - timedelta(hours=25)
        inbox.receive(session, 1, 1000, {"kind": "text", "text": "Wat is DUO?"}, old)
    rig.rasa.is_up = False
    rig.work()
    assert "niet gelukt" in (await newcomer.replies(at_least=2))[-1].text


async def test_an_update_that_cannot_be_read_is_answered_kindly(
    rig: Rig, newcomer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> None:
        raise KeyError("of ours")

    with monkeypatch.context() as patch:
        patch.setattr("bot.receiving.read_update", fail)
        await newcomer.says("Wat is DUO?")
        assert "kan ik niet lezen" in (await newcomer.next_reply()).text


async def test_an_update_that_cannot_be_stored_holds_up_nobody(
    rig: Rig, newcomer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(
        session: Session, update_id: int, chat_id: int, payload: dict[str, Any], *rest: Any, **more: Any
    ) -> bool:
        if payload.get("text") == "raar":
            raise ValueError("no database takes this")
        return inbox.receive(session, update_id, chat_id, payload, *rest, **more)

    monkeypatch.setattr("bot.receiving.receive", refuse)
    await newcomer.says("raar")
    assert "kan ik niet lezen" in (await newcomer.next_reply()).text
    await newcomer.says("Wat is DUO?")
    assert (await newcomer.next_reply()).text == "antwoord op Wat is DUO?"


async def test_an_update_that_telegrams_library_cannot_read_holds_up_nobody(
    rig: Rig, newcomer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Update.de_json

    def fail(given: dict[str, Any], bot: Any = None) -> Update:
        if given.get("message", {}).get("text") == "raar":
            raise TypeError("a kind of update that is not known yet")
        return read(given, bot)

    monkeypatch.setattr(Update, "de_json", fail)
    await newcomer.says("raar")
    await newcomer.says("Wat is DUO?")
    assert (await newcomer.next_reply()).text == "antwoord op Wat is DUO?"
