from __future__ import annotations

import asyncio

import pytest
from telegram import Bot, Update
from telegram.error import Conflict, InvalidToken
from telegram.ext import Updater

from bot.sandbox.client import Sandbox
from tests.sandbox.serving import Running, make_bot


async def next_updates(bot: Bot, offset: int | None = None, **arguments: int) -> tuple[Update, ...]:
    return await bot.get_updates(offset=offset, timeout=5, **arguments)


async def test_a_message_of_a_newcomer_reaches_the_bot(bot: Bot, sandbox: Sandbox) -> None:
    await sandbox.newcomer(1000, language_code="ar").says("مرحبا")
    (update,) = await next_updates(bot)
    assert update.message.text == "مرحبا"
    assert update.effective_chat.id == update.effective_user.id == 1000
    assert update.effective_user.language_code == "ar"


async def test_a_long_poll_answers_as_soon_as_something_is_said(bot: Bot, sandbox: Sandbox) -> None:
    waiting = asyncio.create_task(bot.get_updates(timeout=30))
    await sandbox.newcomer(1000).says("hallo")
    (update,) = await asyncio.wait_for(waiting, 5)
    assert update.message.text == "hallo"


async def test_updates_come_again_until_a_later_offset_acknowledges_them(bot: Bot, sandbox: Sandbox) -> None:
    newcomer = sandbox.newcomer(1000)
    for text in ("een", "twee", "drie"):
        await newcomer.says(text)
    first = await next_updates(bot, limit=2)
    assert [update.message.text for update in first] == ["een", "twee"]
    again = await next_updates(bot)
    assert [update.message.text for update in again] == ["een", "twee", "drie"]
    rest = await next_updates(bot, offset=again[1].update_id + 1)
    assert [update.message.text for update in rest] == ["drie"]
    assert (await sandbox.counters())["updates"] == {"queued": 3, "acknowledged": 2, "waiting": 1}


async def test_a_negative_offset_keeps_only_the_newest(bot: Bot, sandbox: Sandbox) -> None:
    newcomer = sandbox.newcomer(1000)
    for text in ("een", "twee", "drie"):
        await newcomer.says(text)
    assert [update.message.text for update in await next_updates(bot, offset=-1)] == ["drie"]


async def test_kinds_that_the_bot_does_not_ask_for_are_not_queued(bot: Bot, sandbox: Sandbox) -> None:
    await bot.get_updates(timeout=0, allowed_updates=["callback_query"])
    await sandbox.newcomer(1000).says("hallo")
    assert await bot.get_updates(timeout=0) == ()


async def test_of_two_long_polls_the_later_ends_the_earlier_with_a_conflict(
    running: Running, bot: Bot, sandbox: Sandbox
) -> None:
    async with make_bot(running.url) as other:
        polls = [asyncio.create_task(poller.get_updates(timeout=30)) for poller in (bot, other)]
        (ended,), (waiting,) = await asyncio.wait(polls, timeout=5, return_when=asyncio.FIRST_COMPLETED)
        with pytest.raises(Conflict, match="terminated by other getUpdates request"):
            ended.result()
        await sandbox.newcomer(1000).says("hallo")
        assert len(await asyncio.wait_for(waiting, 5)) == 1


async def test_polling_conflicts_with_a_webhook(bot: Bot) -> None:
    await bot.set_webhook("http://127.0.0.1:1/never")
    with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active"):
        await bot.get_updates(timeout=0)
    await bot.delete_webhook()
    assert await bot.get_updates(timeout=0) == ()


async def test_a_wrong_token_is_refused(running: Running) -> None:
    stranger = make_bot(running.url, "123456:another-token")
    with pytest.raises(InvalidToken, match="Unauthorized"):
        await stranger.get_me()
    for request in stranger._request:
        await request.shutdown()


async def test_the_updater_of_python_telegram_bot_runs_a_conversation(running: Running, sandbox: Sandbox) -> None:
    updater = Updater(make_bot(running.url), asyncio.Queue())
    async with updater:
        queue = await updater.start_polling(timeout=5)
        newcomer = sandbox.newcomer(1000)
        await newcomer.says("hallo")
        update = await asyncio.wait_for(queue.get(), 5)
        await updater.bot.send_message(update.effective_chat.id, "Welkom!")
        assert (await newcomer.next_reply()).text == "Welkom!"
        await updater.stop()
    assert (await sandbox.counters())["updates"]["waiting"] == 0
