"""Courses and activities: what comes up."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from store.models import Course, CourseSession


def upcoming_sessions(session: Session, now: datetime, days: int = 14) -> list[CourseSession]:
    """List the sessions that are not over yet and begin within some days, first ones first.

    Course and place are loaded with them.
    """
    query = (
        select(CourseSession)
        .where(CourseSession.ends_at > now, CourseSession.starts_at < now + timedelta(days=days))
        .options(joinedload(CourseSession.course).joinedload(Course.place))
        .order_by(CourseSession.starts_at, CourseSession.id)
    )
    return list(session.scalars(query))


def courses_without_session(session: Session) -> list[Course]:
    """List the courses of which no day is known, by name, their places loaded with them."""
    query = select(Course).where(~Course.sessions.any()).options(joinedload(Course.place)).order_by(Course.name)
    return list(session.scalars(query))
