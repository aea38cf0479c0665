"""Reads when somebody wants to come: a button or words, of a time, a day, a week, a part of the day, "later".

What is read sets the view of the free times (see `actions.booking_view`). Where the view leaves one time, it is taken:
see `actions.booking_settle`. Weekday and date are read back at the end, before anything is booked.
"""

from __future__ import annotations

from datetime import date, timedelta

from actions.answer import Answer, Problem
from actions.booking_moments import Moment, read_moment
from actions.booking_settle import time_slots
from actions.booking_shown import shown, shown_at
from actions.booking_view import View, times_of
from actions.draft import VIEW, ChosenTime, Draft, Slots
from actions.turn import Turn
from actions.understanding import Understanding
from service.clock import AMSTERDAM
from service.days import local_day, part_of

FAR = timedelta(days=365)
CLEARED: Slots = {"time": None, "taken_time": None, "after": None, "part": None}


def take_time(turn: Turn, value: str) -> Answer | None:
    """Take a moment if a coach is free then, the one who was offered if possible."""
    try:
        wanted = ChosenTime.read(value)
    except ValueError:
        return None
    day = local_day(wanted.starts_at)
    free = times_of(turn, Draft.of(turn.tracker), View(day, day))
    found = next((entry for entry in free if entry.starts_at == wanted.starts_at), None)
    return time_slots(found) if found else Problem("booking/time_gone", {"time": None, "taken_time": value})


def take_view(turn: Turn) -> Answer | None:
    """Take a button that shows other times: of a day, of a part of the day, later ones."""
    values = {name: turn.entity(name) for name in VIEW}
    pressed = {name: value for name, value in values.items() if value is not None}
    try:
        View.read(pressed)
    except ValueError:
        return None
    if not pressed:
        return None
    kept = dict.fromkeys(VIEW) if "day" in pressed else {"after": None}
    return {"time": None, "taken_time": None, **kept, **pressed}


def read_time(turn: Turn, text: str) -> Answer | None:
    """Find when somebody wants to come, or that other times are to be shown."""
    words = Understanding(turn.parts.texts)
    if words.says_only(text, "change_day"):  # in Persian "one day more" is tomorrow as well
        return other_times(turn, "day")
    moment = moment_in(turn, text)
    if not moment.is_unclear and (moment.day or moment.is_past or moment.week):
        return answer_of(turn, moment)
    choice = None if moment.is_unclear else shown_at(turn, text, "time") or shown_at(turn, text, "day")
    if choice is not None:
        return take_time(turn, choice["time"]) if "time" in choice else {**CLEARED, "day": choice["day"]}
    answer = answer_of(turn, moment)
    if answer is not None:
        return answer
    more = words.choice(text, {"later": "later", "earlier": "earlier"})
    more = more or words.choice(text, {"day": "change_day", "time": "change_time"})  # "later on the day" is later
    if more is not None:
        is_next = more == "time" and View.read(turn.tracker.slots).day is None  # other ones than the first
        return other_times(turn, "later" if is_next else more)
    day = {"day": moment.day.isoformat()} if moment.day else {}
    return Problem("booking/moment_unclear", {**CLEARED, **day}) if moment.is_unclear else None


def moment_in(turn: Turn, text: str) -> Moment:
    """Read the day and time that words name."""
    return read_moment(text, turn.language, turn.today, turn.parts.texts.prompts())


def answer_of(turn: Turn, moment: Moment) -> Answer | None:
    """Turn what words say of a moment into the times to show; None if they say nothing of it, or nothing new."""
    if moment.is_past:
        return Problem("booking/day_past")
    if moment.is_unclear or not (moment.day or moment.week or moment.times or moment.part) or _is_chosen(turn, moment):
        return None
    if moment.week:
        first, last = moment.week
        return {**CLEARED, "day": f"{max(first, turn.today)}/{last}", "part": _part(moment)}
    if moment.day:
        return {**CLEARED, "day": moment.day.isoformat(), "part": _part(moment)}
    return _hour_of_shown(turn, moment) or {**CLEARED, "day": _day_so_far(turn), "part": _part(moment)}


def other_times(turn: Turn, more: str) -> Slots:
    """Show later times, the first ones again, other days, or the other times of the day that was chosen."""
    if more == "day":
        return {**CLEARED, "day": _from(turn.today)}
    if more == "later":
        return _later(turn)
    day = _day_so_far(turn) if more == "time" else None
    return {**CLEARED, "day": day}


def _later(turn: Turn) -> Slots:
    """Go on after the last time or day that was shown; at a later question after the time that was chosen."""
    chosen, slots = Draft.of(turn.tracker).chosen, turn.tracker.slots
    view = {name: slots.get(name) for name in VIEW}
    if chosen is not None:
        return {**CLEARED, "day": view["day"], "after": chosen.starts_at.isoformat()}
    times, days = shown(turn, "time"), shown(turn, "day")
    if times:
        return {**CLEARED, **view, "after": ChosenTime.read(times[-1]["time"]).starts_at.isoformat()}
    if days:
        return {**CLEARED, "day": _from(date.fromisoformat(days[-1]["day"]) + timedelta(days=1))}
    return {**CLEARED, **view}


def _from(day: date) -> str:
    return f"{day}/{day + FAR}"


def _part(moment: Moment) -> str | None:
    """Say the times of day, or else the part of the day, as the slot `part` does."""
    if moment.times:
        return ",".join(f"{clock:%H:%M}" for clock in moment.times)
    return moment.part.value if moment.part else None


def _day_so_far(turn: Turn) -> str | None:
    """Give the one day that is talked about: of the chosen time, or whose times are shown."""
    chosen = Draft.of(turn.tracker).chosen
    day = local_day(chosen.starts_at) if chosen else View.read(turn.tracker.slots).day
    return day.isoformat() if day else None


def _hour_of_shown(turn: Turn, moment: Moment) -> Answer | None:
    """Take the one time that is shown and starts at the hour that was said."""
    values = [value["time"] for value in shown(turn, "time")] if moment.times else []
    found = [value for value in values if _clock(value) in {f"{clock:%H:%M}" for clock in moment.times}]
    return take_time(turn, found[0]) if len(found) == 1 and Draft.of(turn.tracker).time is None else None


def _clock(value: str) -> str:
    return f"{ChosenTime.read(value).starts_at.astimezone(AMSTERDAM):%H:%M}"


def _is_chosen(turn: Turn, moment: Moment) -> bool:
    """Tell whether the words name the time that is chosen already."""
    chosen = Draft.of(turn.tracker).chosen
    if chosen is None or moment.week:
        return False
    local = chosen.starts_at.astimezone(AMSTERDAM)
    return (
        moment.day in (None, local.date())
        and (not moment.times or local.time() in moment.times)
        and moment.part in (None, part_of(chosen.starts_at))
    )
