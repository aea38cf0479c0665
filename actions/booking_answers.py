"""Reads an answer to a question of the booking form: a button's value, or typed words.

Every reader gives the slots to set, or a `Problem` when the answer is understood but does not do. Typed words that
mean nothing here give None.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from actions.draft import NO, NONE, YES, ChosenTime, Draft
from actions.topics import FLOWS, TOLD_BY_ACTION
from actions.turn import Turn
from actions.understanding import Understanding, telephone
from service.appointments import FreeTime, free_times
from service.clock import AMSTERDAM
from service.days import day_in, day_named, local_day
from service.text_files import HOME
from service.texts import Texts
from store.models import Area, Mode

SMALL_TALK = frozenset({"greet", "thanks", "help", "goodbye"})

# What can be changed at the end, and which answers are then asked for anew.
CHANGES: Mapping[str, tuple[str, ...]] = {
    "day": ("day", "time"),
    "time": ("time",),
    "mode": ("mode",),
    "called_name": ("called_name",),
    "talk_language": ("talk_language", "interpreter"),
    "telephone": ("telephone",),
    "area": ("area",),
}

Slots = Mapping[str, str | None]


@dataclass(frozen=True)
class Problem:
    """An answer that is understood but does not do. `name` is the text that says why."""

    name: str


Answer = Slots | Problem
Take = Callable[[Turn, str], Answer | None]


def understanding(turn: Turn) -> Understanding:
    """Make the reader of typed words."""
    return Understanding(turn.parts.texts)


def asking_intents(texts: Texts) -> frozenset[str]:
    """Give the intents that are no answer in a form: themes of topics, topics and flows of their own, small talk."""
    themes = {topic.split("/")[0] for topic in texts.topics()}
    return frozenset({*themes, *(topic.replace("/", "_") for topic in TOLD_BY_ACTION), *FLOWS, *SMALL_TALK})


def take_area(turn: Turn, value: str) -> Answer | None:  # noqa: ARG001 - all readers are alike
    """Take an area by its key."""
    return {"area": value} if value in set(Area) else None


def read_area(turn: Turn, text: str) -> Answer | None:
    """Find the one area that the words are about."""
    area = understanding(turn).choice(text, {area.value: f"area_{area.value}" for area in Area})
    return {"area": area} if area else None


def take_day(turn: Turn, value: str) -> Answer | None:
    """Take a day if it has a free time."""
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    if not free_times(turn.session, day, turn.now):
        return Problem("booking/day_full")
    return {"day": day.isoformat(), "time": None, "taken_time": None}


def read_day(turn: Turn, text: str) -> Answer | None:
    """Find the day that the words name; its weekday and date are read back before it counts."""
    day = day_named(text, turn.language, turn.today)
    if day is None:
        return None
    return Problem("booking/day_past") if day < turn.today else take_day(turn, day.isoformat())


def take_time(turn: Turn, value: str) -> Answer | None:
    """Take a moment if a coach is free then, the one that was offered if possible."""
    try:
        wanted = ChosenTime.read(value)
    except ValueError:
        return None
    free = free_times(turn.session, local_day(wanted.starts_at), turn.now)
    found = [entry for entry in free if entry.starts_at == wanted.starts_at]
    return _time_slots(found[0]) if found else Problem("booking/time_gone")


def read_time(turn: Turn, text: str) -> Answer | None:
    """Find a time of the chosen day, or another day: people change their mind here."""
    words = understanding(turn)
    another_day = day_in(text, turn.language, turn.today)
    chosen = Draft.of(turn.tracker).chosen_day
    if another_day and another_day != chosen:
        return take_day(turn, another_day.isoformat())
    times = words.times(text)
    if chosen is None or not times:
        return take_change(turn, "day") if words.choice(text, {"day": "change_day"}) else None
    free = {entry.starts_at.astimezone(AMSTERDAM).time(): entry for entry in free_times(turn.session, chosen, turn.now)}
    found = [free[wanted] for wanted in times if wanted in free]
    return _time_slots(found[0]) if found else Problem("booking/time_gone")


def _time_slots(free: FreeTime) -> Slots:
    starts_at: datetime = free.starts_at.astimezone(UTC)
    chosen = ChosenTime(starts_at, free.coach_id)
    return {"time": str(chosen), "day": local_day(starts_at).isoformat(), "taken_time": None}


def take_mode(turn: Turn, value: str) -> Answer | None:
    """Take a way to meet by its key. By telephone a number is needed, so "none" does not stand any more."""
    if value not in set(Mode):
        return None
    given = Draft.of(turn.tracker).telephone
    return {"mode": value, "telephone": None if value == Mode.TELEPHONE and given == NONE else given}


def read_mode(turn: Turn, text: str) -> Answer | None:
    """Find the way to meet that the words name."""
    mode = understanding(turn).choice(text, {mode.value: f"mode_{mode.value}" for mode in Mode})
    return take_mode(turn, mode) if mode else None


def take_called_name(turn: Turn, value: str) -> Answer | None:
    """Take a name from the button that says "yes, that is my name"."""
    name = understanding(turn).name(value)
    return {"called_name": name} if name else None


def read_called_name(turn: Turn, text: str) -> Answer | None:
    """Take a name. What can be a question as well is asked back, never taken for a name."""
    words = understanding(turn)
    name = words.name(text)
    if turn.intent in ("affirm", "deny") and words.choice(text, {YES: "yes", NO: "no"}):  # "Amina" can look like a yes
        return None
    if len(text.split()) > 1 and not words.says_name(text) and day_in(text, turn.language, turn.today):
        return change_of_moment(turn, text)
    is_asking = turn.intent in asking_intents(turn.parts.texts)
    if name is None:
        return None if is_asking or words.is_question(text) else Problem("booking/name_wrong")
    if is_asking and not words.says_name(text):
        return Problem("booking/ask_name_or_question")
    return {"called_name": name}


def take_talk_language(turn: Turn, value: str) -> Answer | None:
    """Take a language by its code. Nobody needs an interpreter for Dutch."""
    if f"language/{value}" not in turn.parts.texts.prompts():
        return None
    return {"talk_language": value, "interpreter": NO if value == HOME else None}


def read_talk_language(turn: Turn, text: str) -> Answer | None:
    """Find the language that the words name."""
    code = understanding(turn).language(text)
    return take_talk_language(turn, code) if code else None


def take_interpreter(turn: Turn, value: str) -> Answer | None:  # noqa: ARG001 - all readers are alike
    """Take yes or no."""
    return {"interpreter": value} if value in (YES, NO) else None


def read_interpreter(turn: Turn, text: str) -> Answer | None:
    """Find yes or no."""
    if day_in(text, turn.language, turn.today):  # "no, Friday" says nothing of an interpreter
        return change_of_moment(turn, text)
    answer = yes_or_no(turn, text)
    return {"interpreter": answer} if answer else None


def take_telephone(turn: Turn, value: str) -> Answer | None:
    """Take "none", which only does at the place. A number is always typed."""
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
    if day_in(text, turn.language, turn.today):
        return change_of_moment(turn, text)
    if any(character.isdigit() for character in text):
        return Problem("booking/telephone_wrong")
    return take_telephone(turn, NONE) if yes_or_no(turn, text) == NO else None


def take_confirm(turn: Turn, value: str) -> Answer | None:  # noqa: ARG001 - all readers are alike
    """Take yes; no asks what is to be changed."""
    return {YES: {"confirm": YES}, NO: {"changing": YES}}.get(value)


def read_confirm(turn: Turn, text: str) -> Answer | None:
    """Find yes or no, or at once what is to be changed, and into what if that is said."""
    number = telephone(text)
    if number:
        return {"telephone": number}
    moment = change_of_moment(turn, text)
    if moment is not None:
        return moment
    change = understanding(turn).choice(text, {what: f"change_{what}" for what in CHANGES})
    if change:
        return take_change(turn, change)
    answer, mode = yes_or_no(turn, text), read_mode(turn, text)
    if answer != YES and isinstance(mode, dict) and mode["mode"] != Draft.of(turn.tracker).mode:
        return mode
    return take_confirm(turn, answer) if answer else None


def change_of_moment(turn: Turn, text: str) -> Answer | None:
    """Find another day or time than the chosen one, or the wish for one: people change their mind at later questions.

    Returns:
        None if the words say nothing of it, or name what is chosen already.
    """
    chosen, day = Draft.of(turn.tracker), day_named(text, turn.language, turn.today)
    if chosen.time is None:
        return None
    if day and day != chosen.chosen_day:
        return read_day(turn, text)
    change = understanding(turn).choice(text, {what: f"change_{what}" for what in ("day", "time")})
    if change:
        return take_change(turn, change)
    answer = read_time(turn, text)
    return None if isinstance(answer, dict) and answer["time"] == chosen.time else answer


def take_change(turn: Turn, value: str) -> Answer | None:  # noqa: ARG001 - all readers are alike
    """Forget what is to be changed, so that the form asks for it."""
    return dict.fromkeys(CHANGES[value]) if value in CHANGES else None


def yes_or_no(turn: Turn, text: str) -> str | None:
    """Find yes or no, by the words or by the classifier."""
    answer = understanding(turn).choice(text, {YES: "yes", NO: "no"})
    return answer or {"affirm": YES, "deny": NO}.get(turn.intent)


TAKE: Mapping[str, Take] = {
    "area": take_area,
    "day": take_day,
    "time": take_time,
    "mode": take_mode,
    "called_name": take_called_name,
    "talk_language": take_talk_language,
    "interpreter": take_interpreter,
    "telephone": take_telephone,
    "confirm": take_confirm,
}
READ: Mapping[str, Take] = {
    "area": read_area,
    "day": read_day,
    "time": read_time,
    "mode": read_mode,
    "called_name": read_called_name,
    "talk_language": read_talk_language,
    "interpreter": read_interpreter,
    "telephone": read_telephone,
    "confirm": read_confirm,
}
