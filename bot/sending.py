"""Sends stored replies to Telegram, and says what an error of Telegram means."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import structlog
from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.constants import ChatAction, ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, RetryAfter, TelegramError
from telegram.ext import ExtBot

from bot.pacing import seconds_of
from bot.replies import alert_text, plain_text

log = structlog.get_logger()

COURTESY_SECONDS = 2.0  # that an answer waits at most for the typing before it
TYPING_SECONDS = 4.0  # Telegram shows "typing" for five


@dataclass(frozen=True)
class Sent:
    """Telegram took it."""

    message_id: int


@dataclass(frozen=True)
class Unreachable:
    """It cannot be delivered, now or later. `is_blocked`: the person blocked the bot."""

    cause: str
    is_blocked: bool = False


@dataclass(frozen=True)
class Later:
    """Try it again: *after* seconds, if Telegram said so."""

    cause: str
    after: float | None = None


@dataclass(frozen=True)
class Moved:
    """The group has a new id."""

    chat_id: int


type Outcome = Sent | Unreachable | Later | Moved


def read_error(error: TelegramError) -> Outcome:
    """Say what an error of Telegram means for a message."""
    if isinstance(error, RetryAfter):
        return Later("retry_after", seconds_of(error))
    if isinstance(error, ChatMigrated):
        return Moved(error.new_chat_id)
    if isinstance(error, Forbidden):
        return Unreachable("forbidden", is_blocked=True)
    if isinstance(error, BadRequest):
        return Unreachable(error.message)
    return Later(type(error).__name__)


async def send_body(bot: ExtBot[None], chat_id: int, body: dict[str, Any], *, chat_ref: str | None = None) -> Outcome:
    """Send a message or a file, or make an edit, as `bot.replies` wrote it."""
    try:
        if body["do"] == "edit":
            return Sent(await _edit(bot, chat_id, body))
        if body["do"] == "document":
            return Sent(await _send_document(bot, chat_id, body))
        return Sent(await _send(bot, chat_id, body, chat_ref))
    except TelegramError as error:
        return read_error(error)


async def _send(bot: ExtBot[None], chat_id: int, body: dict[str, Any], chat_ref: str | None) -> int:
    markup = keyboard(body["rows"])
    text = body["html"]
    try:
        message = await bot.send_message(chat_id, text, parse_mode=ParseMode.HTML, reply_markup=markup)
    except BadRequest as error:
        if "parse entities" not in error.message:
            raise
        cause = without_words(error.message)
        log.error("text_has_wrong_markup", chat=chat_ref, cause=cause)  # noqa: TRY400 - a trace would hold the text
        message = await bot.send_message(chat_id, plain_text(text), reply_markup=markup)
    return message.message_id


async def _send_document(bot: ExtBot[None], chat_id: int, body: dict[str, Any]) -> int:
    message = await bot.send_document(
        chat_id, body["content"], filename=body["name"], caption=body["html"], parse_mode=ParseMode.HTML
    )
    return message.message_id


def without_words(message: str) -> str:
    """Keep of Telegram's error what is no part of the text."""
    return message.split(":", maxsplit=1)[0]


async def _edit(bot: ExtBot[None], chat_id: int, body: dict[str, Any]) -> int:
    """Edit an older message. One that cannot be edited any more is left as it is: what matters is said elsewhere."""
    markup, message_id, html = keyboard(body["rows"]), int(body["message_id"]), body["html"]
    try:
        if html is not None:
            await bot.edit_message_text(html, chat_id, message_id, parse_mode=ParseMode.HTML, reply_markup=markup)
            return message_id
    except BadRequest as error:  # too long with what is added, mostly: then at least the buttons go
        log.info("text_not_edited", cause=without_words(error.message))
    try:
        await bot.edit_message_reply_markup(chat_id, message_id, reply_markup=markup)
    except BadRequest as error:
        log.info("buttons_not_edited", cause=without_words(error.message))
    return message_id


def keyboard(rows: list[list[list[str]]]) -> InlineKeyboardMarkup | None:
    """Make Telegram's keyboard of rows of pairs [id, label]; None if there are no buttons."""
    if not rows:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(label, callback_data=button_id) for button_id, label in row] for row in rows]
    )


async def answer_press(bot: ExtBot[None], query_id: str, text: str | None = None, *, is_alert: bool = False) -> bool:
    """Answer a pressed button, so that it stops waiting.

    Returns:
        False if Telegram did not take it, mostly because the press is too old: then *text* was not shown.
    """
    try:
        await bot.answer_callback_query(query_id, alert_text(text) if text else None, show_alert=is_alert)
    except TelegramError as error:
        log.info("press_not_answered", cause=without_words(error.message))
        return False
    return True


@contextlib.asynccontextmanager
async def typing(bot: ExtBot[None], chat_id: int) -> AsyncIterator[None]:
    """Show that the bot is typing, until the block ends."""
    is_over = asyncio.Event()
    task = asyncio.create_task(_type(bot, chat_id, is_over))
    try:
        yield
    finally:
        # What is on its way is waited for: if it came after the answer, the bot would seem to type on.
        is_over.set()
        await task


async def _type(bot: ExtBot[None], chat_id: int, is_over: asyncio.Event) -> None:
    while not is_over.is_set():
        with contextlib.suppress(TelegramError):  # it is only a courtesy
            await bot.send_chat_action(chat_id, ChatAction.TYPING, read_timeout=COURTESY_SECONDS)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(is_over.wait(), TYPING_SECONDS)
