"""The real python-telegram-bot against the sandbox: what people write, and what they get."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from bot.menu import set_menus
from bot.sandbox.client import Person, Sandbox
from service import inbox
from service.appointments import book_appointment, cancel_appointment
from service.availability import free_days, free_times
from service.language import LANGUAGES
from service.newcomers import find_newcomer
from service.waiting_list import join_line
from store.messages import Button, ChatLease, InboxUpdate, Notification, Reply
from store.models import Appointment, AppointmentStatus, Newcomer
from tests.bot.rig import Rig, StubRasa, StubTrackers, open_rig
from tests.factories import make_coach, make_request, make_week
from tests.sandbox.serving import Running

CHOICE = {"text": "Waar gaat het over?", "buttons": [{"title": "Geld", "payload": '/inform{"area": "money"}'}]}


def _answers(rasa: StubRasa, **by_text: list[dict[str, Any]]) -> None:
    rasa.answer = lambda message: by_text.get(message["message"], [{"text": f"antwoord op {message['message']}"}])


async def test_first_message_is_introduced_and_then_answered(rig: Rig, sandbox: Sandbox) -> None:
    await rig.start()
    newcomer = sandbox.newcomer(1000)
    await newcomer.says("Hoe lang heb ik om in te burgeren?")
    introduction, answer = await newcomer.replies(at_least=2)
    assert "geen mens" in introduction.text
    assert introduction.labels == list(LANGUAGES.values())
    assert answer.text == "antwoord op Hoe lang heb ik om in te burgeren?"


async def test_the_second_message_is_not_introduced_again(newcomer: Person) -> None:
    await newcomer.says("Wat is DUO?")
    assert [reply.text for reply in await newcomer.replies()] == ["antwoord op Wat is DUO?"]


async def test_start_introduces_once_in_the_language_of_the_app(rig: Rig, sandbox: Sandbox) -> None:
    await rig.start()
    newcomer = sandbox.newcomer(1000, language_code="en")
    await newcomer.says("/start")
    (introduction,) = await newcomer.replies()
    assert "not a person" in introduction.text
    assert not rig.rasa.asked


async def test_rasa_gets_the_hash_the_language_and_the_update(rig: Rig, newcomer: Person) -> None:
    await newcomer.says("Wat is DUO?")
    await newcomer.next_reply()
    (asked,) = rig.rasa.asked
    assert asked["sender"] == rig.parts.ref(1000)
    assert asked["metadata"]["language"] == "nl"
    assert isinstance(asked["metadata"]["update_id"], int)


async def test_texts_of_a_turn_are_one_message_until_one_has_buttons(rig: Rig, newcomer: Person) -> None:
    rig.rasa.answer = lambda _: [{"text": "een"}, {"text": "twee"}, CHOICE, {"text": "<b>drie</b>"}]
    await newcomer.says("iets")
    first, second = await newcomer.replies(at_least=2)
    assert first.text == "een\n\ntwee\n\nWaar gaat het over?"
    assert first.labels == ["Geld"]
    assert second.html == "<b>drie</b>"


async def test_who_left_a_booking_long_ago_hears_that_it_is_forgotten(rig: Rig, newcomer: Person) -> None:
    rig.rasa.answer = lambda _: [{"text": "antwoord"}]
    assert isinstance(rig.parts.trackers, StubTrackers)
    rig.parts.trackers.left = "appointment_form"
    await newcomer.says("iets")
    forgotten = rig.parts.words.html("booking/forgotten", "nl").strip()
    assert (await newcomer.next_reply()).text == f"{forgotten}\n\nantwoord"


async def test_a_text_that_telegram_cannot_read_comes_as_plain_text(rig: Rig, newcomer: Person) -> None:
    rig.rasa.answer = lambda _: [{"text": "<b>fout &amp; <i>scheef</b></i>"}]
    await newcomer.says("iets")
    assert (await newcomer.next_reply()).text == "fout & scheef"


async def test_a_long_answer_comes_in_parts(rig: Rig, newcomer: Person) -> None:
    paragraphs = "\n\n".join(f"alinea {n} " + "woord " * 150 for n in range(8))
    rig.rasa.answer = lambda _: [{"text": paragraphs, "buttons": CHOICE["buttons"]}]
    await newcomer.says("iets")
    parts = await newcomer.replies(at_least=2)
    assert all(len(part.text) <= 4096 for part in parts)
    assert " ".join(" ".join(part.text for part in parts).split()) == " ".join(paragraphs.split())
    assert [part.labels for part in parts] == [[]] * (len(parts) - 1) + [["Geld"]]


@pytest.mark.parametrize(
    "typed",
    [
        '/book_appointment{"slot":"x"}',
        "/restart",
        "//restart",
        "\u00a0/restart",
        "\u200b/restart",
        " \u2060\t\ufeff/session_start",
        "/session_start",
        "/coach_mens",
        '/topic{"topic": "wet/termijn"}',
    ],
)
async def test_typed_orders_never_reach_rasa_and_get_help(rig: Rig, newcomer: Person, typed: str) -> None:
    await newcomer.says(typed)
    assert "Stel je vraag in gewone woorden" in (await newcomer.next_reply()).text
    assert not rig.rasa.asked


async def test_the_command_for_an_appointment_asks_rasa_for_one(rig: Rig, newcomer: Person) -> None:
    await newcomer.says("/afspraak")
    await newcomer.next_reply()
    assert rig.rasa.texts == ["/coach_afspraak"]


@pytest.mark.parametrize("kind", ["photo", "voice", "sticker"])
async def test_what_is_no_text_is_answered_with_a_way_to_a_person(newcomer: Person, kind: str) -> None:
    await newcomer.sends(kind)
    reply = await newcomer.next_reply()
    assert "alleen tekst" in reply.text
    assert reply.labels == ["Met een mens praten"]


async def test_the_words_under_a_photo_are_answered(newcomer: Person) -> None:
    await newcomer.sends("photo", caption="Wat betekent deze brief?")
    reply = await newcomer.next_reply()
    assert reply.text.startswith("De foto of het bestand kan ik niet zien.")
    assert reply.text.endswith("antwoord op Wat betekent deze brief?")


@pytest.mark.parametrize("typed", ["👍", "?!", "🙏🏽 🇳🇱"])
async def test_signs_without_words_are_answered_kindly(rig: Rig, newcomer: Person, typed: str) -> None:
    await newcomer.says(typed)
    assert "alleen woorden" in (await newcomer.next_reply()).text
    assert not rig.rasa.asked


async def test_a_very_long_text_is_asked_to_be_shorter(rig: Rig, newcomer: Person) -> None:
    await newcomer.says("mijn verhaal " * 800)
    reply = await newcomer.next_reply()
    assert "één korte vraag" in reply.text
    assert reply.labels == ["Met een mens praten"]
    assert not rig.rasa.asked


async def test_an_edited_message_is_not_read_and_that_is_said(rig: Rig, newcomer: Person) -> None:
    message = await newcomer.says("Wat is DOU?")
    await newcomer.next_reply()
    await newcomer.edits(message, "Wat is DUO?")
    assert "nieuw bericht" in (await newcomer.next_reply()).text
    assert rig.rasa.texts == ["Wat is DOU?"]


async def test_a_bsn_is_blanked_before_it_is_stored_and_that_is_said(rig: Rig, newcomer: Person) -> None:
    await newcomer.says("mijn bsn is 111222333, wat nu?")
    reply = await newcomer.next_reply()
    assert reply.text.startswith("Ik heb een persoonlijk nummer")
    assert rig.rasa.texts == ["mijn bsn is ***, wat nu?"]


async def test_more_than_twenty_messages_a_minute_get_one_kind_line(rig: Rig, newcomer: Person) -> None:
    with rig.parts.sessions.begin() as session:
        now = rig.parts.clock.now()
        for number in range(19):  # with /start: twenty
            inbox.receive(session, -number, 1000, {}, now)
            inbox.finish(session, -number, now)
    await newcomer.says("vraag 1")
    assert "veel berichten" in (await newcomer.next_reply()).text
    await newcomer.says("vraag 2")
    await newcomer.says("vraag 3")
    assert await newcomer.replies(at_least=0, quiet=1) == []
    assert not rig.rasa.asked


async def test_messages_are_answered_in_order_and_once(rig: Rig, newcomer: Person) -> None:
    for number in range(5):
        await newcomer.says(f"vraag {number}")
    replies = await newcomer.replies(at_least=5, quiet=1)
    assert [reply.text for reply in replies] == [f"antwoord op vraag {number}" for number in range(5)]


# Buttons


async def test_a_pressed_button_sends_what_it_stands_for_and_shows_the_choice(rig: Rig, newcomer: Person) -> None:
    _answers(rig.rasa, afspraak=[CHOICE])
    await newcomer.says("afspraak")
    shown = await newcomer.next_reply()
    assert len(shown.buttons[0].callback_data.encode()) <= 64
    await newcomer.presses("Geld")
    await newcomer.next_answer()
    edited = await newcomer.next_edit()
    assert edited.text == "Waar gaat het over?\n\nJe koos: Geld"
    assert edited.labels == []
    assert (await newcomer.next_reply()).text == 'antwoord op /inform{"area": "money"}'
    assert rig.rasa.texts == ["afspraak", '/inform{"area": "money"}']


async def test_a_used_button_does_nothing_and_says_so(rig: Rig, newcomer: Person) -> None:
    _answers(rig.rasa, afspraak=[CHOICE])
    await newcomer.says("afspraak")
    shown = await newcomer.next_reply()
    data = shown.buttons[0].callback_data
    await newcomer.forges(data, message_id=shown.message_id)
    await newcomer.next_answer()
    await newcomer.next_reply()
    await newcomer.forges(data, message_id=shown.message_id)
    answer = await newcomer.next_answer()
    assert answer["show_alert"]
    assert "werkt niet meer" in answer["text"]
    assert rig.rasa.texts == ["afspraak", '/inform{"area": "money"}']


async def test_a_button_of_another_chat_or_a_forged_one_does_nothing(
    rig: Rig, sandbox: Sandbox, newcomer: Person
) -> None:
    _answers(rig.rasa, afspraak=[CHOICE])
    await newcomer.says("afspraak")
    shown = await newcomer.next_reply()
    other = sandbox.newcomer(1001)
    await other.says("/start")
    own = await other.next_reply()
    for data in (shown.buttons[0].callback_data, "forged", '/inform{"area": "money"}'):
        await other.forges(data, message_id=own.message_id)
        assert "werkt niet meer" in (await other.next_answer())["text"]
    assert rig.rasa.texts == ["afspraak"]


async def test_the_next_keyboard_takes_the_older_one_away(rig: Rig, newcomer: Person) -> None:
    _answers(rig.rasa, afspraak=[CHOICE], nogmaals=[CHOICE])
    await newcomer.says("afspraak")
    first = await newcomer.next_reply()
    await newcomer.says("nogmaals")
    await newcomer.next_reply()
    edited = await newcomer.next_edit()
    assert (edited.message_id, edited.labels) == (first.message_id, [])


async def test_a_topic_button_stays_and_the_answer_names_the_choice(rig: Rig, newcomer: Person) -> None:
    topic = [{"title": "Kan het langer?", "payload": '/topic{"topic": "wet/verlenging"}'}]
    _answers(rig.rasa, termijn=[{"text": "3 jaar", "buttons": topic}])
    await newcomer.says("termijn")
    await newcomer.next_reply()
    for _ in range(2):
        await newcomer.presses("Kan het langer?")
        assert (await newcomer.next_reply()).text.startswith("Je koos: Kan het langer?\n\nantwoord op /topic")


# Commands


async def test_a_language_button_changes_the_language_and_introduces_in_it(rig: Rig, newcomer: Person) -> None:
    await newcomer.presses("English")
    reply = await newcomer.next_reply()
    assert "not a person" in reply.text
    await newcomer.says("DUO?")
    await newcomer.next_reply()
    assert rig.rasa.asked[-1]["metadata"]["language"] == "en"


@pytest.mark.parametrize("typed", ["/taal en", "/taal English", "/taal@wegwijsbot en"])
async def test_the_language_can_be_named_with_the_command(newcomer: Person, typed: str) -> None:
    await newcomer.says(typed)
    assert "We now use English" in (await newcomer.next_reply()).text


async def test_the_command_for_languages_offers_all(newcomer: Person) -> None:
    await newcomer.says("/taal")
    assert (await newcomer.next_reply()).labels == list(LANGUAGES.values())


async def test_a_language_button_of_rasa_is_handled_by_the_bot(rig: Rig, newcomer: Person) -> None:
    _answers(
        rig.rasa,
        taal=[{"text": "?", "buttons": [{"title": "English", "payload": '/choose_language{"language": "en"}'}]}],
    )
    await newcomer.says("taal")
    await newcomer.next_reply()
    await newcomer.presses("English")
    assert "We now use English" in (await newcomer.next_reply()).text
    assert rig.rasa.texts == ["taal"]


async def test_a_person_can_be_asked_for_while_rasa_is_down(rig: Rig, sandbox: Sandbox, newcomer: Person) -> None:
    rig.rasa.is_up = False
    await newcomer.says("/mens")
    assert "de coaches gevraagd" in (await newcomer.next_reply()).text
    await newcomer.says("/mens")
    assert "al bij de coaches" in (await newcomer.next_reply()).text
    with rig.parts.sessions() as session:
        assert session.query(Notification).count() == 1


async def test_what_is_kept_is_shown_and_can_stay(rig: Rig, newcomer: Person) -> None:
    await newcomer.says("/gegevens")
    shown = await newcomer.next_reply()
    assert "Dit bewaar ik van je" in shown.text
    assert "Nederlands" in shown.text
    await newcomer.presses("Alles wissen")
    asked = await newcomer.next_reply()
    assert "Weet je het zeker?" in asked.text
    await newcomer.presses("Nee, niet wissen")
    assert "Ik wis niets" in (await newcomer.next_reply()).text
    with rig.parts.sessions() as session:
        assert session.query(Newcomer).count() == 1


async def test_all_that_an_appointment_holds_is_shown_also_of_a_cancelled_one(rig: Rig, newcomer: Person) -> None:
    appointment = _book(rig, 1000, called_name="Sara & Ali", telephone="0612345678")
    await newcomer.says("/gegevens")
    shown = (await newcomer.next_reply()).text
    with rig.parts.sessions.begin() as session:
        owner = find_newcomer(session, rig.parts.ref(1000))
        assert owner
        cancel_appointment(session, owner, appointment, rig.parts.clock.now())
    await newcomer.says("/gegevens")
    shown_later = (await newcomer.next_reply()).text
    assert [text for text in (shown, shown_later) if "Sara & Ali" not in text or "0612345678" not in text] == []
    assert ("Afgezegd" in shown, "Afgezegd" in shown_later) == (False, True)


async def test_what_became_of_appointments_is_shown(rig: Rig, newcomer: Person) -> None:
    appointment = _book(rig, 1000, reason="Een brief over de huur")
    shown = {}
    for status in AppointmentStatus:
        with rig.parts.sessions.begin() as session:
            found = session.get_one(Appointment, appointment)
            found.status, found.sequence = status, 1
            if status is AppointmentStatus.BOOKED:
                join_line(session, found.newcomer, found.id, rig.parts.clock.now())
            found.newcomer.coach_id = found.coach_id if status is AppointmentStatus.ATTENDED else None
        await newcomer.says("/gegevens")
        shown[status] = (await newcomer.next_reply(containing="bewaar ik")).text
    assert all("Reden: Een brief over de huur" in text for text in shown.values())
    assert [status for status in shown if "Deze afspraak is verzet" in shown[status]] == [AppointmentStatus.BOOKED]
    assert "Je bent nummer 1" in shown[AppointmentStatus.BOOKED]
    assert "• Geweest:" in shown[AppointmentStatus.ATTENDED]
    assert "gesprek: Voorbeeldcoach A" in shown[AppointmentStatus.ATTENDED]
    assert "• Niet geweest:" in shown[AppointmentStatus.NO_SHOW]
    assert "gesprek: nog niemand" in shown[AppointmentStatus.NO_SHOW]


async def test_all_is_erased_after_asking_once_more(rig: Rig, newcomer: Person) -> None:
    await newcomer.says("Wat is DUO?")
    await newcomer.says("/gegevens")
    await newcomer.presses("Alles wissen", message=(await newcomer.replies(at_least=2))[-1])
    await newcomer.next_reply()
    await newcomer.presses("Ja, wis alles")
    assert "Alles is gewist" in (await newcomer.next_reply()).text
    await rig.stop()
    with rig.parts.sessions() as session:
        for table in (Newcomer, InboxUpdate, Reply, Button, ChatLease):
            assert session.query(table).count() == 0, table


async def test_who_was_erased_is_met_anew(newcomer: Person) -> None:
    await newcomer.says("/gegevens")
    await newcomer.next_reply()
    await newcomer.presses("Alles wissen")
    await newcomer.next_reply()
    await newcomer.presses("Ja, wis alles")
    await newcomer.next_reply()
    await newcomer.says("hallo")
    introduction, _ = await newcomer.replies(at_least=2)
    assert "geen mens" in introduction.text


async def test_stop_ends_the_conversation_in_rasa(rig: Rig, newcomer: Person) -> None:
    await newcomer.says("/stop")
    assert "ik stop" in (await newcomer.next_reply()).text
    assert [event["event"] for event in rig.rasa.events[rig.parts.ref(1000)]] == ["action", "session_started", "action"]
    with rig.parts.sessions() as session:
        found = find_newcomer(session, rig.parts.ref(1000))
        assert found
        assert found.stopped_at is not None


async def test_stop_works_while_rasa_is_down(rig: Rig, newcomer: Person) -> None:
    rig.rasa.is_up = False
    await newcomer.says("/stop")
    assert "ik stop" in (await newcomer.next_reply()).text


async def test_stop_names_standing_appointments_with_a_button_to_cancel(rig: Rig, newcomer: Person, now: Any) -> None:
    appointment = _book(rig, 1000)
    await newcomer.says("/stop")
    reply = await newcomer.next_reply()
    assert "deze afspraken staan nog" in reply.text
    assert len(reply.labels) == 1
    assert reply.labels[0].startswith("Afzeggen: ")
    await newcomer.presses("Afzeggen")
    await newcomer.next_reply()
    assert rig.rasa.texts == [f'/cancel_appointment{{"appointment": {appointment}}}']


def _book(rig: Rig, chat_id: int, **values: Any) -> int:
    with rig.parts.sessions.begin() as session:
        newcomer = find_newcomer(session, rig.parts.ref(chat_id))
        assert newcomer
        coach = make_coach(session, name="Voorbeeldcoach A (gemeente)")
        make_week(session, coach)
        now = rig.parts.clock.now()
        day = free_days(session, now)[-1]
        time = free_times(session, day, now)[0]
        booked = book_appointment(session, newcomer, make_request(coach, time.starts_at, **values), now)
        assert isinstance(booked, Appointment)
        return booked.id


async def test_the_menu_is_shown_in_the_language_of_the_app(rig: Rig, sandbox: Sandbox) -> None:
    await set_menus(rig.bot, rig.parts.words)
    shown = {"fr": "nl", **{language: language for language in LANGUAGES}}
    for chat_id, (app, language) in enumerate(shown.items(), 1000):
        menu = await sandbox.newcomer(chat_id, language_code=app).commands()
        assert {one["command"] for one in menu} == {"start", "help", "taal", "afspraak", "mens", "gegevens", "stop"}
        stop = rig.parts.words.label("chat/menu_stop", language)
        assert {"command": "stop", "description": stop} in menu, app


# Groups and membership


async def test_talk_in_a_group_is_left_alone_and_not_kept(rig: Rig, sandbox: Sandbox) -> None:
    await rig.start()
    coach = sandbox.coach(2000).in_group()
    await coach.says("heeft iemand de sleutel?")
    await coach.says("/afspraak")
    await coach.says("/help")
    (reply,) = await coach.replies()
    assert "groep van de coaches" in reply.text
    assert not rig.rasa.asked


async def test_a_block_and_its_end_are_noted(rig: Rig, sandbox: Sandbox, newcomer: Person) -> None:
    await newcomer.blocks()
    await _eventually(rig, blocked=True)
    await newcomer.unblocks()
    await _eventually(rig, blocked=False)


async def _eventually(rig: Rig, *, blocked: bool) -> None:
    for _ in range(100):
        with rig.parts.sessions() as session:
            found = session.query(Newcomer).one()
            if (found.blocked_at is not None) is blocked:
                return
        await asyncio.sleep(0.05)
    pytest.fail(f"not noted: blocked={blocked}")


async def test_a_button_of_yesterday_does_nothing(  # noqa: PLR0917 - fixtures
    rig: Rig,
    sandbox: Sandbox,
    newcomer: Person,
    running: Running,
    sqlite_sessions: sessionmaker[Session],
    tmp_path: Path,
) -> None:
    _answers(rig.rasa, afspraak=[CHOICE])
    await newcomer.says("afspraak")
    shown = await newcomer.next_reply()
    await rig.stop()
    async with open_rig(running.url, sqlite_sessions, ahead=timedelta(hours=25)) as tomorrow:
        await tomorrow.start()
        await newcomer.forges(shown.buttons[0].callback_data, message_id=shown.message_id)
        assert "werkt niet meer" in (await newcomer.next_answer())["text"]
        assert not tomorrow.rasa.asked


async def test_the_answer_comes_in_the_language_of_the_question(rig: Rig, sandbox: Sandbox) -> None:
    await rig.start()
    newcomer = sandbox.newcomer(1000, language_code="nl")
    await newcomer.says("How much time do I have to integrate?")
    introduction, _ = await newcomer.replies(at_least=2)
    assert "not a person" in introduction.text
    assert rig.rasa.asked[0]["metadata"]["language"] == "en"


async def test_one_short_word_does_not_change_the_language(rig: Rig, newcomer: Person) -> None:
    await newcomer.says("thanks")
    await newcomer.next_reply()
    assert rig.rasa.asked[0]["metadata"]["language"] == "nl"
