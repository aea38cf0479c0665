"""What follows from the confidences: sure of a topic, likely topics to offer, or not understood."""

from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Sequence

Ranked = Dict[str, Any]  # {"name": str, "confidence": float}
LONGEST_OFFER = 5


@dataclass(frozen=True)
class Thresholds:
    """Confidences between 0 and 1, and what is no topic.

    Attributes:
        sure: From here on the best label is taken.
        offer: A topic from here on is worth a button when the best label is not sure; its confidence counts less the
            likelier it is that the question is not ours.
        out_of_scope: The label of questions that are not ours.
        never_offered: Labels that make no sense on a button.
    """

    sure: float
    offer: float
    out_of_scope: str
    never_offered: Sequence[str]


@dataclass(frozen=True)
class Decision:
    """A label, or None when the message must fall back.

    Attributes:
        label: The label, or None.
        topic_ranking: The topics to offer when there is no label, best first.
        doubt: How sure it is that no label of ours fits, between 0 and 1.
    """

    label: "str | None"
    topic_ranking: List[Ranked]
    doubt: float


def decide(ranking: Sequence[Ranked], thresholds: Thresholds) -> Decision:
    """Decide on *ranking*, the labels with their confidences, best first.

    Returns:
        A label: sure of it, also that it is out of scope. No label and a topic ranking: offer these. No label and an
        empty one: not understood.
    """
    strange = next((entry["confidence"] for entry in ranking if entry["name"] == thresholds.out_of_scope), 0.0)
    offers = [
        entry
        for entry in ranking
        if entry["name"] not in thresholds.never_offered and _worth(entry["confidence"], strange) >= thresholds.offer
    ][:LONGEST_OFFER]
    ours = [entry["confidence"] for entry in ranking if entry["name"] != thresholds.out_of_scope]
    doubt = 1.0 - max(ours, default=0.0)
    if not ranking:
        return Decision(None, [], doubt)
    best = ranking[0]["name"]
    if ranking[0]["confidence"] < thresholds.sure:
        return Decision(None, offers, doubt)
    return Decision(best, [] if best == thresholds.out_of_scope else offers, doubt)


def _worth(confidence: float, strange: float) -> float:
    """Tell what a topic is worth when the question may be *strange*, not ours at all."""
    return confidence * confidence / (confidence + strange) if confidence else 0.0


def rank(confidences: Mapping[str, float]) -> List[Ranked]:
    """Give the labels with their confidences, best first."""
    ordered = sorted(confidences.items(), key=lambda entry: -entry[1])
    return [{"name": name, "confidence": float(confidence)} for name, confidence in ordered]


def theme_of(label: str) -> str:
    """Give the intent of a label: the theme of a topic, a plain intent itself."""
    return label.split("/", maxsplit=1)[0]


def rank_intents(ranking: Sequence[Ranked]) -> List[Ranked]:
    """Give the intents, best first; a theme is worth as much as its best topic."""
    best: Dict[str, float] = {}
    for entry in ranking:
        best.setdefault(theme_of(entry["name"]), entry["confidence"])
    return rank(best)
