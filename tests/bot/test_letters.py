"""What newcomers hear about appointments by itself: with which buttons, as which file, and when not at all."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from icalendar import Calendar
from sqlalchemy.orm import Session, sessionmaker

from bot.delivery import Delivery
from bot.sandbox.client import Person, Reply, Sandbox
from service.agenda import call_in_sick, mark_attendance, move_by_coach
from service.appointments import cancel_appointment, move_appointment
from service.newcomers import erase_newcomer, stop_messages
from store.messages import Notification, NotificationState
from store.models import AppointmentStatus, Mode, Place
from tests.bot.office import COACH_A, COACH_B, Office, after, at, find_coach, open_office
from tests.sandbox.serving import Running

REMINDER = "reminder/day_before"


@pytest.fixture
async def newcomer(office: Office, coach: Person) -> Person:
    return await office.newcomer()


async def _reminded(office: Office, newcomer: Person) -> tuple[int, Reply]:
    appointment = office.book(at(1, 10))
    office.tell(appointment, REMINDER)
    return appointment, await after(newcomer, "Denk je aan je afspraak")


async def test_a_reminder_can_be_answered_after_another_keyboard_has_come(office: Office, newcomer: Person) -> None:
    appointment, reminder = await _reminded(office, newcomer)
    assert reminder.labels == ["Ik kan", "Ik kan niet"]
    await newcomer.says("/gegevens")
    assert "Alles wissen" in (await after(newcomer, "bewaar ik")).labels
    await newcomer.presses("Ik kan", message=reminder)
    assert "woensdag 2 december om 10:00" in (await newcomer.next_reply(containing="Fijn. Tot dan")).text
    assert office.appointment(appointment).coming_at is not None


async def test_a_reminder_says_where_to_be_or_which_number_is_called(office: Office, newcomer: Person) -> None:
    for day, mode in enumerate(Mode, 1):
        appointment = office.book(at(day, 10), mode=mode, telephone="0612345678")
        office.do(lambda session: setattr(session.query(Place).one(), "address", "Voorbeeldstraat 1"))
        office.tell(appointment, REMINDER)
    at_place, by_telephone = [await after(newcomer, "Denk je aan je afspraak") for _ in Mode]
    assert "Voorbeeldstraat 1" in at_place.text
    assert "adres is niet zeker" in at_place.text
    assert "belt je op 0612345678" in by_telephone.text


async def test_i_come_can_be_pressed_twice(office: Office, newcomer: Person) -> None:
    appointment, reminder = await _reminded(office, newcomer)
    await newcomer.presses("Ik kan", message=reminder)
    await after(newcomer, "Fijn. Tot dan")
    first = office.appointment(appointment).coming_at
    await newcomer.presses("Ik kan", message=reminder)
    await after(newcomer, "Fijn. Tot dan")
    assert office.appointment(appointment).coming_at == first


async def test_who_cannot_come_chooses_between_another_time_cancelling_and_coming(
    office: Office, newcomer: Person
) -> None:
    appointment, reminder = await _reminded(office, newcomer)
    await newcomer.presses("Ik kan niet", message=reminder)
    choice = await after(newcomer, "Jammer")
    assert choice.labels == ["Een andere tijd", "Afzeggen", "Ik kan"]
    assert office.appointment(appointment).status is AppointmentStatus.BOOKED
    await newcomer.presses("Een andere tijd", message=choice)
    await after(newcomer, "antwoord op")
    await newcomer.presses("Afzeggen", message=choice)
    answer = await newcomer.replies()
    assert office.rig.rasa.texts[0] == f'/appointment_move{{"appointment": "{appointment}"}}'
    assert [one.text for one in answer] == [
        f'antwoord op /cancel_appointment{{"appointment": "{appointment}", "confirm": "yes"}}'
    ]


async def test_a_reminder_of_what_was_cancelled_is_not_sent_and_alarms_no_coach(
    office: Office, newcomer: Person
) -> None:
    appointment = office.past(at(1, 10), status=AppointmentStatus.CANCELLED)
    told = office.tell(appointment, REMINDER)
    assert await office.settled(told) is None
    assert await newcomer.replies(at_least=0, quiet=1) == []
    assert office.do(lambda session: session.query(Notification).count()) == 0


async def test_an_old_reminder_says_that_it_is_cancelled(office: Office, newcomer: Person) -> None:
    appointment, reminder = await _reminded(office, newcomer)
    office.do(lambda session: cancel_appointment(session, office.find(session), appointment, office.now()))
    await newcomer.presses("Ik kan", message=reminder)
    said = await after(newcomer, "al afgezegd")
    assert said.labels == ["Afspraak maken met een coach"]


async def test_a_coach_who_does_not_allow_changes_any_more_is_to_be_called(office: Office, newcomer: Person) -> None:
    _, reminder = await _reminded(office, newcomer)
    office.do(lambda session: setattr(find_coach(session, COACH_A), "change_minutes", 7 * 24 * 60))
    await newcomer.presses("Ik kan niet", message=reminder)
    said = await after(newcomer, "14")
    assert "Met een mens praten" in said.labels
    assert "Afzeggen" not in said.labels


async def test_another_newcomer_cannot_press_a_copied_button(office: Office, newcomer: Person) -> None:
    appointment, reminder = await _reminded(office, newcomer)
    other = await office.newcomer(1001)
    (first, *_) = [one for one in await other.transcript() if one.is_bot]
    await other.forges(str(reminder.buttons[0].callback_data), message_id=first.message_id)
    assert "werkt niet meer" in (await other.next_answer())["text"]
    assert office.appointment(appointment).coming_at is None


# What a coach changes


async def _called_off(office: Office, newcomer: Person) -> tuple[int, Reply]:
    """Let a coach be ill for a day on which the newcomer has an appointment."""
    appointment = office.book(at(1, 10))
    office.do(lambda session: call_in_sick(session, find_coach(session, COACH_A), at(1, 10).date(), office.now()))
    return appointment, await after(newcomer, "De coach kan dan niet")


async def test_when_the_coach_is_ill_a_press_moves_the_appointment_to_one_of_the_nearest_times(
    running: Running, sandbox: Sandbox, sessions: sessionmaker[Session]
) -> None:
    async with open_office(running.url, sandbox, sessions) as office:
        await office.coach()
        newcomer = await office.newcomer()
        appointment, letter = await _called_off(office, newcomer)
        times = letter.labels[:3]
        assert times == [f"dinsdag 1 december om {time}" for time in ("15:30", "16:00", "16:30")]
        assert letter.labels[3:] == ["Een andere tijd", "Met een mens praten"]
        assert f"met {COACH_A}" in letter.text
        await newcomer.presses(times[2], message=letter)
        said = await after(newcomer, "nieuwe tijd")
        assert "dinsdag 1 december om 16:30" in said.text
        assert COACH_A in said.text
        moved = office.appointment(appointment)
        assert (moved.status, moved.starts_at, moved.sequence) == (AppointmentStatus.BOOKED, at(0, 16, 30), 2)
        left = {one.message_id: one.labels for one in await newcomer.transcript()}
        assert left[letter.message_id] == ["Een andere tijd", "Met een mens praten"]


async def test_a_time_that_is_taken_meanwhile_leads_to_the_nearest_others(office: Office, newcomer: Person) -> None:
    appointment, letter = await _called_off(office, newcomer)
    await office.newcomer(1001)
    office.book(at(0, 16), chat_id=1001)
    await newcomer.presses("dinsdag 1 december om 16:00", message=letter)
    said = await after(newcomer, "niet meer vrij")
    assert office.appointment(appointment).status is AppointmentStatus.CANCELLED
    assert "dinsdag 1 december om 16:00" not in said.labels
    await newcomer.presses(said.labels[0], message=said)
    assert "nieuwe tijd" in (await after(newcomer, "nieuwe tijd")).text
    assert office.appointment(appointment).status is AppointmentStatus.BOOKED


async def test_pressing_a_time_twice_moves_once(office: Office, newcomer: Person) -> None:
    appointment, letter = await _called_off(office, newcomer)
    await newcomer.presses(letter.labels[0], message=letter)
    await newcomer.presses(letter.labels[1], message=letter)
    await after(newcomer, "nieuwe tijd")
    assert "werkt niet meer" in [(await newcomer.next_answer())["text"] for _ in range(2)][1]
    assert office.appointment(appointment).sequence == 2


async def test_an_old_time_does_not_move_what_was_moved_since(office: Office, newcomer: Person) -> None:
    appointment, letter = await _called_off(office, newcomer)

    def move(session: Session) -> int:
        coach = find_coach(session, COACH_A)
        me = office.find(session)
        return move_appointment(session, me, appointment, at(3, 11), coach.id, office.now()).id

    office.do(move)
    await newcomer.presses(letter.labels[0], message=letter)
    said = await after(newcomer, "Die tijd kun je niet meer kiezen. Je afspraak is niet veranderd.")
    assert said.labels == ["Een andere tijd"]
    assert office.appointment(appointment).starts_at == at(3, 11)


async def test_who_chose_another_time_meanwhile_does_not_hear_that_the_old_one_is_off(
    office: Office, newcomer: Person
) -> None:
    appointment = office.book(at(1, 10))
    told = office.tell(appointment, "change/coach_cancelled")
    assert await office.settled(told) is None
    assert not [one for one in await newcomer.replies(at_least=0, quiet=1) if "ziek" in one.text]


async def test_a_moved_appointment_is_told_with_three_answers(office: Office, newcomer: Person) -> None:
    appointment = office.book(at(1, 10))
    office.do(
        lambda session: move_by_coach(session, find_coach(session, COACH_A), appointment, at(1, 14), office.now())
    )
    letter = await after(newcomer, "heeft je afspraak verzet")
    assert letter.labels == ["Dat is goed", "Een andere tijd", "Ik kan niet"]
    await newcomer.presses("Dat is goed", message=letter)
    assert "woensdag 2 december om 14:00" in (await after(newcomer, "Fijn. Tot dan")).text
    assert office.appointment(appointment).coming_at is not None


async def test_a_move_that_is_not_true_any_more_is_not_told(office: Office, newcomer: Person) -> None:
    appointment = office.book(at(1, 10))
    told = office.tell(appointment, "change/coach_moved", when={"datetime": at(3, 9).isoformat()}, old={"text": "x"})
    assert await office.settled(told) is None


async def test_who_was_missed_is_offered_a_new_appointment(office: Office, newcomer: Person) -> None:
    appointment = office.past(at(0, 10))
    office.do(
        lambda session: mark_attendance(
            session, find_coach(session, COACH_A), appointment, attended=False, now=office.now()
        )
    )
    letter = await after(newcomer, "gemist")
    await newcomer.presses("Afspraak maken", message=letter)
    await after(newcomer, "antwoord op")
    assert office.rig.rasa.texts == ["/coach_afspraak"]


# What does not arrive


async def test_the_coach_hears_once_that_a_reminder_did_not_arrive(
    office: Office, newcomer: Person, coach: Person, sandbox: Sandbox
) -> None:
    appointment = office.book(at(1, 10))
    await after(coach, "nieuwe afspraak")
    await newcomer.blocks()
    for name in (REMINDER, "reminder/two_hours"):
        settled = await office.settled(office.tell(appointment, name))
        assert settled
        assert settled.state is NotificationState.BLOCKED
    replies = await coach.replies(quiet=1)
    assert ["kwam niet aan" in one.text for one in replies] == [True]
    assert replies[0].labels == ["Open in de agenda"]


async def test_the_coach_hears_that_a_newcomer_stopped_the_bot(office: Office, newcomer: Person, coach: Person) -> None:
    appointment = office.book(at(1, 10))
    await after(coach, "nieuwe afspraak")
    office.do(lambda session: stop_messages(session, office.find(session), office.now()))
    office.tell(appointment, REMINDER)
    assert "kwam niet aan" in (await after(coach, "kwam niet aan")).text
    assert await newcomer.replies(at_least=0, quiet=1) == []


async def test_a_killed_delivery_sends_once_more_at_most(
    office: Office, newcomer: Person, monkeypatch: pytest.MonkeyPatch, running: Running, sandbox: Sandbox
) -> None:
    appointment = office.book(at(3, 10))
    await newcomer.replies(at_least=0, quiet=6)  # the calendar file
    await office.rig.stop_working()
    told = office.tell(appointment, REMINDER)
    delivery, sent = Delivery(office.rig.parts), asyncio.Event()

    async def die(*_: object) -> None:
        sent.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(delivery, "_settle", die)
    killed = asyncio.create_task(delivery.deliver_due())
    await sent.wait()
    killed.cancel()
    await asyncio.wait([killed])
    await office.rig.stop()
    async with open_office(running.url, sandbox, office.rig.parts.sessions, later=timedelta(minutes=1)) as next_office:
        settled = await next_office.settled(told)
        assert settled
        assert settled.state is NotificationState.SENT
        replies = await newcomer.replies(quiet=1)
        assert len(replies) == 2
        await newcomer.presses("Ik kan", message=replies[0])  # whose id of message nobody noted
        await after(newcomer, "Fijn. Tot dan")


# The calendar file


async def _events(sandbox: Sandbox, message: Reply) -> Calendar:
    document = message.raw["extra"]["document"]
    response = await sandbox._client.get(f"/sandbox/files/{document['file_id']}")
    return Calendar.from_ical(response.content)


async def test_a_calendar_file_comes_after_booking_and_again_after_a_move(
    office: Office, newcomer: Person, sandbox: Sandbox
) -> None:
    appointment = office.book(at(1, 10))
    first = await newcomer.next_reply()
    assert first.kind == "document"
    assert first.raw["extra"]["document"]["file_name"] == "wegwijs-afspraak.ics"
    assert "agenda van je telefoon" in first.text
    office.do(
        lambda session: move_appointment(
            session, office.find(session), appointment, at(2, 9), find_coach(session, COACH_A).id, office.now()
        )
    )
    second = await newcomer.next_reply()
    booked, moved = [(await _events(sandbox, one)).walk("VEVENT")[0] for one in (first, second)]
    assert booked["uid"] == moved["uid"]
    assert (booked["sequence"], moved["sequence"]) == (0, 1)
    assert moved["dtstart"].dt == at(2, 9)
    assert "Geld" in str(booked["summary"])


async def test_a_calendar_file_is_tried_again_and_comes_once(
    office: Office, newcomer: Person, sandbox: Sandbox
) -> None:
    await sandbox.put_fault("sendDocument", 500, times=1)
    office.book(at(1, 10))
    replies = await newcomer.replies(at_least=1, quiet=4)
    assert [one.kind for one in replies] == ["document"]


async def test_no_calendar_file_comes_after_erasure(office: Office, newcomer: Person) -> None:
    office.book(at(1, 10))
    office.do(lambda session: erase_newcomer(session, office.find(session), office.now()))
    assert await newcomer.replies(at_least=0, quiet=7) == []


# Another coach


async def test_times_of_other_coaches_are_told_with_their_names(office: Office, newcomer: Person) -> None:
    await office.coach(2001, COACH_B)
    _, letter = await _called_off(office, newcomer)
    assert f"woensdag 2 december om 10:00, met {COACH_B}" in letter.text
    await newcomer.presses("woensdag 2 december om 10:00", message=letter)
    assert COACH_B in (await after(newcomer, "nieuwe tijd")).text
