# ruff: noqa: N818 - an error is named for what happened: "time taken", not "time taken error"
"""What can go wrong in an act, a class for each thing that a caller may catch.

WegwijsError
├── TimeTaken           another has the time, or it is no free time (any more); carries other times
├── WrongRequest        an appointment was asked with a value that cannot be kept
├── NoSuchNewcomer      erased meanwhile
├── TooMany             as many appointments stand as one person can have
├── Overlaps            the newcomer has another appointment then
├── NoSuchAppointment   unknown, or another person's
│   ├── TooLate         it has begun: nothing to change any more
│   └── TooLateToChange it begins too soon: the coach counts on it
├── TooEarly            it has not begun: nobody can have been there, or not
├── AlreadyCancelled
├── OfferLapsed         a sooner time that was offered: too old, answered, or not this person's
├── NoSuchHandOff       unknown, closed, or its newcomer was erased
├── AlreadyClaimed      carries the coach who has it
├── WrongCode           unknown, used or out of date
└── SampleBroken        the sample data cannot be read

The text of each is "what: which: cause", for logs and staff. It is never sent to a chat.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from service.availability import FreeTime


class WegwijsError(Exception):
    """Root of all errors of the service."""


class TimeTaken(WegwijsError):
    """The time is not free. `alternatives` are the nearest free times, best first; empty if there are none."""

    def __init__(self, starts_at: datetime, coach_id: int, alternatives: Sequence[FreeTime]) -> None:
        self.starts_at = starts_at
        self.coach_id = coach_id
        self.alternatives = tuple(alternatives)
        super().__init__(f"appointment: coach {coach_id} at {starts_at.isoformat()}: not free")


class WrongRequest(WegwijsError):
    """A value of a request cannot be kept. The value itself is not repeated: it was typed by a person."""

    def __init__(self, field: str, expected: str) -> None:
        self.field = field
        self.expected = expected
        super().__init__(f"appointment request: {field}: must be {expected}")


class NoSuchNewcomer(WegwijsError):
    """The newcomer is not in the store (any more)."""

    def __init__(self, newcomer_id: int) -> None:
        self.newcomer_id = newcomer_id
        super().__init__(f"newcomer: {newcomer_id}: not in the store")


class TooMany(WegwijsError):
    """The newcomer has `most` appointments that stand already."""

    def __init__(self, newcomer_id: int, most: int) -> None:
        self.newcomer_id = newcomer_id
        self.most = most
        super().__init__(f"appointment: newcomer {newcomer_id}: has {most} already")


class Overlaps(WegwijsError):
    """The newcomer has another appointment at that time: `starts_at` and `appointment_id` are those of the other."""

    def __init__(self, appointment_id: int, starts_at: datetime) -> None:
        self.appointment_id = appointment_id
        self.starts_at = starts_at
        super().__init__(f"appointment: {starts_at.isoformat()}: overlaps appointment {appointment_id}")


class NoSuchAppointment(WegwijsError):
    """There is no such appointment of this newcomer, or none that this coach may see."""

    cause = "unknown, or of another person"

    def __init__(self, appointment_id: int) -> None:
        self.appointment_id = appointment_id
        super().__init__(f"appointment: {appointment_id}: {self.cause}")


class TooLate(NoSuchAppointment):
    """The appointment has begun; it cannot be moved or cancelled any more."""

    cause = "has begun"


class TooLateToChange(NoSuchAppointment):
    """The appointment begins sooner than its coach allows a newcomer to move or cancel it; calling is still good."""

    cause = "begins too soon to be changed"


class TooEarly(WegwijsError):
    """The appointment has not begun; whether the newcomer was there cannot be said yet."""

    def __init__(self, appointment_id: int) -> None:
        self.appointment_id = appointment_id
        super().__init__(f"appointment: {appointment_id}: has not begun")


class AlreadyCancelled(WegwijsError):
    """The appointment was cancelled before."""

    def __init__(self, appointment_id: int) -> None:
        self.appointment_id = appointment_id
        super().__init__(f"appointment: {appointment_id}: already cancelled")


class OfferLapsed(WegwijsError):
    """The offer of a sooner time cannot be answered (any more)."""

    def __init__(self, offer_id: int) -> None:
        self.offer_id = offer_id
        super().__init__(f"offer: {offer_id}: lapsed, answered or of another newcomer")


class NoSuchHandOff(WegwijsError):
    """There is no such open hand-off."""

    def __init__(self, hand_off_id: int) -> None:
        self.hand_off_id = hand_off_id
        super().__init__(f"hand-off: {hand_off_id}: unknown or closed")


class AlreadyClaimed(WegwijsError):
    """Another coach has the hand-off: `by` is that coach's name, `coach_id` the id."""

    def __init__(self, hand_off_id: int, coach_id: int, by: str) -> None:
        self.hand_off_id = hand_off_id
        self.coach_id = coach_id
        self.by = by
        super().__init__(f"hand-off: {hand_off_id}: claimed by coach {coach_id}")


class WrongCode(WegwijsError):
    """The one-time code links no coach. The code is not repeated: it may be a typing error in a good one."""

    def __init__(self, cause: str) -> None:
        self.cause = cause
        super().__init__(f"link code: not valid: {cause}")


class SampleBroken(WegwijsError):
    """The sample data cannot be read; `faults` says why, a line each."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("sample data: not loaded: " + "; ".join(self.faults))
