"""The booking form: what an answer does, and what is no answer.

No slot is filled by Rasa's mappings: a question typed in the middle must not become a name. Where this action returns
no events Rasa lets the message's own rule answer (a topic, a person, stop), and the form asks again by itself.
"""

from __future__ import annotations

from rasa_sdk.events import SlotSet

from actions.answer import Answer, Problem
from actions.booking_answers import READ, START, TAKE, asking_intents, read_area
from actions.booking_changes import change_of_mind, first_wish, go_back, says_change, take_change, understanding
from actions.booking_settle import settle
from actions.booking_when import moment_in, take_view
from actions.draft import Draft, clear
from actions.turn import Event, Turn, WegwijsAction

MOVE = "appointment_move"
UNSURE = ("nlu_fallback", "out_of_scope")
CLOSED = ("area", "talk_language", "with_coach", "mode", "time")  # what is no answer to these is another wish
OPENING = ("welkomhuis_openingstijden", "welkomhuis_cursussen")  # what "can I come on Friday?" looks like
SKIPPED = ("telephone", "reason")
ASKED_BACK = ("reason",)  # what may be a question is asked back here, not left to its rule at once


class ValidateAppointmentForm(WegwijsAction):
    """Decides on every message while an appointment is booked or moved."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "validate_appointment_form"

    def act(self, turn: Turn) -> list[Event]:
        """Set the slots that the message answers; none: another rule answers."""
        slot = turn.tracker.slots.get("requested_slot")
        if slot is None:
            return begin(turn)
        if turn.has_spoken():  # a rule has just answered this message: nothing of it is for the form
            return []
        if turn.intent == "inform":
            return pressed(turn, slot)
        return typed(turn, slot) if turn.text else not_for_form(turn)

    def after_failure(self) -> list[Event]:
        """Ask again: an event keeps Rasa from trying the message's own rule after the apology."""
        return [SlotSet("form_problem", None)]


def begin(turn: Turn) -> list[Event]:
    """Start afresh, with what the wish names; a form that moves an appointment, or starts again, keeps its answers."""
    if turn.intent == START:
        text = turn.text
        return [*clear(), *(accept(turn, first_wish(turn, text, read_area(turn, text))) if text else [])]
    if Draft.of(turn.tracker).moving and turn.intent != "inform":
        return [SlotSet(name, value) for name, value in settle(turn, {}).items()]
    return []


def pressed(turn: Turn, slot: str) -> list[Event]:
    """Take a button's value; one of an older question does nothing."""
    change, value = turn.entity("change"), turn.entity(slot)
    if slot == "confirm" and change:
        answer = take_change(turn, change)
    elif slot == "time" and value is None:
        answer = take_view(turn)
    else:
        answer = TAKE[slot](turn, value) if value is not None else None
    return accept(turn, answer if answer is not None else Problem("booking/old_button"))


def typed(turn: Turn, slot: str) -> list[Event]:
    """Read typed words: a question is left to its own rule, an answer is taken, all else is counted as a miss."""
    words, means_time = understanding(turn), means_this_booking(turn, slot)
    if words.says_only(turn.text, "back"):  # it looks like "stop" to the classifier
        return accept(turn, go_back(turn, slot))
    if turn.intent == MOVE and means_time and not words.says_name(turn.text):
        other = READ[slot] if slot == "time" else change_of_mind
        return accept(turn, other(turn, turn.text) or take_change(turn, "day") or {})
    is_question = words.is_question(turn.text)
    has_rule = turn.intent in asking_intents(turn.parts.texts) - {START}
    if turn.intent in OPENING and means_time and asks_for_moment(turn):
        is_question = has_rule = False
    if stops(turn, slot) or (is_question and has_rule and slot not in ASKED_BACK):
        return []
    answer = READ[slot](turn, turn.text)
    if answer is None and slot in CLOSED and (not has_rule or says_change(turn, turn.text)):
        answer = change_of_mind(turn, turn.text)
    if answer is not None:
        return accept(turn, answer)
    if has_rule or (is_question and turn.intent in UNSURE):
        return []
    return [SlotSet("form_problem", None)] if turn.intent == START else missed(turn)


def stops(turn: Turn, slot: str) -> bool:
    """Tell whether somebody wants to stop. Where a question can be skipped, "skip" looks like it to the classifier."""
    skips = slot in SKIPPED and understanding(turn).says_only(turn.text, "skip")
    return turn.intent == "stop" and not skips


def means_this_booking(turn: Turn, slot: str) -> bool:
    """Tell whether who wants to move an appointment means the one that is being booked: its time was asked or given."""
    draft = Draft.of(turn.tracker)
    return slot == "time" or draft.time is not None or draft.moving is not None


def asks_for_moment(turn: Turn) -> bool:
    """Tell whether a question about a day or time is one for an appointment then, not for what is open then."""
    moment = moment_in(turn, turn.text)
    names_moment = moment.day or moment.times or moment.part or moment.week
    return bool(names_moment) and not understanding(turn).holds(turn.text, "about_opening")


def not_for_form(turn: Turn) -> list[Event]:
    """Leave other buttons to their rules; the one that starts a booking just asks again."""
    return [SlotSet("form_problem", None)] if turn.intent == START else []


def accept(turn: Turn, answer: Answer) -> list[Event]:
    """Set the slots of an answer and what follows from them, or note why it does not do."""
    if isinstance(answer, Problem):
        done = {"form_problem": answer.name, "changing": None, **answer.slots}
    else:
        done = {"form_problem": None, "form_misses": None, "changing": None, **settle(turn, answer)}
    return [SlotSet(name, value) for name, value in done.items()]


def missed(turn: Turn) -> list[Event]:
    """Count an answer that was not understood."""
    misses = int(turn.tracker.slots.get("form_misses") or 0) + 1
    return [SlotSet("form_problem", "booking/not_understood"), SlotSet("form_misses", str(misses))]
