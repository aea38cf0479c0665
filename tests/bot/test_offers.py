"""Sooner times for who waits in line, in the chat."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session, sessionmaker

from bot import housekeeping
from bot.housekeeping import offer_sooner_times
from bot.sandbox.client import Person, Reply, Sandbox
from service.appointments import cancel_appointment, newcomer_arguments
from service.notifications import notify
from service.offers import offer_times
from service.waiting_list import join_line, open_entry
from store.models import Appointment, TimeOffer
from tests.bot.office import COACH_A, Office, after, at, find_coach, open_office
from tests.sandbox.serving import Running


@pytest.fixture
async def newcomer(office: Office, coach: Person) -> Person:
    return await office.newcomer()


async def _offered(office: Office, newcomer: Person) -> tuple[int, Reply]:
    """Let a newcomer wait, and offer the first free time."""
    appointment = office.book(at(7, 10))
    office.do(lambda session: join_line(session, office.find(session), appointment, office.now()))
    assert office.do(lambda session: offer_times(session, office.now())) == 1
    return appointment, await after(newcomer, "eerdere tijd vrij")


def _offer_of(office: Office) -> TimeOffer:
    with office.rig.parts.sessions() as session:
        return session.query(TimeOffer).one()


def _waits(office: Office, appointment: int) -> bool:
    return office.do(lambda session: open_entry(session, session.get_one(Appointment, appointment))) is not None


async def test_an_offer_is_taken_with_a_press_whatever_keyboard_came_after_it(
    running: Running, sandbox: Sandbox, sessions: sessionmaker[Session]
) -> None:
    async with open_office(running.url, sandbox, sessions) as office:
        await office.coach()
        newcomer = await office.newcomer()
        appointment, letter = await _offered(office, newcomer)
        assert letter.labels == ["Ja, de nieuwe tijd", "Nee, ik houd mijn tijd"]
        await newcomer.says("/gegevens")
        assert "Je bent nummer 1" in (await after(newcomer, "bewaar ik")).text
        await newcomer.presses("Ja, de nieuwe tijd", message=letter)
        said = await after(newcomer, "heeft een nieuwe tijd")
        offer = _offer_of(office)
        assert "dinsdag 1 december" in said.text
        assert office.appointment(appointment).starts_at == offer.starts_at
        left = {one.message_id: one.labels for one in await newcomer.transcript()}
        assert left[letter.message_id] == []


async def test_an_offer_that_was_declined_leaves_all_as_it_was_and_the_line_can_be_left(
    office: Office, newcomer: Person
) -> None:
    appointment, letter = await _offered(office, newcomer)
    await newcomer.presses("Nee, ik houd", message=letter)
    said = await after(newcomer, "blijft op de wachtlijst")
    assert "dinsdag 8 december om 10:00" in said.text
    await newcomer.presses("Niet meer wachten", message=said)
    await after(newcomer, "niet meer op de wachtlijst")
    assert office.appointment(appointment).starts_at == at(7, 10)
    assert not _waits(office, appointment)
    await newcomer.presses("Toch wachten")
    await after(newcomer, "staat op de wachtlijst")
    assert _waits(office, appointment)


async def test_an_offer_that_lapsed_books_nothing_and_says_so(
    office: Office, newcomer: Person, running: Running, sandbox: Sandbox
) -> None:
    appointment, letter = await _offered(office, newcomer)
    await office.rig.stop()
    async with open_office(running.url, sandbox, office.rig.parts.sessions, later=timedelta(hours=2)) as later:
        await newcomer.presses("Ja, de nieuwe tijd", message=letter)
        await after(newcomer, "kun je niet meer kiezen")
        assert later.appointment(appointment).starts_at == at(7, 10)


async def test_an_offer_that_another_took_books_nothing_and_says_so(office: Office, newcomer: Person) -> None:
    appointment, letter = await _offered(office, newcomer)
    await office.newcomer(1001)
    office.book(_offer_of(office).starts_at, chat_id=1001)
    await newcomer.presses("Ja, de nieuwe tijd", message=letter)
    await after(newcomer, "iemand anders was net iets eerder")
    assert office.appointment(appointment).starts_at == at(7, 10)


async def test_an_offer_for_a_cancelled_appointment_books_nothing(office: Office, newcomer: Person) -> None:
    appointment, letter = await _offered(office, newcomer)
    office.do(lambda session: cancel_appointment(session, office.find(session), appointment, office.now()))
    await newcomer.presses("Ja, de nieuwe tijd", message=letter)
    await after(newcomer, "kun je niet meer kiezen")
    assert office.appointment(appointment).starts_at == at(7, 10)


async def test_an_offer_that_was_answered_before_it_was_sent_is_not_sent(office: Office, newcomer: Person) -> None:
    appointment, _ = await _offered(office, newcomer)

    def tell_again(session: Session) -> int:
        offer, found = session.query(TimeOffer).one(), session.get_one(Appointment, appointment)
        offer.answered_at = office.now()
        about = newcomer_arguments(found) | {"old": {"text": "telephone/none"}, "offer": offer.id}
        return notify(
            session,
            newcomer=found.newcomer,
            name="waiting/offer",
            arguments=about,
            now=office.now(),
            appointment=found,
        ).id

    assert await office.settled(office.do(tell_again)) is None


async def test_times_are_offered_by_the_clock_and_a_failing_round_does_not_end_it(
    office: Office, newcomer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    appointment = office.book(at(7, 10))
    office.do(lambda session: join_line(session, office.find(session), appointment, office.now()))
    monkeypatch.setattr(housekeeping, "OFFER_SECONDS", 0.1)
    rounds = iter([RuntimeError("round one")])

    def fail_once(session: Session, now: object) -> int:
        for error in rounds:
            raise error
        return offer_times(session, now)

    monkeypatch.setattr(housekeeping, "offer_times", fail_once)
    running = asyncio.create_task(offer_sooner_times(office.rig.parts))
    try:
        assert COACH_A in (await after(newcomer, "eerdere tijd vrij")).text
    finally:
        running.cancel()
        await asyncio.wait([running])


async def test_a_coach_who_is_ill_today_is_not_offered(office: Office, newcomer: Person) -> None:
    appointment = office.book(at(7, 10))
    office.do(lambda session: join_line(session, office.find(session), appointment, office.now()))
    office.do(lambda session: setattr(find_coach(session, COACH_A), "is_active", False))
    assert office.do(lambda session: offer_times(session, office.now())) == 0
