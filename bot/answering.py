"""Answers the next update of a chat, sends what is stored, and lets nobody wait in silence when something fails."""

from __future__ import annotations

from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.orm import Session
from telegram.constants import ParseMode
from telegram.error import TelegramError

from bot.acts import answer_turn, mark_blocked
from bot.parts import Parts, is_outage, report
from bot.rasa import RasaDown
from bot.sending import Later, Moved, Sent, Unreachable, send_body, without_words
from bot.turn import Turn, failed_turn, open_turn
from service import buttons, inbox, outbox
from service.inbox import LeaseLost, StoredReply, delay_after

log = structlog.get_logger()

GIVE_UP_AFTER = timedelta(hours=24)
MAX_FAULTS = 5  # errors of ours in one update


class SendingFailed(Exception):  # noqa: N818 - named for what happened
    """Telegram did not take a reply now."""

    def __init__(self, later: Later) -> None:
        self.later = later
        super().__init__(f"reply: not sent: {later.cause}")


class Answering:
    """Answers updates of chats."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._unrecorded: dict[tuple[int, int], int] = {}  # sent, but the database failed before it was noted

    async def answer_next(self, chat_id: int, holder: str) -> bool:
        """Answer the next update of a chat that *holder* has.

        Returns:
            False if there is none to take now.

        Raises:
            Exception: If not even a failure can be noted: then the chat is best left alone for a moment.
        """
        try:
            turn = await self._parts.in_store(
                lambda session, now: open_turn(self._parts, session, chat_id, holder, now)
            )
            return turn is not None and await self._guard(turn, self._answer(turn))
        except LeaseLost:
            log.warning("lease_lost", chat=self._parts.ref(chat_id))
            return False
        except Exception as error:  # noqa: BLE001 - it is logged
            if is_outage(error):
                return False
            report("update_not_opened", error, chat=self._parts.ref(chat_id))
        failed = await self._parts.in_store(
            lambda session, now: failed_turn(self._parts, session, chat_id, holder, now)
        )
        return failed is not None and await self._put_off(failed, is_fault=True)

    async def _answer(self, turn: Turn) -> None:
        """Answer an update and close it."""
        replies = list(turn.unsent)
        if not turn.is_answered:
            for introduction in turn.unsent:
                await self._send_one(turn, introduction)
            replies = await answer_turn(self._parts, turn)
        for reply in replies:
            await self._send_one(turn, reply, is_last=reply is replies[-1])
        if not replies:
            await self._parts.in_store(lambda session, now: inbox.finish(session, turn.waiting.update_id, now))
        self._parts.noted.set()  # the turn may have told the coaches something

    async def _send_one(self, turn: Turn, reply: StoredReply, *, is_last: bool = False) -> None:
        key = (reply.update_id, reply.position)
        if key not in self._unrecorded:
            outcome = await send_body(self._parts.bot, turn.waiting.chat_id, reply.body, chat_ref=turn.ref)
            if isinstance(outcome, Later):
                raise SendingFailed(outcome)
            if isinstance(outcome, Moved):
                await self._parts.in_store(
                    lambda session, _now: outbox.move_group(session, turn.waiting.chat_id, outcome.chat_id)
                )
            if isinstance(outcome, Unreachable):
                await self._note_unreachable(turn, outcome)
            self._unrecorded[key] = outcome.message_id if isinstance(outcome, Sent) else 0
        await self._record(reply, self._unrecorded[key], is_last=is_last)
        del self._unrecorded[key]

    async def _record(self, reply: StoredReply, message_id: int, *, is_last: bool) -> None:
        """Note that a reply is sent; the last one closes the update."""
        button_ids = [button_id for row in reply.body.get("rows", []) for button_id, _ in row]
        is_message = reply.body.get("do") == "message"

        def act(session: Session, now: datetime) -> None:
            inbox.mark_sent(session, reply.update_id, reply.position, now)
            if is_message and button_ids:
                buttons.set_message(session, button_ids, message_id)
            if is_last:
                inbox.finish(session, reply.update_id, now)
            if reply.body.get("forgets"):
                inbox.forget(session, reply.update_id)

        await self._parts.in_store(act)

    async def _note_unreachable(self, turn: Turn, outcome: Unreachable) -> None:
        log.warning("reply_not_deliverable", chat=turn.ref, cause=without_words(outcome.cause))
        if outcome.is_blocked:
            await self._parts.in_store(lambda session, now: mark_blocked(session, turn.waiting.chat_id, now))

    async def _guard(self, turn: Turn, work: Coroutine[Any, Any, None]) -> bool:
        """Do the work of a turn. If it fails, say so kindly, once, and try again later.

        Returns:
            Whether the next update of the chat may be taken.
        """
        try:
            await work
        except LeaseLost:
            log.warning("lease_lost", chat=turn.ref)
            return False
        except SendingFailed as error:
            log.warning("reply_not_sent", chat=turn.ref, cause=error.later.cause)
            after = timedelta(seconds=error.later.after) if error.later.after else None
            return await self._put_off(turn, says_so=False, after=after)
        except RasaDown as error:
            log.warning("rasa_down", chat=turn.ref, cause=error.cause)
            return await self._put_off(turn)
        except Exception as error:  # noqa: BLE001 - it is logged
            if is_outage(error):
                return await self._put_off(turn)
            report("turn_failed", error, chat=turn.ref)
            return await self._put_off(turn, is_fault=True)
        return True

    async def _put_off(
        self, turn: Turn, *, says_so: bool = True, after: timedelta | None = None, is_fault: bool = False
    ) -> bool:
        """Leave an update for later, or give it up if that has gone on too long."""
        faults = int(turn.waiting.payload.get("faults", 0)) + is_fault
        try:
            is_old = self._parts.clock.now() - turn.waiting.received_at > GIVE_UP_AFTER
            if faults >= MAX_FAULTS or is_old:
                log.error("update_given_up", chat=turn.ref, faults=faults)
                await self._say(turn, "chat/given_up")
                await self._parts.in_store(lambda session, now: inbox.finish(session, turn.waiting.update_id, now))
                return True
            apologised = says_so and not turn.waiting.has_apologised and await self._apologise(turn)
            delay = after or delay_after(turn.waiting.attempts + 1)
            await self._parts.in_store(
                lambda session, now: inbox.put_off(
                    session, turn.waiting.update_id, now, delay, apologised=apologised, faults=faults
                )
            )
        except Exception as error:
            if not is_outage(error):
                raise
        return False

    async def _apologise(self, turn: Turn) -> bool:
        if self._parts.outage.is_on and not self._parts.outage.is_first(turn.waiting.chat_id):
            return False
        return await self._say(turn, "chat/later")

    async def _say(self, turn: Turn, name: str) -> bool:
        """Say something at once, past the inbox; only in private chats."""
        if not turn.incoming.is_private:
            return False
        text = self._parts.words.html(name, turn.language).strip()
        try:
            await self._parts.bot.send_message(turn.waiting.chat_id, text, parse_mode=ParseMode.HTML)
        except TelegramError as error:
            log.warning("kind_words_not_sent", chat=turn.ref, cause=type(error).__name__)
            return False
        return True
