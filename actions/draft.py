"""The appointment that a newcomer is booking, as it stands in Rasa's slots."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from rasa_sdk import Tracker
from rasa_sdk.events import ActiveLoop, SlotSet

from actions.turn import Event
from service.appointments import AppointmentRequest
from store.models import Area, Mode

FORM = "appointment_form"
ASKED = ("area", "day", "time", "mode", "called_name", "talk_language", "interpreter", "telephone", "confirm")
BESIDES = ("taken_time", "changing", "form_problem", "form_misses")
YES, NO, NONE = "yes", "no", "none"


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
    """What was answered so far; None where nothing was."""

    area: str | None
    day: str | None
    time: str | None
    mode: str | None
    called_name: str | None
    talk_language: str | None
    interpreter: str | None
    telephone: str | None
    confirm: str | None

    @classmethod
    def of(cls, tracker: Tracker) -> Draft:
        """Read the slots."""
        return cls(**{name: tracker.slots.get(name) for name in ASKED})

    @property
    def chosen_day(self) -> date | None:
        """The local day that was chosen."""
        return date.fromisoformat(self.day) if self.day else None

    @property
    def is_confirmed(self) -> bool:
        """Whether everything was answered, and read back, and found right."""
        return all(getattr(self, name) for name in ASKED) and self.confirm == YES

    def request(self, request_key: str | None) -> AppointmentRequest:
        """Make the request of a draft that is confirmed."""
        chosen = ChosenTime.read(str(self.time))
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
        )


def is_booking(tracker: Tracker) -> bool:
    """Tell whether an appointment is being booked."""
    return (tracker.active_loop or {}).get("name") == FORM


def clear() -> list[Event]:
    """Forget the draft."""
    return [SlotSet(name, None) for name in (*ASKED, *BESIDES)]


def end_booking() -> list[Event]:
    """Leave the form and forget the draft."""
    return [ActiveLoop(None), SlotSet("requested_slot", None), *clear()]
