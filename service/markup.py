"""What may stand in a text: Telegram's HTML, of which we use bold, italic and links, and `{placeholders}`."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_TAG = re.compile(r"<[^<>]*>|<|>")
_LINK = re.compile(r'<a href="((?:https?://|tel:|mailto:)[^"\s<>]+|\{[a-z_]+\})">')
_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|#\d+);)")
_CLOSING = {"</b>": "b", "</i>": "i", "</a>": "a"}


def placeholders(text: str) -> set[str]:
    """Name the placeholders of a text."""
    return set(_PLACEHOLDER.findall(text))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put *values* (HTML) in the places of a text. A `{` that names no value stays as it is."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)


def plain(text: str) -> str:
    """Take the markup away, for a button."""
    return html.unescape(_TAG.sub("", text))


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
