from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from io import StringIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import vobject
from dateutil.tz import tzical
from sqlalchemy import select
from sqlalchemy.orm import Session

from service import outbox
from service.appointments import book_appointment, cancel_appointment, move_appointment
from service.calendar_file import FILE_DELAY, calendar_file, caption_of, route_link, send_calendar
from service.clock import AMSTERDAM
from service.days import moment_of
from service.newcomers import erase_newcomer
from store.messages import Notification, NotificationState
from store.models import Appointment, AppointmentStatus, Mode
from tests.factories import make_appointment, make_coach, make_newcomer, make_place, make_request, make_week

FRIDAY = date(2026, 11, 27)
DESCRIPTION = "Met een coach; bel 14 030, of\nkom"
CLOCK_CHANGES = (date(2026, 10, 25), date(2027, 3, 28), date(2027, 10, 31))

CLOCK = """\
BEGIN:VTIMEZONE
TZID:Europe/Amsterdam
BEGIN:DAYLIGHT
DTSTART:19960331T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
TZNAME:CEST
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZNAME:CET
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
"""


def _appointment(session: Session, **values: Any) -> Appointment:
    place = values.pop("place", None) or make_place(session)
    return make_appointment(session, make_newcomer(session), make_coach(session), place, **values)


def _file(appointment: Appointment) -> str:
    return calendar_file(
        appointment, summary="Gesprek (Geld)", description="Met een coach; bel 14 030, of\nkom"
    ).decode()


def _read(appointment: Appointment) -> Any:
    """Read a file back with another library than wrote it."""
    return vobject.readOne(_file(appointment))


def _clock_in(written: str) -> tzinfo:
    """Read the clock that a file describes, without looking up what anybody else knows of Amsterdam."""
    begin, end = written.index("BEGIN:VTIMEZONE"), written.index("BEGIN:VEVENT")
    clock = tzical(StringIO(written[begin:end])).get()
    assert clock is not None
    return clock


def _files(session: Session, appointment: Appointment) -> list[Notification]:
    query = select(Notification).where(
        Notification.appointment_id == appointment.id, Notification.name == "calendar/file"
    )
    return list(session.scalars(query.order_by(Notification.id)))


# The file.


def test_another_library_reads_all_that_it_says(session: Session, now: datetime) -> None:
    place = make_place(session, name="Welkomhuis", address="Straat 1", postcode="3500 AA", confirmed_on=FRIDAY)
    appointment = _appointment(session, place=place, starts_at=moment_of(FRIDAY, time(14)))
    calendar = _read(appointment)
    event = calendar.vevent
    assert calendar.validate()
    assert (calendar.version.value, calendar.method.value) == ("2.0", "PUBLISH")
    assert (event.summary.value, event.description.value) == ("Gesprek (Geld)", DESCRIPTION)
    assert event.location.value == "Welkomhuis, Straat 1, 3500 AA"
    assert (event.status.value, event.sequence.value) == ("CONFIRMED", "0")
    assert event.dtstamp.value == now
    assert (event.dtstart.value, event.dtend.value) == (appointment.starts_at, appointment.ends_at)
    assert event.dtstart.params["X-VOBJ-ORIGINAL-TZID"] == event.dtend.params["X-VOBJ-ORIGINAL-TZID"]
    assert event.dtstart.params["X-VOBJ-ORIGINAL-TZID"] == [calendar.vtimezone.tzid.value] == ["Europe/Amsterdam"]
    assert event.organizer.params["CN"] == [appointment.coach.organisation.name]
    assert event.organizer.value.startswith("urn:uuid:")


def test_its_lines_are_as_the_standard_wants(session: Session) -> None:
    appointment = _appointment(session)
    text = calendar_file(appointment, summary="ዘረባ ምስ ኣማኻሪ " * 20, description="x" * 200)
    lines = text.split(b"\r\n")
    assert lines[-1] == b""
    assert not any(b"\n" in line for line in lines)
    assert max(map(len, lines)) <= 75
    assert vobject.readOne(text.decode()).vevent.summary.value == "ዘረባ ምስ ኣማኻሪ " * 20


def test_every_component_has_what_it_must_and_ends(session: Session) -> None:
    lines = [line for line in _file(_appointment(session)).split("\r\n") if line and line[0] != " "]
    begun = [line.removeprefix("BEGIN:") for line in lines if line.startswith("BEGIN:")]
    assert begun == ["VCALENDAR", "VTIMEZONE", "DAYLIGHT", "STANDARD", "VEVENT"]
    assert sorted(begun) == sorted(line.removeprefix("END:") for line in lines if line.startswith("END:"))
    names = [line.replace(";", ":").split(":")[0] for line in lines]
    for once in ("PRODID", "VERSION", "METHOD", "UID", "DTSTAMP", "SEQUENCE", "ORGANIZER", "STATUS", "SUMMARY"):
        assert names.count(once) == 1


def test_what_is_not_confirmed_is_no_address(session: Session) -> None:
    place = make_place(session, name="Welkomhuis", address="Straat 1")
    assert _read(_appointment(session, place=place)).vevent.location.value == "Welkomhuis"


def test_a_talk_by_telephone_is_nowhere(session: Session) -> None:
    assert not hasattr(_read(_appointment(session, mode=Mode.TELEPHONE)).vevent, "location")


@pytest.mark.parametrize("day", [day + timedelta(days=ahead) for day in CLOCK_CHANGES for ahead in (-1, 0, 1)])
@pytest.mark.parametrize("local", [time(0, 30), time(1, 55), time(4), time(9, 30), time(22)])
def test_the_local_time_is_right_around_both_changes_of_the_clock(session: Session, day: date, local: time) -> None:
    appointment = _appointment(session, starts_at=moment_of(day, local))
    written = _file(appointment)
    assert f"DTSTART;TZID=Europe/Amsterdam:{day:%Y%m%d}T{local:%H%M%S}\r\n" in written
    its_own_clock = _clock_in(written)
    assert datetime.combine(day, local, its_own_clock).astimezone(UTC) == appointment.starts_at
    event = vobject.readOne(written).vevent
    assert event.dtstart.value.astimezone(UTC) == appointment.starts_at
    assert event.dtend.value.astimezone(UTC) == appointment.ends_at


def test_its_clock_is_written_as_the_standard_wants(session: Session) -> None:
    written = _file(_appointment(session)).replace("\r\n", "\n")
    assert written[written.index("BEGIN:VTIMEZONE") : written.index("BEGIN:VEVENT")] == CLOCK


def test_its_clock_is_that_of_amsterdam_for_years(session: Session) -> None:
    written = _file(_appointment(session))
    its_own_clock = _clock_in(written)
    for day in range(365 * 8):
        noon = datetime(2026, 1, 1, 12, tzinfo=AMSTERDAM) + timedelta(days=day)
        assert noon.replace(tzinfo=its_own_clock).utcoffset() == noon.utcoffset()


def test_an_appointment_keeps_its_id_and_each_change_has_a_higher_number(session: Session, now: datetime) -> None:
    newcomer, coach = make_newcomer(session), make_coach(session)
    make_week(session, coach)
    appointment = book_appointment(session, newcomer, make_request(coach, moment_of(FRIDAY, time(14))), now)
    booked = _read(appointment).vevent
    later = now + timedelta(minutes=1)
    move_appointment(session, newcomer, appointment.id, moment_of(FRIDAY, time(10)), coach.id, later)
    moved = _read(appointment).vevent
    cancel_appointment(session, newcomer, appointment.id, later)
    calendar = _read(appointment)
    cancelled = calendar.vevent
    assert booked.uid.value == moved.uid.value == cancelled.uid.value
    assert [event.sequence.value for event in (booked, moved, cancelled)] == ["0", "1", "2"]
    assert (booked.dtstamp.value, moved.dtstamp.value) == (now, later)
    assert moved.dtstart.value == moment_of(FRIDAY, time(10))
    assert (calendar.method.value, cancelled.status.value) == ("CANCEL", "CANCELLED")
    assert calendar.validate()


def test_two_appointments_have_two_ids_and_one_organisation_one(session: Session) -> None:
    coach = make_coach(session)
    place, newcomer = make_place(session), make_newcomer(session)
    one, other = (_read(make_appointment(session, newcomer, coach, place)).vevent for _ in range(2))
    assert one.uid.value != other.uid.value
    assert one.organizer.value == other.organizer.value != _read(_appointment(session)).vevent.organizer.value


def test_the_words_with_the_file_say_what_it_does(session: Session) -> None:
    appointment = _appointment(session)
    assert caption_of(appointment) == "calendar/caption_booked"
    appointment.sequence = 1
    assert caption_of(appointment) == "calendar/caption_moved"
    appointment.status = AppointmentStatus.CANCELLED
    assert caption_of(appointment) == "calendar/caption_cancelled"


# Sending it.


def test_the_file_goes_out_just_after_the_answer(session: Session, now: datetime) -> None:
    appointment = _appointment(session)
    send_calendar(session, appointment, now)
    (file,) = _files(session, appointment)
    assert (file.newcomer_id, file.deliver_at) == (appointment.newcomer_id, now + FILE_DELAY)
    assert not file.keeps_quiet
    assert outbox.claim_due(session, now, 10) == []
    assert [due.name for due in outbox.claim_due(session, now + FILE_DELAY, 10)] == ["calendar/file"]


def test_the_file_of_what_a_coach_changed_waits_for_the_morning(session: Session, now: datetime) -> None:
    appointment = _appointment(session)
    send_calendar(session, appointment, now, keeps_quiet=True)
    assert _files(session, appointment)[0].keeps_quiet


def test_a_later_file_replaces_one_that_was_not_sent(session: Session, now: datetime) -> None:
    appointment, other = _appointment(session), _appointment(session)
    send_calendar(session, other, now)
    send_calendar(session, appointment, now)
    outbox.settle_sent(session, _files(session, appointment)[0].id, 1, now)
    for seconds in (10, 11):
        send_calendar(session, appointment, now + timedelta(seconds=seconds))
    sent, waiting = _files(session, appointment)
    session.expire_all()
    assert (sent.state, waiting.state) == (NotificationState.SENT, NotificationState.PENDING)
    assert waiting.created_at == now + timedelta(seconds=11)
    assert len(_files(session, other)) == 1


def test_nobody_takes_out_of_a_calendar_what_never_was_in_it(session: Session, now: datetime) -> None:
    appointment = _appointment(session)
    send_calendar(session, appointment, now)
    appointment.status = AppointmentStatus.CANCELLED
    send_calendar(session, appointment, now)
    assert _files(session, appointment) == []


def test_a_file_that_is_on_its_way_is_taken_out_of_the_calendar_again(session: Session, now: datetime) -> None:
    appointment = _appointment(session)
    send_calendar(session, appointment, now)
    at = now + FILE_DELAY
    (due,) = outbox.claim_due(session, at, 10)
    send_calendar(session, appointment, at)  # moved
    appointment.status = AppointmentStatus.CANCELLED
    send_calendar(session, appointment, at)
    outbox.settle_sent(session, due.id, 1, at)
    assert [one.id for one in outbox.claim_due(session, at + FILE_DELAY, 10)] == [_files(session, appointment)[1].id]


def test_what_was_sent_is_taken_out_of_the_calendar(session: Session, now: datetime) -> None:
    appointment = _appointment(session)
    send_calendar(session, appointment, now)
    outbox.settle_sent(session, _files(session, appointment)[0].id, 1, now)
    send_calendar(session, appointment, now)  # moved
    appointment.status = AppointmentStatus.CANCELLED
    send_calendar(session, appointment, now)
    assert len(_files(session, appointment)) == 2


def test_booking_moving_and_cancelling_each_send_the_file(session: Session, now: datetime) -> None:
    newcomer, coach = make_newcomer(session), make_coach(session)
    make_week(session, coach)
    appointment = book_appointment(session, newcomer, make_request(coach, moment_of(FRIDAY, time(14))), now)
    for sent, act in enumerate(
        (
            lambda: move_appointment(session, newcomer, appointment.id, moment_of(FRIDAY, time(10)), coach.id, now),
            lambda: cancel_appointment(session, newcomer, appointment.id, now),
        ),
        start=1,
    ):
        assert len(_files(session, appointment)) == sent
        outbox.settle_sent(session, _files(session, appointment)[-1].id, sent, now)
        act()
    assert len(_files(session, appointment)) == 3


def test_who_is_erased_gets_nothing(session: Session, now: datetime) -> None:
    newcomer, coach = make_newcomer(session), make_coach(session)
    make_week(session, coach)
    appointment = book_appointment(session, newcomer, make_request(coach, moment_of(FRIDAY, time(14))), now)
    erase_newcomer(session, newcomer, now)
    assert _files(session, appointment) == []
    send_calendar(session, appointment, now)
    assert _files(session, appointment) == []


# The way there.


def test_the_way_is_shown_to_a_confirmed_address(session: Session) -> None:
    place = make_place(session, address="Straat 1 & 2", postcode="3500 AA", confirmed_on=FRIDAY)
    link = urlsplit(route_link(place) or "")
    assert (link.scheme, link.netloc, link.path) == ("https", "www.google.com", "/maps/dir/")
    assert parse_qs(link.query) == {"api": ["1"], "destination": ["Straat 1 & 2, 3500 AA, Utrecht"]}


def test_without_an_address_the_way_is_shown_to_the_spot(session: Session) -> None:
    place = make_place(session, latitude=52.09, longitude=5.12, confirmed_on=FRIDAY)
    assert parse_qs(urlsplit(route_link(place) or "").query)["destination"] == ["52.09,5.12"]


@pytest.mark.parametrize("values", [{"address": "Straat 1"}, {"confirmed_on": FRIDAY}])
def test_no_way_is_shown_to_where_nobody_is_sure_of(session: Session, values: dict[str, Any]) -> None:
    assert route_link(make_place(session, **values)) is None
