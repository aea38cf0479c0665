"""Reads the files with words for people: topics (stories/faq) and prompts (stories/texts).

A file that has a fault gives no texts at all, so that a half-edited one is never said. Faults carry file and line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from service.language import LANGUAGES, SAFE_LOADER
from service.markup import markup_faults, placeholders

MAX_TEXT = 1200  # characters: a Telegram message takes 4096, and nobody reads that much on a phone
MAX_TITLE = 60  # characters: a title is a button label too
MAX_BUTTONS = 3
OWNERS = ("inburgering030", "welkomhuis", "wegwijs")
FLOWS = ("coach_afspraak", "coach_mens")
HOME = "nl"  # the language that every text has, and that counts
_DAY = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_TOPIC = re.compile(r"[a-z]+/[a-z0-9_]+")
_PROMPT = re.compile(r"[a-z_]+/[a-z0-9_]+")


@dataclass(frozen=True)
class Fault:
    """What is wrong in a file, and on which line (1 is the first)."""

    file: Path
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}"


@dataclass(frozen=True)
class Source:
    """A page that supports an answer; `as_of` is the date it tells (YYYY, YYYY-MM or YYYY-MM-DD), if any."""

    url: str
    as_of: str | None


@dataclass(frozen=True)
class TopicButton:
    """A button under an answer: to another topic, or to a flow. Exactly one of both."""

    topic: str | None
    flow: str | None


@dataclass(frozen=True)
class Topic:
    """One question with its answer in every language."""

    id: str
    owner: str
    compared_on: str | None  # YYYY, YYYY-MM or YYYY-MM-DD
    lapses_on: date | None  # from the day after it, the answer says that it may be out of date
    sources: tuple[Source, ...]
    buttons: tuple[TopicButton, ...]
    titles: Mapping[str, str]
    texts: Mapping[str, str]
    read_by_speaker: Mapping[str, bool]


@dataclass(frozen=True)
class FileTexts:
    """What one file holds. With faults: nothing else."""

    topics: Mapping[str, Topic] = field(default_factory=dict)
    prompts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # name: language: text
    faults: tuple[Fault, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict)  # of each topic and prompt


def text_paths(folder: Path) -> list[Path]:
    """List the topic and prompt files under *folder*, sorted."""
    return sorted([*folder.glob("faq/*/*.yml"), *folder.glob("texts/*.yml")])


def read_texts(path: Path) -> FileTexts:
    """Read one topic or prompt file and check it against its schema."""
    try:
        document = _load(path)
    except (yaml.YAMLError, OSError, UnicodeDecodeError) as fault:
        mark = getattr(fault, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(fault, "problem", None) or type(fault).__name__
        return FileTexts(faults=(Fault(path, line, f"no good YAML: {problem}"),))
    reader = _PromptReader(path) if path.parent.name == "texts" else _TopicReader(path)
    found = reader.read(document)
    return FileTexts(faults=tuple(reader.faults)) if reader.faults else found


class _Lined(dict[str, Any]):
    """A mapping that knows on which line it and each of its keys stand."""

    line: int = 1
    lines: dict[str, int]


class _Loader(SAFE_LOADER):  # type: ignore[misc, valid-type] # one of two classes
    """Safe YAML with line numbers; a key that stands twice is a fault, not a silent loss."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> _Lined:
    lines: dict[str, int] = {}
    for key_node, _ in node.value:
        key = str(loader.construct_object(key_node))
        if key in lines:
            raise yaml.MarkedYAMLError(problem=f"{key!r} stands here twice", problem_mark=key_node.start_mark)
        lines[key] = key_node.start_mark.line + 1
    found = _Lined({str(key): value for key, value in loader.construct_mapping(node, deep=True).items()})
    found.line, found.lines = node.start_mark.line + 1, lines
    return found


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def _load(path: Path) -> Any:
    with path.open(encoding="utf-8") as file:
        return yaml.load(file, Loader=_Loader)  # noqa: S506 - a SafeLoader


class _Reader:
    """Gathers the faults of one file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.faults: list[Fault] = []

    def fault(self, line: int, what: str) -> None:
        self.faults.append(Fault(self.path, line, what))

    def mapping(self, value: Any, line: int, what: str) -> _Lined:
        """Return *value* if it is a mapping; else note the fault and return an empty one."""
        if isinstance(value, _Lined):
            return value
        self.fault(line, f"{what}: must be keys with values")
        empty = _Lined()
        empty.line, empty.lines = line, {}
        return empty

    def keys(self, found: _Lined, required: tuple[str, ...], what: str) -> None:
        """Note every key that is missing or unknown."""
        for key in required:
            if key not in found:
                self.fault(found.line, f"{what}: {key!r} is missing")
        for key in found:
            if key not in required:
                self.fault(found.lines[key], f"{what}: {key!r} is unknown")

    def languages(self, value: Any, line: int, what: str) -> Iterator[tuple[str, Any, int]]:
        """Go over a mapping of language to value; note languages that are missing or unknown."""
        found = self.mapping(value, line, what)
        self.keys(found, tuple(LANGUAGES), what)
        for language in LANGUAGES:
            if language in found:
                yield language, found[language], found.lines[language]

    def texts(self, value: Any, line: int, what: str, longest: int, *, is_plain: bool = False) -> dict[str, str]:
        """Read one text in every language: markup (unless plain), length, the same placeholders everywhere."""
        texts: dict[str, str] = {}
        for language, text, text_line in self.languages(value, line, what):
            if not isinstance(text, str) or not text.strip():
                self.fault(text_line, f"{what}: {language}: must be a text")
                continue
            texts[language] = text.strip()
            for fault in () if is_plain else markup_faults(texts[language]):
                self.fault(text_line, f"{what}: {language}: {fault}")
            if len(texts[language]) > longest:
                self.fault(text_line, f"{what}: {language}: {len(texts[language])} characters, at most {longest}")
            if placeholders(texts[language]) != placeholders(texts.get(HOME, texts[language])):
                self.fault(text_line, f"{what}: {language}: other placeholders than in {HOME}")
        return texts


class _PromptReader(_Reader):
    def read(self, document: Any) -> FileTexts:
        top = self.mapping(document, 1, "file")
        self.keys(top, ("version", "texts"), "file")
        named = self.mapping(top.get("texts"), top.lines.get("texts", 1), "texts")
        prompts = {}
        for name, value in named.items():
            if not _PROMPT.fullmatch(name):
                self.fault(named.lines[name], f"{name!r}: a name looks like booking/ask_area")
            prompts[name] = self.texts(value, named.lines[name], name, MAX_TEXT)
        return FileTexts(prompts=prompts, lines=named.lines)


class _TopicReader(_Reader):
    REQUIRED = (
        "topic",
        "owner",
        "compared_on",
        "lapses_on",
        "sources",
        "buttons",
        "title",
        "text",
        "read_by_speaker",
    )

    def read(self, document: Any) -> FileTexts:
        top = self.mapping(document, 1, "file")
        self.keys(top, ("version", "nlu", "answers"), "file")
        answers = self.mapping(top.get("answers"), top.lines.get("answers", 1), "answers")
        self.keys(answers, self.REQUIRED, "answers")
        if self.faults:
            return FileTexts()
        self.check_intents(top, answers["topic"])
        topic = Topic(
            id=self.topic_id(answers),
            owner=self.owner(answers),
            compared_on=self.compared_on(answers),
            lapses_on=self.lapses_on(answers),
            sources=tuple(self.sources(answers)),
            buttons=tuple(self.buttons(answers)),
            titles=self.texts(answers["title"], answers.lines["title"], "title", MAX_TITLE, is_plain=True),
            texts=self.texts(answers["text"], answers.lines["text"], "text", MAX_TEXT),
            read_by_speaker=self.read_by(answers),
        )
        return FileTexts(topics={topic.id: topic}, lines={topic.id: answers.lines["topic"]})

    def check_intents(self, top: _Lined, topic: Any) -> None:
        """The examples must be for this topic; a topic that an action answers has a plain intent."""
        allowed = (str(topic), str(topic).replace("/", "_", 1))
        examples = top["nlu"] if isinstance(top["nlu"], list) else []
        if not examples:
            self.fault(top.lines["nlu"], "nlu: must be a list of examples by intent")
        for entry in examples:
            found = self.mapping(entry, top.lines["nlu"], "nlu")
            if found.get("intent") not in allowed:
                self.fault(found.lines.get("intent", found.line), f"nlu: the intent must be {allowed[0]!r}")

    def topic_id(self, answers: _Lined) -> str:
        topic = str(answers["topic"])
        if topic != f"{self.path.parent.name}/{self.path.stem}" or not _TOPIC.fullmatch(topic):
            self.fault(answers.lines["topic"], f"topic: {topic!r} is not where the file stands")
        return topic

    def owner(self, answers: _Lined) -> str:
        if answers["owner"] not in OWNERS:
            self.fault(answers.lines["owner"], f"owner: must be one of {', '.join(OWNERS)}")
        return str(answers["owner"])

    def compared_on(self, answers: _Lined) -> str | None:
        return self.day_text(answers["compared_on"], answers.lines["compared_on"], "compared_on")

    def lapses_on(self, answers: _Lined) -> date | None:
        value = answers["lapses_on"]
        try:
            return date.fromisoformat(str(value)) if value is not None else None
        except ValueError:
            self.fault(answers.lines["lapses_on"], "lapses_on: must be null or a day, YYYY-MM-DD")
            return None

    def day_text(self, value: Any, line: int, what: str) -> str | None:
        if value is None or _DAY.fullmatch(str(value)):
            return None if value is None else str(value)
        self.fault(line, f"{what}: must be null, YYYY, YYYY-MM or YYYY-MM-DD")
        return None

    def entries(self, answers: _Lined, key: str) -> Iterator[_Lined]:
        if not isinstance(answers[key], list):
            self.fault(answers.lines[key], f"{key}: must be a list")
            return
        for entry in answers[key]:
            yield self.mapping(entry, answers.lines[key], key)

    def sources(self, answers: _Lined) -> Iterator[Source]:
        for entry in self.entries(answers, "sources"):
            self.keys(entry, ("url", "as_of"), "sources")
            url = str(entry.get("url"))
            if not re.fullmatch(r"https?://[^\s\"<>]+\.[^\s\"<>]+", url):
                self.fault(entry.line, f"sources: {url!r} is no address")
            yield Source(url, self.day_text(entry.get("as_of"), entry.line, "as_of"))

    def buttons(self, answers: _Lined) -> Iterator[TopicButton]:
        entries = list(self.entries(answers, "buttons"))
        if len(entries) > MAX_BUTTONS:
            self.fault(answers.lines["buttons"], f"buttons: at most {MAX_BUTTONS}")
        for entry in entries:
            topic, flow = entry.get("topic"), entry.get("flow")
            if len(entry) != 1 or (topic is None) == (flow is None):
                self.fault(entry.line, "buttons: each has either a topic or a flow")
            elif flow is not None and flow not in FLOWS:
                self.fault(entry.line, f"buttons: flow must be one of {', '.join(FLOWS)}")
            yield TopicButton(topic, flow)

    def read_by(self, answers: _Lined) -> dict[str, bool]:
        read: dict[str, bool] = {}
        for language, value, line in self.languages(
            answers["read_by_speaker"], answers.lines["read_by_speaker"], "read_by_speaker"
        ):
            if not isinstance(value, bool):
                self.fault(line, f"read_by_speaker: {language}: must be true or false")
            read[language] = bool(value)
        return read
