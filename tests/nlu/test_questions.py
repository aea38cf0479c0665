"""How well the model understands questions that it has never seen; the figures are printed with `pytest -s`.

The limits are those that the product must hold (docs/benchmarks.md has the figures of today).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from service.language import LANGUAGES, read_examples
from service.settings import ROOT
from service.text_files import read_texts, text_paths

QUESTIONS: Mapping[str, Mapping[str, Sequence[str]]] = {
    path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))
    for path in sorted(Path(__file__).with_name("questions").glob("*.yml"))
}
FIRST = {"nl": 0.88, "en": 0.88, "ar": 0.84, "tr": 0.84, "fa": 0.78, "uk": 0.78, "ti": 0.78}  # best label right
AMONG_THREE = {"nl": 0.96, "en": 0.96, "ar": 0.94, "tr": 0.94, "fa": 0.90, "uk": 0.90, "ti": 0.90}
PLAIN_INTENTS = ("welkomhuis_openingstijden", "welkomhuis_waar", "welkomhuis_cursussen", "bot_taal")
FALLBACK, OUT_OF_SCOPE = "nlu_fallback", "out_of_scope"


@dataclass(frozen=True)
class Outcome:
    """What the model made of a question: its labels, best first, and what the person gets."""

    expected: str
    labels: tuple[str, ...]
    confidence: float
    gets: str  # "answer", "offer" or "refusal"

    @property
    def is_right(self) -> bool:
        return self.labels[0] == self.expected


@pytest.fixture(scope="session")
def outcomes(rasa_url: str) -> dict[str, list[Outcome]]:
    with httpx.Client(base_url=rasa_url, timeout=30) as client:
        return {
            language: [
                read(client.post("/model/parse", json={"text": text}).json(), label)
                for label, texts in by_label.items()
                for text in texts
            ]
            for language, by_label in QUESTIONS.items()
        }


def read(parsed: dict[str, Any], expected: str) -> Outcome:
    selected = parsed["response_selector"]
    themes = selected["all_retrieval_intents"]
    ranking = [(r["confidence"], r["intent_response_key"]) for theme in themes for r in selected[theme]["ranking"]]
    ranking += [(i["confidence"], i["name"]) for i in parsed["intent_ranking"] if i["name"] not in (*themes, FALLBACK)]
    ranking.sort(reverse=True)
    gets = "answer"
    if parsed["intent"]["name"] in (FALLBACK, OUT_OF_SCOPE):
        gets = "offer" if parsed["topic_ranking"] else "refusal"
    return Outcome(expected, tuple(label for _, label in ranking), ranking[0][0], gets)


def ours(outcomes: Sequence[Outcome]) -> list[Outcome]:
    return [outcome for outcome in outcomes if outcome.expected != OUT_OF_SCOPE]


def strangers(outcomes: Sequence[Outcome]) -> list[Outcome]:
    return [outcome for outcome in outcomes if outcome.expected == OUT_OF_SCOPE]


def everyone(outcomes: Mapping[str, Sequence[Outcome]]) -> list[Outcome]:
    return [outcome for of_language in outcomes.values() for outcome in of_language]


def share(what: str, hits: Sequence[bool]) -> float:
    result = sum(hits) / len(hits)
    print(f"{what}: {result:.1%} of {len(hits)}")  # noqa: T201 -- the figures are what one wants to see
    return result


def fold(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def test_every_topic_is_asked_about_in_every_language() -> None:
    topics = {topic for path in text_paths(ROOT / "stories") for topic in read_texts(path).topics}
    labels = {topic.replace("/", "_", 1) if topic.replace("/", "_", 1) in PLAIN_INTENTS else topic for topic in topics}
    assert set(QUESTIONS) == set(LANGUAGES)
    for by_label in QUESTIONS.values():
        assert labels - set(by_label) == set()
        assert all(len(by_label[label]) >= 2 for label in labels)


def test_hardly_any_question_is_among_the_examples() -> None:
    """The same few words can be typed by two people; a sentence of ten words or more cannot."""
    examples = {fold(text) for texts in read_examples([ROOT / "nlu", ROOT / "stories"]).values() for text in texts}
    questions = [fold(text) for by_label in QUESTIONS.values() for texts in by_label.values() for text in texts]
    same = [question for question in questions if question in examples]
    assert len(same) <= 0.03 * len(questions)
    assert [question for question in same if len(question.split()) >= 10] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_best_label_is_mostly_right(outcomes: dict[str, list[Outcome]], language: str) -> None:
    hits = [outcome.is_right for outcome in ours(outcomes[language])]
    assert share(f"best label right, {language}", hits) >= FIRST[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_right_label_is_nearly_always_among_three(outcomes: dict[str, list[Outcome]], language: str) -> None:
    hits = [outcome.expected in outcome.labels[:3] for outcome in ours(outcomes[language])]
    assert share(f"among three, {language}", hits) >= AMONG_THREE[language]


def test_few_questions_get_a_wrong_answer(outcomes: dict[str, list[Outcome]]) -> None:
    misses = [outcome.gets == "answer" and not outcome.is_right for outcome in ours(everyone(outcomes))]
    assert share("answered wrongly", misses) <= 0.04


def test_questions_that_are_not_ours_are_refused(outcomes: dict[str, list[Outcome]]) -> None:
    assert share("not ours and refused", [o.gets == "refusal" for o in strangers(everyone(outcomes))]) >= 0.8


def test_hardly_any_question_of_ours_is_refused(outcomes: dict[str, list[Outcome]]) -> None:
    assert share("ours and refused", [o.gets == "refusal" for o in ours(everyone(outcomes))]) <= 0.05


def test_confidences_are_honest(outcomes: dict[str, list[Outcome]]) -> None:
    """The expected calibration error, in ten bins."""
    bins: dict[int, list[Outcome]] = {}
    for outcome in everyone(outcomes):
        bins.setdefault(min(int(outcome.confidence * 10), 9), []).append(outcome)
    gaps = [abs(sum(o.confidence - o.is_right for o in inside)) for inside in bins.values()]
    error = sum(gaps) / len(everyone(outcomes))
    print(f"expected calibration error: {error:.3f}")  # noqa: T201
    assert error <= 0.05


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_pasted_letter_number_or_name_does_not_derail_a_question(rasa_url: str, language: str) -> None:
    around = {
        "nl": "Geachte mevrouw Voorbeeld, uw kenmerk is 12345678. Wanneer is het Welkomhuis open? Met groet",
        "en": "Dear Ms Voorbeeld, your reference is 12345678. When is the Welkomhuis open? Kind regards",
        "ar": "السيدة المحترمة، الرقم 12345678. متى يفتح Welkomhuis؟ مع التحية",
        "tr": "Sayın bayan, dosya numaranız 12345678. Welkomhuis ne zaman açık? Saygılar",
        "fa": "خانم محترم، شماره شما 12345678 است. Welkomhuis چه وقت باز است؟ با احترام",
        "ti": "ክብርቲ ወይዘሮ፣ ቁጽርኹም 12345678 እዩ። Welkomhuis መዓስ ይኽፈት? ምስ ሰላምታ",
        "uk": "Шановна пані, ваш номер 12345678. Коли відкритий Welkomhuis? З повагою",
    }[language]
    parsed = httpx.post(f"{rasa_url}/model/parse", json={"text": around}, timeout=30).json()
    assert parsed["intent"]["name"] == "welkomhuis_openingstijden"
