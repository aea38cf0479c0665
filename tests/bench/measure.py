"""Trains the topic classifier of `nlu/` outside a pipeline and asks it, for both benchmarks. Runs on Rasa's Python."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.metrics import roc_auc_score

from nlu.features import ENCODER, PARTS, SPELLING
from nlu.topic_classifier import TopicClassifier

OUT_OF_SCOPE = "out_of_scope"
VARIANTS = {"both parts": list(PARTS), "spelling only": [SPELLING], "encoder only": [ENCODER]}


class Answer(NamedTuple):
    """What the classifier made of a text."""

    label: str  # the best one, whether or not it is believed
    confidence: float  # of the best label other than out_of_scope
    first_three: tuple[str, ...]
    best: float  # confidence of the best label
    outcome: str  # "answered", "offered" or "refused"


def learn(examples: Iterable[tuple[str, str]], parts: Sequence[str] = PARTS, **settings: float) -> TopicClassifier:
    """Train on pairs (text, label) with settings of config.yml; give the component as it is loaded from disk."""
    config = {**TopicClassifier.get_default_config(), "parts": list(parts), **settings}
    messages = [Message.build(text, label) for text, label in examples]
    with tempfile.TemporaryDirectory() as folder:
        where = (config, LocalModelStorage(Path(folder)), Resource("topics"), ExecutionContext(GraphSchema({})))
        TopicClassifier.create(*where).train(TrainingData(messages))
        return TopicClassifier.load(*where)


def ask(classifier: TopicClassifier, texts: Sequence[str]) -> list[Answer]:
    """Ask all *texts*; the best label is given whether or not the classifier would believe it."""
    return [_read(message) for message in classifier.process([Message(data={"text": text}) for text in texts])]


def accuracy(answers: Sequence[Answer], labels: Sequence[str]) -> float:
    """Give the share of *answers* whose best label is right."""
    return float(np.mean([answer.label == label for answer, label in zip(answers, labels, strict=True)]))


def auroc(ours: Sequence[Answer], strangers: Sequence[Answer]) -> float:
    """Tell how well confidence separates questions of ours from others: 0.5 by chance, 1.0 wholly."""
    truth = [1] * len(ours) + [0] * len(strangers)
    return float(roc_auc_score(truth, [answer.confidence for answer in [*ours, *strangers]]))


def calibration_error(answers: Sequence[Answer], labels: Sequence[str], bins: int = 10) -> float:
    """Give the expected calibration error: how far confidence and share of right answers lie apart, on the average."""
    best = np.array([answer.best for answer in answers])
    right = np.array([answer.label == label for answer, label in zip(answers, labels, strict=True)])
    bin_of = np.minimum((best * bins).astype(int), bins - 1)
    parts = [(bin_of == place) for place in range(bins) if (bin_of == place).any()]
    return float(sum(part.mean() * abs(best[part].mean() - right[part].mean()) for part in parts))


def answer_of(ranking: Sequence[tuple[str, float]], outcome: str) -> Answer:
    """Make an answer of labels with their confidences, in any order; of none an empty one."""
    ordered = sorted(ranking, key=lambda entry: -entry[1])
    first_three = tuple(label for label, _ in ordered[:3])
    confidence = max((confidence for label, confidence in ordered if label != OUT_OF_SCOPE), default=0.0)
    label, best = ordered[0] if ordered else ("", 0.0)
    return Answer(label, confidence, first_three, best, outcome)


def _read(message: Message) -> Answer:
    selected = message.get("response_selector")
    topics = [entry for theme in selected["all_retrieval_intents"] for entry in selected[theme]["ranking"]]
    ranking = [(entry["intent_response_key"], entry["confidence"]) for entry in topics]
    ranking += [
        (entry["name"], entry["confidence"])
        for entry in message.get("intent_ranking")
        if entry["name"] not in {*selected["all_retrieval_intents"], "nlu_fallback"}
    ]
    return answer_of(ranking, _outcome(message))


def _outcome(message: Message) -> str:
    intent = message.get("intent")["name"]
    if intent not in ("nlu_fallback", OUT_OF_SCOPE):
        return "answered"
    return "offered" if message.get("topic_ranking") else "refused"
