"""Appointments through everything that is real, in Dutch, English and Arabic: from booking until who was there.

People of all languages act at once, and each stack plays a part of the scenes, so that it does not take long.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from functools import partial

import pytest
from sqlalchemy.orm import Session

from bot.sandbox.client import Sandbox
from service.clock import AMSTERDAM
from store.models import Appointment, AppointmentStatus, Newcomer
from tests.e2e.scenes import (
    COACHES,
    LANGUAGES,
    WAIT,
    Colleague,
    Guest,
    bare,
    book,
    book_by_buttons,
    bot_later,
    button_with,
    calendar_event,
    in_all_languages,
    in_store,
    new_coach,
    new_guest,
    until_time,
    words_of,
)
from tests.e2e.stack import Stack

on_sqlite = pytest.mark.parametrize("stack", ["sqlite"], indirect=True)
on_postgres = pytest.mark.parametrize("stack", ["postgresql"], indirect=True)

WEDNESDAY, THURSDAY = date(2026, 11, 25), date(2026, 11, 26)
# Of each scene the language that only its coach speaks, so that no wish of another scene suits.
LINE, ILL, MOVED, MISSED, REMINDED = "so", "pl", "ro", "sq", "sw"
FOR_EVER = 1000  # calls; the test clears them


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """Give a moment by the clock of Utrecht in winter."""
    return datetime(day.year, day.month, day.day, hour - 1, minute, tzinfo=UTC)


def appointments_of(stack: Stack, guest: Guest) -> list[Appointment]:
    """List all appointments of somebody, as they stand in the store."""

    def act(session: Session) -> list[Appointment]:
        query = session.query(Appointment).join(Newcomer).filter(Newcomer.chat_id == guest.person.chat_id)
        return query.order_by(Appointment.id).all()

    return in_store(stack, act)


async def test_booking_by_buttons_with_a_coach_who_speaks_the_language(stack: Stack, sandbox: Sandbox) -> None:
    async def scene(guest: Guest) -> None:
        done = await book_by_buttons(guest)

        (booked,) = appointments_of(stack, guest)
        assert COACHES[guest.language] in done.text
        assert f"{booked.starts_at.astimezone(AMSTERDAM):%H:%M}" in bare(done.text)
        assert (booked.language, booked.interpreter, booked.called_name) == (guest.language, False, "Sam")
        method, event = await calendar_event(stack, guest)
        assert (method, event["dtstart"].dt) == ("PUBLISH", booked.starts_at)

    await in_all_languages(sandbox, scene)


# What people type, and the texts with which the bot answers; a question and a change of mind among them.
IN_WORDS = {
    "nl": [
        ("ik wil een afspraak over geld", "booking/ask_talk_language"),
        ("arabisch", "booking/ask_with_coach_or_interpreter"),
        ("met een tolk", "booking/ask_mode"),
        ("in het welkomhuis", "booking/ask_time"),
        ("donderdag om 2 uur", "booking/ask_called_name"),
        ("toch liever vrijdag om 3 uur", "booking/ask_called_name"),
        ("Hoe lang heb ik om in te burgeren?", "booking/back", "booking/ask_called_name"),
        ("Amina", "booking/ask_telephone_wanted"),
        ("nee", "booking/ask_reason"),
        ("brief van de bank", "booking/read_back"),
        ("ja", "booking/booked"),
    ],
    "en": [
        ("I want an appointment about money", "booking/ask_talk_language"),
        ("arabic", "booking/ask_with_coach_or_interpreter"),
        ("with an interpreter", "booking/ask_mode"),
        ("at the welkomhuis", "booking/ask_time"),
        ("thursday at 3 pm", "booking/ask_called_name"),
        ("no, rather friday at 2 pm", "booking/ask_called_name"),
        ("How long do I have to integrate?", "booking/back", "booking/ask_called_name"),
        ("Amina", "booking/ask_telephone_wanted"),
        ("no", "booking/ask_reason"),
        ("letter from the bank", "booking/read_back"),
        ("yes", "booking/booked"),
    ],
    "ar": [
        ("أريد موعد مع مرشد", "booking/ask_area"),
        ("المال", "booking/ask_talk_language"),
        ("عربي", "booking/ask_with_coach_or_interpreter"),
        ("مع مترجم", "booking/ask_mode"),
        ("بالهاتف", "booking/ask_time"),
        ("الخميس الساعة 2 بعد الظهر", "booking/ask_called_name"),
        ("لا، الجمعة الساعة 4 بعد الظهر أفضل", "booking/ask_called_name"),
        ("كم من الوقت لدي للاندماج؟", "booking/back", "booking/ask_called_name"),
        ("أمينة", "booking/ask_telephone_needed"),
        ("0612345678", "booking/ask_reason"),
        ("رسالة من البنك", "booking/read_back"),
        ("نعم", "booking/booked"),
    ],
}
FRIDAY = date(2026, 11, 27)
WISHED = {"nl": at(FRIDAY, 15), "en": at(FRIDAY, 14), "ar": at(FRIDAY, 16)}


@on_sqlite
async def test_booking_in_words_with_an_interpreter_a_question_and_a_change_of_mind(
    stack: Stack, sandbox: Sandbox
) -> None:
    async def scene(guest: Guest) -> None:
        for typed, *names in IN_WORDS[guest.language]:
            await guest.says(typed, *names)

        (booked,) = appointments_of(stack, guest)
        assert booked.starts_at == WISHED[guest.language]
        assert (booked.language, booked.interpreter) == ("ar", True)
        assert booked.reason == IN_WORDS[guest.language][-2][0]

    await in_all_languages(sandbox, scene)


@on_sqlite
async def test_an_old_button_books_nothing(stack: Stack, sandbox: Sandbox) -> None:
    async def scene(guest: Guest) -> None:
        asked = await until_time(guest)
        await guest.presses(bare(asked.labels[0]), "booking/ask_called_name")
        await guest.says("Sam", "booking/ask_telephone_wanted")
        await guest.presses("booking/no_telephone", "booking/ask_reason")
        confirm = await guest.presses("booking/skip", "booking/read_back")
        await guest.says("stop", "booking/stopped")
        for old, label in ((asked, bare(asked.labels[0])), (confirm, words_of("booking/confirm_yes", guest.language))):
            button = button_with(old, label)
            assert button is not None
            await guest.person.forges(str(button.callback_data), message_id=old.message_id)

        assert all(guest.is_told("booking/old_button", said) for said in await guest.rest())
        assert appointments_of(stack, guest) == []

    await in_all_languages(sandbox, scene)


NEXT_WEEK = {"nl": "maandag 30 november om 11 uur", "en": "Monday 30 November at 11:00", "ar": "30 نوفمبر الساعة 11"}


@on_postgres
async def test_moving_and_cancelling_with_one_entry_in_the_calendar(stack: Stack, sandbox: Sandbox) -> None:
    async def scene(guest: Guest) -> None:
        await book_by_buttons(guest)
        files = [await calendar_event(stack, guest)]
        await guest.presses("booking/my_appointments", "booking/standing")
        await guest.presses("standing/move_this", "booking/ask_time")
        await guest.says(NEXT_WEEK[guest.language], "booking/read_back_move")
        await guest.presses("booking/confirm_move", "booking/moved")
        (moved,) = appointments_of(stack, guest)
        files.append(await calendar_event(stack, guest))
        await guest.presses("booking/my_appointments", "booking/standing")
        await guest.presses("standing/cancel_this", "booking/ask_cancel")
        await guest.presses("booking/cancel_yes", "standing/cancelled")
        files.append(await calendar_event(stack, guest))

        assert moved.starts_at == at(date(2026, 11, 30), 11)
        assert [method for method, _ in files] == ["PUBLISH", "PUBLISH", "CANCEL"]
        assert len({str(event["uid"]) for _, event in files}) == 1
        assert [event["sequence"] for _, event in files] == [0, 1, 2]
        assert files[1][1]["dtstart"].dt == moved.starts_at
        assert str(files[2][1]["status"]) == "CANCELLED"
        assert [one.status for one in appointments_of(stack, guest)] == [AppointmentStatus.CANCELLED]

    await in_all_languages(sandbox, scene)


@on_postgres
async def test_a_sooner_time_is_offered_to_the_first_in_line_and_a_late_tap_is_told_kindly(
    stack: Stack, sandbox: Sandbox
) -> None:
    spans = {THURSDAY: [("10:00", "11:00"), ("15:00", "16:00")]}
    coach = await new_coach(stack, sandbox, LINE, spans)  # whom nobody else's wish suits
    leaving, first, second = await asyncio.gather(*(new_guest(sandbox, language) for language in ("nl", "ar", "en")))
    book_so = partial(book, stack, coach_id=coach.id, language=LINE)
    book_so(guest=leaving, starts_at=at(THURSDAY, 10))
    other = book_so(guest=leaving, starts_at=at(THURSDAY, 10, 30))
    book_so(guest=first, starts_at=at(THURSDAY, 15))
    book_so(guest=second, starts_at=at(THURSDAY, 15, 30))
    for guest, wish in ((first, "أريد موعدا أقرب"), (second, "can it be sooner?")):
        await guest.says(wish, "standing/joined_line")

    await leaving.says("afspraak afzeggen", "booking/ask_which")
    await leaving.presses("10:00", "booking/ask_cancel")
    await leaving.presses("booking/cancel_yes", "standing/cancelled")
    await leaving.says("afspraak afzeggen", "booking/ask_cancel")
    await leaving.presses("booking/cancel_yes", "standing/cancelled")
    offered = await first.hears("waiting/offer")
    await second.hears("waiting/offer")
    await first.presses("waiting/button_take", "appointment/moved")
    book_so(guest=leaving, starts_at=at(THURSDAY, 10, 30))
    await second.presses("waiting/button_take", "waiting/offer_taken_by_other")

    assert "10:00" in bare(offered.text)
    assert [one.starts_at for one in appointments_of(stack, first)] == [at(THURSDAY, 10)]
    assert [one.starts_at for one in appointments_of(stack, second)] == [at(THURSDAY, 15, 30)]
    assert appointments_of(stack, leaving)[1].id == other


@on_postgres
async def test_a_coach_who_is_ill_tells_everybody_of_that_day_who_choose_again(stack: Stack, sandbox: Sandbox) -> None:
    coach = await new_coach(stack, sandbox, ILL, {WEDNESDAY: [("13:00", "16:00")], THURSDAY: [("13:00", "16:00")]})
    guests = await asyncio.gather(*(new_guest(sandbox, language) for language in LANGUAGES))
    for hour, guest in enumerate(guests, start=13):
        book(stack, guest, coach.id, at(WEDNESDAY, hour), language=ILL)
    kept = book(stack, guests[0], coach.id, at(THURSDAY, 15, 30), language=ILL)
    await coach.opens_agenda()

    asked = await coach.presses("agenda/button_ill_tomorrow")
    done = await coach.presses("agenda/button_ill_yes")

    for guest, place in zip(guests, range(3), strict=True):  # a time is for one
        told = await guest.hears("change/coach_cancelled")
        assert len(told.labels) == 5, told.labels  # three times, another time, a person
        await guest.presses(bare(told.labels[place]), "appointment/moved")
    heard = [await coach.person.next_reply(WAIT, containing=f"Sam {guest.language}") for guest in guests]

    assert "3" in asked.text
    assert "3" in done.text
    assert len(heard) == len(guests)
    for guest in guests:
        for one in appointments_of(stack, guest):
            assert (one.status, one.starts_at.date()) == (AppointmentStatus.BOOKED, THURSDAY)
    assert kept in [one.id for one in appointments_of(stack, guests[0])]


@on_sqlite
async def test_a_coach_moves_an_appointment_and_the_newcomer_hears_of_it(stack: Stack, sandbox: Sandbox) -> None:
    coach = await new_coach(stack, sandbox, MOVED, {WEDNESDAY: [("13:00", "16:00")]})
    guests = await asyncio.gather(*(new_guest(sandbox, language) for language in LANGUAGES))
    for hour, guest in enumerate(guests, start=13):
        book(stack, guest, coach.id, at(WEDNESDAY, hour), language=MOVED)
    await coach.opens_agenda()
    await coach.presses("agenda/button_tomorrow")
    for hour in range(13, 13 + len(guests)):
        await coach.presses(f"{hour}:00 Sam", "agenda/button_move", f"{hour}:30", "agenda/button_back")

    for hour, guest in enumerate(guests, start=13):
        told = await guest.hears("change/coach_moved")
        assert f"{hour}:30" in bare(told.text)
        await guest.presses("change/button_good", "reminder/coming_noted")
        assert [one.starts_at for one in appointments_of(stack, guest)] == [at(WEDNESDAY, hour, 30)]


@on_sqlite
async def test_who_was_not_there_gets_a_friendly_message_once(stack: Stack, sandbox: Sandbox) -> None:
    today = date(2026, 11, 24)
    coach = await new_coach(stack, sandbox, MISSED, {today: [("08:00", "10:00")]})
    guests = await asyncio.gather(*(new_guest(sandbox, language) for language in LANGUAGES))
    for half, guest in enumerate(guests):
        book(stack, guest, coach.id, at(today, 8 + half // 2, 30 * (half % 2)), language=MISSED)
    await coach.opens_agenda()
    for guest in guests:
        await coach.presses(
            f"Sam {guest.language}", "agenda/button_was_not_there", "agenda/button_was_not_there", "agenda/button_back"
        )

    async def scene(guest: Guest) -> None:
        told = await guest.hears("attendance/missed")
        more = await guest.rest(3)
        assert [one for one in more if guest.is_told("attendance/missed", one)] == []
        await guest.person.forges(str(told.buttons[0].callback_data), message_id=told.message_id)
        await guest.hears("booking/ask_area")

    await asyncio.gather(*map(scene, guests))
    assert {appointments_of(stack, guest)[0].status for guest in guests} == {AppointmentStatus.NO_SHOW}


async def _agenda_of(coach: Colleague, button: str) -> str:
    await coach.opens_agenda()
    return bare((await coach.presses(button)).text)


@on_sqlite
async def test_reminders_come_once_while_they_help_though_the_bot_was_off_and_was_killed(
    stack: Stack, sandbox: Sandbox
) -> None:
    coach = await new_coach(stack, sandbox, REMINDED, {WEDNESDAY: [("09:00", "17:00")], THURSDAY: [("09:00", "17:00")]})
    soon, tomorrow, past = await asyncio.gather(*(new_guest(sandbox, language) for language in ("nl", "ar", "en")))
    for guest, starts_at in ((soon, at(WEDNESDAY, 14)), (tomorrow, at(THURSDAY, 12)), (past, at(WEDNESDAY, 12))):
        book(stack, guest, coach.id, starts_at, language=REMINDED)
        await calendar_event(stack, guest)
    await sandbox.put_fault("sendMessage", 500, times=FOR_EVER, chat_id=soon.person.chat_id)

    failed = await _failures(sandbox)

    with bot_later(stack, "2026-11-25T12:30") as kill:
        day_before = await tomorrow.person.next_reply(WAIT)
        await _fails_again(sandbox, failed)
        kill()
    await sandbox.clear_faults()
    with bot_later(stack, "2026-11-25T12:45"):
        two_hours = await soon.person.next_reply(WAIT)
        await soon.presses("reminder/button_coming", "reminder/coming_noted")
        how = await tomorrow.presses("reminder/button_cannot", "reminder/cannot_how")
        agenda = await _agenda_of(coach, "agenda/button_today")
        rest = await asyncio.gather(*(guest.rest(3) for guest in (soon, tomorrow, past)))

    assert soon.is_told("reminder/two_hours", two_hours)
    assert "14:00" in bare(two_hours.text)
    assert tomorrow.is_told("reminder/day_before", day_before)
    assert "12:00" in bare(day_before.text)
    assert len(how.labels) == 3
    assert words_of("agenda/says_coming", "nl") in agenda
    assert rest == [[], [], []]


async def _failures(sandbox: Sandbox) -> int:
    """Count what the bot could not say."""
    return int((await sandbox.counters())["methods"].get("sendMessage", {}).get("500", 0))


async def _fails_again(sandbox: Sandbox, before: int) -> None:
    """Wait until the bot has tried to say something and could not."""
    async with asyncio.timeout(WAIT):
        while await _failures(sandbox) <= before:  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0.05)
