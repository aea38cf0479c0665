"""The sample data: places and activities of public pages, made-up coaches and opening times.

All of it is marked as sample and none of it is confirmed. What is there already is left as it is, so that loading it
again never undoes what staff did; only the sessions of sample courses are topped up.

`python -m service.sample` loads it into the store of the settings.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import yaml
from dateutil.rrule import rrulestr
from sqlalchemy import select
from sqlalchemy.orm import Session

from service.clock import Clock
from service.coaches import add_coach
from service.days import local_day, moment_of
from service.errors import SampleBroken
from service.opening import holiday_on
from service.settings import SettingsError, load_store_settings
from store.engine import opened_sessions
from store.migrate import migrate
from store.models import (
    Availability,
    Coach,
    CoachLanguage,
    Course,
    CourseSession,
    Mode,
    OpeningTime,
    Organisation,
    Place,
)

FILE = Path(__file__).resolve().parent / "sample.yml"
WEEKS = 8  # how far sessions are made ahead
PLACE_FIELDS = ("key", "name", "kind", "address", "postcode", "area", "phone", "website")


def load_sample(session: Session, now: datetime, file: Path = FILE) -> None:
    """Load the sample data, or what is missing of it, and top the sessions up to eight weeks from now.

    Raises:
        SampleBroken: If the file cannot be read; then nothing should be committed.
    """
    try:
        data = yaml.safe_load(file.read_text(encoding="utf-8"))
        there = set(session.scalars(select(Place.key)))
        places = {row["key"]: _place(session, row) for row in data["places"]}
        for row in data["opening_times"]:
            if row["place"] not in there:
                _opening_times(session, places[row["place"]], row)
        organisations = {row["key"]: _organisation(session, row) for row in data["organisations"]}
        for row in data["coaches"]:
            _coach(session, organisations[row["organisation"]], places[row["place"]], row)
        for row in data["courses"]:
            _top_up(_course(session, places[row["place"]], row), row, local_day(now))
    except (OSError, yaml.YAMLError, KeyError, ValueError, TypeError) as error:
        raise SampleBroken([f"{file.name}: {type(error).__name__}: {error}"]) from error
    session.flush()


def _place(session: Session, row: Mapping[str, Any]) -> Place:
    found = session.scalar(select(Place).where(Place.key == row["key"]))
    return found or _added(session, Place(**{field: row[field] for field in PLACE_FIELDS}, is_sample=True))


def _opening_times(session: Session, place: Place, row: Mapping[str, Any]) -> None:
    """Give a new place made-up opening times."""
    for weekday, (opens, closes) in _week(row):
        place.opening_times.append(OpeningTime(weekday=weekday, opens=opens, closes=closes, is_sample=True))
    session.flush()


def _organisation(session: Session, row: Mapping[str, Any]) -> Organisation:
    found = session.scalar(select(Organisation).where(Organisation.key == row["key"]))
    return found or _added(session, Organisation(key=row["key"], name=row["name"], is_sample=True))


def _coach(session: Session, organisation: Organisation, place: Place, row: Mapping[str, Any]) -> None:
    if session.scalar(select(Coach).where(Coach.name == row["name"])) is not None:
        return
    coach = add_coach(session, name=row["name"], organisation=organisation, is_sample=True)
    coach.languages = [CoachLanguage(language=code) for code in row["languages"]]
    for hours in row["availability"]:
        mode = Mode(hours["mode"]) if "mode" in hours else None
        for weekday, (starts, ends) in _week(hours):
            span = Availability(place=place, weekday=weekday, starts=starts, ends=ends, mode=mode)
            coach.availability.append(span)
    session.flush()


def _course(session: Session, place: Place, row: Mapping[str, Any]) -> Course:
    found = session.scalar(select(Course).where(Course.key == row["key"]))
    values = {field: row[field] for field in ("key", "name", "cost", "registration")}
    return found or _added(session, Course(**values, place_id=place.id, website=place.website, is_sample=True))


def _top_up(course: Course, row: Mapping[str, Any], today: date) -> None:
    """Add the sessions of the coming weeks that are missing; none on a public holiday."""
    if "repeats" not in row or not course.is_sample:
        return
    opens, closes = _span(row["span"])
    there = {meeting.starts_at for meeting in course.sessions}
    for day in session_days(row["repeats"], today):
        starts_at = moment_of(day, opens)
        if starts_at not in there:
            meeting = CourseSession(starts_at=starts_at, ends_at=moment_of(day, closes), is_sample=True)
            course.sessions.append(meeting)


def session_days(repeats: str, today: date) -> list[date]:
    """List the days of an RRULE from today for eight weeks, without public holidays."""
    first = datetime.combine(today, time())  # local and naive: a rule counts days, the hours come after
    found = rrulestr(repeats, dtstart=first).between(first, first + timedelta(weeks=WEEKS), inc=True)
    return [moment.date() for moment in found if holiday_on(moment.date()) is None]


def _week(row: Mapping[str, Any]) -> Iterator[tuple[int, tuple[time, time]]]:
    for weekday in row["weekdays"]:
        for span in row["spans"]:
            yield weekday, _span(span)


def _span(text: str) -> tuple[time, time]:
    opens, closes = text.split("-")
    return time.fromisoformat(opens), time.fromisoformat(closes)


def _added[Row: (Place, Organisation, Course)](session: Session, row: Row) -> Row:
    session.add(row)
    session.flush()
    return row


def main(environ: Mapping[str, str]) -> int:
    """Load the sample data into the store of the settings; return the exit code."""
    try:
        settings = load_store_settings(environ)
        migrate(settings.database_url)
        with opened_sessions(settings.database_url) as sessions, sessions.begin() as session:
            load_sample(session, Clock(settings.clock_offset).now())
    except (SettingsError, SampleBroken) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(os.environ))
