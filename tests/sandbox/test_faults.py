from __future__ import annotations

from datetime import timedelta

import pytest
from telegram import Bot
from telegram.error import Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError, TimedOut

from bot.sandbox.client import Person, Sandbox
from tests.sandbox.serving import Running

pytestmark = pytest.mark.filterwarnings("ignore:Deprecated since version v22.2")


@pytest.fixture
async def newcomer(sandbox: Sandbox) -> Person:
    person = sandbox.newcomer(1000)
    await person.says("/start")
    return person


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (401, InvalidToken),
        (403, Forbidden),
        (409, Conflict),
        (429, RetryAfter),
        (500, NetworkError),
        (502, NetworkError),
    ],
)
async def test_a_fault_meets_the_next_call_only(
    bot: Bot, newcomer: Person, sandbox: Sandbox, kind: int, error: type[TelegramError]
) -> None:
    await sandbox.put_fault("sendMessage", kind)
    with pytest.raises(error):
        await bot.send_message(1000, "eerst")
    await bot.send_message(1000, "later")
    assert [reply.text for reply in await newcomer.replies()] == ["later"]
    assert (await sandbox.counters())["methods"]["sendMessage"] == {str(kind): 1, "200": 1}


async def test_too_many_requests_tells_how_long_to_wait(bot: Bot, newcomer: Person, sandbox: Sandbox) -> None:
    await sandbox.put_fault("sendMessage", 429, seconds=7)
    with pytest.raises(RetryAfter) as refused:
        await bot.send_message(1000, "x")
    assert refused.value._retry_after == timedelta(seconds=7)


async def test_a_fault_may_count_calls_and_mean_one_chat(bot: Bot, newcomer: Person, sandbox: Sandbox) -> None:
    await sandbox.put_fault("*", 403, times=2, chat_id=1000)
    await bot.send_message(-1001, "naar de groep")
    for _ in range(2):
        with pytest.raises(Forbidden):
            await bot.send_message(1000, "x")
    await bot.send_message(1000, "x")
    assert await sandbox.waiting_faults() == []


async def test_a_call_may_take_effect_and_lose_its_answer(bot: Bot, newcomer: Person, sandbox: Sandbox) -> None:
    await sandbox.put_fault("sendMessage", 502, applied=True)
    with pytest.raises(NetworkError):
        await bot.send_message(1000, "toch aangekomen")
    assert (await newcomer.next_reply()).text == "toch aangekomen"


async def test_a_call_may_get_no_answer_in_time(bot: Bot, newcomer: Person, sandbox: Sandbox) -> None:
    await sandbox.put_fault("sendMessage", "timeout", seconds=30)
    with pytest.raises(TimedOut):
        await bot.send_message(1000, "x", read_timeout=0.2)
    assert await newcomer.replies(at_least=0, quiet=0.05) == []


async def test_polling_can_be_disturbed_too(bot: Bot, newcomer: Person, sandbox: Sandbox) -> None:
    await sandbox.put_fault("getUpdates", 409)
    with pytest.raises(Conflict):
        await bot.get_updates(timeout=0)
    assert len(await bot.get_updates(timeout=0)) == 1


async def test_faults_can_be_taken_out_and_wrong_ones_are_refused(bot: Bot, newcomer: Person, sandbox: Sandbox) -> None:
    await sandbox.put_fault("sendMessage", 500)
    await sandbox.clear_faults()
    await bot.send_message(1000, "x")
    with pytest.raises(AssertionError, match="no such fault: 418"):
        await sandbox.put_fault("sendMessage", 418)
    with pytest.raises(AssertionError, match="not a fault"):
        await sandbox.put_fault("sendMessage", 500, often=3)


async def test_without_limits_much_can_be_sent(bot: Bot, newcomer: Person) -> None:
    for number in range(40):
        await bot.send_message(-1001, str(number))


async def test_a_group_takes_twenty_messages_a_minute(
    bot: Bot, newcomer: Person, sandbox: Sandbox, running: Running
) -> None:
    await sandbox.set_limits(on=True)
    for number in range(20):
        running.clock.ahead += timedelta(seconds=1)
        await bot.send_message(-1001, str(number))
    with pytest.raises(RetryAfter) as refused:
        await bot.send_message(-1001, "te veel")
    assert timedelta(seconds=30) < refused.value._retry_after <= timedelta(seconds=41)
    running.clock.ahead += refused.value._retry_after
    await bot.send_message(-1001, "nu wel")


async def test_a_private_chat_takes_a_burst_and_then_one_a_second(
    bot: Bot, newcomer: Person, sandbox: Sandbox, running: Running
) -> None:
    await sandbox.set_limits(on=True)
    for number in range(5):
        await bot.send_message(1000, str(number))
    with pytest.raises(RetryAfter):
        await bot.send_message(1000, "te snel")
    running.clock.ahead += timedelta(seconds=5)
    for number in range(10):
        running.clock.ahead += timedelta(seconds=1.01)
        await bot.send_message(1000, str(number))
