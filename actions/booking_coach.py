"""Reads with whom somebody wants to talk: one of the offers of `actions.booking_wish`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from actions.answer import Answer
from actions.booking_shown import shown_at
from actions.booking_wish import CoachOffer, coach_offers
from actions.draft import Draft
from actions.turn import Turn
from actions.understanding import Understanding
from nlu.spelling import fold_words

KINDS = {"own": "own_coach", "any": "any_coach", "with": "with_interpreter", "without": "without_interpreter"}


def take_with_coach(turn: Turn, value: str) -> Answer | None:
    """Take one of the offers by the number of its coach or "any", its language and its interpreter."""
    given = {name: turn.entity(name) for name in ("talk_language", "interpreter")}
    return _offer_with({"with_coach": value, **given}, coach_offers(turn, Draft.of(turn.tracker)))


def read_with_coach(turn: Turn, text: str) -> Answer | None:
    """Find the offer that the words mean: a coach, the own one, an organisation, a language, an interpreter."""
    offers = coach_offers(turn, Draft.of(turn.tracker))
    place = shown_at(turn, text, "with_coach")
    if place is not None:
        return _offer_with(place, offers)
    named = named_coach(turn, text, offers) or _of_organisation(text, offers)
    if named is not None:
        return named.slots
    of_any = [offer for offer in offers if offer.coach is None]
    coaches = [offer for offer in offers if offer.coach is not None]
    if len(coaches) == 1:  # whoever will do, is that one
        of_any = coaches + of_any
    fitting = [offer for offer in of_any if _fits(turn, text, offer)]
    return fitting[0].slots if fitting else None


def named_coach(turn: Turn, text: str, offers: list[CoachOffer]) -> CoachOffer | None:
    """Find the offer of the coach whom the words name, or call the own one."""
    named = _only(offers, lambda coach_name, _: coach_name in _spelled(text))
    is_own = Understanding(turn.parts.texts).holds(text, "own_coach")
    return named or next((offer for offer in offers if offer.is_own and is_own), None)


def _of_organisation(text: str, offers: list[CoachOffer]) -> CoachOffer | None:
    """Find the only offer of the organisation that the words name."""
    return _only(offers, lambda _, organisation: organisation in _spelled(text))


def _only(offers: list[CoachOffer], is_named: Callable[[str, str], bool]) -> CoachOffer | None:
    found = [
        offer
        for offer in offers
        if offer.coach and is_named(_spelled(offer.coach.name), _spelled(offer.coach.organisation.name))
    ]
    return found[0] if len(found) == 1 else None


def _spelled(text: str) -> str:
    """Spell words so that whole ones are found."""
    return f" {fold_words(text)} "


def _fits(turn: Turn, text: str, offer: CoachOffer) -> bool:
    """Tell whether words mean an offer of any coach, or of the only one."""
    words = Understanding(turn.parts.texts)
    kind = words.choice(text, KINDS)
    if kind == "with" or offer.interpreter:
        return kind == "with" and offer.interpreter
    language = words.language(text)
    if language:
        return offer.language == language
    return kind == "any" or (kind == "without" and offer.coach is None)


def _offer_with(values: Mapping[str, str | None], offers: list[CoachOffer]) -> Answer | None:
    return next((offer.slots for offer in offers if offer.slots.items() >= values.items()), None)
