"""Whole conversations in which an appointment is booked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from service.appointments import book_appointment
from store.messages import Notification
from store.models import Appointment, Coach, Mode, Newcomer
from tests.dialogues.stage import Answer, Person
from tests.factories import NOW, make_newcomer, make_request

NewPerson = Callable[[str], Person]
Store = sessionmaker[Session]

THURSDAY_TEN = datetime(2026, 11, 26, 9, tzinfo=UTC)
CONFIRM = ["booking/read_back", "booking/ask_confirm"]
WISH = {"nl": "ik wil een afspraak maken", "en": "I want to make an appointment", "ar": "أريد حجز موعد"}
NAME = {"nl": "Amina", "en": "my name is Amina", "ar": "اسمي أمينة"}
STOP = {"nl": "stop", "en": "stop", "ar": "توقف"}


def booked(store: Store, person: Person) -> list[Appointment]:
    with store.begin() as session:
        query = select(Appointment).join(Newcomer).where(Newcomer.chat_ref == person.ref)
        return list(session.scalars(query))


def told(store: Store) -> set[str]:
    with store.begin() as session:
        return set(session.scalars(select(Notification.name)))


def take_thursday(store: Store, hour: int = 9) -> None:
    """Let somebody else book the time on Thursday with the coach who is free all week."""
    with store.begin() as session:
        coach = session.scalars(select(Coach).where(Coach.name == "Voorbeeldcoach A")).one()
        book_appointment(session, make_newcomer(session), make_request(coach, THURSDAY_TEN.replace(hour=hour)), NOW)


def until_mode(person: Person, area: str = "money") -> Answer:
    """Choose what to talk about, and to talk Dutch, of which there is no choice of coaches."""
    person.say(WISH[person.language])
    person.choose(area=area)
    return person.choose(talk_language="nl")


def until_time(person: Person) -> Answer:
    until_mode(person)
    return person.choose(mode="place")


def until_name(person: Person, time: str = "2026-11-26T09:00") -> Answer:
    """Choose a time on Thursday, by another day."""
    until_time(person)
    person.choose(day="2026-11-24/")
    person.choose(day="2026-11-26")
    return person.choose(time=time)


def until_confirm(person: Person, time: str = "2026-11-26T09:00") -> Answer:
    """Answer everything by buttons, up to "is this right?"."""
    until_name(person, time)
    person.say(NAME[person.language])
    person.choose(telephone="none")
    answer = person.choose(reason="none")
    assert answer.flat == CONFIRM
    return answer


@pytest.mark.parametrize(
    ("language", "moment"),
    [("nl", "donderdag 26 november om 10:00"), ("en", "Thursday 26 November at 10:00"), ("ar", "الخميس")],
)
def test_an_appointment_is_booked_by_buttons(
    new_person: NewPerson, stage_store: Store, language: str, moment: str
) -> None:
    person = new_person(language)
    assert moment in until_confirm(person).text
    answer = person.choose(confirm="yes")
    assert answer.flat[:2] == ["booking/booked", "opening/where_unconfirmed"]
    assert moment in answer.text
    (entry,) = booked(stage_store, person)
    assert (entry.starts_at, entry.language, entry.interpreter, entry.reason) == (THURSDAY_TEN, "nl", False, None)
    assert {"booking/told_coaches", "booking/told_coach", "reminder/day_before", "calendar/file"} <= told(stage_store)
    assert person.tracker()["active_loop"] == {}


WORDS = {
    "nl": (
        "over mijn schulden",
        "Nederlands",
        "met de telefoon",
        "donderdag om half drie",
        "ik heet Sami",
        "06 1234 5678",
        "brief van de Belastingdienst",
        "ja",
    ),
    "en": (
        "about my debts",
        "Dutch",
        "by phone",
        "Thursday at half past two",
        "my name is Sami",
        "06 1234 5678",
        "a letter from the bank",
        "yes",
    ),
    "ar": (
        "عن المال",
        "هولندي",
        "بالهاتف",
        "يوم الخميس الساعة الثانية والنصف",
        "اسمي سامي",
        "06 1234 5678",
        "رسالة من البنك",
        "نعم",
    ),
}


@pytest.mark.parametrize("language", WORDS)
def test_an_appointment_is_booked_in_words(new_person: NewPerson, stage_store: Store, language: str) -> None:
    person = new_person(language)
    person.say(WISH[language])
    *words, yes = WORDS[language]
    for said in words:
        person.say(said)
    assert person.last is not None
    assert person.last.flat == CONFIRM
    assert person.say(yes).flat == ["booking/booked", "booking/coach_calls"]
    (entry,) = booked(stage_store, person)
    assert (entry.starts_at, entry.mode) == (datetime(2026, 11, 26, 13, 30, tzinfo=UTC), Mode.TELEPHONE)
    assert (entry.telephone, entry.reason) == ("0612345678", words[-1])


@pytest.mark.parametrize(
    ("language", "wish", "moment"),
    [
        ("nl", "ik wil morgen om 10 uur een afspraak over geld", "woensdag 25 november om 10:00"),
        ("en", "can I have an appointment about money tomorrow at 10 o'clock", "Wednesday 25 November at 10:00"),
        ("ar", "أريد موعدا غدا الساعة 10 عن المال", "الأربعاء"),
    ],
)
def test_the_time_in_the_first_wish_is_kept_and_read_back(
    new_person: NewPerson, stage_store: Store, language: str, wish: str, moment: str
) -> None:
    person = new_person(language)
    assert person.say(wish).flat == ["booking/ask_talk_language"]
    person.choose(talk_language="nl")
    assert person.choose(mode="place").flat == ["booking/ask_called_name"]
    person.say(NAME[language])
    person.choose(telephone="none")
    answer = person.choose(reason="none")
    assert answer.flat == CONFIRM
    assert moment in answer.text
    person.choose(confirm="yes")
    assert [entry.starts_at for entry in booked(stage_store, person)] == [datetime(2026, 11, 25, 9, tzinfo=UTC)]


@pytest.mark.parametrize("language", ["nl", "en", "ar"])
def test_who_speaks_arabic_can_talk_with_a_coach_who_does(
    new_person: NewPerson, stage_store: Store, language: str
) -> None:
    person = new_person(language)
    person.say(WISH[language])
    person.choose(area="work")
    answer = person.choose(talk_language="ar")
    assert answer.flat == ["booking/ask_with_coach_or_interpreter"]
    assert "Voorbeeldcoach B" in answer.buttons[0][0]
    person.choose(with_coach="2", interpreter="no")
    answer = person.choose(mode="place")
    assert all("2026-11-26T1" in payload for label, payload in answer.buttons if "Voorbeeldcoach" in label)
    person.choose(time="2026-11-26T12:00")
    person.say(NAME[language])
    person.choose(telephone="none")
    assert "Voorbeeldcoach B" in person.choose(reason="none").text
    person.choose(confirm="yes")
    (entry,) = booked(stage_store, person)
    assert (entry.coach_id, entry.language, entry.interpreter) == (2, "ar", False)


@pytest.mark.parametrize(
    ("language", "words"), [("nl", "met een tolk"), ("en", "with an interpreter"), ("ar", "مع مترجم")]
)
def test_with_an_interpreter_any_coach_will_do(
    new_person: NewPerson, stage_store: Store, language: str, words: str
) -> None:
    person = new_person(language)
    person.say(WISH[language])
    person.choose(area="work")
    person.choose(talk_language="ar")
    assert person.say(words).flat == ["booking/ask_mode"]
    person.choose(mode="place")
    person.choose(time="2026-11-24T")
    person.say(NAME[language])
    person.choose(telephone="none")
    person.choose(reason="none")
    person.choose(confirm="yes")
    (entry,) = booked(stage_store, person)
    assert (entry.language, entry.interpreter) == ("ar", True)


def test_the_coach_of_the_last_talk_comes_first(person: Person, stage_store: Store) -> None:
    with stage_store.begin() as session:
        session.execute(update(Newcomer).where(Newcomer.chat_ref == person.ref).values(coach_id=1))
    person.say("ik wil een afspraak met mijn eigen coach over werk")
    answer = person.choose(talk_language="nl")
    assert answer.flat == ["booking/ask_mode"]
    person.choose(mode="place")
    person.choose(time="2026-11-")
    person.say(NAME["nl"])
    person.choose(telephone="none")
    assert "Voorbeeldcoach A" in person.choose(reason="none").text


@pytest.mark.parametrize(("language", "words"), [("nl", "later"), ("en", "later please"), ("ar", "لاحقًا")])
def test_later_times_can_be_asked_for_by_button_and_words(new_person: NewPerson, language: str, words: str) -> None:
    person = new_person(language)
    first = until_time(person)
    later = person.say(words)
    assert later.flat == ["booking/ask_time"]
    assert times(later)[0] > times(first)[-1]
    latest = person.choose(after="")
    assert times(latest)[0] > times(later)[-1]


def times(answer: Answer) -> list[str]:
    """List the times that are offered, in order."""
    return [payload.split('"time": "')[1] for _, payload in answer.buttons if '"time": "' in payload]


@pytest.mark.parametrize(("language", "words"), [("nl", "een andere dag"), ("en", "another day"), ("ar", "يوم آخر")])
def test_another_day_can_be_asked_for_in_words(new_person: NewPerson, language: str, words: str) -> None:
    person = new_person(language)
    until_time(person)
    assert person.say(words).flat == ["booking/ask_day"]
    person.choose(day="2026-11-27")
    assert person.last is not None
    assert all(time.startswith("2026-11-27") for time in times(person.last))


@pytest.mark.parametrize(
    ("language", "words", "first"),
    [
        ("nl", "liever 's middags", "2026-11-24T11:00"),
        ("en", "Thursday in the afternoon", "2026-11-26T11:00"),
        ("ar", "بعد الظهر", "2026-11-24T11:00"),
        ("nl", "vrijdagochtend", "2026-11-27T08:00"),
    ],
)
def test_a_part_of_the_day_can_be_asked_for(new_person: NewPerson, language: str, words: str, first: str) -> None:
    person = new_person(language)
    until_time(person)
    answer = person.say(words)
    assert answer.flat[-1] in ("booking/ask_time", "booking/ask_time_of_day")
    assert times(answer)[0] >= first


def test_a_day_that_has_passed_is_never_booked(person: Person, stage_store: Store) -> None:
    until_time(person)
    assert person.say("gisteren om 10 uur").flat[0] == "booking/day_past"
    assert booked(stage_store, person) == []


@pytest.mark.parametrize(
    ("language", "words", "moment"),
    [
        ("nl", "nee, liever vrijdag om 11 uur", "vrijdag 27 november om 11:00"),
        ("en", "no, Friday at 11 o'clock please", "Friday 27 November at 11:00"),
        ("ar", "لا، الجمعة الساعة 11", "الجمعة"),
    ],
)
def test_at_the_end_another_moment_in_words_is_read_back_anew(
    new_person: NewPerson, stage_store: Store, language: str, words: str, moment: str
) -> None:
    person = new_person(language)
    until_confirm(person)
    answer = person.say(words)
    assert answer.flat == CONFIRM
    assert moment in answer.text
    person.choose(confirm="yes")
    assert [entry.starts_at for entry in booked(stage_store, person)] == [datetime(2026, 11, 27, 10, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("language", "words"), [("nl", "liever met de telefoon"), ("en", "I would rather talk by phone"), ("ar", "بالهاتف")]
)
def test_at_the_end_another_way_to_meet_in_words_asks_for_a_number(
    new_person: NewPerson, stage_store: Store, language: str, words: str
) -> None:
    person = new_person(language)
    until_confirm(person)
    assert person.say(words).flat[-1] == "booking/ask_telephone_needed"
    assert person.say("06 1234 5678").flat == CONFIRM
    person.choose(confirm="yes")
    (entry,) = booked(stage_store, person)
    assert (entry.mode, entry.telephone, entry.starts_at) == (Mode.TELEPHONE, "0612345678", THURSDAY_TEN)


def test_at_the_end_another_coach_by_button_keeps_the_other_answers(person: Person, stage_store: Store) -> None:
    person.say(WISH["nl"])
    person.choose(area="work")
    person.choose(talk_language="ar")
    person.choose(with_coach="2", interpreter="no")
    person.choose(mode="place")
    person.choose(time="2026-11-26T12:00")
    person.say("Amina")
    person.choose(telephone="none")
    person.choose(reason="none")
    person.choose(confirm="no")
    assert person.choose(change="with_coach").flat[-1] == "booking/ask_with_coach_or_interpreter"
    assert person.choose(with_coach="any", interpreter="yes").flat == CONFIRM
    person.choose(confirm="yes")
    (entry,) = booked(stage_store, person)
    assert (entry.called_name, entry.interpreter, entry.starts_at.hour) == ("Amina", True, 12)


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("Hoe lang heb ik om in te burgeren?", "wet/termijn"),
        ("is het welkomhuis nu open?", "opening/open_now"),
        ("welke cursussen zijn er?", "courses/coming"),
        ("ik wil met een mens praten", "handoff/requested"),
        ('/topic{"topic": "welkomhuis/waar"}', "opening/where"),
    ],
)
def test_a_question_in_the_middle_is_answered_and_the_booking_goes_on(person: Person, question: str, name: str) -> None:
    until_mode(person)
    answer = person.say(question)
    assert name in answer.flat
    assert answer.names[-1] == ["booking/back", "booking/ask_mode"]
    assert person.choose(mode="place").flat == ["booking/ask_time"]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("nl", "ik word gediscrimineerd op het werk"),
        ("en", "I am discriminated against at work"),
        ("ar", "أتعرض للتمييز في العمل"),
    ],
)
def test_trouble_that_is_told_at_the_first_question_is_answered_and_is_no_subject(
    new_person: NewPerson, language: str, words: str
) -> None:
    person = new_person(language)
    person.say(WISH[language])
    answer = person.say(words)
    assert answer.flat == ["veilig/discriminatie", "booking/back", "booking/ask_area"]
    assert person.tracker()["slots"]["area"] is None


def test_a_question_where_a_name_is_asked_is_never_a_name(person: Person) -> None:
    until_name(person)
    assert person.say("Hoe lang heb ik om in te burgeren?").names[-1][-1] == "booking/ask_called_name"
    assert person.say("boete").names[-1] == ["booking/ask_name_or_question"]
    assert person.press("Het is een vraag").names[0] == ["wet/boete"]
    assert person.say("ik heet Amina").flat == ["booking/ask_telephone_wanted"]


STEPS = ("area", "talk_language", "mode", "time", "called_name", "telephone", "reason", "confirm")


@pytest.mark.parametrize("language", ["nl", "en", "ar"])
def test_stop_always_stops(new_person: NewPerson, stage_store: Store, language: str) -> None:
    for step in STEPS:
        person = new_person(language)
        reach(person, step)
        assert person.tracker()["slots"]["requested_slot"] == step
        assert person.say(STOP[language]).flat == ["booking/stopped"]
        assert person.tracker()["active_loop"] == {}
        assert person.say('/inform{"confirm": "yes"}').flat == ["booking/old_button"]
        assert booked(stage_store, person) == []


def reach(person: Person, step: str) -> None:
    """Answer by buttons up to a question."""
    acts: dict[str, Callable[[], object]] = {
        "area": lambda: person.say(WISH[person.language]),
        "talk_language": lambda: person.choose(area="money"),
        "mode": lambda: person.choose(talk_language="nl"),
        "time": lambda: person.choose(mode="place"),
        "called_name": lambda: person.choose(time="2026-11-24T"),
        "telephone": lambda: person.say(NAME[person.language]),
        "reason": lambda: person.choose(telephone="none"),
        "confirm": lambda: person.choose(reason="none"),
    }
    for name in STEPS[: STEPS.index(step) + 1]:
        acts[name]()


def test_a_stopped_booking_leaves_nothing_behind(person: Person) -> None:
    until_confirm(person)
    person.say("/stop")
    assert person.say("/coach_afspraak").flat == ["booking/ask_area"]


def test_two_misses_in_the_form_offer_a_person_and_the_buttons_again(person: Person) -> None:
    person.say("/coach_afspraak")
    assert person.say("blabla").flat == ["booking/not_understood", "booking/ask_area"]
    answer = person.say("brrr")
    assert answer.flat == ["booking/not_understood", "booking/offer_person", "booking/ask_area"]
    assert answer.buttons[-1][1] == "/coach_mens"
    assert person.choose(area="money").flat == ["booking/ask_talk_language"]


def test_a_time_that_was_taken_meanwhile_leads_to_the_nearest_ones(person: Person, stage_store: Store) -> None:
    until_confirm(person)
    take_thursday(stage_store)
    answer = person.choose(confirm="yes")
    assert answer.flat == ["booking/time_taken", "booking/ask_time_near"]
    assert times(answer)[0].startswith("2026-11-26T")
    assert not any(time.startswith("2026-11-26T09:00") for time in times(answer))
    assert booked(stage_store, person) == []
    assert person.choose(time="2026-11-26T").flat == CONFIRM
    assert person.choose(confirm="yes").flat[0] == "booking/booked"


def test_a_button_of_a_time_that_was_taken_meanwhile_leads_to_the_nearest_ones(
    person: Person, stage_store: Store
) -> None:
    until_time(person)
    person.choose(day="2026-11-24/")
    person.choose(day="2026-11-26")
    take_thursday(stage_store)
    answer = person.choose(time="2026-11-26T09:00")
    assert answer.flat == ["booking/time_gone", "booking/ask_time_near"]
    assert times(answer)


def test_an_old_button_never_books(person: Person, stage_store: Store) -> None:
    confirm = until_confirm(person)
    yes = next(payload for _, payload in confirm.buttons if '"yes"' in payload)
    person.say(yes)
    assert person.say(yes).flat == ["booking/old_button"]
    until_name(person, "2026-11-26T08:00")
    assert person.say(yes).flat[0] == "booking/old_button"
    assert len(booked(stage_store, person)) == 1


def test_without_any_coach_it_is_said_and_a_person_is_offered(person: Person, stage_store: Store) -> None:
    with stage_store.begin() as session:
        session.execute(update(Coach).values(is_active=False))
    try:
        answer = person.say("ik wil een afspraak maken")
    finally:
        with stage_store.begin() as session:
            session.execute(update(Coach).values(is_active=True))
    assert (answer.flat, answer.buttons[0][1]) == (["booking/no_days"], "/coach_mens")
    assert person.tracker()["active_loop"] == {}
    assert person.say("ja").flat == ["handoff/requested"]


def test_who_has_three_appointments_hears_so_at_once(person: Person, stage_store: Store) -> None:
    with stage_store.begin() as session:
        newcomer = session.scalars(select(Newcomer).where(Newcomer.chat_ref == person.ref)).one()
        coach = session.get_one(Coach, 1)
        for hour in (9, 10, 11):
            book_appointment(session, newcomer, make_request(coach, THURSDAY_TEN.replace(hour=hour)), NOW)
    answer = person.say("/coach_afspraak")
    assert answer.flat[0] == "booking/too_many"
    assert person.tracker()["active_loop"] == {}
