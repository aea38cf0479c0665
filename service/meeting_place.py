"""Where newcomer and coach meet, as typed values of a text (see `service.wording`)."""

from __future__ import annotations

from service.calendar_file import route_link
from store.models import Appointment, Mode


def where_lines(appointment: Appointment) -> list[dict[str, object]]:
    """Say where to be, how to get there, and what is not sure about it; or which number the coach calls.

    Args:
        appointment: The place loaded.
    """
    if appointment.mode is Mode.TELEPHONE:
        number = appointment.telephone or {"text": "telephone/none"}
        return [{"text": "booking/coach_calls", "arguments": {"telephone": number}}]
    place = appointment.place
    address = ", ".join(filter(None, (place.address, place.postcode))) if place.address else None
    about = {"name": place.name, "address": address or {"text": "booking/no_address"}}
    lines: list[dict[str, object]] = [{"text": "booking/at_place", "arguments": about}]
    link = route_link(place)
    if link:
        lines.append({"text": "booking/route", "arguments": {"url": link}})
    if place.is_sample:
        return [{"text": "opening/sample"}, *lines]
    return lines if place.confirmed_on else [{"text": "opening/where_unconfirmed"}, *lines]
