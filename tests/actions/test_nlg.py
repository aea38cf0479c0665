from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from actions.nlg import answer, text_name
from actions.parts import Parts, use_parts
from service.language import LANGUAGES
from service.markup import markup_faults, placeholders
from service.newcomers import set_language
from service.settings import ROOT
from service.texts import TextMissing, Texts
from store.engine import close_sessions, make_sessions
from store.models import Newcomer
from tests.actions.rig import Chat

TEXTS = Texts(ROOT / "stories")


def body(response: str, language: str | None = "nl", **arguments: Any) -> dict[str, Any]:
    metadata = {"language": language} if language else {}
    tracker = {"sender_id": "nobody", "latest_message": {"metadata": metadata}}
    return {"response": response, "arguments": arguments, "tracker": tracker}


def faults(said: dict[str, Any]) -> list[str]:
    """Say what Telegram would refuse, or a person would wonder at."""
    found = list(markup_faults(said["text"]))
    found += [f"{{{name}}} is not filled" for name in placeholders(said["text"])]
    found += [] if 0 < len(said["text"]) <= 4096 else [f"{len(said['text'])} characters"]
    return found + [f"button: {b['title']!r}" for b in said["buttons"] if not 0 < len(b["title"]) <= 60]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_prompt_is_rendered_in_every_language(parts: Parts, language: str) -> None:
    broken = {}
    for name, texts in TEXTS.prompts().items():
        arguments = {key: "https://voorbeeld.nl" for text in texts.values() for key in placeholders(text)}
        said = answer(body(f"utter_{name}", language, pieces=[{"text": name, "arguments": arguments}]))
        broken |= {name: faults(said)} if faults(said) else {}
    assert broken == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_answer_is_rendered_in_every_language(parts: Parts, language: str) -> None:
    said = {topic: answer(body(f"utter_{topic}", language)) for topic in TEXTS.topics()}
    assert {topic: faults(words) for topic, words in said.items() if faults(words)} == {}


def test_a_response_of_a_rule_is_a_text_of_the_dialogue() -> None:
    assert (text_name("utter_greet"), text_name("utter_wet/termijn")) == ("dialogue/greet", "wet/termijn")


def test_a_text_that_is_missing_is_an_error_not_silence(parts: Parts) -> None:
    with pytest.raises(TextMissing):
        answer(body("utter_nothing/here"))


def test_without_the_bots_word_the_language_comes_from_the_store(chat: Chat, store: sessionmaker[Session]) -> None:
    with store.begin() as session:
        newcomer = session.query(Newcomer).one()
        set_language(session, newcomer, "en", chosen=True)
    asked = body("utter_greet", None)
    asked["tracker"]["sender_id"] = chat.ref
    assert answer(asked)["text"].startswith("Hello!")


def test_without_the_store_there_are_still_words(parts: Parts, tmp_path: Any) -> None:
    empty = make_sessions(f"sqlite:///{tmp_path}/empty.db")  # no table in it
    use_parts(replace(parts, sessions=empty))
    assert answer(body("utter_greet", None))["text"].startswith("Hallo!")
    close_sessions(empty)
