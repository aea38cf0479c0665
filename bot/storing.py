"""Stores what answers an update, before it is sent: the messages, their buttons, what becomes of older keyboards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot import commands
from bot.parts import Parts
from bot.replies import (
    Edit,
    Message,
    body_of_edit,
    body_of_message,
    body_of_rewrite,
    split_message,
    with_button,
    with_notices,
)
from bot.routing import AskRasa
from bot.turn import LEASE, Turn
from service import buttons, inbox
from service.buttons import Press
from service.inbox import StoredReply
from service.language import LANGUAGES


def store_answer(
    parts: Parts,
    session: Session,
    turn: Turn,
    messages: Sequence[Message],
    now: datetime,
    *,
    press: Press | None = None,
    forgets: bool = False,
) -> list[StoredReply]:
    """Store the answer with its buttons: first the change of the pressed keyboard, last those of older keyboards.

    `forgets`: nothing of the update stays once it is sent, as the person was erased.
    """
    chat_id = turn.waiting.chat_id
    inbox.renew_lease(session, chat_id, turn.holder, now, LEASE)
    messages = with_notices(messages, _notices(parts, turn, press))
    if turn.left is not None and messages:
        messages[-1] = with_button(messages[-1], commands.back_button(parts.words, turn.left))
    parts_to_send = [part for one in messages for part in split_message(one)]
    bodies = _use_keyboard(parts, session, turn, press, now)
    new = [button for message in parts_to_send for button in message.buttons]
    for message in parts_to_send:
        buttons.keep_buttons(session, chat_id, message.buttons, now)
        bodies.append(body_of_message(message))
    if new:
        session.flush()
        retired = buttons.retire_keyboards(session, chat_id, [button.id for button in new], now)
        bodies += [body_of_edit(Edit(keyboard)) for keyboard in retired]
    if forgets and bodies:
        bodies[-1]["forgets"] = True
    return inbox.store_replies(session, turn.waiting.update_id, bodies)


def store_rewrite(session: Session, turn: Turn, message: Message, now: datetime) -> list[StoredReply]:
    """Store an answer that takes the place of the message whose button was pressed."""
    chat_id, message_id = turn.waiting.chat_id, turn.incoming.message_id or 0
    inbox.renew_lease(session, chat_id, turn.holder, now, LEASE)
    buttons.keep_buttons(session, chat_id, message.buttons, now)
    session.flush()
    button_ids = [button.id for button in message.buttons]
    buttons.set_message(session, button_ids, message_id)
    return inbox.store_replies(session, turn.waiting.update_id, [body_of_rewrite(message_id, message)])


def _notices(parts: Parts, turn: Turn, press: Press | None) -> list[str]:
    """List the lines above an answer."""
    notices = []
    if turn.is_foreign:
        languages = {"languages": ", ".join(LANGUAGES.values())}
        notices.append(parts.words.html("chat/other_language", turn.language, languages).strip())
    if turn.waiting.numbers_blanked:
        notices.append(parts.words.html("chat/number_blanked", turn.language).strip())
    if isinstance(turn.route, AskRasa) and turn.route.with_media:
        notices.append(parts.words.html("chat/only_caption", turn.language).strip())
    if press is not None and press.is_standing and press.action["do"] == "rasa":
        notices.append(_chosen(parts, turn, press))
    return notices


def _chosen(parts: Parts, turn: Turn, press: Press) -> str:
    return parts.words.html("chat/chosen", turn.language, {"choice": press.label}).strip()


def _use_keyboard(
    parts: Parts, session: Session, turn: Turn, press: Press | None, now: datetime
) -> list[dict[str, Any]]:
    """Use up the pressed keyboard, and show the choice in its place."""
    if press is None or (press.is_standing and not press.is_for_once):
        return []
    keyboard = buttons.use_keyboard(session, turn.waiting.chat_id, turn.incoming.message_id or 0, now)
    html = turn.incoming.html
    return [body_of_edit(Edit(keyboard, f"{html}\n\n{_chosen(parts, turn, press)}" if html else None))]
