"""The trained model as Rasa serves it: what any text gets from /model/parse."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from service.settings import ROOT


@pytest.fixture(scope="session")
def parse(rasa_url: str) -> Any:
    client = httpx.Client(base_url=rasa_url, timeout=30)

    def ask(text: str) -> dict[str, Any]:
        answer = client.post("/model/parse", json={"text": text})
        answer.raise_for_status()
        return answer.json()

    yield ask
    client.close()


def test_a_topic_is_a_theme_with_its_response_selected(parse: Any) -> None:
    parsed = parse("Krijg ik een boete als ik te laat ben met inburgeren?")
    assert parsed["intent"]["name"] == "wet"
    assert parsed["intent"]["full_retrieval_intent_name"] == "wet/boete"
    selected = parsed["response_selector"]
    assert selected["all_retrieval_intents"] == sorted(folder.name for folder in (ROOT / "stories/faq").iterdir())
    assert selected["wet"]["response"]["intent_response_key"] == "wet/boete"
    assert selected["wet"]["response"]["utter_action"] == "utter_wet/boete"
    assert selected["wet"]["ranking"][0]["intent_response_key"] == "wet/boete"


def test_a_flow_is_a_plain_intent(parse: Any) -> None:
    assert parse("I want to book an appointment with a coach")["intent"]["name"] == "coach_afspraak"


def test_the_ranking_begins_with_the_intent(parse: Any) -> None:
    parsed = parse("is het welkomhuis vandaag open")
    assert parsed["intent"]["name"] == "welkomhuis_openingstijden"
    assert parsed["intent_ranking"][0]["name"] == "welkomhuis_openingstijden"


def test_a_vague_question_falls_back_and_offers_topics(parse: Any) -> None:
    parsed = parse("intake toets plan")
    assert parsed["intent"]["name"] == parsed["intent_ranking"][0]["name"] == "nlu_fallback"
    assert {"traject/pip", "traject/brede_intake"} <= {entry["name"] for entry in parsed["topic_ranking"]}


def test_a_question_that_is_not_ours_is_named_so_without_offers(parse: Any) -> None:
    parsed = parse("wie won gisteren de voetbalwedstrijd")
    assert parsed["intent"]["name"] == parsed["intent_ranking"][0]["name"] == "out_of_scope"
    assert parsed["topic_ranking"] == []


@pytest.mark.parametrize("text", ["", "   ", "😀", "👍👍👍", "?", "\u200f"])
def test_a_message_without_words_is_not_understood(parse: Any, text: str) -> None:
    parsed = parse(text)
    assert parsed["intent"]["name"] == "nlu_fallback"
    assert parsed["topic_ranking"] == []


@pytest.mark.parametrize("text", ["a" * 10_000, "Hoe lang heb ik? " * 600, "\n" * 10_000, "?!" * 5_000, "ሰላም " * 2_500])
def test_ten_thousand_characters_are_parsed(parse: Any, text: str) -> None:
    assert parse(text)["intent"]["name"]


def test_the_question_at_the_end_of_a_story_is_answered(parse: Any) -> None:
    story = "Ik woon sinds mei in Utrecht met mijn dochter. We vinden het hier fijn, alleen de trein is duur. "
    assert parse(story + "Wat is het adres van het Welkomhuis?")["intent"]["name"] == "welkomhuis_waar"


def test_a_button_keeps_the_intent_that_it_carries(parse: Any) -> None:
    parsed = parse('/topic{"topic": "wet/boete"}')
    assert parsed["intent"] == {"name": "topic", "confidence": 1.0}
    assert [(entity["entity"], entity["value"]) for entity in parsed["entities"]] == [("topic", "wet/boete")]
    assert "topic_ranking" not in parsed
