"""The booking form: what an answer does, and what is no answer.

No slot is filled by Rasa's mappings: a question typed in the middle must not become a name. Where this action returns
no events Rasa lets the message's own rule answer (a topic, a person, stop), and the form asks again by itself.
"""

from __future__ import annotations

from rasa_sdk.events import SlotSet

from actions.booking_answers import (
    READ,
    TAKE,
    Answer,
    Problem,
    asking_intents,
    change_of_moment,
    read_area,
    take_change,
    understanding,
)
from actions.draft import Draft, clear
from actions.turn import Event, Turn, WegwijsAction

START = "coach_afspraak"
MOVE = "appointment_move"
UNSURE = ("nlu_fallback", "out_of_scope")


class ValidateAppointmentForm(WegwijsAction):
    """Decides on every message while an appointment is booked."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "validate_appointment_form"

    def act(self, turn: Turn) -> list[Event]:
        """Set the slots that the message answers; none: another rule answers."""
        slot = turn.tracker.slots.get("requested_slot")
        if slot is None:
            return begin(turn) if turn.intent == START else []
        if turn.has_spoken():  # a rule has just answered this message: nothing of it is for the form
            return []
        if turn.intent == "inform":
            return pressed(turn, slot)
        return typed(turn, slot) if turn.text else not_for_form(turn)

    def after_failure(self) -> list[Event]:
        """Ask again: an event keeps Rasa from trying the message's own rule after the apology."""
        return [SlotSet("form_problem", None)]


def begin(turn: Turn) -> list[Event]:
    """Start afresh, with the area if the wish names it."""
    area = read_area(turn, turn.text) if turn.text else None
    return [*clear(), *(accept(area) if area is not None else [])]


def pressed(turn: Turn, slot: str) -> list[Event]:
    """Take a button's value; one of an older question does nothing."""
    change = turn.entity("change")
    if slot == "confirm" and change:
        answer = take_change(turn, change)
    else:
        value = turn.entity(slot)
        answer = TAKE[slot](turn, value) if value is not None else None
    return accept(answer) if answer is not None else accept(Problem("booking/old_button"))


def typed(turn: Turn, slot: str) -> list[Event]:
    """Read typed words: a question is left to its own rule, an answer is taken, all else is counted as a miss."""
    words = understanding(turn)
    is_question = words.is_question(turn.text)
    has_rule = turn.intent in asking_intents(turn.parts.texts) - {START}
    if turn.intent == MOVE and Draft.of(turn.tracker).day and not words.says_name(turn.text):
        return accept(change_of_moment(turn, turn.text) or take_change(turn, "day") or {})
    if turn.intent == "stop" or (is_question and has_rule):
        return []
    answer = READ[slot](turn, turn.text)
    if answer is None and slot in ("mode", "talk_language", "interpreter"):
        answer = change_of_moment(turn, turn.text)
    if answer is not None:
        return accept(answer)
    if has_rule or (is_question and turn.intent in UNSURE):
        return []
    return [SlotSet("form_problem", None)] if turn.intent == START else missed(turn)


def not_for_form(turn: Turn) -> list[Event]:
    """Leave other buttons to their rules; the one that starts a booking just asks again."""
    return [SlotSet("form_problem", None)] if turn.intent == START else []


def accept(answer: Answer) -> list[Event]:
    """Set the slots of an answer, or note why it does not do."""
    if isinstance(answer, Problem):
        return [SlotSet("form_problem", answer.name), SlotSet("changing", None)]
    done = {"form_problem": None, "form_misses": None, "changing": None, **answer}
    return [SlotSet(name, value) for name, value in done.items()]


def missed(turn: Turn) -> list[Event]:
    """Count an answer that was not understood."""
    misses = int(turn.tracker.slots.get("form_misses") or 0) + 1
    return [SlotSet("form_problem", "booking/not_understood"), SlotSet("form_misses", str(misses))]
