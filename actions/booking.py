"""Books or moves what the form has gathered, and ends it."""

from __future__ import annotations

from collections.abc import Callable

from rasa_sdk.events import FollowupAction, SlotSet

from actions.appointments import tell_standing
from actions.booking_questions import tell_too_many
from actions.booking_view import View, times_of
from actions.draft import ANY, FORM, YES, ChosenTime, Draft, clear, end_booking, is_booking
from actions.standing import SHOW, WAIT, press, tell_refused
from actions.turn import Event, Turn, WegwijsAction, named
from service.appointments import (
    appointments_of,
    book_appointment,
    move_appointment,
    newcomer_arguments,
    standing_appointments,
)
from service.days import local_day
from service.errors import AlreadyCancelled, NoSuchAppointment, Overlaps, TimeTaken, TooMany, WrongRequest
from service.meeting_place import where_lines
from service.texts import TextButton
from store.models import Appointment

MOST_COACHES_TRIED = 5  # at one time, when others are faster again and again
SLOT_OF_FIELD = {"language": "talk_language", **{name: name for name in ("called_name", "telephone", "reason")}}

Act = Callable[[ChosenTime], Appointment]


class BookAppointment(WegwijsAction):
    """Books or moves the appointment once all is answered and confirmed."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_book_appointment"

    def act(self, turn: Turn) -> list[Event]:
        """Book. The form also ends without a booking, when there are no free times: that was said already."""
        draft = Draft.of(turn.tracker)
        if draft.is_confirmed:
            return settle_draft(turn, draft)
        if not turn.has_spoken():
            turn.say("booking/stopped_moving" if draft.moving else "booking/stopped")
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
            return settle_draft(turn, draft)
        booked = _booked_by(turn)
        if booked is not None:
            tell(turn, booked, "booking/booked")
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
        """End the booking, and say that nothing is booked, or that the appointment stays where it is.

        While nothing is booked "cancel" can mean an appointment: who has one reads that it stands, and can cancel it.
        """
        standing = standing_appointments(turn.session, turn.newcomer, turn.now)
        if is_booking(turn.tracker):
            turn.say("booking/stopped_moving" if Draft.of(turn.tracker).moving else "booking/stopped")
        elif standing:
            tell_standing(turn, standing, "booking/kept")
        else:
            turn.say("dialogue/nothing_to_stop")
        return end_booking()


def settle_draft(turn: Turn, draft: Draft) -> list[Event]:
    """Book or move by a confirmed draft; when the time is gone or a value will not do, the form asks for it again."""
    try:
        appointment = _with_anyone(turn, draft, _mover(turn, draft) if draft.moving else _booker(turn, draft))
    except TimeTaken:
        return _ask_again({"time": None, "taken_time": draft.time, "form_problem": "booking/time_taken"})
    except Overlaps:
        later = str(ChosenTime.read(str(draft.time)).starts_at.isoformat())
        return _ask_again({"time": None, "day": None, "after": later, "form_problem": "booking/overlaps"})
    except WrongRequest as wrong:
        return _ask_again({SLOT_OF_FIELD.get(wrong.field, "time"): None, "form_problem": "booking/not_understood"})
    except TooMany:
        tell_too_many(turn, standing_appointments(turn.session, turn.newcomer, turn.now))
    except (AlreadyCancelled, NoSuchAppointment) as refused:
        tell_refused(turn, refused)
    else:
        tell(turn, appointment, "booking/moved" if draft.moving else "booking/booked")
    return clear()


def _booker(turn: Turn, draft: Draft) -> Act:
    def act(chosen: ChosenTime) -> Appointment:
        request = draft.request(turn.request_key, chosen)
        return book_appointment(turn.session, turn.newcomer, request, turn.now)

    return act


def _mover(turn: Turn, draft: Draft) -> Act:
    def act(chosen: ChosenTime) -> Appointment:
        number = int(str(draft.moving))
        return move_appointment(turn.session, turn.newcomer, number, chosen.starts_at, chosen.coach_id, turn.now)

    return act


def _with_anyone(turn: Turn, draft: Draft, act: Act) -> Appointment:
    """Do it with the coach who was found for the time, or with another who is free then, if the person chose none."""
    chosen = ChosenTime.read(str(draft.time))
    day = local_day(chosen.starts_at)
    for _ in range(MOST_COACHES_TRIED - 1):
        try:
            return act(chosen)
        except TimeTaken:
            free = times_of(turn, draft, View(day, day)) if draft.with_coach == ANY else []
            then = next((entry for entry in free if entry.starts_at == chosen.starts_at), None)
            if then is None:
                raise
            chosen = ChosenTime(then.starts_at, then.coach_id)
    return act(chosen)


def tell(turn: Turn, appointment: Appointment, done: str) -> None:
    """Say what was booked or moved, when, with whom and where, and what can be done with it."""
    buttons = [
        TextButton(turn.label("booking/my_appointments"), f"/{SHOW}"),
        press(turn.label("booking/sooner"), WAIT, appointment),
    ]
    turn.say(named(done, **newcomer_arguments(appointment)), *where_lines(appointment), buttons=buttons)


def _ask_again(slots: dict[str, str | None]) -> list[Event]:
    again = [SlotSet(name, value) for name, value in {"confirm": None, **slots}.items()]
    return [*again, FollowupAction(FORM)]


def _booked_by(turn: Turn) -> Appointment | None:
    """Find what this very turn booked, before the bot lost the answer and asked again."""
    if turn.request_key is None:
        return None
    found = appointments_of(turn.session, turn.newcomer, Appointment.request_key == turn.request_key)
    return found[0] if found else None
