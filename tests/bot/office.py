"""A Tuesday noon with a newcomer and coaches, for tests of appointments in the chat."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from bot.sandbox.client import Person, Reply, Sandbox
from service.appointments import book_appointment, newcomer_arguments
from service.newcomers import find_newcomer
from service.notifications import notify
from store.messages import Notification
from store.models import Appointment, Coach, Newcomer, Organisation
from tests.bot.rig import Rig, open_rig
from tests.factories import make_appointment, make_coach, make_organisation, make_request, make_week

NOON = datetime(2026, 12, 1, 11, 0, tzinfo=UTC)  # twelve o'clock in Utrecht: nobody sleeps, and the week has just begun
COACH_A = "Voorbeeldcoach A (gemeente)"
COACH_B = "Voorbeeldcoach B (VluchtelingenWerk)"
WAIT_SECONDS = 10.0


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """Give a moment so many days after the Tuesday, by the clock of Utrecht in winter."""
    return datetime(2026, 12, 1, hour - 1, minute, tzinfo=UTC) + timedelta(days=day)


@dataclass
class Office:
    """A bot at noon, with what tests of appointments need."""

    rig: Rig
    sandbox: Sandbox

    def do[T](self, act: Callable[[Session], T]) -> T:
        """Do something in the store, and wake the delivery."""
        with self.rig.parts.sessions.begin() as session:
            done = act(session)
        self.rig.parts.noted.set()
        return done

    def now(self) -> datetime:
        return self.rig.parts.clock.now()

    async def newcomer(self, chat_id: int = 1000) -> Person:
        """Let a newcomer meet the bot."""
        person = self.sandbox.newcomer(chat_id)
        await person.says("/start")
        await person.replies()
        return person

    async def coach(self, user_id: int = 2000, name: str = COACH_A, **values: Any) -> Person:
        """Let a coach work all week, linked to Telegram; in the organisation of the other coaches, if none is given."""

        def add(session: Session) -> None:
            known = session.query(Organisation).first()
            given = {"organisation": known or make_organisation(session, name="gemeente Utrecht")} | values
            make_week(session, make_coach(session, name=name, telegram_user_id=user_id, **given))

        self.do(add)
        return await self.sandbox.coach(user_id).enters()

    def book(self, starts_at: datetime, *, chat_id: int = 1000, coach: str = COACH_A, **values: Any) -> int:
        def add(session: Session) -> int:
            request = make_request(find_coach(session, coach), starts_at, **values)
            return book_appointment(session, self.find(session, chat_id), request, self.now()).id

        return self.do(add)

    def past(self, starts_at: datetime, *, chat_id: int = 1000, coach: str = COACH_A, **values: Any) -> int:
        """Make an appointment that nobody could book any more."""

        def add(session: Session) -> int:
            found = find_coach(session, coach)
            place = found.availability[0].place
            return make_appointment(
                session, self.find(session, chat_id), found, place, starts_at=starts_at, **values
            ).id

        return self.do(add)

    def find(self, session: Session, chat_id: int = 1000) -> Newcomer:
        found = find_newcomer(session, self.rig.parts.ref(chat_id))
        assert found
        return found

    def tell(self, appointment_id: int, name: str, **arguments: Any) -> int:
        """Tell a newcomer something about an appointment at once."""

        def add(session: Session) -> int:
            appointment = session.get_one(Appointment, appointment_id)
            about = newcomer_arguments(appointment) | arguments
            told = notify(
                session,
                newcomer=appointment.newcomer,
                name=name,
                arguments=about,
                now=self.now(),
                appointment=appointment,
            )
            return told.id

        return self.do(add)

    def appointment(self, appointment_id: int) -> Appointment:
        with self.rig.parts.sessions() as session:
            return session.get_one(Appointment, appointment_id)

    async def settled(self, notification_id: int) -> Notification | None:
        """Wait until a notification is settled; nothing if it was deleted."""
        for _ in range(int(WAIT_SECONDS / 0.05)):
            with self.rig.parts.sessions() as session:
                found = session.get(Notification, notification_id)
                if found is None or found.settled_at:
                    return found
            await asyncio.sleep(0.05)
        raise AssertionError("not settled")


def find_coach(session: Session, name: str) -> Coach:
    return session.query(Coach).filter(Coach.name == name).one()


@contextlib.asynccontextmanager
async def open_office(
    url: str, sandbox: Sandbox, sessions: sessionmaker[Session], *, later: timedelta = timedelta(0)
) -> AsyncIterator[Office]:
    """Open a bot at noon, and start it."""
    async with open_rig(url, sessions, ahead=NOON - datetime.now(UTC) + later) as rig:
        await rig.start()
        yield Office(rig, sandbox)


async def after(person: Person, words: str) -> Reply:
    """Wait for a reply with these words, passing over others."""
    return await person.next_reply(containing=words)
