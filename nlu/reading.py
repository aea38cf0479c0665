"""How a message is read before it is classified."""

import re
from typing import List

LONGEST_TEXT = 1000  # characters; of a longer message the end is read, as the question mostly stands there
LONGEST_READING = 6  # sentences looked at by themselves
SHORTEST_SENTENCE = 3  # words; "Hallo." and "Alvast bedankt!" are no questions

_SENTENCE_END = re.compile(r"(?<=[.!?؟።])\s+|\n+")
_QUESTION_MARKS = "?؟"


def clean(text: str) -> str:
    """Give *text* with single spaces."""
    return " ".join(text.split())


def has_words(text: str) -> bool:
    """Tell whether *text* holds a letter or a digit in any script."""
    return any(character.isalnum() for character in text)


def read(text: str) -> List[str]:
    """Give what is to be classified of *text*: the whole first, then the sentences that may hold the question.

    Someone who tells a story asks in one sentence of it. Those are the sentences with a question mark, or all of
    them when none has one.
    """
    text = text[-LONGEST_TEXT:]
    whole = clean(text)
    sentences = [clean(part) for part in _SENTENCE_END.split(text) if len(part.split()) >= SHORTEST_SENTENCE]
    asking = [sentence for sentence in sentences if sentence[-1] in _QUESTION_MARKS]
    return [whole, *[sentence for sentence in (asking or sentences)[-LONGEST_READING:] if sentence != whole]]
