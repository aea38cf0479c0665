"""The menu of commands that Telegram shows, in each language."""

from __future__ import annotations

import asyncio

import structlog
from telegram import BotCommand, BotCommandScopeAllPrivateChats
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.parts import Words
from service.language import DEFAULT_LANGUAGE, LANGUAGES

log = structlog.get_logger()

PRIVATE = ("help", "afspraak", "mens", "taal", "gegevens", "stop", "start")
EVERYWHERE = ("help",)
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
