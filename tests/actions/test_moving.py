from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from actions.draft import ASKED, BESIDES
from actions.moving import OfferMoving
from store.models import Appointment, AppointmentStatus, Canceller, Coach, Mode, Newcomer
from tests.actions.rig import FORM, Chat, Heard
from tests.actions.test_appointments import FRIDAY, THURSDAY, stand
from tests.factories import NOW, make_newcomer


@pytest.fixture
def stands(chat: Chat, store: sessionmaker[Session]) -> int:
    """Give an appointment of the chat, on Thursday at ten."""
    return stand(
        chat,
        store,
        starts_at=THURSDAY,
        mode=Mode.TELEPHONE,
        telephone="0612345678",
        language="ar",
        interpreter=True,
        reason="brief van DUO",
    )


def starts_form(heard: Heard) -> bool:
    return heard.events[-1] == {"event": "followup", "timestamp": None, "name": FORM} and not heard.names


def cancelled_by_coach(store: sessionmaker[Session], number: int) -> None:
    with store.begin() as session:
        appointment = session.get_one(Appointment, number)
        appointment.status, appointment.cancelled_by = AppointmentStatus.CANCELLED, Canceller.COACH


@pytest.mark.parametrize(
    "message", ["ik wil mijn afspraak verzetten", '/appointment_move{{"appointment": "{number}"}}']
)
def test_the_form_starts_with_all_but_the_time(
    chat: Chat, store: sessionmaker[Session], stands: int, message: str
) -> None:
    heard = chat.ask(OfferMoving(), message.format(number=stands), "appointment_move")
    assert starts_form(heard)
    with store.begin() as session:
        coach = session.scalars(select(Coach)).one()
    assert heard.slots == dict.fromkeys((*ASKED, *BESIDES)) | {
        "area": "money",
        "talk_language": "ar",
        "with_coach": str(coach.id),
        "interpreter": "yes",
        "mode": "telephone",
        "called_name": "Sami",
        "telephone": "0612345678",
        "reason": "brief van DUO",
        "moving": str(stands),
        "form_problem": "standing/moving",
    }


def test_of_several_it_is_asked_which_one_moves(chat: Chat, store: sessionmaker[Session], stands: int) -> None:
    second = stand(chat, store, starts_at=FRIDAY)
    heard = chat.ask(OfferMoving(), "verzetten", "appointment_move")
    assert heard.names == [["standing/ask_which_move"]]
    assert heard.payloads == [f'/appointment_move{{"appointment": "{number}"}}' for number in (stands, second)]
    assert heard.events == []


def test_one_that_the_coach_cancelled_is_meant_too_and_any_coach_will_do(
    chat: Chat, store: sessionmaker[Session], stands: int
) -> None:
    cancelled_by_coach(store, stands)
    heard = chat.ask(OfferMoving(), "andere tijd graag", "appointment_move")
    assert starts_form(heard)
    assert (heard.slots["moving"], heard.slots["with_coach"]) == (str(stands), "any")


def test_one_that_the_coach_cancelled_long_ago_is_only_meant_by_its_button(
    chat: Chat, store: sessionmaker[Session]
) -> None:
    old = stand(chat, store, starts_at=NOW - timedelta(days=20))
    cancelled_by_coach(store, old)
    assert chat.ask(OfferMoving(), "andere tijd graag", "appointment_move").name == "booking/none_standing"
    assert starts_form(chat.ask(OfferMoving(), f'/appointment_move{{"appointment": "{old}"}}'))


@pytest.mark.parametrize(
    ("words", "time", "day"),
    [
        ("verzet mijn afspraak naar vrijdag 14 uur", "2026-11-27T13:00:00+00:00", "2026-11-27"),
        ("kan het vrijdag?", None, "2026-11-27"),
        ("mijn afspraak van donderdag moet anders", None, None),
        ("ik kan donderdag om 10 uur niet, verzetten", None, None),
    ],
)
def test_a_moment_in_the_words_is_used_unless_it_is_the_old_one(
    chat: Chat, stands: int, words: str, time: str | None, day: str | None
) -> None:
    slots = chat.ask(OfferMoving(), words, "appointment_move").slots
    assert slots["moving"] == str(stands)
    assert slots["day"] == day
    assert (slots["time"] or "").split("|")[0] == (time or "")


def test_a_day_that_has_passed_is_said_so_and_asked_again(chat: Chat, stands: int) -> None:
    slots = chat.ask(OfferMoving(), "verzet naar gisteren", "appointment_move").slots
    assert (slots["moving"], slots["time"], slots["form_problem"]) == (str(stands), None, "booking/day_past")


def test_a_button_with_a_time_only_leaves_the_confirmation(chat: Chat, stands: int) -> None:
    time = "2026-11-25T09:00:00+00:00|1"
    heard = chat.ask(OfferMoving(), f'/appointment_move{{"appointment": "{stands}", "time": "{time}"}}')
    assert starts_form(heard)
    assert (heard.slots["time"], heard.slots["confirm"]) == (time, None)


@pytest.mark.parametrize("time", ["2026-11-28T09:00:00+00:00|1", "2020-01-01T09:00:00+00:00|1", "nonsense"])
def test_a_button_with_a_time_that_is_not_free_asks_for_one(chat: Chat, stands: int, time: str) -> None:
    slots = chat.ask(OfferMoving(), f'/appointment_move{{"appointment": "{stands}", "time": "{time}"}}').slots
    assert (slots["moving"], slots["time"]) == (str(stands), None)


@pytest.mark.parametrize(
    ("values", "coach", "said"),
    [
        ({"status": AppointmentStatus.CANCELLED, "cancelled_by": Canceller.NEWCOMER}, {}, "booking/already_cancelled"),
        ({"starts_at": NOW - timedelta(minutes=1)}, {}, "standing/has_begun"),
        ({}, {"change_minutes": 3 * 24 * 60}, "standing/too_late_to_change"),
    ],
)
def test_what_cannot_move_is_said_with_the_reason(
    chat: Chat, store: sessionmaker[Session], values: dict[str, object], coach: dict[str, object], said: str
) -> None:
    number = stand(chat, store, **{"starts_at": THURSDAY} | values)
    with store.begin() as session:
        for name, value in coach.items():
            setattr(session.scalars(select(Coach)).one(), name, value)
    heard = chat.ask(OfferMoving(), f'/appointment_move{{"appointment": "{number}"}}')
    assert (heard.names, heard.events) == ([[said]], [])


def test_the_appointment_of_another_does_not_move(chat: Chat, store: sessionmaker[Session], stands: int) -> None:
    with store.begin() as session:
        stranger = Chat(chat.parts, make_newcomer(session).chat_ref)
    heard = stranger.ask(OfferMoving(), f'/appointment_move{{"appointment": "{stands}"}}')
    assert (heard.names, heard.events) == ([["booking/no_such"]], [])
    with store.begin() as session:
        assert session.scalars(select(Newcomer)).all()


def test_a_move_in_the_middle_of_a_new_booking_forgets_what_was_answered(chat: Chat, stands: int) -> None:
    chat.form = FORM
    chat.slots = {"area": "work", "talk_language": "en", "requested_slot": "with_coach"}
    heard = chat.ask(OfferMoving(), "verzetten", "appointment_move")
    assert starts_form(heard)
    assert (heard.slots["area"], heard.slots["talk_language"], heard.slots["moving"]) == ("money", "ar", str(stands))
