"""Takes updates from Telegram into the inbox. An update is acknowledged only once it is stored.

PTB's `Updater` hands every update to the queue's `put` before it acknowledges the batch. When the database fails,
`put` raises a `NetworkError`: PTB then asks for the same updates again. Any other error would end polling for good.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import structlog
from telegram import Update
from telegram.error import InvalidToken, TelegramError, TimedOut
from telegram.ext import ExtBot

from bot.incoming import Kept, Kind, read_update, unreadable
from bot.parts import Parts, is_outage, report
from service.inbox import receive

log = structlog.get_logger()

RETRY_SECONDS = 2.0  # before Telegram is asked for the same updates again


class PollingBot(ExtBot[None]):
    """A bot that knows the last batch of updates: when storing fails, all who wrote are told, not only the first."""

    _batch: Sequence[Update] = ()
    _refused: asyncio.Event | None = None

    async def get_updates(self, *args: object, **kwargs: object) -> tuple[Update, ...]:
        """Fetch updates and remember them."""
        try:
            self._batch = await super().get_updates(*args, **kwargs)  # type: ignore[arg-type]
        except InvalidToken:  # PTB ends polling and says so to nobody
            self.refused.set()
            raise
        except TelegramError:
            raise
        except Exception as error:  # noqa: BLE001 - PTB cannot read one of them
            report("updates_unreadable", error)
            self._batch = await self._get_each(kwargs.get("offset"))
        return tuple(self._batch)

    async def _get_each(self, offset: object) -> list[Update]:
        """Fetch the same updates and read each by itself: else one would hold up all others for ever."""
        given = await self._post("getUpdates", {"offset": offset, "timeout": 0})
        return [self._read(one) for one in given]

    def _read(self, given: dict[str, Any]) -> Update:
        try:
            return Update.de_json(given, self)
        except Exception:  # noqa: BLE001 - logged by the caller
            return Update(given["update_id"])  # nothing of it is kept

    @property
    def batch(self) -> Sequence[Update]:
        """The last updates that were fetched."""
        return self._batch

    @property
    def refused(self) -> asyncio.Event:
        """Set once Telegram does not know the token any more."""
        if self._refused is None:
            self._refused = asyncio.Event()
        return self._refused


class InboxQueue(asyncio.Queue[object]):
    """The queue of PTB's `Updater`, with the inbox in its place."""

    def __init__(self, parts: Parts, bot: PollingBot) -> None:
        super().__init__()
        self._parts = parts
        self._bot = bot

    async def put(self, item: object) -> None:
        """Store an update. What is no update passes through.

        Raises:
            TimedOut: If the database fails (it is the `NetworkError` after which PTB asks again without a growing
                delay; the delay is ours).
        """
        if not isinstance(item, Update):
            await super().put(item)
            return
        try:
            await store_update(self._parts, item)
        except Exception as error:
            report("update_not_stored", error)
            for update in self._bot.batch:
                await say_later(self._parts, update)
            await asyncio.sleep(RETRY_SECONDS)
            raise TimedOut("the inbox cannot be written") from error


async def store_update(parts: Parts, update: Update) -> None:
    """Reduce an update and store it, once.

    Raises:
        SQLAlchemyError, OSError: If the database fails: then the update must not be acknowledged.
    """
    kept = _reduce(update)
    if kept is None:
        return
    try:
        is_new = await _keep(parts, kept)
    except Exception as error:
        if is_outage(error):
            raise
        report("update_not_storable", error)  # an error of ours: given again it would fail again, for ever
        bare = unreadable(update)
        is_new = bare is not None and await _keep(parts, bare)
    if is_new:
        parts.arrived.set()


async def _keep(parts: Parts, kept: Kept) -> bool:
    payload = kept.incoming.to_payload()
    return await parts.in_store(
        lambda session, now: receive(session, kept.update_id, kept.chat_id, payload, now, blanked=kept.numbers_blanked)
    )


def _reduce(update: Update) -> Kept | None:
    """Read an update; an error of ours in it must not make Telegram send it for ever."""
    try:
        return read_update(update)
    except Exception as error:  # noqa: BLE001 - whatever it is
        report("update_unreadable", error)
        return unreadable(update)


async def say_later(parts: Parts, update: Update) -> None:
    """Say to a person who writes while the database fails that the answer comes later: once an outage."""
    kept = _reduce(update)
    if kept is None or not kept.incoming.is_private or kept.incoming.kind in {Kind.BLOCKED, Kind.UNBLOCKED}:
        return
    if not parts.outage.is_first(kept.chat_id):
        return
    language = parts.choose_language(parts.detector.tell(kept.incoming.text), kept.incoming.app_language)
    try:
        await parts.bot.send_message(kept.chat_id, parts.words.html("chat/later", language).strip(), parse_mode="HTML")
    except TelegramError as error:
        log.warning("kind_words_not_sent", chat=parts.ref(kept.chat_id), cause=type(error).__name__)
