"""Rasa's default pipeline on the same examples: DIET, ResponseSelector and FallbackClassifier, as in `rasa init`."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import yaml
from rasa.core.agent import Agent
from rasa.model_training import train_nlu

from tests.bench.measure import OUT_OF_SCOPE, Answer, answer_of


def learn_by_default(examples: Sequence[tuple[str, str]], epochs: int) -> Callable[[list[str]], list[Answer]]:
    """Train on pairs (text, label) and give a function that asks texts."""
    with tempfile.TemporaryDirectory() as folder:
        _write_project(Path(folder), examples, epochs)
        model = train_nlu(f"{folder}/config.yml", f"{folder}/nlu.yml", folder, domain=f"{folder}/domain.yml")
        agent = Agent.load(str(model))
    return lambda texts: asyncio.run(_ask(agent, texts))


async def _ask(agent: Agent, texts: list[str]) -> list[Answer]:
    return [_read(await agent.parse_message(text)) for text in texts]


def _read(parsed: dict[str, Any]) -> Answer:
    """Read a topic as its theme times the response that the selector picks inside it."""
    ranking: list[tuple[str, float]] = []
    for intent in parsed["intent_ranking"]:
        if intent["name"] == "nlu_fallback":
            continue
        responses = parsed["response_selector"].get(intent["name"], {}).get("ranking", [])
        topics = [(r["intent_response_key"], intent["confidence"] * r["confidence"]) for r in responses]
        ranking += topics or [(intent["name"], intent["confidence"])]
    is_refused = parsed["intent"]["name"] in ("nlu_fallback", OUT_OF_SCOPE)
    return answer_of(ranking, "refused" if is_refused else "answered")


def _write_project(folder: Path, examples: Sequence[tuple[str, str]], epochs: int) -> None:
    by_label: dict[str, list[str]] = {}
    for text, label in examples:
        by_label.setdefault(label, []).append(text)
    themes = sorted({label.split("/")[0] for label in by_label if "/" in label})
    intents = sorted({label.split("/")[0] for label in by_label})
    nlu = [
        {"intent": label, "examples": "".join(f"- {' '.join(text.split())}\n" for text in texts)}
        for label, texts in by_label.items()
    ]
    responses = {f"utter_{label}": [{"text": label}] for label in by_label if "/" in label}
    pipeline = [
        {"name": "WhitespaceTokenizer"},
        {"name": "RegexFeaturizer"},
        {"name": "LexicalSyntacticFeaturizer"},
        {"name": "CountVectorsFeaturizer"},
        {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
        {"name": "DIETClassifier", "epochs": epochs, "constrain_similarities": True},
        {"name": "EntitySynonymMapper"},
        *(
            {"name": "ResponseSelector", "epochs": epochs, "constrain_similarities": True, "retrieval_intent": theme}
            for theme in themes
        ),
        {"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1},
    ]
    for name, content in (
        ("nlu", {"version": "3.1", "nlu": nlu}),
        ("domain", {"version": "3.1", "intents": intents, "responses": responses}),
        ("config", {"recipe": "default.v1", "language": "nl", "pipeline": pipeline, "policies": None}),
    ):
        (folder / f"{name}.yml").write_text(yaml.safe_dump(content, allow_unicode=True, width=10**6), encoding="utf-8")
