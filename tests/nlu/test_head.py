"""Features and head without Rasa and without the encoder, which lives in Rasa's environment alone."""

from __future__ import annotations

import json

import numpy as np
import pytest

from nlu.features import SPELLING, Features
from nlu.head import LinearHead

COLOURS = ["rood", "groen", "blauw", "geel", "paars"]
TEXTS = [f"ik zoek een {colour} {thing}" for colour in COLOURS for thing in ("fiets", "jas", "boek", "tas", "huis")]
LABELS = [colour for colour in COLOURS for _ in range(5)]


@pytest.fixture(scope="module")
def features() -> Features:
    made = Features([SPELLING])
    made.fit_transform(TEXTS)
    return made


@pytest.fixture(scope="module")
def head(features: Features) -> LinearHead:
    return LinearHead.fit(features.transform(TEXTS), LABELS)


def ask(features: Features, head: LinearHead, text: str) -> dict[str, float]:
    row = head.confidences(head.scores(features.transform([text])))[0]
    return dict(zip(head.labels, row.tolist(), strict=True))


def test_an_unseen_sentence_gets_the_right_label(features: Features, head: LinearHead) -> None:
    confidences = ask(features, head, "waar is de groene auto")
    assert max(confidences, key=confidences.get) == "groen"


def test_a_misspelling_gets_the_right_label(features: Features, head: LinearHead) -> None:
    confidences = ask(features, head, "ik zoek eem blauuw boek")
    assert max(confidences, key=confidences.get) == "blauw"


def test_confidences_leave_room_for_no_label_at_all(features: Features, head: LinearHead) -> None:
    assert sum(ask(features, head, "zzz qqq xxx").values()) < 0.9


def test_a_stranger_is_believed_less_than_a_known_question(features: Features, head: LinearHead) -> None:
    assert max(ask(features, head, "what is the weather").values()) < max(ask(features, head, TEXTS[0]).values())


def test_an_empty_text_has_confidences(features: Features, head: LinearHead) -> None:
    assert np.isfinite(list(ask(features, head, "").values())).all()


def test_what_is_kept_as_plain_data_answers_the_same(features: Features, head: LinearHead) -> None:
    plain_features, feature_arrays = json.loads(json.dumps(features.to_plain()[0])), features.to_plain()[1]
    plain_head, head_arrays = json.loads(json.dumps(head.to_plain()[0])), head.to_plain()[1]
    loaded = Features.from_plain(plain_features, feature_arrays)
    loaded_head = LinearHead.from_plain(plain_head, head_arrays)
    assert ask(loaded, loaded_head, TEXTS[7]) == pytest.approx(ask(features, head, TEXTS[7]), abs=1e-4)


def test_two_labels_are_enough(features: Features) -> None:
    head = LinearHead.fit(features.transform(TEXTS[:10]), LABELS[:10])
    confidences = ask(features, head, "ik zoek een rood boek")
    assert confidences["rood"] > confidences["groen"]


def test_a_label_with_a_single_example_can_be_learned(features: Features) -> None:
    head = LinearHead.fit(features.transform(TEXTS[:6]), LABELS[:6])
    confidences = ask(features, head, TEXTS[5])
    assert max(confidences, key=confidences.get) == "groen"


def test_two_trainings_on_the_same_examples_are_the_same(features: Features) -> None:
    first, second = (LinearHead.fit(features.transform(TEXTS), LABELS) for _ in range(2))
    assert ask(features, first, "waar is de groene auto") == ask(features, second, "waar is de groene auto")
