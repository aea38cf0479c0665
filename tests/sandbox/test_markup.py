from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.errors import ApiError
from bot.sandbox.markup import (
    Formatted,
    as_html,
    checked_link,
    parse_html,
    tree,
    trimmed,
    units,
    with_found_entities,
)


def test_tags_become_entities_that_count_utf16_units() -> None:
    parsed = parse_html("👋 <b>Je hebt <i>3 jaar</i></b>")
    assert parsed.text == "👋 Je hebt 3 jaar"
    assert parsed.entities == [
        {"type": "bold", "offset": 3, "length": 14},
        {"type": "italic", "offset": 11, "length": 6},
    ]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("&lt;b&gt; &amp; &quot;", '<b> & "'),
        ("&#233;&#xe9;", "éé"),
        ("&nbsp;&hellip;", "&nbsp;&hellip;"),
        ("AT&T en 3 > 2", "AT&T en 3 > 2"),
    ],
)
def test_only_four_named_references_and_numeric_ones_are_read(source: str, text: str) -> None:
    assert parse_html(source).text == text


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("é<script>x</script>", 'Unsupported start tag "script" at byte offset 2'),
        ("<strong>x</strong>", 'Unsupported start tag "strong" at byte offset 0'),
        ("<br>", 'Unsupported start tag "br" at byte offset 0'),
        ("2 < 3", "Unclosed start tag at byte offset 2"),
        ("<>", 'Unsupported start tag "" at byte offset 0'),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("<a href>x</a>", 'Expected equal sign in declaration of an attribute of the tag "a" at byte offset 0'),
    ],
)
def test_wrong_markup_is_refused_in_telegrams_words(source: str, words: str) -> None:
    with pytest.raises(ApiError) as refused:
        parse_html(source)
    assert refused.value.description == f"Bad Request: can't parse entities: {words}"


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://www.inburgeren.nl/uw-termijn?a=1&b=2", "https://www.inburgeren.nl/uw-termijn?a=1&b=2"),
        ("https://www.utrecht.nl", "https://www.utrecht.nl/"),
        ("utrecht.nl/welkomhuis", "http://utrecht.nl/welkomhuis"),
        ("tg://user?id=1", "tg://user?id=1"),
        ("javascript:alert(1)", None),
        (" JavaScript:alert(1)", None),
        ("data:text/html,x", None),
        ("tel:030", None),
        ("niets", None),
    ],
)
def test_links_are_kept_or_dropped_as_telegram_does(address: str, kept: str | None) -> None:
    assert checked_link(address) == kept


def test_a_link_that_is_dropped_leaves_its_words() -> None:
    assert parse_html('<a href="javascript:alert(1)">klik</a>') == Formatted("klik", [])


def test_a_quoted_value_may_hold_a_bracket() -> None:
    (entity,) = parse_html('<a href="https://a.nl/?x=1>2&amp;y">klik</a>').entities
    assert entity["url"] == "https://a.nl/?x=1>2&y"


def test_white_space_at_both_ends_goes_and_entities_move_along() -> None:
    assert trimmed(parse_html(" \n<b> dag </b>x\n")) == Formatted("dag x", [{"type": "bold", "offset": 0, "length": 4}])


def test_commands_and_addresses_are_found_outside_links_and_code() -> None:
    source = (
        'Typ /help of /taal@wegwijs_bot. Zie https://a.nl/b. <code>/start</code> <a href="c.nl">/stop</a> en/of 1/2'
    )
    found = with_found_entities(parse_html(source))
    encoded = found.text.encode("utf-16-le")
    words = [
        (e["type"], encoded[e["offset"] * 2 : (e["offset"] + e["length"]) * 2].decode("utf-16-le"))
        for e in found.entities
        if e["type"] in {"bot_command", "url"}
    ]
    assert words == [("bot_command", "/help"), ("bot_command", "/taal@wegwijs_bot"), ("url", "https://a.nl/b")]


def test_a_tree_holds_known_tags_only_and_writes_back_escaped() -> None:
    source = '<b>1 &lt; 2</b> &amp; <a href="https://a.nl/?a=1&amp;b=2">zie <i>hier</i></a>'
    nodes = tree(parse_html(source))
    assert nodes[0] == {"tag": "b", "children": ["1 < 2"]}
    assert as_html(nodes) == source


def test_entities_that_cross_are_cut_in_two() -> None:
    crossing = [{"type": "bold", "offset": 0, "length": 4}, {"type": "italic", "offset": 2, "length": 4}]
    assert as_html(tree(Formatted("abcdef", crossing))) == "<b>ab<i>cd</i></b><i>ef</i>"


@given(
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40),
    st.lists(
        st.fixed_dictionaries(
            {
                "type": st.sampled_from(["bold", "italic", "code", "text_link", "unknown"]),
                "offset": st.integers(0, 50),
                "length": st.integers(1, 50),
                "url": st.just("https://a.nl/"),
            }
        ),
        max_size=6,
    ),
)
def test_no_set_of_entities_loses_or_repeats_text(text: str, entities: list[dict[str, object]]) -> None:
    def words(nodes: list) -> str:  # type: ignore[type-arg]
        return "".join(node if isinstance(node, str) else words(node["children"]) for node in nodes)

    # Halves of a surrogate pair cannot be shown: only ends of characters are offered as places.
    ends = {units(text[:place]) for place in range(len(text) + 1)}
    fitting = [
        e
        for e in sorted(entities, key=lambda e: (e["offset"], -e["length"]))  # type: ignore[operator]
        if {e["offset"], e["offset"] + e["length"]} <= ends  # type: ignore[operator]
    ]
    assert words(tree(Formatted(text, fitting))) == text
