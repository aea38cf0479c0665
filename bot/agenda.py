"""The coaches' agenda in their private chat: who comes, who was there, moving, cancelling, calling in sick.

Only a linked coach sees it, and each press asks anew who that is: a button is only a wish. What a coach may see and do
is the service's to say (`service.agenda`). A press changes the message above it, so that the chat shows one agenda.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from babel.dates import format_date
from sqlalchemy.orm import Session

from bot.coaches import LANGUAGE
from bot.parts import Words
from bot.replies import Message
from service.agenda import (
    agenda,
    appointment_for,
    call_in_sick,
    cancel_for,
    mark_attendance,
    move_by_coach,
    times_for_move,
)
from service.appointments import coach_arguments
from service.availability import FreeTime
from service.buttons import NewButton
from service.coaches import coach_of
from service.days import local_day
from service.errors import AlreadyCancelled, NoSuchAppointment, Overlaps, TimeTaken, TooEarly, TooLate
from service.leave import appointments_during
from service.reached import is_reached
from service.wording import clock_words
from store.models import Appointment, AppointmentStatus, Coach, Mode

TODAY, TOMORROW, WEEK = "today", "tomorrow", "week"
DAYS_AHEAD = {TODAY: (0, 0), TOMORROW: (1, 1), WEEK: (0, 6)}
MOST_A_DAY, MOST_A_WEEK = 12, 30  # shown at once: a message takes 4096 characters, a keyboard 100 buttons
LIFE = timedelta(days=7)  # of a button; each press makes new ones
TOLD_LIFE = timedelta(days=14)  # past the appointment: who was there can still be noted
MOST_TIMES, MOST_DAYS = 500, 10  # to which an appointment can be moved
LONGEST_NAME = 20  # characters on a button


@dataclass(frozen=True)
class View:
    """What the coach looks at: which days, and whose appointments. A single day can be an ISO date too."""

    days: str = TODAY
    is_all: bool = False

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> View:
        """Read it from what a button carries."""
        return cls(str(given.get("days", TODAY)), is_all=given.get("all") is True)

    def as_json(self) -> dict[str, Any]:
        """Write it for a button."""
        return {"days": self.days, "all": self.is_all}

    def span(self, today: date) -> tuple[date, date]:
        """Tell the first and the last day."""
        if self.days in DAYS_AHEAD:
            first, last = DAYS_AHEAD[self.days]
            return today + timedelta(days=first), today + timedelta(days=last)
        day = date.fromisoformat(self.days)
        return day, day


@dataclass(frozen=True)
class Desk:
    """What an act of a coach may need."""

    session: Session
    words: Words
    coach: Coach
    view: View
    now: datetime

    def html(self, name: str, **arguments: object) -> str:
        """Say a text in the coaches' language."""
        return self.words.html(name, LANGUAGE, arguments).strip()

    def button(self, name: str, act: str, **given: Any) -> NewButton:
        """Make a button whose label is a text."""
        return self.labelled(self.words.label(name, LANGUAGE), act, **given)

    def labelled(self, label: str, act: str, **given: Any) -> NewButton:
        """Make a button that keeps what the coach looks at."""
        action = {"do": "agenda", "act": act, **self.view.as_json(), **given}
        return NewButton(label, action, is_standing=True, expires_at=self.now + LIFE)

    @property
    def today(self) -> date:
        """The local day."""
        return local_day(self.now)


type Act = Callable[[Desk, Mapping[str, Any]], Message]


def open_button(words: Words, appointment: Appointment) -> NewButton:
    """Make the button that opens an appointment below what a coach is told about it."""
    action = {"do": "agenda", "act": "open", "appointment": appointment.id, "is_new": True}
    label = words.label("agenda/button_open", LANGUAGE)
    return NewButton(label, action, is_standing=True, expires_at=appointment.ends_at + TOLD_LIFE)


def answer_coach(
    session: Session, words: Words, user_id: int, given: Mapping[str, Any], now: datetime
) -> Message | None:
    """Do what the agenda is asked by a command (nothing given) or a button.

    Returns:
        What the agenda shows then; None if who asks is no linked coach.
    """
    coach = coach_of(session, user_id)
    if coach is None:
        return None
    desk = Desk(session, words, coach, View.of(given), now)
    act = ACTS.get(str(given.get("act")), _list)
    try:
        return act(desk, given)
    except AlreadyCancelled:
        return _show_list(desk, "agenda/is_cancelled")
    except TooLate:
        return _open(desk, given, "agenda/begun")
    except TooEarly:
        return _open(desk, given, "agenda/too_early")
    except NoSuchAppointment:
        return _show_list(desk, "agenda/gone")


# The list


def _list(desk: Desk, given: Mapping[str, Any]) -> Message:
    return _show_list(desk, begin=int(given.get("begin", 0)))


def _show_list(desk: Desk, *notices: str, begin: int = 0, **arguments: object) -> Message:
    """Show the appointments of the view, below what has just been done; *begin* says how many of a day were shown."""
    first, last = desk.view.span(desk.today)
    found = agenda(desk.session, desk.coach, first, last, whole_organisation=desk.view.is_all)[begin:]
    shown = found[: MOST_A_WEEK if desk.view.days == WEEK else MOST_A_DAY]
    said = [desk.html(name, **arguments) for name in notices]
    said.append(f"{_title(desk, first, last)}\n{_whose(desk)}")
    said += _week_lines(desk, shown) if desk.view.days == WEEK else [_day_line(desk, one) for one in shown]
    if not shown:
        said.append(desk.html("agenda/empty"))
    buttons = _day_buttons(desk, found) if desk.view.days == WEEK else [_appointment_button(desk, one) for one in shown]
    if len(found) > len(shown):
        said.append(desk.html("agenda/more", count=len(found) - len(shown)))
        if desk.view.days != WEEK:
            buttons.append(desk.button("booking/later", "list", begin=begin + len(shown)))
    return Message("\n\n".join(said), (*buttons, *_list_buttons(desk)))


def _title(desk: Desk, first: date, last: date) -> str:
    if first == last:
        return desk.html("agenda/of_day", day={"date": first.isoformat()})
    return desk.html("agenda/of_week", first={"date": first.isoformat()}, last={"date": last.isoformat()})


def _whose(desk: Desk) -> str:
    if desk.view.is_all:
        return desk.html("agenda/of_all", organisation=desk.coach.organisation.name)
    return desk.html("agenda/of_mine")


def _day_line(desk: Desk, appointment: Appointment) -> str:
    """Say all that a coach needs just before a talk."""
    line = desk.html("agenda/line", **_about(desk, appointment))
    return "\n".join([line, *_marks(desk, appointment)])


def _week_lines(desk: Desk, shown: Sequence[Appointment]) -> list[str]:
    """Say a line for each appointment, under its day."""
    paragraphs = []
    for day, of_day in groupby(shown, key=lambda one: local_day(one.starts_at)):
        lines = [desk.html("agenda/day", day={"date": day.isoformat()})]
        for one in of_day:
            line = desk.html("agenda/short_line", **_about(desk, one))
            lines.append(" ".join([line, *_marks(desk, one)]))
        paragraphs.append("\n".join(lines))
    return paragraphs


def _about(desk: Desk, appointment: Appointment) -> dict[str, Any]:
    about = coach_arguments(appointment, desk.session)
    how = "agenda/how_telephone" if appointment.mode is Mode.TELEPHONE else "agenda/how_place"
    time = {"time": appointment.starts_at.isoformat()}
    return about | {"time": time, "how": {"text": how, "arguments": about}}


def _marks(desk: Desk, appointment: Appointment) -> list[str]:
    """Say what sets an appointment apart: whose it is, who was there, what the newcomer said and may not have heard."""
    marks = []
    if desk.view.is_all:
        marks.append(desk.html("agenda/with_coach", coach=appointment.coach.name))
    if appointment.status is AppointmentStatus.ATTENDED:
        marks.append(desk.html("agenda/was_there"))
    elif appointment.status is AppointmentStatus.NO_SHOW:
        marks.append(desk.html("agenda/was_not_there"))
    else:
        if appointment.coming_at is not None:
            marks.append(desk.html("agenda/says_coming"))
        if appointment.starts_at > desk.now and not is_reached(desk.session, appointment):
            marks.append(desk.html("agenda/not_reached"))
    return marks


def _appointment_button(desk: Desk, appointment: Appointment) -> NewButton:
    time = clock_words(appointment.starts_at)
    name = appointment.called_name or desk.words.label("booking/no_name", LANGUAGE)
    short = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
    return desk.labelled(f"{time} {short}", "open", appointment=appointment.id)


def _day_buttons(desk: Desk, found: Sequence[Appointment]) -> list[NewButton]:
    """Make a button for each day of the week that has appointments: one for each of these would fill the screen."""
    days = sorted({local_day(one.starts_at) for one in found})
    return [desk.labelled(_short_day(day), "list", days=day.isoformat()) for day in days]


def _list_buttons(desk: Desk) -> list[NewButton]:
    """Make the buttons to look at something else, and to call in sick."""
    names = {TODAY: "agenda/button_today", TOMORROW: "agenda/button_tomorrow", WEEK: "agenda/button_week"}
    buttons = [desk.button(name, "list", days=days) for days, name in names.items()]
    buttons[0] = replace(buttons[0], begins_row=True)
    if desk.view.is_all:
        buttons.append(desk.button("agenda/button_mine", "list", all=False))
    else:
        buttons.append(desk.button("agenda/button_all", "list", all=True))
    buttons.append(desk.button("agenda/button_ill_today", "ask_ill", ahead=0))
    buttons.append(desk.button("agenda/button_ill_tomorrow", "ask_ill", ahead=1))
    return buttons


# One appointment


def _open(desk: Desk, given: Mapping[str, Any], *notices: str) -> Message:
    """Show an appointment, with what can be done with it now."""
    appointment = appointment_for(desk.session, desk.coach, int(given["appointment"]))
    said = [desk.html(name) for name in notices]
    details = desk.html("agenda/details", **_about(desk, appointment))
    if appointment.status is AppointmentStatus.CANCELLED:
        said.append(f"{details}\n{desk.html('agenda/is_cancelled')}")
    else:
        said.append("\n".join([details, *_marks(desk, appointment)]))
    return Message("\n\n".join(said), (*_open_buttons(desk, appointment), desk.button("agenda/button_back", "list")))


def _open_buttons(desk: Desk, appointment: Appointment) -> list[NewButton]:
    if appointment.status is AppointmentStatus.CANCELLED:
        return []
    about = {"appointment": appointment.id}
    if appointment.starts_at <= desk.now:
        return [
            desk.button("agenda/button_was_there", "attended", **about),
            desk.button("agenda/button_was_not_there", "missed", **about),
        ]
    return [
        desk.button("agenda/button_move", "times", **about),
        desk.button("agenda/button_cancel", "ask_cancel", **about),
    ]


def _attended(desk: Desk, given: Mapping[str, Any]) -> Message:
    mark_attendance(desk.session, desk.coach, int(given["appointment"]), attended=True, now=desk.now)
    return _open(desk, given)


def _missed(desk: Desk, given: Mapping[str, Any]) -> Message:
    mark_attendance(desk.session, desk.coach, int(given["appointment"]), attended=False, now=desk.now)
    return _open(desk, given)


def _ask_cancel(desk: Desk, given: Mapping[str, Any]) -> Message:
    appointment = appointment_for(desk.session, desk.coach, int(given["appointment"]))
    about = _about(desk, appointment)
    said = [desk.html("agenda/ask_cancel", **about), desk.html("agenda/details", **about)]
    yes = desk.button("agenda/button_cancel_yes", "cancel", appointment=appointment.id)
    return Message("\n\n".join(said), (yes, _no_button(desk, appointment)))


def _no_button(desk: Desk, appointment: Appointment) -> NewButton:
    return desk.button("agenda/button_no", "open", appointment=appointment.id)


def _cancel(desk: Desk, given: Mapping[str, Any]) -> Message:
    appointment = cancel_for(desk.session, desk.coach, int(given["appointment"]), desk.now)
    return _show_list(desk, "agenda/cancelled", **_about(desk, appointment))


def _times(desk: Desk, given: Mapping[str, Any], *notices: str) -> Message:
    """Show the times of one day to which an appointment can be moved, and the other days."""
    appointment = appointment_for(desk.session, desk.coach, int(given["appointment"]))
    free = times_for_move(desk.session, desk.coach, appointment.id, desk.now, MOST_TIMES)
    days = sorted({local_day(one.starts_at) for one in free})
    day = next((one for one in days if one.isoformat() == given.get("on")), days[0] if days else desk.today)
    about = _about(desk, appointment) | {"day": {"date": day.isoformat()}}
    said = [*(desk.html(name) for name in notices), desk.html("agenda/details", **about)]
    said.append(desk.html("agenda/ask_move" if free else "agenda/no_times", **about))
    times = [_move_button(desk, appointment, one) for one in free if local_day(one.starts_at) == day]
    others = [
        desk.labelled(_short_day(one), "times", appointment=appointment.id, on=one.isoformat())
        for one in days[:MOST_DAYS]
        if one != day
    ]
    if others:
        others[0] = replace(others[0], begins_row=True)
    return Message("\n\n".join(said), (*times, *others, _no_button(desk, appointment)))


def _short_day(day: date) -> str:
    return format_date(day, "EEE d MMM", locale=LANGUAGE)  # wo 2 dec


def _move_button(desk: Desk, appointment: Appointment, free: FreeTime) -> NewButton:
    given = {"appointment": appointment.id, "starts_at": free.starts_at.isoformat()}
    return desk.labelled(clock_words(free.starts_at), "move", **given)


def _move(desk: Desk, given: Mapping[str, Any]) -> Message:
    starts_at = datetime.fromisoformat(given["starts_at"])
    try:
        appointment = move_by_coach(desk.session, desk.coach, int(given["appointment"]), starts_at, desk.now)
    except (TimeTaken, Overlaps):
        return _times(desk, given, "agenda/time_gone")
    said = desk.html("agenda/moved", **_about(desk, appointment))
    opened = _open(desk, given)
    return Message(f"{said}\n\n{opened.html}", opened.buttons)


# Calling in sick


def _ask_ill(desk: Desk, given: Mapping[str, Any]) -> Message:
    """Say how many people it touches before it is done. The day is fixed here: a button can be pressed later."""
    day = desk.today + timedelta(days=1 if given.get("ahead") == 1 else 0)
    count = len(appointments_during(desk.session, desk.coach, day, day, desk.now))
    yes = desk.button("agenda/button_ill_yes", "ill", day=day.isoformat())
    no = desk.button("agenda/button_no", "list")
    return Message(desk.html("agenda/ask_ill", day={"date": day.isoformat()}, count=count), (yes, no))


def _ill(desk: Desk, given: Mapping[str, Any]) -> Message:
    day = date.fromisoformat(given["day"])
    if day < desk.today:
        return _show_list(desk, "agenda/ill_past")
    cancelled = call_in_sick(desk.session, desk.coach, day, desk.now)
    return _show_list(desk, "agenda/ill", day={"date": day.isoformat()}, count=len(cancelled))


ACTS: dict[str, Act] = {
    "list": _list,
    "open": _open,
    "attended": _attended,
    "missed": _missed,
    "ask_cancel": _ask_cancel,
    "cancel": _cancel,
    "times": _times,
    "move": _move,
    "ask_ill": _ask_ill,
    "ill": _ill,
}
