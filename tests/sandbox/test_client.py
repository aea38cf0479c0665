from __future__ import annotations

import asyncio

import pytest
from telegram import Bot

from bot.sandbox.client import NoReplyError, Sandbox


async def test_replies_are_given_once_and_in_order(bot: Bot, sandbox: Sandbox) -> None:
    newcomer = sandbox.newcomer(1000)
    await newcomer.says("hallo")
    await bot.send_message(1000, "een")
    await bot.send_message(1000, "twee")
    assert (await newcomer.next_reply()).text == "een"
    assert [reply.text for reply in await newcomer.replies()] == ["twee"]
    assert await newcomer.replies(at_least=0, quiet=0.05) == []


async def test_replies_wait_while_the_bot_types(bot: Bot, sandbox: Sandbox) -> None:
    newcomer = sandbox.newcomer(1000)
    await newcomer.says("hallo")
    await bot.send_message(1000, "een")
    await bot.send_chat_action(1000, "typing")
    waiting = asyncio.create_task(newcomer.replies(quiet=0.05))
    await asyncio.wait([waiting], timeout=0.4)
    assert not waiting.done()
    await bot.send_message(1000, "twee")
    assert [reply.text for reply in await waiting] == ["een", "twee"]


async def test_a_wait_in_vain_shows_the_end_of_the_chat(bot: Bot, sandbox: Sandbox) -> None:
    newcomer = sandbox.newcomer(1000)
    await newcomer.says("is daar iemand")
    with pytest.raises(NoReplyError, match=r"no reply in chat 1000 in time[\s\S]*person: 'is daar iemand'"):
        await newcomer.next_reply(timeout=0.05)
    with pytest.raises(NoReplyError, match="0 replies, not 1"):
        await newcomer.replies(timeout=0.05)


async def test_who_enters_first_sees_what_another_causes(bot: Bot, sandbox: Sandbox) -> None:
    await bot.send_message(-1001, "van eerder")
    group = await sandbox.coach(2001).in_group().enters()
    await bot.send_message(-1001, "oproep van een nieuwkomer")
    await bot.send_message(-1001, "Oproep twee")
    assert (await group.next_reply(containing="TWEE")).text == "Oproep twee"


async def test_one_persons_answers_are_not_anothers(bot: Bot, sandbox: Sandbox) -> None:
    first, second = (sandbox.coach(number).in_group() for number in (2000, 2001))
    await second.enters()
    said = await first.says("x")
    await first.forges("a", message_id=said.message_id)
    await second.forges("b", message_id=said.message_id)
    updates = await bot.get_updates(timeout=5)
    for update in updates[1:]:
        await update.callback_query.answer(f"antwoord op {update.callback_query.data}")
    assert (await first.next_answer())["text"] == "antwoord op a"
    assert (await second.next_answer())["text"] == "antwoord op b"
