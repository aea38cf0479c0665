"""The topic classifier: a component of Rasa that stands in the place of DIETClassifier and ResponseSelector.

On each message it sets

- `intent` and `intent_ranking`: themes ("wet") and plain intents ("coach_afspraak"). When it is not sure, the
  intent is `nlu_fallback`, which then heads the ranking too, before what it would have been. When it is sure that the
  question is not ours, the intent is `out_of_scope`;
- `response_selector`: per theme what Rasa's ResponseSelector gives (response, ranking), and `all_retrieval_intents`;
- `topic_ranking`: topics and flows worth a button, best first, at most five:
  `[{"name": "wet/termijn", "confidence": 0.41}, {"name": "coach_afspraak", "confidence": 0.2}]`.
  With `nlu_fallback`, an empty list means "not understood", any other "offer these". Rasa keeps it: it is read in an
  action as `tracker.latest_message["topic_ranking"]`, and `/model/parse` gives it.

Messages that start with "/" are left to Rasa's RegexMessageHandler, which runs after it.
"""

# ruff: noqa: ARG003 -- Rasa checks these signatures, unused arguments included

import hashlib
import json
import logging
from pathlib import Path
from typing import Any, Dict, List, Optional, Text

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME, INTENT_MESSAGE_PREFIX
from rasa.shared.nlu.constants import INTENT, INTENT_RESPONSE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.decision import Decision, Ranked, Thresholds, decide, rank, rank_intents, theme_of
from nlu.features import DIRECTIONS, PARTS, Features
from nlu.head import STRANGERS, LinearHead
from nlu.reading import has_words, read

logger = logging.getLogger(__name__)

RANKING_LENGTH = 10
_PLAIN_FILE = "topics.json"
_WEIGHTS_FILE = "topics.npz"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class TopicClassifier(GraphComponent, IntentClassifier):
    """Tells theme and topic of a message, and whether to believe it."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Give the settings that config.yml may override; see `Thresholds`, `nlu.features` and `nlu.head`."""
        return {
            "sure": 0.6,
            "offer": 0.15,
            "out_of_scope": "out_of_scope",
            "never_offered": ["greet", "thanks", "goodbye", "help", "affirm", "deny", "stop", "out_of_scope"],
            "parts": list(PARTS),
            "directions": DIRECTIONS,
            "strangers": STRANGERS,
        }

    @classmethod
    def fingerprint_addon(cls, config: Dict[str, Any]) -> Optional[str]:
        """Make Rasa train anew when the modules beside this one change, of which its cache knows nothing."""
        digest = hashlib.sha256()
        for module in sorted(Path(__file__).parent.glob("*.py")):
            digest.update(module.read_bytes())
        return digest.hexdigest()

    def __init__(self, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._parts = config["parts"]
        self._directions, self._strangers = config["directions"], config["strangers"]
        self._thresholds = Thresholds(
            sure=config["sure"],
            offer=config["offer"],
            out_of_scope=config["out_of_scope"],
            never_offered=config["never_offered"],
        )
        self._model_storage = model_storage
        self._resource = resource
        self._features: Optional[Features] = None
        self._head: Optional[LinearHead] = None
        self._responses: Dict[Text, List[Dict[Text, Any]]] = {}

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "TopicClassifier":
        """Make an untrained component."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from all examples that have an intent; of a theme's examples the label is the topic."""
        examples = [e for e in training_data.intent_examples if e.get(TEXT) and not _is_command(e.get(TEXT))]
        labels = [example.get(INTENT_RESPONSE_KEY) or example.get(INTENT) for example in examples]
        if len(set(labels)) < 2:
            logger.warning("The topic classifier learns nothing: it needs examples of two intents.")
            return self._resource
        texts = [example.get(TEXT) for example in examples]
        self._features = Features(self._parts, self._directions)
        self._head = LinearHead.fit(self._features.fit_transform(texts), labels, self._strangers)
        self._responses = training_data.responses
        self._persist()
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Set intent, rankings and response selector on each message that is no command."""
        asked = [message for message in messages if not _is_command(message.get(TEXT) or "")]
        if asked:
            rankings = self._rank([message.get(TEXT) or "" for message in asked])
            for message, ranking in zip(asked, rankings, strict=True):
                self._set_outcome(message, ranking)
        return messages

    def _rank(self, texts: List[Text]) -> List[List[Ranked]]:
        if self._features is None or self._head is None:
            return [[] for _ in texts]
        rows = self._head.confidences(np.stack([self._score(text) for text in texts]))
        rankings = [rank(dict(zip(self._head.labels, row, strict=True))) for row in rows]
        return [ranking if has_words(text) else [] for text, ranking in zip(texts, rankings, strict=True)]

    def _score(self, text: Text) -> np.ndarray:
        """Score *text* by the best of its readings; thanks or a greeting beside a question are not the question."""
        readings = self._head.scores(self._features.transform(read(text)))
        best, whole = readings.max(axis=0), readings[0]
        is_small_talk = np.isin(self._head.labels, self._thresholds.never_offered)
        return np.where(is_small_talk, whole, best)

    def _set_outcome(self, message: Message, ranking: List[Ranked]) -> None:
        decision = decide(ranking, self._thresholds)
        intents = _intent_ranking(ranking, decision)
        message.set(INTENT, dict(intents[0]), add_to_output=True)
        message.set("intent_ranking", intents, add_to_output=True)
        message.set("response_selector", self._select_responses(ranking), add_to_output=True)
        message.set("topic_ranking", decision.topic_ranking, add_to_output=True)

    def _select_responses(self, ranking: List[Ranked]) -> Dict[Text, Any]:
        topics: Dict[Text, List[Ranked]] = {}
        for entry in ranking:
            if "/" in entry["name"]:
                topics.setdefault(theme_of(entry["name"]), []).append(entry)
        selected = {theme: self._select_response(entries) for theme, entries in topics.items()}
        return {"all_retrieval_intents": sorted(topics), **selected}

    def _select_response(self, ranking: List[Ranked]) -> Dict[Text, Any]:
        best = ranking[0]
        utter_action = f"utter_{best['name']}"
        return {
            "response": {
                "responses": self._responses.get(utter_action) or [{"text": best["name"]}],
                "confidence": best["confidence"],
                "intent_response_key": best["name"],
                "utter_action": utter_action,
            },
            "ranking": [
                {"confidence": entry["confidence"], "intent_response_key": entry["name"]}
                for entry in ranking[:RANKING_LENGTH]
            ],
        }

    def _persist(self) -> None:
        features, vocabulary_weights = self._features.to_plain()
        head, head_weights = self._head.to_plain()
        with self._model_storage.write_to(self._resource) as folder:
            plain = {"features": features, "head": head, "responses": self._responses}
            (folder / _PLAIN_FILE).write_text(json.dumps(plain), encoding="utf-8")
            np.savez_compressed(folder / _WEIGHTS_FILE, **vocabulary_weights, **head_weights)

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "TopicClassifier":
        """Load what `train` kept: JSON and plain arrays, nothing that could run code."""
        component = cls(config, model_storage, resource)
        try:
            with model_storage.read_from(resource) as folder:
                plain = json.loads((folder / _PLAIN_FILE).read_text(encoding="utf-8"))
                with np.load(folder / _WEIGHTS_FILE, allow_pickle=False) as archive:
                    weights = dict(archive)
        except ValueError:  # Rasa's word for a resource that was never written
            logger.warning("The topic classifier has learned nothing yet.")
            return component
        component._features = Features.from_plain(plain["features"], weights)
        component._head = LinearHead.from_plain(plain["head"], weights)
        component._responses = plain["responses"]
        return component


def _is_command(text: Text) -> bool:
    return text.strip().startswith(INTENT_MESSAGE_PREFIX)


def _intent_ranking(ranking: List[Ranked], decision: Decision) -> List[Ranked]:
    intents = rank_intents(ranking)[:RANKING_LENGTH]
    if decision.label is not None:
        return intents
    return [{"name": DEFAULT_NLU_FALLBACK_INTENT_NAME, "confidence": decision.doubt}, *intents]
