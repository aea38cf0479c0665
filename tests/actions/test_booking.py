from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from actions.appointments import CancelAppointment, OfferCancelling, OfferMoving, ShowAppointments
from actions.booking import BookAppointment, ContinueBooking, Stop
from actions.draft import ASKED, BESIDES
from actions.replies import Affirm, Deny
from service.appointments import book_appointment
from store.messages import Notification
from store.models import Appointment, AppointmentStatus, Area, Coach, Mode, Newcomer, Place
from tests.actions.rig import FORM, Chat, Heard
from tests.factories import NOW, make_appointment, make_coach, make_newcomer, make_request, make_week

WHEN = datetime(2026, 11, 26, 9, tzinfo=UTC)
FULL = {
    "area": "money",
    "day": "2026-11-26",
    "time": f"{WHEN.isoformat()}|1",
    "mode": "place",
    "called_name": "Amina",
    "talk_language": "ar",
    "interpreter": "yes",
    "telephone": "none",
    "confirm": "yes",
}


@pytest.fixture
def booking(chat: Chat, store: sessionmaker[Session]) -> Chat:
    """Give a chat in which all is answered, and one coach who is free from Monday to Friday, nine to five."""
    with store.begin() as session:
        make_week(session, make_coach(session, name="Voorbeeldcoach A"))
    chat.form, chat.slots = None, dict(FULL)
    return chat


def appointments(store: sessionmaker[Session]) -> list[Appointment]:
    with store.begin() as session:
        return list(session.scalars(select(Appointment)))


def notifications(store: sessionmaker[Session]) -> list[str]:
    with store.begin() as session:
        return list(session.scalars(select(Notification.name).order_by(Notification.id)))


def book(chat: Chat) -> Heard:
    chat.slots = dict(FULL)
    return chat.ask(BookAppointment(), '/inform{"confirm": "yes"}')


def stand(chat: Chat, store: sessionmaker[Session], **values: object) -> int:
    """Make an appointment of this chat; return its id."""
    with store.begin() as session:
        newcomer = session.scalars(select(Newcomer).where(Newcomer.chat_ref == chat.ref)).one()
        coach = make_coach(session)
        return make_appointment(session, newcomer, coach, make_week(session, coach), **values).id


def test_a_confirmed_draft_is_booked_and_the_coaches_hear_it(booking: Chat, store: sessionmaker[Session]) -> None:
    assert book(booking).names[0][0] == "booking/booked"
    booked = appointments(store)[0]
    assert (booked.starts_at, booked.area, booked.mode, booked.language) == (WHEN, Area.MONEY, Mode.PLACE, "ar")
    assert (booked.called_name, booked.interpreter, booked.telephone) == ("Amina", True, None)
    assert notifications(store) == ["booking/told_coaches", "booking/told_coach"]


def test_the_person_hears_what_when_with_whom_and_where(booking: Chat, store: sessionmaker[Session]) -> None:
    with store.begin() as session:
        session.scalars(select(Place)).one().address = "Straat 1"
    text = book(booking).text
    for words in ("donderdag 26 november om 10:00", "Voorbeeldcoach A", "Geld", "Straat 1"):
        assert words in text


@pytest.mark.parametrize(
    ("place", "note"),
    [
        ({"confirmed_on": None}, ["opening/where_unconfirmed"]),
        ({"is_sample": True}, ["opening/sample"]),
        ({"confirmed_on": date(2026, 11, 1)}, []),
    ],
)
def test_an_address_that_is_not_confirmed_is_said_so(
    booking: Chat, store: sessionmaker[Session], place: dict[str, object], note: list[str]
) -> None:
    with store.begin() as session:
        for name, value in place.items():
            setattr(session.scalars(select(Place)).one(), name, value)
    assert book(booking).names == [["booking/booked", *note, "booking/at_place"]]


def test_by_telephone_the_number_is_said(booking: Chat) -> None:
    booking.slots = FULL | {"mode": "telephone", "telephone": "0612345678"}
    heard = booking.ask(BookAppointment(), '/inform{"confirm": "yes"}')
    assert heard.name == "booking/coach_calls"
    assert "0612345678" in heard.text


def test_after_booking_the_draft_is_forgotten(booking: Chat) -> None:
    assert book(booking).slots == dict.fromkeys((*ASKED, *BESIDES))


def test_the_same_turn_tried_again_books_once_and_says_the_same(booking: Chat, store: sessionmaker[Session]) -> None:
    first = book(booking)
    booking.slots = dict(FULL)
    assert booking.run(BookAppointment()).text == first.text
    assert len(appointments(store)) == 1
    assert len(notifications(store)) == 2


def test_a_time_that_was_taken_meanwhile_is_asked_anew(booking: Chat, store: sessionmaker[Session]) -> None:
    with store.begin() as session:
        coach = session.scalars(select(Coach)).one()
        book_appointment(session, make_newcomer(session), make_request(coach, WHEN), NOW)
    heard = book(booking)
    assert heard.names == []
    assert (heard.slots["time"], heard.slots["confirm"]) == (None, None)
    assert heard.slots["taken_time"] == FULL["time"]
    assert heard.events[-1] == {"event": "followup", "timestamp": None, "name": FORM}
    assert len(appointments(store)) == 1


def test_another_coach_who_is_free_then_is_as_good(booking: Chat, store: sessionmaker[Session]) -> None:
    with store.begin() as session:
        coach = session.scalars(select(Coach)).one()
        book_appointment(session, make_newcomer(session), make_request(coach, WHEN), NOW)
        make_week(session, make_coach(session, name="Voorbeeldcoach B"))
    heard = book(booking)
    assert heard.names[0][0] == "booking/booked"
    assert "Voorbeeldcoach B" in heard.text
    assert [entry.starts_at for entry in appointments(store)] == [WHEN, WHEN]


def test_a_value_that_the_store_refuses_is_asked_anew(booking: Chat, store: sessionmaker[Session]) -> None:
    booking.slots = FULL | {"called_name": "x" * 61}
    heard = booking.ask(BookAppointment(), '/inform{"confirm": "yes"}')
    assert heard.slots["called_name"] is None
    assert heard.events[-1]["name"] == FORM
    assert appointments(store) == []


@pytest.mark.parametrize("missing", ASKED)
def test_nothing_is_booked_while_anything_is_missing(booking: Chat, store: sessionmaker[Session], missing: str) -> None:
    booking.slots = FULL | {missing: None}
    assert booking.ask(BookAppointment(), '/inform{"confirm": "yes"}').name == "booking/stopped"
    assert appointments(store) == []


def test_a_form_that_ended_with_words_adds_none(booking: Chat) -> None:
    booking.slots = {}
    booking.send("/coach_afspraak")
    booking.events.append({"event": "bot", "text": "geen tijden"})
    assert booking.run(BookAppointment()).names == []


@pytest.mark.parametrize("payload", ['/inform{"confirm": "yes"}', '/inform{"area": "money"}', "/inform"])
def test_a_booking_button_without_a_booking_books_nothing(
    booking: Chat, store: sessionmaker[Session], payload: str
) -> None:
    booking.slots = {}
    heard = booking.ask(ContinueBooking(), payload)
    assert (heard.name, heard.payloads) == ("booking/old_button", ["/coach_afspraak"])
    assert appointments(store) == []


def test_an_old_button_beside_a_full_draft_books_nothing(booking: Chat, store: sessionmaker[Session]) -> None:
    assert booking.ask(ContinueBooking(), '/inform{"area": "work"}').name == "booking/old_button"
    assert appointments(store) == []


def test_a_confirmation_that_the_store_could_not_take_is_finished(booking: Chat, store: sessionmaker[Session]) -> None:
    assert booking.ask(ContinueBooking(), '/inform{"confirm": "yes"}').names[0][0] == "booking/booked"
    assert len(appointments(store)) == 1


def test_a_confirmation_that_was_done_is_said_again(booking: Chat, store: sessionmaker[Session]) -> None:
    book(booking)
    assert booking.run(ContinueBooking()).names[0][0] == "booking/booked"
    assert len(appointments(store)) == 1


def test_stop_ends_a_booking_and_says_that_nothing_is_booked(booking: Chat) -> None:
    booking.form = FORM
    heard = booking.ask(Stop(), "stop", "stop")
    assert heard.name == "booking/stopped"
    assert {"event": "active_loop", "timestamp": None, "name": None} in heard.events
    assert heard.slots == dict.fromkeys(("requested_slot", *ASKED, *BESIDES))


def test_stop_without_a_booking_is_friendly(chat: Chat) -> None:
    assert chat.ask(Stop(), "stop", "stop").name == "dialogue/nothing_to_stop"


def test_appointments_are_shown_with_a_button_to_cancel(chat: Chat, store: sessionmaker[Session]) -> None:
    number = stand(chat, store, starts_at=WHEN)
    heard = chat.ask(ShowAppointments(), "mijn afspraken", "appointment_show")
    assert "donderdag 26 november om 10:00" in heard.text
    assert heard.payloads == [f'/cancel_appointment{{"appointment": "{number}"}}']


def test_without_appointments_one_can_be_made(chat: Chat) -> None:
    for action in (ShowAppointments(), OfferCancelling()):
        heard = chat.ask(action, "mijn afspraken", "appointment_show")
        assert (heard.name, heard.payloads) == ("booking/none_standing", ["/coach_afspraak"])


def test_who_wants_to_move_hears_that_a_new_one_comes_first(chat: Chat, store: sessionmaker[Session]) -> None:
    assert chat.ask(OfferMoving(), "verzetten", "appointment_move").name == "booking/none_standing"
    stand(chat, store)
    heard = chat.ask(OfferMoving(), "verzetten", "appointment_move")
    assert (heard.name, heard.payloads[0], len(heard.payloads)) == ("booking/move_how", "/coach_afspraak", 2)


def test_of_several_appointments_it_is_asked_which(chat: Chat, store: sessionmaker[Session]) -> None:
    stand(chat, store)
    stand(chat, store, starts_at=WHEN)
    heard = chat.ask(OfferCancelling(), "afzeggen", "appointment_cancel")
    assert (heard.name, len(heard.buttons)) == ("booking/ask_which", 2)


def test_cancelling_is_asked_and_then_done(chat: Chat, store: sessionmaker[Session]) -> None:
    stand(chat, store)
    asked = chat.ask(OfferCancelling(), "afzeggen", "appointment_cancel")
    assert asked.name == "booking/ask_cancel"
    assert chat.ask(CancelAppointment(), asked.payloads[0]).name == "booking/cancelled"
    assert appointments(store)[0].status is AppointmentStatus.CANCELLED
    assert notifications(store) == ["booking/cancelled_coaches", "booking/cancelled_coach"]


def test_a_pressed_appointment_is_asked_about_first(chat: Chat, store: sessionmaker[Session]) -> None:
    number = stand(chat, store)
    assert chat.ask(CancelAppointment(), f'/cancel_appointment{{"appointment": "{number}"}}').name == (
        "booking/ask_cancel"
    )
    assert appointments(store)[0].status is AppointmentStatus.BOOKED


@pytest.mark.parametrize(
    ("action", "intent", "name"),
    [(Affirm(), "affirm", "booking/cancelled"), (Deny(), "deny", "booking/kept")],
)
def test_whether_to_cancel_can_be_answered_in_words(
    chat: Chat, store: sessionmaker[Session], action: Affirm | Deny, intent: str, name: str
) -> None:
    stand(chat, store)
    chat.ask(OfferCancelling(), "afzeggen", "appointment_cancel")
    assert chat.ask(action, "graag", intent).name == name


def test_no_keeps_the_appointment(chat: Chat, store: sessionmaker[Session]) -> None:
    stand(chat, store)
    asked = chat.ask(OfferCancelling(), "afzeggen", "appointment_cancel")
    assert chat.ask(CancelAppointment(), asked.payloads[1]).name == "booking/kept"
    assert appointments(store)[0].status is AppointmentStatus.BOOKED


def test_cancelling_twice_says_that_it_was_done(chat: Chat, store: sessionmaker[Session]) -> None:
    number = stand(chat, store)
    payload = f'/cancel_appointment{{"appointment": "{number}", "confirm": "yes"}}'
    chat.ask(CancelAppointment(), payload)
    assert chat.ask(CancelAppointment(), payload).name == "booking/already_cancelled"


def test_another_persons_appointment_cannot_be_cancelled(chat: Chat, store: sessionmaker[Session]) -> None:
    number = stand(chat, store)
    with store.begin() as session:
        other = Chat(chat.parts, make_newcomer(session).chat_ref)
    for confirm in ("", ', "confirm": "yes"'):
        payload = f'/cancel_appointment{{"appointment": "{number}"{confirm}}}'
        assert other.ask(CancelAppointment(), payload).name == "booking/no_such"
    assert appointments(store)[0].status is AppointmentStatus.BOOKED


@pytest.mark.parametrize("payload", ["/cancel_appointment", '/cancel_appointment{"appointment": "x; drop"}'])
def test_a_forged_cancel_button_does_nothing(chat: Chat, payload: str) -> None:
    assert chat.ask(CancelAppointment(), payload).name == "booking/no_such"


def test_an_appointment_that_has_begun_cannot_be_cancelled(chat: Chat, store: sessionmaker[Session]) -> None:
    number = stand(chat, store, starts_at=NOW)
    payload = f'/cancel_appointment{{"appointment": "{number}", "confirm": "yes"}}'
    assert chat.ask(CancelAppointment(), payload).name == "booking/too_late"


def test_cancelling_in_the_middle_of_a_booking_ends_the_booking(chat: Chat) -> None:
    chat.form = FORM
    heard = chat.ask(OfferCancelling(), "annuleer", "appointment_cancel")
    assert heard.names == [["booking/stopped"]]
    assert {"event": "active_loop", "timestamp": None, "name": None} in heard.events
