"""`python -m bot.sandbox`: starts the local Telegram on 127.0.0.1."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress

import structlog

from bot.sandbox.app import build_app, sample_telegram
from bot.sandbox.bell import Bell
from bot.sandbox.server import Server
from service.clock import Clock
from service.logs import set_up_logging
from service.settings import SettingsError, load_settings

log = structlog.get_logger()
# Ids go on rising when the sandbox is started again, faster than any bot is written to.
IDS_PER_SECOND = 100


def main() -> int:
    """Serve until stopped; return the exit code."""
    try:
        settings = load_settings(os.environ)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    set_up_logging()
    bell = Bell()
    telegram = sample_telegram(settings.telegram_token, int(time.time() * IDS_PER_SECOND))
    app = build_app(telegram, settings.telegram_token, Clock(settings.clock_offset).now, bell)
    server = Server(app, settings.sandbox_port, bell)
    log.info("sandbox_started", url=f"http://127.0.0.1:{settings.sandbox_port}/")
    with suppress(KeyboardInterrupt):  # uvicorn stops in good order and then lets the signal through
        server.run()
    return 0 if server.started else 1


if __name__ == "__main__":
    sys.exit(main())
