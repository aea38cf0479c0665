from __future__ import annotations

import pytest

from actions.topics import AnswerTopic, DefaultFallback, NoneOfThese, OfferTopics, misses_in_a_row
from tests.actions.rig import FORM, Chat

LIKELY = [{"name": "wet/termijn", "confidence": 0.4}, {"name": "coach_afspraak", "confidence": 0.2}]


def test_a_pressed_topic_is_answered(chat: Chat) -> None:
    assert chat.ask(AnswerTopic(), '/topic{"topic": "wet/termijn"}').names == [["wet/termijn"]]


@pytest.mark.parametrize(
    ("topic", "name"),
    [
        ("welkomhuis/openingstijden", "opening/unknown"),
        ("welkomhuis/waar", "opening/where_unknown"),
        ("welkomhuis/cursussen", "courses/none"),
        ("bot/taal", "bot/taal"),
    ],
)
def test_a_pressed_topic_of_the_store_is_answered_from_the_store(chat: Chat, topic: str, name: str) -> None:
    assert chat.ask(AnswerTopic(), f'/topic{{"topic": "{topic}"}}').names[0][0] == name


@pytest.mark.parametrize("payload", ['/topic{"topic": "wet/gone"}', '/topic{"topic": "area/money"}', "/topic"])
def test_a_topic_that_is_not_there_is_said_so(chat: Chat, payload: str) -> None:
    assert chat.ask(AnswerTopic(), payload).name == "dialogue/topic_gone"


def test_likely_topics_become_buttons_in_the_persons_language(chat: Chat) -> None:
    chat.language = "en"
    heard = chat.ask(OfferTopics(), "time", topic_ranking=LIKELY)
    assert heard.name == "dialogue/did_you_mean"
    assert heard.buttons == [
        ("How long do I have to integrate?", '/topic{"topic": "wet/termijn"}'),
        ("Make an appointment with a coach", "/coach_afspraak"),
        ("No, something else", "/none_of_these"),
    ]


def test_at_most_three_topics_are_offered_and_only_real_ones(chat: Chat) -> None:
    names = ["greet", "wet/gone", "wet/boete", "welkomhuis_waar", "wet/termijn", "wet/wat_is"]
    heard = chat.ask(OfferTopics(), "hm", topic_ranking=[{"name": name} for name in names])
    assert heard.payloads == [
        '/topic{"topic": "wet/boete"}',
        '/topic{"topic": "welkomhuis/waar"}',
        '/topic{"topic": "wet/termijn"}',
        "/none_of_these",
    ]


def test_nothing_likely_is_asked_in_other_words(chat: Chat) -> None:
    heard = chat.ask(OfferTopics(), "qwerty")
    assert (heard.name, heard.buttons) == ("dialogue/other_words", [])


def test_a_second_miss_offers_a_person_and_a_number(chat: Chat) -> None:
    chat.ask(OfferTopics(), "qwerty")
    heard = chat.ask(OfferTopics(), "asdf")
    assert heard.name == "dialogue/second_miss"
    assert heard.payloads == ["/coach_mens"]
    assert "14 030" in heard.text


def test_a_second_miss_still_offers_what_is_likely(chat: Chat) -> None:
    chat.ask(OfferTopics(), "qwerty")
    heard = chat.ask(OfferTopics(), "time", topic_ranking=LIKELY)
    assert heard.payloads == ['/topic{"topic": "wet/termijn"}', "/coach_afspraak", "/coach_mens"]


def test_a_person_is_offered_once(chat: Chat) -> None:
    chat.ask(OfferTopics(), "qwerty")
    heard = chat.ask(OfferTopics(), "bellen", topic_ranking=[{"name": "coach_mens", "confidence": 0.4}, *LIKELY])
    assert heard.payloads == ['/topic{"topic": "wet/termijn"}', "/coach_afspraak", "/coach_mens"]


def test_none_of_these_asks_for_other_words_and_then_a_person(chat: Chat) -> None:
    chat.ask(OfferTopics(), "time", topic_ranking=LIKELY)
    assert chat.ask(NoneOfThese(), "/none_of_these").name == "dialogue/other_words"
    chat.ask(OfferTopics(), "time", topic_ranking=LIKELY)
    assert chat.ask(NoneOfThese(), "/none_of_these").name == "dialogue/second_miss"


def test_a_question_that_was_understood_ends_the_row_of_misses(chat: Chat) -> None:
    chat.ask(OfferTopics(), "qwerty")
    chat.send("hoi", "greet")
    chat.send("asdf")
    assert misses_in_a_row(chat.events) == 1


def test_what_the_form_took_is_no_question_that_was_missed(chat: Chat) -> None:
    chat.send("31 november")
    chat.events.append({"event": "slot", "name": "form_problem", "value": "booking/not_understood"})
    chat.send("mag mijn vrouw mee?")
    assert misses_in_a_row(chat.events) == 1


def test_one_likely_topic_is_asked_about_as_one(chat: Chat) -> None:
    heard = chat.ask(OfferTopics(), "time", topic_ranking=LIKELY[:1])
    assert heard.name == "dialogue/did_you_mean_this"


@pytest.mark.parametrize(("form", "next_action"), [(None, "action_listen"), (FORM, FORM)])
def test_the_fallback_ends_its_turn_and_goes_back_to_a_form(chat: Chat, form: str | None, next_action: str) -> None:
    chat.form = form
    heard = chat.ask(DefaultFallback(), "/unknown")
    assert heard.name == "dialogue/fallback"
    assert heard.events == [{"event": "followup", "timestamp": None, "name": next_action}]
