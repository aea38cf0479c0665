from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.sandbox import acts
from bot.sandbox.app import sample_telegram
from bot.sandbox.bell import Bell
from bot.sandbox.errors import ApiError, ControlError
from bot.sandbox.journal import KEPT_EVENTS, Journal
from bot.sandbox.markup import Formatted
from bot.sandbox.updates import Updates

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
TOKEN = "123456:a-token-for-tests"


def test_ids_go_on_from_where_they_are_told_to() -> None:
    telegram = sample_telegram(TOKEN, first_id=5000)
    message = acts.post(telegram, acts.Seat(1000, 1000), {"text": "hallo"}, NOW)
    (update,) = telegram.updates.peek(1)
    assert (message.id, update["update_id"]) == (5000, 5000)


def test_the_sample_has_a_newcomer_and_two_coaches_in_a_group() -> None:
    telegram = sample_telegram(TOKEN)
    assert telegram.group().id == -1001
    assert telegram.group().members == {2000, 2001}
    assert telegram.next_newcomer() == 1001


def test_a_message_shows_its_moment_and_answer_as_telegram_writes_them() -> None:
    telegram = sample_telegram(TOKEN)
    asked = acts.post(telegram, acts.Seat(1000, 1000), {"text": "vraag"}, NOW)
    answer = telegram.add_message(telegram.chats[1000], telegram.bot, Formatted("ja"), NOW, reply_to=asked.id)
    body = telegram.message_json(answer)
    assert body["date"] == int(NOW.timestamp())
    assert body["reply_to_message"]["text"] == "vraag"
    assert "reply_markup" not in body


def test_an_edit_keeps_what_was_said_before() -> None:
    telegram = sample_telegram(TOKEN)
    message = telegram.add_message(telegram.chats[1000], telegram.bot, Formatted("een"), NOW)
    later = NOW + timedelta(minutes=1)
    telegram.change_message(message, Formatted("twee"), None, later)
    assert [(edit.text, edit.date) for edit in message.edits] == [("een", later)]
    assert message.edit_date == later


def test_buttons_that_go_are_no_edit_of_the_text() -> None:
    telegram = sample_telegram(TOKEN)
    keyboard = {"inline_keyboard": [[{"text": "Ja", "callback_data": "a"}]]}
    message = telegram.add_message(telegram.chats[1000], telegram.bot, Formatted("een"), NOW, markup=keyboard)
    telegram.change_message(message, message.formatted, None, NOW)
    assert message.edit_date is None
    assert message.edits[0].markup == keyboard


def test_a_press_can_be_answered_until_a_minute_has_passed() -> None:
    telegram = sample_telegram(TOKEN)
    in_time, late = (telegram.add_query(1, 1000, 1000, "a", NOW) for _ in range(2))
    telegram.answer_query(in_time.id, "ja", show_alert=False, now=NOW + timedelta(seconds=60))
    with pytest.raises(ApiError, match="query is too old"):
        telegram.answer_query(late.id, "ja", show_alert=False, now=NOW + timedelta(seconds=61))


def test_blocking_twice_tells_the_bot_once() -> None:
    telegram = sample_telegram(TOKEN)
    for _ in range(2):
        acts.set_blocked(telegram, 1000, NOW, blocked=True)
    assert len(telegram.updates) == 1


def test_a_supergroup_cannot_become_one_again() -> None:
    telegram = sample_telegram(TOKEN)
    new = acts.migrate(telegram, acts.Seat(2000, -1001), NOW)
    with pytest.raises(ControlError, match="not a group that can become a supergroup"):
        acts.migrate(telegram, acts.Seat(2000, new), NOW)
    with pytest.raises(ControlError, match=f"the group has become {new}"):
        acts.post(telegram, acts.Seat(2000, -1001), {"text": "x"}, NOW)


def test_updates_wait_in_order_until_they_are_acknowledged() -> None:
    updates = Updates(10)
    for number in range(3):
        updates.add("message", {"message_id": number})
    assert [update["update_id"] for update in updates.peek(2)] == [10, 11]
    updates.acknowledge(12)
    assert [update["update_id"] for update in updates.peek(9)] == [12]


def test_an_empty_list_of_kinds_is_telegrams_default() -> None:
    updates = Updates(1)
    updates.allow(["callback_query"])
    assert updates.add("message", {}) is None
    updates.allow(None)
    assert updates.add("message", {}) is None
    updates.allow([])
    assert updates.add("message", {}) == 1
    assert updates.add("message_reaction", {}) is None


def test_a_chat_keeps_all_its_events_and_the_whole_the_last_ones() -> None:
    journal = Journal()
    journal.add("typing", 1)
    for _ in range(KEPT_EVENTS):
        journal.add("typing", 2)
    assert [event.seq for event in journal.since(0, 1)] == [1]
    assert journal.since(0)[0].seq == 2
    assert [event.seq for event in journal.since(KEPT_EVENTS)] == [KEPT_EVENTS + 1]
    assert journal.since(KEPT_EVENTS + 1) == journal.since(0, 3) == []


async def test_a_bell_wakes_those_who_wait_for_its_key() -> None:
    bell = Bell()
    woken, other = (asyncio.create_task(bell.wait(key, 5)) for key in ("a", "b"))
    await asyncio.sleep(0)
    bell.ring("a")
    assert await woken
    assert not other.done()
    bell.close()
    assert not await other


async def test_a_bell_that_is_closed_lets_nobody_wait() -> None:
    bell = Bell()
    bell.close()
    assert not await asyncio.wait_for(bell.wait("a", 60), 1)
