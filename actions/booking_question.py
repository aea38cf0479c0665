"""The root of all questions of the booking form."""

from __future__ import annotations

import json
from abc import abstractmethod
from dataclasses import dataclass

from actions.draft import end_booking
from actions.handoff import person_button
from actions.turn import Event, Piece, Turn, WegwijsAction, named
from service.texts import TextButton

MISSES_BEFORE_PERSON = 2


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


def inform(label: str, **values: str) -> TextButton:
    """Make a button that answers a question of the form."""
    return TextButton(label, f"/inform{json.dumps(values, ensure_ascii=False)}")
