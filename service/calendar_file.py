"""The file that puts an appointment into the calendar of a telephone, moves it there and takes it out again.

iCalendar (RFC 5545), exchanged by RFC 5546: one UID for the whole life of an appointment, a SEQUENCE that grows with
each change, and METHOD:CANCEL once it is off.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from urllib.parse import urlencode

from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard, vCalAddress, vRecur
from sqlalchemy.orm import Session

from service.appointment_words import newcomer_arguments
from service.clock import AMSTERDAM
from service.notifications import drop_waiting, notify, was_told
from store.messages import Notification, NotificationState
from store.models import Appointment, AppointmentStatus, Mode, Place

FILE = "calendar/file"
FILE_DELAY = timedelta(seconds=5)  # the answer goes first: the file belongs below it
PRODUCT = "-//Gemeente Utrecht//Wegwijs//NL"
OURS = uuid.UUID("c44287bd-35c0-4b51-8125-fb249e49ebc9")  # random; makes our ids differ from others'
RULE_SINCE = 1996  # the clock of the European Union has changed on the same Sundays since
ROUTES = "https://www.google.com/maps/dir/?"  # its documented address; opens in a browser too


def send_calendar(session: Session, appointment: Appointment, now: datetime, *, keeps_quiet: bool = False) -> None:
    """Let the newcomer have the calendar file of an appointment as it stands now, a few seconds after the answer.

    It takes the place of an earlier one that was not sent. Nobody hears of an appointment that was made and cancelled
    before its first file was sent, and an erased newcomer hears nothing.

    Args:
        session: The transaction that books, moves or cancels it.
        appointment: Coach and organisation loaded.
        now: The moment, aware.
        keeps_quiet: Whether it waits while people sleep: somebody else changed the appointment.
    """
    is_dropped = drop_waiting(session, appointment, [FILE], unheld_at=now)
    was_sent = Notification.state.in_((NotificationState.SENT, NotificationState.PENDING))
    is_unknown_yet = is_dropped and not was_told(session, appointment, FILE, was_sent)
    if appointment.newcomer is None:
        return
    if is_unknown_yet and appointment.status is AppointmentStatus.CANCELLED:
        return
    notify(
        session,
        newcomer=appointment.newcomer,
        name=FILE,
        arguments=newcomer_arguments(appointment),
        now=now,
        deliver_at=now + FILE_DELAY,
        appointment=appointment,
        keeps_quiet=keeps_quiet,
    )


def caption_of(appointment: Appointment) -> str:
    """Name the text that goes with the file of an appointment as it stands now."""
    if appointment.status is AppointmentStatus.CANCELLED:
        return "calendar/caption_cancelled"
    return "calendar/caption_moved" if appointment.sequence else "calendar/caption_booked"


def calendar_file(appointment: Appointment, *, summary: str, description: str) -> bytes:
    """Write the calendar file of an appointment as it stands now.

    Args:
        appointment: Coach, organisation and place loaded.
        summary: What stands in the calendar, in the newcomer's language, without markup.
        description: What more there is to know, the same.
    """
    is_cancelled = appointment.status is AppointmentStatus.CANCELLED
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "CANCEL" if is_cancelled else "PUBLISH")
    calendar.add_component(_timezone())
    event = Event()
    event.add("uid", str(uuid.uuid5(OURS, f"{appointment.id} {appointment.created_at.isoformat()}")))
    event.add("dtstamp", appointment.changed_at)
    event.add("sequence", appointment.sequence)
    event.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
    event.add("dtstart", appointment.starts_at.astimezone(AMSTERDAM))
    event.add("dtend", appointment.ends_at.astimezone(AMSTERDAM))
    event.add("organizer", _organizer(appointment))
    event.add("summary", summary)
    event.add("description", description)
    if appointment.mode is Mode.PLACE:
        event.add("location", _location(appointment.place))
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _organizer(appointment: Appointment) -> vCalAddress:
    """Name the organisation. It has no mail address that we know, and an answer by mail would reach nobody."""
    organisation = appointment.coach.organisation
    organizer = vCalAddress(uuid.uuid5(OURS, organisation.key).urn)
    organizer.params["cn"] = organisation.name
    return organizer


def _location(place: Place) -> str:
    """Say where it is; an address that staff have not confirmed is not told as a fact."""
    if place.confirmed_on is None:
        return place.name
    return ", ".join(filter(None, (place.name, place.address, place.postcode)))


def _timezone() -> Timezone:
    """Describe the clock of Amsterdam by its rule, so that it covers all dates."""
    timezone = Timezone()
    timezone.add("tzid", AMSTERDAM.key)
    for part, name, month, hour, before, after in (
        (TimezoneDaylight(), "CEST", 3, 2, 1, 2),
        (TimezoneStandard(), "CET", 10, 3, 2, 1),
    ):
        # The last Sunday of the month; the first one of the rule is named by its date.
        part.add("dtstart", _last_sunday(RULE_SINCE, month).replace(hour=hour))
        part.add("rrule", vRecur(freq="YEARLY", bymonth=month, byday="-1SU"))
        part.add("tzname", name)
        part.add("tzoffsetfrom", timedelta(hours=before))
        part.add("tzoffsetto", timedelta(hours=after))
        timezone.add_component(part)
    return timezone


def _last_sunday(year: int, month: int) -> datetime:
    last = datetime(year, month, 31)  # noqa: DTZ001 - local by its nature; both months have 31 days
    return last - timedelta(days=(last.weekday() + 1) % 7)


def route_link(place: Place) -> str | None:
    """Make a link that shows the way to a place; None if staff have not confirmed where it is."""
    if place.confirmed_on is None:
        return None
    if place.address:
        destination = ", ".join(filter(None, (place.address, place.postcode, "Utrecht")))
    elif place.latitude is not None and place.longitude is not None:
        destination = f"{place.latitude},{place.longitude}"
    else:
        return None
    return ROUTES + urlencode({"api": 1, "destination": destination})
