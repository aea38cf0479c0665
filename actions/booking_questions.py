"""The questions of the booking form, each with the buttons that answer it."""

from __future__ import annotations

import json
from abc import abstractmethod
from dataclasses import dataclass
from datetime import time

from actions.booking_answers import CHANGES
from actions.draft import NO, NONE, YES, ChosenTime, Draft, end_booking
from actions.handoff import person_button, topic_of
from actions.turn import Event, Piece, Turn, WegwijsAction, named
from actions.understanding import Understanding
from service.appointments import FreeTime, free_days, free_times, nearest_free_times
from service.days import moment_of
from service.text_files import HOME
from service.texts import TextButton
from store.models import Area, Mode

MISSES_BEFORE_PERSON = 2
MOST_TIMES = 15
LANGUAGE_BUTTONS = ("ar", "en", "fa", "nl", "ti", "tr", "uk")  # any other can be typed
NOON = time(12)


@dataclass(frozen=True)
class Question:
    """What to ask, and the buttons under it."""

    pieces: tuple[Piece, ...]
    buttons: tuple[TextButton, ...] = ()


class AskSlot(WegwijsAction):
    """Asks one question of the form: what was wrong with the last answer, the question, a person after two misses."""

    @abstractmethod
    def question(self, turn: Turn) -> Question | None:
        """Make the question; None if there is nothing left to choose from."""

    def act(self, turn: Turn) -> list[Event]:
        """Ask; end the form when there is nothing to choose from."""
        question = self.question(turn)
        if question is None:
            turn.say("booking/no_days", buttons=[person_button(turn)])
            return end_booking()
        pieces, buttons = [*self._before(turn), *question.pieces], list(question.buttons)
        if int(turn.tracker.slots.get("form_misses") or 0) >= MISSES_BEFORE_PERSON and not turn.has_spoken():
            pieces.insert(-1, named("booking/offer_person"))
            buttons.append(person_button(turn))
        turn.say(*pieces, buttons=buttons)
        return []

    def _before(self, turn: Turn) -> list[Piece]:
        """Say that the booking goes on after another answer, or what was wrong with the last one."""
        if turn.has_spoken():
            return [named("booking/back")]
        problem = turn.tracker.slots.get("form_problem")
        return [named(problem)] if problem else []


class AskArea(AskSlot):
    """Asks what the talk is about."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_ask_appointment_form_area"

    def question(self, turn: Turn) -> Question | None:
        """Offer the areas, if any coach has time at all."""
        if not free_days(turn.session, turn.now, limit=1):
            return None
        buttons = [inform(turn.label(f"area/{area.value}"), area=area.value) for area in Area]
        return Question((named("booking/ask_area"),), tuple(buttons))


class AskDay(AskSlot):
    """Asks for a day."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_ask_appointment_form_day"

    def question(self, turn: Turn) -> Question | None:
        """Offer the first days with free times."""
        days = [day.isoformat() for day in free_days(turn.session, turn.now)]
        buttons = [inform(turn.label("format/day", {"day": {"date": day}}), day=day) for day in days]
        return Question((named("booking/ask_day"),), tuple(buttons)) if days else None


class AskTime(AskSlot):
    """Asks for a time."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_ask_appointment_form_time"

    def question(self, turn: Turn) -> Question | None:
        """Offer the free times of the day; the nearest ones if another was faster, or the day is full by now."""
        day = Draft.of(turn.tracker).chosen_day or turn.today
        taken = turn.tracker.slots.get("taken_time")
        if taken:
            wanted = ChosenTime.read(taken).starts_at
            return _near(turn, nearest_free_times(turn.session, wanted, turn.now), "booking/time_taken")
        times = free_times(turn.session, day, turn.now)[:MOST_TIMES]
        if not times:
            return _near(turn, nearest_free_times(turn.session, moment_of(day, NOON), turn.now), "booking/day_full")
        buttons = [_time_button(turn, free, "format/time") for free in times]
        return Question((named("booking/ask_time", day={"date": day.isoformat()}),), tuple(buttons))


def _near(turn: Turn, times: list[FreeTime], why: str) -> Question | None:
    buttons = [_time_button(turn, free, "format/moment") for free in times]
    return Question((named(why), named("booking/ask_time_near")), tuple(buttons)) if times else None


def _time_button(turn: Turn, free: FreeTime, label: str) -> TextButton:
    moment = free.starts_at.isoformat()
    words = turn.label(label, {"time": {"time": moment}, "when": {"datetime": moment}})
    return inform(words, time=str(ChosenTime(free.starts_at, free.coach_id)))


class AskMode(AskSlot):
    """Asks how to meet."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_ask_appointment_form_mode"

    def question(self, turn: Turn) -> Question | None:
        """Offer both ways."""
        buttons = [inform(turn.label(f"mode/{mode.value}"), mode=mode.value) for mode in Mode]
        return Question((named("booking/ask_mode"),), tuple(buttons))


class AskCalledName(AskSlot):
    """Asks for a name to be called by."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_ask_appointment_form_called_name"

    def question(self, turn: Turn) -> Question | None:
        """Ask; what can be a question as well is asked back."""
        doubtful = turn.tracker.slots.get("form_problem") == "booking/ask_name_or_question" and not turn.has_spoken()
        name = Understanding(turn.parts.texts).name(turn.text) if doubtful else None
        if not name:
            return Question((named("booking/ask_called_name"),))
        topic = topic_of(turn.tracker.latest_message)
        payload = f'/topic{{"topic": "{topic}"}}' if topic else f"/{turn.intent}"
        yes = inform(turn.label("booking/is_my_name", {"name": name}), called_name=name)
        no = TextButton(turn.label("booking/is_a_question"), payload)
        return Question((named("booking/ask_name_or_question", name=name),), (yes, no))

    def _before(self, turn: Turn) -> list[Piece]:
        """Leave out the doubt: the question itself says it."""
        return [piece for piece in super()._before(turn) if piece["text"] != "booking/ask_name_or_question"]


class AskTalkLanguage(AskSlot):
    """Asks for the language of the talk."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_ask_appointment_form_talk_language"

    def question(self, turn: Turn) -> Question | None:
        """Offer the person's own language first."""
        codes = dict.fromkeys((turn.language, HOME, *LANGUAGE_BUTTONS))
        buttons = [inform(turn.label(f"language/{code}"), talk_language=code) for code in codes]
        return Question((named("booking/ask_talk_language"),), tuple(buttons))


class AskInterpreter(AskSlot):
    """Asks whether an interpreter is needed."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_ask_appointment_form_interpreter"

    def question(self, turn: Turn) -> Question | None:
        """Offer yes and no."""
        buttons = [inform(turn.label(f"interpreter/{answer}"), interpreter=answer) for answer in (YES, NO)]
        language = {"language": Draft.of(turn.tracker).talk_language or turn.language}
        return Question((named("booking/ask_interpreter", language=language),), tuple(buttons))


class AskTelephone(AskSlot):
    """Asks for a telephone number: needed by telephone, wanted or not at the place."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_ask_appointment_form_telephone"

    def question(self, turn: Turn) -> Question | None:
        """Ask; at the place with a way to give none."""
        if Draft.of(turn.tracker).mode == Mode.TELEPHONE:
            return Question((named("booking/ask_telephone_needed"),))
        none = inform(turn.label("booking/no_telephone"), telephone=NONE)
        return Question((named("booking/ask_telephone_wanted"),), (none,))


class AskConfirm(AskSlot):
    """Reads everything back; after a "no" asks what is to be changed."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_ask_appointment_form_confirm"

    def question(self, turn: Turn) -> Question | None:
        """Read back with weekday and date, or offer what can be changed."""
        stop = TextButton(turn.label("booking/stop_booking"), "/stop")
        if turn.tracker.slots.get("changing"):
            changes = [inform(turn.label(f"booking/change_{what}"), change=what) for what in CHANGES]
            return Question((named("booking/ask_change"),), (*changes, stop))
        answers = [inform(turn.label(f"booking/confirm_{answer}"), confirm=answer) for answer in (YES, NO)]
        return Question((read_back(Draft.of(turn.tracker)), named("booking/ask_confirm")), (*answers, stop))


def read_back(draft: Draft) -> Piece:
    """Say a whole draft."""
    return named(
        "booking/read_back",
        area={"text": f"area/{draft.area}"},
        when={"datetime": ChosenTime.read(str(draft.time)).starts_at.isoformat()},
        mode={"text": f"mode/{draft.mode}"},
        called_name=str(draft.called_name),
        language={"language": draft.talk_language},
        interpreter={"text": f"interpreter/{draft.interpreter}"},
        telephone={"text": "telephone/none"} if draft.telephone == NONE else str(draft.telephone),
    )


def inform(label: str, **values: str) -> TextButton:
    """Make a button that answers a question of the form."""
    return TextButton(label, f"/inform{json.dumps(values, ensure_ascii=False)}")
