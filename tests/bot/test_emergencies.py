"""Danger in the chat: the numbers come at once, without Rasa, and a coach can be called."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from bot.sandbox.client import Person, Sandbox
from service.language import LANGUAGES
from tests.bot.rig import Rig

ASKED = yaml.safe_load((Path(__file__).parents[1] / "emergencies.yml").read_text(encoding="utf-8"))
NUMBERS = {  # as they are read: Telegram keeps no links to telephone numbers
    "danger": {"112"},
    "suicide": {"113", "0800-0113", "112"},
    "violence": {"112", "0800-2000"},
    "exploitation": {"112", "0800-2000", "0900-8844"},
}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_ten_emergencies_get_the_right_numbers_without_rasa(rig: Rig, newcomer: Person, language: str) -> None:
    await newcomer.says(f"/taal {language}")
    await newcomer.replies()
    for kind, by_language in ASKED.items():
        said = rig.parts.words.label(f"emergency/{kind}", language)
        for text in by_language[language]:
            await newcomer.says(text)
            reply = await newcomer.next_reply()
            assert (text, reply.text) == (text, said)
            assert NUMBERS[kind] <= set(re.findall(r"\d[\d-]*\d", reply.text))
            assert len(reply.labels) == 2
    assert rig.rasa.asked == []


async def test_a_first_message_that_speaks_of_danger_is_answered_in_its_language(rig: Rig, sandbox: Sandbox) -> None:
    await rig.start()
    newcomer = sandbox.newcomer(1000, language_code="nl")
    await newcomer.says("bebeğim nefes almıyor")
    introduction, warning = await newcomer.replies(at_least=2)
    assert introduction.text.startswith(rig.parts.words.label("chat/introduction", "tr")[:20])
    assert warning.text == rig.parts.words.label("emergency/danger", "tr")


async def test_the_coaches_are_called_urgently_on_a_press(rig: Rig, sandbox: Sandbox, newcomer: Person) -> None:
    group = await sandbox.coach(2000).in_group().enters()
    await newcomer.says("mijn man slaat mij")
    warning = await newcomer.next_reply()
    await newcomer.presses("Dringend", message=warning)
    assert "112" in (await newcomer.next_reply()).text
    call = await group.next_reply()
    assert "DRINGEND" in call.text
    assert "Nederlands" in call.text
    assert call.labels == ["Ik neem deze"]


async def test_a_hand_off_that_waits_becomes_urgent(rig: Rig, sandbox: Sandbox, newcomer: Person) -> None:
    group = await sandbox.coach(2000).in_group().enters()
    await newcomer.says("/mens")
    await newcomer.replies()
    assert "DRINGEND" not in (await group.next_reply()).text
    await newcomer.says("ik wil dood")
    await newcomer.presses("Dringend", message=await newcomer.next_reply())
    assert "DRINGEND" in (await group.next_reply()).text


async def test_the_words_are_not_logged(rig: Rig, newcomer: Person, capsys: pytest.CaptureFixture[str]) -> None:
    await newcomer.says("mijn man slaat mij en Fatoumata ook")
    await newcomer.next_reply()
    assert "Fatoumata" not in "".join(capsys.readouterr())
