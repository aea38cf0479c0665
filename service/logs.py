"""How all parts of ours log: one line an event, to standard error, in one form.

An event has a constant name and facts as fields. Never what a person typed, no name, telephone number or chat id:
a chat is named by its keyed hash, as `chat`.
"""

from __future__ import annotations

import logging
import sys

import structlog


def set_up_logging() -> None:
    """Set the form, once a process. The INFO lines of httpx hold the token and stay out."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    # PTB logs what it received when something goes wrong, at the highest level too. What matters the bot logs itself.
    logging.getLogger("telegram").setLevel(logging.CRITICAL + 1)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.StackInfoRenderer(),
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"], sort_keys=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
