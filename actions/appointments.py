"""Appointments that stand: showing them and cancelling one."""

from __future__ import annotations

import json

from actions.booking import about
from actions.draft import NO, YES, end_booking, is_booking
from actions.turn import Event, Turn, WegwijsAction, named
from service.appointments import cancel_appointment, standing_appointments
from service.errors import AlreadyCancelled, NoSuchAppointment, TooLate
from service.texts import TextButton
from store.models import Appointment


class ShowAppointments(WegwijsAction):
    """Lists the appointments to come."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_show_appointments"

    def act(self, turn: Turn) -> list[Event]:
        """List them, each with a button to cancel it."""
        standing = standing_appointments(turn.session, turn.newcomer, turn.now)
        if not standing:
            turn.say("booking/none_standing", buttons=[_book_button(turn)])
            return []
        lines = {"list": [named("booking/line", **about(appointment)) for appointment in standing]}
        turn.say(named("booking/standing", lines=lines), buttons=[_cancel_button(turn, entry) for entry in standing])
        return []


class OfferCancelling(WegwijsAction):
    """Asks which appointment to cancel. Said in the middle of a booking it ends that too."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_offer_cancelling"

    def act(self, turn: Turn) -> list[Event]:
        """Offer each appointment; the only one is asked about at once."""
        standing = standing_appointments(turn.session, turn.newcomer, turn.now)
        ended = end_booking() if is_booking(turn.tracker) else []
        if ended:
            turn.say("booking/stopped")
        if len(standing) == 1:
            ask_sure(turn, standing[0])
        elif standing:
            buttons = [_cancel_button(turn, entry) for entry in standing]
            turn.say("booking/ask_which", buttons=buttons)
        elif not ended:
            turn.say("booking/none_standing", buttons=[_book_button(turn)])
        return ended


class OfferMoving(WegwijsAction):
    """Says how to get another time: an appointment cannot be moved, so a new one first and then the old one off."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_offer_moving"

    def act(self, turn: Turn) -> list[Event]:
        """Offer both steps, the new one first, so that nobody is left without a time."""
        standing = standing_appointments(turn.session, turn.newcomer, turn.now)
        if standing:
            cancelling = [_cancel_button(turn, entry) for entry in standing]
            turn.say("booking/move_how", buttons=[_book_button(turn), *cancelling])
        else:
            turn.say("booking/none_standing", buttons=[_book_button(turn)])
        return []


class CancelAppointment(WegwijsAction):
    """Cancels the appointment of a button, after asking."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_cancel_appointment"

    def act(self, turn: Turn) -> list[Event]:
        """Ask whether it is sure, or do it. Owner and state are checked each time: buttons can be old."""
        cancel(turn, turn.entity("appointment") or "", turn.entity("confirm"))
        return []


def cancel(turn: Turn, appointment: str, confirm: str | None) -> None:
    """Ask about an appointment (*confirm* None), keep it ("no") or cancel it ("yes")."""
    number = int(appointment) if appointment.isdecimal() else 0
    if confirm == NO:
        turn.say("booking/kept")
    elif confirm == YES:
        _do_cancel(turn, number)
    else:
        standing = standing_appointments(turn.session, turn.newcomer, turn.now)
        found = [entry for entry in standing if entry.id == number]
        if found:
            ask_sure(turn, found[0])
        else:
            turn.say("booking/no_such")


def ask_sure(turn: Turn, appointment: Appointment) -> None:
    """Ask whether an appointment is really to be cancelled."""
    buttons = [
        TextButton(turn.label(f"booking/cancel_{answer}"), _cancel_payload(appointment, answer)) for answer in (YES, NO)
    ]
    turn.say(named("booking/ask_cancel", **about(appointment)), buttons=buttons)


def _do_cancel(turn: Turn, number: int) -> None:
    try:
        appointment = cancel_appointment(turn.session, turn.newcomer, number, turn.now)
    except AlreadyCancelled:
        turn.say("booking/already_cancelled")
    except TooLate:
        turn.say("booking/too_late")
    except NoSuchAppointment:
        turn.say("booking/no_such")
    else:
        turn.say(named("booking/cancelled", **about(appointment)), buttons=[_book_button(turn)])


def _cancel_button(turn: Turn, appointment: Appointment) -> TextButton:
    when = {"datetime": appointment.starts_at.isoformat()}
    return TextButton(turn.label("booking/cancel_this", {"when": when}), _cancel_payload(appointment, None))


def _cancel_payload(appointment: Appointment, confirm: str | None) -> str:
    values = {"appointment": str(appointment.id)} | ({"confirm": confirm} if confirm else {})
    return f"/cancel_appointment{json.dumps(values)}"


def _book_button(turn: Turn) -> TextButton:
    return TextButton(turn.label("flow/coach_afspraak"), "/coach_afspraak")
