"""Staff commands on organisations and coaches. Each returns the lines to print."""

from __future__ import annotations

from argparse import Namespace
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, joinedload

from service.clock import AMSTERDAM
from service.coaches import CODE_LIFE, add_coach, issue_link_code
from service.staff.opening import spans_words
from service.staff.reading import WEEKDAYS, Reader
from store.models import Appointment, AppointmentStatus, Availability, Coach, Organisation


def list_organisations(session: Session, _given: Namespace, _now: datetime) -> list[str]:
    """List the organisations."""
    rows = session.scalars(select(Organisation).order_by(Organisation.key))
    return [f"{row.key:24} {row.name}{' (voorbeeld)' if row.is_sample else ''}" for row in rows]


def add_organisation(session: Session, given: Namespace, _now: datetime) -> list[str]:
    """Add an organisation."""
    reader = Reader(session)
    key, name = reader.key(given.key, 40), reader.text("Naam", given.name, 120)
    if session.scalar(select(Organisation).where(Organisation.key == key)) is not None:
        reader.faults.append(f"Organisatie “{key}” is er al.")
    reader.check()
    session.add(Organisation(key=key, name=name))
    return [f"Organisatie {key} is toegevoegd."]


def list_coaches(session: Session, _given: Namespace, _now: datetime) -> list[str]:
    """List the coaches with their numbers."""
    query = select(Coach).options(joinedload(Coach.organisation)).order_by(Coach.id)
    return [_coach_line(coach) for coach in session.scalars(query)] or ["Er zijn nog geen coaches."]


def new_coach(session: Session, given: Namespace, _now: datetime) -> list[str]:
    """Add a coach."""
    reader = Reader(session)
    name = reader.text("Naam", given.name, 120)
    organisation = reader.organisation(given.organisation)
    minutes = reader.minutes("Duur", given.minutes, 5)
    buffer = reader.minutes("Pauze", given.buffer, 0)
    if session.scalar(select(Coach).where(Coach.name == name, Coach.is_active)) is not None:
        reader.faults.append(f"Coach “{name}” is er al.")
    reader.check()
    coach = add_coach(session, name=name, organisation=organisation, appointment_minutes=minutes, buffer_minutes=buffer)
    return [
        _coach_line(coach),
        f"Zet nu de tijden: coach availability set {coach.id} maandag 09:00-12:00 --place welkomhuis",
        f"En koppel Telegram: coach code {coach.id}",
    ]


def switch_coach(session: Session, given: Namespace, now: datetime) -> list[str]:
    """Make a coach active or not; who is not cannot be booked and cannot claim anything."""
    reader = Reader(session)
    coach = reader.coach(given.coach)
    reader.check()
    coach.is_active = given.active
    session.flush()
    standing = select(func.count()).where(
        Appointment.coach_id == coach.id, Appointment.status == AppointmentStatus.BOOKED, Appointment.starts_at > now
    )
    count = session.scalar(standing)
    warning = [f"Let op: er staan nog afspraken: {count}. Ze zijn niet afgezegd."] if count and not given.active else []
    return [_coach_line(coach), *warning]


def show_availability(session: Session, given: Namespace, _now: datetime) -> list[str]:
    """Show when a coach can be booked."""
    reader = Reader(session)
    coach = reader.coach(given.coach)
    reader.check()
    session.expire(coach, ["availability"])
    lines = [_coach_line(coach)]
    for weekday, name in enumerate(WEEKDAYS):
        rows = [row for row in coach.availability if row.weekday == weekday]
        places = sorted({row.place.name for row in rows})
        where = f" ({', '.join(places)})" if places else ""
        words = spans_words([(row.starts, row.ends) for row in rows]) if rows else "geen"
        lines.append(f"  {name:10} {words}{where}")
    return lines


def set_availability(session: Session, given: Namespace, now: datetime) -> list[str]:
    """Set when a coach can be booked on one weekday."""
    reader = Reader(session)
    coach, place = reader.coach(given.coach), reader.place(given.place)
    weekday, spans = reader.weekday(given.weekday), reader.spans(given.spans, whole_steps=True)
    reader.check()
    session.execute(delete(Availability).where(Availability.coach_id == coach.id, Availability.weekday == weekday))
    for starts, ends in spans:
        session.add(Availability(coach_id=coach.id, place_id=place.id, weekday=weekday, starts=starts, ends=ends))
    session.flush()
    return show_availability(session, given, now)


def give_code(session: Session, given: Namespace, now: datetime) -> list[str]:
    """Make a one-time code with which a coach links a Telegram account."""
    reader = Reader(session)
    coach = reader.coach(given.coach)
    if not reader.faults and not coach.is_active:
        reader.faults.append(f"{coach.name} is niet actief. Zet eerst aan: coach activate {coach.id}")
    reader.check()
    code = issue_link_code(session, coach, now)
    until = (now + CODE_LIFE).astimezone(AMSTERDAM)
    return [
        f"Code voor {coach.name}: {code}",
        f"De coach stuurt in een privéchat aan de bot: /koppel {code}",
        f"De code werkt één keer, tot {until:%d-%m-%Y %H:%M}. Hij is later niet meer te zien.",
    ]


def _coach_line(coach: Coach) -> str:
    marks = [
        f"{coach.appointment_minutes} minuten",
        *([f"{coach.buffer_minutes} minuten pauze erna"] if coach.buffer_minutes else []),
        "Telegram gekoppeld" if coach.telegram_user_id else "Telegram niet gekoppeld",
        *(["voorbeeld"] if coach.is_sample else []),
        *([] if coach.is_active else ["niet actief"]),
    ]
    return f"{coach.id:4} {coach.name}, {coach.organisation.name} ({', '.join(marks)})"
