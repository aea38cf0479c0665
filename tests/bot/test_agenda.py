"""The coaches' agenda in the chat."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from bot.agenda import answer_coach
from bot.menu import set_coach_menus
from bot.replies import MAX_MESSAGE, Message
from bot.sandbox.client import Person, Reply, Sandbox
from service.coaches import issue_link_code
from store.messages import Button
from store.models import AppointmentStatus, Canceller, Leave, LeaveKind, Mode, Newcomer
from tests.bot.office import COACH_A, COACH_B, Office, after, at, find_coach, open_office
from tests.factories import make_coach, make_organisation
from tests.sandbox.serving import Running


@pytest.fixture
async def newcomer(office: Office, coach: Person) -> Person:
    return await office.newcomer()


async def _agenda(coach: Person) -> Reply:
    await coach.says("/agenda")
    return await after(coach, "Agenda:")


async def _press(coach: Person, label: str, message: Reply) -> Reply:
    """Press a button of the agenda, which then shows something else."""
    await coach.presses(label, message=message)
    edited = await coach.next_edit()
    assert edited.message_id == message.message_id
    return edited


def _shown(office: Office, user_id: int = 2000, **given: Any) -> Message | None:
    """Look at the agenda without the chat."""
    return office.do(lambda session: answer_coach(session, office.rig.parts.words, user_id, given, office.now()))


async def test_today_says_all_that_a_coach_needs_before_a_talk(office: Office, newcomer: Person, coach: Person) -> None:
    office.book(at(0, 14), called_name="Amina", language="ar", interpreter=True)
    office.book(at(0, 15), called_name="Sami", mode=Mode.TELEPHONE, telephone="0612345678")
    shown = await _agenda(coach)
    assert "dinsdag 1 december" in shown.text
    for words in ("14:00 Amina", "Geld", "Plek", "Arabisch", "met tolk", "15:00 Sami", "0612345678"):
        assert words in shown.text
    assert shown.labels[:2] == ["14:00 Amina", "15:00 Sami"]
    assert [len(row) for row in shown.rows] == [2, 3, 1, 1, 1]


async def test_an_empty_day_says_so(coach: Person) -> None:
    assert "Geen afspraken" in (await _agenda(coach)).text


async def test_tomorrow_the_week_and_the_colleagues_are_a_press_away(
    office: Office, newcomer: Person, coach: Person
) -> None:
    await office.coach(2001, COACH_B)
    office.book(at(1, 10), called_name="Amina")
    office.book(at(2, 11), called_name="Sami", coach=COACH_B)
    today = await _agenda(coach)
    tomorrow = await _press(coach, "Morgen", today)
    assert "10:00 Amina" in tomorrow.text
    week = await _press(coach, "Deze week", tomorrow)
    assert "10:00 Amina" in week.text
    assert "Sami" not in week.text
    whole = await _press(coach, "Hele organisatie", week)
    assert "11:00 Sami" in whole.text
    assert COACH_B in whole.text
    assert whole.labels[:2] == ["wo 2 dec", "do 3 dec"]
    thursday = await _press(coach, "do 3 dec", whole)
    assert thursday.labels[0] == "11:00 Sami"
    opened = await _press(coach, "11:00 Sami", thursday)
    assert "11:00 Sami" in (await _press(coach, "Terug", opened)).text
    assert "Sami" not in (await _press(coach, "Alleen mijn", thursday)).text


async def test_who_is_no_coach_is_told_where_the_own_appointments_are(office: Office, newcomer: Person) -> None:
    await newcomer.says("/agenda")
    said = await newcomer.next_reply()
    assert "alleen voor coaches" in said.text
    await newcomer.presses("Mijn afspraken", message=said)
    await after(newcomer, "antwoord op")
    assert office.rig.rasa.texts == ["/appointment_show"]


async def test_a_coach_at_work_is_not_greeted_as_a_newcomer(office: Office, coach: Person) -> None:
    await _press(coach, "Morgen", await _agenda(coach))
    assert len([one for one in await coach.transcript() if one.is_bot]) == 1
    assert office.do(lambda session: session.query(Newcomer).count()) == 0


async def test_a_coach_who_works_here_no_more_is_refused(office: Office, newcomer: Person, coach: Person) -> None:
    office.book(at(0, 14), called_name="Amina")
    shown = await _agenda(coach)
    office.do(lambda session: setattr(find_coach(session, COACH_A), "is_active", False))
    await coach.presses("14:00 Amina", message=shown)
    assert "alleen voor coaches" in (await after(coach, "alleen voor coaches")).text


async def test_a_button_of_a_coach_does_nothing_for_a_newcomer(office: Office, newcomer: Person, coach: Person) -> None:
    appointment = office.past(at(0, 10))
    opened = await _press(coach, "10:00 Sami", await _agenda(coach))
    there = next(button for button in opened.buttons if button.label == "Was er")
    (first, *_) = [one for one in await newcomer.transcript() if one.is_bot]
    await newcomer.forges(str(there.callback_data), message_id=first.message_id)
    assert "werkt niet meer" in (await newcomer.next_answer())["text"]
    assert office.appointment(appointment).status is AppointmentStatus.BOOKED


@pytest.mark.parametrize("act", ["open", "attended", "missed", "times", "move", "ask_cancel", "cancel"])
async def test_nobody_sees_or_changes_what_is_of_another_organisation(
    office: Office, newcomer: Person, act: str
) -> None:
    other = office.do(lambda session: make_organisation(session, name="VluchtelingenWerk"))
    await office.coach(2001, COACH_B, organisation=other)
    appointment = office.book(at(0, 14), called_name="Amina", telephone="0612345678")
    shown = _shown(office, 2001, act=act, appointment=appointment, starts_at=at(2, 9).isoformat(), all=True)
    assert shown
    assert "niet in jouw agenda" in shown.html
    assert "Amina" not in shown.html
    assert office.appointment(appointment).changed_at == office.appointment(appointment).created_at


async def test_who_was_there_is_noted_and_can_be_corrected(office: Office, newcomer: Person, coach: Person) -> None:
    appointment = office.past(at(0, 10))
    opened = await _press(coach, "10:00 Sami", await _agenda(coach))
    assert opened.labels == ["Was er", "Was er niet", "Terug"]
    missed = await _press(coach, "Was er niet", opened)
    assert office.appointment(appointment).status is AppointmentStatus.NO_SHOW
    assert "gemist" in (await after(newcomer, "gemist")).text
    there = await _press(coach, "Was er", missed)
    assert office.appointment(appointment).status is AppointmentStatus.ATTENDED
    back = await _press(coach, "Terug", there)
    assert "Was er." in back.text


async def test_who_was_there_cannot_be_said_before_it_has_begun(office: Office, newcomer: Person) -> None:
    appointment = office.book(at(0, 14))
    shown = _shown(office, act="attended", appointment=appointment)
    assert shown
    assert "nog niet begonnen" in shown.html
    assert office.appointment(appointment).status is AppointmentStatus.BOOKED


async def test_a_coach_moves_an_appointment_and_the_newcomer_hears(
    running: Running, sandbox: Sandbox, sessions: sessionmaker[Session]
) -> None:
    async with open_office(running.url, sandbox, sessions) as office:
        coach, newcomer = await office.coach(), await office.newcomer()
        appointment = office.book(at(0, 14))
        opened = await _press(coach, "14:00 Sami", await _agenda(coach))
        times = await _press(coach, "Verzetten", opened)
        assert times.labels[:4] == ["12:30", "13:00", "13:30", "14:30"]
        assert [len(row) for row in times.rows][:4] == [3, 3, 2, 3]
        thursday = await _press(coach, "do 3 dec", times)
        assert "donderdag 3 december" in thursday.text
        moved = await _press(coach, "14:00", thursday)
        assert "verzet" in moved.text
        assert office.appointment(appointment).starts_at == at(2, 14)
        letter = await after(newcomer, "heeft je afspraak verzet")
        assert "donderdag 3 december om 14:00" in letter.text
        told = await after(coach, "verzet")
        assert told.labels == ["Open in de agenda"]


async def test_a_time_that_is_gone_leads_to_the_others(office: Office, newcomer: Person) -> None:
    appointment = office.book(at(0, 14))
    office.book(at(0, 15))
    shown = _shown(office, act="move", appointment=appointment, starts_at=at(0, 15).isoformat())
    assert shown
    assert "niet vrij" in shown.html
    assert office.appointment(appointment).starts_at == at(0, 14)


async def test_a_coach_cancels_after_being_asked_and_the_newcomer_gets_other_times(
    office: Office, newcomer: Person, coach: Person
) -> None:
    appointment = office.book(at(0, 14))
    opened = await _press(coach, "14:00 Sami", await _agenda(coach))
    asked = await _press(coach, "Afzeggen", opened)
    assert office.appointment(appointment).status is AppointmentStatus.BOOKED
    done = await _press(coach, "Ja, afzeggen", asked)
    assert "Geen afspraken" in done.text
    found = office.appointment(appointment)
    assert (found.status, found.cancelled_by) == (AppointmentStatus.CANCELLED, Canceller.COACH)
    assert "Een andere tijd" in (await after(newcomer, "coach kan dan niet")).labels


async def test_a_second_press_on_cancel_changes_nothing(office: Office, newcomer: Person) -> None:
    appointment = office.book(at(0, 14))
    _shown(office, act="cancel", appointment=appointment)
    again = _shown(office, act="cancel", appointment=appointment)
    assert again
    assert "is afgezegd" in again.html
    assert office.appointment(appointment).sequence == 1


async def test_a_coach_calls_in_sick_after_hearing_whom_it_touches(
    office: Office, newcomer: Person, coach: Person
) -> None:
    today, tomorrow = office.book(at(0, 14)), office.book(at(1, 10))
    asked = await _press(coach, "vandaag ziek", await _agenda(coach))
    assert "dinsdag 1 december" in asked.text
    assert "afspraken af: 1" in asked.text
    assert office.appointment(today).status is AppointmentStatus.BOOKED
    done = await _press(coach, "Ja, ik ben ziek", asked)
    assert "Beterschap" in done.text
    assert office.appointment(today).status is AppointmentStatus.CANCELLED
    assert office.appointment(tomorrow).status is AppointmentStatus.BOOKED
    assert (await after(newcomer, "coach kan dan niet")).labels
    with office.rig.parts.sessions() as session:
        assert session.query(Leave).one().kind is LeaveKind.SICK


async def test_a_day_that_is_over_is_no_day_to_be_ill(office: Office, coach: Person) -> None:
    shown = _shown(office, act="ill", day=at(-1, 10).date().isoformat())
    assert shown
    assert "voorbij" in shown.html
    assert office.do(lambda session: session.query(Leave).count()) == 0


async def test_what_the_newcomer_said_and_did_not_hear_stands_in_the_agenda(
    office: Office, newcomer: Person, coach: Person
) -> None:
    appointment = office.book(at(0, 14))
    office.tell(appointment, "reminder/two_hours")
    await newcomer.presses("Ik kan", message=await after(newcomer, "afspraak is vandaag"))
    await after(newcomer, "Fijn. Tot dan")
    assert "Zegt: ik kan" in (await _agenda(coach)).text
    await newcomer.blocks()
    await office.settled(office.tell(appointment, "reminder/two_hours"))
    assert "komen niet aan" in (await _agenda(coach)).text


async def test_a_message_that_did_not_arrive_stands_in_the_agenda_until_the_newcomer_writes(
    office: Office, newcomer: Person, coach: Person, sandbox: Sandbox
) -> None:
    appointment = office.book(at(0, 14))
    await newcomer.replies(at_least=1, quiet=1)
    await sandbox.put_fault("sendMessage", 400, times=1, description="Bad Request: chat not found", chat_id=1000)
    await office.settled(office.tell(appointment, "reminder/two_hours"))
    assert "komen niet aan" in (await _agenda(coach)).text
    await newcomer.says("hallo")
    await newcomer.next_reply()
    assert "komen niet aan" not in (await _agenda(coach)).text


async def test_what_a_coach_is_told_opens_in_the_agenda(office: Office, newcomer: Person, coach: Person) -> None:
    office.book(at(1, 10), called_name="Amina")
    told = await after(coach, "nieuwe afspraak")
    await coach.presses("Open in de agenda", message=told)
    opened = await after(coach, "Reden")
    assert "Amina" in opened.text
    assert opened.labels == ["Verzetten", "Afzeggen", "Terug"]


async def test_a_full_day_of_a_whole_organisation_fits_in_a_message(office: Office, newcomer: Person) -> None:
    for minute in range(40):
        office.past(at(1, 9 + minute // 6, minute % 6 * 10), called_name="N" * 60)
    for days in ("tomorrow", "week"):
        shown = _shown(office, days=days, all=True)
        assert shown
        assert len(re.sub(r"<[^>]*>", "", shown.html)) <= MAX_MESSAGE
        assert "En nog" in shown.html
        assert len(shown.buttons) <= 100


async def test_the_rest_of_a_full_day_is_a_press_away(office: Office, newcomer: Person, coach: Person) -> None:
    for minute in range(14):
        office.past(at(0, 13 + minute // 6, minute % 6 * 10), called_name=f"N{minute}")
    first = await _agenda(coach)
    assert "13:00 N0" in first.text
    assert "En nog 2." in first.text
    rest = await _press(coach, "Later", first)
    assert [label for label in rest.labels if "N" in label] == ["15:00 N12", "15:10 N13"]
    assert "Later" not in rest.labels
    assert "13:00 N0" in (await _press(coach, "Vandaag", rest)).labels


def _code(session: Session, office: Office) -> str:
    made = make_coach(session, name=COACH_A)
    return issue_link_code(session, made, office.now())


async def test_the_menu_of_a_linked_coach_shows_the_agenda(office: Office, sandbox: Sandbox) -> None:
    person = sandbox.coach(2000)
    await person.says(f"/koppel {office.do(lambda session: _code(session, office))}")
    assert "/agenda" in (await person.next_reply()).text
    for _ in range(2):
        assert "agenda" in {one["command"] for one in await person.commands()}
    assert "agenda" not in {one["command"] for one in await sandbox.newcomer(1001).commands()}


async def test_coaches_who_were_linked_before_get_the_menu_at_the_start(
    office: Office, sandbox: Sandbox, coach: Person
) -> None:
    await office.coach(2001, COACH_B)
    office.do(lambda session: setattr(find_coach(session, COACH_B), "is_active", False))
    await set_coach_menus(office.rig.parts)
    shown = [{one["command"] for one in await sandbox.coach(user).commands()} for user in (2000, 2001)]
    assert ["agenda" in menu for menu in shown] == [True, False]


async def test_a_menu_that_telegram_refuses_does_not_keep_a_coach_from_linking(
    office: Office, sandbox: Sandbox
) -> None:
    await sandbox.put_fault("setMyCommands", 500, times=1)
    person = sandbox.coach(2000)
    await person.says(f"/koppel {office.do(lambda session: _code(session, office))}")
    assert "Welkom" in (await person.next_reply()).text


async def test_old_buttons_of_the_agenda_go_out_of_date(office: Office, coach: Person) -> None:
    shown = await _agenda(coach)
    office.do(lambda session: session.query(Button).update({"expires_at": office.now()}))
    await coach.presses("Morgen", message=shown)
    assert "werkt niet meer" in (await coach.next_answer())["text"]
