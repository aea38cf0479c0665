"""The menu of commands that Telegram shows, in each language."""

from __future__ import annotations

import asyncio

import structlog
from sqlalchemy import select
from telegram import BotCommand, BotCommandScopeAllPrivateChats, BotCommandScopeChat
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.coaches import LANGUAGE as COACH_LANGUAGE
from bot.parts import Parts, Words, report
from service.language import DEFAULT_LANGUAGE, LANGUAGES
from store.models import Coach

log = structlog.get_logger()

PRIVATE = ("help", "afspraak", "mens", "taal", "gegevens", "stop", "start")
EVERYWHERE = ("help",)
COACHES = ("agenda", *PRIVATE)
RETRY_SECONDS = 60.0


def menu(words: Words, names: tuple[str, ...], language: str) -> list[BotCommand]:
    """Write the menu of some commands in a language."""
    return [BotCommand(name, words.label(f"chat/menu_{name}", language)) for name in names]


async def set_menus(bot: ExtBot[None], words: Words) -> None:
    """Tell Telegram the menus; tried until it takes them. Without a language: for all whose language we lack."""
    while True:
        try:
            await _set_once(bot, words)
        except TelegramError as error:
            log.warning("menus_not_set", error=type(error).__name__)
            await asyncio.sleep(RETRY_SECONDS)
        else:
            return


async def _set_once(bot: ExtBot[None], words: Words) -> None:
    for code, language in [(None, DEFAULT_LANGUAGE), *((code, code) for code in LANGUAGES)]:
        await bot.set_my_commands(menu(words, EVERYWHERE, language), language_code=code)
        await bot.set_my_commands(
            menu(words, PRIVATE, language), scope=BotCommandScopeAllPrivateChats(), language_code=code
        )


async def set_coach_menu(bot: ExtBot[None], words: Words, chat_id: int) -> None:
    """Show a linked coach the agenda in the menu. Only a help: without it the coach types the command."""
    scope = BotCommandScopeChat(chat_id)
    try:
        await bot.set_my_commands(menu(words, COACHES, COACH_LANGUAGE), scope=scope)
    except TelegramError as error:
        log.warning("coach_menu_not_set", error=type(error).__name__)


async def set_coach_menus(parts: Parts) -> None:
    """Show all coaches who are linked already the agenda in the menu: some were so before there was one."""
    linked = select(Coach.telegram_user_id).where(Coach.telegram_user_id.is_not(None), Coach.is_active)
    try:
        chats = await parts.in_store(lambda session, _now: list(session.scalars(linked)))
    except Exception as error:  # noqa: BLE001 - it is logged
        report("coach_menus_not_set", error)
        return
    for chat_id in chats:
        await set_coach_menu(parts.bot, parts.words, chat_id or 0)
