"""The languages to choose from."""

from __future__ import annotations

from actions.turn import Event, Turn, WegwijsAction
from service.language import LANGUAGES
from service.texts import TextButton


class OfferLanguages(WegwijsAction):
    """Offers the languages; the bot makes the change when one is pressed."""

    def name(self) -> str:
        """Name of the action in domain.yml."""
        return "action_offer_languages"

    def act(self, turn: Turn) -> list[Event]:
        """Offer each language by its own name."""
        offer_languages(turn)
        return []


def offer_languages(turn: Turn) -> None:
    """Ask which language, with a button for each."""
    buttons = [TextButton(own, f'/choose_language{{"language": "{code}"}}') for code, own in LANGUAGES.items()]
    turn.say("bot/taal", buttons=buttons)
