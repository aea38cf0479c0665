"""One update from the inbox to its stored answer. Sending is the worker's."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import update
from sqlalchemy.orm import Session

from bot import coaches, commands
from bot.commands import ACTS, Scene
from bot.incoming import Incoming, Kind, from_payload
from bot.parts import Parts
from bot.rasa import RasaDown
from bot.replies import Edit, Message, Said, body_of_edit, body_of_message, join_turn, split_message, with_notices
from bot.routing import AskRasa, LeaveAlone, Note, PressButton, Route, RunCommand, RunGroupCommand, Say, route
from bot.sending import answer_press, typing
from service import buttons, inbox, outbox
from service.buttons import Press
from service.inbox import Waiting
from service.language import DEFAULT_LANGUAGE
from service.newcomers import find_newcomer, meet_newcomer, set_language
from store.models import Newcomer

log = structlog.get_logger()

BOOK = "/coach_afspraak"
LEASE = timedelta(seconds=15)
FLOOD_WINDOW = timedelta(minutes=1)


@dataclass(frozen=True)
class Turn:
    """An update that is being answered. `holder` is the worker that has the chat."""

    holder: str
    waiting: Waiting
    incoming: Incoming
    route: Route
    ref: str
    language: str
    is_answered: bool

    @property
    def request_key(self) -> str:
        """Name the turn, so that a retry finds what it did."""
        return f"{self.ref}:{self.waiting.update_id}"


def open_turn(parts: Parts, session: Session, chat_id: int, holder: str, now: datetime) -> Turn | None:
    """Take the next update of a chat; meet the newcomer who writes, and introduce the bot at first contact.

    Returns:
        None if nothing waits, or the first update is put off.
    """
    waiting = inbox.take_next(session, chat_id, now)
    if waiting is None:
        return None
    incoming = from_payload(waiting.payload)
    chosen = route(incoming, inbox.count_recent(session, waiting, FLOOD_WINDOW))
    ref = parts.ref(chat_id)
    turn = Turn(holder, waiting, incoming, chosen, ref, DEFAULT_LANGUAGE, inbox.is_answered(session, waiting.update_id))
    known = find_newcomer(session, ref)
    if turn.is_answered or not _is_from_newcomer(incoming, chosen):
        return replace(turn, language=known.language if known else DEFAULT_LANGUAGE)
    language = _language_of(parts, turn, known)
    newcomer = meet_newcomer(session, chat_id, ref, language, now)
    if language != newcomer.language:
        set_language(session, newcomer, language, chosen=False)
    if known is None and chosen != RunCommand("start"):
        _store_introduction(parts, session, replace(turn, language=language), now)
    return replace(turn, language=language)


def _is_from_newcomer(incoming: Incoming, chosen: Route) -> bool:
    if isinstance(chosen, Note | LeaveAlone) or not incoming.is_private:
        return False
    return not (isinstance(chosen, RunCommand) and chosen.name == "koppel")


def _language_of(parts: Parts, turn: Turn, known: Newcomer | None) -> str:
    text = turn.route.text if isinstance(turn.route, AskRasa) else ""
    return parts.choose_language(
        text,
        turn.incoming.app_language,
        current=known.language if known else None,
        chosen=known is not None and known.language_chosen,
    )


def _store_introduction(parts: Parts, session: Session, turn: Turn, now: datetime) -> None:
    message = commands.introduction(parts.words, turn.language)
    buttons.keep_buttons(session, turn.waiting.chat_id, message.buttons, now)
    inbox.store_replies(session, turn.waiting.update_id, [body_of_message(message)], first=inbox.INTRODUCTION)


def failed_turn(parts: Parts, session: Session, chat_id: int, holder: str, now: datetime) -> Turn | None:
    """Take the next update of a chat that could not be opened, just to apologise for it."""
    waiting = inbox.take_next(session, chat_id, now)
    if waiting is None:
        return None
    incoming = Incoming(Kind.UNREADABLE, is_private=chat_id > 0)
    return Turn(holder, waiting, incoming, LeaveAlone("error"), parts.ref(chat_id), DEFAULT_LANGUAGE, is_answered=False)


async def answer_turn(parts: Parts, turn: Turn) -> None:
    """Decide the answer and store it.

    Raises:
        RasaDown: If Rasa is needed and gives no answer.
        LeaseLost: If another worker has the chat by now; nothing is stored.
        SQLAlchemyError: If the database fails.
    """
    match turn.route:
        case AskRasa(text):
            await _ask_rasa(parts, turn, text)
        case RunCommand("afspraak"):
            await _ask_rasa(parts, turn, BOOK)
        case RunCommand(name, argument):
            await _run(parts, turn, name, {"argument": argument})
        case RunGroupCommand(name):
            await _answer_in_group(parts, turn, name)
        case Say(name, offers_person):
            await _say(parts, turn, name, offers_person=offers_person)
        case PressButton():
            await _press(parts, turn)
        case Note():
            await parts.in_store(lambda session, now: _note(session, turn, now))
        case LeaveAlone(reason):
            log.info("update_left_alone", chat=turn.ref, reason=reason)


async def _ask_rasa(parts: Parts, turn: Turn, text: str, press: Press | None = None) -> None:
    async with typing(parts.bot, turn.waiting.chat_id):
        said = await _earlier_answer(parts, turn) if turn.waiting.attempts else None
        said = said or await parts.rasa.ask(turn.ref, text, turn.language, turn.waiting.update_id)
    messages = join_turn(said)
    if not messages:
        raise RasaDown("nothing said")
    await parts.in_store(lambda session, now: _store(parts, session, turn, messages, now, press=press))


async def _earlier_answer(parts: Parts, turn: Turn) -> list[Said] | None:
    """Find what an earlier try led to: a turn that was done is not done twice, a turn without an answer is undone."""
    said = await parts.rasa.find_answer(turn.ref, turn.waiting.update_id)
    if said is not None and not said:
        await asyncio.to_thread(parts.trackers.undo_turn, turn.ref, turn.waiting.update_id)
    return said


async def _run(parts: Parts, turn: Turn, name: str, given: dict[str, Any], press: Press | None = None) -> None:
    """Do what the bot does itself; what Rasa has to forget for it is forgotten first."""
    if name == "koppel":
        await parts.in_store(lambda session, now: _link(parts, session, turn, given["argument"], now))
        return
    if name == "stop":
        await _end_conversation(parts, turn)
    if name == "erase":
        await parts.erase_conversation(turn.ref)
    act = ACTS[name]

    def run(session: Session, now: datetime) -> None:
        messages = act(_scene(parts, session, turn, now), given)
        _store(parts, session, turn, messages, now, press=press, forgets=name == "erase")

    await parts.in_store(run)


def _scene(parts: Parts, session: Session, turn: Turn, now: datetime) -> Scene:
    newcomer = find_newcomer(session, turn.ref)
    if newcomer is None:  # erased by an earlier update of the same chat
        newcomer = meet_newcomer(session, turn.waiting.chat_id, turn.ref, turn.language, now)
    return Scene(session, parts.words, newcomer, turn.language, now, turn.request_key)


def _link(parts: Parts, session: Session, turn: Turn, code: str, now: datetime) -> None:
    message = coaches.link_account(session, parts.words, code, turn.waiting.chat_id, now)
    _store(parts, session, turn, [message], now)


async def _end_conversation(parts: Parts, turn: Turn) -> None:
    """End what is going on in Rasa; if Rasa is down, by deleting the conversation, so that /stop always works."""
    try:
        await parts.rasa.start_over(turn.ref)
    except RasaDown as error:
        log.warning("conversation_deleted_instead", chat=turn.ref, cause=error.cause)
        await parts.erase_conversation(turn.ref)


async def _say(parts: Parts, turn: Turn, name: str, *, offers_person: bool) -> None:
    person = (commands.person_button(parts.words, turn.language),) if offers_person else ()
    message = Message(parts.words.html(name, turn.language).strip(), person)
    await parts.in_store(lambda session, now: _store(parts, session, turn, [message], now))


async def _answer_in_group(parts: Parts, turn: Turn, command: str) -> None:
    chat_id, user_id = turn.waiting.chat_id, turn.incoming.user_id or 0

    def act(session: Session, now: datetime) -> None:
        group = parts.settings.coach_chat
        is_coach_group = group is not None and outbox.current_group(session, group) == chat_id
        messages = coaches.answer_in_group(
            session, parts.words, command, group=chat_id, user_id=user_id, is_coach_group=is_coach_group
        )
        _store(parts, session, turn, messages, now)

    await parts.in_store(act)


async def _press(parts: Parts, turn: Turn) -> None:
    """Do what a pressed button stands for; one that is old, forged or of another chat does nothing."""
    incoming = turn.incoming
    press = await parts.in_store(
        lambda session, now: buttons.find_press(
            session, incoming.button_id or "", turn.waiting.chat_id, incoming.message_id or 0, now
        )
    )
    if press is None or (isinstance(turn.route, PressButton) and turn.route.is_flood):
        await _refuse_press(parts, turn, "chat/old_button" if press is None else "chat/too_many")
        return
    if press.action["do"] == "claim":
        await _claim(parts, turn, int(press.action["hand_off"]))
        return
    await answer_press(parts.bot, incoming.query_id or "")
    if press.action["do"] == "rasa":
        await _ask_rasa(parts, turn, str(press.action["payload"]), press)
    else:
        await _run(parts, turn, str(press.action["do"]), press.action, press)


async def _refuse_press(parts: Parts, turn: Turn, name: str) -> None:
    words = parts.words.html(name, turn.language)
    is_shown = await answer_press(parts.bot, turn.incoming.query_id or "", words, is_alert=True)
    if not is_shown and turn.incoming.is_private:
        await _say(parts, turn, name, offers_person=False)


async def _claim(parts: Parts, turn: Turn, hand_off_id: int) -> None:
    """Let a coach take a hand-off; the answer is shown to the coach alone, the rest is told by notifications."""
    user_id = turn.incoming.user_id or 0
    alert = await parts.in_store(lambda session, now: coaches.claim(session, hand_off_id, user_id, now))
    words = parts.words.html(alert.name, coaches.LANGUAGE, alert.arguments)
    await answer_press(parts.bot, turn.incoming.query_id or "", words, is_alert=alert.is_alert)
    parts.noted.set()


def _note(session: Session, turn: Turn, now: datetime) -> None:
    """Note what Telegram tells about a chat."""
    if turn.incoming.kind is Kind.GROUP_MOVED and turn.incoming.moved_to is not None:
        outbox.move_group(session, turn.waiting.chat_id, turn.incoming.moved_to)
        log.info("group_moved", chat=turn.ref)
    elif turn.incoming.kind is Kind.JOINED_GROUP:
        log.info("joined_group", chat=turn.ref, hint="a linked coach can send /groep there to see its number")
    else:
        mark_blocked(session, turn.waiting.chat_id, now if turn.incoming.kind is Kind.BLOCKED else None)


def mark_blocked(session: Session, chat_id: int, at: datetime | None) -> None:
    """Note since when a newcomer blocks the bot; None: not any more."""
    session.execute(update(Newcomer).where(Newcomer.chat_id == chat_id).values(blocked_at=at))


def _store(
    parts: Parts,
    session: Session,
    turn: Turn,
    messages: Sequence[Message],
    now: datetime,
    *,
    press: Press | None = None,
    forgets: bool = False,
) -> None:
    """Store the answer with its buttons: first the change of the pressed keyboard, last those of older keyboards.

    `forgets`: nothing of the update stays once it is sent, as the person was erased.
    """
    chat_id = turn.waiting.chat_id
    inbox.renew_lease(session, chat_id, turn.holder, now, LEASE)
    parts_to_send = [
        part for one in with_notices(messages, _notices(parts, turn, press)) for part in split_message(one)
    ]
    bodies = _use_keyboard(parts, session, turn, press, now)
    new = [button for message in parts_to_send for button in message.buttons]
    for message in parts_to_send:
        buttons.keep_buttons(session, chat_id, message.buttons, now)
        bodies.append(body_of_message(message))
    if new:
        session.flush()
        retired = buttons.retire_keyboards(session, chat_id, [button.id for button in new], now)
        bodies += [body_of_edit(Edit(keyboard)) for keyboard in retired]
    if forgets and bodies:
        bodies[-1]["forgets"] = True
    inbox.store_replies(session, turn.waiting.update_id, bodies)


def _notices(parts: Parts, turn: Turn, press: Press | None) -> list[str]:
    """List the lines above an answer."""
    notices = []
    if turn.waiting.numbers_blanked:
        notices.append(parts.words.html("chat/number_blanked", turn.language).strip())
    if isinstance(turn.route, AskRasa) and turn.route.with_media:
        notices.append(parts.words.html("chat/only_caption", turn.language).strip())
    if press is not None and press.is_standing and press.action["do"] == "rasa":
        notices.append(_chosen(parts, turn, press))
    return notices


def _chosen(parts: Parts, turn: Turn, press: Press) -> str:
    return parts.words.html("chat/chosen", turn.language, {"choice": press.label}).strip()


def _use_keyboard(
    parts: Parts, session: Session, turn: Turn, press: Press | None, now: datetime
) -> list[dict[str, Any]]:
    """Use up the pressed keyboard, and show the choice in its place."""
    if press is None or press.is_standing:
        return []
    keyboard = buttons.use_keyboard(session, turn.waiting.chat_id, turn.incoming.message_id or 0, now)
    html = turn.incoming.html
    return [body_of_edit(Edit(keyboard, f"{html}\n\n{_chosen(parts, turn, press)}" if html else None))]
