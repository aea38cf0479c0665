"""What the buttons under messages about an appointment do, without Rasa: they work while anything else goes on.

Such a button can be old. So each act asks the service anew whether the thing is this person's and can still be done,
and an act that cannot be done says what is the case now, with the way on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import wraps
from typing import Any

from bot.commands import Act, Scene, person_button
from bot.letters import nearby_times, other_time_button, time_buttons, times_html
from bot.replies import Message, read_button
from service.appointment_queries import appointment_of, changeable_appointment, last_change
from service.appointments import move_appointment, newcomer_arguments
from service.availability import FreeTime
from service.buttons import NewButton
from service.errors import (
    AlreadyCancelled,
    NoSuchAppointment,
    OfferLapsed,
    Overlaps,
    TimeTaken,
    TooLate,
    TooLateToChange,
    WegwijsError,
)
from service.meeting_place import where_lines
from service.offers import decline_offer, take_offer
from service.reminders import mark_coming
from service.waiting_list import join_line, leave_line
from store.models import Appointment, AppointmentStatus, Canceller


def _kindly(act: Act) -> Act:
    """Make an act say what is the case when the thing cannot be done (any more)."""

    @wraps(act)
    def guarded(scene: Scene, given: Mapping[str, Any]) -> list[Message]:
        try:
            return act(scene, given)
        except (AlreadyCancelled, NoSuchAppointment, OfferLapsed, Overlaps, TimeTaken) as error:
            return [_say_why_not(scene, given, error)]

    return guarded


def _say_why_not(scene: Scene, given: Mapping[str, Any], error: WegwijsError) -> Message:
    match error:
        case TimeTaken() if "offer" in given:
            said = scene.message("waiting/offer_taken_by_other")
        case TimeTaken():
            appointment = appointment_of(scene.session, scene.newcomer, int(given["appointment"]))
            said = _offer_times(scene, "appointment/time_taken", appointment, error.alternatives)
        case OfferLapsed():
            said = scene.message("waiting/offer_lapsed")
        case Overlaps():
            said = scene.message("appointment/overlaps", when=_when(error.starts_at))
        case TooLateToChange():
            said = _say_too_late(scene, error.appointment_id)
        case TooLate():
            said = scene.message("standing/has_begun", person_button(scene.words, scene.language))
        case AlreadyCancelled():
            said = _say_cancelled(scene, error.appointment_id)
        case _:
            said = scene.message("booking/no_such", _new_button(scene))
    return said


def _say_too_late(scene: Scene, appointment_id: int) -> Message:
    """Say until when it could be changed; a person can still help."""
    appointment = appointment_of(scene.session, scene.newcomer, appointment_id)
    person = person_button(scene.words, scene.language)
    return scene.message(
        "standing/too_late_to_change", person, when=_when(appointment.starts_at), until=_when(last_change(appointment))
    )


def _say_cancelled(scene: Scene, appointment_id: int) -> Message:
    """Say that it is off; one that the coach called off can still get another time."""
    appointment = appointment_of(scene.session, scene.newcomer, appointment_id)
    if appointment.cancelled_by is Canceller.COACH:
        free = nearby_times(scene.session, appointment, scene.now)
        return _offer_times(scene, "booking/already_cancelled", appointment, free)
    return scene.message("booking/already_cancelled", _new_button(scene))


def _offer_times(scene: Scene, name: str, appointment: Appointment, free: Sequence[FreeTime]) -> Message:
    """Say something, and below it the nearest free times."""
    words, language = scene.words, scene.language
    said = [words.html(name, language).strip()]
    said.append(times_html(words, language, free) if free else words.html("appointment/no_times", language).strip())
    times = time_buttons(words, language, appointment, free)
    buttons = (*times, _move_button(scene, appointment), person_button(words, language))
    return Message("\n\n".join(said), buttons)


def _new_button(scene: Scene) -> NewButton:
    return read_button(scene.words.label("flow/coach_afspraak", scene.language), "/coach_afspraak")


def _when(moment: datetime) -> dict[str, str]:
    return {"datetime": moment.isoformat()}


@_kindly
def _coming(scene: Scene, given: Mapping[str, Any]) -> list[Message]:
    appointment = mark_coming(scene.session, scene.newcomer, int(given["appointment"]), scene.now)
    return [scene.message("reminder/coming_noted", when=_when(appointment.starts_at))]


@_kindly
def _cannot_come(scene: Scene, given: Mapping[str, Any]) -> list[Message]:
    """Offer another time or cancelling; nothing changes before the person has chosen."""
    appointment = changeable_appointment(scene.session, scene.newcomer, int(given["appointment"]), scene.now)
    cancel = f'/cancel_appointment{{"appointment": "{appointment.id}", "confirm": "yes"}}'
    buttons = (
        _move_button(scene, appointment),
        read_button(scene.words.label("standing/cancel_this", scene.language), cancel),
        scene.button("reminder/button_coming", do="coming", appointment=appointment.id),
    )
    return [scene.message("reminder/cannot_how", *buttons, when=_when(appointment.starts_at))]


@_kindly
def _take_time(scene: Scene, given: Mapping[str, Any]) -> list[Message]:
    """Move the appointment; not where it was changed since the times were shown: the person has chosen already."""
    starts_at = datetime.fromisoformat(given["starts_at"])
    appointment_id, coach_id = int(given["appointment"]), int(given["coach"])
    shown = appointment_of(scene.session, scene.newcomer, appointment_id)
    if shown.status is AppointmentStatus.BOOKED and shown.sequence != given["sequence"]:
        return [scene.message("waiting/offer_lapsed", _move_button(scene, shown))]
    moved = move_appointment(scene.session, scene.newcomer, appointment_id, starts_at, coach_id, scene.now)
    return [_say_moved(scene, moved)]


def _move_button(scene: Scene, appointment: Appointment) -> NewButton:
    return other_time_button(scene.words, scene.language, appointment, scene.now)


@_kindly
def _take_offer(scene: Scene, given: Mapping[str, Any]) -> list[Message]:
    return [_say_moved(scene, take_offer(scene.session, scene.newcomer, int(given["offer"]), scene.now))]


@_kindly
def _decline_offer(scene: Scene, given: Mapping[str, Any]) -> list[Message]:
    appointment = decline_offer(scene.session, scene.newcomer, int(given["offer"]), scene.now)
    leave = _leave_button(scene, appointment.id)
    return [scene.message("waiting/declined", leave, when=_when(appointment.starts_at))]


@_kindly
def _wait(scene: Scene, given: Mapping[str, Any]) -> list[Message]:
    entry = join_line(scene.session, scene.newcomer, int(given["appointment"]), scene.now)
    leave = _leave_button(scene, entry.appointment_id)
    return [scene.message("waiting/joined", leave, when=_when(entry.appointment.starts_at))]


@_kindly
def _stop_waiting(scene: Scene, given: Mapping[str, Any]) -> list[Message]:
    appointment_id = int(given["appointment"])
    leave_line(scene.session, scene.newcomer, appointment_id, scene.now)
    appointment = appointment_of(scene.session, scene.newcomer, appointment_id)
    if appointment.cancelled_by is not None:
        raise AlreadyCancelled(appointment_id)
    again = scene.button("standing/wait_again", do="wait", appointment=appointment_id)
    return [scene.message("waiting/left", again, when=_when(appointment.starts_at))]


def _leave_button(scene: Scene, appointment_id: int) -> NewButton:
    return scene.button("standing/leave_line", do="stop_waiting", appointment=appointment_id)


def _say_moved(scene: Scene, appointment: Appointment) -> Message:
    """Say the new time, with whom and where."""
    about = newcomer_arguments(appointment)
    return scene.message("appointment/moved", where={"list": where_lines(appointment)}, **about)


ACTS: dict[str, Act] = {
    "coming": _coming,
    "cannot_come": _cannot_come,
    "take_time": _take_time,
    "take_offer": _take_offer,
    "decline_offer": _decline_offer,
    "wait": _wait,
    "stop_waiting": _stop_waiting,
}
