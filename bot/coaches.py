"""What coaches do in the chat: link their account, take a hand-off in the group.

Coaches read Dutch. Each act runs inside the caller's transaction; nothing is sent here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.parts import Words
from bot.replies import Message
from service.coaches import coach_of, link_coach
from service.errors import AlreadyClaimed, NoSuchHandOff, WrongCode
from service.handoffs import claim_hand_off

LANGUAGE = "nl"


@dataclass(frozen=True)
class Alert:
    """What is shown to the one who pressed a button."""

    name: str
    arguments: dict[str, str]
    is_alert: bool = True  # must be clicked away


def link_account(session: Session, words: Words, code: str, user_id: int, now: datetime) -> Message:
    """Link the Telegram account of a private chat to the coach of a one-time code."""
    if not code:
        return words.message("chat/link_how", LANGUAGE)
    try:
        coach = link_coach(session, code, user_id, now)
    except WrongCode:
        return words.message("chat/link_wrong", LANGUAGE)
    return words.message("chat/linked", LANGUAGE, {"coach": coach.name})


def answer_in_group(
    session: Session, words: Words, command: str, *, group: int, user_id: int, is_coach_group: bool
) -> list[Message]:
    """Answer a command in a group. Only a linked coach is told the group's number; other groups hear nothing else."""
    if command == "groep":
        if coach_of(session, user_id) is None:
            return []
        return [words.message("chat/group_id", LANGUAGE, {"group": str(group)})]
    if command == "koppel":
        return [words.message("chat/link_in_private", LANGUAGE)]
    return [words.message("chat/group_help", LANGUAGE)] if is_coach_group else []


def claim(session: Session, hand_off_id: int, user_id: int, now: datetime) -> Alert:
    """Give a hand-off to the coach who pressed the button; refuse anybody else."""
    coach = coach_of(session, user_id)
    if coach is None:
        return Alert("chat/claim_only_coaches", {})
    try:
        claim_hand_off(session, hand_off_id, coach, now)
    except AlreadyClaimed as error:
        return Alert("chat/claim_taken", {"coach": error.by})
    except NoSuchHandOff:
        return Alert("chat/claim_gone", {})
    return Alert("chat/claim_done", {}, is_alert=False)
