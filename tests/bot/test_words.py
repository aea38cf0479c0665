"""The bot's own texts: each that the code names is there, in every language, and fits where it is shown."""

from __future__ import annotations

import re
from datetime import date

import pytest

from bot.menu import COACHES
from bot.replies import MAX_ALERT, plain_text
from service.language import LANGUAGES
from service.settings import ROOT
from service.texts import Texts

CODE = "\n".join(path.read_text() for path in sorted((ROOT / "bot").glob("*.py")))
OWN = ("chat/", "agenda/", "appointment/")  # of the bot's own files
NO_WORDS = {"calendar/file"}  # a file, whose caption has a name of its own
NAMES = sorted(
    {
        *re.findall(
            r'"((?:agenda|appointment|attendance|booking|calendar|change|chat|flow|handoff|opening|reminder|standing|waiting)'
            r'/[a-z_]+)"',
            CODE,
        ),
        *(f"chat/menu_{name}" for name in COACHES),
    }
    - NO_WORDS
)
ALERTS = sorted({"chat/old_button", "chat/too_many", *re.findall(r'"(chat/claim_[a-z_]+)"', CODE)})


@pytest.fixture(scope="module")
def texts() -> Texts:
    return Texts(ROOT / "stories")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_that_the_code_names_is_there(texts: Texts, name: str, language: str) -> None:
    assert texts.prompts()[name].get(language)


def test_every_text_of_the_bots_files_is_named_by_the_code(texts: Texts) -> None:
    assert not [name for name in texts.prompts() if name.startswith(OWN) and name not in NAMES]


@pytest.mark.parametrize("name", ALERTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_alert_fits(texts: Texts, name: str, language: str) -> None:
    found = texts.find(name, language, {"coach": "Voorbeeldcoach A (gemeente)"}, today=date(2026, 11, 24))
    assert len(plain_text(found.html)) <= MAX_ALERT


NO_PERSON = {
    "nl": "geen mens",
    "en": "not a person",
    "ar": "لست إنسانًا",
    "tr": "İnsan değilim",
    "fa": "انسان نیستم",
    "ti": "ሰብ ኣይኮንኩን",
    "uk": "не людина",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_introduction_says_that_it_is_no_person_and_how_to_reach_one(texts: Texts, language: str) -> None:
    words = texts.find("chat/introduction", language, today=date(2026, 11, 24)).html
    assert NO_PERSON[language] in words
    assert "/mens" in words
    assert "14 030" in words.replace("\u00a0", " ")  # kept in one line from the right
    assert "BSN" in words
