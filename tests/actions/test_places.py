from __future__ import annotations

from datetime import date, datetime

import pytest
from sqlalchemy.orm import Session, sessionmaker

from actions.courses import Courses
from actions.languages import OfferLanguages
from actions.places import OpeningTimes, Where
from service.language import LANGUAGES
from store.models import Place
from tests.actions.rig import Chat
from tests.factories import NOW, make_course, make_course_session, make_opening_exception, make_opening_time, make_place

CONFIRMED = {"confirmed_on": date(2026, 11, 1)}


def open_place(store: sessionmaker[Session], opens: str = "09:00", closes: str = "17:00", **values: object) -> None:
    """Open the Welkomhuis from Monday to Friday. NOW is a Tuesday, nine o'clock in Utrecht."""
    with store.begin() as session:
        place = make_place(session, key="welkomhuis", name="Welkomhuis", **CONFIRMED)
        for weekday in range(5):
            make_opening_time(session, place, weekday, opens, closes, **values)


def test_open_now_says_until_when(chat: Chat, store: sessionmaker[Session]) -> None:
    open_place(store, **CONFIRMED)
    heard = chat.ask(OpeningTimes(), "is het nu open?", "welkomhuis_openingstijden")
    assert heard.names == [["opening/open_now", "opening/days_ahead", "welkomhuis/openingstijden"]]
    assert heard.text.startswith("Het Welkomhuis is nu <b>open</b>, tot 17:00.")


def test_closed_now_says_when_it_opens(chat: Chat, store: sessionmaker[Session]) -> None:
    open_place(store, "10:00", **CONFIRMED)
    heard = chat.ask(OpeningTimes(), "open?", "welkomhuis_openingstijden")
    assert heard.names[0][:2] == ["opening/closed_now", "opening/opens_next"]
    assert "dinsdag 24 november om 10:00" in heard.text


def test_the_days_ahead_are_listed_without_the_closed_ones(chat: Chat, store: sessionmaker[Session]) -> None:
    open_place(store, **CONFIRMED)
    text = chat.ask(OpeningTimes(), "openingstijden", "welkomhuis_openingstijden").text
    assert "• maandag 30 november: 09:00 - 17:00" in text
    assert "zaterdag" not in text.split("\n\n")[1]


@pytest.mark.parametrize(("values", "note"), [({"is_sample": True}, "opening/sample"), ({}, "opening/unconfirmed")])
def test_times_that_staff_have_not_confirmed_are_said_so(
    chat: Chat, store: sessionmaker[Session], values: dict[str, object], note: str
) -> None:
    open_place(store, **values)
    for question in ("open?", "is het vrijdag open?"):
        heard = chat.ask(OpeningTimes(), question, "welkomhuis_openingstijden")
        assert note in heard.names[0]
        assert "14 030" in heard.text


def test_a_sample_says_voorbeeld_in_every_language(chat: Chat, store: sessionmaker[Session]) -> None:
    open_place(store, is_sample=True)
    for language in LANGUAGES:
        chat.language = language
        assert "voorbeeld" in chat.ask(OpeningTimes(), "open?", "welkomhuis_openingstijden").text


@pytest.mark.parametrize(
    ("language", "question", "answer"),
    [
        ("nl", "is het vrijdag open?", "Op vrijdag 27 november is het Welkomhuis <b>open</b>: 09:00 - 17:00."),
        ("nl", "zaterdag open", "Op zaterdag 28 november is het Welkomhuis <b>gesloten</b>."),
        ("en", "open on Friday?", "On Friday 27 November the Welkomhuis (Welcome House) is <b>open</b>"),
        ("nl", "1e kerstdag 25-12", "Op vrijdag 25 december is het Welkomhuis <b>gesloten</b>: Eerste kerstdag."),
    ],
)
def test_the_day_that_is_asked_about_is_answered(
    chat: Chat, store: sessionmaker[Session], language: str, question: str, answer: str
) -> None:
    open_place(store, **CONFIRMED)
    chat.language = language
    assert answer in chat.ask(OpeningTimes(), question, "welkomhuis_openingstijden").text


def test_why_it_is_closed_today_is_said(chat: Chat, store: sessionmaker[Session]) -> None:
    open_place(store, **CONFIRMED)
    with store.begin() as session:
        place = session.query(Place).one()
        make_opening_exception(session, place, date(2026, 11, 24), reason="verbouwing", **CONFIRMED)
    heard = chat.ask(OpeningTimes(), "open?", "welkomhuis_openingstijden")
    assert heard.text.startswith("Het Welkomhuis is nu <b>gesloten</b>: verbouwing.")


@pytest.mark.parametrize("question", ["open?", "zaterdag open?"])
def test_times_that_nobody_knows_are_not_called_closed(chat: Chat, store: sessionmaker[Session], question: str) -> None:
    with store.begin() as session:
        make_place(session, key="welkomhuis")
    heard = chat.ask(OpeningTimes(), question, "welkomhuis_openingstijden")
    assert heard.names == [["opening/unknown", "welkomhuis/openingstijden"]]


def test_an_address_that_is_not_confirmed_is_said_so(chat: Chat, store: sessionmaker[Session]) -> None:
    with store.begin() as session:
        make_place(session, key="welkomhuis", name="Welkomhuis", address="Straat 1", postcode="3500 AA")
    heard = chat.ask(Where(), "waar", "welkomhuis_waar")
    assert heard.names == [["opening/where_unconfirmed", "opening/where", "welkomhuis/waar"]]
    assert "Welkomhuis: <b>Straat 1, 3500 AA</b>." in heard.text


def test_a_confirmed_address_stands_by_itself(chat: Chat, store: sessionmaker[Session]) -> None:
    with store.begin() as session:
        make_place(session, key="welkomhuis", address="Straat 1", **CONFIRMED)
    assert chat.ask(Where(), "waar", "welkomhuis_waar").names == [["opening/where", "welkomhuis/waar"]]


def test_courses_are_listed_by_day(chat: Chat, store: sessionmaker[Session]) -> None:
    with store.begin() as session:
        course = make_course(session, name="Taalcafé", **CONFIRMED)
        for day, hour in ((26, 9), (26, 13), (25, 18)):
            make_course_session(session, course, datetime(2026, 11, day, hour, tzinfo=NOW.tzinfo), **CONFIRMED)
    heard = chat.ask(Courses(), "cursussen", "welkomhuis_cursussen")
    assert heard.names == [["courses/coming", "welkomhuis/cursussen"]]
    lines = heard.text.split("\n\n")[0].splitlines()
    assert [line[:16] for line in lines[1:]] == [
        "<b>woensdag 25 n",
        "• 19:00 - 21:00:",
        "<b>donderdag 26 ",
        "• 10:00 - 12:00:",
        "• 14:00 - 16:00:",
    ]


@pytest.mark.parametrize(("values", "note"), [({"is_sample": True}, "opening/sample"), ({}, "opening/unconfirmed")])
def test_courses_that_staff_have_not_confirmed_are_said_so(
    chat: Chat, store: sessionmaker[Session], values: dict[str, object], note: str
) -> None:
    with store.begin() as session:
        make_course(session, **values)
    heard = chat.ask(Courses(), "cursussen", "welkomhuis_cursussen")
    assert heard.names == [[note, "courses/none", "courses/dayless", "welkomhuis/cursussen"]]


def test_every_language_is_offered_by_its_own_name(chat: Chat) -> None:
    heard = chat.ask(OfferLanguages(), "taal", "bot_taal")
    assert heard.buttons[: len(LANGUAGES)] == [
        (own, f'/choose_language{{"language": "{code}"}}') for code, own in LANGUAGES.items()
    ]
