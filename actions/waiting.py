"""A sooner time for an appointment that stands: one that is free now, or a place in line for what comes free."""

from __future__ import annotations

from actions.draft import NO, ChosenTime
from actions.standing import (
    MOVE,
    SOONER,
    WAIT,
    leave_button,
    number_of,
    press,
    tell_none,
    tell_refused,
    which_buttons,
)
from actions.turn import Event, Turn, WegwijsAction, named
from service.appointment_queries import appointment_of, changeable_appointment
from service.appointments import standing_appointments, wish_of
from service.availability import FreeTime, next_free_times
from service.errors import AlreadyCancelled, NoSuchAppointment
from service.texts import TextButton
from service.waiting_list import join_line, leave_line, place_in_line
from store.models import Appointment

MOST_TIMES = 3  # that are offered at once


class OfferSooner(WegwijsAction):
    """Offers sooner times, or puts the person in line for them."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_offer_sooner"

    def act(self, turn: Turn) -> list[Event]:
        """Offer them for the appointment of the button, or for the only one; of several ask which one."""
        number = number_of(turn)
        standing = standing_appointments(turn.session, turn.newcomer, turn.now)
        if number is not None:
            offer_sooner(turn, number)
        elif len(standing) == 1:
            offer_sooner(turn, standing[0].id)
        elif standing:
            turn.say("standing/ask_which_sooner", buttons=which_buttons(turn, standing, SOONER))
        else:
            tell_none(turn)
        return []


class WaitForSooner(WegwijsAction):
    """Puts a person in line for a sooner time, or takes a person out of it."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_wait_for_sooner"

    def act(self, turn: Turn) -> list[Event]:
        """Do what the button says."""
        number = number_of(turn) or 0
        if turn.entity("confirm") == NO:
            leave(turn, number)
        else:
            offer_sooner(turn, number)
        return []


def offer_sooner(turn: Turn, number: int) -> None:
    """Offer the sooner times that are free now; there are none: put the person in line."""
    try:
        appointment = changeable_appointment(turn.session, turn.newcomer, number, turn.now)
    except (AlreadyCancelled, NoSuchAppointment) as fault:
        tell_refused(turn, fault)
        return
    sooner = sooner_times(turn, appointment)
    if not sooner:
        join(turn, number)
        return
    buttons = [_take_button(turn, appointment, free) for free in sooner]
    buttons.append(press(turn.label("standing/move_this"), MOVE, appointment))
    if place_in_line(turn.session, appointment) is not None:
        buttons.append(leave_button(turn, appointment))
    turn.say(named("standing/sooner_now", when=_when(appointment)), buttons=buttons)


def sooner_times(turn: Turn, appointment: Appointment) -> list[FreeTime]:
    """List the first free times before an appointment that suit it."""
    free = next_free_times(turn.session, turn.now, wish=wish_of(appointment), limit=MOST_TIMES)
    return [entry for entry in free if entry.starts_at < appointment.starts_at]


def join(turn: Turn, number: int) -> None:
    """Put the person in line, or say that it waits already; the appointment stays as it is."""
    try:
        entry = join_line(turn.session, turn.newcomer, number, turn.now)
    except (AlreadyCancelled, NoSuchAppointment) as fault:
        tell_refused(turn, fault)
        return
    appointment = entry.appointment
    place = place_in_line(turn.session, appointment)
    said = named("standing/joined_line", when=_when(appointment), place=str(place))
    turn.say(said, buttons=[leave_button(turn, appointment)])


def leave(turn: Turn, number: int) -> None:
    """Take the person out of the line."""
    try:
        leave_line(turn.session, turn.newcomer, number, turn.now)
        appointment = appointment_of(turn.session, turn.newcomer, number)
    except NoSuchAppointment as fault:
        tell_refused(turn, fault)
        return
    again = press(turn.label("standing/wait_again"), WAIT, appointment)
    turn.say(named("standing/left_line", when=_when(appointment)), buttons=[again])


def _take_button(turn: Turn, appointment: Appointment, free: FreeTime) -> TextButton:
    label = turn.label("format/moment", {"when": {"datetime": free.starts_at.isoformat()}})
    return press(label, MOVE, appointment, time=str(ChosenTime(free.starts_at, free.coach_id)))


def _when(appointment: Appointment) -> dict[str, str]:
    return {"datetime": appointment.starts_at.isoformat()}
