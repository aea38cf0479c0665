"""Courses and activities that come up."""

from __future__ import annotations

from itertools import groupby

from actions.places import certainty
from actions.turn import Event, Piece, Turn, WegwijsAction, named
from service.courses import courses_without_session, upcoming_sessions
from service.days import local_day
from store.models import Course, CourseSession

MOST_SESSIONS = 10


class Courses(WegwijsAction):
    """Says which courses and activities there are."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_courses"

    def act(self, turn: Turn) -> list[Event]:
        """Answer from the store, with the general advice below it."""
        tell_courses(turn)
        return []


def tell_courses(turn: Turn) -> None:
    """List the sessions of the coming two weeks by day, and the courses of which no day is known."""
    sessions = upcoming_sessions(turn.session, turn.now)[:MOST_SESSIONS]
    told = named("courses/coming", days={"list": _days(sessions)}) if sessions else named("courses/none")
    dayless = courses_without_session(turn.session)
    facts: list[Piece] = [*_certainty([*sessions, *dayless]), told]
    if dayless:
        lines = [named("courses/dayless_line", name=course.name, place=course.place.name) for course in dayless]
        facts.append(named("courses/dayless", lines={"list": lines}))
    turn.say(*facts, named("welkomhuis/cursussen"))


def _certainty(told: list[CourseSession | Course]) -> list[Piece]:
    is_confirmed = all(entry.confirmed_on for entry in told)
    return certainty(is_confirmed=is_confirmed, is_sample=any(entry.is_sample for entry in told))


def _days(sessions: list[CourseSession]) -> list[Piece]:
    return [
        named("courses/day", day={"date": day.isoformat()}, lines={"list": [_line(entry) for entry in entries]})
        for day, entries in groupby(sessions, key=lambda entry: local_day(entry.starts_at))
    ]


def _line(entry: CourseSession) -> Piece:
    return named(
        "courses/line",
        starts={"time": entry.starts_at.isoformat()},
        ends={"time": entry.ends_at.isoformat()},
        name=entry.course.name,
        place=entry.course.place.name,
    )
