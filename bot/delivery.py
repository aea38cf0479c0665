"""Delivers notifications: what must reach newcomers, coaches and the coaches' group by itself."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.coaches import LANGUAGE as COACH_LANGUAGE
from bot.parts import Parts, Words, is_outage, report
from bot.replies import Edit, Message, body_of_edit, body_of_message, split_message
from bot.sending import Later, Moved, Outcome, Sent, Unreachable, send_body, without_words
from service import buttons, outbox
from service.buttons import Keyboard, NewButton
from service.outbox import Due
from store.messages import Notification
from store.models import HandOff, Newcomer

log = structlog.get_logger()

AT_ONCE = 20
LOOK_SECONDS = 1.0
STOP_SECONDS = 5.0  # for what is being sent when the delivery is stopped
CALLED = ("handoff/called", "handoff/called_urgent")
CLAIMED_GROUP = "handoff/claimed_group"
CLAIMED_COACH = "handoff/claimed_coach"


@dataclass(frozen=True)
class Letter:
    """A notification that is ready to go to a chat, in one or more parts."""

    due: Due
    chat_id: int
    bodies: tuple[dict[str, object], ...]
    button_ids: tuple[str, ...] = ()


def refusal(due: Due) -> str | None:
    """Tell why a notification is not to be sent at all; None if it is."""
    if due.is_stopped:
        return "stopped"
    if due.coach_id is not None and due.coach_chat is None:
        return "coach_not_linked"
    return None


def write_message(words: Words, due: Due, newcomer_chat: int | None) -> Message:
    """Write a notification in its reader's language.

    Args:
        words: All texts.
        due: The notification.
        newcomer_chat: Chat of the newcomer whom a coach has taken; a link to it goes below the words.
    """
    message = words.message(due.name, due.language or COACH_LANGUAGE, due.arguments)
    if due.name in CALLED and due.hand_off_id is not None:
        label = words.label("chat/button_claim", COACH_LANGUAGE)
        # It stands: who presses it, and when, is checked by the claim itself, not by the keyboard.
        claim = NewButton(label, {"do": "claim", "hand_off": due.hand_off_id}, is_standing=True)
        return Message(message.html, (claim,))
    if due.name == CLAIMED_COACH and newcomer_chat is not None:
        link = words.html("chat/newcomer_link", COACH_LANGUAGE, {"link": f"tg://user?id={newcomer_chat}"})
        return Message(f"{message.html}\n\n{link.strip()}", message.buttons)
    return message


class Delivery:
    """Takes notifications from the outbox to Telegram."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._has_warned = False
        self._is_stopping = False
        self._unrecorded: dict[int, int] = {}  # sent, but the database failed before it was noted

    async def run(self) -> None:
        """Deliver until cancelled."""
        while True:
            self._parts.noted.clear()
            try:
                while await self._finish(self.deliver_due()):
                    pass
            except Exception as error:  # noqa: BLE001 - it is logged
                report("delivery_failed", error)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._parts.noted.wait(), LOOK_SECONDS)

    async def _finish(self, work: Coroutine[Any, Any, int]) -> int:
        """Do the work; if cancelled meanwhile, finish what is being sent, so that nothing is sent and not noted."""
        task = asyncio.create_task(work)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            self._is_stopping = True
            await asyncio.wait([task], timeout=STOP_SECONDS)
            task.cancel()
            raise

    async def deliver_due(self) -> int:
        """Deliver what is due, to different people at once, to each in order. Returns how many there were."""
        with_group = self._parts.settings.coach_chat is not None
        due = await self._parts.in_store(
            lambda session, now: outbox.claim_due(session, now, AT_ONCE, with_group=with_group)
        )
        if not with_group:
            await self._warn_once()
        ordered = sorted(due, key=_recipient)
        done = await asyncio.gather(
            *(self._deliver_all(list(same)) for _, same in groupby(ordered, key=_recipient)), return_exceptions=True
        )
        for error in done:
            if error is not None:
                raise error
        return len(due)

    async def _warn_once(self) -> None:
        if not self._has_warned and await self._parts.in_store(lambda session, _now: outbox.group_waits(session)):
            self._has_warned = True
            log.warning("no_coach_chat", hint="set WEGWIJS_COACH_CHAT; what coaches must know waits")

    async def _deliver_all(self, due: list[Due]) -> None:
        for one in due:
            if self._is_stopping:
                return  # the lease of the others runs out by itself
            try:
                await self._deliver(one)
            except Exception as error:
                if is_outage(error):
                    raise
                report("notification_failed", error, notification=one.id, name=one.name)
                await self._settle(one, Later(f"error of ours: {type(error).__name__}"))

    async def _deliver(self, due: Due) -> None:
        reason = refusal(due)
        if reason:
            log.info("notification_dropped", notification=due.id, name=due.name, reason=reason)
            await self._settle(due, Unreachable(reason))
            return
        letter: Letter | None = None
        if due.id not in self._unrecorded:
            letter = await self._parts.in_store(lambda session, now: self._write(session, due, now))
            if letter is None:
                return
            outcome = await self._send(letter)
            if isinstance(outcome, Unreachable) and due.is_for_group:
                outcome = _until_group_is_mended(outcome)
            if not isinstance(outcome, Sent):
                await self._settle(due, outcome, letter)
                return
            self._unrecorded[due.id] = outcome.message_id
        await self._settle(due, Sent(self._unrecorded[due.id]), letter)
        del self._unrecorded[due.id]

    async def _send(self, letter: Letter) -> Outcome:
        outcome: Outcome = Unreachable("nothing to say")
        for body in letter.bodies:
            outcome = await send_body(self._parts.bot, letter.chat_id, body, chat_ref=letter.due.newcomer_ref)
            if not isinstance(outcome, Sent):
                return outcome
        return outcome

    def _write(self, session: Session, due: Due, now: datetime) -> Letter | None:
        """Write a notification out, and keep its buttons; None if another process has it by now."""
        if not outbox.hold(session, due, now):
            return None
        if due.is_for_group:
            chat_id = outbox.current_group(session, self._parts.settings.coach_chat or 0)
        else:
            chat_id = due.newcomer_chat or due.coach_chat or 0
        message = write_message(self._parts.words, due, _newcomer_chat(session, due))
        call = _call_of(session, due)
        if call is not None and call.message_id is not None:  # the group sees at the call itself who has taken it
            called = self._parts.words.html(call.name, COACH_LANGUAGE, call.arguments).strip()
            edit = Edit(Keyboard(call.message_id, ()), f"{called}\n\n{message.html}")
            return Letter(due, chat_id, (body_of_edit(edit),))
        ready = split_message(message)
        for part in ready:
            buttons.keep_buttons(session, chat_id, part.buttons, now)
        button_ids = tuple(button.id for button in message.buttons)
        return Letter(due, chat_id, tuple(body_of_message(part) for part in ready), button_ids)

    async def _settle(self, due: Due, outcome: Outcome, letter: Letter | None = None) -> None:
        """Note what became of a notification."""

        def act(session: Session, now: datetime) -> None:
            match outcome:
                case Sent(message_id):
                    outbox.settle_sent(session, due.id, message_id, now)
                    if letter:
                        buttons.set_message(session, letter.button_ids, message_id)
                case Unreachable(is_blocked=True):
                    outbox.settle_blocked(session, due, now)
                case Unreachable(cause):
                    outbox.settle_failed(session, due.id, cause, now)
                case Later(cause, after):
                    outbox.retry(session, due, cause, now, after=timedelta(seconds=after) if after else None)
                case Moved(new_chat_id):
                    if letter:
                        outbox.move_group(session, letter.chat_id, new_chat_id)
                    outbox.retry(session, due, "group moved", now, after=timedelta(0))

        await self._parts.in_store(act)
        if not isinstance(outcome, Sent):
            log.info("notification_not_sent", notification=due.id, name=due.name, outcome=type(outcome).__name__)


def _until_group_is_mended(outcome: Unreachable) -> Later:
    """Keep what the coaches must know: who asked for a person waits for it, and staff can let the bot in again."""
    log.error("coach_chat_not_reached", cause=without_words(outcome.cause), hint="look at WEGWIJS_COACH_CHAT")
    return Later(outcome.cause)


def _recipient(due: Due) -> tuple[int, int]:
    return due.newcomer_chat or 0, due.coach_id or 0


def _newcomer_chat(session: Session, due: Due) -> int | None:
    """Find the chat of the newcomer whom a coach has taken."""
    if due.name != CLAIMED_COACH or due.hand_off_id is None:
        return None
    query = select(Newcomer.chat_id).join(HandOff, HandOff.newcomer_id == Newcomer.id)
    return session.scalar(query.where(HandOff.id == due.hand_off_id))


def _call_of(session: Session, due: Due) -> Notification | None:
    """Find the call in the group that a claim answers."""
    if due.name != CLAIMED_GROUP or due.hand_off_id is None:
        return None
    query = select(Notification).where(Notification.name.in_(CALLED), Notification.hand_off_id == due.hand_off_id)
    return session.scalar(query.order_by(Notification.id.desc()).limit(1))
