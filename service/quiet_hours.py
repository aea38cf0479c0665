"""The hours in which nobody hears what nobody asked for: from nine in the evening until eight in the morning.

An answer to what a person does is never kept back; see `keeps_quiet` of a notification.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from service.clock import AMSTERDAM
from service.days import local_day, moment_of

BEGIN = time(21)
END = time(8)


def is_quiet(moment: datetime) -> bool:
    """Tell whether people in Utrecht are to be left in peace at a moment, aware."""
    local = moment.astimezone(AMSTERDAM).time()
    return local >= BEGIN or local < END


def awake(moment: datetime) -> datetime:
    """Return the moment itself, or in the quiet hours the next eight o'clock, in UTC."""
    if not is_quiet(moment):
        return moment
    day = local_day(moment)
    if moment.astimezone(AMSTERDAM).time() >= BEGIN:
        day += timedelta(days=1)
    return moment_of(day, END)
