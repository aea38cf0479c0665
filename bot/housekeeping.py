"""What the bot does by the clock: deletes what is kept long enough, and offers sooner times to those who wait.

Deleted are answered updates, old buttons, settled notifications, conversations, names.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from bot.parts import Parts, report
from service import buttons, inbox, outbox
from service.appointments import blank_past
from service.offers import offer_times

log = structlog.get_logger()

EVERY_SECONDS = 3600.0
OFFER_SECONDS = 30.0


async def keep_house(parts: Parts) -> None:
    """Tidy every hour, until cancelled."""
    while True:
        try:
            await tidy(parts)
        except Exception as error:  # noqa: BLE001 - it is logged
            report("housekeeping_failed", error)
        await asyncio.sleep(EVERY_SECONDS)


async def offer_sooner_times(parts: Parts) -> None:
    """Offer times that came free to the people in line, until cancelled."""
    while True:
        try:
            if await parts.in_store(offer_times):
                parts.noted.set()
        except Exception as error:  # noqa: BLE001 - it is logged
            report("offering_failed", error)
        await asyncio.sleep(OFFER_SECONDS)


async def tidy(parts: Parts) -> None:
    """Delete what is older than the setting's number of days.

    Raises:
        SQLAlchemyError: If a database fails.
    """
    age = timedelta(days=parts.settings.keep_days)

    def act(session: Session, now: datetime) -> dict[str, int]:
        return {
            "updates": inbox.delete_done(session, now - age),
            "buttons": buttons.delete_old(session, now - age),
            "dropped": outbox.drop_long_stopped(session, now),
            "notifications": outbox.delete_old(session, now - age),
            "appointments": blank_past(session, now - age),
        }

    deleted = await parts.in_store(act)
    events = await parts.in_trackers(lambda trackers: trackers.delete_older(parts.clock.now() - age))
    log.info("house_kept", **deleted, events=events)
