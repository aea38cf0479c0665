"""A booking that is left is forgotten after an hour. That it was is found before Rasa hears the next message."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import yaml

from bot.acts import FORM, SESSION
from service.settings import ROOT
from service.trackers import Trackers
from tests.dialogues.stage import Person

BEFORE, AFTER = timedelta(minutes=55), timedelta(minutes=65)


@pytest.fixture
def trackers(stage_settings: dict[str, str]) -> Iterator[Trackers]:
    opened = Trackers(stage_settings["WEGWIJS_TRACKER_URL"])
    yield opened
    opened.close()


@pytest.fixture
def booking(person: Person) -> Person:
    """Somebody who has answered the first question of a booking."""
    person.say("/coach_afspraak")
    person.say('/inform{"area": "money"}')
    return person


def left(trackers: Trackers, person: Person) -> str | None:
    return trackers.left_form(person.ref, datetime.now(UTC) - SESSION)


def test_a_session_is_as_long_as_the_domain_says() -> None:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text())
    assert timedelta(minutes=domain["session_config"]["session_expiration_time"]) == SESSION


def test_a_booking_that_was_left_is_forgotten_and_found(
    booking: Person, trackers: Trackers, stage_settings: dict[str, str]
) -> None:
    booking.be_silent(stage_settings["WEGWIJS_TRACKER_URL"], AFTER)
    assert left(trackers, booking) == FORM
    assert booking.say('/topic{"topic": "wet/termijn"}').flat == ["wet/termijn"]
    tracker = booking.tracker()
    assert (tracker["active_loop"], tracker["slots"]["area"]) == ({}, None)
    booking.be_silent(stage_settings["WEGWIJS_TRACKER_URL"], AFTER)
    assert left(trackers, booking) is None


def test_a_booking_waits_nearly_an_hour(booking: Person, trackers: Trackers, stage_settings: dict[str, str]) -> None:
    booking.be_silent(stage_settings["WEGWIJS_TRACKER_URL"], BEFORE)
    assert left(trackers, booking) is None
    answer = booking.say('/topic{"topic": "wet/termijn"}')
    assert answer.names[0] == ["wet/termijn"]
    assert answer.names[1][0] == "booking/back"


def test_a_button_of_a_forgotten_booking_books_nothing(booking: Person, stage_settings: dict[str, str]) -> None:
    booking.be_silent(stage_settings["WEGWIJS_TRACKER_URL"], AFTER)
    assert booking.say('/inform{"time": "2026-11-26T09:00:00+00:00|1"}').flat == ["booking/old_button"]
    assert booking.tracker()["active_loop"] == {}


def test_who_booked_or_stopped_left_nothing(person: Person, trackers: Trackers, stage_settings: dict[str, str]) -> None:
    person.say("/coach_afspraak")
    person.say("/stop")
    person.be_silent(stage_settings["WEGWIJS_TRACKER_URL"], AFTER)
    assert left(trackers, person) is None
