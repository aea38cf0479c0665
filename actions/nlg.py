"""The response server: Rasa names a text, this finds the words in the person's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from actions.parts import Parts, parts
from actions.turn import is_outage, language_of
from service.days import local_day
from service.newcomers import find_newcomer
from service.text_files import HOME
from service.texts import Text

PREFIX = "utter_"


def answer(body: Mapping[str, Any]) -> dict[str, Any]:
    """Turn Rasa's request into the words to say.

    Args:
        body: `response`, `arguments` and `tracker`, as Rasa sends them. An action's arguments are `pieces`, texts
            that are said as one message, and `choices`, buttons that come before those of an answer; a rule has none.

    Returns:
        `text` (Telegram's HTML), `buttons` (title and payload) and `custom`.

    Raises:
        TextMissing: If a name has no text.
        ValueError: If an argument is of no known type.
    """
    here = parts()
    now = here.clock.now()
    tracker = body.get("tracker") or {}
    language = _language(here, tracker)
    arguments = body.get("arguments") or {}
    pieces = arguments.get("pieces") or [{"text": text_name(str(body["response"]))}]
    found = [_find(here, piece, language, now) for piece in pieces]
    own = [{"title": button.label, "payload": button.payload} for text in found for button in text.buttons]
    return {
        "text": "\n\n".join(text.html for text in found),
        "buttons": [*(arguments.get("choices") or []), *own],
        "custom": {},
    }


def text_name(response: str) -> str:
    """Return the name of the text of a response: "utter_greet" is "dialogue/greet", all others keep their own."""
    name = response.removeprefix(PREFIX)
    return name if "/" in name else f"dialogue/{name}"


def _find(here: Parts, piece: Mapping[str, Any], language: str, now: datetime) -> Text:
    return here.texts.find(piece["text"], language, piece.get("arguments"), today=local_day(now))


def _language(here: Parts, tracker: Mapping[str, Any]) -> str:
    message = tracker.get("latest_message") or {}
    if (message.get("metadata") or {}).get("language"):
        return language_of(message, None)
    try:
        with here.sessions.begin() as session:
            return language_of(message, find_newcomer(session, str(tracker.get("sender_id"))))
    except Exception as error:
        if is_outage(error):
            return HOME  # words in Dutch are better than none
        raise
