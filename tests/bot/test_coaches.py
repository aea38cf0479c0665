"""Coaches in the chat, and the notifications that reach people by themselves."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker
from structlog.testing import capture_logs

from bot.delivery import Delivery, Letter, refusal
from bot.housekeeping import tidy
from bot.sandbox.client import Person, Sandbox
from bot.sending import Outcome
from service.coaches import issue_link_code
from service.handoffs import request_person
from service.newcomers import find_newcomer, stop_messages
from service.notifications import notify
from service.outbox import Due
from store.messages import Notification, NotificationState
from store.models import Coach, HandOffClaim, Newcomer
from tests.bot.rig import Rig, open_rig
from tests.factories import NOW, make_coach, make_organisation
from tests.sandbox.serving import Running

COACH_A = "Voorbeeldcoach A (gemeente)"
COACH_B = "Voorbeeldcoach B (VluchtelingenWerk)"


def _code_for(rig: Rig, name: str) -> str:
    with rig.parts.sessions.begin() as session:
        coach = make_coach(session, name=name, organisation=make_organisation(session, name="gemeente Utrecht"))
        return issue_link_code(session, coach, rig.parts.clock.now())


async def _link(rig: Rig, sandbox: Sandbox, user_id: int, name: str) -> Person:
    coach = sandbox.coach(user_id)
    await coach.says(f"/koppel {_code_for(rig, name)}")
    assert f"Welkom, {name}" in (await coach.next_reply()).text
    return coach


async def _called(newcomer: Person, group: Person) -> None:
    await group.enters()
    await newcomer.says("/mens")
    await newcomer.next_reply()


# Linking


async def test_a_coach_links_with_a_code_once(rig: Rig, sandbox: Sandbox) -> None:
    await rig.start()
    code = _code_for(rig, COACH_A)
    coach, other = sandbox.coach(2000), sandbox.coach(2001)
    await coach.says(f"/koppel {code}")
    assert "Welkom" in (await coach.next_reply()).text
    await other.says(f"/koppel {code}")
    assert "code werkt niet" in (await other.next_reply()).text
    with rig.parts.sessions() as session:
        assert session.query(Coach).one().telegram_user_id == 2000
        assert session.query(Newcomer).count() == 0


async def test_a_link_can_carry_the_code(rig: Rig, sandbox: Sandbox) -> None:
    await rig.start()
    coach = sandbox.coach(2000)
    await coach.says(f"/start {_code_for(rig, COACH_A)}")
    assert "Welkom" in (await coach.next_reply()).text


async def test_without_a_code_it_is_said_how(rig: Rig, sandbox: Sandbox) -> None:
    await rig.start()
    coach = sandbox.coach(2000)
    await coach.says("/koppel")
    assert "/koppel en je code" in (await coach.next_reply()).text


async def test_a_code_in_the_group_links_nobody(rig: Rig, sandbox: Sandbox) -> None:
    await rig.start()
    coach = sandbox.coach(2000).in_group()
    await coach.says(f"/koppel {_code_for(rig, COACH_A)}")
    assert "privéchat" in (await coach.next_reply()).text
    with rig.parts.sessions() as session:
        assert session.query(Coach).one().telegram_user_id is None


async def test_only_a_linked_coach_is_told_the_number_of_the_group(rig: Rig, sandbox: Sandbox) -> None:
    await rig.start()
    group = sandbox.coach(2000).in_group()
    await group.says("/groep")
    assert await group.replies(at_least=0, quiet=1) == []
    await _link(rig, sandbox, 2000, COACH_A)
    await group.says("/groep")
    assert "-1001" in (await group.next_reply()).text


# Hand-offs


async def test_a_linked_coach_takes_a_hand_off_and_both_sides_are_told(
    rig: Rig, sandbox: Sandbox, newcomer: Person
) -> None:
    coach = await _link(rig, sandbox, 2000, COACH_A)
    group = sandbox.coach(2000).in_group()
    await _called(newcomer, group)
    call = await group.next_reply()
    assert call.labels == ["Ik neem deze"]
    await group.presses("Ik neem deze", message=call)
    assert not (await group.next_answer())["show_alert"]
    edited = await group.next_edit()
    assert COACH_A in edited.text
    assert "Iemand wil met een mens praten" in edited.text
    assert edited.labels == []
    assert COACH_A in (await newcomer.next_reply()).text
    private = await coach.next_reply()
    assert "tg://user?id=1000" in private.html


async def test_who_is_no_linked_coach_cannot_take_it(rig: Rig, sandbox: Sandbox, newcomer: Person) -> None:
    group = sandbox.coach(2000).in_group()
    await _called(newcomer, group)
    await group.presses("Ik neem deze", message=await group.next_reply())
    answer = await group.next_answer()
    assert answer["show_alert"]
    assert "Alleen gekoppelde coaches" in answer["text"]
    with rig.parts.sessions() as session:
        assert session.query(HandOffClaim).count() == 0


async def test_a_coach_who_is_not_active_any_more_cannot_take_it(rig: Rig, sandbox: Sandbox, newcomer: Person) -> None:
    await _link(rig, sandbox, 2000, COACH_A)
    with rig.parts.sessions.begin() as session:
        session.query(Coach).one().is_active = False
    group = sandbox.coach(2000).in_group()
    await _called(newcomer, group)
    await group.presses("Ik neem deze", message=await group.next_reply())
    assert "Alleen gekoppelde coaches" in (await group.next_answer())["text"]


async def test_the_second_coach_hears_who_was_first(rig: Rig, sandbox: Sandbox, newcomer: Person) -> None:
    await _link(rig, sandbox, 2000, COACH_A)
    await _link(rig, sandbox, 2001, COACH_B)
    first, second = sandbox.coach(2000).in_group(), sandbox.coach(2001).in_group()
    await second.enters()
    await _called(newcomer, first)
    call = await first.next_reply()
    await first.presses("Ik neem deze", message=call)
    await second.presses("Ik neem deze", message=call)
    answer = await second.next_answer()
    assert answer["show_alert"]
    assert COACH_A in answer["text"]


async def test_a_copied_claim_button_does_nothing_in_a_private_chat(
    rig: Rig, sandbox: Sandbox, newcomer: Person
) -> None:
    coach = await _link(rig, sandbox, 2000, COACH_A)
    group = sandbox.coach(2000).in_group()
    await _called(newcomer, group)
    call = await group.next_reply()
    (linked, *_) = await coach.transcript()
    await coach.forges(str(call.buttons[0].callback_data), message_id=linked.message_id + 1)
    assert "werkt niet meer" in (await coach.next_answer())["text"]


async def test_the_claim_works_after_the_group_became_a_supergroup(
    rig: Rig, sandbox: Sandbox, newcomer: Person
) -> None:
    await _link(rig, sandbox, 2000, COACH_A)
    group = await sandbox.coach(2000).in_group().enters()
    await sandbox.migrate_group()
    await newcomer.says("/mens")
    call = await group.next_reply()
    await group.presses("Ik neem deze", message=call)
    await group.next_answer()
    assert COACH_A in (await group.next_edit()).text


# Delivery


def _due(**values: Any) -> Due:
    defaults = {
        "id": 1,
        "name": "handoff/called",
        "arguments": {},
        "attempts": 1,
        "newcomer_chat": None,
        "newcomer_ref": None,
        "language": None,
        "is_stopped": False,
        "coach_id": None,
        "coach_chat": None,
        "hand_off_id": None,
        "appointment_id": None,
        "leased_until": NOW,
    }
    return Due(**defaults | values)


def test_who_stopped_and_coaches_without_telegram_get_nothing() -> None:
    assert refusal(_due(newcomer_chat=1000, is_stopped=True)) == "stopped"
    assert refusal(_due(coach_id=3)) == "coach_not_linked"
    assert refusal(_due(coach_id=3, coach_chat=2000)) is None
    assert refusal(_due()) is None


def _tell(rig: Rig, chat_id: int = 1000, **values: Any) -> int:
    """Notify the newcomer of a chat. Returns the id."""
    with rig.parts.sessions.begin() as session:
        newcomer = find_newcomer(session, rig.parts.ref(chat_id))
        arguments = {"coach": COACH_A, "organisation": "gemeente Utrecht"}
        told = notify(
            session,
            **{
                "newcomer": newcomer,
                "name": "handoff/claimed_newcomer",
                "arguments": arguments,
                "now": rig.parts.clock.now(),
            }
            | values,
        )
        rig.parts.noted.set()
        return told.id


async def _settled(rig: Rig, notification_id: int) -> Notification:
    for _ in range(200):
        with rig.parts.sessions() as session:
            found = session.get_one(Notification, notification_id)
            if found.settled_at:
                return found
        await asyncio.sleep(0.05)
    raise AssertionError("not settled")


async def test_a_notification_is_sent_once_in_the_readers_language(
    rig: Rig, sandbox: Sandbox, newcomer: Person
) -> None:
    await newcomer.says("/taal en")
    await newcomer.next_reply()
    told = _tell(rig)
    replies = await newcomer.replies(quiet=1.5)
    assert ["takes your question" in one.text for one in replies] == [True]
    assert (await _settled(rig, told)).state is NotificationState.SENT


async def test_a_notification_written_before_a_kill_is_sent_once_after_it(  # noqa: PLR0917 - fixtures
    rig: Rig,
    sandbox: Sandbox,
    newcomer: Person,
    running: Running,
    sqlite_sessions: sessionmaker[Session],
    tmp_path: Path,
) -> None:
    await rig.stop()
    _tell(rig)
    async with open_rig(running.url, sqlite_sessions) as next_rig:
        await next_rig.start()
        assert len(await newcomer.replies(quiet=1.5)) == 1


async def test_a_server_error_is_tried_again(rig: Rig, sandbox: Sandbox, newcomer: Person) -> None:
    await sandbox.put_fault("sendMessage", 500, times=1)
    told = _tell(rig)
    assert len(await newcomer.replies(quiet=1)) == 1
    assert (await _settled(rig, told)).attempts == 2


async def test_who_blocked_the_bot_is_noted(rig: Rig, sandbox: Sandbox, newcomer: Person) -> None:
    await sandbox.put_fault("sendMessage", 403, times=1)
    assert (await _settled(rig, _tell(rig))).state is NotificationState.BLOCKED
    with rig.parts.sessions() as session:
        assert session.query(Newcomer).one().blocked_at is not None


async def test_a_chat_that_does_not_exist_fails_for_good(rig: Rig, sandbox: Sandbox, newcomer: Person) -> None:
    await sandbox.put_fault("sendMessage", 400, times=1, description="Bad Request: chat not found")
    settled = await _settled(rig, _tell(rig))
    assert settled.state is NotificationState.FAILED
    assert "not found" in str(settled.error).lower()


async def test_who_stopped_gets_nothing_until_writing_again(rig: Rig, newcomer: Person) -> None:
    with rig.parts.sessions.begin() as session:
        found = find_newcomer(session, rig.parts.ref(1000))
        assert found
        stop_messages(session, found, rig.parts.clock.now())
    dropped = _tell(rig, name="booking/cancelled_coach", arguments={})
    _tell(rig)
    assert (await _settled(rig, dropped)).error == "stopped"
    assert await newcomer.replies(at_least=0, quiet=1.5) == []
    await newcomer.says("hallo")
    texts = [one.text for one in await newcomer.replies(at_least=2)]
    assert any(COACH_A in text for text in texts)


async def test_without_a_group_what_coaches_must_know_waits_and_is_warned_of_once(
    running: Running, sqlite_sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    async with open_rig(running.url, sqlite_sessions, coach_chat=None) as rig:
        with sqlite_sessions.begin() as session:
            notify(session, name="handoff/called", arguments={}, now=rig.parts.clock.now())
        delivery = Delivery(rig.parts)
        with capture_logs() as logs:
            await delivery.deliver_due()
            await delivery.deliver_due()
    assert [entry["event"] for entry in logs].count("no_coach_chat") == 1
    with sqlite_sessions() as session:
        assert session.query(Notification).one().state is NotificationState.PENDING


async def test_what_the_group_must_know_waits_while_the_group_cannot_be_reached(rig: Rig, sandbox: Sandbox) -> None:
    group = await sandbox.coach(2000).in_group().enters()
    await sandbox.put_fault("sendMessage", 403, times=1)
    with rig.parts.sessions.begin() as session:
        notify(session, name="chat/group_help", arguments={}, now=rig.parts.clock.now())
    delivery = Delivery(rig.parts)
    with capture_logs() as logs:
        await delivery.deliver_due()
    assert "coach_chat_not_reached" in [entry["event"] for entry in logs]
    await asyncio.sleep(2.1)
    await delivery.deliver_due()
    assert "groep van de coaches" in (await group.next_reply()).text


async def test_when_stopped_the_delivery_ends_what_it_sends_and_begins_no_other(
    rig: Rig, newcomer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    await rig.stop_working()
    first, second = _tell(rig), _tell(rig)
    delivery = Delivery(rig.parts)
    send, begun, may_end = delivery._send, asyncio.Event(), asyncio.Event()

    async def send_slowly(letter: Letter) -> Outcome:
        begun.set()
        await may_end.wait()
        return await send(letter)

    monkeypatch.setattr(delivery, "_send", send_slowly)
    running = asyncio.create_task(delivery.run())
    await begun.wait()
    running.cancel()
    await asyncio.sleep(0)
    may_end.set()
    await asyncio.wait([running])

    with rig.parts.sessions() as session:
        states = [session.get_one(Notification, told).state for told in (first, second)]
    assert states == [NotificationState.SENT, NotificationState.PENDING]


async def test_an_error_of_ours_in_one_notification_does_not_hold_up_the_others(rig: Rig, newcomer: Person) -> None:
    _tell(rig, name="no/such_text")
    _tell(rig)
    assert COACH_A in (await newcomer.next_reply()).text


async def test_the_call_of_a_person_is_told_in_the_same_words_with_and_without_rasa(
    rig: Rig, newcomer: Person, sandbox: Sandbox
) -> None:
    group = await sandbox.coach(2000).in_group().enters()
    with rig.parts.sessions.begin() as session:
        found = find_newcomer(session, rig.parts.ref(1000))
        assert found
        request_person(session, found, "wet/termijn", "key", rig.parts.clock.now())
    rig.parts.noted.set()
    assert "Hoeveel tijd" in (await group.next_reply()).text


async def test_old_conversations_and_notifications_are_tidied_away(rig: Rig, newcomer: Person) -> None:
    told = _tell(rig)
    await newcomer.next_reply()
    await _settled(rig, told)
    with rig.parts.sessions.begin() as session:
        session.get_one(Notification, told).settled_at = rig.parts.clock.now() - timedelta(days=31)
    with capture_logs() as logs:
        await tidy(rig.parts)
    assert logs[0]["notifications"] == 1
