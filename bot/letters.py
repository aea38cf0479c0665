"""What a notification looks like when it is sent: its words, what stands under them by its name, or a file.

It is written at the moment of sending, and says what is true then: what is out of date is not sent at all. A button is
only a wish: who may press it, and whether the thing can still be done, is checked when it is pressed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.agenda import open_button
from bot.coaches import LANGUAGE as COACH_LANGUAGE
from bot.commands import person_button
from bot.parts import Words
from bot.replies import Document, Edit, Message, plain_text
from service.appointment_queries import has_begun
from service.appointments import newcomer_arguments, wish_of
from service.availability import FreeTime, nearest_free_times
from service.buttons import Keyboard, NewButton
from service.calendar_file import calendar_file, caption_of
from service.meeting_place import where_lines
from service.outbox import Due
from service.wording import html_of
from store.messages import Notification
from store.models import Appointment, AppointmentStatus, Canceller, HandOff, Newcomer, TimeOffer

CALLED = ("handoff/called", "handoff/called_urgent")
FILE_NAME = "wegwijs-afspraak.ics"
ANSWER_LIFE = timedelta(days=1)  # past its time a button still says what is the case
INVITATION_LIFE = timedelta(days=14)
NEARBY = 3

type Letter = Message | Edit | Document


@dataclass(frozen=True)
class Draft:
    """What the writing of a letter may need."""

    session: Session
    words: Words
    due: Due
    now: datetime

    @property
    def language(self) -> str:
        """The reader's language."""
        return self.due.language or COACH_LANGUAGE

    @property
    def message(self) -> Message:
        """The words of the notification, with the text's own buttons."""
        return self.words.message(self.due.name, self.language, self.due.arguments)

    @property
    def appointment(self) -> Appointment | None:
        """The appointment that it is about, as it stands now."""
        return self.session.get(Appointment, self.due.appointment_id) if self.due.appointment_id else None

    def with_buttons(self, *buttons: NewButton, where: Appointment | None = None) -> Message:
        """Put buttons under the words; between them, where to be for an appointment."""
        if where is None:
            return Message(self.message.html, buttons)
        lines = (html_of(line, self.language, self._say).strip() for line in where_lines(where))
        return Message("\n".join([f"{self.message.html}\n", *lines]), buttons)

    def _say(self, name: str, arguments: Mapping[str, object]) -> str:
        return self.words.html(name, self.language, arguments)

    def button(self, name: str, action: dict[str, Any], until: datetime, *, is_for_once: bool = False) -> NewButton:
        """Make a button that outlives the next keyboard: the person may be in the middle of something else."""
        label = self.words.label(name, self.language)
        return NewButton(label, action, is_standing=True, is_for_once=is_for_once, expires_at=until)


def write_letter(session: Session, words: Words, due: Due, now: datetime) -> Letter | None:
    """Write a notification in its reader's language.

    Returns:
        None if it is out of date: then it is not to be sent.
    """
    return _WRITERS.get(due.name, _write_plainly)(Draft(session, words, due, now))


def _write_plainly(draft: Draft) -> Letter | None:
    return draft.message


# Hand-offs


def _call_coaches(draft: Draft) -> Letter | None:
    if draft.due.hand_off_id is None:
        return draft.message
    label = draft.words.label("chat/button_claim", COACH_LANGUAGE)
    # It stands: who presses it, and when, is checked by the claim itself, not by the keyboard.
    return draft.with_buttons(NewButton(label, {"do": "claim", "hand_off": draft.due.hand_off_id}, is_standing=True))


def _tell_claiming_coach(draft: Draft) -> Letter | None:
    """Give the coach a link to the chat of the newcomer whose question it is."""
    query = select(Newcomer.chat_id).join(HandOff, HandOff.newcomer_id == Newcomer.id)
    chat_id = draft.session.scalar(query.where(HandOff.id == draft.due.hand_off_id))
    if chat_id is None:
        return draft.message
    link = draft.words.html("chat/newcomer_link", COACH_LANGUAGE, {"link": f"tg://user?id={chat_id}"})
    return Message(f"{draft.message.html}\n\n{link.strip()}", draft.message.buttons)


def _tell_group_of_claim(draft: Draft) -> Letter | None:
    """Let the group see at the call itself who has taken it."""
    query = select(Notification).where(
        Notification.name.in_(CALLED),
        Notification.hand_off_id == draft.due.hand_off_id,
        Notification.hand_off_id.is_not(None),
    )
    call = draft.session.scalar(query.order_by(Notification.id.desc()).limit(1))
    if call is None or call.message_id is None:
        return draft.message
    called = draft.words.html(call.name, COACH_LANGUAGE, call.arguments).strip()
    return Edit(Keyboard(call.message_id, ()), f"{called}\n\n{draft.message.html}")


# Appointments: what newcomers hear


def _remind(draft: Draft) -> Letter | None:
    appointment = draft.appointment
    if appointment is None or has_begun(appointment, draft.now):
        return None
    coming, cannot_come = _answers(appointment)
    return draft.with_buttons(
        draft.button("reminder/button_coming", coming, appointment.ends_at),
        draft.button("reminder/button_cannot", cannot_come, appointment.ends_at),
        where=appointment,
    )


def _answers(appointment: Appointment) -> tuple[dict[str, Any], dict[str, Any]]:
    """Say what the buttons do: I come, I cannot."""
    return {"do": "coming", "appointment": appointment.id}, {"do": "cannot_come", "appointment": appointment.id}


def _offer_time(draft: Draft) -> Letter | None:
    offer = draft.session.get(TimeOffer, draft.due.arguments.get("offer", 0))
    if offer is None or offer.answered_at is not None or offer.expires_at <= draft.now:
        return None
    until = offer.expires_at + ANSWER_LIFE
    return draft.with_buttons(
        draft.button("waiting/button_take", {"do": "take_offer", "offer": offer.id}, until, is_for_once=True),
        draft.button("waiting/button_decline", {"do": "decline_offer", "offer": offer.id}, until, is_for_once=True),
    )


def _tell_off(draft: Draft) -> Letter | None:
    """Tell that the coach cannot be there, with the nearest times; who has chosen one meanwhile hears nothing."""
    appointment = draft.appointment
    if appointment is None or appointment.cancelled_by is not Canceller.COACH:
        return None
    free = nearby_times(draft.session, appointment, draft.now)
    said = draft.message.html
    if free:
        said = f"{said}\n\n{times_html(draft.words, draft.language, free)}"
    return Message(
        said,
        (
            *time_buttons(draft.words, draft.language, appointment, free),
            other_time_button(draft.words, draft.language, appointment, draft.now),
            person_button(draft.words, draft.language),
        ),
    )


def _tell_moved(draft: Draft) -> Letter | None:
    """Tell that the coach has moved it; of a time that is not the newcomer's any more nobody hears."""
    appointment = draft.appointment
    told = draft.due.arguments.get("when")
    if appointment is None or has_begun(appointment, draft.now):
        return None
    if told != {"datetime": appointment.starts_at.isoformat()}:
        return None
    coming, cannot_come = _answers(appointment)
    return draft.with_buttons(
        draft.button("change/button_good", coming, appointment.ends_at),
        other_time_button(draft.words, draft.language, appointment, draft.now),
        draft.button("reminder/button_cannot", cannot_come, appointment.ends_at),
        where=appointment,
    )


def _tell_missed(draft: Draft) -> Letter | None:
    appointment = draft.appointment
    if appointment is None or appointment.status is not AppointmentStatus.NO_SHOW:
        return None  # the coach has corrected it
    book = {"do": "rasa", "payload": "/coach_afspraak"}
    return draft.with_buttons(draft.button("flow/coach_afspraak", book, draft.now + INVITATION_LIFE))


def _send_file(draft: Draft) -> Letter | None:
    """Send the calendar file of an appointment as it stands now."""
    appointment = draft.appointment
    if appointment is None or appointment.newcomer_id is None:
        return None
    about = newcomer_arguments(appointment)
    summary, description = (
        plain_text(draft.words.html(name, draft.language, about)).strip()
        for name in ("calendar/summary", "calendar/description")
    )
    content = calendar_file(appointment, summary=summary, description=description)
    caption = draft.words.html(caption_of(appointment), draft.language, about).strip()
    return Document(FILE_NAME, content, caption)


# Free times under a message


def nearby_times(session: Session, appointment: Appointment, now: datetime) -> list[FreeTime]:
    """List the free times that suit an appointment and lie nearest to its own."""
    wish = wish_of(appointment)
    found = nearest_free_times(session, appointment.starts_at, now, NEARBY + 1, wish=wish, without=appointment)
    own = appointment.starts_at if appointment.status is AppointmentStatus.BOOKED else None
    nearest = [free for free in found if free.starts_at != own][:NEARBY]
    return sorted(nearest, key=lambda free: free.starts_at)


def times_html(words: Words, language: str, free: Sequence[FreeTime]) -> str:
    """Say free times, with whom each of them is."""
    lines = [{"text": "appointment/time_line", "arguments": _time_arguments(one)} for one in free]
    return words.html("appointment/nearby", language, {"times": {"list": lines}}).strip()


def _time_arguments(free: FreeTime) -> Mapping[str, object]:
    when = {"datetime": free.starts_at.isoformat()}
    return {"when": when, "coach": free.coach_name, "organisation": free.organisation}


def time_buttons(
    words: Words, language: str, appointment: Appointment, free: Sequence[FreeTime]
) -> tuple[NewButton, ...]:
    """Make a button for each free time, to which it moves the appointment, as long as nobody changes it otherwise."""
    return tuple(
        NewButton(
            words.label("change/button_take", language, {"when": {"datetime": one.starts_at.isoformat()}}),
            {
                "do": "take_time",
                "appointment": appointment.id,
                "sequence": appointment.sequence,
                "starts_at": one.starts_at.isoformat(),
                "coach": one.coach_id,
            },
            is_standing=True,
            is_for_once=True,
            expires_at=one.starts_at + ANSWER_LIFE,
        )
        for one in free
    )


def other_time_button(words: Words, language: str, appointment: Appointment, now: datetime) -> NewButton:
    """Make a button that begins the choice of another time in the conversation."""
    return NewButton(
        words.label("change/button_other_time", language),
        {"do": "rasa", "payload": f'/appointment_move{{"appointment": "{appointment.id}"}}'},
        is_standing=True,
        expires_at=max(appointment.ends_at, now) + ANSWER_LIFE,
    )


# Appointments: what coaches hear


def _tell_coach(draft: Draft) -> Letter | None:
    appointment = draft.appointment
    if appointment is None:
        return draft.message
    return draft.with_buttons(open_button(draft.words, appointment))


_WRITERS: dict[str, Callable[[Draft], Letter | None]] = {
    **dict.fromkeys(CALLED, _call_coaches),
    "handoff/claimed_coach": _tell_claiming_coach,
    "handoff/claimed_group": _tell_group_of_claim,
    "reminder/day_before": _remind,
    "reminder/two_hours": _remind,
    "waiting/offer": _offer_time,
    "change/coach_cancelled": _tell_off,
    "change/coach_moved": _tell_moved,
    "attendance/missed": _tell_missed,
    "calendar/file": _send_file,
    "booking/told_coach": _tell_coach,
    "booking/moved_coach": _tell_coach,
    "booking/not_reached_coach": _tell_coach,
}
