"""How well the model understands questions that it has never seen; the figures are printed with `pytest -s`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

ROOT = Path(__file__).parents[2]
QUESTIONS = yaml.safe_load(Path(__file__).with_name("questions.yml").read_text(encoding="utf-8"))
LANGUAGES = ["nl", "en"]
SMALL_TALK = {"greet", "thanks", "goodbye", "help", "affirm", "deny", "stop"}


@dataclass(frozen=True)
class Outcome:
    expected: str
    best: str
    is_answered: bool
    offered: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        return self.best == self.expected


@pytest.fixture(scope="session")
def outcomes(rasa_url: str) -> dict[str, list[Outcome]]:
    with httpx.Client(base_url=rasa_url, timeout=30) as client:
        return {
            language: [
                read(client.post("/model/parse", json={"text": text}).json(), label)
                for label, by_language in QUESTIONS.items()
                for text in by_language.get(language, [])
            ]
            for language in LANGUAGES
        }


def read(parsed: dict[str, Any], expected: str) -> Outcome:
    is_answered = parsed["intent"]["name"] not in ("nlu_fallback", "out_of_scope")
    best = next(entry["name"] for entry in parsed["intent_ranking"] if entry["name"] != "nlu_fallback")
    if best in parsed["response_selector"]["all_retrieval_intents"]:
        best = parsed["response_selector"][best]["response"]["intent_response_key"]
    return Outcome(expected, best, is_answered, tuple(entry["name"] for entry in parsed["topic_ranking"][:3]))


def ours(outcomes: list[Outcome]) -> list[Outcome]:
    return [outcome for outcome in outcomes if outcome.expected != "out_of_scope"]


def strangers(outcomes: list[Outcome]) -> list[Outcome]:
    return [outcome for outcome in outcomes if outcome.expected == "out_of_scope"]


def share(what: str, hits: list[bool]) -> float:
    result = sum(hits) / len(hits)
    print(f"{what}: {result:.1%} of {len(hits)}")  # noqa: T201 -- the figures are what one wants to see
    return result


def test_no_question_is_among_the_examples() -> None:
    examples = set()
    for path in [*(ROOT / "nlu").glob("*.yml"), *(ROOT / "stories").rglob("*.yml")]:
        for block in yaml.safe_load(path.read_text(encoding="utf-8")).get("nlu", []):
            examples |= {fold(line.strip().removeprefix("- ")) for line in block["examples"].splitlines()}
    questions = {fold(q) for by_language in QUESTIONS.values() for texts in by_language.values() for q in texts}
    assert questions & examples == set()


def fold(text: str) -> str:
    return text.casefold().strip(" ?!.")


@pytest.mark.parametrize("language", LANGUAGES)
def test_nine_in_ten_questions_are_answered_rightly(outcomes: dict[str, list[Outcome]], language: str) -> None:
    hits = [outcome.is_answered and outcome.is_right for outcome in ours(outcomes[language])]
    assert share(f"answered rightly, {language}", hits) >= 0.9


@pytest.mark.parametrize("language", LANGUAGES)
def test_hardly_any_question_gets_a_wrong_answer(outcomes: dict[str, list[Outcome]], language: str) -> None:
    misses = [outcome.is_answered and not outcome.is_right for outcome in ours(outcomes[language])]
    assert share(f"answered wrongly, {language}", misses) <= 0.02


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_right_topic_is_answered_or_among_three_offered(outcomes: dict[str, list[Outcome]], language: str) -> None:
    asked = [outcome for outcome in ours(outcomes[language]) if outcome.expected not in SMALL_TALK]
    hits = [o.is_right if o.is_answered else o.expected in o.offered for o in asked]
    assert share(f"answered or offered rightly, {language}", hits) >= 0.96


@pytest.mark.parametrize("language", LANGUAGES)
def test_questions_that_are_not_ours_are_not_answered(outcomes: dict[str, list[Outcome]], language: str) -> None:
    hits = [not outcome.is_answered for outcome in strangers(outcomes[language])]
    assert share(f"not ours and not answered, {language}", hits) >= 0.95


@pytest.mark.parametrize("language", LANGUAGES)
def test_most_questions_that_are_not_ours_get_no_offers(outcomes: dict[str, list[Outcome]], language: str) -> None:
    hits = [not outcome.is_answered and not outcome.offered for outcome in strangers(outcomes[language])]
    assert share(f"not ours and plainly refused, {language}", hits) >= 0.7


def test_no_example_stands_under_two_labels() -> None:
    labels: dict[str, set[str]] = {}
    for path in [*(ROOT / "nlu").glob("*.yml"), *(ROOT / "stories").rglob("*.yml")]:
        for block in yaml.safe_load(path.read_text(encoding="utf-8")).get("nlu", []):
            for line in block["examples"].splitlines():
                labels.setdefault(line.strip().removeprefix("- ").casefold(), set()).add(block["intent"])
    assert {example: found for example, found in labels.items() if len(found) > 1} == {}
