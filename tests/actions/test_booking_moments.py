from __future__ import annotations

from datetime import date, time

import pytest

from actions.booking_moments import Moment, read_moment
from service.texts import Texts

TODAY = date(2026, 11, 24)  # a Tuesday


@pytest.mark.parametrize(
    ("language", "text", "day", "first"),
    [
        ("nl", "morgen om 3 uur", date(2026, 11, 25), time(3)),
        ("nl", "volgende week dinsdag om half drie", date(2026, 12, 1), time(2, 30)),
        ("nl", "3 december om 10 uur", date(2026, 12, 3), time(10)),
        ("tr", "15:30 cuma", date(2026, 11, 27), time(15, 30)),
        ("ar", "bokra el sa3a 3", date(2026, 11, 25), time(3)),
        ("uk", "послезавтра в три часа", date(2026, 11, 26), time(3)),
        ("en", "tommorow at 3", date(2026, 11, 25), time(3)),
    ],
)
def test_day_and_time_are_read_together(texts: Texts, language: str, text: str, day: date, first: time) -> None:
    moment = read_moment(text, language, TODAY, texts.prompts())
    assert (moment.day, moment.times[0], moment.is_unclear) == (day, first, False)


@pytest.mark.parametrize("text", ["dinsdag of woensdag", "niet dinsdag", "12/24", "na dinsdag", "31 februari"])
def test_what_has_no_one_meaning_is_unclear(texts: Texts, text: str) -> None:
    assert read_moment(text, "nl", TODAY, texts.prompts()).is_unclear


def test_nothing_is_read_where_nothing_is_said_of_when(texts: Texts) -> None:
    assert read_moment("ik heb een vraag over mijn uitkering", "nl", TODAY, texts.prompts()) == Moment()
