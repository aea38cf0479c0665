from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from service.clock import Clock
from service.coaches import coach_of, link_coach
from service.days import local_day
from service.opening import find_place, hours_on
from service.staff.__main__ import main
from store.engine import close_sessions, make_sessions
from store.models import Coach, Place
from tests.factories import make_appointment, make_newcomer


class Desk:
    """Runs commands as staff do, and keeps what they print."""

    def __init__(self, url: str, capsys: pytest.CaptureFixture[str]) -> None:
        self.sessions: sessionmaker[Session] = make_sessions(url)
        self._environ = {"WEGWIJS_DATABASE_URL": url}
        self._capsys = capsys
        self.out = self.err = ""

    def run(self, *arguments: str) -> int:
        try:
            code = main(arguments, self._environ)
        except SystemExit as stopped:
            code = int(stopped.code or 0)
        self.out, self.err = self._capsys.readouterr()
        return code


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    made = Desk(f"sqlite:///{tmp_path / 'staff.db'}", capsys)
    assert made.run("place", "add", "welkomhuis", "Welkomhuis", "--kind", "welkomhuis") == 0
    assert made.run("organisation", "add", "gemeente", "Gemeente Utrecht") == 0
    assert made.run("coach", "add", "Voorbeeldcoach", "--organisation", "gemeente") == 0
    yield made
    close_sessions(made.sessions)


def place_of(session: Session) -> Place:
    place = find_place(session, "welkomhuis")
    assert place is not None
    return place


def next_monday() -> datetime:
    now = Clock().now()
    return now + timedelta(days=7 - now.weekday())


def test_opening_times_are_set_and_confirmed(desk: Desk) -> None:
    assert desk.run("opening", "set", "welkomhuis", "monday", "09:00-12:00", "13:00-17:00") == 0
    assert "09:00-12:00, 13:00-17:00 (niet bevestigd)" in desk.out
    assert desk.run("opening", "confirm", "welkomhuis") == 0
    with desk.sessions() as session:
        rows = place_of(session).opening_times
        assert [(row.weekday, f"{row.opens:%H:%M}", f"{row.closes:%H:%M}") for row in rows] == [
            (0, "09:00", "12:00"),
            (0, "13:00", "17:00"),
        ]
        assert {row.confirmed_on for row in rows} == {local_day(Clock().now())}
    assert desk.run("opening", "unconfirm", "welkomhuis") == 0
    assert "niet bevestigd" in desk.out


def test_times_that_are_set_anew_must_be_confirmed_anew(desk: Desk) -> None:
    desk.run("opening", "set", "welkomhuis", "maandag", "09:00-12:00")
    desk.run("opening", "confirm", "welkomhuis")
    desk.run("opening", "set", "welkomhuis", "maandag", "10:00-12:00")
    assert "10:00-12:00 (niet bevestigd)" in desk.out


def test_a_day_of_the_week_is_closed(desk: Desk) -> None:
    desk.run("opening", "set", "welkomhuis", "maandag", "09:00-12:00")
    assert desk.run("opening", "set", "welkomhuis", "maandag", "dicht") == 0
    with desk.sessions() as session:
        assert place_of(session).opening_times == []


def test_one_date_is_closed_changed_and_cleared(desk: Desk) -> None:
    day = local_day(next_monday())
    assert desk.run("opening", "close", "welkomhuis", f"{day}", "--reason", "Studiedag") == 0
    assert "dicht, Studiedag" in desk.out
    assert desk.run("opening", "except", "welkomhuis", f"{day:%d-%m-%Y}", "10:00-12:00") == 0
    with desk.sessions() as session:
        hours = hours_on(session, place_of(session), day)
        assert [(f"{span.opens:%H:%M}", f"{span.closes:%H:%M}") for span in hours.spans] == [("10:00", "12:00")]
        assert hours.reason is None
    assert desk.run("opening", "clear", "welkomhuis", f"{day}") == 0
    assert desk.run("opening", "clear", "welkomhuis", f"{day}") == 2
    assert "geen uitzondering" in desk.err


def test_appointments_on_a_day_that_closes_are_named(desk: Desk) -> None:
    start = next_monday().replace(hour=9, minute=0, second=0, microsecond=0)
    with desk.sessions.begin() as session:
        coach = session.scalars(select(Coach)).one()
        make_appointment(session, make_newcomer(session), coach, place_of(session), starts_at=start)
    desk.run("opening", "close", "welkomhuis", f"{local_day(start)}")
    assert "staan nog afspraken: 1" in desk.out
    desk.run("opening", "except", "welkomhuis", f"{local_day(start)}", "08:00-18:00")
    assert "Let op" not in desk.out


def test_every_fault_is_named_and_nothing_is_done(desk: Desk) -> None:
    assert desk.run("opening", "set", "nergens", "mandag", "12:00-09:00", "9-12", "25:00-26:00") == 2
    for fault in ("nergens", "mandag", "12:00-09:00", "“9-12”", "25:00-26:00"):
        assert fault in desk.err
    assert desk.out == ""
    assert desk.run("opening", "set", "welkomhuis", "maandag", "09:00-12:00", "11:00-13:00") == 2
    assert "door elkaar" in desk.err
    with desk.sessions() as session:
        assert place_of(session).opening_times == []


@pytest.mark.parametrize("day", ["2020-01-01", "31-02-2027", "morgen"])
def test_a_date_that_cannot_be_is_refused(desk: Desk, day: str) -> None:
    assert desk.run("opening", "close", "welkomhuis", day) == 2
    assert day in desk.err


def test_an_address_is_set_and_confirmed(desk: Desk) -> None:
    assert desk.run("place", "confirm", "welkomhuis") == 2
    assert "nog geen adres" in desk.err
    assert desk.run("place", "set", "welkomhuis") == 2
    assert desk.run("place", "set", "welkomhuis", "--address", "Stadsplateau 1", "--postcode", "3521 AZ") == 0
    assert "niet bevestigd" in desk.out
    assert desk.run("place", "confirm", "welkomhuis") == 0
    assert "Stadsplateau 1" in desk.out
    with desk.sessions() as session:
        assert place_of(session).confirmed_on == local_day(Clock().now())
    assert desk.run("place", "unconfirm", "welkomhuis") == 0
    assert desk.run("places") == 0
    assert "welkomhuis" in desk.out


def test_a_key_or_name_that_is_there_is_refused(desk: Desk) -> None:
    assert desk.run("place", "add", "welkomhuis", "Nog een") == 2
    assert desk.run("place", "add", "Wel Komhuis", "Nog een") == 2
    assert desk.run("organisation", "add", "gemeente", "Nog een") == 2
    assert desk.run("coach", "add", "Voorbeeldcoach", "--organisation", "gemeente") == 2
    assert "is er al" in desk.err


def test_a_coach_needs_an_organisation_and_a_length(desk: Desk) -> None:
    assert desk.run("coach", "add", "Coach", "--organisation", "x", "--minutes", "7", "--buffer", "3") == 2
    assert "Er zijn: gemeente." in desk.err
    assert "Duur" in desk.err
    assert "Pauze" in desk.err
    assert desk.run("coach", "add", "Coach") == 2
    assert "--organisation" in desk.err


def test_a_coach_links_with_the_code(desk: Desk) -> None:
    assert desk.run("coach", "code", "1") == 0
    code = re.search(r"/koppel (\S+)", desk.out)
    assert code
    with desk.sessions.begin() as session:
        link_coach(session, code[1], 42, Clock().now())
        assert coach_of(session, 42) is not None
    desk.run("coach", "list")
    assert "Telegram gekoppeld" in desk.out


def test_a_coach_is_switched_off_and_on(desk: Desk) -> None:
    with desk.sessions.begin() as session:
        coach = session.scalars(select(Coach)).one()
        start = Clock().now() + timedelta(days=1)
        make_appointment(session, None, coach, place_of(session), starts_at=start)
    assert desk.run("coach", "deactivate", "1") == 0
    assert "niet actief" in desk.out
    assert "staan nog afspraken: 1" in desk.out
    assert desk.run("coach", "code", "1") == 2
    assert desk.run("coach", "activate", "1") == 0
    assert desk.run("coach", "code", "1") == 0


def test_availability_is_set_per_day(desk: Desk) -> None:
    assert desk.run("coach", "availability", "set", "1", "maandag", "09:00-12:00", "13:00-16:30") == 0
    assert "maandag    09:00-12:00, 13:00-16:30 (Welkomhuis)" in desk.out
    assert desk.run("coach", "availability", "set", "1", "maandag", "09:02-12:00") == 2
    assert "per vijf minuten" in desk.err
    assert desk.run("coach", "availability", "set", "1", "maandag", "geen") == 0
    assert desk.run("coach", "availability", "show", "1") == 0
    assert "maandag    geen" in desk.out
    assert desk.run("coach", "availability", "set", "9", "maandag", "geen") == 2


@pytest.mark.parametrize("arguments", [[], ["coach"], ["opening", "paint"], ["coach", "add", "A", "--minutes", "x"]])
def test_a_command_that_does_not_exist_is_explained(desk: Desk, arguments: list[str]) -> None:
    assert desk.run(*arguments) == 2
    assert "Dit commando klopt niet" in desk.err
    assert "usage:" in desk.err


def test_wrong_settings_are_named(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["places"], {"WEGWIJS_DATABASE_URL": "mysql://x"}) == 2
    assert "WEGWIJS_DATABASE_URL" in capsys.readouterr().err


def test_a_store_that_does_not_answer_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["places"], {"WEGWIJS_DATABASE_URL": "postgresql://user:geheim@127.0.0.1:1/none"}) == 1
    said = capsys.readouterr().err
    assert "De database werkt niet" in said
    assert "geheim" not in said
