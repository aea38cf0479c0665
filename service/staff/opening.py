"""Staff commands on places and their opening times. Each returns the lines to print."""

from __future__ import annotations

from argparse import Namespace
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from service.days import local_day, moment_of
from service.opening import hours_on
from service.staff.reading import WEEKDAYS, Reader, Spans
from store.models import Appointment, AppointmentStatus, OpeningException, OpeningTime, Place


def list_places(session: Session, _given: Namespace, _now: datetime) -> list[str]:
    """List all places."""
    places = session.scalars(select(Place).order_by(Place.key))
    return [
        f"{place.key:28} {place.name} ({standing(place.confirmed_on, is_sample=place.is_sample)})" for place in places
    ]


def show_place(session: Session, given: Namespace, _now: datetime) -> list[str]:
    """Show what is known of a place."""
    reader = Reader(session)
    place = reader.place(given.place)
    reader.check()
    facts = [
        ("Adres", place.address),
        ("Postcode", place.postcode),
        ("Wijk", place.area),
        ("Telefoon", place.phone),
        ("Website", place.website),
    ]
    head = f"{place.name} ({standing(place.confirmed_on, is_sample=place.is_sample)})"
    return [head, *(f"  {name}: {value or 'onbekend'}" for name, value in facts)]


def add_place(session: Session, given: Namespace, _now: datetime) -> list[str]:
    """Add a place."""
    reader = Reader(session)
    key, name = reader.key(given.key, 60), reader.text("Naam", given.name, 160)
    kind = reader.key(given.kind, 40)
    if session.scalar(select(Place).where(Place.key == key)) is not None:
        reader.faults.append(f"Plek “{key}” is er al.")
    reader.check()
    session.add(Place(key=key, name=name, kind=kind))
    return [f"Plek {key} is toegevoegd. Nog niet bevestigd."]


def set_place(session: Session, given: Namespace, now: datetime) -> list[str]:
    """Set facts of a place; it must be confirmed anew."""
    reader = Reader(session)
    place = reader.place(given.place)
    limits = {"name": 160, "address": 240, "postcode": 10, "area": 120, "phone": 40, "website": 240}
    changes = {
        field: reader.text(field, value, limits[field])
        for field in limits
        if (value := getattr(given, field)) is not None
    }
    if not changes:
        reader.faults.append("Geef iets om te wijzigen, bijvoorbeeld --address “Stadsplateau 1”.")
    reader.check()
    for field, value in changes.items():
        setattr(place, field, value)
    place.confirmed_on, place.is_sample = None, False
    return [*show_place(session, given, now), f"Klopt alles? Bevestig: place confirm {place.key}"]


def confirm_place(session: Session, given: Namespace, now: datetime) -> list[str]:
    """Confirm a place's facts as of today, or take that back."""
    reader = Reader(session)
    place = reader.place(given.place)
    if given.confirm and not reader.faults and not place.address:
        reader.faults.append(f"{place.name} heeft nog geen adres. Zet het eerst: place set {place.key} --address …")
    reader.check()
    place.confirmed_on = local_day(now) if given.confirm else None
    place.is_sample = place.is_sample and not given.confirm
    return show_place(session, given, now)


def show_opening(session: Session, given: Namespace, now: datetime) -> list[str]:
    """Show the week plan and the exceptions to come."""
    reader = Reader(session)
    place = reader.place(given.place)
    reader.check()
    session.expire(place, ["opening_times", "opening_exceptions"])
    lines = [place.name]
    for weekday, name in enumerate(WEEKDAYS):
        rows = [row for row in place.opening_times if row.weekday == weekday]
        spans = [(row.opens, row.closes) for row in rows]
        marks = {standing(row.confirmed_on, is_sample=row.is_sample) for row in rows}
        lines.append(f"  {name:10} {spans_words(spans)}{' (' + ', '.join(sorted(marks)) + ')' if marks else ''}")
    coming = sorted({row.day for row in place.opening_exceptions if row.day >= local_day(now)})
    for day in coming:
        hours = hours_on(session, place, day)
        why = f", {hours.reason}" if hours.reason else ""
        mark = standing(hours.confirmed_on, is_sample=hours.is_sample)
        lines.append(f"  {day:%d-%m-%Y} {spans_words([(s.opens, s.closes) for s in hours.spans])}{why} ({mark})")
    return lines


def set_opening(session: Session, given: Namespace, now: datetime) -> list[str]:
    """Set the times of one weekday; they must be confirmed anew."""
    reader = Reader(session)
    place, weekday, spans = reader.place(given.place), reader.weekday(given.weekday), reader.spans(given.spans)
    reader.check()
    session.execute(delete(OpeningTime).where(OpeningTime.place_id == place.id, OpeningTime.weekday == weekday))
    for opens, closes in spans:
        session.add(OpeningTime(place_id=place.id, weekday=weekday, opens=opens, closes=closes))
    session.flush()
    return [*show_opening(session, given, now), f"Klopt alles? Bevestig: opening confirm {place.key}"]


def set_exception(session: Session, given: Namespace, now: datetime) -> list[str]:
    """Set other times for one day, or close it; they must be confirmed anew."""
    reader = Reader(session)
    place, day = reader.place(given.place), reader.day(given.day, local_day(now))
    spans = reader.spans(given.spans)
    reason = reader.text("Reden", given.reason, 120) if given.reason is not None else None
    reader.check()
    _drop_exception(session, place, day)
    rows = [{"opens": opens, "closes": closes} for opens, closes in spans] or [{}]  # without times: closed
    for row in rows:
        session.add(OpeningException(place_id=place.id, day=day, reason=reason, **row))
    session.flush()
    ask = f"Klopt alles? Bevestig: opening confirm {place.key}"
    return [*show_opening(session, given, now), *_warn_of_appointments(session, place, day, spans), ask]


def clear_exception(session: Session, given: Namespace, now: datetime) -> list[str]:
    """Take the exception of one day away: the week plan holds again."""
    reader = Reader(session)
    place, day = reader.place(given.place), reader.day(given.day, local_day(now))
    if not reader.faults and not _drop_exception(session, place, day):
        reader.faults.append(f"{place.name} heeft op {day:%d-%m-%Y} geen uitzondering.")
    reader.check()
    return show_opening(session, given, now)


def confirm_opening(session: Session, given: Namespace, now: datetime) -> list[str]:
    """Confirm the week plan and the exceptions to come as of today, or take that back."""
    reader = Reader(session)
    place = reader.place(given.place)
    if given.confirm and not reader.faults and not (place.opening_times or place.opening_exceptions):
        reader.faults.append(f"{place.name} heeft nog geen tijden. Zet ze eerst: opening set {place.key} maandag …")
    reader.check()
    coming = [row for row in place.opening_exceptions if row.day >= local_day(now)]
    rows: list[OpeningTime | OpeningException] = [*place.opening_times, *coming]
    for row in rows:
        row.confirmed_on = local_day(now) if given.confirm else None
        row.is_sample = row.is_sample and not given.confirm
    session.flush()
    return show_opening(session, given, now)


def standing(confirmed_on: date | None, *, is_sample: bool) -> str:
    """Say whether something is confirmed."""
    if confirmed_on is not None:
        return f"bevestigd op {confirmed_on:%d-%m-%Y}"
    return "voorbeeld, niet bevestigd" if is_sample else "niet bevestigd"


def spans_words(spans: Spans) -> str:
    """Say spans of a day."""
    return ", ".join(f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in spans) or "dicht"


def _drop_exception(session: Session, place: Place, day: date) -> bool:
    rows = select(OpeningException).where(OpeningException.place_id == place.id, OpeningException.day == day)
    found = list(session.scalars(rows))
    for row in found:
        session.delete(row)
    session.flush()
    return bool(found)


def _warn_of_appointments(session: Session, place: Place, day: date, spans: Spans) -> list[str]:
    """Warn of appointments that stand outside the new times: they are not cancelled by it."""
    first = moment_of(day, datetime.min.time())
    query = select(Appointment).where(
        Appointment.place_id == place.id,
        Appointment.status == AppointmentStatus.BOOKED,
        Appointment.starts_at >= first,
        Appointment.starts_at < moment_of(day + timedelta(days=1), datetime.min.time()),
    )
    allowed = [(moment_of(day, opens), moment_of(day, closes)) for opens, closes in spans]
    outside = [
        appointment
        for appointment in session.scalars(query)
        if not any(opens <= appointment.starts_at and appointment.ends_at <= closes for opens, closes in allowed)
    ]
    if not outside:
        return []
    return [f"Let op: buiten deze tijden staan nog afspraken: {len(outside)}. Ze zijn niet afgezegd."]
