"""What follows from an answer: questions that need not be asked any more, and answers that no longer hold.

Whoever changes the subject may need another coach; whoever wants to be called may have to do without the chosen time.
What still holds stays, so that nobody answers twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from actions.booking_view import View, times_of
from actions.booking_wish import coach_offers, possible_modes
from actions.draft import ANY, NO, NONE, YES, Draft, Slots
from actions.turn import Turn
from service.appointments import FreeTime
from service.clock import AMSTERDAM
from service.days import local_day
from service.text_files import HOME
from store.models import Mode

TALK = ("area", "talk_language", "with_coach", "interpreter")


def settle(turn: Turn, given: Slots) -> dict[str, str | None]:
    """Add to the slots of an answer what follows from them."""
    found = dict(given)
    for follow in (_coach, _mode, _telephone, _time):
        found |= follow(turn, {**turn.tracker.slots, **found})
    return found


def time_slots(free: FreeTime) -> dict[str, str | None]:
    """Give the slots of a chosen time; its day is the one that is talked about from now on."""
    day = local_day(free.starts_at).isoformat()
    chosen = f"{free.starts_at.isoformat()}|{free.coach_id}"
    return {"time": chosen, "day": day, "part": None, "after": None, "taken_time": None}


def _coach(turn: Turn, slots: Mapping[str, Any]) -> Slots:
    """Choose the coach if there is no choice; forget one who does not suit any more."""
    draft = Draft.read(slots)
    if draft.moving or not (draft.area and draft.talk_language):
        return {}
    if draft.with_coach and not _differs(turn, slots, "area", "talk_language"):
        return {}
    offers = coach_offers(turn, draft)
    if not offers:
        interpreter = NO if draft.talk_language == HOME else YES if draft.interpreter == YES else None
        return {"with_coach": ANY, "interpreter": interpreter}
    names = ("talk_language", "with_coach", "interpreter")
    chosen = {name: slots.get(name) for name in names if slots.get(name)}
    fitting = [offer.slots for offer in offers if draft.with_coach and offer.slots.items() >= chosen.items()]
    return fitting[0] if fitting else {"with_coach": None, "interpreter": None}


def _mode(turn: Turn, slots: Mapping[str, Any]) -> Slots:
    """Choose the way to meet if there is but one; forget one that does not go with the coach."""
    draft = Draft.read(slots)
    if not (draft.area and draft.with_coach and draft.interpreter):
        return {}
    if draft.mode and not _differs(turn, slots, *TALK) and not draft.moving:
        return {}
    modes = possible_modes(turn, draft)
    if draft.moving:  # a coach who has no time any more: another will do
        return {} if draft.mode in modes else {"with_coach": ANY}
    if draft.mode in modes:
        return {}
    return {"mode": modes[0].value if len(modes) == 1 else None}


def _telephone(turn: Turn, slots: Mapping[str, Any]) -> Slots:  # noqa: ARG001 - all consequences are alike
    """Ask for a number after all: nobody can be called without one."""
    is_missing = slots.get("mode") == Mode.TELEPHONE and slots.get("telephone") == NONE
    return {"telephone": None} if is_missing else {}


def _time(turn: Turn, slots: Mapping[str, Any]) -> Slots:
    """Take the time that was named before; forget a chosen one that does not suit any more."""
    draft, view = Draft.read(slots), View.read(slots)
    if not all(slots.get(name) for name in (*TALK, "mode")):
        return {}
    if draft.chosen is None:
        return _named_time(turn, draft, view) if view.day and view.clocks else {}
    if not _differs(turn, slots, *TALK, "mode"):
        return {}
    day = local_day(draft.chosen.starts_at)
    same = [free for free in times_of(turn, draft, View(day, day)) if free.starts_at == draft.chosen.starts_at]
    if same:  # it may be another coach who is free then: one who suits the change
        return time_slots(same[0])
    return {"time": None, "taken_time": draft.time, "form_problem": "booking/time_gone"}


def _named_time(turn: Turn, draft: Draft, view: View) -> Slots:
    times = {free.starts_at.astimezone(AMSTERDAM).time(): free for free in times_of(turn, draft, view)}
    found = next((times[clock] for clock in view.clocks if clock in times), None)
    return time_slots(found) if found else {}


def _differs(turn: Turn, slots: Mapping[str, Any], *names: str) -> bool:
    """Tell whether an answer changes any of these."""
    return any(slots.get(name) != turn.tracker.slots.get(name) for name in names)
