"""Telegram's formatted text: HTML to plain text with entities, and back to a tree that is safe to show.

Offsets and lengths of entities count UTF-16 code units, as Telegram's do; offsets in errors count UTF-8 bytes.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.errors import bad_request

type Entity = dict[str, Any]
type Node = str | dict[str, Any]

TAGS = {
    "b": "bold",
    "i": "italic",
    "u": "underline",
    "s": "strikethrough",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-spoiler": "spoiler",
}
ENTITY_TAGS = {kind: tag for tag, kind in TAGS.items()} | {"url": "a", "bot_command": "command"}

_TAG = re.compile(r"""<(?P<slash>/?)(?P<name>[^\s>]*)(?P<rest>(?:[^>"']|"[^"]*"|'[^']*')*)>""")
_ATTRIBUTE = re.compile(r"""\s*(?P<name>[^\s=]+)\s*(?P<equal>=?)\s*(?:"(?P<a>[^"]*)"|'(?P<b>[^']*)'|(?P<c>[\w.-]*))""")
_REFERENCE = re.compile(r"&(?:#x(?P<hex>[0-9a-fA-F]{1,7})|#(?P<dec>[0-9]{1,8})|(?P<name>lt|gt|amp|quot)(?![a-zA-Z]));?")
_NAMES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_COMMAND = re.compile(r"(?<![\w/@])/[A-Za-z0-9_]{1,32}(?:@[A-Za-z0-9_]{3,32})?(?![\w/@])")
_LINK = re.compile(r"https?://[^\s<>\"']*[^\s<>\"'.,;:!?)\]]")


@dataclass(frozen=True)
class Formatted:
    """Plain text with entities, sorted by place, the wider one first."""

    text: str
    entities: list[Entity] = field(default_factory=list)


def units(text: str) -> int:
    """Count the UTF-16 code units of a text."""
    return len(text.encode("utf-16-le")) // 2


def parse_html(source: str) -> Formatted:
    """Read Telegram's HTML.

    Raises:
        ApiError: 400 with Telegram's words, for a tag that is unknown here, not closed, or closed out of turn.
    """
    reader = _Reader(source)
    reader.read()
    return Formatted("".join(reader.parts), _sorted(reader.entities))


@dataclass
class _Open:
    tag: str
    argument: str
    offset: int
    part: int  # index of the first part inside, for a link without an address


class _Reader:
    """Goes through the source once, from left to right."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.parts: list[str] = []
        self.entities: list[Entity] = []
        self._units = 0
        self._open: list[_Open] = []

    def read(self) -> None:
        place = 0
        for begin in re.finditer("<", self.source):
            if begin.start() < place:
                continue  # inside the value of an attribute
            self._add(self.source[place : begin.start()])
            tag = _TAG.match(self.source, begin.start())
            if tag is None:
                kind = "end" if self.source.startswith("</", begin.start()) else "start"
                raise self._fault(f"Unclosed {kind} tag", begin.start())
            if tag["slash"]:
                self._end(tag)
            else:
                self._begin(tag)
            place = tag.end()
        self._add(self.source[place:])
        if self._open:
            raise bad_request(
                f"can't parse entities: Can't find end tag corresponding to start tag \"{self._open[-1].tag}\""
            )

    def _add(self, text: str) -> None:
        plain = decode(text)
        self.parts.append(plain)
        self._units += units(plain)

    def _begin(self, tag: re.Match[str]) -> None:
        name = tag["name"].lower()
        if name not in TAGS:
            raise self._fault(f'Unsupported start tag "{name}"', tag.start())
        argument = ""
        for attribute in _ATTRIBUTE.finditer(tag["rest"].rstrip()):
            if not attribute["equal"]:
                words = f'Expected equal sign in declaration of an attribute of the tag "{name}"'
                raise self._fault(words, tag.start())
            if name == "a" and attribute["name"] == "href":
                argument = decode(attribute["a"] or attribute["b"] or attribute["c"] or "")
        self._open.append(_Open(name, argument, self._units, len(self.parts)))

    def _end(self, tag: re.Match[str]) -> None:
        if not self._open:
            raise self._fault("Unexpected end tag", tag.start())
        opened = self._open.pop()
        name = tag["name"].lower()
        if name and name != opened.tag:
            words = f', expected "</{opened.tag}>", found "</{name}>"'
            raise self._fault("Unmatched end tag", tag.start(), words)
        length = self._units - opened.offset
        if length == 0:
            return
        entity: Entity = {"type": TAGS[opened.tag], "offset": opened.offset, "length": length}
        if opened.tag == "a":
            url = checked_link(opened.argument or "".join(self.parts[opened.part :]))
            if url is None:
                return  # Telegram shows the words and drops the link
            entity["url"] = url
        self.entities.append(entity)

    def _fault(self, words: str, place: int, after: str = "") -> Exception:
        offset = len(self.source[:place].encode())
        return bad_request(f"can't parse entities: {words} at byte offset {offset}{after}")


def decode(text: str) -> str:
    """Replace the four named references and numeric ones; others stay as they are, as with Telegram."""

    def character(reference: re.Match[str]) -> str:
        if reference["name"]:
            return _NAMES[reference["name"]]
        code = int(reference["hex"], 16) if reference["hex"] else int(reference["dec"])
        is_character = 0 < code < 0x10FFFF and not 0xD800 <= code <= 0xDFFF
        return chr(code) if is_character else reference[0]

    return _REFERENCE.sub(character, text)


def checked_link(url: str) -> str | None:
    """Return an address as Telegram keeps it, or nothing if it takes it for none (`tel:`, `mailto:`, `javascript:`)."""
    url = url.strip()
    if re.match(r"[a-zA-Z][\w+.-]*:", url):
        if not re.match(r"(?:https?://[^\s/?#]+|tg:)", url, re.IGNORECASE) or re.search(r"\s", url):
            return None
    elif re.fullmatch(r"[^\s/?#:]+\.[^\s/?#:]{2,}(?:[/?#]\S*)?", url):
        url = f"http://{url}"
    else:
        return None
    return f"{url}/" if re.fullmatch(r"https?://[^/?#]+", url, re.IGNORECASE) else url


def trimmed(formatted: Formatted) -> Formatted:
    """Take white space off both ends, as Telegram does before it sends."""
    text = formatted.text.rstrip()
    cut = units(text) - units(text.lstrip())
    text = text.lstrip()
    kept = [_clipped(entity, cut, cut + units(text)) for entity in formatted.entities]
    moved = [{**entity, "offset": entity["offset"] - cut} for entity in kept if entity["length"] > 0]
    return Formatted(text, moved)


def with_found_entities(formatted: Formatted) -> Formatted:
    """Add what Telegram finds by itself in a text: commands and addresses."""
    taken = [e for e in formatted.entities if e["type"] in {"text_link", "code", "pre"}]
    found = []
    for kind, pattern in (("url", _LINK), ("bot_command", _COMMAND)):
        for match in pattern.finditer(formatted.text):
            entity = {"type": kind, "offset": units(formatted.text[: match.start()]), "length": units(match[0])}
            if not any(_overlap(entity, other) for other in taken):
                taken.append(entity)
                found.append(entity)
    return Formatted(formatted.text, _sorted([*formatted.entities, *found]))


def tree(formatted: Formatted) -> list[Node]:
    """Make nodes of a text: strings, and `{"tag", "href"?, "children"}` of known tags only.

    Addresses are http(s) or tg. An entity that ends outside the one it began in is cut in two.
    """
    encoded = formatted.text.encode("utf-16-le")
    return _nodes(encoded, formatted.entities, 0, len(encoded) // 2)


def as_html(nodes: list[Node]) -> str:
    """Write nodes as HTML, escaped; commands become plain words."""
    parts = []
    for node in nodes:
        if isinstance(node, str):
            parts.append(html.escape(node, quote=False))
            continue
        inner = as_html(node["children"])
        href = f' href="{html.escape(node["href"])}"' if "href" in node else ""
        parts.append(inner if node["tag"] == "command" else f"<{node['tag']}{href}>{inner}</{node['tag']}>")
    return "".join(parts)


def _nodes(encoded: bytes, entities: list[Entity], start: int, end: int) -> list[Node]:
    nodes: list[Node] = []
    place, waiting = start, list(entities)
    while waiting:
        first = waiting.pop(0)
        first_end = first["offset"] + first["length"]
        inside = [e for e in waiting if e["offset"] < first_end]
        outside = [_clipped(e, first_end, end) for e in waiting if e["offset"] + e["length"] > first_end]
        nodes += _text(encoded, place, first["offset"])
        inner = [_clipped(e, first["offset"], first_end) for e in inside]
        nodes.append(_node(first, _nodes(encoded, inner, first["offset"], first_end), encoded))
        place, waiting = first_end, _sorted(outside)
    return nodes + _text(encoded, place, end)


def _node(entity: Entity, children: list[Node], encoded: bytes) -> Node:
    node: dict[str, Any] = {"tag": ENTITY_TAGS.get(entity["type"], "span"), "children": children}
    if node["tag"] == "a":
        words = _text(encoded, entity["offset"], entity["offset"] + entity["length"])
        node["href"] = entity.get("url") or "".join(word for word in words if isinstance(word, str))
    return node


def _text(encoded: bytes, start: int, end: int) -> list[Node]:
    return [encoded[start * 2 : end * 2].decode("utf-16-le", "replace")] if end > start else []


def _clipped(entity: Entity, start: int, end: int) -> Entity:
    begin = min(max(entity["offset"], start), end)
    stop = max(min(entity["offset"] + entity["length"], end), begin)
    return {**entity, "offset": begin, "length": stop - begin}


def _overlap(one: Entity, other: Entity) -> bool:
    starts_before_end = one["offset"] < other["offset"] + other["length"]
    return bool(starts_before_end and other["offset"] < one["offset"] + one["length"])


def _sorted(entities: list[Entity]) -> list[Entity]:
    return sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))
