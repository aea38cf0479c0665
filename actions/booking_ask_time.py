"""The question of the booking form about the time: the free times of the view, and buttons that show others."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from actions.booking_question import AskSlot, Question, inform
from actions.booking_view import MOST_OF_A_DAY, MOST_TIMES, View, days_of, parts_of, times_of
from actions.booking_when import other_times
from actions.booking_wish import moving_appointment, wish_of
from actions.draft import ChosenTime, Draft
from actions.turn import Turn, named
from service.appointments import FreeTime, nearest_free_times
from service.texts import TextButton


class AskTime(AskSlot):
    """Asks for a time."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_ask_appointment_form_time"

    def question(self, turn: Turn) -> Question | None:
        """Offer the free times of the view, or its days; the nearest times where there are none (any more)."""
        draft, view = Draft.of(turn.tracker), View.read(turn.tracker.slots)
        taken = turn.tracker.slots.get("taken_time")
        if taken:
            return _near(turn, draft, ChosenTime.read(taken).starts_at)
        if view.is_of_days:
            days = days_of(turn, draft, view)
            return _ask_day(turn, days) if days else _near(turn, draft, view.wanted, "booking/days_full")
        times = times_of(turn, draft, view)
        return _ask_time(turn, draft, view, times) if times else _none_left(turn, draft, view)


def _ask_day(turn: Turn, days: list[date]) -> Question:
    values = [day.isoformat() for day in days]
    buttons = [inform(turn.label("format/day", {"day": {"date": day}}), day=day) for day in values]
    return Question((named("booking/ask_day"),), tuple(buttons))


def _ask_time(turn: Turn, draft: Draft, view: View, times: list[FreeTime]) -> Question:
    most = MOST_OF_A_DAY if view.day else MOST_TIMES
    buttons = [*_time_buttons(turn, times[:most], is_of_day=view.day is not None), *_other(turn, draft, view)]
    if len(times) > most:
        after = times[most - 1].starts_at.isoformat()
        buttons.insert(most, inform(turn.label("booking/later"), after=after))
    if view.day:
        return Question((named("booking/ask_time_of_day", day={"date": view.day.isoformat()}),), tuple(buttons))
    return Question((named("booking/ask_time"),), tuple(buttons))


def _none_left(turn: Turn, draft: Draft, view: View) -> Question | None:
    """Say why the view is empty, and offer what is nearest."""
    if view.after is not None:
        return _near(turn, draft, view.after, "booking/no_later")
    if view.clocks:
        return _near(turn, draft, view.wanted, "booking/time_gone")
    return _near(turn, draft, view.wanted, "booking/part_full" if view.part else "booking/day_full")


def _near(turn: Turn, draft: Draft, wanted: datetime | None, why: str | None = None) -> Question | None:
    moving = moving_appointment(turn, draft)
    times = nearest_free_times(turn.session, wanted or turn.now, turn.now, wish=wish_of(turn, draft), without=moving)
    buttons = [*_time_buttons(turn, times), *_other(turn, draft, View())]
    is_told = turn.tracker.slots.get("form_problem") is not None  # what was wrong with the last answer is said before
    pieces = [*([named(why)] if why and not is_told else []), named("booking/ask_time_near")]
    return Question(tuple(pieces), tuple(buttons)) if times else None


def _other(turn: Turn, draft: Draft, view: View) -> list[TextButton]:
    """Make the buttons that show another day, or one part of the day if there are times in more than one."""
    buttons = [inform(turn.label("booking/other_day"), day=str(other_times(turn, "day")["day"]))]
    parts = parts_of(turn, draft, view) if view.part is None and not view.clocks else []
    if len(parts) > 1:
        buttons += [inform(turn.label(f"part/{part.value}"), part=part.value) for part in parts]
    return buttons


def _time_buttons(turn: Turn, times: Iterable[FreeTime], *, is_of_day: bool = False) -> list[TextButton]:
    """Make a button for each time, with what is not the same for all of them: the day, the place.

    A coach who was chosen is the same for all, and is read back at the end: short labels stand beside each other.
    """
    found = list(times)
    has_places = len({free.place_id for free in found}) > 1
    name = "format/time" if is_of_day else "format/moment"
    return [
        inform(
            _label(turn, free, name, free.place_name if has_places else None),
            time=str(ChosenTime(free.starts_at, free.coach_id)),
        )
        for free in found
    ]


def _label(turn: Turn, free: FreeTime, name: str, place: str | None) -> str:
    moment = free.starts_at.isoformat()
    words = turn.label(name, {"time": {"time": moment}, "when": {"datetime": moment}})
    return f"{words} · {place}" if place else words
