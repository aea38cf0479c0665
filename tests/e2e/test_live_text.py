"""A corrected sentence is in the chat without a restart; a broken file changes nothing and is named."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.sandbox.client import Person
from service.settings import ROOT
from tests.e2e.stack import Stack

TRIES = 5  # a second each, by Telegram's pace for one chat


@pytest.fixture
def topic_file(sqlite_stack: Stack) -> Iterator[Path]:
    file = sqlite_stack.folder / "stories" / "faq" / "traject" / "pip.yml"
    kept = file.read_text()
    yield file
    file.write_text(kept)


async def asked_until(person: Person, words: str) -> bool:
    for _ in range(TRIES):
        await person.says("Wat is het PIP?")
        if words in (await person.replies())[-1].text:
            return True
    return False


def add_sentence(file: Path) -> None:
    file.write_text(file.read_text().replace("    nl: |\n", "    nl: |\n      Deze zin is nieuw.\n", 1))


def break_yaml(file: Path) -> int:
    """Add a typing error at the end; return its line."""
    broken = file.read_text() + "  : [ this is no yaml\n"
    file.write_text(broken)
    return len(broken.splitlines())


async def test_a_changed_sentence_is_said_at_once(sqlite_newcomer: Person, topic_file: Path) -> None:
    add_sentence(topic_file)

    assert await asked_until(sqlite_newcomer, "Deze zin is nieuw.")


async def test_a_broken_file_keeps_the_old_text_and_is_named(
    sqlite_stack: Stack, sqlite_newcomer: Person, topic_file: Path
) -> None:
    line = break_yaml(topic_file)

    assert await asked_until(sqlite_newcomer, "Plan Inburgering")
    assert re.search(rf"text_file_broken.*pip\.yml.*line={line}\b", sqlite_stack.log.read_text(errors="replace"))


def test_the_check_names_the_file_and_line_of_a_fault(sqlite_stack: Stack, topic_file: Path) -> None:
    line = break_yaml(topic_file)

    check = subprocess.run(
        [sys.executable, "-m", "service.content_check", str(sqlite_stack.folder / "stories")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert check.returncode == 1
    assert f"pip.yml:{line}" in check.stdout
