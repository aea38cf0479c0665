"""What tests of appointments share: people of several languages at once, and a bot that lives a day later."""

from __future__ import annotations

import asyncio
import itertools
import re
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import httpx
from icalendar import Calendar, Event
from sqlalchemy.orm import Session

from bot.run import environment
from bot.sandbox.client import Button, Person, Reply, Sandbox
from service.appointments import book_appointment
from service.coaches import find_coach
from service.settings import ROOT
from service.texts import Texts
from store.engine import opened_sessions
from store.models import CoachLanguage, Newcomer, Organisation
from tests.e2e.stack import Stack
from tests.factories import make_availability_exception, make_coach, make_place, make_request

LANGUAGES = ("nl", "en", "ar")
DAY = date(2026, 11, 24)
COACHES = {"nl": "Voorbeeldcoach C", "en": "Voorbeeldcoach A", "ar": "Voorbeeldcoach B"}  # who speaks it
TALK = {"nl": "Nederlands", "en": "English", "ar": "عربي"}
WAIT = 40.0  # seconds; a machine that does other things too is slow
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
_TEXTS = Texts(Path(ROOT / "stories"))
_MARKS = dict.fromkeys([*range(0x2066, 0x206A), 0x200E, 0x200F])  # they set words of the other direction apart
type Spans = dict[date, list[tuple[str, str]]]  # of each day from when until when

_ids = itertools.count(31_000)
_coach_ids = itertools.count(32_000)


def bare(text: str) -> str:
    """Take out what is not seen: the marks of direction, and the kind of a space."""
    return " ".join(text.translate(_MARKS).split())


def words_of(name: str, language: str) -> str:
    """Give a text by its name, its placeholders unfilled; what is no name of a text, as it is."""
    if not re.fullmatch(r"[a-z_]+/[a-z_]+", name):
        return name
    return bare(_TEXTS.find(name, language, today=DAY).html)


@dataclass
class Guest:
    """A newcomer who reads one language; what is said to them is known by the names of texts."""

    person: Person
    language: str

    def is_told(self, name: str, reply: Reply) -> bool:
        """Tell whether a message says a text, whatever stands in its placeholders."""
        parts = re.split(r"\{\w+\}", words_of(name, self.language))
        return re.search(".*?".join(map(re.escape, parts)), bare(reply.html)) is not None

    async def says(self, text: str, *names: str) -> Reply:
        """Write something; pass over what comes until a message says all these texts, and return that."""
        await self.person.says(text)
        return await self.hears(*names)

    async def presses(self, label: str, *names: str) -> Reply:
        """Press a button, named by its text or by a part of its label, of the newest message that has it."""
        data, message_id = await self._button(label)
        await self.person.forges(data, message_id=message_id)
        return await self.hears(*names)

    async def hears(self, *names: str) -> Reply:
        """Wait for a message that says all these texts, passing over others."""
        while True:
            reply = await self.person.next_reply(WAIT)
            if all(self.is_told(name, reply) for name in names):
                return reply

    async def rest(self, quiet: float = 1.5) -> list[Reply]:
        """Return what comes yet, once it is quiet."""
        return await self.person.replies(at_least=0, quiet=quiet)

    async def _button(self, label: str) -> tuple[str, int]:
        wanted = words_of(label, self.language)
        for reply in reversed(await self.person.transcript()):
            found = button_with(reply, wanted)
            if found is not None and found.callback_data is not None:
                return found.callback_data, reply.message_id
        raise AssertionError(f"nobody offers {wanted!r} in chat {self.person.chat_id}")


def button_with(reply: Reply, words: str) -> Button | None:
    """Find the first button with these words."""
    return next((button for button in reply.buttons if words in bare(button.label)), None)


async def new_guest(sandbox: Sandbox, language: str) -> Guest:
    """Let somebody meet the bot, in a language of theirs."""
    guest = Guest(sandbox.newcomer(next(_ids), language_code=language), language)
    await guest.says("/start", "chat/introduction")
    return guest


async def in_all_languages(sandbox: Sandbox, scene: Callable[[Guest], Awaitable[None]]) -> None:
    """Play a scene in each language at once, each with somebody new."""

    async def play(language: str) -> None:
        await scene(await new_guest(sandbox, language))

    await asyncio.gather(*map(play, LANGUAGES))


async def until_time(guest: Guest) -> Reply:
    """Answer by buttons, with a coach who speaks the language, until the time is asked."""
    await guest.says("/afspraak", "booking/ask_area")
    await guest.presses("area/money", "booking/ask_talk_language")
    with_whom = "booking/ask_with_coach" if guest.language == "nl" else "booking/ask_with_coach_or_interpreter"
    await guest.presses(TALK[guest.language], with_whom)
    await guest.presses(COACHES[guest.language], "booking/ask_mode")
    return await guest.presses("mode/place", "booking/ask_time")


async def from_name(guest: Guest, name: str) -> Reply:
    """Answer what is asked after the time, and say yes."""
    await guest.says(name, "booking/ask_telephone_wanted")
    await guest.presses("booking/no_telephone", "booking/ask_reason")
    await guest.presses("booking/skip", "booking/read_back", "booking/ask_confirm")
    return await guest.presses("booking/confirm_yes", "booking/booked")


async def book_by_buttons(guest: Guest, name: str = "Sam") -> Reply:
    """Book the first time that is offered."""
    asked = await until_time(guest)
    await guest.presses(bare(asked.labels[0]), "booking/ask_called_name")
    return await from_name(guest, name)


async def calendar_event(stack: Stack, guest: Guest) -> tuple[str, Event]:
    """Wait for the calendar file; give its METHOD and its event."""
    while (reply := await guest.person.next_reply(WAIT)).kind != "document":
        pass
    document = reply.raw["extra"]["document"]
    async with httpx.AsyncClient(base_url=stack.sandbox_url, trust_env=False) as client:
        content = (await client.get(f"/sandbox/files/{document['file_id']}")).content
    calendar = Calendar.from_ical(content)
    return str(calendar["method"]), calendar.walk("VEVENT")[0]


def in_store[Result](stack: Stack, act: Callable[[Session], Result]) -> Result:
    """Do something in the stack's store, as staff or other people would."""
    with opened_sessions(stack.database_url) as sessions, sessions.begin() as session:
        return act(session)


def book(stack: Stack, guest: Guest, coach_id: int, starts_at: datetime, *, language: str = "nl") -> int:
    """Book in the store for somebody, on Monday; return the appointment's number."""

    def act(session: Session) -> int:
        newcomer = session.query(Newcomer).filter_by(chat_id=guest.person.chat_id).one()
        coach = find_coach(session, coach_id)
        assert coach is not None
        request = make_request(coach, starts_at, called_name=f"Sam {guest.language}", language=language)
        return book_appointment(session, newcomer, request, MONDAY).id

    return in_store(stack, act)


async def new_coach(
    stack: Stack, sandbox: Sandbox, language: str, spans: dict[date, list[tuple[str, str]]]
) -> Colleague:
    """Add a coach who works on certain days only and is the only one to speak a language; in Telegram too."""
    user_id = next(_coach_ids)

    def act(session: Session) -> int:
        organisation = session.query(Organisation).filter_by(key="gemeente").one()
        place = make_place(session, name="Welkomhuis Noord", kind="welkomhuis", key=f"noord_{user_id}")
        name = f"Voorbeeldcoach Z{user_id}"  # after the sample ones: not all fit on the screen
        coach = make_coach(session, name=name, organisation=organisation, telegram_user_id=user_id)
        coach.languages.append(CoachLanguage(language=language))
        for day, times in spans.items():
            for starts, ends in times:
                make_availability_exception(session, coach, day, starts, ends, place=place)
        return coach.id

    coach_id = in_store(stack, act)
    return Colleague(await sandbox.coach(user_id).enters(), coach_id)


@dataclass
class Colleague:
    """A coach in the private chat with the bot."""

    person: Person
    id: int

    async def opens_agenda(self) -> Reply:
        """Ask for the agenda."""
        await self.person.says("/agenda")
        return await self.person.next_reply(WAIT, containing="Agenda")

    async def presses(self, *labels: str) -> Reply:
        """Press buttons of the agenda one after another, named as a guest's; return the agenda as it is then."""
        for label in labels:
            await self.person.presses(words_of(label, "nl"))
            shown = await self.person.next_edit(WAIT)
        return shown


@contextmanager
def bot_later(stack: Stack, clock: str) -> Iterator[Callable[[], None]]:
    """Put the stack's bot off, and let one run whose clock starts at another time.

    Gives a function that kills it at once, without a chance to tidy up.
    """
    env = environment(
        stack.env | {"WEGWIJS_CLOCK": clock, "WEGWIJS_DATABASE_URL": stack.database_url}, datetime.now(UTC)
    )
    stack.stop_part("bot")
    with (stack.folder / "log").open("ab") as log:
        process = subprocess.Popen([sys.executable, "-m", "bot"], cwd=ROOT, env=env, stdout=log, stderr=log)
    try:
        yield process.kill
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(timeout=30)
        stack.start_part("bot")
