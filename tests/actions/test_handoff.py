from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from actions.handoff import OfferHelp, RequestPerson, last_topic
from actions.replies import Affirm
from actions.topics import OfferTopics
from service.handoffs import claim_hand_off
from store.messages import Notification
from store.models import HandOff
from tests.actions.rig import Chat
from tests.factories import NOW, make_coach

SELECTED = {"wet": {"response": {"intent_response_key": "wet/boete"}}}


def hand_offs(store: sessionmaker[Session]) -> list[HandOff]:
    with store.begin() as session:
        return list(session.scalars(select(HandOff)))


def called(store: sessionmaker[Session]) -> list[str]:
    with store.begin() as session:
        return list(session.scalars(select(Notification.name)))


def test_a_person_is_asked_for_and_the_coaches_hear_it(chat: Chat, store: sessionmaker[Session]) -> None:
    assert chat.ask(RequestPerson(), "ik wil een mens", "coach_mens").name == "handoff/requested"
    assert called(store) == ["handoff/called"]


def test_asking_again_says_that_it_waits_already(chat: Chat, store: sessionmaker[Session]) -> None:
    chat.ask(RequestPerson(), "mens", "coach_mens")
    chat.parts.clock.now = lambda: NOW.replace(hour=9)  # type: ignore[method-assign]
    assert chat.ask(RequestPerson(), "mens!", "coach_mens").name == "handoff/waiting"
    assert len(hand_offs(store)) == 1


def test_the_same_turn_tried_again_says_the_same(chat: Chat, store: sessionmaker[Session]) -> None:
    chat.send("mens", "coach_mens")
    chat.run(RequestPerson())
    chat.parts.clock.now = lambda: NOW.replace(hour=9)  # type: ignore[method-assign]
    assert chat.run(RequestPerson()).name == "handoff/requested"
    assert called(store) == ["handoff/called"]


def test_who_has_a_coach_hears_who_it_is(chat: Chat, store: sessionmaker[Session]) -> None:
    chat.ask(RequestPerson(), "mens", "coach_mens")
    with store.begin() as session:
        claim_hand_off(session, hand_offs(store)[0].id, make_coach(session, name="Voorbeeldcoach X"), NOW)
    heard = chat.ask(RequestPerson(), "mens", "coach_mens")
    assert (heard.name, "Voorbeeldcoach X" in heard.text) == ("handoff/claimed_already", True)


def test_the_coach_sees_the_last_topic(chat: Chat, store: sessionmaker[Session]) -> None:
    chat.send("boete", "wet", response_selector=SELECTED)
    chat.ask(RequestPerson(), "/coach_mens")
    assert hand_offs(store)[0].topic == "wet/boete"


def test_the_last_topic_is_found_in_words_buttons_and_plain_intents(chat: Chat) -> None:
    assert last_topic(chat.events) is None
    chat.send("boete", "wet", response_selector=SELECTED)
    assert last_topic(chat.events) == "wet/boete"
    chat.send('/topic{"topic": "wet/termijn"}')
    chat.send("hoi", "greet")
    assert last_topic(chat.events) == "wet/termijn"
    chat.send("open?", "welkomhuis_openingstijden")
    assert last_topic(chat.events) == "welkomhuis/openingstijden"


def test_yes_after_the_offer_of_a_person_asks_for_one(chat: Chat, store: sessionmaker[Session]) -> None:
    chat.ask(OfferTopics(), "qwerty")
    chat.ask(OfferTopics(), "asdf")
    assert chat.ask(Affirm(), "ja", "affirm").name == "handoff/requested"
    assert len(hand_offs(store)) == 1


def test_yes_to_nothing_asks_for_the_question(chat: Chat) -> None:
    assert chat.ask(Affirm(), "ja", "affirm").name == "dialogue/affirm"


def test_who_is_stuck_is_offered_a_person_and_nobody_is_called_yet(chat: Chat, store: sessionmaker[Session]) -> None:
    heard = chat.ask(OfferHelp(), "ik begrijp het niet", "help")
    assert heard.name == "dialogue/help"
    assert heard.buttons[0][1] == "/coach_mens"
    assert hand_offs(store) == []
    assert chat.ask(Affirm(), "ja", "affirm").name == "handoff/requested"
