"""Opens an update of the inbox: what it is, whose, in which language, and what is to be done with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from bot import commands
from bot.incoming import Incoming, Kind, from_payload
from bot.parts import Parts
from bot.replies import body_of_message
from bot.routing import AskRasa, LeaveAlone, Note, PressButton, Route, RunCommand, Warn, route
from service import buttons, inbox
from service.inbox import StoredReply, Waiting
from service.language import DEFAULT_LANGUAGE
from service.newcomers import find_newcomer, meet_newcomer, set_language
from store.models import Newcomer

log = structlog.get_logger()

LEASE = timedelta(seconds=15)
OF_COACHES = ("koppel", "agenda")  # commands and kinds of buttons
FLOOD_WINDOW = timedelta(minutes=1)


@dataclass(frozen=True)
class Turn:
    """An update that is being answered.

    `holder` is the worker that has the chat. `unsent` is what is stored and not sent yet: an introduction, or an answer
    of an earlier worker. `left` is the language that the bot has just left to follow the person. `is_foreign`: this is
    a sentence in a language that we do not speak.
    """

    holder: str
    waiting: Waiting
    incoming: Incoming
    route: Route
    ref: str
    language: str
    is_answered: bool = False
    unsent: tuple[StoredReply, ...] = ()
    left: str | None = None
    is_foreign: bool = False

    @property
    def request_key(self) -> str:
        """Name the turn, so that a retry finds what it did."""
        return f"{self.ref}:{self.waiting.update_id}"


def open_turn(parts: Parts, session: Session, chat_id: int, holder: str, now: datetime) -> Turn | None:
    """Take the next update of a chat; meet the newcomer who writes, and introduce the bot at first contact.

    Returns:
        None if nothing waits, or the first update is put off; then the chat is given back.

    Raises:
        LeaseLost: If another worker has the chat by now, as after a pause of the whole process.
    """
    inbox.renew_lease(session, chat_id, holder, now, LEASE)
    waiting = inbox.take_next(session, chat_id, now)
    if waiting is None:
        inbox.release_chat(session, chat_id, holder)
        return None
    incoming = from_payload(waiting.payload)
    chosen = route(incoming, inbox.count_recent(session, waiting, FLOOD_WINDOW), parts.emergencies.find)
    turn = Turn(holder, waiting, incoming, chosen, parts.ref(chat_id), DEFAULT_LANGUAGE)
    if waiting.attempts:
        unsent = tuple(inbox.unsent_replies(session, waiting.update_id))
        turn = replace(turn, unsent=unsent, is_answered=inbox.is_answered(session, waiting.update_id))
    known = find_newcomer(session, turn.ref)
    if turn.is_answered or not _is_from_newcomer(session, incoming, chosen):
        return replace(turn, language=known.language if known else DEFAULT_LANGUAGE)
    return _meet(parts, session, turn, known, now)


def _meet(parts: Parts, session: Session, turn: Turn, known: Newcomer | None, now: datetime) -> Turn:
    told = parts.detector.tell(turn.incoming.text if isinstance(turn.route, AskRasa | Warn) else "")
    language = parts.choose_language(
        told,
        turn.incoming.app_language,
        current=known.language if known else None,
        chosen=known is not None and known.language_chosen,
    )
    spoken = turn.route.emergency.language_for(language) if isinstance(turn.route, Warn) else language
    if known is None:
        language = spoken
    newcomer = meet_newcomer(session, turn.waiting.chat_id, turn.ref, language, now)
    left = newcomer.language if newcomer.language != language else None
    if left is not None:
        set_language(session, newcomer, language, chosen=False)
    is_foreign = told.is_foreign and told.is_sentence and not isinstance(turn.route, Warn)  # danger was understood
    turn = replace(turn, language=spoken, left=left, is_foreign=is_foreign)
    if known is None and turn.route != RunCommand("start"):
        return replace(turn, unsent=tuple(_store_introduction(parts, session, turn, now)))
    return turn


def _is_from_newcomer(session: Session, incoming: Incoming, chosen: Route) -> bool:
    """Tell whether somebody writes as a newcomer does: a coach at work is not greeted, nor kept as one."""
    if isinstance(chosen, Note | LeaveAlone) or not incoming.is_private:
        return False
    if isinstance(chosen, PressButton):
        return buttons.kind_of(session, incoming.button_id or "") not in OF_COACHES
    return not (isinstance(chosen, RunCommand) and chosen.name in OF_COACHES)


def _store_introduction(parts: Parts, session: Session, turn: Turn, now: datetime) -> list[StoredReply]:
    message = commands.introduction(parts.words, turn.language)
    buttons.keep_buttons(session, turn.waiting.chat_id, message.buttons, now)
    body = body_of_message(message)
    return inbox.store_replies(session, turn.waiting.update_id, [body], first=inbox.INTRODUCTION)


def failed_turn(parts: Parts, session: Session, chat_id: int, holder: str, now: datetime) -> Turn | None:
    """Take the next update of a chat that could not be opened, just to apologise for it."""
    waiting = inbox.take_next(session, chat_id, now)
    if waiting is None:
        return None
    incoming = Incoming(Kind.UNREADABLE, is_private=chat_id > 0)
    return Turn(holder, waiting, incoming, LeaveAlone("error"), parts.ref(chat_id), DEFAULT_LANGUAGE)
