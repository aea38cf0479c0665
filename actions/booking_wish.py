"""What a draft says of the times that suit it, and the coaches among whom there is a choice."""

from __future__ import annotations

from dataclasses import dataclass, replace

from actions.draft import ANY, NO, YES, Draft
from actions.turn import Turn
from service.appointments import movable_appointment, own_coach
from service.availability import Wish, free_coaches, next_free_times
from service.coaches import coaches_for, speaks
from service.errors import AlreadyCancelled, NoSuchAppointment
from service.text_files import HOME
from store.models import Appointment, Area, Coach, Mode

MOST_COACHES = 4


@dataclass(frozen=True)
class CoachOffer:
    """One way to talk: with a coach, or any (None), in a language, with an interpreter or without."""

    coach: Coach | None
    language: str
    interpreter: bool
    is_own: bool = False

    @property
    def slots(self) -> dict[str, str | None]:
        """What choosing it sets."""
        return {
            "talk_language": self.language,
            "with_coach": str(self.coach.id) if self.coach else ANY,
            "interpreter": YES if self.interpreter else NO,
        }


def wish_of(turn: Turn, draft: Draft) -> Wish:
    """Say which free times suit a draft, as far as it goes.

    The language counts where the person chose to talk without an interpreter, with any coach. Where no coach speaks it
    the person knows that: it was asked.
    """
    area = Area(draft.area) if draft.area else None
    wish = Wish(area=area, mode=Mode(draft.mode) if draft.mode else None, coach_id=draft.coach_id)
    if draft.coach_id is None and draft.interpreter == NO and draft.talk_language not in (None, HOME):
        spoken = replace(wish, mode=None, language=draft.talk_language)
        return replace(wish, language=draft.talk_language) if coaches_for(turn.session, spoken) else wish
    return wish


def coach_offers(turn: Turn, draft: Draft) -> list[CoachOffer]:
    """List the ways to talk about the area in the language, best first; empty if there is nothing to choose.

    Only coaches with a free time count. Nobody speaks the language: then only the interpreter is a question. In Dutch
    there is a choice if somebody is the person's own coach, or more than one organisation has a coach.
    """
    area, language = Area(str(draft.area)), str(draft.talk_language)
    free = free_coaches(turn.session, turn.now, wish=Wish(area=area))
    own = own_coach(turn.session, turn.newcomer)
    own = own if own and own.id in free else None
    found = [coach for coach in coaches_for(turn.session, Wish(area=area, language=language)) if coach.id in free]
    others = [coach for coach in found if own is None or coach.id != own.id]
    if not own and (not found or (language == HOME and len({coach.organisation_id for coach in found}) == 1)):
        return []
    offers = [CoachOffer(own, language, not speaks(own, language), is_own=True)] if own else []
    offers += [CoachOffer(coach, language, interpreter=False) for coach in others[:MOST_COACHES]]
    if len(found) > 1:
        offers.append(CoachOffer(None, language, interpreter=False))
    if language != HOME:
        offers += [CoachOffer(None, language, interpreter=True), CoachOffer(None, HOME, interpreter=False)]
    return offers


def possible_modes(turn: Turn, draft: Draft) -> list[Mode]:
    """List the ways to meet for which there are free times."""
    wish, moving = wish_of(turn, draft), moving_appointment(turn, draft)
    return [
        mode
        for mode in Mode
        if next_free_times(turn.session, turn.now, wish=replace(wish, mode=mode), limit=1, without=moving)
    ]


def moving_appointment(turn: Turn, draft: Draft) -> Appointment | None:
    """Find the appointment that gets another time; None if a new one is booked, or it cannot be moved (any more)."""
    if not draft.moving or not draft.moving.isdecimal():
        return None
    try:
        return movable_appointment(turn.session, turn.newcomer, int(draft.moving), turn.now)
    except (NoSuchAppointment, AlreadyCancelled):
        return None
