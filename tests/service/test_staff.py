from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from service.availability import free_times
from service.clock import AMSTERDAM, Clock
from service.coaches import coach_of, link_coach
from service.days import local_day
from service.opening import find_place, holiday_on, hours_on
from service.staff.__main__ import main
from store.engine import close_sessions, make_sessions
from store.models import Appointment, AppointmentStatus, Area, Coach, Leave, LeaveKind, Mode, Place
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
    assert "coach leave add 1" in desk.out
    assert desk.run("coach", "code", "1") == 2
    assert desk.run("coach", "activate", "1") == 0
    assert "Let op" not in desk.out
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


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=AMSTERDAM)


def book(desk: Desk, starts_at: datetime, **values: Any) -> None:
    with desk.sessions.begin() as session:
        coach = session.scalars(select(Coach)).one()
        make_appointment(session, make_newcomer(session), coach, place_of(session), starts_at=starts_at, **values)


def starts_of(desk: Desk, day: date) -> list[str]:
    with desk.sessions() as session:
        return [f"{free.starts_at.astimezone(AMSTERDAM):%H:%M}" for free in free_times(session, day, Clock().now())]


def working_monday() -> date:
    """Give a Monday to come on which nothing is closed: Easter has one too."""
    monday = local_day(next_monday())
    return next(day for day in (monday, monday + timedelta(days=7)) if holiday_on(day) is None)


def test_languages_areas_and_limits_of_a_coach_are_set(desk: Desk) -> None:
    limits = ["--minutes", "45", "--buffer", "15", "--most-a-day", "6", "--notice", "120", "--ahead", "14"]
    chosen = ["--languages", "nl, AR,en", "--areas", "geld,work,geld", "--change", "60", "--name", "Coach B"]
    assert desk.run("coach", "set", "1", *limits, *chosen) == 0
    for words in ("Coach B", "Nederlands, Arabisch, Engels", "geld, werk", "hoogstens 6", "van 120 minuten tot 14"):
        assert words in desk.out
    with desk.sessions() as session:
        coach = session.scalars(select(Coach)).one()
        assert [row.language for row in coach.languages] == ["ar", "en"]
        assert {row.area for row in coach.areas} == {Area.MONEY, Area.WORK}
        assert (coach.appointment_minutes, coach.buffer_minutes, coach.most_a_day) == (45, 15, 6)
        assert (coach.notice_minutes, coach.ahead_days, coach.change_minutes) == (120, 14, 60)


def test_what_is_not_given_of_a_coach_stays_and_it_can_be_taken_back(desk: Desk) -> None:
    desk.run("coach", "set", "1", "--languages", "ar", "--areas", "geld", "--most-a-day", "6")
    assert desk.run("coach", "set", "1", "--languages", "tr") == 0
    assert "Nederlands, Turks\n" in desk.out
    assert "onderwerpen: geld\n" in desk.out
    assert "hoogstens 6" in desk.out
    assert desk.run("coach", "set", "1", "--languages", "geen", "--areas", "alle", "--most-a-day", "geen") == 0
    assert desk.run("coach", "show", "1") == 0
    for words in ("talen: Nederlands\n", "onderwerpen: alle\n", "zoveel als er passen", "tot het begin"):
        assert words in desk.out


def test_every_fault_of_a_coach_is_named_and_nothing_is_done(desk: Desk) -> None:
    wrong = {
        "--minutes": "7",
        "--buffer": "x",
        "--most-a-day": "0",
        "--notice": "-5",
        "--ahead": "1000",
        "--change": "3",
        "--languages": "ar,xx",
        "--areas": "geld,maan",
    }
    assert desk.run("coach", "set", "1", *(f"{option}={typed}" for option, typed in wrong.items())) == 2
    for fault in ("“7”", "“x”", "“0”", "“-5”", "“1000”", "“3”", "“xx”", "“maan”"):
        assert fault in desk.err
    desk.run("coach", "show", "1")
    assert "talen: Nederlands\n" in desk.out
    assert desk.run("coach", "set", "1") == 2
    assert "--languages" in desk.err
    assert desk.run("coach", "set", "1", "--name", " ") == 2


@pytest.mark.parametrize("languages", ["", ",", "ar,,en"])
def test_an_empty_language_is_no_language(desk: Desk, languages: str) -> None:
    assert desk.run("coach", "set", "1", "--languages", languages) == 2
    assert "bestaat niet" in desk.err


def test_limits_that_leave_nothing_to_book_are_refused(desk: Desk) -> None:
    assert desk.run("coach", "set", "1", "--notice", "1440", "--ahead", "1") == 2
    assert "niets te boeken" in desk.err
    assert desk.run("coach", "set", "1", "--notice", "1435", "--ahead", "1") == 0
    assert desk.run("coach", "set", "1", "--notice", "2880") == 2
    assert desk.run("coach", "set", "1", "--notice", "0") == 0


def test_a_day_has_spans_at_two_places_and_by_telephone(desk: Desk) -> None:
    desk.run("place", "add", "neude", "Bibliotheek Neude")
    available = ["coach", "availability", "set", "1", "maandag"]
    assert desk.run(*available, "09:00-10:00") == 0
    assert desk.run(*available, "11:00-12:00", "--place", "neude", "--add") == 0
    assert desk.run(*available, "18:00-19:00", "--mode", "telefoon", "--add") == 0
    words = "09:00-10:00 (Welkomhuis), 11:00-12:00 (Bibliotheek Neude), 18:00-19:00 (Welkomhuis, alleen telefoon)"
    assert words in desk.out
    assert desk.run(*available, "09:30-10:30", "--add") == 2
    assert "09:30-10:30 valt samen met 09:00-10:00" in desk.err
    assert desk.run(*available, "13:00-14:00", "--mode", "brief") == 2
    assert "brief" in desk.err
    with desk.sessions() as session:
        rows = session.scalars(select(Coach)).one().availability
        assert [(row.place.key, row.mode) for row in rows] == [
            ("welkomhuis", None),
            ("neude", None),
            ("welkomhuis", Mode.TELEPHONE),
        ]
    assert desk.run(*available, "09:00-10:00", "--mode", "beide") == 0
    assert "maandag    09:00-10:00 (Welkomhuis)\n" in desk.out


def test_a_coach_has_other_times_on_one_date(desk: Desk) -> None:
    day = working_monday()
    desk.run("coach", "availability", "set", "1", "maandag", "09:00-10:00")
    other = ["coach", "availability", "except", "1", f"{day}"]
    assert desk.run(*other, "14:00-14:30", "--add") == 2
    assert "nog geen andere tijden" in desk.err
    assert desk.run(*other, "13:00-14:00") == 0
    assert "andere tijden op deze datum" in desk.out
    assert desk.run(*other, "14:00-14:30", "--add") == 0
    assert starts_of(desk, day) == ["13:00", "13:30", "14:00"]
    assert desk.run(*other, "13:30-14:30", "--add") == 2
    assert desk.run(*other, "geen", "--add") == 2
    assert desk.run("coach", "availability", "show", "1") == 0
    assert f"{day:%d-%m-%Y} 13:00-14:00, 14:00-14:30 (Welkomhuis)" in desk.out
    assert desk.run(*other, "geen") == 0
    assert starts_of(desk, day) == []
    assert desk.run("coach", "availability", "clear", "1", f"{day}") == 0
    assert starts_of(desk, day) == ["09:00", "09:30"]
    assert desk.run("coach", "availability", "clear", "1", f"{day}") == 2


def test_a_day_of_a_coach_is_shown(desk: Desk) -> None:
    day = working_monday()
    desk.run("coach", "availability", "set", "1", "maandag", "09:00-10:00")
    assert desk.run("coach", "availability", "show", "1", f"{day}") == 0
    assert f"maandag {day:%d-%m-%Y}: 09:00-10:00 (Welkomhuis)" in desk.out
    assert "geboekt: niets" in desk.out
    assert "vrij: 09:00, 09:30" in desk.out
    book(desk, at(day, 9))
    desk.run("coach", "leave", "add", "1", f"{day + timedelta(days=1)}")
    desk.run("coach", "availability", "show", "1", f"{day}")
    assert "geboekt: 09:00" in desk.out
    assert "let op" not in desk.out
    desk.run("coach", "leave", "add", "1", f"{day}", "--sick", "--cancel-appointments")
    desk.run("coach", "availability", "show", "1", f"{day}")
    assert "let op: ziek" in desk.out
    assert "geboekt: niets" in desk.out
    assert "vrij: niets" in desk.out


def test_appointments_outside_the_new_times_of_a_coach_are_named(desk: Desk) -> None:
    day = working_monday()
    book(desk, at(day, 9, 30), area=Area.WORK, mode=Mode.TELEPHONE)
    available = ["coach", "availability", "set", "1", "maandag"]
    desk.run(*available, "09:00-12:00")
    assert "Let op" not in desk.out
    desk.run(*available, "09:00-09:45")
    assert "staan nog afspraken: 1" in desk.out
    assert f"{day:%d-%m-%Y} 09:30 (werk, telefoon)" in desk.out
    desk.run("coach", "availability", "except", "1", f"{day}", "09:30-10:00")
    assert "Let op" not in desk.out
    desk.run(*available, "geen")
    assert "Let op" not in desk.out
    desk.run("coach", "availability", "clear", "1", f"{day}")
    assert "staan nog afspraken: 1" in desk.out


def test_an_appointment_at_a_place_where_the_coach_is_no_more_is_named(desk: Desk) -> None:
    day = working_monday()
    desk.run("place", "add", "neude", "Bibliotheek Neude")
    book(desk, at(day, 9))
    desk.run("coach", "availability", "set", "1", "maandag", "09:00-12:00", "--place", "neude")
    assert "staan nog afspraken: 1" in desk.out


def test_leave_is_added_shown_and_ended(desk: Desk) -> None:
    first = working_monday()
    last = first + timedelta(days=4)
    desk.run("coach", "leave", "list", "1")
    assert "geen verlof" in desk.out
    assert desk.run("coach", "leave", "add", "1", f"{first}", f"{last}") == 0
    assert f"verlof: {first:%d-%m-%Y} tot en met {last:%d-%m-%Y}" in desk.out
    assert "Afgezegd" not in desk.out
    back = first + timedelta(days=2)
    assert desk.run("coach", "leave", "end", "1", f"{back}") == 0
    assert f"tot en met {first + timedelta(days=1):%d-%m-%Y}" in desk.out
    assert desk.run("coach", "leave", "end", "1", f"{back}") == 2
    assert desk.run("coach", "leave", "end", "1") == 2
    assert "geen verlof" in desk.err
    assert desk.run("coach", "leave", "add", "1", f"{local_day(Clock().now())}", "--sick") == 0
    with desk.sessions() as session:
        assert [row.kind for row in session.scalars(select(Leave).order_by(Leave.id))] == [
            LeaveKind.LEAVE,
            LeaveKind.SICK,
        ]
    assert desk.run("coach", "leave", "end", "1") == 0


def test_leave_with_appointments_goes_on_only_when_staff_say_so(desk: Desk) -> None:
    day = working_monday()
    book(desk, at(day, 9, 30))
    leave = ["coach", "leave", "add", "1", f"{day}", f"{day + timedelta(days=1)}"]
    assert desk.run(*leave) == 2
    assert f"{day:%d-%m-%Y} 09:30 (geld, locatie)" in desk.err
    assert "Sami" not in desk.err
    assert "--cancel-appointments" in desk.err
    with desk.sessions() as session:
        assert session.scalars(select(Leave)).all() == []
        assert session.scalars(select(Appointment.status)).one() is AppointmentStatus.BOOKED
    assert desk.run(*leave, "--cancel-appointments") == 0
    assert "Afgezegd: 1." in desk.out
    with desk.sessions() as session:
        assert session.scalars(select(Appointment.status)).one() is AppointmentStatus.CANCELLED


def test_leave_that_cannot_be_is_refused(desk: Desk) -> None:
    day = working_monday()
    assert desk.run("coach", "leave", "add", "1", f"{day}", f"{day - timedelta(days=1)}") == 2
    assert "ligt voor de eerste" in desk.err
    assert desk.run("coach", "leave", "add", "1", f"{day}", f"{day + timedelta(days=400)}") == 2
    assert "langer dan een jaar" in desk.err
    assert desk.run("coach", "leave", "add", "9", "2020-01-01", "morgen") == 2
    for fault in ("“9”", "2020-01-01", "morgen"):
        assert fault in desk.err


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
