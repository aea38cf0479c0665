from __future__ import annotations

import pytest

from nlu.spelling import fold


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Één", "een"),
        ("YARIN", "yarın"),
        ("İnburgering", "inburgering"),
        ("إقامة", "اقامه"),
        ("مُـدَّة", "مده"),
        ("می‌خواهم", "می خواهم"),
        ("نمی‌شود", "نمیشود"),
        ("كيف", "کیف"),
        ("ፀሓይ", "ጸሓይ"),
        ("ሠናይ", "ሰናይ"),
        ("п'ятниця", "п’ятниця"),
        ("٣", "3"),
        ("۳", "3"),
    ],
)
def test_two_spellings_of_a_word_become_one(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_signs_stay() -> None:
    assert fold("10:30, B1-route?") == "10:30, b1-route?"
