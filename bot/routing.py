"""Decides what is done with an update: touches nothing, asks nobody."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from bot.incoming import Incoming, Kind
from service.coaches import CODE_ALPHABET, CODE_LENGTH
from service.emergencies import Emergency

MAX_CHARACTERS = 1000  # of a question
MAX_A_MINUTE = 20  # updates of one chat

COMMANDS = ("start", "help", "taal", "afspraak", "mens", "gegevens", "stop", "koppel", "agenda")
GROUP_COMMANDS = ("start", "help", "koppel", "groep")

_LINK_CODE = re.compile(rf"[{CODE_ALPHABET}]{{{CODE_LENGTH}}}")
_COMMAND = re.compile(r"/([A-Za-z_]+)(?:@\w+)?(?:\s+(.*))?", re.DOTALL)


@dataclass(frozen=True)
class AskRasa:
    """Give a text to Rasa. `with_media`: it stood under a picture or the like, which nobody looks at."""

    text: str
    with_media: bool = False


@dataclass(frozen=True)
class RunCommand:
    """Do what a command asks."""

    name: str
    argument: str = ""


@dataclass(frozen=True)
class Say:
    """Answer with a fixed text; `offers_person` puts a button to a person under it."""

    name: str
    offers_person: bool = False


@dataclass(frozen=True)
class PressButton:
    """Look up a button and do what it stands for. `is_flood`: refuse it, too many came at once."""

    is_flood: bool = False


@dataclass(frozen=True)
class RunGroupCommand:
    """Do what a command in a group asks."""

    name: str


@dataclass(frozen=True)
class Note:
    """Note what Telegram tells about a chat; nobody is answered."""

    kind: Kind


@dataclass(frozen=True)
class LeaveAlone:
    """Nothing is done, on purpose."""

    reason: str


@dataclass(frozen=True)
class Warn:
    """Answer a message that speaks of danger, at once and without Rasa."""

    emergency: Emergency


type Route = AskRasa | Warn | RunCommand | RunGroupCommand | Say | PressButton | Note | LeaveAlone


def route(incoming: Incoming, recent: int, find_emergency: Callable[[str], Emergency | None]) -> Route:
    """Decide what is done with an update.

    Args:
        incoming: The update.
        recent: How many updates its chat sent in the last minute, this one included.
        find_emergency: Tells whether a text speaks of danger; see `service.emergencies`.
    """
    if incoming.kind in {Kind.BLOCKED, Kind.UNBLOCKED, Kind.JOINED_GROUP, Kind.GROUP_MOVED}:
        return Note(incoming.kind)
    if incoming.kind is Kind.BUTTON:
        return PressButton(is_flood=incoming.is_private and recent > MAX_A_MINUTE)
    if not incoming.is_private:
        return _route_in_group(incoming.text, recent)
    return _route_message(incoming, recent, find_emergency)


def _route_message(incoming: Incoming, recent: int, find_emergency: Callable[[str], Emergency | None]) -> Route:
    if recent > MAX_A_MINUTE:
        return Say("chat/too_many") if recent == MAX_A_MINUTE + 1 else LeaveAlone("flood")
    if incoming.kind is Kind.UNREADABLE:
        return Say("chat/unreadable", offers_person=True)
    if incoming.kind is Kind.EDITED:
        return Say("chat/edited")
    emergency = find_emergency(incoming.text)
    return Warn(emergency) if emergency else _route_text(incoming.text, is_media=incoming.kind is Kind.MEDIA)


def _route_text(text: str, *, is_media: bool) -> Route:
    if text.startswith("/"):
        return _route_command(text)
    if len(text) > MAX_CHARACTERS:
        return Say("chat/too_long", offers_person=True)
    if not _has_words(text):
        return Say("chat/only_text" if is_media else "chat/no_words", offers_person=True)
    return AskRasa(text, with_media=is_media)


def _route_command(text: str) -> Route:
    """Read a typed text that begins with "/". It is never given to Rasa, which would take it for an order."""
    match = _COMMAND.fullmatch(text)
    if match is None or match[1].lower() not in COMMANDS:
        return RunCommand("help")
    name, argument = match[1].lower(), (match[2] or "").strip()
    # t.me/<bot>?start=CODE: a coach's code can come as a link
    return RunCommand("koppel" if name == "start" and _LINK_CODE.fullmatch(argument) else name, argument)


def _route_in_group(text: str, recent: int) -> Route:
    if recent > MAX_A_MINUTE:  # anybody can put the bot into a group and keep it busy there
        return LeaveAlone("flood")
    match = _COMMAND.fullmatch(text)
    if match and match[1].lower() in GROUP_COMMANDS:
        return RunGroupCommand(match[1].lower())
    return LeaveAlone("group")


def _has_words(text: str) -> bool:
    return any(unicodedata.category(character)[0] in "LN" for character in text)
