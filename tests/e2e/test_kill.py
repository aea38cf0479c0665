"""A bot that is killed says what it owes after its restart, once."""

import asyncio

import pytest

from bot.sandbox.client import Person, Sandbox
from tests.e2e.stack import Stack

FOR_EVER = 1000  # calls; cleared by the test


async def count(sandbox: Sandbox, method: str, status: int) -> int:
    """Count the bot's calls of a method that were answered with a status."""
    return int((await sandbox.counters())["methods"].get(method, {}).get(str(status), 0))


async def more_than(before: int, sandbox: Sandbox, method: str, status: int, within: float = 20) -> None:
    """Wait until there are more such calls than *before*."""
    async with asyncio.timeout(within):
        while await count(sandbox, method, status) <= before:  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0.05)


async def test_killed_between_receiving_and_answering_it_answers_once(
    stack: Stack, sandbox: Sandbox, newcomer: Person
) -> None:
    stack.pause("rasa")
    try:
        before = await count(sandbox, "sendChatAction", 200)
        await newcomer.says("Wat is het PIP?")
        await more_than(before, sandbox, "sendChatAction", 200)
        stack.kill("bot")
    finally:
        stack.resume("rasa")

    (answer,) = await newcomer.replies(timeout=60, quiet=4)

    assert "Plan Inburgering" in answer.text


async def test_killed_between_rasa_and_telegram_it_answers_once(
    stack: Stack, sandbox: Sandbox, newcomer: Person
) -> None:
    await sandbox.put_fault("sendMessage", 500, times=FOR_EVER, chat_id=newcomer.chat_id)
    before = await count(sandbox, "sendMessage", 500)
    await newcomer.says("Wat is KNM?")
    await more_than(before, sandbox, "sendMessage", 500)
    stack.kill("bot")
    await sandbox.clear_faults()

    (answer,) = await newcomer.replies(timeout=60, quiet=4)

    assert "Kennis van de Nederlandse Maatschappij" in answer.text


async def test_killed_before_a_notification_is_sent_it_sends_it_once(
    stack: Stack, sandbox: Sandbox, newcomer: Person
) -> None:
    group = await sandbox.coach(2000).in_group().enters()
    await newcomer.says("Wat is de brede intake?")
    await newcomer.replies()
    await sandbox.put_fault("sendMessage", 500, times=FOR_EVER, chat_id=group.chat_id)
    before = await count(sandbox, "sendMessage", 500)
    await newcomer.says("ik wil met een mens praten")
    await more_than(before, sandbox, "sendMessage", 500, within=90)
    stack.kill("bot")
    await sandbox.clear_faults()

    call = await group.next_reply(120, containing="brede intake")
    later = await group.replies(at_least=0, quiet=4)

    assert call.labels
    assert [reply for reply in later if "brede intake" in reply.text] == []


async def test_a_part_that_dies_is_restarted_and_said_so(stack: Stack, newcomer: Person) -> None:
    before = stack.pid("actions")
    stack.kill("actions")
    await newcomer.says("Wat is de MAP?")

    assert "Module Arbeidsmarkt" in (await newcomer.next_reply(60, containing="MAP")).text
    assert stack.pid("actions") not in (before, 0)
    assert "exited: actions" in stack.log.read_text(errors="replace")


@pytest.fixture(autouse=True)
async def _no_faults_are_left(sandbox: Sandbox) -> None:
    await sandbox.clear_faults()
