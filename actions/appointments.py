"""Appointments that stand: showing them and cancelling one."""

from __future__ import annotations

from actions.draft import NO, YES, Draft, end_booking, is_booking
from actions.standing import (
    CANCEL,
    SHOW,
    book_button,
    buttons_of,
    find_standing,
    line,
    number_of,
    press,
    tell_none,
    tell_refused,
    which_buttons,
)
from actions.turn import Event, Turn, WegwijsAction, named
from service.appointment_queries import changeable_appointment
from service.appointments import cancel_appointment, newcomer_arguments, standing_appointments
from service.days import day_in, local_day
from service.errors import AlreadyCancelled, NoSuchAppointment
from store.models import Appointment


class ShowAppointments(WegwijsAction):
    """Lists the appointments to come."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_show_appointments"

    def act(self, turn: Turn) -> list[Event]:
        """List them, or the one of a button."""
        standing = standing_appointments(turn.session, turn.newcomer, turn.now)
        number = number_of(turn)
        chosen = [entry for entry in standing if number in (None, entry.id)]
        if number is not None and not chosen:
            turn.say("booking/no_such")
        elif not chosen:
            tell_none(turn)
        else:
            tell_standing(turn, chosen)
        return []


class OfferCancelling(WegwijsAction):
    """Asks which appointment to cancel. Said in the middle of a booking it ends that too."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_offer_cancelling"

    def act(self, turn: Turn) -> list[Event]:
        """Offer each appointment; the only one, or the one that was being moved, is asked about at once."""
        moving = Draft.of(turn.tracker).moving
        standing = _meant(turn, standing_appointments(turn.session, turn.newcomer, turn.now))
        standing = [entry for entry in standing if str(entry.id) == moving] or standing
        ended = end_booking() if is_booking(turn.tracker) else []
        if ended and not (moving and standing):
            turn.say("booking/stopped_moving" if moving else "booking/stopped")
        if len(standing) == 1:
            ask_sure(turn, standing[0])
        elif standing:
            turn.say("booking/ask_which", buttons=which_buttons(turn, standing, CANCEL))
        elif not ended:
            tell_none(turn)
        return ended


class CancelAppointment(WegwijsAction):
    """Cancels the appointment of a button, after asking."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_cancel_appointment"

    def act(self, turn: Turn) -> list[Event]:
        """Ask whether it is sure, or do it. Owner and state are checked each time: buttons can be old."""
        cancel(turn, number_of(turn) or 0, turn.entity("confirm"))
        return []


def cancel(turn: Turn, number: int, confirm: str | None) -> None:
    """Ask about an appointment (*confirm* None), keep it ("no") or cancel it ("yes")."""
    if confirm == NO:
        turn.say("booking/kept")
    elif confirm == YES:
        _do_cancel(turn, number)
    else:
        found = find_standing(turn, number)
        if found:
            ask_sure(turn, found)
        else:
            turn.say("booking/no_such")


def ask_sure(turn: Turn, appointment: Appointment) -> None:
    """Ask whether an appointment is really to be cancelled; not where it cannot be done any more."""
    try:
        changeable_appointment(turn.session, turn.newcomer, appointment.id, turn.now)
    except (AlreadyCancelled, NoSuchAppointment) as fault:
        tell_refused(turn, fault)
        return
    answers = [press(turn.label(f"booking/cancel_{what}"), CANCEL, appointment, confirm=what) for what in (YES, NO)]
    turn.say(named("booking/ask_cancel", **newcomer_arguments(appointment)), buttons=answers)


def tell_standing(turn: Turn, standing: list[Appointment], *before: str) -> None:
    """List appointments, below texts; what can be done with one stands under it, of several one is chosen first."""
    if len(standing) == 1:
        turn.say(*before, _list(turn, standing), buttons=buttons_of(turn, standing[0]))
    else:
        buttons = which_buttons(turn, standing, SHOW)
        turn.say(*before, _list(turn, standing), "standing/choose_one", buttons=buttons)


def _meant(turn: Turn, standing: list[Appointment]) -> list[Appointment]:
    """Leave only the one whose day the words name, if they name one: "I cannot come on Friday"."""
    day = day_in(turn.text, turn.language, turn.today)
    found = [entry for entry in standing if local_day(entry.starts_at) == day]
    return found if len(found) == 1 else standing


def _list(turn: Turn, appointments: list[Appointment]) -> dict[str, object]:
    return named("booking/standing", lines={"list": [line(turn, entry) for entry in appointments]})


def _do_cancel(turn: Turn, number: int) -> None:
    try:
        appointment = cancel_appointment(turn.session, turn.newcomer, number, turn.now)
    except (AlreadyCancelled, NoSuchAppointment) as fault:
        tell_refused(turn, fault)
    else:
        turn.say(named("standing/cancelled", **newcomer_arguments(appointment)), buttons=[book_button(turn)])
