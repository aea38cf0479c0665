"""What the bot does itself, without Rasa: commands, and the buttons of its own messages.

Each act runs inside the caller's transaction and returns the messages that answer it; nothing is sent here. The
messages are stored in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.parts import Words
from bot.replies import Message, read_button
from service.appointment_words import kept_arguments
from service.buttons import NewButton
from service.clock import AMSTERDAM
from service.emergencies import Emergency
from service.handoffs import request_person
from service.language import LANGUAGES
from service.newcomers import KeptData, erase_newcomer, kept_data, set_language, stop_messages
from service.waiting_list import place_in_line
from store.models import Appointment, AppointmentStatus, Newcomer

KEPT_APPOINTMENT = {
    AppointmentStatus.BOOKED: "chat/data_booked",
    AppointmentStatus.CANCELLED: "chat/data_cancelled",
    AppointmentStatus.ATTENDED: "chat/data_attended",
    AppointmentStatus.NO_SHOW: "chat/data_missed",
}


@dataclass(frozen=True)
class Scene:
    """What an act may need: the transaction, who asks, in which language, and when. `request_key` names the turn."""

    session: Session
    words: Words
    newcomer: Newcomer
    language: str
    now: datetime
    request_key: str

    def message(self, name: str, *buttons: NewButton, **arguments: object) -> Message:
        """Make a message of a text, with buttons under it."""
        return Message(self.words.html(name, self.language, arguments).strip(), buttons)

    def button(self, name: str, **action: Any) -> NewButton:
        """Make a button for once; its label is a text."""
        return NewButton(self.words.label(name, self.language), action)


type Act = Callable[[Scene, Mapping[str, Any]], list[Message]]


def person_button(words: Words, language: str) -> NewButton:
    """Make a button that asks for a person, also while Rasa is down."""
    return NewButton(words.label("flow/coach_mens", language), {"do": "person"}, is_standing=True)


def emergency_message(words: Words, language: str, emergency: Emergency) -> Message:
    """Say whom to call, with a button that calls a coach urgently, and one to the answer about such danger."""
    person = NewButton(
        words.label("emergency/button_person", language),
        {"do": "urgent_person", "topic": emergency.topic},
        is_standing=True,
    )
    about = read_button(words.title(emergency.topic, language), f'/topic{{"topic": "{emergency.topic}"}}')
    return Message(words.html(f"emergency/{emergency.kind}", language).strip(), (person, about))


def language_buttons() -> tuple[NewButton, ...]:
    """Make a button for each language, with its own name."""
    return tuple(
        NewButton(name, {"do": "language", "language": code}, is_standing=True) for code, name in LANGUAGES.items()
    )


def back_button(words: Words, language: str) -> NewButton:
    """Make a button back to the language that the bot has just left, in that language."""
    label = words.label("chat/button_back_to", language, {"language": LANGUAGES[language]})
    return NewButton(label, {"do": "language", "language": language, "is_back": True}, is_standing=True)


def introduction(words: Words, language: str) -> Message:
    """Say that this is a bot and no person, what it does, and how to reach a person (AI Act art. 50)."""
    said = [words.html(name, language).strip() for name in ("chat/introduction", "chat/choose_or_ask")]
    return Message("\n\n".join(said), language_buttons())


def _start(scene: Scene, _: Mapping[str, Any]) -> list[Message]:
    return [introduction(scene.words, scene.language)]


def _help(scene: Scene, _: Mapping[str, Any]) -> list[Message]:
    appointment = read_button(scene.words.label("flow/coach_afspraak", scene.language), "/coach_afspraak")
    return [scene.message("chat/help", appointment, person_button(scene.words, scene.language))]


def _language(scene: Scene, given: Mapping[str, Any]) -> list[Message]:
    """Change the language, or offer the choice if it is not named or not known."""
    asked = str(given.get("language") or given.get("argument") or "").strip().lower()
    code = asked if asked in LANGUAGES else _code_of(asked)
    if code is None:
        return [scene.message("chat/choose_language", *language_buttons())]
    is_by_button = "language" in given and not given.get("is_back")  # who goes back was introduced in that language
    is_first_choice = is_by_button and not scene.newcomer.language_chosen and code != scene.language
    set_language(scene.session, scene.newcomer, code, chosen=True)
    done = replace(scene, language=code).message("chat/language_set")
    if not is_first_choice:
        return [done]
    # By the buttons under the introduction: it stood in a language that may not have been understood.
    return [Message(f"{scene.words.html('chat/introduction', code).strip()}\n\n{done.html}")]


def _code_of(name: str) -> str | None:
    return next((code for code, own in LANGUAGES.items() if own.lower() == name), None)


def _person(scene: Scene, _: Mapping[str, Any]) -> list[Message]:
    """Ask for a person, in the words of the action that does the same."""
    hand_off = request_person(scene.session, scene.newcomer, None, scene.request_key, scene.now)
    if hand_off.claim is not None:
        return [scene.message("handoff/claimed_already", coach=hand_off.claim.coach.name)]
    is_new = hand_off.request_key == scene.request_key
    return [scene.message("handoff/requested" if is_new else "handoff/waiting")]


def _urgent_person(scene: Scene, given: Mapping[str, Any]) -> list[Message]:
    """Call the coaches because of danger."""
    topic = str(given["topic"])
    request_person(scene.session, scene.newcomer, topic, scene.request_key, scene.now, is_urgent=True)
    return [scene.message("emergency/person_called")]


def _data(scene: Scene, _: Mapping[str, Any]) -> list[Message]:
    """Show what is kept, and offer to erase it."""
    kept = kept_data(scene.session, scene.newcomer)
    erase = scene.button("chat/button_erase", do="ask_erase")
    return [scene.message("chat/data", erase, **_in_words(scene, kept))]


def _in_words(scene: Scene, kept: KeptData) -> dict[str, object]:
    lines = [line for one in kept.appointments for line in _kept_lines(scene, one)]
    return {
        "own_coach": kept.own_coach.name if kept.own_coach else {"text": "chat/data_no_coach"},
        "since": {"date": kept.since.astimezone(AMSTERDAM).date().isoformat()},
        "language": {"language": kept.language},
        "appointments": {"list": lines or [{"text": "chat/data_no_appointments"}]},
        "hand_offs": kept.hand_offs,
        "messages": kept.messages,
        "notifications": kept.notifications,
    }


def _kept_lines(scene: Scene, appointment: Appointment) -> list[dict[str, object]]:
    """Say all that is kept of an appointment: what became of it, whether it was moved, the place in line."""
    lines: list[dict[str, object]] = [
        {"text": KEPT_APPOINTMENT[appointment.status], "arguments": kept_arguments(appointment)}
    ]
    if appointment.status is AppointmentStatus.BOOKED and appointment.sequence:
        lines.append({"text": "chat/data_moved"})
    return [*lines, *_waiting_line(scene, appointment)]


def _waiting_line(scene: Scene, appointment: Appointment) -> list[dict[str, object]]:
    place = place_in_line(scene.session, appointment)
    return [{"text": "chat/data_waiting", "arguments": {"place": place}}] if place else []


def _moment(moment: datetime) -> dict[str, str]:
    return {"datetime": moment.isoformat()}


def _ask_erase(scene: Scene, _: Mapping[str, Any]) -> list[Message]:
    yes = scene.button("chat/button_erase_yes", do="erase")
    no = scene.button("chat/button_erase_no", do="keep")
    return [scene.message("chat/ask_erase", yes, no)]


def _erase(scene: Scene, _: Mapping[str, Any]) -> list[Message]:
    """Erase all; what Rasa keeps is erased by the caller, before."""
    erase_newcomer(scene.session, scene.newcomer, scene.now)
    return [scene.message("chat/erased")]


def _keep(scene: Scene, _: Mapping[str, Any]) -> list[Message]:
    return [scene.message("chat/not_erased")]


def _stop(scene: Scene, _: Mapping[str, Any]) -> list[Message]:
    """Send nothing more; name the appointments that stand, each with a button to cancel it."""
    standing = stop_messages(scene.session, scene.newcomer, scene.now)
    if not standing:
        return [scene.message("chat/stopped")]
    buttons = [_cancel_button(scene, appointment) for appointment in standing]
    lines: list[dict[str, object]] = []
    for one in standing:
        about = {"when": _moment(one.starts_at), "coach": one.coach.name}
        lines += [{"text": "chat/data_appointment", "arguments": about}, *_waiting_line(scene, one)]
    return [scene.message("chat/stopped_with_appointments", *buttons, appointments={"list": lines})]


def _cancel_button(scene: Scene, appointment: Appointment) -> NewButton:
    when = {"when": _moment(appointment.starts_at)}
    label = scene.words.label("chat/button_cancel_appointment", scene.language, when)
    return read_button(label, f'/cancel_appointment{{"appointment": {appointment.id}}}')


ACTS: dict[str, Act] = {
    "start": _start,
    "help": _help,
    "taal": _language,
    "language": _language,
    "mens": _person,
    "person": _person,
    "urgent_person": _urgent_person,
    "gegevens": _data,
    "ask_erase": _ask_erase,
    "erase": _erase,
    "keep": _keep,
    "stop": _stop,
}
