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
from sqlalchemy import delete
from sqlalchemy.orm import Session

from bot.letters import Letter, write_letter
from bot.parts import Parts, is_outage, report
from bot.replies import Document, Edit, body_of_document, body_of_edit, body_of_message, split_message
from bot.sending import Later, Moved, Outcome, Sent, Unreachable, send_body, without_words
from service import buttons, outbox
from service.outbox import Due
from store.messages import Notification

log = structlog.get_logger()

AT_ONCE = 20
LOOK_SECONDS = 1.0
STOP_SECONDS = 5.0  # for what is being sent when the delivery is stopped


@dataclass(frozen=True)
class Mail:
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
        mail: Mail | None = None
        if due.id not in self._unrecorded:
            mail = await self._parts.in_store(lambda session, now: self._write(session, due, now))
            if mail is None:
                return
            outcome = await self._send(mail)
            if isinstance(outcome, Unreachable) and due.is_for_group:
                outcome = _until_group_is_mended(outcome)
            if not isinstance(outcome, Sent):
                await self._settle(due, outcome, mail)
                return
            self._unrecorded[due.id] = outcome.message_id
        await self._settle(due, Sent(self._unrecorded[due.id]), mail)
        del self._unrecorded[due.id]

    async def _send(self, mail: Mail) -> Outcome:
        outcome: Outcome = Unreachable("nothing to say")
        for body in mail.bodies:
            outcome = await send_body(self._parts.bot, mail.chat_id, body, chat_ref=mail.due.newcomer_ref)
            if not isinstance(outcome, Sent):
                return outcome
        return outcome

    def _write(self, session: Session, due: Due, now: datetime) -> Mail | None:
        """Write a notification out, and keep its buttons; None if there is nothing to send (any more)."""
        if not outbox.hold(session, due, now):
            return None  # another process has it by now
        letter = write_letter(session, self._parts.words, due, now)
        if letter is None:
            log.info("notification_out_of_date", notification=due.id, name=due.name)
            session.execute(delete(Notification).where(Notification.id == due.id))  # nobody has missed anything
            return None
        return _put_in_envelope(session, due, letter, self._chat_of(session, due), now)

    def _chat_of(self, session: Session, due: Due) -> int:
        if due.is_for_group:
            return outbox.current_group(session, self._parts.settings.coach_chat or 0)
        return due.newcomer_chat or due.coach_chat or 0

    async def _settle(self, due: Due, outcome: Outcome, mail: Mail | None = None) -> None:
        """Note what became of a notification."""

        def act(session: Session, now: datetime) -> None:
            match outcome:
                case Sent(message_id):
                    outbox.settle_sent(session, due.id, message_id, now)
                    if mail:
                        buttons.set_message(session, mail.button_ids, message_id)
                case Unreachable(is_blocked=True):
                    outbox.settle_blocked(session, due, now)
                case Unreachable(cause):
                    outbox.settle_failed(session, due.id, cause, now)
                case Later(cause, after):
                    outbox.retry(session, due, cause, now, after=timedelta(seconds=after) if after else None)
                case Moved(new_chat_id):
                    if mail:
                        outbox.move_group(session, mail.chat_id, new_chat_id)
                    outbox.retry(session, due, "group moved", now, after=timedelta(0))

        await self._parts.in_store(act)
        if not isinstance(outcome, Sent):
            log.info("notification_not_sent", notification=due.id, name=due.name, outcome=type(outcome).__name__)


def _put_in_envelope(session: Session, due: Due, letter: Letter, chat_id: int, now: datetime) -> Mail:
    """Make a letter ready to be sent to a chat, and keep its buttons."""
    match letter:
        case Document():
            return Mail(due, chat_id, (body_of_document(letter),))
        case Edit():
            return Mail(due, chat_id, (body_of_edit(letter),))
    ready = split_message(letter)
    for part in ready:
        buttons.keep_buttons(session, chat_id, part.buttons, now)
    button_ids = tuple(button.id for button in letter.buttons)
    return Mail(due, chat_id, tuple(body_of_message(part) for part in ready), button_ids)


def _until_group_is_mended(outcome: Unreachable) -> Later:
    """Keep what the coaches must know: who asked for a person waits for it, and staff can let the bot in again."""
    log.error("coach_chat_not_reached", cause=without_words(outcome.cause), hint="look at WEGWIJS_COACH_CHAT")
    return Later(outcome.cause)


def _recipient(due: Due) -> tuple[int, int]:
    return due.newcomer_chat or 0, due.coach_id or 0
