"""Reads an answer to a question of the booking form: a button's value, or typed words.

Every reader gives the slots to set, or a `Problem` when the answer is understood but does not do. Typed words that
mean nothing here give None. When somebody wants to come is read in `actions.booking_when`, another wish than the one
that is asked for in `actions.booking_changes`.
"""

from __future__ import annotations

from collections.abc import Mapping

from actions.answer import Answer, Problem, Take
from actions.booking_changes import change_of_mind, read_mode_word, says_change, understanding
from actions.booking_coach import read_with_coach, take_with_coach
from actions.booking_shown import shown_at
from actions.booking_when import read_time, take_time
from actions.booking_wish import possible_modes
from actions.draft import NO, NONE, YES, Draft
from actions.topics import FLOWS, TOLD_BY_ACTION
from actions.turn import Turn
from actions.understanding import telephone
from service.appointments import last_of
from service.availability import Wish, next_free_times
from service.texts import Texts
from store.models import Area, Mode

SMALL_TALK = frozenset({"greet", "thanks", "help", "goodbye"})
START = "coach_afspraak"
LONG, SENTENCE = 3, 6  # words: more than LONG is hardly the name of a subject, more than SENTENCE never
LONGEST_REASON = 200  # characters
ASK_NAME, ASK_REASON = "booking/ask_name_or_question", "booking/ask_reason_or_question"


def topic_intents(texts: Texts) -> frozenset[str]:
    """Give the intents that ask about something: themes of topics, and topics that an action answers."""
    themes = {topic.split("/")[0] for topic in texts.topics()}
    return frozenset({*themes, *(topic.replace("/", "_") for topic in TOLD_BY_ACTION)})


def asking_intents(texts: Texts) -> frozenset[str]:
    """Give the intents that are no answer in a form: topics, flows of their own, small talk."""
    return topic_intents(texts) | {*FLOWS, *SMALL_TALK}


def take_area(turn: Turn, value: str) -> Answer | None:
    """Take an area by its key, if any coach has time for it."""
    if value not in set(Area):
        return None
    free = next_free_times(turn.session, turn.now, wish=Wish(area=Area(value)), limit=1)
    return {"area": value} if free else Problem("booking/area_full")


def read_area(turn: Turn, text: str) -> Answer | None:
    """Find the one area that the words are about. A sentence that asks or tells of a topic names no area."""
    place = shown_at(turn, text, "area")
    if place is not None:
        return take_area(turn, place["area"])
    words, count = understanding(turn), len(text.split())
    is_topic = turn.intent in topic_intents(turn.parts.texts)
    is_question = words.is_question(text) and turn.intent != START  # "can I come and talk about money?" is a wish
    if count > SENTENCE and (is_topic or is_question):
        return None
    if count > LONG and is_topic and not words.holds(text, "about"):
        return None
    area = words.choice(text, {area.value: f"area_{area.value}" for area in Area})
    return take_area(turn, area) if area else None


def take_talk_language(turn: Turn, value: str) -> Answer | None:
    """Take a language by its code."""
    return {"talk_language": value} if f"language/{value}" in turn.parts.texts.prompts() else None


def read_talk_language(turn: Turn, text: str) -> Answer | None:
    """Find the language that the words name."""
    place = shown_at(turn, text, "talk_language")
    code = place["talk_language"] if place else understanding(turn).language(text)
    return take_talk_language(turn, code) if code else None


def take_interpreter(turn: Turn, value: str) -> Answer | None:  # noqa: ARG001 - all readers are alike
    """Take yes or no."""
    return {"interpreter": value} if value in (YES, NO) else None


def read_interpreter(turn: Turn, text: str) -> Answer | None:
    """Find yes or no, with or without. "No, Friday" says nothing of an interpreter."""
    said = understanding(turn).choice(text, {YES: "with_interpreter", NO: "without_interpreter"})
    change = None if said else change_of_mind(turn, text)
    if change is not None:
        return change
    answer = said or yes_or_no(turn, text)
    return {"interpreter": answer} if answer else None


def take_mode(turn: Turn, value: str) -> Answer | None:
    """Take a way to meet by its key, if there are free times for it."""
    if value not in set(Mode):
        return None
    draft = Draft.of(turn.tracker)
    if draft.area and draft.with_coach and draft.interpreter and value not in possible_modes(turn, draft):
        return Problem("booking/mode_not_possible")
    return {"mode": value}


def read_mode(turn: Turn, text: str) -> Answer | None:
    """Find the way to meet that the words name."""
    place = shown_at(turn, text, "mode")
    mode = place["mode"] if place else read_mode_word(turn, text)
    return take_mode(turn, mode) if mode else None


def take_called_name(turn: Turn, value: str) -> Answer | None:
    """Take a name from a button: the one that was given before, or "yes, that is my name"."""
    name = understanding(turn).name(value)
    return {"called_name": name} if name else None


def read_called_name(turn: Turn, text: str) -> Answer | None:
    """Take a name. What can be a question as well is asked back, never taken for a name."""
    words = understanding(turn)
    name = words.name(text)
    if turn.intent in ("affirm", "deny") and words.choice(text, {YES: "yes", NO: "no"}):  # "Amina" can look like a yes
        return None
    change = change_of_mind(turn, text) if says_change(turn, text) and not words.says_name(text) else None
    if change is not None:
        return change
    is_asking = turn.intent in asking_intents(turn.parts.texts)
    if name is None:
        return None if is_asking or words.is_question(text) else Problem("booking/name_wrong")
    if is_asking and not words.says_name(text):
        return Problem(ASK_NAME)
    return {"called_name": name}


def take_telephone(turn: Turn, value: str) -> Answer | None:
    """Take the number that was given before, or "none", which only does at the place. Another number is typed."""
    last = last_of(turn.session, turn.newcomer)
    if last is not None and value == last.telephone:
        return {"telephone": value}
    if value != NONE:
        return None
    if Draft.of(turn.tracker).mode == Mode.TELEPHONE:
        return Problem("booking/telephone_needed")
    return {"telephone": NONE}


def read_telephone(turn: Turn, text: str) -> Answer | None:
    """Find a telephone number, or that there is none."""
    number = telephone(text)
    if number:
        return {"telephone": number}
    if text.strip().isdecimal():  # half a number, and no hour either
        return Problem("booking/telephone_wrong")
    is_no = yes_or_no(turn, text) == NO or understanding(turn).holds(text, "skip")
    change = change_of_mind(turn, text, reads_mode=not is_no)
    if change is not None:
        return change
    if any(character.isdigit() for character in text):
        return Problem("booking/telephone_wrong")
    return take_telephone(turn, NONE) if is_no else None


def take_reason(turn: Turn, value: str) -> Answer | None:  # noqa: ARG001 - all readers are alike
    """Take a reason from the button that says "yes, that is my reason", or "none"."""
    reason = " ".join(value.split())
    if len(reason) > LONGEST_REASON:
        return Problem("booking/reason_long")
    return {"reason": reason} if reason else None


def read_reason(turn: Turn, text: str) -> Answer | None:
    """Take a reason as it is typed. What is a question is asked back, as it is for a name."""
    words = understanding(turn)
    if words.choice(text, {YES: "yes"}) and len(text.split()) == 1:
        return None
    if words.says_only(text, "skip") or words.says_only(text, "no"):
        return {"reason": NONE}
    change = change_of_mind(turn, text) if says_change(turn, text) else None
    if change is not None:
        return change
    if turn.intent in (*FLOWS, *SMALL_TALK) and turn.intent != START:
        return None
    if words.is_question(text) or turn.intent in {topic.replace("/", "_") for topic in TOLD_BY_ACTION}:
        return Problem(ASK_REASON)
    return take_reason(turn, text)


def take_confirm(turn: Turn, value: str) -> Answer | None:  # noqa: ARG001 - all readers are alike
    """Take yes; no asks what is to be changed."""
    return {YES: {"confirm": YES}, NO: {"changing": YES}}.get(value)


def read_confirm(turn: Turn, text: str) -> Answer | None:
    """Find yes or no, or at once what is to be changed, and into what if that is said."""
    number = telephone(text)
    if number:
        return {"telephone": number}
    answer = yes_or_no(turn, text)
    change = change_of_mind(turn, text, reads_mode=answer != YES)
    if change is not None:
        return change
    if answer == YES and turn.tracker.slots.get("changing"):  # it was not asked whether all is right
        return None
    return take_confirm(turn, answer) if answer else None


def yes_or_no(turn: Turn, text: str) -> str | None:
    """Find yes or no, by the words or by the classifier."""
    answer = understanding(turn).choice(text, {YES: "yes", NO: "no"})
    return answer or {"affirm": YES, "deny": NO}.get(turn.intent)


TAKE: Mapping[str, Take] = {
    "area": take_area,
    "talk_language": take_talk_language,
    "with_coach": take_with_coach,
    "interpreter": take_interpreter,
    "mode": take_mode,
    "time": take_time,
    "called_name": take_called_name,
    "telephone": take_telephone,
    "reason": take_reason,
    "confirm": take_confirm,
}
READ: Mapping[str, Take] = {
    "area": read_area,
    "talk_language": read_talk_language,
    "with_coach": read_with_coach,
    "interpreter": read_interpreter,
    "mode": read_mode,
    "time": read_time,
    "called_name": read_called_name,
    "telephone": read_telephone,
    "reason": read_reason,
    "confirm": read_confirm,
}
