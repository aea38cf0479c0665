"""Booking and moving what the form has gathered, and ending it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from actions.booking import BookAppointment, ContinueBooking, Stop
from actions.draft import ASKED, BESIDES, moving_slots
from service.appointments import MOST_STANDING, book_appointment
from store.messages import Notification
from store.models import Appointment, Area, Coach, Mode, Newcomer, Place
from tests.actions.rig import FORM, Chat, Heard
from tests.factories import (
    NOW,
    make_appointment,
    make_coach,
    make_coach_language,
    make_newcomer,
    make_request,
    make_week,
)

WHEN = datetime(2026, 11, 26, 9, tzinfo=UTC)
FULL = {
    "area": "money",
    "talk_language": "ar",
    "with_coach": "any",
    "interpreter": "yes",
    "mode": "place",
    "time": f"{WHEN.isoformat()}|1",
    "called_name": "Amina",
    "telephone": "none",
    "reason": "brief van DUO",
    "confirm": "yes",
}
CONFIRM = '/inform{"confirm": "yes"}'


@pytest.fixture
def booking(chat: Chat, store: sessionmaker[Session]) -> Chat:
    """Give a chat in which all is answered, and one coach who is free from Monday to Friday, nine to five."""
    with store.begin() as session:
        make_week(session, make_coach(session, name="Voorbeeldcoach A"))
    chat.form, chat.slots = None, dict(FULL)
    return chat


def appointments(store: sessionmaker[Session]) -> list[Appointment]:
    with store.begin() as session:
        return list(session.scalars(select(Appointment).order_by(Appointment.id)))


def told(store: sessionmaker[Session]) -> list[str]:
    """List what coaches hear."""
    with store.begin() as session:
        names = session.scalars(select(Notification.name).order_by(Notification.id))
        return [name for name in names if name.startswith("booking/")]


def book(chat: Chat, **slots: str) -> Heard:
    chat.slots = FULL | slots
    return chat.ask(BookAppointment(), CONFIRM)


def take(store: sessionmaker[Session], *coaches: Coach) -> None:
    """Let others be faster: the time is booked with these coaches, or with all."""
    with store.begin() as session:
        for coach in coaches or session.scalars(select(Coach)):
            book_appointment(session, make_newcomer(session), make_request(coach, WHEN), NOW)


def me(session: Session, chat: Chat) -> Newcomer:
    return session.scalars(select(Newcomer).where(Newcomer.chat_ref == chat.ref)).one()


def stand(chat: Chat, store: sessionmaker[Session], starts_at: datetime) -> int:
    with store.begin() as session:
        coach = session.scalars(select(Coach)).one()
        return book_appointment(session, me(session, chat), make_request(coach, starts_at), NOW).id


def test_a_confirmed_draft_is_booked_and_the_coaches_hear_it(booking: Chat, store: sessionmaker[Session]) -> None:
    assert book(booking).names[0][0] == "booking/booked"
    booked = appointments(store)[0]
    assert (booked.starts_at, booked.area, booked.mode, booked.language) == (WHEN, Area.MONEY, Mode.PLACE, "ar")
    assert (booked.called_name, booked.interpreter, booked.telephone) == ("Amina", True, None)
    assert booked.reason == "brief van DUO"
    assert told(store) == ["booking/told_coaches", "booking/told_coach"]


def test_a_reason_that_was_skipped_is_not_kept(booking: Chat, store: sessionmaker[Session]) -> None:
    book(booking, reason="none")
    assert appointments(store)[0].reason is None


@pytest.mark.parametrize(
    ("language", "when"),
    [
        ("nl", "donderdag 26 november om 10:00"),
        ("en", "Thursday 26 November at 10:00"),
        ("ar", "الخميس"),
        ("uk", "четвер, 26 листопада"),
    ],
)
def test_the_person_hears_what_when_with_whom_and_where(
    booking: Chat, store: sessionmaker[Session], language: str, when: str
) -> None:
    with store.begin() as session:
        session.scalars(select(Place)).one().address = "Straat 1"
    booking.language = language
    text = book(booking).text.replace("\u2066", "").replace("\u2069", "").replace("\u00a0", " ")
    for words in (when.replace("четвер, ", ""), "Voorbeeldcoach A", "Straat 1"):
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


def test_the_way_to_a_confirmed_place_is_a_link(booking: Chat, store: sessionmaker[Session]) -> None:
    with store.begin() as session:
        place = session.scalars(select(Place)).one()
        place.address, place.postcode, place.confirmed_on = "Straat 1", "3511 AA", date(2026, 11, 1)
    heard = book(booking)
    assert heard.names == [["booking/booked", "booking/at_place", "booking/route"]]
    assert '<a href="https://' in heard.text
    assert "Straat 1, 3511 AA" in heard.text


def test_by_telephone_the_number_is_said(booking: Chat) -> None:
    heard = book(booking, mode="telephone", telephone="0612345678")
    assert heard.name == "booking/coach_calls"
    assert "0612345678" in heard.text


def test_what_was_booked_can_be_shown_or_waited_for_to_be_sooner(booking: Chat, store: sessionmaker[Session]) -> None:
    heard = book(booking)
    number = appointments(store)[0].id
    assert heard.buttons == [
        ("Mijn afspraken", "/appointment_show"),
        ("Eerder, als het kan", f'/wait_for_sooner{{"appointment": "{number}"}}'),
    ]


def test_after_booking_the_draft_is_forgotten(booking: Chat) -> None:
    assert book(booking).slots == dict.fromkeys((*ASKED, *BESIDES))


def test_the_same_turn_tried_again_books_once_and_says_the_same(booking: Chat, store: sessionmaker[Session]) -> None:
    first = book(booking)
    booking.slots = dict(FULL)
    assert booking.run(BookAppointment()).text == first.text
    assert len(appointments(store)) == 1
    assert len(told(store)) == 2


def test_a_time_that_was_taken_meanwhile_is_asked_anew(booking: Chat, store: sessionmaker[Session]) -> None:
    take(store)
    heard = book(booking)
    assert heard.names == []
    assert (heard.slots["time"], heard.slots["confirm"]) == (None, None)
    assert (heard.slots["taken_time"], heard.slots["form_problem"]) == (FULL["time"], "booking/time_taken")
    assert heard.events[-1] == {"event": "followup", "timestamp": None, "name": FORM}
    assert len(appointments(store)) == 1


def test_another_coach_who_is_free_then_is_as_good(booking: Chat, store: sessionmaker[Session]) -> None:
    take(store)
    with store.begin() as session:
        make_week(session, make_coach(session, name="Voorbeeldcoach B"))
    heard = book(booking)
    assert heard.names[0][0] == "booking/booked"
    assert "Voorbeeldcoach B" in heard.text
    assert [entry.starts_at for entry in appointments(store)] == [WHEN, WHEN]


@pytest.mark.parametrize("slots", [{"with_coach": "1"}, {"interpreter": "no"}])
def test_another_coach_does_not_do_for_who_chose_one_or_a_language(
    booking: Chat, store: sessionmaker[Session], slots: dict[str, str]
) -> None:
    with store.begin() as session:
        make_coach_language(session, session.scalars(select(Coach)).one(), "ar")
    take(store)
    with store.begin() as session:
        make_week(session, make_coach(session, name="Voorbeeldcoach B"))
    assert book(booking, **slots).slots["taken_time"] == FULL["time"]
    assert len(appointments(store)) == 1


def test_a_value_that_the_store_refuses_is_asked_anew(booking: Chat, store: sessionmaker[Session]) -> None:
    heard = book(booking, called_name="x" * 61)
    assert heard.slots["called_name"] is None
    assert heard.events[-1]["name"] == FORM
    assert appointments(store) == []


def test_who_has_as_many_as_one_can_have_hears_which(booking: Chat, store: sessionmaker[Session]) -> None:
    for hour in range(MOST_STANDING):
        stand(booking, store, WHEN + timedelta(hours=1 + hour))
    heard = book(booking)
    assert heard.names == [["booking/too_many", "booking/standing"]]
    assert heard.payloads == ["/appointment_show"]
    assert len(appointments(store)) == MOST_STANDING


def test_a_time_at_which_the_person_has_another_talk_is_asked_anew(booking: Chat, store: sessionmaker[Session]) -> None:
    stand(booking, store, WHEN)
    with store.begin() as session:
        other = make_coach(session)
        make_week(session, other)
    heard = book(booking, time=f"{WHEN.isoformat()}|{other.id}")
    assert (heard.slots["form_problem"], heard.slots["time"]) == ("booking/overlaps", None)
    assert heard.slots["after"] == WHEN.isoformat()
    assert len(appointments(store)) == 1


@pytest.mark.parametrize("missing", ASKED)
def test_nothing_is_booked_while_anything_is_missing(booking: Chat, store: sessionmaker[Session], missing: str) -> None:
    booking.slots = FULL | {missing: None}
    assert booking.ask(BookAppointment(), CONFIRM).name == "booking/stopped"
    assert appointments(store) == []


def test_a_form_that_ended_with_words_adds_none(booking: Chat) -> None:
    booking.slots = {}
    booking.send("/coach_afspraak")
    booking.events.append({"event": "bot", "text": "geen tijden"})
    assert booking.run(BookAppointment()).names == []


@pytest.mark.parametrize("payload", [CONFIRM, '/inform{"area": "money"}', "/inform"])
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
    assert booking.ask(ContinueBooking(), CONFIRM).names[0][0] == "booking/booked"
    assert len(appointments(store)) == 1


def test_a_confirmation_that_was_done_is_said_again(booking: Chat, store: sessionmaker[Session]) -> None:
    book(booking)
    assert booking.run(ContinueBooking()).names[0][0] == "booking/booked"
    assert len(appointments(store)) == 1


def moving(chat: Chat, store: sessionmaker[Session], starts_at: datetime = WHEN) -> int:
    """Bring the chat to the end of moving an appointment from a day before."""
    number = stand(chat, store, WHEN - timedelta(days=1))
    chat.slots = moving_slots(appointments(store)[0]) | {"time": f"{starts_at.isoformat()}|1", "confirm": "yes"}
    return number


def test_a_confirmed_move_keeps_the_appointment_and_changes_its_time(
    booking: Chat, store: sessionmaker[Session]
) -> None:
    number = moving(booking, store)
    heard = booking.ask(BookAppointment(), CONFIRM)
    assert heard.names[0][0] == "booking/moved"
    assert "donderdag 26 november om 10:00" in heard.text
    assert [(entry.id, entry.starts_at) for entry in appointments(store)] == [(number, WHEN)]


def test_a_move_to_a_time_that_was_taken_is_asked_anew(booking: Chat, store: sessionmaker[Session]) -> None:
    moving(booking, store)
    take(store)
    heard = booking.ask(BookAppointment(), CONFIRM)
    assert (heard.slots["form_problem"], heard.events[-1]["name"]) == ("booking/time_taken", FORM)
    assert appointments(store)[0].starts_at == WHEN - timedelta(days=1)


def test_what_cannot_be_moved_any_more_is_said_kindly(booking: Chat, store: sessionmaker[Session]) -> None:
    number = moving(booking, store)
    with store.begin() as session:
        session.get_one(Coach, 1).change_minutes = 60 * 48
    heard = booking.ask(BookAppointment(), CONFIRM)
    assert heard.name == "standing/too_late_to_change"
    booking.slots = FULL | {"moving": str(number + 1)}
    assert booking.ask(BookAppointment(), CONFIRM).name == "booking/no_such"


def test_stop_while_moving_says_that_the_appointment_stays(booking: Chat, store: sessionmaker[Session]) -> None:
    moving(booking, store)
    booking.form = FORM
    assert booking.ask(Stop(), "stop", "stop").name == "booking/stopped_moving"
    assert appointments(store)[0].starts_at == WHEN - timedelta(days=1)


def test_stop_ends_a_booking_and_says_that_nothing_is_booked(booking: Chat) -> None:
    booking.form = FORM
    heard = booking.ask(Stop(), "stop", "stop")
    assert heard.name == "booking/stopped"
    assert {"event": "active_loop", "timestamp": None, "name": None} in heard.events
    assert heard.slots == dict.fromkeys(("requested_slot", *ASKED, *BESIDES))


def test_stop_without_a_booking_is_friendly(chat: Chat) -> None:
    assert chat.ask(Stop(), "stop", "stop").name == "dialogue/nothing_to_stop"


def test_stop_or_cancel_without_a_booking_never_sounds_as_if_an_appointment_were_cancelled(booking: Chat) -> None:
    book(booking)
    booking.form = None
    heard = booking.ask(Stop(), "iptal", "stop")
    assert heard.names == [["booking/kept", "booking/standing"]]
    assert [label for label, _ in heard.buttons][-1] == "Afzeggen"


def test_what_moves_is_asked_of_the_same_coach_and_keeps_its_answers(
    booking: Chat, store: sessionmaker[Session]
) -> None:
    with store.begin() as session:
        coach = session.scalars(select(Coach)).one()
        made = make_appointment(
            session, me(session, booking), coach, session.scalars(select(Place)).one(), called_name=None
        )
        slots = moving_slots(made)
    assert (slots["with_coach"], slots["moving"], slots["time"], slots["confirm"]) == ("1", str(made.id), None, None)
    assert all(slots[name] for name in ASKED if name not in ("time", "confirm"))
