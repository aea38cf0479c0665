"""Builds what is sent: messages with buttons, edits of older messages. Touches nothing, asks nobody.

A reply is kept as JSON in the inbox before it is sent: see `body_of_message` and `body_of_edit`.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from service.buttons import Keyboard, NewButton

MAX_MESSAGE = 4096  # UTF-16 units in one message of Telegram
MAX_ALERT = 200  # characters in the answer to a pressed button
SHORT_LABEL = 12  # characters; labels up to this length share a row
BUTTONS_A_ROW = 3
PERSON = "/coach_mens"

_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_PAYLOAD = re.compile(r"/([\w/]+)\s*(\{.*\})?", re.DOTALL)
_STANDING = ("topic", "coach_afspraak", "coach_mens", "choose_language")


@dataclass(frozen=True)
class Said:
    """One message of Rasa: HTML, and buttons as pairs (label, payload)."""

    html: str
    buttons: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Message:
    """A message to send."""

    html: str
    buttons: tuple[NewButton, ...] = ()


@dataclass(frozen=True)
class Document:
    """A file to send, with a line under it."""

    name: str
    content: bytes
    html: str


@dataclass(frozen=True)
class Edit:
    """A change of an older message: new text (None: the same) and the buttons that stay."""

    keyboard: Keyboard
    html: str | None = None


def join_turn(said: Sequence[Said]) -> list[Message]:
    """Join what Rasa said in one turn: texts run together until one has buttons."""
    messages: list[Message] = []
    texts: list[str] = []
    for one in said:
        if one.html.strip():
            texts.append(one.html.strip())
        if one.buttons and texts:
            messages.append(Message("\n\n".join(texts), tuple(read_button(*button) for button in one.buttons)))
            texts = []
    if texts:
        messages.append(Message("\n\n".join(texts)))
    return messages


def read_button(label: str, payload: str) -> NewButton:
    """Turn a button of Rasa into one of ours. What may be asked at any time stands; all else is for once."""
    match = _PAYLOAD.fullmatch(payload.strip())
    intent = match[1] if match else ""
    action: dict[str, Any] = {"do": "rasa", "payload": payload}
    if match and intent == "choose_language":
        action = {"do": "language", **_arguments(match[2])}
    return NewButton(label, action, is_standing=intent in _STANDING)


def _arguments(text: str | None) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def with_notices(messages: Sequence[Message], notices: Sequence[str]) -> list[Message]:
    """Put lines above the first message."""
    if not notices or not messages:
        return list(messages)
    first = replace(messages[0], html="\n\n".join([*notices, messages[0].html]))
    return [first, *messages[1:]]


def with_button(message: Message, button: NewButton) -> Message:
    """Put one more button under a message."""
    return replace(message, buttons=(*message.buttons, button))


def split_message(message: Message) -> list[Message]:
    """Cut a message that is too long for Telegram, at paragraphs if it can be; the buttons go under the last part."""
    parts = split_html(message.html)
    return [*(Message(part) for part in parts[:-1]), Message(parts[-1], message.buttons)]


def split_html(text: str, limit: int = MAX_MESSAGE) -> list[str]:
    """Cut HTML into parts of at most *limit* UTF-16 units: at a blank line, else a line, a space, anywhere.

    A part whose tags do not match, because the cut went through them, loses its tags.
    """
    parts = []
    rest = text
    while _units(rest) > limit:
        cut = _cut(rest, limit)
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    parts = [part for part in [*parts, rest] if part] or [text]
    return parts if len(parts) == 1 else [part if _is_balanced(part) else _TAG.sub("", part) for part in parts]


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _cut(text: str, limit: int) -> int:
    """Find where to cut: the last good place within the limit."""
    fits = len(text.encode("utf-16-le")[: 2 * limit].decode("utf-16-le", "ignore"))
    for mark in ("\n\n", "\n", " "):
        place = text.rfind(mark, fits // 4, fits)
        if place > 0 and not _is_inside_tag(text, place):
            return place
    return text.rfind("<", 0, fits) if _is_inside_tag(text, fits) else fits


def _is_inside_tag(text: str, place: int) -> bool:
    return text.rfind("<", 0, place) > text.rfind(">", 0, place)


def _is_balanced(text: str) -> bool:
    open_tags: list[str] = []
    for tag in _TAG.findall(text):
        name = re.sub(r"[</>]|\s.*", "", tag)
        if not tag.startswith("</"):
            open_tags.append(name)
        elif not open_tags or open_tags.pop() != name:
            return False
    return not open_tags


def plain_text(text: str) -> str:
    """Turn HTML into bare text, for when Telegram cannot read it, and for alerts."""
    return html.unescape(_TAG.sub("", text))


def alert_text(text: str) -> str:
    """Turn HTML into what fits in the answer to a pressed button."""
    return plain_text(text)[:MAX_ALERT]


def lay_out(buttons: Iterable[tuple[str, str]], begins: Collection[str] = ()) -> list[list[list[str]]]:
    """Lay pairs (id, label) out in rows: a long label has a row of its own, short ones beside each other share one.

    Args:
        buttons: The pairs.
        begins: Ids of buttons that share no row with those before them.
    """
    rows: list[list[list[str]]] = []
    room = 0  # in the last row
    for button_id, label in buttons:
        is_short = len(label) <= SHORT_LABEL
        if is_short and room and button_id not in begins:
            rows[-1].append([button_id, label])
            room -= 1
        else:
            rows.append([[button_id, label]])
            room = BUTTONS_A_ROW - 1 if is_short else 0
    return rows


def body_of_message(message: Message) -> dict[str, Any]:
    """Turn a message into JSON."""
    return {"do": "message", "html": message.html, "rows": _rows_of(message)}


def _rows_of(message: Message) -> list[list[list[str]]]:
    begins = {button.id for button in message.buttons if button.begins_row}
    return lay_out(((button.id, button.label) for button in message.buttons), begins)


def body_of_rewrite(message_id: int, message: Message) -> dict[str, Any]:
    """Turn a message that takes the place of an older one into JSON."""
    return {"do": "edit", "message_id": message_id, "html": message.html, "rows": _rows_of(message)}


def body_of_document(document: Document) -> dict[str, Any]:
    """Turn a file into what is sent. Its content is no JSON: files are made when they are sent, and not kept."""
    return {"do": "document", "name": document.name, "content": document.content, "html": document.html}


def body_of_edit(edit: Edit) -> dict[str, Any]:
    """Turn an edit into JSON."""
    rows = lay_out(edit.keyboard.buttons)
    return {"do": "edit", "message_id": edit.keyboard.message_id, "html": edit.html, "rows": rows}
