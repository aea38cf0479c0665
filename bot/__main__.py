"""`python -m bot`: opens the parts, receives and answers until told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Coroutine, Iterator
from typing import Any
from urllib.parse import urlsplit

import structlog
import uvicorn
from telegram.error import InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.ext import Updater
from telegram.request import HTTPXRequest

from bot.delivery import Delivery
from bot.housekeeping import keep_house, offer_sooner_times
from bot.incoming import HANDLED
from bot.menu import set_coach_menus, set_menus
from bot.pacing import Pacing
from bot.parts import Parts, Words, today_in
from bot.rasa import Rasa
from bot.receiving import InboxQueue, PollingBot
from bot.webhook import Webhook
from bot.worker import Worker
from service.clock import Clock
from service.emergencies import Emergencies
from service.language import Detector, read_examples, read_other_languages
from service.logs import set_up_logging
from service.settings import ROOT, Settings, SettingsError, load_settings
from service.texts import Texts
from service.trackers import Trackers
from store.engine import close_sessions, make_sessions

log = structlog.get_logger()

POLL_SECONDS = 25  # how long Telegram holds a question for updates open
START_DELAY_SECONDS = 2.0  # between tries while Telegram cannot be reached
CONNECTIONS = 64


def make_bot(settings: Settings) -> PollingBot:
    """Make the bot, with Telegram's limits and the address of the Bot API of the settings."""
    return PollingBot(
        settings.telegram_token,
        base_url=f"{settings.telegram_api}/bot",
        base_file_url=f"{settings.telegram_api}/file/bot",
        request=HTTPXRequest(CONNECTIONS, read_timeout=20.0, write_timeout=20.0, pool_timeout=20.0),
        get_updates_request=HTTPXRequest(2, read_timeout=10.0),
        rate_limiter=Pacing(),
    )


@contextlib.asynccontextmanager
async def open_parts(settings: Settings) -> AsyncIterator[tuple[Parts, PollingBot]]:
    """Open the parts, and close them."""
    clock = Clock(settings.clock_offset)
    bot = make_bot(settings)
    parts = Parts(
        settings=settings,
        clock=clock,
        sessions=make_sessions(settings.database_url),
        bot=bot,
        rasa=Rasa(settings.rasa_url),
        words=Words(Texts(settings.content), today_in(clock)),
        detector=Detector(read_examples([ROOT / "nlu", settings.content]), read_other_languages()),
        emergencies=Emergencies(settings.content),
        trackers=Trackers(settings.tracker_url),
    )
    try:
        yield parts, bot
    finally:
        await parts.rasa.close()
        parts.trackers.close()
        close_sessions(parts.sessions)


async def _reach_telegram(bot: PollingBot) -> None:
    """Ask Telegram who the bot is, until it answers.

    Raises:
        InvalidToken: If the token is wrong.
    """
    while True:
        try:
            await bot.initialize()
        except (NetworkError, RetryAfter) as error:
            log.warning("telegram_not_reached", error=type(error).__name__)
            await asyncio.sleep(START_DELAY_SECONDS)
        else:
            return


async def _poll(parts: Parts, bot: PollingBot) -> None:
    """Receive by long polling until cancelled. A webhook that was set is taken away first."""
    updater = Updater(bot, InboxQueue(parts, bot))
    await updater.initialize()
    try:
        await updater.start_polling(
            timeout=POLL_SECONDS, bootstrap_retries=-1, allowed_updates=HANDLED, error_callback=_polling_failed
        )
        log.info("polling")
        await bot.refused.wait()
        raise InvalidToken("the token is not known any more")
    finally:
        if updater.running:
            await updater.stop()


def _polling_failed(error: TelegramError) -> None:
    log.warning("polling_failed", error=type(error).__name__)


class _Server(uvicorn.Server):
    """A uvicorn that leaves the signals to us."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


async def _serve(parts: Parts, bot: PollingBot, url: str, secret: str) -> None:
    """Receive by the webhook until cancelled."""
    config = uvicorn.Config(
        Webhook(parts, secret).app(urlsplit(url).path or "/"),
        host="0.0.0.0",  # noqa: S104 - a balancer or Telegram reaches it; the secret guards it
        port=parts.settings.webhook_port,
        ws="none",  # an older websockets, which rasa-sdk's Sanic asks for, does not suit uvicorn
        log_config=None,
        access_log=False,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve())
    try:
        await bot.set_webhook(url, secret_token=secret, allowed_updates=HANDLED)
        log.info("webhook_set")
        await asyncio.shield(serving)
    finally:
        server.should_exit = True
        await serving


def _receive(parts: Parts, bot: PollingBot) -> Coroutine[Any, Any, None]:
    url, secret = parts.settings.webhook_url, parts.settings.webhook_secret
    return _serve(parts, bot, url, secret) if url and secret else _poll(parts, bot)


async def run(settings: Settings) -> None:
    """Run the bot until cancelled, or until something of it ends that should not.

    Raises:
        InvalidToken: If Telegram does not know the token.
    """
    async with open_parts(settings) as (parts, bot):
        await _reach_telegram(bot)
        receiving = asyncio.create_task(_receive(parts, bot))
        working = [asyncio.create_task(job) for job in (Worker(parts).run(), Delivery(parts).run())]
        aside = [asyncio.create_task(job) for job in _jobs_aside(parts)]
        try:
            done, _ = await asyncio.wait([receiving, *working], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            await _end([receiving])
            await _end([*working, *aside])
            await bot.shutdown()


def _jobs_aside(parts: Parts) -> list[Coroutine[Any, Any, None]]:
    """List what goes on beside receiving and answering, and can fail without ending the bot."""
    return [keep_house(parts), offer_sooner_times(parts), set_menus(parts.bot, parts.words), set_coach_menus(parts)]


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    """Cancel tasks, and wait until they have tidied up."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _main(settings: Settings) -> None:
    running = asyncio.create_task(run(settings))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, running.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await running
    log.info("stopped")


def main() -> int:
    """Start the bot. Returns 1 if it cannot run with these settings."""
    set_up_logging()
    try:
        settings = load_settings(os.environ)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1
    try:
        asyncio.run(_main(settings))
    except TelegramError as error:
        log.error("telegram_refuses", error=type(error).__name__)  # noqa: TRY400 - a trace may hold the token
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
