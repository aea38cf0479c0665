from __future__ import annotations

from argparse import Namespace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from service.availability import Wish, free_days, next_free_times
from service.clock import AMSTERDAM
from service.coaches import coaches_for
from service.courses import courses_without_session, upcoming_sessions
from service.days import DayPart, local_day
from service.errors import SampleBroken
from service.language import LANGUAGES
from service.opening import find_place, holiday_on, open_state
from service.sample import FILE, load_sample, main
from service.staff.opening import confirm_opening, confirm_place
from store.models import (
    Availability,
    Coach,
    CoachLanguage,
    Course,
    CourseSession,
    Mode,
    OpeningException,
    OpeningTime,
    Organisation,
    Place,
)

KINDS = (
    Place,
    OpeningTime,
    OpeningException,
    Course,
    CourseSession,
    Organisation,
    Coach,
    CoachLanguage,
    Availability,
)


def count(session: Session) -> dict[str, int]:
    return {kind.__tablename__: len(session.scalars(select(kind)).all()) for kind in KINDS}


def test_everything_is_marked_as_sample_and_nothing_is_confirmed(session: Session, now: datetime) -> None:
    load_sample(session, now)
    for kind in (Place, OpeningTime, Course, CourseSession):
        rows = session.scalars(select(kind)).all()
        assert rows
        assert all(row.is_sample and row.confirmed_on is None for row in rows)
    for kind in (Coach, Organisation):
        assert all(row.is_sample for row in session.scalars(select(kind)).all())


def test_sample_coaches_are_named_so(session: Session, now: datetime) -> None:
    load_sample(session, now)
    coaches = session.scalars(select(Coach)).all()
    assert len(coaches) == 3
    assert all(coach.name.startswith("Voorbeeldcoach ") for coach in coaches)
    assert {coach.organisation.key for coach in coaches} == {"gemeente", "vluchtelingenwerk"}


def test_each_language_has_a_coach_to_try_it_with(session: Session, now: datetime) -> None:
    load_sample(session, now)
    for language in LANGUAGES:
        assert coaches_for(session, Wish(language=language)), language
        assert next_free_times(session, now, wish=Wish(language=language)), language
    assert [coach.name for coach in coaches_for(session, Wish(language="en"))] == ["Voorbeeldcoach A"]


def test_some_evenings_are_for_the_telephone_only(session: Session, now: datetime) -> None:
    load_sample(session, now)
    by_telephone = next_free_times(session, now, wish=Wish(mode=Mode.TELEPHONE), part=DayPart.EVENING)
    assert {(free.coach_name, free.mode) for free in by_telephone} == {("Voorbeeldcoach A", Mode.TELEPHONE)}
    assert next_free_times(session, now, wish=Wish(mode=Mode.PLACE), part=DayPart.EVENING) == []


def test_loading_again_changes_nothing(session: Session, now: datetime) -> None:
    load_sample(session, now)
    first = count(session)
    load_sample(session, now)
    assert count(session) == first


def test_sessions_are_topped_up(session: Session, now: datetime) -> None:
    load_sample(session, now)
    later = now + timedelta(weeks=6)
    before = upcoming_sessions(session, later, days=56)
    load_sample(session, later)
    after = upcoming_sessions(session, later, days=56)
    assert len(after) > len(before)
    assert {meeting.id for meeting in before} <= {meeting.id for meeting in after}


def test_what_staff_did_is_left_alone(session: Session, now: datetime) -> None:
    load_sample(session, now)
    confirm_place(session, Namespace(place="welkomhuis", confirm=True), now)
    confirm_opening(session, Namespace(place="welkomhuis", confirm=True), now)
    for row in session.scalars(select(OpeningTime).where(OpeningTime.weekday > 0)).all():
        session.delete(row)
    session.flush()
    load_sample(session, now)
    place = find_place(session, "welkomhuis")
    assert place is not None
    assert place.confirmed_on == local_day(now)
    assert [row.weekday for row in session.scalars(select(OpeningTime))] == [0]


def test_sessions_keep_their_local_time_and_avoid_public_holidays(session: Session) -> None:
    load_sample(session, datetime(2026, 3, 9, 8, tzinfo=AMSTERDAM))
    meetings = upcoming_sessions(session, datetime(2026, 3, 9, 8, tzinfo=AMSTERDAM), days=56)
    living_room = [meeting for meeting in meetings if meeting.course.key == "act_pahud_kamer"]
    assert {meeting.starts_at.astimezone(AMSTERDAM).hour for meeting in living_room} == {10}
    assert not any(holiday_on(local_day(meeting.starts_at)) for meeting in meetings)
    assert any(meeting.course.key == "act_dock_inloop" for meeting in meetings)


def test_a_course_of_which_no_day_is_known_has_no_session(session: Session, now: datetime) -> None:
    load_sample(session, now)
    keys = {course.key for course in courses_without_session(session)}
    assert keys == {
        "act_zorgcafe",
        "act_voorkamer",
        "act_kansrijke_start",
        "act_vcu_groepsklus",
        "act_ithaka_intake",
    }


def test_the_chat_has_something_to_offer(session: Session, now: datetime) -> None:
    load_sample(session, now)
    place = find_place(session, "welkomhuis")
    assert place is not None
    state = open_state(session, place, now)
    assert state.is_open
    assert state.is_sample
    assert state.confirmed_on is None
    assert len(free_days(session, now)) == 5


def test_a_former_place_is_not_named() -> None:
    keys = {row["key"] for row in yaml.safe_load(FILE.read_text(encoding="utf-8"))["places"]}
    assert keys.isdisjoint({"welkomhuis_krachtstation", "plan_einstein_einsteindreef"})


@pytest.mark.parametrize("broken", ["places: [", "places: []", "{}", "- a"])
def test_a_broken_file_is_named(session: Session, now: datetime, tmp_path: Path, broken: str) -> None:
    file = tmp_path / "sample.yml"
    file.write_text(broken, encoding="utf-8")
    with pytest.raises(SampleBroken, match=r"sample\.yml"):
        load_sample(session, now, file)


def test_the_command_loads_it_without_a_token(tmp_path: Path) -> None:
    environ = {"WEGWIJS_DATABASE_URL": f"sqlite:///{tmp_path / 'store.db'}"}
    assert main(environ) == 0
    assert main(environ) == 0
    assert main({"WEGWIJS_DATABASE_URL": "mysql://x"}) == 1
