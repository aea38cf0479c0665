"""Finds the words for people: topic answers and prompts, by name and language.

Changed files are read again within seconds. A file with a fault is never said: its old texts stay, and the log names
file and line.
"""

from __future__ import annotations

import html
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import structlog

from service.language import LANGUAGES
from service.markup import fill, isolate, plain
from service.text_files import FLOWS, HOME, Fault, FileTexts, Topic, read_texts, text_paths
from service.wording import PHRASES, html_of, is_from_right

log = structlog.get_logger()

REFRESH_SECONDS = 1.0
ANSWER_PHRASES = ("answer/source", "answer/source_as_of", "answer/as_of", "answer/lapsed", "answer/dutch_counts")


class TextMissing(LookupError):  # noqa: N818 - said as it is: the text is missing
    """No text has this name, in this language or in Dutch."""

    def __init__(self, name: str, language: str) -> None:
        self.name = name
        self.language = language
        super().__init__(f"no text: name={name!r} language={language!r}")


@dataclass(frozen=True)
class TextButton:
    """A button: what it says (plain text) and what it sends to Rasa."""

    label: str
    payload: str


@dataclass(frozen=True)
class Text:
    """Words for a person, in Telegram's HTML, and the buttons under them."""

    html: str
    buttons: tuple[TextButton, ...] = ()


@dataclass(frozen=True)
class _Snapshot:
    """All texts at one moment."""

    files: Mapping[Path, FileTexts] = field(default_factory=dict)
    topics: Mapping[str, Topic] = field(default_factory=dict)
    prompts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


class Texts:
    """All texts of a content folder, kept fresh. Safe to use from many threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._stamps: dict[Path, tuple[int, int]] = {}  # of each file, as it was last read: time of change, size
        self._looked_at = 0.0
        self._now = _Snapshot()
        self.refresh()

    def refresh(self) -> None:
        """Read changed files again; looks at the disk at most once a second."""
        with self._lock:
            if self._looked_at and time.monotonic() - self._looked_at < REFRESH_SECONDS:
                return
            self._looked_at = time.monotonic()
            stamps = {path: _stamp(path) for path in text_paths(self._folder)}
            if stamps != self._stamps:
                self._now = self._read(stamps)
                self._stamps = stamps

    def find(self, name: str, language: str, arguments: Mapping[str, object] | None = None, *, today: date) -> Text:
        """Find a prompt ("booking/ask_area") or an answer ("wet/termijn") in a language, or else in Dutch.

        Args:
            name: Name of a prompt, or id of a topic; a topic gets its source and warnings added.
            language: Code of the person's language.
            arguments: Values for the placeholders, typed as in `service.wording`.
            today: The day in Europe/Amsterdam; decides whether an answer has lapsed.

        Raises:
            TextMissing: If nothing has this name.
            ValueError: If an argument is of no known type.
        """
        self.refresh()
        teller = _Teller(self._now, language)
        topic = self._now.topics.get(name)
        if topic is not None:
            return teller.answer(topic, arguments or {}, today)
        return Text(teller.set_apart(teller.prompt(name, arguments or {})))

    def title(self, topic: str, language: str) -> str:
        """Return the title of a topic, or the name of a flow ("coach_afspraak"); plain text.

        Raises:
            TextMissing: If there is no such topic or flow.
        """
        self.refresh()
        return _Teller(self._now, language).label(topic)

    def topics(self) -> Mapping[str, Topic]:
        """Return all topics by id."""
        self.refresh()
        return self._now.topics

    def prompts(self) -> Mapping[str, Mapping[str, str]]:
        """Return all prompts: name, language, text."""
        self.refresh()
        return self._now.prompts

    def _read(self, stamps: Mapping[Path, tuple[int, int]]) -> _Snapshot:
        files: dict[Path, FileTexts] = {}
        for path, stamp in stamps.items():
            old = self._now.files.get(path)
            if old is not None and self._stamps.get(path) == stamp:
                files[path] = old
                continue
            found = read_texts(path)
            for fault in found.faults:
                log.error("text_file_broken", file=str(fault.file), line=fault.line, what=fault.what)
            files[path] = old if found.faults and old is not None else found
        return _Snapshot(
            files=files,
            topics={name: topic for found in files.values() for name, topic in found.topics.items()},
            prompts={name: texts for found in files.values() for name, texts in found.prompts.items()},
        )


def _stamp(path: Path) -> tuple[int, int]:
    """Say when a file changed and how long it is; a file that just went away is a change too."""
    try:
        state = path.stat()
    except FileNotFoundError:
        return 0, 0
    return state.st_mtime_ns, state.st_size


class _Teller:
    """Says texts of one snapshot in one language."""

    def __init__(self, snapshot: _Snapshot, language: str) -> None:
        self._snapshot = snapshot
        self._language = language if language in LANGUAGES else HOME

    def prompt(self, name: str, arguments: Mapping[str, object]) -> str:
        texts = self._snapshot.prompts.get(name, {})
        text = texts.get(self._language) or texts.get(HOME)
        if text is None:
            raise TextMissing(name, self._language)
        return self._fill(text, arguments)

    def answer(self, topic: Topic, arguments: Mapping[str, object], today: date) -> Text:
        text = topic.texts.get(self._language) or topic.texts[HOME]
        parts = [self._fill(text, arguments), *self._below(topic, today)]
        return Text(self.set_apart("\n\n".join(parts)), tuple(self._buttons(topic)))

    def title(self, topic: str) -> str:
        found = self._snapshot.topics.get(topic)
        if found is not None:
            return found.titles.get(self._language) or found.titles[HOME]
        return plain(self.prompt(f"flow/{topic}", {}))

    def label(self, topic: str) -> str:
        """Say the title of a topic, or the name of a flow, where it stands alone."""
        return self.set_apart(self.title(topic))

    def set_apart(self, text: str) -> str:
        """Set words and numbers of the other direction apart."""
        return isolate(text, from_right=is_from_right(self._language))

    def _fill(self, text: str, arguments: Mapping[str, object]) -> str:
        return fill(text, {key: html_of(value, self._language, self._inside) for key, value in arguments.items()})

    def _inside(self, name: str, arguments: Mapping[str, object]) -> str:
        """Say a text inside another: of a topic its title."""
        return html.escape(self.title(name)) if name in self._snapshot.topics else self.prompt(name, arguments)

    def _below(self, topic: Topic, today: date) -> list[str]:
        """Say what must be known about an answer: past its date, from where and when, which language counts."""
        lines = []
        if topic.lapses_on and today > topic.lapses_on:
            lines.append(self.prompt("answer/lapsed", {"day": {"month": topic.lapses_on.isoformat()}}))
        lines += self._origin(topic)
        if self._language != HOME and not topic.read_by_speaker.get(self._language, False):
            lines.append(self.prompt("answer/dutch_counts", {}))
        return lines

    def _origin(self, topic: Topic) -> list[str]:
        as_of = {"month": topic.compared_on or ""}
        if not topic.sources:
            return [self.prompt("answer/as_of", {"as_of": as_of})] if topic.compared_on else []
        url = topic.sources[0].url
        where = {"url": url, "site": (urlsplit(url).hostname or url).removeprefix("www.")}
        if not topic.compared_on:
            return [self.prompt("answer/source", where)]
        return [self.prompt("answer/source_as_of", {**where, "as_of": as_of})]

    def _buttons(self, topic: Topic) -> list[TextButton]:
        buttons = []
        for button in topic.buttons:
            if button.flow is not None:
                buttons.append(TextButton(self.label(button.flow), f"/{button.flow}"))
            elif (
                button.topic is not None and button.topic in self._snapshot.topics
            ):  # one whose file is broken or gone is left out
                buttons.append(TextButton(self.label(button.topic), f'/topic{{"topic": "{button.topic}"}}'))
        return buttons


def check(folder: Path) -> list[str]:
    """List all faults in the texts of a folder, each "file:line: what"; empty if all is well."""
    files = {path: read_texts(path) for path in text_paths(folder)}
    if not files:
        return [f"{folder}:1: no texts here"]
    faults = [fault for found in files.values() for fault in found.faults]
    faults += _faults_across(files)
    names = {name for found in files.values() for name in (*found.topics, *found.prompts)}
    needed = (*ANSWER_PHRASES, *PHRASES, *(f"flow/{flow}" for flow in FLOWS))
    lines = [str(fault) for fault in sorted(faults, key=lambda fault: (str(fault.file), fault.line))]
    return lines + [f"{folder}:1: no text has the name {name!r}" for name in needed if name not in names]


def _faults_across(files: Mapping[Path, FileTexts]) -> list[Fault]:
    """Find names that stand twice and buttons that lead nowhere."""
    faults: list[Fault] = []
    seen: dict[str, Path] = {}
    for path, found in files.items():
        for name in (*found.topics, *found.prompts):
            if name in seen:
                faults.append(Fault(path, found.lines[name], f"{name!r} stands in {seen[name]} too"))
            seen[name] = path
    unreadable = {f"{path.parent.name}/{path.stem}" for path, found in files.items() if found.faults}
    for path, found in files.items():
        for topic in found.topics.values():
            faults += [
                Fault(path, found.lines[topic.id], f"buttons: there is no topic {button.topic!r}")
                for button in topic.buttons
                if button.topic and button.topic not in seen and button.topic not in unreadable
            ]
    return faults
