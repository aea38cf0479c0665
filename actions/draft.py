"""The appointment that a newcomer is booking or moving, as it stands in Rasa's slots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import ActiveLoop, SlotSet

from actions.turn import Event
from service.appointments import AppointmentRequest
from store.models import Appointment, Area, Canceller, Mode

FORM = "appointment_form"
ASKED = (
    "area",
    "talk_language",
    "with_coach",
    "interpreter",
    "mode",
    "time",
    "called_name",
    "telephone",
    "reason",
    "confirm",
)
# Which free times are shown: see `actions.booking_view`.
VIEW = ("day", "part", "after")
BESIDES = (*VIEW, "moving", "taken_time", "changing", "form_problem", "form_misses")
YES, NO, NONE, ANY = "yes", "no", "none", "any"

Slots = Mapping[str, str | None]


@dataclass(frozen=True)
class ChosenTime:
    """A moment in UTC and the coach who is free then."""

    starts_at: datetime
    coach_id: int

    @classmethod
    def read(cls, value: str) -> ChosenTime:
        """Read "2026-11-24T09:00:00+00:00|3".

        Raises:
            ValueError: If it is anything else.
        """
        moment, _, coach = value.partition("|")
        starts_at = datetime.fromisoformat(moment)
        if starts_at.tzinfo is None:
            raise ValueError("a time needs its zone")
        return cls(starts_at, int(coach))

    def __str__(self) -> str:
        return f"{self.starts_at.isoformat()}|{self.coach_id}"


@dataclass(frozen=True)
class Draft:
    """What was answered so far; None where nothing was. `moving` is the number of the appointment that moves."""

    area: str | None
    talk_language: str | None
    with_coach: str | None
    interpreter: str | None
    mode: str | None
    time: str | None
    called_name: str | None
    telephone: str | None
    reason: str | None
    confirm: str | None
    moving: str | None

    @classmethod
    def of(cls, tracker: Tracker) -> Draft:
        """Read the slots of a conversation."""
        return cls.read(tracker.slots)

    @classmethod
    def read(cls, slots: Mapping[str, Any]) -> Draft:
        """Read slots."""
        return cls(**{name: slots.get(name) for name in (*ASKED, "moving")})

    @property
    def is_confirmed(self) -> bool:
        """Whether everything was answered, and read back, and found right."""
        return all(getattr(self, name) for name in ASKED) and self.confirm == YES

    @property
    def coach_id(self) -> int | None:
        """Number of the coach whom the person chose; None if it may be any."""
        return int(self.with_coach) if self.with_coach and self.with_coach.isdecimal() else None

    @property
    def chosen(self) -> ChosenTime | None:
        """The time that was chosen."""
        return ChosenTime.read(self.time) if self.time else None

    def request(self, request_key: str | None, chosen: ChosenTime) -> AppointmentRequest:
        """Make the request of a draft that is confirmed, for a time."""
        return AppointmentRequest(
            starts_at=chosen.starts_at,
            coach_id=chosen.coach_id,
            area=Area(str(self.area)),
            mode=Mode(str(self.mode)),
            called_name=str(self.called_name),
            language=str(self.talk_language),
            interpreter=self.interpreter == YES,
            telephone=None if self.telephone == NONE else self.telephone,
            request_key=request_key,
            reason=None if self.reason == NONE else self.reason,
        )


def is_booking(tracker: Tracker) -> bool:
    """Tell whether an appointment is being booked or moved."""
    return (tracker.active_loop or {}).get("name") == FORM


def moving_slots(appointment: Appointment, called_name: str = NONE) -> dict[str, str | None]:
    """Give the slots with which the form only asks for another time of an appointment, and whether it is right.

    Args:
        appointment: The one that moves.
        called_name: What stands in the draft for a name that is not kept any more.
    """
    kept = {
        "area": appointment.area.value,
        "talk_language": appointment.language,
        "with_coach": ANY if appointment.cancelled_by is Canceller.COACH else str(appointment.coach_id),
        "interpreter": YES if appointment.interpreter else NO,
        "mode": appointment.mode.value,
        "called_name": appointment.called_name or called_name,
        "telephone": appointment.telephone or NONE,
        "reason": appointment.reason or NONE,
        "moving": str(appointment.id),
    }
    return dict.fromkeys((*ASKED, *BESIDES)) | kept


def clear() -> list[Event]:
    """Forget the draft."""
    return [SlotSet(name, None) for name in (*ASKED, *BESIDES)]


def end_booking() -> list[Event]:
    """Leave the form and forget the draft."""
    return [ActiveLoop(None), SlotSet("requested_slot", None), *clear()]
