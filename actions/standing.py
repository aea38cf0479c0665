"""What is said of appointments that stand: their lines, the buttons under them, and why one cannot be changed."""

from __future__ import annotations

import json
from collections.abc import Iterable

from actions.draft import NO
from actions.handoff import person_button
from actions.turn import Piece, Turn, named
from service.appointment_queries import appointment_of, last_change
from service.appointments import newcomer_arguments, standing_appointments
from service.errors import AlreadyCancelled, NoSuchAppointment, TooLate, TooLateToChange
from service.texts import TextButton
from service.waiting_list import place_in_line
from store.models import Appointment

SHOW, MOVE, CANCEL, SOONER = "appointment_show", "appointment_move", "cancel_appointment", "appointment_sooner"
WAIT = "wait_for_sooner"

Refused = AlreadyCancelled | NoSuchAppointment


def number_of(turn: Turn) -> int | None:
    """Return the number of the appointment that a button carries; 0 for one that is no number, None without any."""
    value = turn.entity("appointment")
    if value is None:
        return None
    return int(value) if value.isdecimal() else 0


def find_standing(turn: Turn, number: int) -> Appointment | None:
    """Find an appointment to come of the person who writes."""
    standing = standing_appointments(turn.session, turn.newcomer, turn.now)
    return next((entry for entry in standing if entry.id == number), None)


def line(turn: Turn, appointment: Appointment) -> Piece:
    """Say one appointment in a list, and its place in line for a sooner time."""
    place = place_in_line(turn.session, appointment)
    if place is None:
        return named("booking/line", **newcomer_arguments(appointment))
    return named("standing/line_waiting", place=str(place), **newcomer_arguments(appointment))


def buttons_of(turn: Turn, appointment: Appointment) -> list[TextButton]:
    """Offer all that can be done with one appointment."""
    waits = place_in_line(turn.session, appointment) is not None
    return [
        press(turn.label("standing/move_this"), MOVE, appointment),
        leave_button(turn, appointment) if waits else press(turn.label("standing/sooner_this"), SOONER, appointment),
        press(turn.label("standing/cancel_this"), CANCEL, appointment),
    ]


def which_buttons(turn: Turn, appointments: Iterable[Appointment], intent: str) -> list[TextButton]:
    """Offer each appointment by its moment."""
    return [
        press(turn.label("format/moment", {"when": {"datetime": entry.starts_at.isoformat()}}), intent, entry)
        for entry in appointments
    ]


def leave_button(turn: Turn, appointment: Appointment) -> TextButton:
    """Offer to wait no longer for a sooner time."""
    return press(turn.label("standing/leave_line"), WAIT, appointment, confirm=NO)


def book_button(turn: Turn) -> TextButton:
    """Offer a new appointment."""
    return TextButton(turn.label("flow/coach_afspraak"), "/coach_afspraak")


def press(label: str, intent: str, appointment: Appointment, **values: str) -> TextButton:
    """Make a button that does something with one appointment."""
    return TextButton(label, f"/{intent}{json.dumps({'appointment': str(appointment.id)} | values)}")


def tell_none(turn: Turn) -> None:
    """Say that there are no appointments, and offer one."""
    turn.say("booking/none_standing", buttons=[book_button(turn)])


def tell_refused(turn: Turn, fault: Refused) -> None:
    """Say why an appointment cannot be changed, and what can be done."""
    if isinstance(fault, AlreadyCancelled):
        turn.say("booking/already_cancelled", buttons=[book_button(turn)])
    elif isinstance(fault, TooLateToChange):
        appointment = appointment_of(turn.session, turn.newcomer, fault.appointment_id)
        moments = {
            "when": {"datetime": appointment.starts_at.isoformat()},
            "until": {"datetime": last_change(appointment).isoformat()},
        }
        turn.say(named("standing/too_late_to_change", **moments), buttons=[person_button(turn)])
    else:
        turn.say("standing/has_begun" if isinstance(fault, TooLate) else "booking/no_such")
