"""Does what an update asks for, and stores what answers it. Sending is the worker's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import update
from sqlalchemy.orm import Session

from bot import appointments, coaches, commands
from bot.agenda import answer_coach
from bot.commands import Scene
from bot.incoming import Kind
from bot.menu import set_coach_menu
from bot.parts import Parts
from bot.rasa import RasaDown
from bot.replies import Message, Said, join_turn, read_button, with_notices
from bot.routing import AskRasa, LeaveAlone, Note, PressButton, RunCommand, RunGroupCommand, Say, Warn
from bot.sending import answer_press, typing
from bot.storing import store_answer, store_rewrite
from bot.turn import Turn
from service import buttons, outbox
from service.buttons import Press
from service.coaches import coach_of
from service.emergencies import Emergency
from service.inbox import StoredReply
from service.newcomers import find_newcomer, meet_newcomer
from store.models import Newcomer

log = structlog.get_logger()

BOOK = "/coach_afspraak"
FORM = "appointment_form"
SESSION = timedelta(minutes=60)  # of silence, after which Rasa forgets a form: session_config in domain.yml
SHOW = "/appointment_show"
ACTS = commands.ACTS | appointments.ACTS


async def answer_turn(parts: Parts, turn: Turn) -> list[StoredReply]:
    """Decide the answer and store it. Returns what is to be sent, in order.

    Raises:
        RasaDown: If Rasa is needed and gives no answer.
        LeaseLost: If another worker has the chat by now; nothing is stored.
        SQLAlchemyError: If the database fails.
    """
    replies: list[StoredReply] = []
    match turn.route:
        case AskRasa(text):
            replies = await _ask_rasa(parts, turn, text)
        case Warn(emergency):
            replies = await _warn(parts, turn, emergency)
        case RunCommand("afspraak"):
            replies = await _ask_rasa(parts, turn, BOOK)
        case RunCommand(name, argument):
            replies = await _run(parts, turn, name, {"argument": argument})
        case RunGroupCommand(name):
            replies = await _answer_in_group(parts, turn, name)
        case Say(name, offers_person):
            replies = await _say(parts, turn, name, offers_person=offers_person)
        case PressButton():
            replies = await _press(parts, turn)
        case Note():
            await parts.in_store(lambda session, now: _note(session, turn, now))
        case LeaveAlone(reason):
            log.info("update_left_alone", chat=turn.ref, reason=reason)
    return replies


async def _ask_rasa(parts: Parts, turn: Turn, text: str, press: Press | None = None) -> list[StoredReply]:
    async with typing(parts.bot, turn.waiting.chat_id):
        forgotten = await _forgotten(parts, turn)
        said = await _earlier_answer(parts, turn) if turn.waiting.attempts else None
        said = said or await parts.rasa.ask(turn.ref, text, turn.language, turn.waiting.update_id)
    messages = with_notices(join_turn(said), forgotten)
    if not messages:
        raise RasaDown("nothing said")
    return await parts.in_store(lambda session, now: store_answer(parts, session, turn, messages, now, press=press))


async def _forgotten(parts: Parts, turn: Turn) -> list[str]:
    """Say that an appointment was left in the middle so long ago that Rasa begins anew with this message."""
    before = datetime.now(UTC) - SESSION  # Rasa knows no other clock
    form = await parts.in_trackers(lambda trackers: trackers.left_form(turn.ref, before))
    return [parts.words.html("booking/forgotten", turn.language).strip()] if form == FORM else []


async def _earlier_answer(parts: Parts, turn: Turn) -> list[Said] | None:
    """Find what an earlier try led to: a turn that was done is not done twice, a turn without an answer is undone."""
    said = await parts.rasa.find_answer(turn.ref, turn.waiting.update_id)
    if said is not None and not said:
        await parts.in_trackers(lambda trackers: trackers.undo_turn(turn.ref, turn.waiting.update_id))
    return said


async def _run(
    parts: Parts, turn: Turn, name: str, given: dict[str, Any], press: Press | None = None
) -> list[StoredReply]:
    """Do what the bot does itself; what Rasa has to forget for it is forgotten first."""
    if name == "koppel":
        return await _link(parts, turn, given["argument"])
    if name == "agenda":
        return await parts.in_store(lambda session, now: _show_agenda(parts, session, turn, given, now))
    if name == "stop":
        await _end_conversation(parts, turn)
    if name == "erase":
        await _erase_conversation(parts, turn)
    act = ACTS[name]

    def run(session: Session, now: datetime) -> list[StoredReply]:
        messages = act(_scene(parts, session, turn, now), given)
        return store_answer(parts, session, turn, messages, now, press=press, forgets=name == "erase")

    return await parts.in_store(run)


def _scene(parts: Parts, session: Session, turn: Turn, now: datetime) -> Scene:
    newcomer = find_newcomer(session, turn.ref)
    if newcomer is None:  # erased by an earlier update of the same chat
        newcomer = meet_newcomer(session, turn.waiting.chat_id, turn.ref, turn.language, now)
    return Scene(session, parts.words, newcomer, turn.language, now, turn.request_key)


async def _link(parts: Parts, turn: Turn, code: str) -> list[StoredReply]:
    """Link a coach's account; from then on the menu of the coach's chat shows the agenda."""
    chat_id = turn.waiting.chat_id

    def link(session: Session, now: datetime) -> tuple[list[StoredReply], bool]:
        message = coaches.link_account(session, parts.words, code, chat_id, now)
        return store_answer(parts, session, turn, [message], now), coach_of(session, chat_id) is not None

    replies, is_coach = await parts.in_store(link)
    if is_coach:
        await set_coach_menu(parts.bot, parts.words, chat_id)
    return replies


def _show_agenda(parts: Parts, session: Session, turn: Turn, given: dict[str, Any], now: datetime) -> list[StoredReply]:
    """Show a coach the agenda: a press changes the message above it, a command brings a new one."""
    shown = answer_coach(session, parts.words, turn.incoming.user_id or 0, given, now)
    if shown is None:
        mine = read_button(parts.words.label("flow/appointment_show", turn.language), SHOW)
        refusal = Message(parts.words.html("agenda/only_coaches", turn.language).strip(), (mine,))
        return store_answer(parts, session, turn, [refusal], now)
    if turn.incoming.kind is Kind.BUTTON and not given.get("is_new"):
        return store_rewrite(session, turn, shown, now)
    return store_answer(parts, session, turn, [shown], now)


async def _end_conversation(parts: Parts, turn: Turn) -> None:
    """End what is going on in Rasa; if Rasa is down, by deleting the conversation, so that /stop always works."""
    try:
        await parts.rasa.start_over(turn.ref)
    except RasaDown as error:
        log.warning("conversation_deleted_instead", chat=turn.ref, cause=error.cause)
        await _erase_conversation(parts, turn)


async def _erase_conversation(parts: Parts, turn: Turn) -> None:
    await parts.in_trackers(lambda trackers: trackers.erase(turn.ref))


async def _say(parts: Parts, turn: Turn, name: str, *, offers_person: bool) -> list[StoredReply]:
    person = (commands.person_button(parts.words, turn.language),) if offers_person else ()
    return await _store(parts, turn, Message(parts.words.html(name, turn.language).strip(), person))


async def _warn(parts: Parts, turn: Turn, emergency: Emergency) -> list[StoredReply]:
    """Give the numbers to call, and offer a coach, who is told that it is urgent."""
    log.info("emergency_answered", chat=turn.ref, kind=emergency.kind)
    return await _store(parts, turn, commands.emergency_message(parts.words, turn.language, emergency))


async def _store(parts: Parts, turn: Turn, message: Message) -> list[StoredReply]:
    return await parts.in_store(lambda session, now: store_answer(parts, session, turn, [message], now))


async def _answer_in_group(parts: Parts, turn: Turn, command: str) -> list[StoredReply]:
    chat_id, user_id = turn.waiting.chat_id, turn.incoming.user_id or 0

    def act(session: Session, now: datetime) -> list[StoredReply]:
        group = parts.settings.coach_chat
        is_coach_group = group is not None and outbox.current_group(session, group) == chat_id
        messages = coaches.answer_in_group(
            session, parts.words, command, group=chat_id, user_id=user_id, is_coach_group=is_coach_group
        )
        return store_answer(parts, session, turn, messages, now)

    return await parts.in_store(act)


async def _press(parts: Parts, turn: Turn) -> list[StoredReply]:
    """Do what a pressed button stands for; one that is old, forged or of another chat does nothing."""
    incoming = turn.incoming
    press = await parts.in_store(
        lambda session, now: buttons.find_press(
            session, incoming.button_id or "", turn.waiting.chat_id, incoming.message_id or 0, now
        )
    )
    if press is None or (isinstance(turn.route, PressButton) and turn.route.is_flood):
        return await _refuse_press(parts, turn, "chat/old_button" if press is None else "chat/too_many")
    if press.action["do"] == "claim":
        await _claim(parts, turn, int(press.action["hand_off"]))
        return []
    await answer_press(parts.bot, incoming.query_id or "")
    if press.action["do"] == "rasa":
        return await _ask_rasa(parts, turn, str(press.action["payload"]), press)
    return await _run(parts, turn, str(press.action["do"]), press.action, press)


async def _refuse_press(parts: Parts, turn: Turn, name: str) -> list[StoredReply]:
    words = parts.words.html(name, turn.language)
    is_shown = await answer_press(parts.bot, turn.incoming.query_id or "", words, is_alert=True)
    if not is_shown and turn.incoming.is_private:
        return await _say(parts, turn, name, offers_person=False)
    return []


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
