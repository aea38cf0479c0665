"""What may stand in a text: Telegram's HTML, of which we use bold, italic and links, and `{placeholders}`.

Words and numbers of the other direction are set apart by isolates (Unicode Standard Annex 9), or a telephone number in
an Arabic sentence is shown back to front.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_TAG = re.compile(r"<[^<>]*>|<|>")
_LINK = re.compile(r'<a href="((?:https?://|tel:|mailto:)[^"\s<>]+|\{[a-z_]+\})">')
_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|#\d+);)")
_CLOSING = {"</b>": "b", "</i>": "i", "</a>": "a"}

LEFT_TO_RIGHT, RIGHT_TO_LEFT, END_ISOLATE = "\u2066", "\u2067", "\u2069"
RIGHT_MARK = "\u200f"  # begins a line that is written from the right, whatever stands first in it
NO_BREAK = "\u00a0"  # a telephone number that breaks over two lines is read in the wrong order
_NUMBER_SPACE = re.compile(r"(?<=\d) (?=\d)")
_LATIN = "A-Za-z0-9\u00c0-\u024f\u0400-\u04ff\u1200-\u137f"  # letters written from the left, and digits
_ARABIC = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
_KEPT = r"<[^<>]*>|&#?\w+;|[\u2066-\u2068][^\u2069]*\u2069"  # tags, entities, and what is set apart already
_FROM_LEFT = re.compile(rf"({_KEPT})|[+€#/@]?[{_LATIN}](?:[ \u00a0\-./:'\u2019+@_]?[{_LATIN}])*[%€+]?")
_LINE_START = re.compile(rf"(?m)^(?=[^\n{RIGHT_MARK}])")
_FROM_RIGHT = re.compile(rf"({_KEPT})|[{_ARABIC}](?:[ \-'\u2019\u200c]?[{_ARABIC}])*")


def placeholders(text: str) -> set[str]:
    """Name the placeholders of a text."""
    return set(_PLACEHOLDER.findall(text))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put *values* (HTML) in the places of a text. A `{` that names no value stays as it is."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)


def plain(text: str) -> str:
    """Take the markup away, for a button."""
    return html.unescape(_TAG.sub("", text))


def isolate(text: str, *, from_right: bool) -> str:
    """Set words and numbers of the other direction apart in HTML or plain text; doing it twice changes nothing.

    Args:
        text: HTML, or plain text.
        from_right: Whether the text itself is written from right to left.
    """
    mark, pattern = (LEFT_TO_RIGHT, _FROM_LEFT) if from_right else (RIGHT_TO_LEFT, _FROM_RIGHT)
    apart = pattern.sub(lambda found: found[1] or f"{mark}{_NUMBER_SPACE.sub(NO_BREAK, found[0])}{END_ISOLATE}", text)
    return _LINE_START.sub(RIGHT_MARK, apart) if from_right else apart


def markup_faults(text: str) -> Iterator[str]:
    """Say what Telegram would refuse or show wrongly."""
    if _AMPERSAND.search(text):
        yield "'&' must be written &amp;"
    open_tags: list[str] = []
    for tag in _TAG.findall(text):
        name = {"<b>": "b", "<i>": "i"}.get(tag) or ("a" if _LINK.fullmatch(tag) else None)
        if name:
            open_tags.append(name)
        elif tag not in _CLOSING:
            yield f"{tag!r}: only <b>, <i> and <a href=\"...\">; '<' and '>' are written &lt; and &gt;"
        elif not open_tags or open_tags.pop() != _CLOSING[tag]:
            yield f"{tag!r}: closes what is not open"
    if open_tags:
        yield f"<{open_tags[-1]}>: is never closed"
