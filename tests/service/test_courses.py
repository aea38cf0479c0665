from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session, sessionmaker

from service.courses import courses_without_session, upcoming_sessions
from tests.factories import make_course, make_course_session


def test_sessions_to_come_are_listed_first_ones_first(session: Session, now: datetime) -> None:
    course = make_course(session)
    later = make_course_session(session, course, now + timedelta(days=3))
    sooner = make_course_session(session, course, now + timedelta(days=1))
    make_course_session(session, course, now + timedelta(days=15))
    make_course_session(session, course, now - timedelta(days=1))
    assert upcoming_sessions(session, now) == [sooner, later]
    assert len(upcoming_sessions(session, now, days=20)) == 3


def test_a_session_that_goes_on_now_is_listed_until_it_ends(session: Session, now: datetime) -> None:
    meeting = make_course_session(session, make_course(session), now - timedelta(hours=1))
    assert upcoming_sessions(session, now) == [meeting]
    assert upcoming_sessions(session, meeting.ends_at) == []


def test_a_course_of_which_no_day_is_known_is_listed_apart(session: Session, now: datetime) -> None:
    make_course_session(session, make_course(session), now)
    second, first = make_course(session, name="B"), make_course(session, name="A")
    assert courses_without_session(session) == [first, second]


def test_what_was_loaded_is_readable_after_the_transaction(sessions: sessionmaker[Session], now: datetime) -> None:
    with sessions.begin() as session:
        make_course_session(session, make_course(session), now)
        make_course(session)
    with sessions.begin() as session:
        (meeting,), (course,) = upcoming_sessions(session, now), courses_without_session(session)
    assert meeting.course.place.name
    assert course.place.name
