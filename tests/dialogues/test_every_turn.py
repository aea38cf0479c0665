"""No turn ends in silence: every intent, outside the booking form and at every question of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from actions.draft import ASKED
from tests.actions.test_domain import intents
from tests.dialogues.stage import Person

SAID = {
    "wet": "Hoeveel tijd heb ik om in te burgeren?",
    "traject": "Wat is de brede intake?",
    "welkomhuis": "Wat is het Welkomhuis?",
    "taal": "Wat is B1?",
    "examen": "Hoe meld ik me aan voor het examen?",
    "geld": "Hoe vraag ik zorgtoeslag aan?",
    "werk": "Hoe schrijf ik een cv?",
    "onderwijs": "Hoe vraag ik studiefinanciering aan?",
    "gezondheid": "Hoe vind ik een huisarts?",
    "kinderen": "Hoe vraag ik kinderbijslag aan?",
    "netwerk": "Hoe leer ik mensen kennen?",
    "wonen": "Hoe vind ik een huurhuis?",
    "verblijf": "Hoe word ik Nederlander?",
    "veilig": "Wat doe ik bij discriminatie?",
    "coach": "Wat doet een inburgeringscoach?",
    "bot": "Wie ben jij?",
    "welkomhuis_openingstijden": "Wanneer is het Welkomhuis open?",
    "welkomhuis_waar": "Waar is het Welkomhuis?",
    "welkomhuis_cursussen": "Welke cursussen zijn er?",
    "bot_taal": "/bot_taal",
    "coach_afspraak": "/coach_afspraak",
    "appointment_show": "mijn afspraken",
    "appointment_cancel": "/appointment_cancel",
    "appointment_move": "/appointment_move",
    "appointment_sooner": "/appointment_sooner",
    "coach_mens": "ik wil met een mens praten",
    "stop": "stop",
    "greet": "hallo",
    "thanks": "dank je wel",
    "goodbye": "tot ziens",
    "help": "ik begrijp het niet",
    "affirm": "ja",
    "deny": "nee",
    "out_of_scope": "/out_of_scope",
    "nlu_fallback": "intake toets plan",
    "topic": '/topic{"topic": "wet/boete"}',
    "none_of_these": "/none_of_these",
    "inform": '/inform{"area": "money"}',
    "choose_language": '/choose_language{"language": "en"}',
    "cancel_appointment": '/cancel_appointment{"appointment": "1"}',
    "wait_for_sooner": '/wait_for_sooner{"appointment": "1"}',
}
FULL = {
    "area": "money",
    "talk_language": "ar",
    "with_coach": "any",
    "interpreter": "yes",
    "mode": "place",
    "time": "2026-11-26T09:00:00+00:00|1",
    "called_name": "Amina",
    "telephone": "none",
    "reason": "none",
}
MOST_MESSAGES = 4


def test_every_intent_is_said_here() -> None:
    assert set(SAID) == intents()


@pytest.mark.parametrize("intent", SAID)
def test_every_intent_is_answered_outside_the_form(person: Person, intent: str) -> None:
    answer = person.say(SAID[intent])
    assert answer.intent == intent
    assert 1 <= len(answer.texts) <= MOST_MESSAGES
    assert "dialogue/sorry" not in answer.flat


@pytest.mark.parametrize("slot", ASKED)
@pytest.mark.parametrize("intent", SAID)
def test_every_intent_is_answered_inside_the_form_which_stays_until_it_is_done(
    person: Person, intent: str, slot: str
) -> None:
    before = ASKED[: ASKED.index(slot)]
    person.set_state(slot, **{name: FULL[name] for name in before})
    answer = person.say(SAID[intent])
    assert 1 <= len(answer.texts) <= MOST_MESSAGES
    assert "dialogue/sorry" not in answer.flat
    has_ended = intent in ("stop", "appointment_cancel") or "booking/booked" in answer.flat
    assert bool(person.tracker()["active_loop"]) is not has_ended
    assert has_ended or answer.names[-1][-1].startswith("booking/")


@pytest.mark.parametrize("message", ["/unknown_intent", "/unknown{", "/", "...", "👍", "x" * 3000, "/restart now"])
def test_odd_messages_are_answered_too(new_person: Callable[[str], Person], message: str) -> None:
    assert new_person("en").say(message).texts


def test_an_unknown_intent_in_the_form_goes_back_to_the_question(person: Person) -> None:
    person.set_state("area")
    answer = person.say("/unknown_intent")
    assert len(answer.texts) <= MOST_MESSAGES
    assert answer.names[-1][-1] == "booking/ask_area"
