"""The linear head over the features, and the temperature that turns its scores into honest confidences."""

from typing import Any, Dict, List, Sequence, Tuple

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix
from scipy.special import log_softmax, softmax
from sklearn.svm import LinearSVC

FOLDS = 4


class LinearHead:
    """One weight vector per label.

    Attributes:
        labels: The labels, sorted; columns of `confidences` stand in this order.
    """

    def __init__(self, labels: Sequence[str], weights: np.ndarray, offsets: np.ndarray, scale: float) -> None:
        self.labels: List[str] = list(labels)
        self._weights = weights  # features x labels
        self._offsets = offsets
        self._scale = scale

    @classmethod
    def fit(cls, features: csr_matrix, labels: Sequence[str]) -> "LinearHead":
        """Learn to tell *labels*, at least two different ones, one per row of *features*.

        The scale of the confidences comes from scores of examples that the scoring head has not seen.
        """
        names, targets = np.unique(np.asarray(labels), return_inverse=True)
        weights, offsets = _fit_weights(features, targets)
        scale = _fit_scale(_unseen_scores(features, targets, len(names)), targets)
        return cls(names.tolist(), weights, offsets, scale)

    def confidences(self, features: csr_matrix) -> np.ndarray:
        """Give a row of confidences per row of *features*, each row adding up to 1."""
        return softmax(self._scale * (features @ self._weights + self._offsets), axis=1)

    def to_plain(self) -> Tuple[Dict[str, Any], Dict[str, np.ndarray]]:
        """Give what was learned as JSON and arrays, from which `from_plain` makes the same head."""
        return {"labels": self.labels, "scale": self._scale}, {"weights": self._weights, "offsets": self._offsets}

    @classmethod
    def from_plain(cls, plain: Dict[str, Any], weights: Dict[str, np.ndarray]) -> "LinearHead":
        """Make the head that `to_plain` described."""
        return cls(plain["labels"], weights["weights"], weights["offsets"], plain["scale"])


def _fit_weights(features: csr_matrix, targets: np.ndarray) -> Tuple[np.ndarray, np.ndarray]:
    machine = LinearSVC(C=1.0, random_state=0).fit(features, targets)
    weights, offsets = machine.coef_.T, machine.intercept_
    if weights.shape[1] == 1:  # of two labels scikit-learn keeps the second alone
        weights, offsets = np.hstack([-weights, weights]), np.hstack([-offsets, offsets])
    return weights.astype(np.float32), offsets.astype(np.float32)


def _unseen_scores(features: csr_matrix, targets: np.ndarray, label_count: int) -> np.ndarray:
    scores = np.full((len(targets), label_count), -1.0)
    fold_of = _folds(targets)
    for fold in range(FOLDS):
        seen = fold_of != fold
        known = np.unique(targets[seen])
        if len(known) < 2:
            continue
        weights, offsets = _fit_weights(features[seen], targets[seen])
        scores[np.ix_(~seen, known)] = features[~seen] @ weights + offsets
    return scores


def _folds(targets: np.ndarray) -> np.ndarray:
    """Deal the examples of each label over the folds, in order: examples written one after the other are alike."""
    folds = np.empty(len(targets), dtype=int)
    for target in np.unique(targets):
        places = np.flatnonzero(targets == target)
        folds[places] = np.arange(len(places)) % FOLDS
    return folds


def _fit_scale(scores: np.ndarray, targets: np.ndarray) -> float:
    rows = np.arange(len(targets))

    def loss(log_scale: float) -> float:
        return -log_softmax(np.exp(log_scale) * scores, axis=1)[rows, targets].mean()

    return float(np.exp(minimize_scalar(loss, bounds=(-1.0, 4.0), method="bounded").x))
