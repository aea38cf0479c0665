from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.markup import isolate, plain

L, R, E, RLM = "\u2066", "\u2067", "\u2069", "\u200f"
NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("اتصل بـ DUO: 050 599 96 00.", f"اتصل بـ {L}DUO{E}: {L}050\u00a0599\u00a096\u00a000{E}."),
        ("<b>112</b> أو 113", f"<b>{L}112{E}</b> أو {L}113{E}"),
        ('<a href="https://duo.nl/x">DUO</a>', f'<a href="https://duo.nl/x">{L}DUO{E}</a>'),
        ("17:00 – 18:00", f"{L}17:00{E} – {L}18:00{E}"),
        ("DUO, IND", f"{L}DUO{E}, {L}IND{E}"),
        ("ليلاً &amp; نهاراً", "ليلاً &amp; نهاراً"),
        ("/mens €340 B1-route A2", f"{L}/mens{E} {L}€340 B1-route A2{E}"),
    ],
)
def test_in_a_text_from_the_right_words_and_numbers_from_the_left_are_set_apart(text: str, expected: str) -> None:
    assert isolate(text, from_right=True) == f"{RLM}{expected}"


def test_each_line_from_the_right_says_so_whatever_it_begins_with() -> None:
    assert isolate("• DUO\n\n112", from_right=True) == f"{RLM}• {L}DUO{E}\n\n{RLM}{L}112{E}"


def test_in_a_text_from_the_left_names_from_the_right_are_set_apart() -> None:
    assert isolate("Naam: أحمد محمد, 06", from_right=False) == f"Naam: {R}أحمد محمد{E}, 06"
    assert isolate("Bel <b>112</b>", from_right=False) == "Bel <b>112</b>"


@given(st.text(alphabet="ab1 ﺍبج<>&;–.\u2066\u2069"), st.booleans())
def test_setting_apart_twice_changes_nothing_and_no_word_is_lost(text: str, from_right: bool) -> None:  # noqa: FBT001
    once = isolate(text, from_right=from_right)
    assert isolate(once, from_right=from_right) == once
    assert [c for c in once.replace(NBSP, " ") if c not in L + R + E + RLM] == [c for c in text if c not in L + R + E]


def test_plain_text_has_no_markup() -> None:
    assert plain("<b>a</b> &amp; b") == "a & b"
