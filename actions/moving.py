"""Moving an appointment: it starts the booking form, in which only the time is asked anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from rasa_sdk.events import FollowupAction, SlotSet
from sqlalchemy import or_

from actions.answer import Answer, Problem
from actions.booking_settle import settle
from actions.booking_when import answer_of, moment_in, take_time
from actions.draft import ANY, FORM, ChosenTime, Slots, moving_slots
from actions.standing import MOVE, number_of, tell_none, tell_refused, which_buttons
from actions.turn import Event, Turn, WegwijsAction
from service.appointments import appointments_of, movable_appointment
from service.clock import AMSTERDAM
from service.errors import AlreadyCancelled, NoSuchAppointment
from store.models import Appointment, AppointmentStatus, Canceller

# How long an appointment that the coach cancelled is still meant by "another time, please".
REMEMBERED = timedelta(days=14)


class OfferMoving(WegwijsAction):
    """Gives an appointment another time. Said in the middle of a new booking it ends that."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_offer_moving"

    def act(self, turn: Turn) -> list[Event]:
        """Start the form for the appointment of the button, or for the only one; of several ask which one."""
        number = number_of(turn)
        if number is not None:
            return start_moving(turn, number, turn.entity("time"))
        movable = movable_ones(turn)
        if len(movable) == 1:
            return start_moving(turn, movable[0].id)
        if movable:
            turn.say("standing/ask_which_move", buttons=which_buttons(turn, movable, MOVE))
        else:
            tell_none(turn)
        return []


def movable_ones(turn: Turn) -> list[Appointment]:
    """List what "another time" can be about: appointments to come, and those that a coach cancelled lately."""
    stands = (Appointment.status == AppointmentStatus.BOOKED) & (Appointment.starts_at > turn.now)
    was_cancelled = (Appointment.cancelled_by == Canceller.COACH) & (Appointment.starts_at > turn.now - REMEMBERED)
    return appointments_of(turn.session, turn.newcomer, or_(stands, was_cancelled))


def start_moving(turn: Turn, number: int, time: str | None = None) -> list[Event]:
    """Start the form with all that is known of an appointment, and with the time that a button or the words name."""
    try:
        appointment = movable_appointment(turn.session, turn.newcomer, number, turn.now)
    except (AlreadyCancelled, NoSuchAppointment) as fault:
        tell_refused(turn, fault)
        return []
    slots = moving_slots(appointment)
    if time is not None and _coach_of(time) != slots["with_coach"]:
        slots["with_coach"] = ANY
    begun = _with_slots(turn, slots)
    answer = take_time(begun, time) if time is not None else _named(begun, appointment)
    slots |= settle(begun, _slots_of(answer))
    if not (slots["time"] or slots["form_problem"]):
        slots["form_problem"] = "standing/moving"  # no problem, but what the question about the time is for
    return [*(SlotSet(name, value) for name, value in slots.items()), FollowupAction(FORM)]


def _named(turn: Turn, appointment: Appointment) -> Answer | None:
    """Find the new moment in the words. That of the appointment itself only says which one is meant."""
    moment = moment_in(turn, turn.text)
    local = appointment.starts_at.astimezone(AMSTERDAM)
    is_of_old = moment.day in (None, local.date()) and (not moment.times or local.time() in moment.times)
    return None if is_of_old and not moment.part and not moment.week else answer_of(turn, moment)


def _slots_of(answer: Answer | None) -> Slots:
    if isinstance(answer, Problem):
        return {**answer.slots, "form_problem": answer.name}
    return answer or {}


def _coach_of(time: str) -> str | None:
    try:
        return str(ChosenTime.read(time).coach_id)
    except ValueError:
        return None


def _with_slots(turn: Turn, slots: Slots) -> Turn:
    """Give the turn as it is once these slots are set."""
    tracker = turn.tracker.copy()
    tracker.slots = {**tracker.slots, **slots}
    return replace(turn, tracker=tracker)
