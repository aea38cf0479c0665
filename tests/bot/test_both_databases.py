"""A conversation from the first word to the last, on each kind of database."""

from __future__ import annotations

from sqlalchemy.orm import Session, sessionmaker

from bot.sandbox.client import Sandbox
from store.messages import Button, ChatLease, InboxUpdate, Notification, Reply
from store.models import Newcomer
from tests.bot.rig import open_rig
from tests.sandbox.serving import Running


async def test_a_conversation_from_the_first_word_to_erasure(
    running: Running, sandbox: Sandbox, sessions: sessionmaker[Session]
) -> None:
    newcomer, group = sandbox.newcomer(1000), await sandbox.coach(2000).in_group().enters()
    async with open_rig(running.url, sessions) as rig:
        rig.rasa.answer = lambda message: [
            {"text": f"antwoord op {message['message']}", "buttons": [{"title": "Ja", "payload": "/affirm"}]}
        ]
        await rig.start()
        await newcomer.says("Wat is DUO?")
        assert (await newcomer.replies(at_least=2))[-1].text == "antwoord op Wat is DUO?"
        await newcomer.presses("Ja")
        assert (await newcomer.next_reply()).text == "antwoord op /affirm"
        await newcomer.says("/mens")
        await newcomer.next_reply()
        assert (await group.next_reply()).labels == ["Ik neem deze"]
        await newcomer.says("/gegevens")
        await newcomer.next_reply()
        await newcomer.presses("Alles wissen")
        await newcomer.next_reply()
        await newcomer.presses("Ja, wis alles")
        assert "Alles is gewist" in (await newcomer.next_reply()).text
        await rig.stop()
    with sessions() as session:
        for table in (Newcomer, InboxUpdate, Reply, ChatLease, Notification):
            assert session.query(table).count() == 0, table
        assert session.query(Button).filter(Button.chat_id == 1000).count() == 0
