from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from actions.appointments import CancelAppointment, OfferCancelling, ShowAppointments
from actions.replies import Affirm, Deny
from service.waiting_list import join_line
from store.models import Appointment, AppointmentStatus, Coach, Newcomer
from tests.actions.rig import FORM, Chat
from tests.factories import NOW, make_appointment, make_coach, make_newcomer, make_week

THURSDAY, FRIDAY = datetime(2026, 11, 26, 9, tzinfo=UTC), datetime(2026, 11, 27, 9, tzinfo=UTC)


@pytest.fixture
def stands(chat: Chat, store: sessionmaker[Session]) -> int:
    """Give an appointment of the chat, on Thursday at ten."""
    return stand(chat, store, starts_at=THURSDAY)


def stand(chat: Chat, store: sessionmaker[Session], **values: object) -> int:
    """Make an appointment of this chat; return its id."""
    with store.begin() as session:
        newcomer = newcomer_of(session, chat)
        coach = session.scalar(select(Coach)) or make_coach(session, name="Voorbeeldcoach A")
        place = coach.availability[0].place if coach.availability else make_week(session, coach)
        return make_appointment(session, newcomer, coach, place, **values).id


def newcomer_of(session: Session, chat: Chat) -> Newcomer:
    return session.scalars(select(Newcomer).where(Newcomer.chat_ref == chat.ref)).one()


def wait_in_line(chat: Chat, store: sessionmaker[Session], number: int) -> None:
    with store.begin() as session:
        join_line(session, newcomer_of(session, chat), number, NOW)


def status(store: sessionmaker[Session], number: int) -> AppointmentStatus:
    with store.begin() as session:
        return session.get_one(Appointment, number).status


def test_an_appointment_is_shown_with_all_that_can_be_done_with_it(chat: Chat, stands: int) -> None:
    heard = chat.ask(ShowAppointments(), "mijn afspraken", "appointment_show")
    assert heard.names == [["booking/standing"]]
    for words in ("donderdag 26 november om 10:00", "Geld", "In het Welkomhuis", "Voorbeeldcoach A", "Organisatie"):
        assert words in heard.text
    assert heard.buttons == [
        ("Andere tijd", f'/appointment_move{{"appointment": "{stands}"}}'),
        ("Liever eerder", f'/appointment_sooner{{"appointment": "{stands}"}}'),
        ("Afzeggen", f'/cancel_appointment{{"appointment": "{stands}"}}'),
    ]


def test_of_several_appointments_one_is_chosen_first(chat: Chat, store: sessionmaker[Session], stands: int) -> None:
    second = stand(chat, store, starts_at=FRIDAY)
    heard = chat.ask(ShowAppointments(), "mijn afspraken", "appointment_show")
    assert heard.names == [["booking/standing", "standing/choose_one"]]
    assert [label for label, _ in heard.buttons] == [
        "donderdag 26 november om 10:00",
        "vrijdag 27 november om 10:00",
    ]
    assert heard.payloads == [f'/appointment_show{{"appointment": "{number}"}}' for number in (stands, second)]
    one = chat.ask(ShowAppointments(), heard.payloads[1])
    assert "vrijdag" in one.text
    assert "donderdag" not in one.text
    assert len(one.buttons) == 3


def test_who_waits_for_a_sooner_time_sees_the_place_in_line(
    chat: Chat, store: sessionmaker[Session], stands: int
) -> None:
    with store.begin() as session:
        other = make_newcomer(session)
        coach = session.scalars(select(Coach)).one()
        taken = make_appointment(session, other, coach, coach.availability[0].place, starts_at=FRIDAY)
        join_line(session, other, taken.id, NOW)
    wait_in_line(chat, store, stands)
    heard = chat.ask(ShowAppointments(), "mijn afspraken", "appointment_show")
    assert "Je bent nummer 2." in heard.text
    assert heard.payloads[1] == f'/wait_for_sooner{{"appointment": "{stands}", "confirm": "no"}}'


def test_without_appointments_one_is_offered(chat: Chat) -> None:
    heard = chat.ask(ShowAppointments(), "mijn afspraken", "appointment_show")
    assert (heard.name, heard.payloads) == ("booking/none_standing", ["/coach_afspraak"])


@pytest.mark.parametrize("action", [ShowAppointments(), CancelAppointment()])
@pytest.mark.parametrize("number", ["999", "x"])
def test_an_appointment_of_nobody_is_not_there(
    chat: Chat, action: ShowAppointments | CancelAppointment, stands: int, number: str
) -> None:
    assert stands
    assert chat.ask(action, f'/x{{"appointment": "{number}"}}').names == [["booking/no_such"]]


def test_the_appointment_of_another_is_neither_shown_nor_cancelled(
    chat: Chat, store: sessionmaker[Session], stands: int
) -> None:
    with store.begin() as session:
        stranger = Chat(chat.parts, make_newcomer(session).chat_ref)
    assert stranger.ask(ShowAppointments(), f'/x{{"appointment": "{stands}"}}').name == "booking/no_such"
    heard = stranger.ask(CancelAppointment(), f'/x{{"appointment": "{stands}", "confirm": "yes"}}')
    assert heard.name == "booking/no_such"
    assert status(store, stands) is AppointmentStatus.BOOKED


def test_the_only_appointment_is_asked_about_at_once(chat: Chat, stands: int) -> None:
    heard = chat.ask(OfferCancelling(), "afzeggen", "appointment_cancel")
    assert heard.names == [["booking/ask_cancel"]]
    assert "donderdag 26 november om 10:00" in heard.text
    assert heard.payloads == [
        f'/cancel_appointment{{"appointment": "{stands}", "confirm": "{answer}"}}' for answer in ("yes", "no")
    ]


def test_of_several_it_is_asked_which_to_cancel(chat: Chat, store: sessionmaker[Session], stands: int) -> None:
    second = stand(chat, store, starts_at=FRIDAY)
    heard = chat.ask(OfferCancelling(), "afzeggen", "appointment_cancel")
    assert heard.names == [["booking/ask_which"]]
    assert heard.payloads == [f'/cancel_appointment{{"appointment": "{number}"}}' for number in (stands, second)]
    assert chat.ask(CancelAppointment(), heard.payloads[1]).names == [["booking/ask_cancel"]]


def test_the_day_in_the_words_says_which_of_several_is_cancelled(
    chat: Chat, store: sessionmaker[Session], stands: int
) -> None:
    second = stand(chat, store, starts_at=FRIDAY)
    heard = chat.ask(OfferCancelling(), "ik kan vrijdag niet komen", "appointment_cancel")
    assert heard.names == [["booking/ask_cancel"]]
    assert f'"{second}"' in heard.payloads[0]
    assert chat.ask(OfferCancelling(), "ik kan woensdag niet komen", "appointment_cancel").name == "booking/ask_which"
    assert stands


def test_a_cancelled_appointment_makes_room_for_others_and_a_new_one_is_offered(
    chat: Chat, store: sessionmaker[Session], stands: int
) -> None:
    heard = chat.ask(CancelAppointment(), f'/x{{"appointment": "{stands}", "confirm": "yes"}}')
    assert (heard.names, heard.payloads) == ([["standing/cancelled"]], ["/coach_afspraak"])
    assert "vrij voor iemand anders" in heard.text
    assert status(store, stands) is AppointmentStatus.CANCELLED
    again = chat.ask(CancelAppointment(), f'/x{{"appointment": "{stands}", "confirm": "yes"}}')
    assert (again.name, again.payloads) == ("booking/already_cancelled", ["/coach_afspraak"])


def test_no_keeps_the_appointment(chat: Chat, store: sessionmaker[Session], stands: int) -> None:
    heard = chat.ask(CancelAppointment(), f'/x{{"appointment": "{stands}", "confirm": "no"}}')
    assert heard.names == [["booking/kept"]]
    assert status(store, stands) is AppointmentStatus.BOOKED


def test_yes_in_words_answers_the_question(chat: Chat, store: sessionmaker[Session], stands: int) -> None:
    chat.ask(OfferCancelling(), "afzeggen", "appointment_cancel")
    assert chat.ask(Affirm(), "ja", "affirm").names == [["standing/cancelled"]]
    assert status(store, stands) is AppointmentStatus.CANCELLED


def test_no_in_words_keeps_it(chat: Chat, store: sessionmaker[Session], stands: int) -> None:
    chat.ask(OfferCancelling(), "afzeggen", "appointment_cancel")
    assert chat.ask(Deny(), "nee", "deny").names == [["booking/kept"]]
    assert status(store, stands) is AppointmentStatus.BOOKED


def test_yes_after_cancelling_starts_a_new_booking(chat: Chat, stands: int) -> None:
    chat.ask(CancelAppointment(), f'/x{{"appointment": "{stands}", "confirm": "yes"}}')
    heard = chat.ask(Affirm(), "ja graag", "affirm")
    assert heard.names == []
    assert (heard.events[-1]["event"], heard.events[-1]["name"]) == ("followup", FORM)


@pytest.mark.parametrize("confirm", ["", ', "confirm": "yes"'])
def test_shortly_before_it_is_said_until_when_it_could_be_cancelled_and_a_person_is_offered(
    chat: Chat, store: sessionmaker[Session], stands: int, confirm: str
) -> None:
    with store.begin() as session:
        session.scalars(select(Coach)).one().change_minutes = 3 * 24 * 60
    heard = chat.ask(CancelAppointment(), f'/x{{"appointment": "{stands}"{confirm}}}')
    assert heard.names == [["standing/too_late_to_change"]]
    assert "tot maandag 23 november om 10:00" in heard.text
    assert "14 030" in heard.text.replace("\u00a0", " ")
    assert heard.payloads == ["/coach_mens"]
    assert status(store, stands) is AppointmentStatus.BOOKED


def test_yes_after_that_asks_for_a_person(chat: Chat, store: sessionmaker[Session], stands: int) -> None:
    with store.begin() as session:
        session.scalars(select(Coach)).one().change_minutes = 3 * 24 * 60
    chat.ask(CancelAppointment(), f'/x{{"appointment": "{stands}"}}')
    assert chat.ask(Affirm(), "ja", "affirm").name == "handoff/requested"


def test_one_that_has_begun_cannot_be_cancelled(chat: Chat, store: sessionmaker[Session]) -> None:
    begun = stand(chat, store, starts_at=NOW - timedelta(minutes=5))
    heard = chat.ask(CancelAppointment(), f'/x{{"appointment": "{begun}", "confirm": "yes"}}')
    assert heard.names == [["standing/has_begun"]]
    assert status(store, begun) is AppointmentStatus.BOOKED


def test_cancelling_in_the_middle_of_a_booking_ends_the_booking(chat: Chat, stands: int) -> None:
    chat.form, chat.slots = FORM, {"area": "money", "requested_slot": "time"}
    heard = chat.ask(OfferCancelling(), "afzeggen", "appointment_cancel")
    assert heard.names == [["booking/stopped"], ["booking/ask_cancel"]]
    assert heard.slots["area"] is None
    assert stands


def test_cancelling_in_the_middle_of_a_move_is_of_the_one_that_is_moved(
    chat: Chat, store: sessionmaker[Session], stands: int
) -> None:
    second = stand(chat, store, starts_at=FRIDAY)
    chat.form, chat.slots = FORM, {"moving": str(second), "requested_slot": "time"}
    heard = chat.ask(OfferCancelling(), "afzeggen", "appointment_cancel")
    assert heard.names == [["booking/ask_cancel"]]
    assert f'"{second}"' in heard.payloads[0]
    assert heard.slots["moving"] is None
    assert stands != second


@pytest.mark.parametrize("language", ["en", "ar", "tr", "fa", "ti", "uk"])
def test_all_of_it_is_said_in_every_language(
    chat: Chat, store: sessionmaker[Session], stands: int, language: str
) -> None:
    wait_in_line(chat, store, stands)
    chat.language = language
    texts = [
        chat.ask(ShowAppointments(), "/appointment_show").text,
        chat.ask(OfferCancelling(), "/appointment_cancel").text,
        chat.ask(CancelAppointment(), f'/x{{"appointment": "{stands}", "confirm": "yes"}}').text,
    ]
    dutch = ("afspraak", "Afspraak", "wacht")
    assert not any(word in text for text in texts for word in dutch)
    assert all("10:00" in text for text in texts)
