from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import httpx
import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session, sessionmaker

from store.engine import close_sessions, make_sessions
from store.messages import Notification
from store.migrate import migrate
from store.models import Appointment, AppointmentStep, HandOff, TimeOffer, WaitingEntry
from tests.dialogues import stage
from tests.dialogues.stage import Person
from tests.e2e.stack import free_port
from tests.factories import (
    NOW,
    make_availability,
    make_coach,
    make_coach_language,
    make_course,
    make_course_session,
    make_newcomer,
    make_opening_time,
    make_week,
)

_refs = count(1)


@pytest.fixture(scope="session")
def stage_settings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return stage.settings(tmp_path_factory.mktemp("stage"), free_port(), free_port())


@pytest.fixture(scope="session")
def stage_store(stage_settings: dict[str, str]) -> Iterator[sessionmaker[Session]]:
    """Give the store of the stage: a Welkomhuis with times, a course, and two coaches of one organisation.

    One is free on weekdays from nine to five; the other speaks Arabic and is free on Thursday afternoons.
    """
    url = stage_settings["WEGWIJS_DATABASE_URL"]
    migrate(url)
    sessions = make_sessions(url)
    with sessions.begin() as session:
        coach = make_coach(session, name="Voorbeeldcoach A")
        place = make_week(session, coach)
        other = make_coach(session, name="Voorbeeldcoach B", organisation=coach.organisation)
        make_coach_language(session, other, "ar")
        make_availability(session, other, weekday=3, starts="13:00", ends="17:00", place=place)
        place.key, place.name, place.address = "welkomhuis", "Welkomhuis", "Grebbeberglaan"
        for weekday in range(5):
            make_opening_time(session, place, weekday, "09:00", "17:00", is_sample=True)
        course = make_course(session, name="Taalcafé", place_id=place.id, is_sample=True)
        make_course_session(session, course, NOW.replace(day=26), is_sample=True)
    yield sessions
    close_sessions(sessions)


@pytest.fixture(scope="session")
def rasa(
    stage_settings: dict[str, str], stage_store: sessionmaker[Session], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    """Start Rasa with a fresh model, and the action server; both stop after the last test."""
    model = stage.MODEL if stage.is_fresh(stage.MODEL) else stage.train(tmp_path_factory.mktemp("model"))
    logs = Path(tmp_path_factory.mktemp("logs"))
    url, actions = stage_settings["WEGWIJS_RASA_URL"], stage_settings["WEGWIJS_ACTIONS_URL"]
    with ExitStack() as parts:
        rasa_command = stage.rasa_command(int(url.rsplit(":", 1)[1]), model)
        parts.enter_context(
            stage.running(stage.actions_command(), stage_settings, logs / "actions", f"{actions}/healthz")
        )
        parts.enter_context(stage.running(rasa_command, stage_settings, logs / "rasa", f"{url}/status"))
        yield parts.enter_context(httpx.Client(base_url=url, timeout=60))


@pytest.fixture(autouse=True)
def _empty_week(stage_store: sessionmaker[Session]) -> Iterator[None]:
    """Free the coach's week again after each test."""
    yield
    with stage_store.begin() as session:
        for table in (Notification, TimeOffer, WaitingEntry, AppointmentStep, Appointment, HandOff):
            session.execute(delete(table))


@pytest.fixture
def new_person(rasa: httpx.Client, stage_store: sessionmaker[Session]) -> Callable[[str], Person]:
    """Give a maker of newcomers who just wrote for the first time."""

    def make(language: str = "nl") -> Person:
        with stage_store.begin() as session:
            newcomer = make_newcomer(session, language=language, chat_ref=f"person{next(_refs)}")
        return Person(rasa, newcomer.chat_ref, language)

    return make


@pytest.fixture
def person(new_person: Callable[[str], Person]) -> Person:
    """Give a newcomer who writes Dutch."""
    return new_person("nl")
