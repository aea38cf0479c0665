"""The booking form, question by question: what an answer sets, and what is left to other rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from actions.booking_answers import ASK_REASON, SMALL_TALK, START, asking_intents
from actions.booking_ask_time import AskTime
from actions.booking_changes import CHANGES
from actions.booking_form import MOVE, ValidateAppointmentForm
from actions.booking_question import AskSlot
from actions.booking_questions import (
    AskArea,
    AskCalledName,
    AskConfirm,
    AskInterpreter,
    AskMode,
    AskReason,
    AskTalkLanguage,
    AskTelephone,
    AskWithCoach,
)
from actions.draft import ASKED, moving_slots
from actions.topics import FLOWS
from service.appointments import MOST_STANDING
from service.settings import ROOT
from service.texts import Texts
from store.models import Appointment, Area, Availability, Coach, Mode, Newcomer, Place
from tests.actions.rig import FORM, Chat, Heard
from tests.factories import (
    make_appointment,
    make_availability,
    make_coach,
    make_coach_area,
    make_coach_language,
    make_organisation,
    make_place,
    make_week,
)

WHEN = datetime(2026, 11, 26, 9, tzinfo=UTC)  # a Thursday, ten o'clock in Utrecht
TEN = f"{WHEN.isoformat()}|1"
FULL = {
    "area": "money",
    "talk_language": "ar",
    "with_coach": "any",
    "interpreter": "yes",
    "mode": "place",
    "time": TEN,
    "called_name": "Amina",
    "telephone": "none",
    "reason": "brief van DUO",
}
QUESTIONS: dict[str, AskSlot] = {
    "area": AskArea(),
    "talk_language": AskTalkLanguage(),
    "with_coach": AskWithCoach(),
    "interpreter": AskInterpreter(),
    "mode": AskMode(),
    "time": AskTime(),
    "called_name": AskCalledName(),
    "telephone": AskTelephone(),
    "reason": AskReason(),
    "confirm": AskConfirm(),
}
CLOSED = ["area", "talk_language", "with_coach", "interpreter", "mode"]
AFTER_TIME = ASKED[ASKED.index("called_name") :]
STOP_FORM = {"event": "active_loop", "timestamp": None, "name": None}


@pytest.fixture
def booking(chat: Chat, store: sessionmaker[Session]) -> Chat:
    """Give a chat in the form, and one coach who is free from Monday to Friday, nine to five, and speaks Dutch."""
    with store.begin() as session:
        make_week(session, make_coach(session, name="Voorbeeldcoach A"))
    chat.form = FORM
    return chat


@pytest.fixture
def many(booking: Chat, store: sessionmaker[Session]) -> Chat:
    """Give the form with three coaches: B and C speak Arabic, B of another organisation than A and C."""
    with store.begin() as session:
        first = session.scalars(select(Coach)).one()
        for name, organisation in (("B", make_organisation(session, name="Stichting X")), ("C", first.organisation)):
            coach = make_coach(session, name=f"Voorbeeldcoach {name}", organisation=organisation)
            make_week(session, coach, "10:00", "12:00")
            make_coach_language(session, coach, "ar")
    return booking


def coach_of(store: sessionmaker[Session], name: str) -> int:
    with store.begin() as session:
        return session.scalars(select(Coach.id).where(Coach.name == f"Voorbeeldcoach {name}")).one()


def me(session: Session, chat: Chat) -> Newcomer:
    return session.scalars(select(Newcomer).where(Newcomer.chat_ref == chat.ref)).one()


def own(chat: Chat, store: sessionmaker[Session], name: str) -> str:
    """Make a coach the person's own."""
    number = coach_of(store, name)
    with store.begin() as session:
        me(session, chat).coach_id = number
    return str(number)


def at(chat: Chat, slot: str, **slots: str | None) -> Chat:
    """Bring the chat to a question, everything before it answered."""
    before = ASKED[: ASKED.index(slot)]
    chat.slots = {name: FULL[name] for name in before} | {"requested_slot": slot} | slots
    return chat


def answer(chat: Chat, slot: str, text: str, intent: str = "nlu_fallback", **slots: str | None) -> Heard:
    return at(chat, slot, **slots).ask(ValidateAppointmentForm(), text, intent)


def asked(chat: Chat, slot: str, **slots: str | None) -> Heard:
    return at(chat, slot, **slots).ask(QUESTIONS[slot], "x")


def reply(chat: Chat, slot: str, text: str, intent: str = "nlu_fallback", **slots: str | None) -> Heard:
    """Ask a question and answer it, so that what is shown can be meant."""
    asked(chat, slot, **slots)
    return chat.ask(ValidateAppointmentForm(), text, intent)


def labels(heard: Heard) -> list[str]:
    return [label for label, _ in heard.buttons]


# What answers a question.


@pytest.mark.parametrize(
    ("slot", "said", "value"),
    [
        ("area", '/inform{"area": "money"}', "money"),
        ("area", "over schulden", "money"),
        ("area", "my children", "children"),
        ("area", "بخصوص الديون", "money"),
        ("talk_language", '/inform{"talk_language": "ar"}', "ar"),
        ("talk_language", "Somali", "so"),
        ("talk_language", "العربية", "ar"),
        ("interpreter", '/inform{"interpreter": "no"}', "no"),
        ("interpreter", "ja graag", "yes"),
        ("interpreter", "without an interpreter", "no"),
        ("interpreter", "مع مترجم", "yes"),
        ("mode", '/inform{"mode": "telephone"}', "telephone"),
        ("mode", "bellen", "telephone"),
        ("mode", "by phone please", "telephone"),
        ("mode", "in het welkomhuis", "place"),
        ("mode", "بالتلفون", "telephone"),
        ("time", f'/inform{{"time": "{TEN}"}}', TEN),
        ("called_name", "Amina", "Amina"),
        ("called_name", "ik heet Amina", "Amina"),
        ("called_name", "اسم من علی است", "علی"),
        ("called_name", '/inform{"called_name": "Geld"}', "Geld"),
        ("telephone", '/inform{"telephone": "none"}', "none"),
        ("telephone", "06-12345678", "0612345678"),
        ("telephone", "liever niet", "none"),
        ("telephone", "نه", "none"),
        ("reason", "brief van DUO", "brief van DUO"),
        ("reason", "I got a letter from DUO on Friday", "I got a letter from DUO on Friday"),
        ("reason", "عندي رسالة من DUO", "عندي رسالة من DUO"),
        ("reason", '/inform{"reason": "none"}', "none"),
        ("reason", "overslaan", "none"),
        ("reason", "no", "none"),
        ("reason", "تخطي", "none"),
        ("confirm", '/inform{"confirm": "yes"}', "yes"),
        ("confirm", "ja", "yes"),
        ("confirm", "yes, right", "yes"),
        ("confirm", "نعم", "yes"),
    ],
)
def test_a_button_and_words_answer_a_question(booking: Chat, slot: str, said: str, value: str) -> None:
    heard = answer(booking, slot, said)
    assert heard.slots[slot] == value
    assert heard.slots["form_problem"] is None


@pytest.mark.parametrize(("intent", "value"), [("affirm", "yes"), ("deny", "no")])
def test_yes_and_no_are_understood_by_the_classifier_too(booking: Chat, intent: str, value: str) -> None:
    assert answer(booking, "interpreter", "zeker weten", intent).slots["interpreter"] == value


@pytest.mark.parametrize(
    ("slot", "said", "value"),
    [
        ("area", "de tweede", "work"),
        ("area", "2", "work"),
        ("talk_language", "the last one", "uk"),
        ("mode", "الثاني", "telephone"),
    ],
)
def test_a_place_in_the_list_is_an_answer(booking: Chat, slot: str, said: str, value: str) -> None:
    assert reply(booking, slot, said).slots[slot] == value


@pytest.mark.parametrize("slot", ASKED)
@pytest.mark.parametrize("language", ["nl", "en", "ar"])
def test_every_question_is_one_message(booking: Chat, slot: str, language: str) -> None:
    booking.language = language
    booking.slots = {}
    heard = asked(booking, slot, **({"talk_language": "ar"} if slot == "with_coach" else {}))
    assert len(heard.names) == 1
    assert "{" not in heard.text


@pytest.mark.parametrize("slot", [slot for slot in ASKED if slot not in ("called_name", "confirm")])
def test_every_button_of_a_question_is_a_good_answer(many: Chat, slot: str) -> None:
    for payload in asked(many, slot).payloads:
        heard = answer(many, slot, payload)
        assert heard.slots["form_problem"] is None, payload


# What is no answer.


@pytest.mark.parametrize("intent", sorted(asking_intents(Texts(ROOT / "stories")) - {START}))
def test_a_question_in_the_middle_is_left_to_its_own_rule(booking: Chat, intent: str) -> None:
    for slot in ASKED if intent != MOVE else CLOSED:
        heard = answer(booking, slot, "hoe werkt dat eigenlijk precies?", intent)
        is_asked_back = slot == "reason" and intent not in (*FLOWS, *SMALL_TALK)
        assert heard.slots == ({"form_problem": ASK_REASON, "changing": None} if is_asked_back else {}), slot


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("ik word gediscrimineerd op het werk", "werk"),
        ("I am treated badly at work by my boss", "veilig"),
        ("هل يمكن أن أحصل على مال من البلدية كل شهر", "geld"),
        ("ik wil weten wat ik moet doen over mijn schulden", "geld"),
    ],
)
def test_a_sentence_about_a_topic_names_no_area(booking: Chat, said: str, intent: str) -> None:
    assert answer(booking, "area", said, intent).events == []


@pytest.mark.parametrize(
    ("said", "day"),
    [("kan ik vrijdag om 2 uur komen?", "2026-11-27"), ("can I come on Friday?", "2026-11-27")],
)
def test_whether_one_can_come_then_is_an_answer_to_when(booking: Chat, said: str, day: str) -> None:
    for slot in ("time", "confirm"):
        assert answer(booking, slot, said, "welkomhuis_openingstijden").slots["day"] == day


@pytest.mark.parametrize("said", ["is het welkomhuis vrijdag open?", "are you open on Friday?", "zijn jullie open?"])
def test_whether_it_is_open_then_is_a_question(booking: Chat, said: str) -> None:
    for slot in ("area", "time", "confirm"):
        assert answer(booking, slot, said, "welkomhuis_openingstijden").events == []


@pytest.mark.parametrize(("said", "intent"), [("schulden", "geld"), ("ik wil praten over geld", "geld")])
def test_an_area_is_one_although_it_looks_like_a_topic(booking: Chat, said: str, intent: str) -> None:
    assert answer(booking, "area", said, intent).slots["area"] == "money"


@pytest.mark.parametrize("slot", ASKED)
def test_stop_is_left_to_its_own_rule(booking: Chat, slot: str) -> None:
    assert answer(booking, slot, "stop", "stop").events == []


@pytest.mark.parametrize("slot", ["telephone", "reason"])
@pytest.mark.parametrize("said", ["skip", "overslaan", "تخطي", "atla", "пропустити"])
def test_skipping_is_not_stopping(booking: Chat, slot: str, said: str) -> None:
    assert answer(booking, slot, said, "stop").slots[slot] == "none"


@pytest.mark.parametrize("slot", ASKED)
@pytest.mark.parametrize("payload", ['/topic{"topic": "wet/termijn"}', "/coach_mens", "/none_of_these", "/stop"])
def test_other_buttons_are_left_to_their_rules(booking: Chat, slot: str, payload: str) -> None:
    assert answer(booking, slot, payload).events == []


@pytest.mark.parametrize("slot", [slot for slot in ASKED if slot != "reason"])
def test_a_question_that_nobody_understands_is_no_answer(booking: Chat, slot: str) -> None:
    assert answer(booking, slot, "waarom zingt de maan?", "out_of_scope").events == []


@pytest.mark.parametrize("slot", ASKED)
def test_wanting_an_appointment_again_just_asks_again(booking: Chat, slot: str) -> None:
    assert answer(booking, slot, "/coach_afspraak").slots == {"form_problem": None}


@pytest.mark.parametrize("slot", [slot for slot in ASKED if slot not in ("called_name", "reason")])
def test_what_is_not_understood_is_counted(booking: Chat, slot: str) -> None:
    heard = answer(booking, slot, "blablabla", form_misses="1")
    assert heard.slots == {"form_problem": "booking/not_understood", "form_misses": "2"}


def test_an_answer_ends_the_count(booking: Chat) -> None:
    assert answer(booking, "area", "geld", form_misses="2").slots["form_misses"] is None


@pytest.mark.parametrize("slot", ASKED)
def test_a_button_of_another_question_does_nothing(booking: Chat, slot: str) -> None:
    other = "mode" if slot != "mode" else "area"
    heard = answer(booking, slot, f'/inform{{"{other}": "{FULL[other]}"}}')
    assert heard.slots == {"form_problem": "booking/old_button", "changing": None}


@pytest.mark.parametrize(
    ("slot", "payload"),
    [
        ("area", '/inform{"area": "weather"}'),
        ("talk_language", '/inform{"talk_language": "xx"}'),
        ("with_coach", '/inform{"with_coach": "99"}'),
        ("with_coach", '/inform{"with_coach": "any"}'),
        ("interpreter", '/inform{"interpreter": "maybe"}'),
        ("mode", '/inform{"mode": "fax"}'),
        ("time", '/inform{"time": "2026-11-26T09:00:00|1"}'),
        ("time", '/inform{"time": "x"}'),
        ("time", '/inform{"day": "soon"}'),
        ("time", '/inform{"part": "night"}'),
        ("time", '/inform{"after": "then"}'),
        ("called_name", '/inform{"called_name": "<b>"}'),
        ("telephone", '/inform{"telephone": "0612345678"}'),
        ("reason", '/inform{"reason": " "}'),
        ("confirm", '/inform{"confirm": "maybe"}'),
        ("confirm", '/inform{"change": "name"}'),
        ("area", "/inform"),
    ],
)
def test_a_forged_button_does_nothing(many: Chat, slot: str, payload: str) -> None:
    assert answer(many, slot, payload).slots["form_problem"] == "booking/old_button"


def test_after_two_misses_a_person_is_offered_and_the_buttons_come_again(booking: Chat) -> None:
    heard = asked(booking, "mode", form_misses="2", form_problem="booking/not_understood")
    assert heard.names == [["booking/not_understood", "booking/offer_person", "booking/ask_mode"]]
    assert heard.payloads == ['/inform{"mode": "place"}', '/inform{"mode": "telephone"}', "/coach_mens"]


def test_after_a_question_in_the_middle_the_booking_goes_on(booking: Chat) -> None:
    at(booking, "mode", form_problem="booking/not_understood").send("hoe lang heb ik?", "wet")
    booking.events.append({"event": "bot", "text": "3 jaar"})
    assert booking.run(ValidateAppointmentForm()).events == []
    assert booking.run(AskMode()).names == [["booking/back", "booking/ask_mode"]]


# The first wish.


def begin(chat: Chat, text: str) -> dict[str, str | None]:
    chat.form, chat.slots = None, {"requested_slot": None}
    return chat.ask(ValidateAppointmentForm(), text, "coach_afspraak").slots


def test_a_booking_starts_afresh(booking: Chat) -> None:
    booking.form, booking.slots = None, dict(FULL) | {"requested_slot": None}
    heard = booking.ask(ValidateAppointmentForm(), "/coach_afspraak")
    assert set(heard.slots.values()) == {None}


@pytest.mark.parametrize(
    ("said", "wish"),
    [
        ("een afspraak over mijn schulden", {"area": "money"}),
        ("morgen om 10 uur een afspraak over geld", {"area": "money", "day": "2026-11-25"}),
        ("an appointment about work on Friday by phone", {"area": "work", "day": "2026-11-27", "mode": "telephone"}),
        ("een afspraak in het Arabisch met een tolk", {"talk_language": "ar", "interpreter": "yes"}),
        ("موعد بخصوص الديون بالهاتف", {"area": "money", "mode": "telephone"}),
        ("een afspraak in het Nederlands", {"talk_language": "nl"}),
        ("ik wil Nederlands leren", {"area": "language", "talk_language": None}),
    ],
)
def test_the_first_wish_is_used(booking: Chat, said: str, wish: dict[str, str | None]) -> None:
    slots = begin(booking, said)
    assert {name: slots.get(name) for name in wish} == wish


def test_a_wish_for_a_day_that_is_past_is_said_at_once(booking: Chat) -> None:
    slots = begin(booking, "gisteren een afspraak over geld")
    assert (slots["area"], slots["form_problem"]) == ("money", "booking/day_past")


def test_a_day_and_time_of_the_first_wish_are_taken_once_all_before_is_known(booking: Chat) -> None:
    begin(booking, "morgen om 10 uur een afspraak over geld")
    booking.form = FORM
    for slot, said in (("talk_language", "nederlands"), ("mode", "in het welkomhuis")):
        assert booking.slots.get("time") is None
        booking.slots["requested_slot"] = slot
        booking.ask(ValidateAppointmentForm(), said)
    assert booking.slots["time"] == "2026-11-25T09:00:00+00:00|1"


@pytest.mark.parametrize(
    ("said", "interpreter"),
    [("een afspraak met mijn eigen coach", "yes"), ("afspraak met mijn coach in het Nederlands", "no")],
)
def test_the_own_coach_of_the_first_wish_is_not_asked_again(
    many: Chat, store: sessionmaker[Session], said: str, interpreter: str
) -> None:
    number = own(many, store, "A")
    begin(many, said)
    many.form = FORM
    for slot, answered in (("area", "geld"), ("talk_language", "Arabisch" if interpreter == "yes" else None)):
        if answered:
            many.slots["requested_slot"] = slot
            many.ask(ValidateAppointmentForm(), answered)
    assert (many.slots["with_coach"], many.slots["interpreter"]) == (number, interpreter)


def test_a_form_that_starts_again_after_a_lost_time_keeps_its_answers(booking: Chat) -> None:
    booking.slots = dict(FULL) | {"requested_slot": None}
    assert booking.ask(ValidateAppointmentForm(), '/inform{"confirm": "yes"}').events == []


# The area.


def test_an_area_for_which_no_coach_has_time_is_said(booking: Chat, store: sessionmaker[Session]) -> None:
    with store.begin() as session:
        make_coach_area(session, session.scalars(select(Coach)).one(), Area.MONEY)
    assert answer(booking, "area", '/inform{"area": "work"}').slots["form_problem"] == "booking/area_full"
    assert answer(booking, "area", "geld").slots["area"] == "money"


def test_who_has_enough_appointments_hears_it_before_all_questions(booking: Chat, store: sessionmaker[Session]) -> None:
    with store.begin() as session:
        coach, place = session.scalars(select(Coach)).one(), session.scalars(select(Place)).one()
        for day in range(MOST_STANDING):
            make_appointment(session, me(session, booking), coach, place, starts_at=WHEN + timedelta(days=day))
    heard = asked(booking, "area")
    assert heard.names == [["booking/too_many", "booking/standing"]]
    assert STOP_FORM in heard.events


@pytest.mark.parametrize("slot", ["area", "mode", "time"])
def test_without_free_times_it_is_said_and_a_person_is_offered(chat: Chat, slot: str) -> None:
    chat.form = FORM
    heard = asked(chat, slot)
    assert (heard.names, heard.payloads) == ([["booking/no_days"]], ["/coach_mens"])
    assert STOP_FORM in heard.events


# The language, the coach and the interpreter.


def test_the_own_language_is_offered_first(booking: Chat) -> None:
    booking.language = "en"
    heard = asked(booking, "talk_language")
    assert labels(heard)[:2] == ["English", "Dutch"]
    assert len(heard.buttons) == 7


def test_for_dutch_with_one_organisation_neither_coach_nor_interpreter_is_asked(booking: Chat) -> None:
    slots = answer(booking, "talk_language", "nederlands").slots
    assert (slots["with_coach"], slots["interpreter"]) == ("any", "no")


def test_when_nobody_speaks_the_language_only_the_interpreter_is_asked(booking: Chat) -> None:
    slots = answer(booking, "talk_language", "Somali").slots
    assert (slots["with_coach"], slots["interpreter"]) == ("any", None)
    assert asked(booking, "interpreter", talk_language="so").names == [["booking/ask_interpreter"]]


def test_in_dutch_the_coaches_of_several_organisations_are_a_choice(many: Chat) -> None:
    assert answer(many, "talk_language", "nederlands").slots["with_coach"] is None
    heard = asked(many, "with_coach", talk_language="nl")
    assert heard.names == [["booking/ask_with_coach"]]
    assert len(heard.buttons) == 4
    assert labels(heard)[-1] == "In het Nederlands, welke coach maakt niet uit"


@pytest.mark.parametrize(
    ("language", "first"),
    [("nl", "In het Arabisch met"), ("en", "In Arabic with"), ("ar", "عربي"), ("uk", "арабська")],
)
def test_who_speaks_the_language_comes_first_then_an_interpreter_then_dutch(
    many: Chat, store: sessionmaker[Session], language: str, first: str
) -> None:
    many.language = language
    assert answer(many, "talk_language", '/inform{"talk_language": "ar"}').slots["with_coach"] is None
    heard = asked(many, "with_coach")
    assert first in labels(heard)[0]
    assert "Voorbeeldcoach B" in labels(heard)[0]
    values = [(str(coach_of(store, "B")), "ar", "no"), (str(coach_of(store, "C")), "ar", "no")]
    values += [("any", "ar", "no"), ("any", "ar", "yes"), ("any", "nl", "no")]
    payloads = [
        f'/inform{{"talk_language": "{spoken}", "with_coach": "{coach}", "interpreter": "{interpreter}"}}'
        for coach, spoken, interpreter in values
    ]
    assert heard.payloads == payloads


def test_the_own_coach_comes_first_with_an_interpreter_if_needed(many: Chat, store: sessionmaker[Session]) -> None:
    number = own(many, store, "A")
    heard = asked(many, "with_coach")
    assert heard.buttons[0][0] == "Met je eigen coach Voorbeeldcoach A, met tolk"
    slots = answer(many, "with_coach", heard.payloads[0]).slots
    assert (slots["with_coach"], slots["interpreter"]) == (number, "yes")
    own(many, store, "B")
    assert asked(many, "with_coach").buttons[0][0] == "Met je eigen coach Voorbeeldcoach B"


def test_a_coach_without_free_times_is_not_offered(many: Chat, store: sessionmaker[Session]) -> None:
    with store.begin() as session:
        coach = session.get_one(Coach, coach_of(store, "B"))
        for row in list(coach.availability):
            session.delete(row)
    assert not any("Voorbeeldcoach B" in label for label in labels(asked(many, "with_coach")))


@pytest.mark.parametrize(
    ("said", "coach", "talk"),
    [
        ("Voorbeeldcoach B", "B", ("ar", "no")),
        ("met coach van Stichting X", "B", ("ar", "no")),
        ("de tweede", "C", ("ar", "no")),
        ("the last one", "any", ("nl", "no")),
        ("met een tolk", "any", ("ar", "yes")),
        ("with an interpreter", "any", ("ar", "yes")),
        ("مع مترجم", "any", ("ar", "yes")),
        ("maakt niet uit", "any", ("ar", "no")),
        ("anyone", "any", ("ar", "no")),
        ("أي مرشد", "any", ("ar", "no")),
        ("gewoon in het Nederlands", "any", ("nl", "no")),
        ("mijn eigen coach", "A", ("ar", "yes")),
        ("my coach", "A", ("ar", "yes")),
        ("مرشدي", "A", ("ar", "yes")),
    ],
)
def test_with_whom_can_be_said_in_words(
    many: Chat, store: sessionmaker[Session], said: str, coach: str, talk: tuple[str, str]
) -> None:
    if coach == "A":
        own(many, store, "A")
    slots = reply(many, "with_coach", said).slots
    number = coach if coach == "any" else str(coach_of(store, coach))
    assert (slots["with_coach"], slots["talk_language"], slots["interpreter"]) == (number, *talk)


@pytest.mark.parametrize("said", ["any coach", "maakt niet uit", "a coach who speaks Arabic", "مرشد يتحدث العربية"])
def test_whoever_speaks_the_language_is_the_only_coach_who_does(
    many: Chat, store: sessionmaker[Session], said: str
) -> None:
    with store.begin() as session:
        session.query(Coach).filter_by(name="Voorbeeldcoach C").update({"is_active": False})
    slots = reply(many, "with_coach", said, talk_language="ar").slots
    number = str(coach_of(store, "B"))
    assert (slots["with_coach"], slots["talk_language"], slots["interpreter"]) == (number, "ar", "no")


# The way to meet.


def test_only_a_way_to_meet_that_has_free_times_is_offered(many: Chat, store: sessionmaker[Session]) -> None:
    with store.begin() as session:
        for row in session.scalars(select(Availability).where(Availability.coach_id == coach_of(store, "B"))):
            row.mode = Mode.TELEPHONE
    chosen = asked(many, "with_coach").payloads[0]
    slots = answer(many, "with_coach", chosen).slots
    assert slots["mode"] == "telephone"
    confirm = asked(many, "confirm", **{name: slots[name] for name in ("with_coach", "interpreter", "mode")})
    assert confirm.names == [["booking/read_back", "booking/only_mode", "booking/ask_confirm"]]


def test_a_way_to_meet_that_cannot_be_is_said(booking: Chat, store: sessionmaker[Session]) -> None:
    with store.begin() as session:
        for row in session.scalars(select(Availability)):
            row.mode = Mode.TELEPHONE
    assert answer(booking, "mode", "in het welkomhuis").slots["form_problem"] == "booking/mode_not_possible"


# The time.


def test_the_first_free_times_are_offered_with_weekday_date_and_time(booking: Chat) -> None:
    booking.language = "en"
    heard = asked(booking, "time")
    assert labels(heard) == [
        "Tuesday 24 November at 10:00",
        "Tuesday 24 November at 10:30",
        "Tuesday 24 November at 11:00",
        "Tuesday 24 November at 11:30",
        "Later",
        "Another day",
        "Morning",
        "Afternoon",
    ]
    assert heard.payloads[0] == '/inform{"time": "2026-11-24T09:00:00+00:00|1"}'


def test_the_parts_of_the_day_are_offered_only_if_there_are_several(
    booking: Chat, store: sessionmaker[Session]
) -> None:
    with store.begin() as session:
        for row in session.scalars(select(Availability)):
            row.ends = row.ends.replace(hour=12)
    assert labels(asked(booking, "time"))[-1] == "Een andere dag"


def test_different_places_are_said_at_each_time_and_a_chosen_coach_is_not(
    many: Chat, store: sessionmaker[Session]
) -> None:
    number = str(coach_of(store, "B"))
    assert labels(asked(many, "time", with_coach=number, interpreter="no"))[0] == "dinsdag 24 november om 10:00"
    with store.begin() as session:
        coach = make_coach(session)
        make_availability(session, coach, 1, "10:15", "11:15", place=make_place(session, name="Plek Oost"))
    assert "dinsdag 24 november om 10:15 · Plek Oost" in labels(asked(many, "time"))


def press(chat: Chat, label: str, **slots: str | None) -> Heard:
    """Press a button under the time, and see the next question."""
    heard = asked(chat, "time", **slots)
    payload = dict(heard.buttons)[label]
    chat.ask(ValidateAppointmentForm(), payload)
    return chat.run(AskTime())


def test_later_shows_the_next_times(booking: Chat) -> None:
    heard = press(booking, "Later")
    assert labels(heard)[:2] == ["dinsdag 24 november om 12:00", "dinsdag 24 november om 12:30"]


def test_another_day_shows_the_first_days_and_then_the_times_of_one(booking: Chat) -> None:
    heard = press(booking, "Een andere dag")
    assert heard.names == [["booking/ask_day"]]
    assert labels(heard)[:2] == ["dinsdag 24 november", "woensdag 25 november"]
    assert len(heard.buttons) == 5
    booking.ask(ValidateAppointmentForm(), heard.payloads[1])
    heard = booking.run(AskTime())
    assert heard.names == [["booking/ask_time_of_day"]]
    assert labels(heard)[:2] == ["09:00", "09:30"]
    assert "woensdag 25 november" in heard.text


def test_a_part_of_the_day_shows_its_times(booking: Chat) -> None:
    heard = press(booking, "Middag")
    assert labels(heard)[0] == "dinsdag 24 november om 12:00"
    assert "Ochtend" not in labels(heard)


@pytest.mark.parametrize(
    ("said", "time"),
    [
        ("donderdag om 10 uur", TEN),
        ("Thursday at 10:00", TEN),
        ("الخميس الساعة 10", TEN),
        ("donderdag half drie", "2026-11-26T13:30:00+00:00|1"),
    ],
)
def test_a_day_and_a_time_are_taken_at_once(booking: Chat, said: str, time: str) -> None:
    booking.language = "ar" if "الخميس" in said else "nl"
    slots = answer(booking, "time", said).slots
    assert (slots["time"], slots["day"], slots["part"]) == (time, "2026-11-26", None)


@pytest.mark.parametrize(
    ("said", "time"),
    [
        ("10:00", TEN),
        ("3 uur", "2026-11-26T14:00:00+00:00|1"),
        ("half drie", "2026-11-26T13:30:00+00:00|1"),
        ("الثالثة والنصف", "2026-11-26T14:30:00+00:00|1"),
        ("saat on birde", "2026-11-26T10:00:00+00:00|1"),
        ("ساعت ۱۰", TEN),
        ("ሰለስተን ፈረቓን", "2026-11-26T14:30:00+00:00|1"),
        ("о пів на четверту", "2026-11-26T14:30:00+00:00|1"),
    ],
)
def test_a_time_alone_is_one_of_the_day_that_is_shown(booking: Chat, said: str, time: str) -> None:
    assert answer(booking, "time", said, day="2026-11-26").slots["time"] == time


@pytest.mark.parametrize(
    ("said", "day"), [("donderdag", "2026-11-26"), ("tomorrow", "2026-11-25"), ("غدا", "2026-11-25")]
)
def test_a_day_alone_shows_its_times(booking: Chat, said: str, day: str) -> None:
    booking.language = "ar" if said == "غدا" else "en"
    slots = answer(booking, "time", said).slots
    assert (slots["time"], slots["day"]) == (None, day)
    assert booking.run(AskTime()).names == [["booking/ask_time_of_day"]]


def test_a_time_alone_that_is_shown_once_is_taken(booking: Chat) -> None:
    assert reply(booking, "time", "half elf").slots["time"] == "2026-11-24T09:30:00+00:00|1"


def test_a_time_alone_that_is_not_shown_shows_the_days_on_which_it_is_free(booking: Chat) -> None:
    slots = reply(booking, "time", "om 15:00 uur").slots
    assert (slots["time"], slots["day"]) == (None, None)
    assert labels(booking.run(AskTime()))[:2] == ["dinsdag 24 november om 15:00", "woensdag 25 november om 15:00"]


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("de eerste", 0),
        ("the second", 1),
        ("الأول", 0),
        ("الثالث", 2),
        ("de laatste", 3),
        ("ikinci", 1),
        ("останній", 3),
    ],
)
def test_a_time_can_be_chosen_by_its_place(booking: Chat, said: str, place: int) -> None:
    starts_at = datetime(2026, 11, 24, 9, tzinfo=UTC) + timedelta(minutes=30 * place)
    assert reply(booking, "time", said).slots["time"] == f"{starts_at.isoformat()}|1"


def test_a_day_can_be_chosen_by_its_place(booking: Chat) -> None:
    press(booking, "Een andere dag")
    assert booking.ask(ValidateAppointmentForm(), "de tweede").slots["day"] == "2026-11-25"


def test_the_day_that_is_shown_already_is_understood_again(booking: Chat) -> None:
    slots = answer(booking, "time", "liever woensdag", day="2026-11-25").slots
    assert (slots["day"], slots["form_problem"]) == ("2026-11-25", None)


@pytest.mark.parametrize(
    "said", ["een andere dag", "another day", "başka bir gün", "یک روز دیگر", "يوم آخر", "ካልእ መዓልቲ", "інший день"]
)
@pytest.mark.parametrize("slot", ["time", "confirm"])
def test_another_day_shows_days(booking: Chat, slot: str, said: str) -> None:
    slots = reply(booking, slot, said).slots
    assert (slots["time"], slots["form_problem"]) == (None, None)
    assert slots["day"].startswith("2026-11-24/")


@pytest.mark.parametrize("said", ["een andere tijd", "another time", "وقت آخر"])
@pytest.mark.parametrize("intent", ["nlu_fallback", MOVE])
def test_another_time_is_one_after_those_that_are_shown(booking: Chat, said: str, intent: str) -> None:
    assert reply(booking, "time", said, intent).slots["after"] == "2026-11-24T10:30:00+00:00"


def test_a_week_shows_its_days(booking: Chat) -> None:
    answer(booking, "time", "volgende week")
    heard = booking.run(AskTime())
    assert labels(heard) == [
        "maandag 30 november",
        "dinsdag 1 december",
        "woensdag 2 december",
        "donderdag 3 december",
        "vrijdag 4 december",
    ]


@pytest.mark.parametrize(("said", "first"), [("in de ochtend", "09:00"), ("liever in de middag", "12:00")])
def test_a_part_of_the_shown_day_can_be_typed(booking: Chat, said: str, first: str) -> None:
    answer(booking, "time", said, day="2026-11-26")
    assert labels(booking.run(AskTime()))[0] == first


@pytest.mark.parametrize("said", ["gisteren", "yesterday", "23-11-2026"])
def test_what_is_past_is_said(booking: Chat, said: str) -> None:
    assert answer(booking, "time", said).slots["form_problem"] == "booking/day_past"


@pytest.mark.parametrize(
    ("said", "names", "first"),
    [
        ("zaterdag", ["booking/day_full", "booking/ask_time_near"], "vrijdag 27 november om 16:30"),
        ("morgenavond", ["booking/part_full", "booking/ask_time_near"], "woensdag 25 november om 16:30"),
        ("donderdag om 20 uur", ["booking/time_gone", "booking/ask_time_near"], "donderdag 26 november om 16:30"),
    ],
)
def test_what_is_full_leads_to_the_nearest_times(booking: Chat, said: str, names: list[str], first: str) -> None:
    assert answer(booking, "time", said).slots["time"] is None
    heard = booking.run(AskTime())
    assert heard.names == [names]
    assert labels(heard)[0] == first
    assert len([payload for payload in heard.payloads if '"time"' in payload]) == 3


def test_words_with_two_meanings_are_asked_back_with_times_to_choose(booking: Chat) -> None:
    assert answer(booking, "time", "woensdag of donderdag").slots["form_problem"] == "booking/moment_unclear"
    heard = booking.run(AskTime())
    assert heard.names == [["booking/moment_unclear", "booking/ask_time"]]
    assert heard.payloads


@pytest.mark.parametrize(
    ("said", "problem"), [("gisteren", "booking/day_past"), ("woensdag of donderdag", "booking/moment_unclear")]
)
def test_one_thing_is_said_to_be_wrong_at_a_time(booking: Chat, said: str, problem: str) -> None:
    answer(booking, "time", said, day="2026-11-28")  # a Saturday: nothing was free
    assert booking.run(AskTime()).names == [[problem, "booking/ask_time_near"]]


def test_a_button_for_a_time_that_is_gone_leads_to_the_nearest(booking: Chat) -> None:
    gone = "2026-11-26T19:00:00+00:00|1"
    assert answer(booking, "time", f'/inform{{"time": "{gone}"}}').slots["form_problem"] == "booking/time_gone"
    heard = booking.run(AskTime())
    assert heard.names == [["booking/time_gone", "booking/ask_time_near"]]


def test_after_a_lost_time_the_nearest_ones_are_offered(booking: Chat) -> None:
    heard = asked(booking, "time", taken_time="2026-11-26T19:00:00+00:00|1", form_problem="booking/time_taken")
    assert heard.names == [["booking/time_taken", "booking/ask_time_near"]]
    assert heard.buttons[0][0] == "donderdag 26 november om 16:30"


def test_only_times_of_who_speaks_the_language_are_offered_to_who_wants_no_interpreter(many: Chat) -> None:
    assert labels(asked(many, "time", interpreter="no", day="2026-11-26"))[0] == "10:00"
    assert labels(asked(many, "time", interpreter="yes", day="2026-11-26"))[0] == "09:00"


# Name, telephone and reason.


@pytest.mark.parametrize("name", ["Friday", "ik heet Vrijdag Jansen"])
def test_a_name_that_is_a_day_stays_a_name(booking: Chat, name: str) -> None:
    assert answer(booking, "called_name", name).slots["called_name"] == name.removeprefix("ik heet ")


@pytest.mark.parametrize(("intent", "name"), [("wet", "boete"), ("greet", "Salam"), ("geld", "مساعدة")])
def test_a_name_that_can_be_a_question_is_asked_back(booking: Chat, intent: str, name: str) -> None:
    heard = answer(booking, "called_name", name, intent)
    assert heard.slots == {"form_problem": "booking/ask_name_or_question", "changing": None}
    back = booking.run(AskCalledName())
    assert back.names == [["booking/ask_name_or_question"]]
    assert back.payloads[0] == f'/inform{{"called_name": "{name}"}}'


def test_the_question_that_was_no_name_can_be_asked_by_its_button(booking: Chat) -> None:
    selected = {"wet": {"response": {"intent_response_key": "wet/boete"}}}
    at(booking, "called_name").ask(ValidateAppointmentForm(), "boete", "wet", response_selector=selected)
    assert booking.run(AskCalledName()).payloads[1] == '/topic{"topic": "wet/boete"}'


def test_a_name_that_looks_like_a_yes_is_a_name_and_a_yes_is_none(booking: Chat) -> None:
    assert answer(booking, "called_name", "Amina", "affirm").slots["called_name"] == "Amina"
    assert answer(booking, "called_name", "ja", "affirm").slots.get("called_name") is None


def test_who_says_that_it_is_a_name_is_believed(booking: Chat) -> None:
    assert answer(booking, "called_name", "ik heet Vrede", "wet").slots["called_name"] == "Vrede"


def test_a_typed_question_is_never_a_name(booking: Chat) -> None:
    for text in ("hoeveel jaar heb ik?", "hoeveel jaar", "moet ik betalen", "is dit gratis?"):
        assert "called_name" not in answer(booking, "called_name", text, "wet").slots


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("hoe lang duurt de inburgering?", "wet"),
        ("how long do I have", "wet"),
        ("كم المدة؟", "wet"),
        ("openingstijden welkomhuis", "welkomhuis_openingstijden"),
    ],
)
def test_a_question_where_a_reason_is_asked_is_asked_back(booking: Chat, said: str, intent: str) -> None:
    heard = answer(booking, "reason", said, intent)
    assert heard.slots == {"form_problem": "booking/ask_reason_or_question", "changing": None}
    back = booking.run(AskReason())
    assert back.names == [["booking/ask_reason_or_question"]]
    assert answer(booking, "reason", back.payloads[0]).slots["reason"] == said


@pytest.mark.parametrize("intent", ["coach_mens", "appointment_show", "appointment_cancel", "thanks"])
def test_a_wish_for_something_else_is_no_reason(booking: Chat, intent: str) -> None:
    assert answer(booking, "reason", "laat maar zien", intent).events == []


def test_a_reason_is_short(booking: Chat) -> None:
    assert answer(booking, "reason", "ja " * 80).slots["form_problem"] == "booking/reason_long"


def test_what_was_given_last_time_is_offered_again(booking: Chat, store: sessionmaker[Session]) -> None:
    with store.begin() as session:
        coach, place = session.scalars(select(Coach)).one(), session.scalars(select(Place)).one()
        make_appointment(session, me(session, booking), coach, place, called_name="Sami", telephone="0687654321")
    assert asked(booking, "called_name").buttons == [("Sami", '/inform{"called_name": "Sami"}')]
    heard = asked(booking, "telephone", mode="telephone")
    assert heard.buttons == [("0687654321", '/inform{"telephone": "0687654321"}')]
    assert answer(booking, "telephone", heard.payloads[0]).slots["telephone"] == "0687654321"


def test_a_number_that_is_none_is_said(booking: Chat) -> None:
    heard = answer(booking, "telephone", "12345")
    assert heard.slots == {"form_problem": "booking/telephone_wrong", "changing": None}


def test_by_telephone_a_number_is_needed(booking: Chat) -> None:
    heard = answer(booking, "telephone", "nee", "deny", mode="telephone")
    assert heard.slots["form_problem"] == "booking/telephone_needed"


# Changes of mind.


@pytest.mark.parametrize("slot", ["time", *AFTER_TIME])
def test_who_wants_another_day_while_booking_means_this_booking(booking: Chat, slot: str) -> None:
    slots = answer(booking, slot, "kan het op een andere dag?", MOVE).slots
    assert (slots["day"].startswith("2026-11-24/"), slots["time"]) == (True, None)


@pytest.mark.parametrize("slot", AFTER_TIME)
@pytest.mark.parametrize("said", ["toch liever vrijdag", "nee vrijdag"])
def test_another_day_can_be_named_at_each_later_question(booking: Chat, slot: str, said: str) -> None:
    slots = answer(booking, slot, said).slots
    assert (slots["day"], slots["time"]) == ("2026-11-27", None)


@pytest.mark.parametrize("slot", CLOSED)
def test_a_day_that_is_named_early_is_kept(booking: Chat, slot: str) -> None:
    slots = answer(booking, slot, "liefst vrijdag").slots
    assert (slots["day"], slots["form_problem"]) == ("2026-11-27", None)


def test_another_time_can_be_named_at_the_end(booking: Chat) -> None:
    assert answer(booking, "confirm", "nee, half drie").slots["time"] == "2026-11-26T13:30:00+00:00|1"


@pytest.mark.parametrize("said", ["нет", "نه", "nee", "ja"])
def test_a_yes_or_no_is_no_hour(booking: Chat, said: str) -> None:
    assert "time" not in answer(booking, "confirm", said).slots


@pytest.mark.parametrize(("said", "value"), [("نه", "no"), ("ik heb een tolk", "yes"), ("bir tane", None)])
def test_a_word_that_is_a_number_as_well_changes_no_time(booking: Chat, said: str, value: str | None) -> None:
    slots = answer(booking, "interpreter", said).slots
    assert slots.get("interpreter") == value
    assert "time" not in slots


def test_the_day_and_time_that_stand_are_no_change(booking: Chat) -> None:
    assert answer(booking, "confirm", "ja, donderdag om 10:00 is goed", "affirm").slots["confirm"] == "yes"


@pytest.mark.parametrize("said", ["0", "12", "٥"])
def test_a_bare_number_where_a_telephone_number_is_asked_changes_no_time(booking: Chat, said: str) -> None:
    slots = answer(booking, "telephone", said).slots
    assert (slots["form_problem"], "time" in slots) == ("booking/telephone_wrong", False)


@pytest.mark.parametrize("slot", ["area", "talk_language", "mode"])
def test_zero_is_the_place_of_nothing(booking: Chat, slot: str) -> None:
    assert reply(booking, slot, "0").slots.get(slot) is None


@pytest.mark.parametrize(
    ("slot", "forgotten"),
    [
        ("talk_language", ["area"]),
        ("with_coach", ["talk_language"]),
        ("interpreter", ["with_coach"]),
        ("mode", ["with_coach", "interpreter"]),
        ("time", ["mode"]),
        ("called_name", ["time"]),
        ("telephone", ["called_name"]),
        ("reason", ["telephone"]),
    ],
)
@pytest.mark.parametrize("said", ["terug", "go back", "ارجع", "geri", "برگشت", "ንድሕሪት", "назад"])
def test_back_asks_the_question_before_again(many: Chat, slot: str, forgotten: list[str], said: str) -> None:
    slots = answer(many, slot, said, "stop", talk_language="ar").slots
    given = ASKED[: ASKED.index(slot)]
    assert [name for name in given if slots.get(name, "kept") is None] == forgotten


def test_back_passes_over_what_was_not_asked(booking: Chat) -> None:
    slots = answer(booking, "mode", "terug", "stop").slots  # with one coach there is no choice
    assert (slots["talk_language"], slots["with_coach"]) == (None, None)


def test_back_at_the_first_question_asks_it_again_and_at_the_last_asks_what_to_change(booking: Chat) -> None:
    assert answer(booking, "area", "terug", "stop").events != []
    assert answer(booking, "confirm", "terug", "stop").slots["changing"] == "yes"


def test_yes_to_what_is_to_be_changed_books_nothing(booking: Chat) -> None:
    assert answer(booking, "confirm", "ja", "affirm", changing="yes").slots.get("confirm") is None


def test_no_at_the_end_asks_what_to_change(booking: Chat) -> None:
    assert answer(booking, "confirm", "nee").slots["changing"] == "yes"
    there = [what for what in CHANGES if what != "with_coach"]  # with one coach there is no choice
    assert booking.run(AskConfirm()).payloads == [*(f'/inform{{"change": "{what}"}}' for what in there), "/stop"]


@pytest.mark.parametrize(
    ("said", "changed"),
    [
        ('/inform{"change": "time"}', {"time": None}),
        ("een andere tijd", {"time": None}),
        ('/inform{"change": "talk_language"}', {"talk_language": None, "with_coach": None, "interpreter": None}),
        ("nee, vrijdag", {"day": "2026-11-27", "time": None}),
        ("mijn naam is fout", {"called_name": None}),
        ("nee, met de telefoon", {"mode": "telephone", "telephone": None}),
        ("rather by telephone", {"mode": "telephone", "telephone": None}),
        ("بالهاتف أفضل", {"mode": "telephone", "telephone": None}),
        ("mijn nummer is 06 12345678", {"telephone": "0612345678"}),
        ("toch zonder tolk", {"interpreter": "no"}),
        ("liever in het Nederlands", {"talk_language": "nl", "with_coach": "any", "interpreter": "no"}),
        ("liever vrijdag, telefonisch", {"day": "2026-11-27", "mode": "telephone", "time": None}),
        ("ander onderwerp", {"area": None}),
        ("de reden klopt niet", {"reason": None}),
    ],
)
def test_a_change_of_mind_at_the_end_is_asked_anew(booking: Chat, said: str, changed: dict[str, str | None]) -> None:
    slots = answer(booking, "confirm", said).slots
    assert {name: slots.get(name, "kept") for name in changed} == changed
    assert "confirm" not in slots


@pytest.mark.parametrize("slot", ["called_name", "telephone", "reason", "confirm"])
@pytest.mark.parametrize(
    ("said", "changed"),
    [
        ("toch liever met de telefoon", {"mode": "telephone"}),
        ("I would rather have another coach", {"with_coach": None}),
        ("أريد مرشد آخر", {"with_coach": None}),
        ("nee, zonder tolk", {"with_coach": None, "interpreter": None}),
        ("بدون مترجم", {"with_coach": None, "interpreter": None}),
        ("toch met Voorbeeldcoach B", {"interpreter": "no"}),
        ("liever in het Engels", {"talk_language": "en", "with_coach": "any"}),
    ],
)
def test_at_every_later_question_the_talk_itself_can_be_changed(
    many: Chat, slot: str, said: str, changed: dict[str, str | None]
) -> None:
    slots = answer(many, slot, said).slots
    assert {name: slots.get(name, "kept") for name in changed} == changed


def test_with_an_interpreter_after_all_keeps_coach_and_time(many: Chat, store: sessionmaker[Session]) -> None:
    number = str(coach_of(store, "B"))
    time = f"{WHEN.isoformat()}|{number}"
    slots = answer(many, "confirm", "toch met tolk", with_coach=number, interpreter="no", time=time).slots
    assert (slots["interpreter"], slots["time"]) == ("yes", time)
    assert "with_coach" not in slots


def test_without_an_interpreter_the_time_is_of_a_coach_who_speaks_the_language(
    many: Chat, store: sessionmaker[Session]
) -> None:
    payload = '/inform{"talk_language": "ar", "with_coach": "any", "interpreter": "no"}'
    at(many, "confirm")
    many.slots |= {"with_coach": None, "interpreter": None, "requested_slot": "with_coach"}
    slots = many.ask(ValidateAppointmentForm(), payload).slots
    speakers = {f"{WHEN.isoformat()}|{coach_of(store, name)}" for name in "BC"}
    assert slots["time"] in speakers


def test_an_interpreter_for_dutch_asks_for_which_language(many: Chat) -> None:
    slots = answer(many, "with_coach", "met een tolk", talk_language="nl").slots
    assert (slots["talk_language"], slots["form_problem"]) == (None, None)


@pytest.mark.parametrize(("said", "intent"), [("een andere coach", "coach"), ("zonder tolk", "gezondheid")])
def test_a_short_wish_for_a_change_is_one_although_it_looks_like_a_topic(many: Chat, said: str, intent: str) -> None:
    assert answer(many, "time", said, intent).slots["with_coach"] is None


def test_a_number_that_is_given_early_is_kept(booking: Chat) -> None:
    assert answer(booking, "time", "mijn nummer is 06 12345678").slots["telephone"] == "0612345678"


def test_another_way_to_meet_can_be_named_where_the_time_is_asked(booking: Chat) -> None:
    assert answer(booking, "time", "liever telefonisch").slots["mode"] == "telephone"


def test_a_time_that_does_not_suit_the_change_is_asked_anew(many: Chat, store: sessionmaker[Session]) -> None:
    time = "2026-11-26T14:00:00+00:00|1"  # three o'clock, when only A is there
    slots = answer(many, "confirm", "toch met Voorbeeldcoach B", time=time).slots
    assert (slots["with_coach"], slots["time"]) == (str(coach_of(store, "B")), None)
    assert (slots["taken_time"], slots["form_problem"]) == (time, "booking/time_gone")


def test_another_area_needs_a_coach_who_talks_about_it(many: Chat, store: sessionmaker[Session]) -> None:
    number = coach_of(store, "B")
    with store.begin() as session:
        make_coach_area(session, session.get_one(Coach, number), Area.MONEY)
    chosen = {"with_coach": str(number), "interpreter": "no"}
    at(many, "confirm", **chosen)
    many.slots |= {"area": None, "requested_slot": "area"}
    slots = many.ask(ValidateAppointmentForm(), "werk").slots
    assert (slots["area"], slots["with_coach"]) == ("work", None)
    at(many, "confirm", **chosen)
    many.slots |= {"area": None, "requested_slot": "area"}
    slots = many.ask(ValidateAppointmentForm(), "geld").slots
    assert slots["with_coach"] == str(number)


# Reading back.


def test_everything_is_read_back_with_weekday_and_date(booking: Chat) -> None:
    text = asked(booking, "confirm").text
    for words in ("Geld", "donderdag 26 november om 10:00", "In het Welkomhuis", "Amina", "Arabisch", "geen nummer"):
        assert words in text
    assert "brief van DUO" in text
    assert "Voorbeeldcoach" not in text


def test_a_chosen_coach_is_read_back(booking: Chat) -> None:
    assert "Met: Voorbeeldcoach A" in asked(booking, "confirm", with_coach="1").text


def test_what_was_typed_is_read_back_as_it_is(booking: Chat) -> None:
    text = asked(booking, "confirm", telephone="+31612345678", reason="<b>DUO</b> & IND").text
    assert "Telefoon: +31612345678" in text
    assert "&lt;b&gt;DUO&lt;/b&gt; &amp; IND" in text


# Moving.


@pytest.fixture
def moving(booking: Chat, store: sessionmaker[Session]) -> Chat:
    """Give the form that moves an appointment of Wednesday at ten."""
    with store.begin() as session:
        coach, place = session.scalars(select(Coach)).one(), session.scalars(select(Place)).one()
        made = make_appointment(
            session,
            me(session, booking),
            coach,
            place,
            starts_at=WHEN - timedelta(days=1),
            language="ar",
            interpreter=True,
        )
        booking.slots = moving_slots(made) | {"requested_slot": "time"}
    return booking


def test_moving_asks_for_a_time_and_reads_back_the_old_and_the_new(moving: Chat) -> None:
    moving.ask(ValidateAppointmentForm(), "donderdag om 10 uur")
    assert moving.slots["time"] == TEN
    heard = moving.run(AskConfirm())
    assert heard.names == [["booking/read_back_move", "booking/ask_confirm_move"]]
    for words in ("woensdag 25 november om 10:00", "donderdag 26 november om 10:00", "Voorbeeldcoach A"):
        assert words in heard.text
    assert heard.payloads == [
        '/inform{"confirm": "yes"}',
        '/inform{"change": "day"}',
        '/inform{"change": "time"}',
        "/stop",
    ]


@pytest.mark.parametrize(("said", "slot"), [("nee, vrijdag", "day"), ("toch een andere coach", "with_coach")])
def test_while_moving_only_time_and_coach_change(moving: Chat, said: str, slot: str) -> None:
    moving.slots |= {"requested_slot": "confirm", "time": TEN}
    slots = moving.ask(ValidateAppointmentForm(), said).slots
    assert slots[slot] == {"day": "2026-11-27", "with_coach": "any"}[slot]
    assert slots["time"] is None


def test_while_moving_another_language_is_not_asked_for(moving: Chat) -> None:
    moving.slots |= {"requested_slot": "confirm", "time": TEN}
    assert "talk_language" not in moving.ask(ValidateAppointmentForm(), "in het Engels").slots


def test_a_coach_without_any_free_time_does_not_keep_an_appointment_from_moving(
    moving: Chat, store: sessionmaker[Session]
) -> None:
    with store.begin() as session:
        coach = session.scalars(select(Coach)).one()
        for row in list(coach.availability):
            session.delete(row)
        make_week(session, make_coach(session))
    moving.slots["requested_slot"] = None
    heard = moving.ask(ValidateAppointmentForm(), "verzetten", "appointment_move")
    assert heard.slots["with_coach"] == "any"


def test_an_appointment_that_went_away_meanwhile_is_not_confirmed(moving: Chat, store: sessionmaker[Session]) -> None:
    with store.begin() as session:
        session.delete(session.scalars(select(Appointment)).one())
    moving.slots |= {"time": TEN, "requested_slot": "confirm"}
    assert moving.ask(AskConfirm(), "x").name == "booking/no_such"


# All seven languages.

IN_WORDS = {
    "later": ["kan het later op de dag?", "later please", "بعدين", "daha sonra", "دیرتر", "ጸኒሑ", "пізніше"],
    "first": ["de eerste", "the first one", "الأول", "ilk", "اولی", "ቀዳማይ", "перший"],
    "last": ["de laatste", "the last", "الأخير", "sonuncu", "آخری", "መወዳእታ", "останній"],
    "coach": [
        "nee, een andere coach",
        "no, another coach please",
        "لا، أريد مرشد آخر",
        "hayır, başka bir danışman",
        "نه، یک راهنمای دیگر",
        "ኣይፋል፣ ካልእ ኣማኻሪ",
        "ні, інший консультант",
    ],
    "telephone": [
        "toch met de telefoon",
        "rather by telephone",
        "أفضل بالهاتف",
        "hayır, telefonla",
        "نه، با تلفن",
        "ኣይፋል፣ ብተሌፎን",
        "краще по телефону",
    ],
    "without": [
        "zonder tolk",
        "without an interpreter",
        "بدون مترجم",
        "tercümana gerek yok",
        "بدون مترجم",
        "ብዘይ ተርጓማይ",
        "без перекладача",
    ],
    "language": [
        "liever in het Engels",
        "rather in English",
        "أفضل الإنجليزية",
        "hayır, İngilizce",
        "نه، انگلیسی",
        "ኣይፋል፣ እንግሊዝኛ",
        "краще англійська",
    ],
}


@pytest.mark.parametrize("said", IN_WORDS["later"])
def test_later_times_are_shown_in_every_language(booking: Chat, said: str) -> None:
    assert reply(booking, "time", said).slots["after"] == "2026-11-24T10:30:00+00:00"


@pytest.mark.parametrize(
    ("said", "time"),
    [
        *((said, "2026-11-24T09:00:00+00:00|1") for said in IN_WORDS["first"]),
        *((said, "2026-11-24T10:30:00+00:00|1") for said in IN_WORDS["last"]),
    ],
)
def test_the_first_and_the_last_are_chosen_in_every_language(booking: Chat, said: str, time: str) -> None:
    assert reply(booking, "time", said).slots["time"] == time


@pytest.mark.parametrize(
    ("said", "slot", "value"),
    [
        *((said, "with_coach", None) for said in (*IN_WORDS["coach"], *IN_WORDS["without"])),
        *((said, "mode", "telephone") for said in IN_WORDS["telephone"]),
        *((said, "talk_language", "en") for said in IN_WORDS["language"]),
    ],
)
def test_a_change_of_mind_is_heard_in_every_language(many: Chat, said: str, slot: str, value: str | None) -> None:
    for question in ("called_name", "reason", "confirm"):
        assert answer(many, question, said).slots.get(slot, "kept") == value, question
