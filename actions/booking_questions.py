"""The questions of the booking form, each with the buttons that answer it.

The one about the time stands in `actions.booking_ask_time`.
"""

from __future__ import annotations

from abc import abstractmethod

from actions.booking_answers import ASK_NAME, ASK_REASON
from actions.booking_changes import CHANGES, MOVING_CHANGES
from actions.booking_question import AskSlot, Question, inform
from actions.booking_wish import CoachOffer, coach_offers, moving_appointment, possible_modes, wish_of
from actions.draft import NO, NONE, YES, ChosenTime, Draft, end_booking
from actions.handoff import topic_of
from actions.standing import SHOW
from actions.turn import Event, Piece, Turn, named
from actions.understanding import Understanding
from service.appointments import MOST_STANDING, FreeTime, last_of, newcomer_arguments, standing_appointments
from service.availability import coach_free_time, next_free_times
from service.coaches import places_of
from service.text_files import HOME
from service.texts import TextButton
from store.models import Appointment, Area, Mode

LANGUAGE_BUTTONS = ("ar", "en", "fa", "nl", "ti", "tr", "uk")  # any other can be typed


class AskArea(AskSlot):
    """Asks what the talk is about."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_ask_appointment_form_area"

    def act(self, turn: Turn) -> list[Event]:
        """Ask; who has as many appointments as one can have hears that at once, not after ten questions."""
        standing = standing_appointments(turn.session, turn.newcomer, turn.now)
        if len(standing) < MOST_STANDING:
            return super().act(turn)
        tell_too_many(turn, standing)
        return end_booking()

    def question(self, turn: Turn) -> Question | None:
        """Offer the areas, if any coach has time at all."""
        if not next_free_times(turn.session, turn.now, limit=1):
            return None
        buttons = [inform(turn.label(f"area/{area.value}"), area=area.value) for area in Area]
        return Question((named("booking/ask_area"),), tuple(buttons))


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


class AskWithCoach(AskSlot):
    """Asks with whom to talk, and whether with an interpreter."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_ask_appointment_form_with_coach"

    def question(self, turn: Turn) -> Question | None:
        """Offer the own coach first, then who speaks the language, then an interpreter."""
        draft = Draft.of(turn.tracker)
        offers = coach_offers(turn, draft)
        buttons = [inform(_offer_label(turn, offer), **_values(offer)) for offer in offers]
        asked = "booking/ask_with_coach" if draft.talk_language == HOME else "booking/ask_with_coach_or_interpreter"
        return Question((named(asked),), tuple(buttons)) if offers else None


def _values(offer: CoachOffer) -> dict[str, str]:
    return {name: value for name, value in offer.slots.items() if value}


def _offer_label(turn: Turn, offer: CoachOffer) -> str:
    language = {"language": offer.language}
    if offer.coach is None and offer.interpreter:
        return turn.label("booking/coach_interpreter")
    if offer.coach is None:
        is_own_language = offer.language == Draft.of(turn.tracker).talk_language
        return turn.label("booking/coach_any" if is_own_language else "booking/coach_dutch", {"language": language})
    names = {"language": language, "coach": offer.coach.name, "organisation": offer.coach.organisation.name}
    if offer.is_own:
        return turn.label("booking/coach_own_interpreter" if offer.interpreter else "booking/coach_own", names)
    return turn.label("booking/coach_speaks", names)


class AskInterpreter(AskSlot):
    """Asks whether an interpreter is needed: nobody speaks the language."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_ask_appointment_form_interpreter"

    def question(self, turn: Turn) -> Question | None:
        """Offer yes and no."""
        buttons = [inform(turn.label(f"interpreter/{answer}"), interpreter=answer) for answer in (YES, NO)]
        language = {"language": Draft.of(turn.tracker).talk_language or turn.language}
        return Question((named("booking/ask_interpreter", language=language),), tuple(buttons))


class AskMode(AskSlot):
    """Asks how to meet."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_ask_appointment_form_mode"

    def question(self, turn: Turn) -> Question | None:
        """Offer the ways for which there are free times."""
        modes = possible_modes(turn, Draft.of(turn.tracker))
        buttons = [inform(turn.label(f"mode/{mode.value}"), mode=mode.value) for mode in modes]
        return Question((named("booking/ask_mode"),), tuple(buttons)) if modes else None


class AskOwnWords(AskSlot):
    """Asks for something in the person's own words; what can be a question as well is asked back."""

    slot: str
    doubt: str  # the text that asks back
    is_mine: str  # the text of the button that says "it is no question"

    @abstractmethod
    def plain(self, turn: Turn) -> Question:
        """Make the question itself."""

    @abstractmethod
    def said(self, turn: Turn) -> str | None:
        """Find in the message what may be the answer."""

    def question(self, turn: Turn) -> Question | None:
        """Ask, or ask back."""
        is_doubtful = turn.tracker.slots.get("form_problem") == self.doubt and not turn.has_spoken()
        said = self.said(turn) if is_doubtful else None
        if not said:
            return self.plain(turn)
        topic = topic_of(turn.tracker.latest_message)
        payload = f'/topic{{"topic": "{topic}"}}' if topic else f"/{turn.intent}"
        yes = inform(turn.label(self.is_mine, {"said": said}), **{self.slot: said})
        no = TextButton(turn.label("booking/is_a_question"), payload)
        return Question((named(self.doubt, said=said),), (yes, no))

    def _before(self, turn: Turn) -> list[Piece]:
        """Leave out the doubt: the question itself says it."""
        return [piece for piece in super()._before(turn) if piece["text"] != self.doubt]


class AskCalledName(AskOwnWords):
    """Asks for a name to be called by."""

    slot, doubt, is_mine = "called_name", ASK_NAME, "booking/is_my_name"

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_ask_appointment_form_called_name"

    def plain(self, turn: Turn) -> Question:
        """Ask; offer the name that was given last time."""
        last = last_of(turn.session, turn.newcomer)
        names = [last.called_name] if last and last.called_name else []
        return Question((named("booking/ask_called_name"),), tuple(inform(name, called_name=name) for name in names))

    def said(self, turn: Turn) -> str | None:
        """Find the name."""
        return Understanding(turn.parts.texts).name(turn.text)


class AskTelephone(AskSlot):
    """Asks for a telephone number: needed by telephone, wanted or not at the place."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_ask_appointment_form_telephone"

    def question(self, turn: Turn) -> Question | None:
        """Ask; offer the number that was given last time; at the place with a way to give none."""
        last = last_of(turn.session, turn.newcomer)
        buttons = [inform(last.telephone, telephone=last.telephone)] if last and last.telephone else []
        if Draft.of(turn.tracker).mode == Mode.TELEPHONE:
            return Question((named("booking/ask_telephone_needed"),), tuple(buttons))
        buttons.append(inform(turn.label("booking/no_telephone"), telephone=NONE))
        return Question((named("booking/ask_telephone_wanted"),), tuple(buttons))


class AskReason(AskOwnWords):
    """Asks for a reason in one line, if the person likes."""

    slot, doubt, is_mine = "reason", ASK_REASON, "booking/is_my_reason"

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_ask_appointment_form_reason"

    def plain(self, turn: Turn) -> Question:
        """Ask, with a button to skip it."""
        return Question((named("booking/ask_reason"),), (inform(turn.label("booking/skip"), reason=NONE),))

    def said(self, turn: Turn) -> str | None:
        """Take the message as it is."""
        return " ".join(turn.text.split())


class AskConfirm(AskSlot):
    """Reads everything back; after a "no" asks what is to be changed."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_ask_appointment_form_confirm"

    def question(self, turn: Turn) -> Question | None:
        """Read back with weekday and date, or offer what can be changed."""
        draft = Draft.of(turn.tracker)
        if draft.moving:
            return _confirm_move(turn, draft)
        stop = TextButton(turn.label("booking/stop_booking"), "/stop")
        if turn.tracker.slots.get("changing"):
            changes = [inform(turn.label(f"booking/change_{what}"), change=what) for what in _changes(turn, draft)]
            return Question((named("booking/ask_change"),), (*changes, stop))
        answers = [inform(turn.label(f"booking/confirm_{answer}"), confirm=answer) for answer in (YES, NO)]
        only = [named("booking/only_mode")] if len(possible_modes(turn, draft)) == 1 else []
        return Question((read_back(turn, draft), *only, named("booking/ask_confirm")), (*answers, stop))


def _changes(turn: Turn, draft: Draft) -> list[str]:
    """List what can be changed: a coach and a way to meet only where there is a choice."""
    has_choice = {"with_coach": bool(coach_offers(turn, draft)), "mode": len(possible_modes(turn, draft)) > 1}
    return [what for what in CHANGES if has_choice.get(what, True)]


def _confirm_move(turn: Turn, draft: Draft) -> Question | None:
    """Read back the old time and the new one."""
    appointment, free = moving_appointment(turn, draft), _chosen_time(turn, draft)
    if appointment is None:
        return Question((named("booking/no_such"),), (TextButton(turn.label("booking/my_appointments"), f"/{SHOW}"),))
    when = {"datetime": str(draft.chosen.starts_at.isoformat())} if draft.chosen else {}
    piece = named(
        "booking/read_back_move",
        **newcomer_arguments(appointment)
        | {"old": {"datetime": appointment.starts_at.isoformat()}, "when": when}
        | ({"coach": free.coach_name, "organisation": free.organisation} if free else {}),
    )
    yes = inform(turn.label("booking/confirm_move"), confirm=YES)
    others = [inform(turn.label(f"booking/other_{what}"), change=what) for what in MOVING_CHANGES[:2]]
    stop = TextButton(turn.label("booking/stop_moving"), "/stop")
    return Question((piece, named("booking/ask_confirm_move")), (yes, *others, stop))


def read_back(turn: Turn, draft: Draft) -> Piece:
    """Say a whole draft."""
    free = _chosen_time(turn, draft)
    return named(
        "booking/read_back",
        area={"text": f"area/{draft.area}"},
        when={"datetime": ChosenTime.read(str(draft.time)).starts_at.isoformat()},
        mode=_where(turn, draft, free),
        coach=free.coach_name if free and draft.coach_id else {"text": "booking/any_coach"},
        called_name=str(draft.called_name),
        language={"language": draft.talk_language},
        interpreter={"text": f"interpreter/{draft.interpreter}"},
        telephone={"text": "telephone/none"} if draft.telephone == NONE else str(draft.telephone),
        reason={"text": "booking/no_reason"} if draft.reason == NONE else str(draft.reason),
    )


def _where(turn: Turn, draft: Draft, free: FreeTime | None) -> object:
    """Say how to meet; the place by its name where coaches work at more than one."""
    if free and draft.mode == Mode.PLACE and len(places_of(turn.session, wish_of(turn, draft))) > 1:
        return free.place_name
    return {"text": f"mode/{draft.mode}"}


def _chosen_time(turn: Turn, draft: Draft) -> FreeTime | None:
    if draft.chosen is None:
        return None
    moving = moving_appointment(turn, draft)
    return coach_free_time(turn.session, draft.chosen.coach_id, draft.chosen.starts_at, turn.now, without=moving)


def tell_too_many(turn: Turn, standing: list[Appointment]) -> None:
    """Say that one person cannot have more appointments, and which ones stand."""
    lines = {"list": [named("booking/line", **newcomer_arguments(appointment)) for appointment in standing]}
    mine = TextButton(turn.label("booking/my_appointments"), f"/{SHOW}")
    turn.say(named("booking/too_many", most=str(MOST_STANDING)), named("booking/standing", lines=lines), buttons=[mine])
