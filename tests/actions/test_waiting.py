from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from actions.draft import FORM
from actions.replies import Affirm, Deny
from actions.waiting import OfferSooner, WaitForSooner
from store.models import Coach, WaitingEntry
from tests.actions.rig import Chat
from tests.actions.test_appointments import FRIDAY, THURSDAY, stand, wait_in_line
from tests.factories import NOW, make_leave


@pytest.fixture
def stands(chat: Chat, store: sessionmaker[Session]) -> int:
    """Give an appointment of the chat, on Thursday at ten."""
    return stand(chat, store, starts_at=THURSDAY)


@pytest.fixture
def full(store: sessionmaker[Session], stands: int) -> int:
    """Give the same appointment with nothing free before it."""
    with store.begin() as session:
        make_leave(session, session.scalars(select(Coach)).one(), NOW.date(), THURSDAY.date())
    return stands


def in_line(store: sessionmaker[Session]) -> list[int]:
    with store.begin() as session:
        return list(session.scalars(select(WaitingEntry.appointment_id).where(WaitingEntry.closed_at.is_(None))))


@pytest.mark.parametrize("message", ["kan het eerder", '/appointment_sooner{{"appointment": "{number}"}}'])
def test_sooner_times_that_are_free_now_are_offered_with_weekday_and_date(
    chat: Chat, store: sessionmaker[Session], stands: int, message: str
) -> None:
    heard = chat.ask(OfferSooner(), message.format(number=stands), "appointment_sooner")
    assert heard.names == [["standing/sooner_now"]]
    labels = [label for label, _ in heard.buttons]
    assert labels == [
        "dinsdag 24 november om 10:00",
        "dinsdag 24 november om 10:30",
        "dinsdag 24 november om 11:00",
        "Andere tijd",
    ]
    assert heard.payloads[0] == (
        f'/appointment_move{{"appointment": "{stands}", "time": "2026-11-24T09:00:00+00:00|1"}}'
    )
    assert in_line(store) == []


def test_only_times_before_the_appointment_are_sooner(chat: Chat, store: sessionmaker[Session]) -> None:
    soon = stand(chat, store, starts_at=datetime(2026, 11, 24, 9, 30, tzinfo=UTC))
    heard = chat.ask(OfferSooner(), f'/appointment_sooner{{"appointment": "{soon}"}}')
    assert [label for label, _ in heard.buttons] == ["dinsdag 24 november om 10:00", "Andere tijd"]


def test_with_nothing_sooner_the_person_stands_in_line(chat: Chat, store: sessionmaker[Session], full: int) -> None:
    heard = chat.ask(OfferSooner(), "kan het eerder", "appointment_sooner")
    assert heard.names == [["standing/joined_line"]]
    assert "donderdag 26 november om 10:00" in heard.text
    assert "Je bent nummer 1." in heard.text
    assert heard.payloads == [f'/wait_for_sooner{{"appointment": "{full}", "confirm": "no"}}']
    assert chat.ask(OfferSooner(), "kan het eerder", "appointment_sooner").text == heard.text
    assert in_line(store) == [full]


def test_who_leaves_the_line_can_come_back(chat: Chat, store: sessionmaker[Session], full: int) -> None:
    wait_in_line(chat, store, full)
    heard = chat.ask(WaitForSooner(), f'/wait_for_sooner{{"appointment": "{full}", "confirm": "no"}}')
    assert heard.names == [["standing/left_line"]]
    assert in_line(store) == []
    assert chat.ask(WaitForSooner(), heard.payloads[0]).names == [["standing/joined_line"]]
    assert in_line(store) == [full]


def test_who_is_in_line_and_is_offered_a_time_can_leave_the_line_too(
    chat: Chat, store: sessionmaker[Session], stands: int
) -> None:
    wait_in_line(chat, store, stands)
    heard = chat.ask(OfferSooner(), "kan het eerder", "appointment_sooner")
    assert heard.names == [["standing/sooner_now"]]
    assert heard.payloads[-1] == f'/wait_for_sooner{{"appointment": "{stands}", "confirm": "no"}}'


def test_of_several_it_is_asked_which_one(chat: Chat, store: sessionmaker[Session], stands: int) -> None:
    second = stand(chat, store, starts_at=FRIDAY)
    heard = chat.ask(OfferSooner(), "kan het eerder", "appointment_sooner")
    assert heard.names == [["standing/ask_which_sooner"]]
    assert heard.payloads == [f'/appointment_sooner{{"appointment": "{number}"}}' for number in (stands, second)]


def test_without_appointments_one_is_offered(chat: Chat) -> None:
    heard = chat.ask(OfferSooner(), "kan het eerder", "appointment_sooner")
    assert (heard.name, heard.payloads) == ("booking/none_standing", ["/coach_afspraak"])


@pytest.mark.parametrize("confirm", ["", ', "confirm": "no"'])
@pytest.mark.parametrize("number", ["999", "x"])
def test_nobody_waits_for_the_appointment_of_another(
    chat: Chat, store: sessionmaker[Session], number: str, confirm: str
) -> None:
    heard = chat.ask(WaitForSooner(), f'/wait_for_sooner{{"appointment": "{number}"{confirm}}}')
    assert heard.names == [["booking/no_such"]]
    assert in_line(store) == []


def test_one_that_cannot_be_changed_any_more_cannot_be_sooner(
    chat: Chat, store: sessionmaker[Session], stands: int
) -> None:
    with store.begin() as session:
        session.scalars(select(Coach)).one().change_minutes = int(timedelta(days=3) / timedelta(minutes=1))
    heard = chat.ask(OfferSooner(), f'/appointment_sooner{{"appointment": "{stands}"}}')
    assert heard.names == [["standing/too_late_to_change"]]
    assert in_line(store) == []


def test_yes_takes_the_only_time_that_is_offered(chat: Chat, store: sessionmaker[Session]) -> None:
    soon = stand(chat, store, starts_at=datetime(2026, 11, 24, 9, 30, tzinfo=UTC))
    chat.ask(OfferSooner(), "kan het eerder", "appointment_sooner")
    heard = chat.ask(Affirm(), "ja", "affirm")
    assert (heard.events[-1]["name"], heard.slots["moving"]) == (FORM, str(soon))
    assert heard.slots["time"].startswith("2026-11-24T09:00:00+00:00|")


def test_yes_to_several_times_chooses_none_and_no_keeps_the_appointment(chat: Chat, stands: int) -> None:
    assert stands
    chat.ask(OfferSooner(), "kan het eerder", "appointment_sooner")
    assert chat.ask(Deny(), "nee", "deny").names == [["booking/kept"]]
    chat.ask(OfferSooner(), "kan het eerder", "appointment_sooner")
    assert chat.ask(Affirm(), "ja", "affirm").names == [["dialogue/affirm"]]
