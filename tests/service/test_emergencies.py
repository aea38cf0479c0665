from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from structlog.testing import capture_logs

from service.emergencies import Emergencies, Emergency, check
from service.language import LANGUAGES
from service.settings import ROOT

KIND = """\
version: "3.1"
emergencies:
  danger:
    topic: gezondheid/spoed
    words: {{{words}}}
    not_with: {not_with}
"""
WORDS = (
    'nl: [huis|flat brandt, slang*, "*tsunami"], en: [house on fire], ar: [حريق], tr: [yangin], fa: [آتش],'
    " ti: [ሓዊ], uk: [пожежа]"
)


@pytest.fixture(scope="module")
def ours() -> Emergencies:
    return Emergencies(ROOT / "stories")


def write(folder: Path, words: str = WORDS, not_with: str = "{}") -> Path:
    path = folder / "emergencies.yml"
    path.write_text(KIND.format(words=words, not_with=not_with), encoding="utf-8")
    return path


def kind_of(folder: Path, text: str) -> str | None:
    found = Emergencies(folder).find(text)
    return found.kind if found else None


@pytest.mark.parametrize(
    "text", ["Mijn HUIS brandt!", "de flat hiernaast die brandt", "slangenbeet", "megatsunami", "YANGIN", "yangın"]
)
def test_words_count_in_order_with_few_between_and_in_any_spelling(tmp_path: Path, text: str) -> None:
    write(tmp_path)
    assert kind_of(tmp_path, text) == "danger"


@pytest.mark.parametrize(
    "text", ["brandt het huis", "mijn huis is een dag lang heel warm en brandt", "brandt", "tsunamis", ""]
)
def test_words_apart_or_in_another_order_do_not_count(tmp_path: Path, text: str) -> None:
    write(tmp_path)
    assert kind_of(tmp_path, text) is None


def test_an_exception_is_taken_out_first(tmp_path: Path) -> None:
    write(tmp_path, not_with="{nl: [slang van de douche]}")
    assert kind_of(tmp_path, "de slang van de douche lekt") is None
    assert kind_of(tmp_path, "de slang van de douche en een slang in huis") == "danger"


def test_the_answer_is_in_the_language_of_the_words_when_the_person_speaks_another() -> None:
    found = Emergency("danger", "gezondheid/spoed", ("ar", "fa"))
    assert found.language_for("fa") == "fa"
    assert found.language_for("nl") == "ar"


def test_changed_words_count_at_once_and_broken_ones_leave_the_old(tmp_path: Path) -> None:
    path = write(tmp_path)
    emergencies = Emergencies(tmp_path)
    write(tmp_path, WORDS.replace("slang*", "vulkaan*"))
    assert emergencies.find("vulkaanuitbarsting")
    path.write_text("emergencies: [", encoding="utf-8")
    with capture_logs() as logs:
        assert emergencies.find("vulkaanuitbarsting")
    assert [entry["event"] for entry in logs] == ["emergency_words_broken"]
    path.unlink()
    assert emergencies.find("vulkaanuitbarsting")


def test_without_a_file_nothing_starts(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Emergencies(tmp_path)


@pytest.mark.parametrize(
    ("words", "not_with", "what"),
    [
        (WORDS.replace(", uk: [пожежа]", ""), "{}", "words: uk has none"),
        (WORDS + ", xx: [fire]", "{}", "'xx' is no language of ours"),
        (WORDS.replace("slang*", "sl[ang"), "{}", "cannot be read"),
        (WORDS.replace("slang*", '"sl(ang"'), "{}", "only words, * and |"),
        (WORDS, "{nl: [wie.dan]}", "only words, * and |"),
    ],
)
def test_each_fault_is_named(tmp_path: Path, words: str, not_with: str, what: str) -> None:
    assert any(what in fault for fault in check(write(tmp_path, words, not_with)))


def test_our_own_words_are_in_order() -> None:
    assert check(ROOT / "stories/emergencies.yml") == []


TEN = yaml.safe_load((ROOT / "tests/emergencies.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_ten_emergencies_are_told_in_each_language(ours: Emergencies, language: str) -> None:
    asked = [(text, kind) for kind, by_language in TEN.items() for text in by_language[language]]
    assert len(asked) == 10
    for text, kind in asked:
        found = ours.find(text)
        assert (found and found.kind, text) == (kind, text)
        assert found is not None
        assert language in found.languages
