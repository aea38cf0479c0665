"""The booking form, question by question: what an answer sets, and what is left to other rules."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session, sessionmaker

from actions.booking_answers import CHANGES, asking_intents
from actions.booking_form import MOVE, START, ValidateAppointmentForm
from actions.booking_questions import (
    AskArea,
    AskCalledName,
    AskConfirm,
    AskDay,
    AskInterpreter,
    AskMode,
    AskSlot,
    AskTalkLanguage,
    AskTelephone,
    AskTime,
)
from actions.draft import ASKED
from service.settings import ROOT
from service.texts import Texts
from tests.actions.rig import FORM, Chat, Heard
from tests.factories import make_coach, make_week

FULL = {
    "area": "money",
    "day": "2026-11-26",
    "time": "2026-11-26T09:00:00+00:00|1",
    "mode": "place",
    "called_name": "Amina",
    "talk_language": "ar",
    "interpreter": "yes",
    "telephone": "none",
}
QUESTIONS: dict[str, AskSlot] = {
    "area": AskArea(),
    "day": AskDay(),
    "time": AskTime(),
    "mode": AskMode(),
    "called_name": AskCalledName(),
    "talk_language": AskTalkLanguage(),
    "interpreter": AskInterpreter(),
    "telephone": AskTelephone(),
    "confirm": AskConfirm(),
}


@pytest.fixture
def booking(chat: Chat, store: sessionmaker[Session]) -> Chat:
    """Give a chat in the form, and one coach who is free from Monday to Friday, nine to five."""
    with store.begin() as session:
        coach = make_coach(session)
        make_week(session, coach)
    chat.form = FORM
    return chat


def at(chat: Chat, slot: str, **slots: str | None) -> Chat:
    """Bring the chat to a question, everything before it answered."""
    before = ASKED[: ASKED.index(slot)]
    chat.slots = {name: FULL[name] for name in before} | {"requested_slot": slot} | slots
    return chat


def answer(chat: Chat, slot: str, text: str, intent: str = "nlu_fallback", **slots: str | None) -> Heard:
    return at(chat, slot, **slots).ask(ValidateAppointmentForm(), text, intent)


@pytest.mark.parametrize(
    ("slot", "said", "value"),
    [
        ("area", '/inform{"area": "money"}', "money"),
        ("area", "over schulden", "money"),
        ("area", "my children", "children"),
        ("day", '/inform{"day": "2026-11-26"}', "2026-11-26"),
        ("day", "donderdag", "2026-11-26"),
        ("day", "26 november", "2026-11-26"),
        ("day", "morgen", "2026-11-25"),
        ("time", '/inform{"time": "2026-11-26T09:00:00+00:00|1"}', "2026-11-26T09:00:00+00:00|1"),
        ("time", "10:00", "2026-11-26T09:00:00+00:00|1"),
        ("time", "3 uur", "2026-11-26T14:00:00+00:00|1"),
        ("time", "half drie", "2026-11-26T13:30:00+00:00|1"),
        ("time", "الثالثة والنصف", "2026-11-26T14:30:00+00:00|1"),
        ("time", "saat on birde", "2026-11-26T10:00:00+00:00|1"),
        ("time", "ساعت ۱۰", "2026-11-26T09:00:00+00:00|1"),
        ("time", "ሰለስተን ፈረቓን", "2026-11-26T14:30:00+00:00|1"),
        ("time", "о пів на четверту", "2026-11-26T14:30:00+00:00|1"),
        ("mode", '/inform{"mode": "telephone"}', "telephone"),
        ("mode", "bellen", "telephone"),
        ("mode", "in het welkomhuis", "place"),
        ("called_name", "Amina", "Amina"),
        ("called_name", "ik heet Amina", "Amina"),
        ("called_name", "اسم من علی است", "علی"),
        ("called_name", '/inform{"called_name": "Geld"}', "Geld"),
        ("talk_language", '/inform{"talk_language": "ar"}', "ar"),
        ("talk_language", "Somali", "so"),
        ("interpreter", '/inform{"interpreter": "no"}', "no"),
        ("interpreter", "ja graag", "yes"),
        ("telephone", '/inform{"telephone": "none"}', "none"),
        ("telephone", "06-12345678", "0612345678"),
        ("telephone", "liever niet", "none"),
        ("confirm", '/inform{"confirm": "yes"}', "yes"),
        ("confirm", "ja", "yes"),
    ],
)
def test_a_button_and_words_answer_a_question(booking: Chat, slot: str, said: str, value: str) -> None:
    heard = answer(booking, slot, said)
    assert heard.slots[slot] == value
    assert heard.slots["form_problem"] is None


@pytest.mark.parametrize(("intent", "value"), [("affirm", "yes"), ("deny", "no")])
def test_yes_and_no_are_understood_by_the_classifier_too(booking: Chat, intent: str, value: str) -> None:
    assert answer(booking, "interpreter", "zeker weten", intent).slots["interpreter"] == value


def test_nobody_is_asked_about_an_interpreter_for_dutch(booking: Chat) -> None:
    assert answer(booking, "talk_language", "nederlands").slots["interpreter"] == "no"


@pytest.mark.parametrize("slot", ASKED)
@pytest.mark.parametrize("intent", sorted(asking_intents(Texts(ROOT / "stories")) - {START}))
def test_a_question_in_the_middle_is_left_to_its_own_rule(booking: Chat, slot: str, intent: str) -> None:
    if intent != MOVE or slot in ("area", "day"):
        assert answer(booking, slot, "hoe werkt dat eigenlijk precies?", intent).events == []


@pytest.mark.parametrize("slot", ASKED[ASKED.index("time") :])
def test_who_wants_another_day_while_booking_means_this_booking(booking: Chat, slot: str) -> None:
    slots = answer(booking, slot, "kan het op een andere dag?", MOVE).slots
    assert (slots["day"], slots["time"]) == (None, None)


@pytest.mark.parametrize("slot", ["mode", "called_name", "talk_language", "interpreter", "telephone", "confirm"])
@pytest.mark.parametrize(("said", "day"), [("toch liever vrijdag", "2026-11-27"), ("nee vrijdag", "2026-11-27")])
def test_another_day_can_be_named_at_each_later_question(booking: Chat, slot: str, said: str, day: str) -> None:
    slots = answer(booking, slot, said).slots
    assert (slots["day"], slots["time"]) == (day, None)


@pytest.mark.parametrize("slot", ["mode", "talk_language", "interpreter", "confirm"])
def test_another_time_can_be_named_at_later_questions(booking: Chat, slot: str) -> None:
    assert (
        answer(booking, slot, "nee, half drie" if slot == "confirm" else "half drie")
        .slots["time"]
        .startswith("2026-11-26T13:30")
    )


@pytest.mark.parametrize("slot", ["time", "mode", "talk_language", "interpreter", "confirm"])
@pytest.mark.parametrize(
    "said", ["een andere dag", "başka bir gün", "یک روز دیگر", "يوم آخر", "ካልእ መዓልቲ", "інший день"]
)
def test_another_day_is_no_time_at_one(booking: Chat, slot: str, said: str) -> None:
    slots = answer(booking, slot, said).slots
    assert (slots["day"], slots["time"], slots["form_problem"]) == (None, None, None)


@pytest.mark.parametrize(("said", "value"), [("نه", "no"), ("ik heb een tolk", None), ("bir tane", None)])
def test_a_word_that_is_a_number_as_well_changes_no_time(booking: Chat, said: str, value: str | None) -> None:
    slots = answer(booking, "interpreter", said).slots
    assert slots.get("interpreter") == value
    assert "time" not in slots


def test_the_day_and_time_that_stand_are_no_change(booking: Chat) -> None:
    assert answer(booking, "confirm", "ja, donderdag om 10:00 is goed", "affirm").slots["confirm"] == "yes"


@pytest.mark.parametrize("name", ["Friday", "ik heet Vrijdag Jansen"])
def test_a_name_that_is_a_day_stays_a_name(booking: Chat, name: str) -> None:
    assert answer(booking, "called_name", name).slots["called_name"] == name.removeprefix("ik heet ")


@pytest.mark.parametrize("slot", ASKED)
def test_stop_is_left_to_its_own_rule(booking: Chat, slot: str) -> None:
    assert answer(booking, slot, "stop", "stop").events == []


@pytest.mark.parametrize("slot", ASKED)
@pytest.mark.parametrize("payload", ['/topic{"topic": "wet/termijn"}', "/coach_mens", "/none_of_these", "/stop"])
def test_other_buttons_are_left_to_their_rules(booking: Chat, slot: str, payload: str) -> None:
    assert answer(booking, slot, payload).events == []


@pytest.mark.parametrize("slot", ASKED)
def test_a_question_that_nobody_understands_is_no_answer(booking: Chat, slot: str) -> None:
    assert answer(booking, slot, "waarom zingt de maan?", "out_of_scope").events == []


@pytest.mark.parametrize("slot", ASKED)
def test_wanting_an_appointment_again_just_asks_again(booking: Chat, slot: str) -> None:
    assert answer(booking, slot, "/coach_afspraak").slots == {"form_problem": None}


@pytest.mark.parametrize("slot", [slot for slot in ASKED if slot != "called_name"])
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
        ("day", '/inform{"day": "soon"}'),
        ("time", '/inform{"time": "2026-11-26T09:00:00|1"}'),
        ("time", '/inform{"time": "x"}'),
        ("mode", '/inform{"mode": "fax"}'),
        ("called_name", '/inform{"called_name": "<b>"}'),
        ("talk_language", '/inform{"talk_language": "xx"}'),
        ("interpreter", '/inform{"interpreter": "maybe"}'),
        ("telephone", '/inform{"telephone": "0612345678"}'),
        ("confirm", '/inform{"confirm": "maybe"}'),
        ("confirm", '/inform{"change": "name"}'),
        ("area", "/inform"),
    ],
)
def test_a_forged_button_does_nothing(booking: Chat, slot: str, payload: str) -> None:
    assert answer(booking, slot, payload).slots["form_problem"] == "booking/old_button"


@pytest.mark.parametrize(
    ("slot", "said", "problem"),
    [
        ("day", "zaterdag", "booking/day_full"),
        ("day", '/inform{"day": "2026-11-28"}', "booking/day_full"),
        ("day", '/inform{"day": "2026-11-23"}', "booking/day_full"),
        ("time", "20:00", "booking/time_gone"),
        ("time", '/inform{"time": "2026-11-26T19:00:00+00:00|1"}', "booking/time_gone"),
        ("telephone", "12345", "booking/telephone_wrong"),
    ],
)
def test_an_answer_that_does_not_do_is_said_why(booking: Chat, slot: str, said: str, problem: str) -> None:
    heard = answer(booking, slot, said)
    assert heard.slots == {"form_problem": problem, "changing": None}


def test_by_telephone_a_number_is_needed(booking: Chat) -> None:
    heard = answer(booking, "telephone", "nee", "deny", mode="telephone")
    assert heard.slots["form_problem"] == "booking/telephone_needed"


def test_another_day_can_be_named_where_the_time_is_asked(booking: Chat) -> None:
    slots = answer(booking, "time", "liever vrijdag").slots
    assert (slots["day"], slots["time"]) == ("2026-11-27", None)


@pytest.mark.parametrize(
    ("slots", "name"),
    [({"intent": "wet"}, "boete"), ({"intent": "greet"}, "Salam"), ({"intent": "geld"}, "مساعدة")],
)
def test_a_name_that_can_be_a_question_is_asked_back(booking: Chat, slots: dict[str, str], name: str) -> None:
    heard = answer(booking, "called_name", name, slots["intent"])
    assert heard.slots == {"form_problem": "booking/ask_name_or_question", "changing": None}
    asked = booking.run(AskCalledName())
    assert asked.names == [["booking/ask_name_or_question"]]
    assert asked.payloads[0] == f'/inform{{"called_name": "{name}"}}'


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


def test_no_at_the_end_asks_what_to_change(booking: Chat) -> None:
    assert answer(booking, "confirm", "nee").slots["changing"] == "yes"
    assert booking.run(AskConfirm()).payloads == [*(f'/inform{{"change": "{what}"}}' for what in CHANGES), "/stop"]


@pytest.mark.parametrize(
    ("said", "forgotten"),
    [
        ('/inform{"change": "day"}', {"day": None, "time": None}),
        ('/inform{"change": "time"}', {"time": None}),
        ("een andere tijd", {"time": None}),
        ('/inform{"change": "talk_language"}', {"talk_language": None, "interpreter": None}),
        ("nee, vrijdag", {"day": "2026-11-27", "time": None}),
        ("mijn naam is fout", {"called_name": None}),
        ("nee, met de telefoon", {"mode": "telephone", "telephone": None}),
        ("liever met de telefoon", {"mode": "telephone", "telephone": None}),
        ("mijn nummer is 06 12345678", {"telephone": "0612345678"}),
    ],
)
def test_a_change_of_mind_at_the_end_is_asked_anew(booking: Chat, said: str, forgotten: dict[str, str | None]) -> None:
    slots = answer(booking, "confirm", said).slots
    assert {name: slots[name] for name in forgotten} == forgotten
    assert "confirm" not in slots


def test_a_booking_starts_afresh(booking: Chat) -> None:
    booking.form, booking.slots = None, dict(FULL) | {"requested_slot": None}
    heard = booking.ask(ValidateAppointmentForm(), "/coach_afspraak")
    assert set(heard.slots.values()) == {None}


def test_the_wish_can_name_the_area(booking: Chat) -> None:
    booking.form, booking.slots = None, {"requested_slot": None}
    heard = booking.ask(ValidateAppointmentForm(), "een afspraak over mijn schulden", "coach_afspraak")
    assert heard.slots["area"] == "money"


def test_a_form_that_starts_again_after_a_lost_time_keeps_its_answers(booking: Chat) -> None:
    booking.slots = dict(FULL) | {"requested_slot": None}
    assert booking.ask(ValidateAppointmentForm(), '/inform{"confirm": "yes"}').events == []


@pytest.mark.parametrize("slot", ASKED)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_question_is_one_message(booking: Chat, slot: str, language: str) -> None:
    booking.language = language
    heard = at(booking, slot).ask(QUESTIONS[slot], "x")
    assert len(heard.names) == 1
    assert "{" not in heard.text


@pytest.mark.parametrize("slot", [slot for slot in ASKED if slot not in ("called_name", "confirm")])
def test_every_button_of_a_question_is_a_good_answer(booking: Chat, slot: str) -> None:
    for payload in at(booking, slot).ask(QUESTIONS[slot], "x").payloads:
        assert answer(booking, slot, payload).slots[slot], payload


def test_free_days_are_offered_with_weekday_and_date(booking: Chat) -> None:
    booking.language = "en"
    heard = at(booking, "day").ask(AskDay(), "x")
    assert heard.buttons[0] == ("Tuesday 24 November", '/inform{"day": "2026-11-24"}')
    assert len(heard.buttons) == 5


def test_times_are_offered_as_clock_times_of_utrecht(booking: Chat) -> None:
    heard = at(booking, "time").ask(AskTime(), "x")
    assert heard.buttons[0] == ("09:00", '/inform{"time": "2026-11-26T08:00:00+00:00|1"}')


def test_after_a_lost_time_the_nearest_ones_are_offered(booking: Chat) -> None:
    heard = at(booking, "time", taken_time="2026-11-26T19:00:00+00:00|1").ask(AskTime(), "x")
    assert heard.names == [["booking/time_taken", "booking/ask_time_near"]]
    assert heard.buttons[0][0] == "donderdag 26 november om 16:30"
    assert len(heard.buttons) == 3


def test_a_day_that_filled_up_meanwhile_offers_the_nearest_times(booking: Chat) -> None:
    heard = at(booking, "time", day="2026-11-28").ask(AskTime(), "x")
    assert heard.names == [["booking/day_full", "booking/ask_time_near"]]


@pytest.mark.parametrize("slot", ["area", "day", "time"])
def test_without_free_times_it_is_said_and_a_person_is_offered(chat: Chat, slot: str) -> None:
    chat.form = FORM
    heard = at(chat, slot).ask(QUESTIONS[slot], "x")
    assert (heard.names, heard.payloads) == ([["booking/no_days"]], ["/coach_mens"])
    assert {"event": "active_loop", "timestamp": None, "name": None} in heard.events


def test_after_two_misses_a_person_is_offered_and_the_buttons_come_again(booking: Chat) -> None:
    heard = at(booking, "mode", form_misses="2", form_problem="booking/not_understood").ask(AskMode(), "x")
    assert heard.names == [["booking/not_understood", "booking/offer_person", "booking/ask_mode"]]
    assert heard.payloads == ['/inform{"mode": "place"}', '/inform{"mode": "telephone"}', "/coach_mens"]


def test_after_a_question_in_the_middle_the_booking_goes_on(booking: Chat) -> None:
    at(booking, "mode", form_problem="booking/not_understood").send("hoe lang heb ik?", "wet")
    booking.events.append({"event": "bot", "text": "3 jaar"})
    assert booking.run(ValidateAppointmentForm()).events == []
    assert booking.run(AskMode()).names == [["booking/back", "booking/ask_mode"]]


def test_the_own_language_is_offered_first(booking: Chat) -> None:
    booking.language = "en"
    heard = at(booking, "talk_language").ask(AskTalkLanguage(), "x")
    assert [label for label, _ in heard.buttons][:2] == ["English", "Dutch"]
    assert len(heard.buttons) == 7


def test_everything_is_read_back_with_weekday_and_date(booking: Chat) -> None:
    text = at(booking, "confirm").ask(AskConfirm(), "x").text
    for words in ("Geld", "donderdag 26 november om 10:00", "In het Welkomhuis", "Amina", "Arabisch", "geen nummer"):
        assert words in text


def test_a_name_is_read_back_as_it_was_typed(booking: Chat) -> None:
    assert "Telefoon: +31612345678" in at(booking, "confirm", telephone="+31612345678").ask(AskConfirm(), "x").text


def test_the_moment_of_a_button_is_in_utc(booking: Chat) -> None:
    payload = at(booking, "time").ask(AskTime(), "x").payloads[0]
    assert datetime(2026, 11, 26, 8, tzinfo=UTC).isoformat() in payload
