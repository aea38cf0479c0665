"""What somebody wants besides the answer that is asked for: in the first message, or by a change of mind.

At any question another day or time, coach, language or way to meet can be named, or said to be changed.
"""

from __future__ import annotations

from collections.abc import Mapping

from actions.answer import Answer, Problem
from actions.booking_coach import named_coach
from actions.booking_settle import settle
from actions.booking_when import answer_of, moment_in, other_times
from actions.booking_wish import coach_offers
from actions.draft import ANY, ASKED, NO, YES, Draft, Slots
from actions.turn import Turn
from actions.understanding import Understanding, telephone
from service.appointments import own_coach
from service.text_files import HOME
from store.models import Mode

# What can be changed, and which answers are then asked for anew; of day and time only other ones are shown.
CHANGES: Mapping[str, tuple[str, ...]] = {
    "day": ("time",),
    "time": ("time",),
    "with_coach": ("with_coach", "interpreter"),
    "mode": ("mode",),
    "called_name": ("called_name",),
    "talk_language": ("talk_language", "with_coach", "interpreter"),
    "telephone": ("telephone",),
    "area": ("area",),
    "reason": ("reason",),
}
MOVING_CHANGES = ("day", "time", "with_coach")
WHEN = ("day", "time", "later", "earlier")
SHORT = 4  # words of a sentence that names one thing only


def understanding(turn: Turn) -> Understanding:
    """Make the reader of typed words."""
    return Understanding(turn.parts.texts)


def says_change(turn: Turn, text: str) -> bool:
    """Tell whether words say that something is to be different: "rather ...", "no, ...", "with an interpreter"."""
    words, count = understanding(turn), len(text.split())
    is_of_interpreter = words.choice(text, {YES: "with_interpreter", NO: "without_interpreter"}) is not None
    return count > 1 and (words.holds(text, "rather") or (is_of_interpreter and count <= SHORT))


def first_wish(turn: Turn, text: str, area: Answer | None) -> Answer:
    """Put together what the first message says: of the area, when, how, in which language, with whom."""
    words, moment = understanding(turn), answer_of(turn, moment_in(turn, text))
    found: dict[str, str | None] = {}
    for answer in (area, moment):
        found |= answer.slots if isinstance(answer, Problem) else answer or {}
    language = words.language(text)
    if language and found.get("area") != "language":
        found["talk_language"] = language
    if words.choice(text, {"telephone": "mode_telephone"}):
        found["mode"] = Mode.TELEPHONE.value
    if words.choice(text, {YES: "with_interpreter", NO: "without_interpreter"}) == YES:
        found |= {"with_coach": ANY, "interpreter": YES}
    own = own_coach(turn.session, turn.newcomer) if words.holds(text, "own_coach") else None
    if own is not None:
        found |= {"with_coach": str(own.id), "interpreter": None}
    problem = next((answer for answer in (area, moment) if isinstance(answer, Problem)), None)
    return Problem(problem.name, found) if problem else found


def change_of_mind(turn: Turn, text: str, *, reads_mode: bool = True) -> Answer | None:
    """Find what words change of the answers so far.

    Args:
        turn: The turn.
        text: What was typed.
        reads_mode: Whether a way to meet counts: "no, do not call" is not a wish to be called.

    Returns:
        None if they change nothing, or only say yes or no.
    """
    words = understanding(turn)
    if words.says_only(text, "yes", "no"):
        return None
    if words.says_only(text, "change_day"):
        return _named_change(turn, text)
    draft, moment = Draft.of(turn.tracker), answer_of(turn, moment_in(turn, text))
    if isinstance(moment, Problem):
        return moment
    found = dict(moment or {})
    if not draft.moving:
        found |= {**_other_talk(turn, text, draft), **(_other_mode(turn, text, draft) if reads_mode else {})}
        number = telephone(text)
        found |= {"telephone": number} if number else {}
    return found or _named_change(turn, text)


def take_change(turn: Turn, what: str) -> Answer | None:
    """Show other times, or forget what is to be changed, so that the form asks for it."""
    moving = Draft.of(turn.tracker).moving
    if what not in (MOVING_CHANGES if moving else CHANGES):
        return None
    if what in WHEN:
        return other_times(turn, what)
    if moving:  # a coach is not chosen again: any other will do
        return {"with_coach": ANY, **other_times(turn, "time")}
    return dict.fromkeys(CHANGES[what])


def go_back(turn: Turn, slot: str) -> Answer:
    """Forget the answer before a question, so that it is asked for again; at the end all can be changed."""
    draft = Draft.of(turn.tracker)
    if slot == "confirm":
        return (take_change(turn, "time") or {}) if draft.moving else {"changing": YES}
    given = [what for what in ASKED[: ASKED.index(slot)] if what in CHANGES and getattr(draft, what)]
    for what in () if draft.moving else reversed(given):
        answer = take_change(turn, what)
        if not isinstance(answer, Problem) and answer and settle(turn, answer).get(what) is None:
            return answer  # what is settled by itself was not asked either
    return {}


def read_mode_word(turn: Turn, text: str) -> str | None:
    """Find the way to meet that the words name."""
    return understanding(turn).choice(text, {mode.value: f"mode_{mode.value}" for mode in Mode})


def _other_mode(turn: Turn, text: str, draft: Draft) -> Slots:
    mode = read_mode_word(turn, text)
    return {"mode": mode} if mode and mode != draft.mode else {}


def _other_talk(turn: Turn, text: str, draft: Draft) -> Slots:
    """Find another language, coach or interpreter than the chosen ones."""
    language = understanding(turn).language(text)
    if language and language != draft.talk_language:
        return {"talk_language": language, "with_coach": None, "interpreter": None}
    if not (draft.area and draft.talk_language):
        return {}
    coach = named_coach(turn, text, coach_offers(turn, draft))
    if coach is not None:
        return coach.slots if coach.slots["with_coach"] != draft.with_coach else {}
    return _other_interpreter(turn, text, draft)


def _other_interpreter(turn: Turn, text: str, draft: Draft) -> Slots:
    wanted = understanding(turn).choice(text, {YES: "with_interpreter", NO: "without_interpreter"})
    if wanted == YES and draft.talk_language == HOME:  # nobody needs one for Dutch: for which language, then?
        return dict.fromkeys(CHANGES["talk_language"])
    if wanted in (None, draft.interpreter) or draft.with_coach is None:
        return {}
    if wanted == NO and coach_offers(turn, draft):  # with whom, is a choice then
        return dict.fromkeys(CHANGES["with_coach"])
    return {"interpreter": wanted}


def _named_change(turn: Turn, text: str) -> Answer | None:
    """Find the answer that is said to be wrong, if it was given."""
    names = {what: f"change_{what}" for what in CHANGES} | {"later": "later", "earlier": "earlier"}
    what = understanding(turn).choice(text, names)
    given = turn.tracker.slots.get("time" if what in WHEN else str(what))
    if what is None or given is None:
        return None
    return other_times(turn, what) if what in WHEN else take_change(turn, what)
