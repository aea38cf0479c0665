"""Reminders as people get them: each once and while it helps, whatever happens to the delivery meanwhile."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from bot.delivery import Delivery
from bot.sandbox.client import Sandbox
from service.outbox import LEASE, claim_due
from service.quiet_hours import is_quiet
from store.messages import Notification, NotificationState
from tests.bot.office import NOON, WAIT_SECONDS, Office, at, open_office
from tests.sandbox.serving import Running

DAY_BEFORE, TODAY = "Denk je aan je afspraak", "Je afspraak is vandaag"
THURSDAY = at(2, 10)


def set_clock(office: Office, moment: datetime) -> None:
    office.rig.parts.clock._offset = moment - datetime.now(UTC)


def start_delivery(office: Office) -> None:
    office.rig.tasks.append(asyncio.create_task(Delivery(office.rig.parts).run()))


def waits(office: Office) -> bool:
    """Tell whether something can be sent now and is not."""
    now = office.now()
    due = select(Notification).where(Notification.state == NotificationState.PENDING, Notification.deliver_at <= now)
    with office.rig.parts.sessions() as session:
        return any(not (row.keeps_quiet and is_quiet(now)) for row in session.scalars(due))


async def all_sent(office: Office) -> None:
    for _ in range(int(WAIT_SECONDS / 0.05)):
        if not await asyncio.to_thread(waits, office):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("something waits")


async def reminders(office: Office, chat_id: int = 1000) -> list[str]:
    """List the reminders in a chat, in order."""
    said = [reply.text for reply in await office.sandbox.transcript(chat_id)]
    return [words for text in said for words in (DAY_BEFORE, TODAY) if words in text]


async def test_each_reminder_comes_once_though_the_delivery_is_killed_all_the_time(
    running: Running, sandbox: Sandbox, sessions: sessionmaker[Session]
) -> None:
    async with open_office(running.url, sandbox, sessions) as office:
        await office.coach()
        people = {1000: THURSDAY, 1001: at(2, 16), 1002: at(3, 9, 30)}
        for chat_id, starts_at in people.items():
            await office.newcomer(chat_id)
            office.book(starts_at, chat_id=chat_id)
        await all_sent(office)
        await office.rig.stop_working()
        moment = NOON
        while moment < at(3, 12):
            moment += timedelta(minutes=90)
            set_clock(office, moment)
            office.do(lambda session: claim_due(session, office.now(), 20))  # by one that is killed before it sends
            set_clock(office, moment + LEASE)
            start_delivery(office)
            await all_sent(office)
            await office.rig.stop_working()
        assert [await reminders(office, chat_id) for chat_id in people] == [[DAY_BEFORE, TODAY]] * len(people)


@pytest.mark.parametrize(
    ("back_at", "late"),
    [
        (at(1, 10, 30), [DAY_BEFORE]),
        (at(1, 20, 59), [DAY_BEFORE]),
        (at(1, 23), []),  # people sleep
        (at(2, 8, 30), [TODAY]),  # "tomorrow" would not be true
        (at(2, 9, 59), [TODAY]),
        (at(2, 10, 1), []),  # it has begun
    ],
)
async def test_after_the_bot_was_off_only_what_still_helps_is_sent(
    running: Running, sandbox: Sandbox, sessions: sessionmaker[Session], back_at: datetime, late: list[str]
) -> None:
    async with open_office(running.url, sandbox, sessions) as office:
        await office.coach()
        await office.newcomer()
        office.book(THURSDAY)
        await all_sent(office)
        await office.rig.stop_working()
        set_clock(office, back_at)
        start_delivery(office)
        await all_sent(office)
        assert await reminders(office) == late


async def test_what_waited_through_the_night_comes_at_eight_if_it_still_helps(
    running: Running, sandbox: Sandbox, sessions: sessionmaker[Session]
) -> None:
    async with open_office(running.url, sandbox, sessions) as office:
        await office.coach()
        await office.newcomer()
        office.book(at(2, 16))
        await all_sent(office)
        await office.rig.stop_working()
        set_clock(office, at(1, 22))
        start_delivery(office)
        await all_sent(office)
        assert await reminders(office) == []
        set_clock(office, at(2, 8))
        await all_sent(office)
        assert await reminders(office) == [DAY_BEFORE]
