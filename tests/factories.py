"""One factory for each model that tests need: sane values, each of them can be given."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from service.appointments import AppointmentRequest
from store.base import Base
from store.models import (
    Appointment,
    Area,
    Availability,
    AvailabilityException,
    Coach,
    CoachArea,
    CoachLanguage,
    Course,
    CourseSession,
    HandOff,
    Leave,
    LeaveKind,
    Mode,
    Newcomer,
    OpeningException,
    OpeningTime,
    Organisation,
    Place,
)

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)  # a Tuesday, nine o'clock in Utrecht
_numbers = count(1)


def _kept[Row: Base](session: Session, row: Row) -> Row:
    session.add(row)
    session.flush()
    return row


def make_newcomer(session: Session, **values: Any) -> Newcomer:
    number = next(_numbers)
    defaults = {
        "chat_id": 700_000_000_000 + number,
        "chat_ref": f"{number:064x}",
        "language": "nl",
        "created_at": NOW,
        "last_seen_at": NOW,
    }
    return _kept(session, Newcomer(**defaults | values))


def make_place(session: Session, **values: Any) -> Place:
    number = next(_numbers)
    return _kept(session, Place(**{"key": f"place_{number}", "name": f"Plek {number}", "kind": "walk_in"} | values))


def make_opening_time(
    session: Session, place: Place, weekday: int, opens: str, closes: str, **values: Any
) -> OpeningTime:
    times = {"opens": time.fromisoformat(opens), "closes": time.fromisoformat(closes)}
    return _kept(session, OpeningTime(place_id=place.id, weekday=weekday, **times | values))


def make_opening_exception(
    session: Session, place: Place, day: Any, opens: str | None = None, closes: str | None = None, **values: Any
) -> OpeningException:
    times = {
        "opens": time.fromisoformat(opens) if opens else None,
        "closes": time.fromisoformat(closes) if closes else None,
    }
    return _kept(session, OpeningException(place_id=place.id, day=day, **times | values))


def make_organisation(session: Session, **values: Any) -> Organisation:
    number = next(_numbers)
    return _kept(session, Organisation(**{"key": f"org_{number}", "name": f"Organisatie {number}"} | values))


def make_coach(session: Session, **values: Any) -> Coach:
    number = next(_numbers)
    if "organisation" not in values:
        values["organisation"] = make_organisation(session)
    return _kept(session, Coach(**{"name": f"Voorbeeldcoach {number}"} | values))


def make_availability(
    session: Session,
    coach: Coach,
    weekday: int = 1,
    starts: str = "09:00",
    ends: str = "17:00",
    *,
    place: Place | None = None,
    mode: Mode | None = None,
) -> Availability:
    return _kept(
        session,
        Availability(
            coach=coach,
            place=place or make_place(session),
            weekday=weekday,
            starts=time.fromisoformat(starts),
            ends=time.fromisoformat(ends),
            mode=mode,
        ),
    )


def make_week(session: Session, coach: Coach, starts: str = "09:00", ends: str = "17:00") -> Place:
    """Make a coach free from Monday to Friday at one place."""
    place = make_place(session)
    for weekday in range(5):
        make_availability(session, coach, weekday, starts, ends, place=place)
    return place


def make_availability_exception(
    session: Session,
    coach: Coach,
    day: date,
    starts: str | None = None,
    ends: str | None = None,
    *,
    place: Place | None = None,
) -> AvailabilityException:
    """Make other times of a coach on one day; without times: none."""
    if starts is None or ends is None:
        return _kept(session, AvailabilityException(coach_id=coach.id, day=day))
    place = place or make_place(session)
    times = {"starts": time.fromisoformat(starts), "ends": time.fromisoformat(ends)}
    return _kept(session, AvailabilityException(coach_id=coach.id, day=day, place_id=place.id, **times))


def make_leave(session: Session, coach: Coach, first_day: date, last_day: date | None = None, **values: Any) -> Leave:
    """Make a coach away without touching appointments; one day, unless the last one is given."""
    defaults = {"last_day": last_day or first_day, "kind": LeaveKind.LEAVE, "created_at": NOW}
    return _kept(session, Leave(coach_id=coach.id, first_day=first_day, **defaults | values))


def make_coach_language(session: Session, coach: Coach, language: str) -> CoachLanguage:
    made = CoachLanguage(language=language)
    coach.languages.append(made)
    session.flush()
    return made


def make_coach_area(session: Session, coach: Coach, area: Area) -> CoachArea:
    made = CoachArea(area=area)
    coach.areas.append(made)
    session.flush()
    return made


def make_appointment(
    session: Session, newcomer: Newcomer | None, coach: Coach, place: Place, **values: Any
) -> Appointment:
    """Make an appointment of any time, the past too; without steps."""
    starts_at = values.pop("starts_at", NOW + timedelta(days=1))
    defaults = {
        "newcomer_id": newcomer.id if newcomer else None,
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=30),
        "area": Area.MONEY,
        "mode": Mode.PLACE,
        "called_name": "Sami",
        "language": "nl",
        "interpreter": False,
        "created_at": NOW,
        "changed_at": NOW,
    }
    return _kept(session, Appointment(coach=coach, place=place, **defaults | values))


def make_request(coach: Coach, starts_at: datetime, **values: Any) -> AppointmentRequest:
    defaults = {
        "starts_at": starts_at,
        "coach_id": coach.id,
        "area": Area.MONEY,
        "mode": Mode.PLACE,
        "called_name": "Sami",
        "language": "nl",
        "interpreter": False,
    }
    return AppointmentRequest(**defaults | values)


def make_hand_off(session: Session, newcomer: Newcomer, **values: Any) -> HandOff:
    return _kept(session, HandOff(**{"newcomer_id": newcomer.id, "language": "nl", "opened_at": NOW} | values))


def make_course(session: Session, **values: Any) -> Course:
    number = next(_numbers)
    if "place_id" not in values:
        values["place_id"] = make_place(session).id
    return _kept(session, Course(**{"key": f"course_{number}", "name": f"Cursus {number}"} | values))


def make_course_session(session: Session, course: Course, starts_at: datetime, **values: Any) -> CourseSession:
    defaults = {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=2)}
    return _kept(session, CourseSession(course_id=course.id, **defaults | values))
