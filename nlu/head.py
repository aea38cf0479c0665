"""The linear head over the features, and the calibration that turns its scores into honest confidences.

A label's weights are those of a linear support vector machine and a part of the mean of its examples: the first
tells labels from one another, the second how near a text is to anything known. Beside them stands "none of these",
with one score for all texts. Only together the two lift the AUROC against out-of-scope (docs/benchmarks.md).
"""

import warnings
from typing import Any, Dict, List, Sequence, Tuple

import numpy as np
from joblib import Parallel, delayed
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from scipy.special import logsumexp
from sklearn.exceptions import ConvergenceWarning
from sklearn.svm import LinearSVC

HELD_OUT = 4  # one example in so many is kept back to calibrate
PASSES = 10  # over the examples; more take longer and answer no better (docs/benchmarks.md)
NEARNESS = 0.25  # weight of the mean of a label's examples
STRANGERS = 0.15  # share of questions that no label answers, assumed when confidences are fitted
_IMPOSSIBLE = -1e6


class LinearHead:
    """One weight vector per label.

    Attributes:
        labels: The labels, sorted; columns of scores and confidences stand in this order.
    """

    def __init__(
        self, labels: Sequence[str], weights: np.ndarray, offsets: np.ndarray, scale: float, none_score: float
    ) -> None:
        self.labels: List[str] = list(labels)
        self._weights = weights  # features x labels
        self._offsets = offsets
        self._scale = scale
        self._none_score = none_score  # what "none of these" scores on every text

    @classmethod
    def fit(cls, features: csr_matrix, labels: Sequence[str], strangers: float = STRANGERS) -> "LinearHead":
        """Learn to tell *labels*, two different ones at least, one per row of *features*; see `STRANGERS`."""
        names, targets = np.unique(np.asarray(labels), return_inverse=True)
        held = _hold_out(targets)
        seen = held if held.all() else ~held
        # In processes, as threads would share the machine's one random generator: no two trainings would be the same.
        (weights, offsets), trial = Parallel(n_jobs=2, max_nbytes=None)(
            delayed(_fit_weights)(features[rows], targets[rows]) for rows in (np.ones_like(held), seen)
        )
        scale, none_score = _calibrate(_score(features[held], *trial), targets[held], strangers)
        return cls(names.tolist(), weights, offsets, scale, none_score)

    def scores(self, features: csr_matrix) -> np.ndarray:
        """Give a row of scores per row of *features*; any numbers, the higher the likelier."""
        return self._scale * _score(features, self._weights, self._offsets)

    def confidences(self, scores: np.ndarray) -> np.ndarray:
        """Turn rows of scores into rows of confidences; what a row lacks to 1 is that no label fits."""
        return np.exp(scores - _log_total(scores, self._none_score)[:, np.newaxis])

    def to_plain(self) -> Tuple[Dict[str, Any], Dict[str, np.ndarray]]:
        """Give what was learned as JSON and arrays, from which `from_plain` makes the same head."""
        plain = {"labels": self.labels, "scale": self._scale, "none_score": self._none_score}
        return plain, {"weights": self._weights, "offsets": self._offsets}

    @classmethod
    def from_plain(cls, plain: Dict[str, Any], weights: Dict[str, np.ndarray]) -> "LinearHead":
        """Make the head that `to_plain` described."""
        return cls(plain["labels"], weights["weights"], weights["offsets"], plain["scale"], plain["none_score"])


def _fit_weights(features: csr_matrix, targets: np.ndarray) -> Tuple[np.ndarray, np.ndarray]:
    machine = LinearSVC(C=1.0, max_iter=PASSES, dual=True, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # it is stopped early on purpose
        machine.fit(features, targets)
    weights, offsets = machine.coef_.T, machine.intercept_
    if weights.shape[1] == 1:  # of two labels scikit-learn keeps the second alone
        weights, offsets = np.hstack([-weights, weights]), np.hstack([-offsets, offsets])
    means = [np.asarray(features[targets == target].mean(axis=0)).ravel() for target in machine.classes_]
    return (weights + NEARNESS * np.stack(means, axis=1)).astype(np.float32), offsets.astype(np.float32)


def _score(features: csr_matrix, weights: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    return features @ weights + offsets


def _hold_out(targets: np.ndarray) -> np.ndarray:
    """Mark the examples that calibrate: every `HELD_OUT`th of each label that has two or more; all if none has."""
    held = np.zeros(len(targets), dtype=bool)
    for target in np.unique(targets):
        held[np.flatnonzero(targets == target)[1::HELD_OUT]] = True
    return held if held.any() else ~held


def _calibrate(scores: np.ndarray, targets: np.ndarray, strangers: float) -> Tuple[float, float]:
    """Find the scale of the scores and the score of "none of these" that make unseen examples most likely.

    Each example counts twice: as itself, and, without the column of its own label, as a question that no label answers.
    """
    rows = np.arange(len(targets))
    scores = scores.astype(np.float64)  # the gradient is a difference of two losses
    strange = scores.copy()
    strange[rows, targets] = _IMPOSSIBLE

    def loss(parameters: np.ndarray) -> float:
        scale, none_score = np.exp(parameters[0]), parameters[1]
        known = scale * scores[rows, targets] - _log_total(scale * scores, none_score)
        unknown = none_score - _log_total(scale * strange, none_score)
        return -((1 - strangers) * known.mean() + strangers * unknown.mean())

    log_scale, none_score = minimize(loss, [1.5, 0.0], method="L-BFGS-B").x
    return float(np.exp(log_scale)), float(none_score)


def _log_total(scores: np.ndarray, none_score: float) -> np.ndarray:
    return np.logaddexp(logsumexp(scores, axis=1), none_score)
