"""Staff commands on when coaches can be booked: their week, other times on single dates, and leave."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from service.appointment_changes import lock_coaches
from service.availability import Wish, free_times
from service.clock import AMSTERDAM
from service.days import local_day, moment_of
from service.leave import appointments_during, end_leave, leave_to_come, take_leave
from service.opening import holiday_on
from service.staff.coaching import coach_line
from service.staff.opening import spans_words
from service.staff.reading import AREA_WORDS, MODE_WORDS, WEEKDAYS, Reader, Spans
from store.models import (
    Appointment,
    AppointmentStatus,
    Availability,
    AvailabilityException,
    Coach,
    Leave,
    LeaveKind,
    Mode,
    Place,
)

LONGEST_LEAVE = timedelta(days=366)
LEAVE_WORDS = {LeaveKind.LEAVE: "verlof", LeaveKind.SICK: "ziek"}

Row = Availability | AvailabilityException


def show_availability(session: Session, given: Namespace, now: datetime) -> list[str]:
    """Show when a coach can be booked: the week and what differs from it, or one day with its appointments."""
    reader = Reader(session)
    coach = reader.coach(given.coach)
    day = reader.day(given.day, local_day(now)) if getattr(given, "day", None) else None
    reader.check()
    return _day_lines(session, coach, day, now) if day else _week_lines(session, coach, now)


def set_availability(session: Session, given: Namespace, now: datetime) -> list[str]:
    """Set when a coach can be booked on one weekday, or add to it."""
    reader = Reader(session)
    coach, place = reader.coach(given.coach), reader.place(given.place)
    weekday, spans = reader.weekday(given.weekday), reader.spans(given.spans, whole_steps=True)
    mode = reader.mode(given.mode)
    kept = [row for row in coach.availability if row.weekday == weekday] if given.add else []
    _refuse_overlap(reader, spans, kept)
    reader.check()
    if not given.add:
        session.execute(delete(Availability).where(Availability.coach_id == coach.id, Availability.weekday == weekday))
    for starts, ends in spans:
        values = {"coach_id": coach.id, "place_id": place.id, "weekday": weekday, "mode": mode}
        session.add(Availability(starts=starts, ends=ends, **values))
    session.flush()
    warning = _warn_of_appointments(session, coach, now, weekday=weekday)
    return [*_week_lines(session, coach, now), *warning]


def set_exception(session: Session, given: Namespace, now: datetime) -> list[str]:
    """Set when a coach can be booked on one date, in place of the week; or add to it."""
    reader = Reader(session)
    coach, place = reader.coach(given.coach), reader.place(given.place)
    day, spans = reader.day(given.day, local_day(now)), reader.spans(given.spans, whole_steps=True)
    kept = [row for row in _exceptions(session, coach, day) if row.starts is not None] if given.add else []
    if given.add and not reader.faults:
        _refuse_empty_addition(reader, coach, kept, spans)
    _refuse_overlap(reader, spans, kept)
    reader.check()
    if not given.add:
        _drop_exceptions(session, coach, day)
    rows = [{"place_id": place.id, "starts": starts, "ends": ends} for starts, ends in spans]
    for row in rows or [{}]:  # without times: not to be booked that day
        session.add(AvailabilityException(coach_id=coach.id, day=day, **row))
    session.flush()
    return [*_day_lines(session, coach, day, now), *_warn_of_appointments(session, coach, now, day=day)]


def clear_exception(session: Session, given: Namespace, now: datetime) -> list[str]:
    """Take the other times of one date away: the coach's week holds again."""
    reader = Reader(session)
    coach, day = reader.coach(given.coach), reader.day(given.day, local_day(now))
    if not reader.faults and not _exceptions(session, coach, day):
        reader.faults.append(f"{coach.name} heeft op {day:%d-%m-%Y} geen andere tijden.")
    reader.check()
    _drop_exceptions(session, coach, day)
    return [*_day_lines(session, coach, day, now), *_warn_of_appointments(session, coach, now, day=day)]


def list_leave(session: Session, given: Namespace, now: datetime) -> list[str]:
    """List the leave of a coach that has not ended."""
    reader = Reader(session)
    coach = reader.coach(given.coach)
    reader.check()
    return [coach_line(coach), *(_leave_lines(session, coach, now) or ["  geen verlof"])]


def add_leave(session: Session, given: Namespace, now: datetime) -> list[str]:
    """Make a coach away. Where appointments stand they are named first, and cancelled only if staff say so."""
    reader = Reader(session)
    coach = reader.coach(given.coach)
    first, last = _leave_days(reader, given, local_day(now))
    reader.check()
    lock_coaches(session, {coach.id})  # no appointment is booked between naming them and cancelling them
    standing = appointments_during(session, coach, first, last, now)
    if standing and not given.cancel_appointments:
        reader.faults += [
            f"{coach.name} heeft in deze dagen nog afspraken: {len(standing)}.",
            *map(_appointment_line, standing),
            "Zeg ze af met: --cancel-appointments. Elke nieuwkomer krijgt dan bericht en kan een andere tijd kiezen.",
        ]
    reader.check()
    cancelled = take_leave(session, coach, first, last, LeaveKind.SICK if given.sick else LeaveKind.LEAVE, now)
    told = [f"Afgezegd: {len(cancelled)}. Elke nieuwkomer krijgt bericht en kan een andere tijd kiezen."]
    return [
        *list_leave(session, given, now),
        *([*told, *(f"  {_appointment_line(each)}" for each in cancelled)] if cancelled else []),
    ]


def stop_leave(session: Session, given: Namespace, now: datetime) -> list[str]:
    """Make a coach be back on a day, today if none is given."""
    reader = Reader(session)
    coach, today = reader.coach(given.coach), local_day(now)
    day = reader.day(given.day, today) if given.day else today
    reader.check()
    if not end_leave(session, coach, day, now):
        reader.faults.append(f"{coach.name} heeft op {day:%d-%m-%Y} geen verlof.")
    reader.check()
    return [*list_leave(session, given, now), "Afspraken die zijn afgezegd komen niet terug."]


def _leave_days(reader: Reader, given: Namespace, today: date) -> tuple[date, date]:
    first = reader.day(given.first_day, today)
    last = reader.day(given.last_day, today) if given.last_day else first
    if not reader.faults and last < first:
        reader.faults.append(f"De laatste dag ({given.last_day}) ligt voor de eerste ({given.first_day}).")
    elif not reader.faults and last - first > LONGEST_LEAVE:
        reader.faults.append("Dat is langer dan een jaar. Zet de coach dan uit met: coach deactivate")
    return first, last


def _week_lines(session: Session, coach: Coach, now: datetime) -> list[str]:
    session.expire(coach, ["availability", "availability_exceptions"])
    lines = [coach_line(coach)]
    for weekday, name in enumerate(WEEKDAYS):
        rows = [row for row in coach.availability if row.weekday == weekday]
        lines.append(f"  {name:10} {_rows_words(session, rows)}")
    coming = [row for row in coach.availability_exceptions if row.day >= local_day(now)]
    for day, others in groupby(coming, lambda row: row.day):
        lines.append(f"  {day:%d-%m-%Y} {_rows_words(session, list(others))}")
    return [*lines, *_leave_lines(session, coach, now)]


def _day_lines(session: Session, coach: Coach, day: date, now: datetime) -> list[str]:
    """Say of one day when the coach can be booked and why then, and what is booked and free."""
    session.expire(coach, ["availability", "availability_exceptions"])
    others = _exceptions(session, coach, day)
    rows: Sequence[Row] = others or [row for row in coach.availability if row.weekday == day.weekday()]
    away = [leave for leave in leave_to_come(session, coach, now) if leave.first_day <= day <= leave.last_day]
    marks = [
        *(["andere tijden op deze datum"] if others else []),
        *([holiday] if (holiday := holiday_on(day)) else []),
        *sorted({LEAVE_WORDS[leave.kind] for leave in away}),
    ]
    booked = [f"{_local(each.starts_at):%H:%M}" for each in _standing(session, coach, now, day)]
    free = [f"{_local(each.starts_at):%H:%M}" for each in free_times(session, day, now, wish=Wish(coach_id=coach.id))]
    return [
        coach_line(coach),
        f"  {WEEKDAYS[day.weekday()]} {day:%d-%m-%Y}: {_rows_words(session, rows)}",
        *([f"  let op: {', '.join(marks)}"] if marks else []),
        f"  geboekt: {', '.join(booked) or 'niets'}",
        f"  vrij: {', '.join(free) or 'niets'}",
    ]


def _rows_words(session: Session, rows: Iterable[Row]) -> str:
    """Say spans, each run of them with its place, and with the way to meet if there is but one."""
    timed = [(row, row.starts, row.ends) for row in rows if row.starts is not None and row.ends is not None]
    told = []
    for (place_id, mode), some in groupby(timed, lambda each: (each[0].place_id, getattr(each[0], "mode", None))):
        words = spans_words([(starts, ends) for _, starts, ends in some])
        only = f", alleen {MODE_WORDS[mode]}" if mode else ""
        told.append(f"{words} ({session.get_one(Place, place_id).name}{only})")
    return ", ".join(told) or "geen"


def _leave_lines(session: Session, coach: Coach, now: datetime) -> list[str]:
    return [f"  {_leave_words(leave)}" for leave in leave_to_come(session, coach, now)]


def _leave_words(leave: Leave) -> str:
    until = f" tot en met {leave.last_day:%d-%m-%Y}" if leave.last_day != leave.first_day else ""
    return f"{LEAVE_WORDS[leave.kind]}: {leave.first_day:%d-%m-%Y}{until}"


def _appointment_line(appointment: Appointment) -> str:
    """Say when an appointment is and what it is about; the name is for the coach."""
    about = f"{AREA_WORDS[appointment.area]}, {MODE_WORDS[appointment.mode]}"
    return f"{_local(appointment.starts_at):%d-%m-%Y %H:%M} ({about})"


def _local(moment: datetime) -> datetime:
    return moment.astimezone(AMSTERDAM)


def _refuse_overlap(reader: Reader, spans: Spans, kept: Iterable[Row]) -> None:
    """Refuse new times that cross those that stay."""
    for starts, ends in spans:
        for row in kept:
            if row.starts is not None and row.ends is not None and starts < row.ends and row.starts < ends:
                reader.faults.append(
                    f"{starts:%H:%M}-{ends:%H:%M} valt samen met {row.starts:%H:%M}-{row.ends:%H:%M}, dat er al staat."
                )


def _refuse_empty_addition(reader: Reader, coach: Coach, kept: Sequence[Row], spans: Spans) -> None:
    if not kept:
        reader.faults.append(f"{coach.name} heeft op deze datum nog geen andere tijden. Laat --add weg.")
    if not spans:
        reader.faults.append("Met --add horen tijden. Is de coach er niet? Laat --add weg.")


def _exceptions(session: Session, coach: Coach, day: date) -> list[AvailabilityException]:
    query = select(AvailabilityException).where(
        AvailabilityException.coach_id == coach.id, AvailabilityException.day == day
    )
    return list(session.scalars(query.order_by(AvailabilityException.starts)))


def _drop_exceptions(session: Session, coach: Coach, day: date) -> None:
    for row in _exceptions(session, coach, day):
        session.delete(row)
    session.flush()


def _standing(session: Session, coach: Coach, now: datetime, day: date | None = None) -> list[Appointment]:
    """List booked appointments to come, of one day or all."""
    query = select(Appointment).where(
        Appointment.coach_id == coach.id, Appointment.status == AppointmentStatus.BOOKED, Appointment.starts_at > now
    )
    if day is not None:
        begin, end = moment_of(day, time.min), moment_of(day + timedelta(days=1), time.min)
        query = query.where(Appointment.starts_at >= begin, Appointment.starts_at < end)
    return list(session.scalars(query.order_by(Appointment.starts_at)))


def _warn_of_appointments(
    session: Session, coach: Coach, now: datetime, *, day: date | None = None, weekday: int | None = None
) -> list[str]:
    """Warn of appointments that stand outside the times of a coach: they are not cancelled by it."""
    session.expire(coach, ["availability", "availability_exceptions"])
    outside = [
        appointment
        for appointment in _standing(session, coach, now, day)
        if weekday in (None, local_day(appointment.starts_at).weekday()) and not _is_inside(coach, appointment)
    ]
    if not outside:
        return []
    return [
        f"Let op: buiten deze tijden staan nog afspraken: {len(outside)}. Ze zijn niet afgezegd.",
        *(f"  {_appointment_line(each)}" for each in outside),
    ]


def _is_inside(coach: Coach, appointment: Appointment) -> bool:
    day = local_day(appointment.starts_at)
    others = [row for row in coach.availability_exceptions if row.day == day]
    rows: Sequence[Row] = others or [row for row in coach.availability if row.weekday == day.weekday()]
    return any(_holds(row, day, appointment) for row in rows)


def _holds(row: Row, day: date, appointment: Appointment) -> bool:
    if row.starts is None or row.ends is None:
        return False
    fits = moment_of(day, row.starts) <= appointment.starts_at and appointment.ends_at <= moment_of(day, row.ends)
    by_telephone = appointment.mode is Mode.TELEPHONE  # then the place is of no matter
    return fits and (by_telephone or row.place_id == appointment.place_id)
