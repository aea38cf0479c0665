"""Staff commands on organisations and coaches. Each returns the lines to print."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, joinedload

from service.clock import AMSTERDAM
from service.coaches import CODE_LIFE, add_coach, issue_link_code
from service.language import DEFAULT_LANGUAGE
from service.staff.reading import AREA_WORDS, LANGUAGE_WORDS, NOTHING, Reader
from store.models import Appointment, AppointmentStatus, Coach, CoachArea, CoachLanguage, Organisation

WEEK_MINUTES = 7 * 24 * 60
FURTHEST_DAYS = 180  # ahead; further nobody knows when a place is open


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
    return [coach_line(coach) for coach in session.scalars(query)] or ["Er zijn nog geen coaches."]


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
        coach_line(coach),
        f"Zet nu talen en onderwerpen: coach set {coach.id} --languages ar,en --areas geld,werk",
        f"En de tijden: coach availability set {coach.id} maandag 09:00-12:00 --place welkomhuis",
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
    warning = [
        f"Let op: er staan nog afspraken: {count}. Ze zijn niet afgezegd.",
        f"Afzeggen gaat met: coach leave add {coach.id} EERSTE-DAG LAATSTE-DAG --cancel-appointments",
    ]
    return [coach_line(coach), *(warning if count and not given.active else [])]


def show_coach(session: Session, given: Namespace, _now: datetime) -> list[str]:
    """Show all that is set for a coach but the times."""
    reader = Reader(session)
    coach = reader.coach(given.coach)
    reader.check()
    session.expire(coach, ["languages", "areas"])
    spoken = [DEFAULT_LANGUAGE, *(row.language for row in coach.languages)]
    most = "zoveel als er passen" if coach.most_a_day is None else f"hoogstens {coach.most_a_day}"
    change = f"tot {coach.change_minutes} minuten ervoor" if coach.change_minutes else "tot het begin"
    facts = [
        ("talen", ", ".join(LANGUAGE_WORDS.get(code, code) for code in spoken)),
        ("onderwerpen", ", ".join(AREA_WORDS[row.area] for row in coach.areas) or "alle"),
        ("afspraken op een dag", most),
        ("boeken", f"van {coach.notice_minutes} minuten tot {coach.ahead_days} dagen van tevoren"),
        ("verzetten en afzeggen", change),
    ]
    return [coach_line(coach), *(f"  {name}: {value}" for name, value in facts)]


def set_coach(session: Session, given: Namespace, now: datetime) -> list[str]:
    """Set what is given of a coach: name, languages, areas, length and limits."""
    reader = Reader(session)
    coach = reader.coach(given.coach)
    values = _values(reader, given)
    languages = reader.languages(given.languages) if given.languages is not None else None
    areas = reader.areas(given.areas) if given.areas is not None else None
    if not values and languages is None and areas is None:
        reader.faults.append("Geef iets om te wijzigen, bijvoorbeeld --languages ar,en")
    if not reader.faults:
        _refuse_no_time_left(reader, coach, values)
    reader.check()
    for field, value in values.items():
        setattr(coach, field, value)
    if languages is not None:
        _replace(session, CoachLanguage, coach, [CoachLanguage(coach_id=coach.id, language=code) for code in languages])
    if areas is not None:
        _replace(session, CoachArea, coach, [CoachArea(coach_id=coach.id, area=area) for area in areas])
    session.flush()
    return show_coach(session, given, now)


def _values(reader: Reader, given: Namespace) -> dict[str, str | int | None]:
    """Read what is given of the coach's own columns."""
    read: dict[str, tuple[str | None, Callable[[str], str | int | None]]] = {
        "name": (given.name, lambda typed: reader.text("Naam", typed, 120)),
        "appointment_minutes": (given.minutes, lambda typed: reader.minutes("Duur", typed, 5)),
        "buffer_minutes": (given.buffer, lambda typed: reader.minutes("Pauze", typed, 0)),
        "most_a_day": (given.most_a_day, lambda typed: _most_a_day(reader, typed)),
        "notice_minutes": (given.notice, lambda typed: reader.minutes("Van tevoren", typed, 0, WEEK_MINUTES)),
        "ahead_days": (given.ahead, lambda typed: reader.number("Dagen vooruit", typed, 1, FURTHEST_DAYS)),
        "change_minutes": (given.change, lambda typed: reader.minutes("Wijzigen", typed, 0, WEEK_MINUTES)),
    }
    return {field: readout(typed) for field, (typed, readout) in read.items() if typed is not None}


def _most_a_day(reader: Reader, typed: str) -> int | None:
    return None if typed.lower() in NOTHING else reader.number("Afspraken op een dag (of geen)", typed, 1, 50)


def _refuse_no_time_left(reader: Reader, coach: Coach, values: Mapping[str, str | int | None]) -> None:
    """Refuse limits that leave no moment to book."""
    notice = timedelta(minutes=int(values.get("notice_minutes", coach.notice_minutes) or 0))
    if notice >= timedelta(days=int(values.get("ahead_days", coach.ahead_days) or 0)):
        reader.faults.append("Zo is er niets te boeken: --notice (minuten) reikt verder dan --ahead (dagen).")


def _replace(
    session: Session, kind: type[CoachLanguage | CoachArea], coach: Coach, rows: Sequence[CoachLanguage | CoachArea]
) -> None:
    session.execute(delete(kind).where(kind.coach_id == coach.id))
    session.add_all(rows)


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


def coach_line(coach: Coach) -> str:
    """Say who a coach is, in a line."""
    marks = [
        f"{coach.appointment_minutes} minuten",
        *([f"{coach.buffer_minutes} minuten pauze erna"] if coach.buffer_minutes else []),
        "Telegram gekoppeld" if coach.telegram_user_id else "Telegram niet gekoppeld",
        *(["voorbeeld"] if coach.is_sample else []),
        *([] if coach.is_active else ["niet actief"]),
    ]
    return f"{coach.id:4} {coach.name}, {coach.organisation.name} ({', '.join(marks)})"
