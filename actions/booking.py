"""Books what the form has gathered, and ends it."""

from __future__ import annotations

from dataclasses import replace

from rasa_sdk.events import FollowupAction, SlotSet

from actions.draft import FORM, YES, Draft, clear, end_booking, is_booking
from actions.places import certainty
from actions.turn import Event, Piece, Turn, WegwijsAction, named
from service.appointments import AppointmentRequest, appointments_of, book_appointment
from service.errors import TimeTaken, WrongRequest
from service.texts import TextButton
from store.models import Appointment, Mode

MOST_COACHES_TRIED = 5  # at one time, when others are faster again and again
SLOT_OF_FIELD = {"called_name": "called_name", "language": "talk_language", "telephone": "telephone"}


class BookAppointment(WegwijsAction):
    """Books the appointment once all is answered and confirmed."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_book_appointment"

    def act(self, turn: Turn) -> list[Event]:
        """Book. The form also ends without a booking, when there are no free times: that was said already."""
        draft = Draft.of(turn.tracker)
        if draft.is_confirmed:
            return book(turn, draft)
        if not turn.has_spoken():
            turn.say("booking/stopped")
        return clear()


class ContinueBooking(WegwijsAction):
    """A booking button while nothing is being booked."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_continue_booking"

    def act(self, turn: Turn) -> list[Event]:
        """Finish what the store could not take a moment ago; say again what this turn booked; else do nothing."""
        draft = Draft.of(turn.tracker)
        if draft.is_confirmed and turn.entity("confirm") == YES:
            return book(turn, draft)
        booked = _booked_by(turn)
        if booked is not None:
            tell_booked(turn, booked)
        else:
            again = TextButton(turn.label("flow/coach_afspraak"), "/coach_afspraak")
            turn.say("booking/old_button", buttons=[again])
        return clear()


class Stop(WegwijsAction):
    """Ends what is going on."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_stop"

    def act(self, turn: Turn) -> list[Event]:
        """End the booking, and say that nothing is booked."""
        turn.say("booking/stopped" if is_booking(turn.tracker) else "dialogue/nothing_to_stop")
        return end_booking()


def book(turn: Turn, draft: Draft) -> list[Event]:
    """Book a confirmed draft; when the time is gone or a value will not do, the form asks for it again."""
    try:
        appointment = _book_with_anyone(turn, draft.request(turn.request_key))
    except TimeTaken:
        lost: dict[str, str | None] = {"time": None, "taken_time": draft.time}
        return _ask_again(lost)
    except WrongRequest as wrong:
        return _ask_again({SLOT_OF_FIELD.get(wrong.field, "time"): None, "form_problem": "booking/not_understood"})
    tell_booked(turn, appointment)
    return clear()


def _book_with_anyone(turn: Turn, request: AppointmentRequest) -> Appointment:
    """Book with the coach who was found for the time, or with another who is free then: the person chose a time."""
    for _ in range(MOST_COACHES_TRIED - 1):
        try:
            return book_appointment(turn.session, turn.newcomer, request, turn.now)
        except TimeTaken as taken:
            then = next((free for free in taken.alternatives if free.starts_at == request.starts_at), None)
            if then is None:
                raise
            request = replace(request, coach_id=then.coach_id)
    return book_appointment(turn.session, turn.newcomer, request, turn.now)


def tell_booked(turn: Turn, appointment: Appointment) -> None:
    """Say what was booked, when, with whom and where."""
    shown = TextButton(turn.label("flow/appointment_show"), "/appointment_show")
    turn.say(named("booking/booked", **about(appointment)), *where(appointment), buttons=[shown])


def about(appointment: Appointment) -> dict[str, object]:
    """Give the arguments that say an appointment to the newcomer."""
    return {
        "when": {"datetime": appointment.starts_at.isoformat()},
        "area": {"text": f"area/{appointment.area.value}"},
        "mode": {"text": f"mode/{appointment.mode.value}"},
        "coach": appointment.coach.name,
        "organisation": appointment.coach.organisation.name,
    }


def where(appointment: Appointment) -> list[Piece]:
    """Say where to be, and what is not sure about it; or which number the coach calls."""
    if appointment.mode is Mode.TELEPHONE:
        return [named("booking/coach_calls", telephone=appointment.telephone or "")]
    place = appointment.place
    at = named("booking/at_place", name=place.name, address=place.address or {"text": "booking/no_address"})
    if place.is_sample:
        return [*certainty(is_confirmed=False, is_sample=True), at]
    return [at] if place.confirmed_on else [named("opening/where_unconfirmed"), at]


def _ask_again(slots: dict[str, str | None]) -> list[Event]:
    again = [SlotSet(name, value) for name, value in {"confirm": None, **slots}.items()]
    return [*again, FollowupAction(FORM)]


def _booked_by(turn: Turn) -> Appointment | None:
    """Find what this very turn booked, before the bot lost the answer and asked again."""
    if turn.request_key is None:
        return None
    found = appointments_of(turn.session, turn.newcomer, Appointment.request_key == turn.request_key)
    return found[0] if found else None
