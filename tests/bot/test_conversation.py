"""The real python-telegram-bot against the sandbox: what people write, and what they get."""

from __future__ import annotations

from bot.sandbox.client import Sandbox
from tests.bot.rig import Rig


async def test_first_message_is_introduced_and_then_answered(rig: Rig, sandbox: Sandbox) -> None:
    await rig.start()
    newcomer = sandbox.newcomer(1000)
    await newcomer.says("Hoe lang heb ik om in te burgeren?")
    introduction, answer = await newcomer.replies(at_least=2)
    assert "geen mens" in introduction.text
    assert introduction.labels == ["Nederlands", "English"]
    assert answer.text == "antwoord op Hoe lang heb ik om in te burgeren?"
