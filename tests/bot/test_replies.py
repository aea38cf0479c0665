from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.replies import (
    Edit,
    Message,
    Said,
    alert_text,
    body_of_edit,
    body_of_message,
    join_turn,
    lay_out,
    plain_text,
    read_button,
    split_html,
    split_message,
    with_notices,
)
from service.buttons import Keyboard, NewButton


def test_texts_run_together_until_one_has_buttons() -> None:
    said = [Said("een"), Said(" twee\n"), Said("kies", (("Ja", "/affirm"),)), Said("drie"), Said("  ")]
    messages = join_turn(said)
    assert [message.html for message in messages] == ["een\n\ntwee\n\nkies", "drie"]
    assert [[button.label for button in message.buttons] for message in messages] == [["Ja"], []]


def test_a_turn_without_words_gives_no_message() -> None:
    assert join_turn([Said(" ")]) == []


@pytest.mark.parametrize(
    ("payload", "is_standing"),
    [
        ('/topic{"topic": "wet/termijn"}', True),
        ("/coach_afspraak", True),
        ("/coach_mens", True),
        ('/inform{"area": "money"}', False),
        ("/affirm", False),
        ("/none_of_these", False),
        ('/cancel_appointment{"appointment": 3}', False),
    ],
)
def test_what_may_be_asked_at_any_time_stands(payload: str, *, is_standing: bool) -> None:
    button = read_button("x", payload)
    assert button.action == {"do": "rasa", "payload": payload}
    assert button.is_standing is is_standing


def test_a_choice_of_language_is_the_bots_own() -> None:
    button = read_button("English", '/choose_language{"language": "en"}')
    assert button.action == {"do": "language", "language": "en"}
    assert read_button("?", "/choose_language{broken").action == {"do": "rasa", "payload": "/choose_language{broken"}


def test_notices_stand_above_the_first_message_only() -> None:
    messages = with_notices([Message("een"), Message("twee")], ["let op"])
    assert [message.html for message in messages] == ["let op\n\neen", "twee"]
    assert with_notices([], ["let op"]) == []


def test_a_long_text_is_cut_at_its_paragraphs() -> None:
    paragraphs = [f"<b>{letter}</b> " + letter * 1500 for letter in "abcd"]
    assert split_html("\n\n".join(paragraphs)) == ["\n\n".join(paragraphs[:2]), "\n\n".join(paragraphs[2:])]


def test_without_paragraphs_it_is_cut_at_a_space() -> None:
    parts = split_html(" ".join(["woord"] * 1000))
    assert len(parts) == 2
    assert all(part.endswith("woord") for part in parts)


def test_a_part_whose_tags_do_not_match_loses_them() -> None:
    parts = split_html("<b>" + "woord " * 1000 + "</b>")
    assert not any("<" in part for part in parts)


def test_letters_that_count_double_for_telegram_count_double() -> None:
    parts = split_html("😀" * 3000)
    assert [len(part) for part in parts] == [2048, 952]


@given(st.text(alphabet="ab <>/\n&;😀", max_size=400))
def test_no_part_is_too_long_whatever_the_text(text: str) -> None:
    parts = split_html(text, 50)
    assert all(len(part.encode("utf-16-le")) <= 100 for part in parts)


def test_the_buttons_go_under_the_last_part() -> None:
    parts = split_message(Message("woord " * 1000, (NewButton("Ja", {}),)))
    assert [len(part.buttons) for part in parts] == [0, 1]


def test_markup_goes_for_plain_text_and_alerts() -> None:
    assert plain_text('<b>fout</b> &amp; <a href="https://duo.nl">DUO</a>') == "fout & DUO"
    assert len(alert_text("a" * 500)) == 200


def test_long_labels_get_a_row_each_and_short_ones_share() -> None:
    assert [len(row) for row in lay_out([("1", "10:00"), ("2", "10:30"), ("3", "11:00"), ("4", "11:30")])] == [3, 1]
    assert [len(row) for row in lay_out([("1", "Ja"), ("2", "Hoe lang heb ik om in te burgeren?")])] == [1, 1]


def test_a_long_label_among_short_ones_does_not_break_up_their_rows() -> None:
    times = [(str(hour), f"{hour}:00") for hour in range(10, 14)]
    rows = lay_out([*times, ("m", "Met een mens praten"), *times[:2]])
    assert [[label for _, label in row] for row in rows] == [
        ["10:00", "11:00", "12:00"],
        ["13:00"],
        ["Met een mens praten"],
        ["10:00", "11:00"],
    ]


def test_a_button_can_begin_a_row() -> None:
    rows = lay_out([("1", "10:00"), ("2", "Vandaag"), ("3", "Morgen")], begins={"2"})
    assert [[label for _, label in row] for row in rows] == [["10:00"], ["Vandaag", "Morgen"]]


def test_bodies_hold_what_telegram_needs() -> None:
    button = NewButton("Ja", {"do": "rasa"}, id="abc")
    assert body_of_message(Message("kies", (button,))) == {"do": "message", "html": "kies", "rows": [[["abc", "Ja"]]]}
    edit = Edit(Keyboard(5, (("abc", "Ja"),)), None)
    assert body_of_edit(edit) == {"do": "edit", "message_id": 5, "html": None, "rows": [[["abc", "Ja"]]]}
