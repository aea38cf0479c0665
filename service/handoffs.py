"""Hand-offs: a newcomer asks for a person, one coach takes it.

Texts and their arguments: `handoff/called` and, when there may be danger, `handoff/called_urgent` (the coaches' group:
`language`, `topic`), `handoff/claimed_newcomer` (`coach`, `organisation`), `handoff/claimed_coach` (`language`,
`topic`) and `handoff/claimed_group` (`coach`, `organisation`). `topic` is `{"text": id}`, the title of the last
answer, or `{"text": "handoff/no_topic"}`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from service.errors import AlreadyClaimed, NoSuchHandOff, NoSuchNewcomer
from service.notifications import notify
from store.models import Coach, HandOff, HandOffClaim, Newcomer


def request_person(
    session: Session,
    newcomer: Newcomer,
    topic: str | None,
    request_key: str | None,
    now: datetime,
    *,
    is_urgent: bool = False,
) -> HandOff:
    """Ask for a person; the coaches' group hears it in the same transaction.

    Args:
        session: The transaction.
        newcomer: Who asks.
        topic: Taxonomy id of the last answer, to help the coach; None if there was none.
        request_key: Names the turn that asks: a retry finds what it opened, also when that is closed by now.
        now: The moment, aware.
        is_urgent: Whether there may be danger. The coaches are told so, once more if the hand-off was open already.

    Returns:
        A new hand-off, or the one that is open already: then nobody is called again.

    Raises:
        NoSuchNewcomer: If the newcomer was erased meanwhile.
    """
    standing = _standing(session, newcomer, request_key)
    if standing is not None:
        return _make_urgent(session, standing, topic, now) if is_urgent else standing
    hand_off = HandOff(
        newcomer_id=newcomer.id,
        language=newcomer.language,
        topic=topic,
        request_key=request_key,
        is_urgent=is_urgent,
        opened_at=now,
    )
    try:
        with session.begin_nested():
            session.add(hand_off)
    except IntegrityError as error:
        won = _standing(session, newcomer, request_key)  # the same wish, twice at the same moment
        if won is None:
            raise NoSuchNewcomer(newcomer.id) from error
        return won
    _call(session, hand_off, now)
    return hand_off


def claim_hand_off(session: Session, hand_off_id: int, coach: Coach, now: datetime) -> HandOff:
    """Give a hand-off to one coach, and tell the newcomer, the coach and the group.

    A coach who claims it again gets it again, and nobody is told twice.

    Raises:
        NoSuchHandOff: If it is unknown, closed, or its newcomer was erased.
        AlreadyClaimed: If another coach has it.
    """
    query = select(HandOff).where(HandOff.id == hand_off_id).options(joinedload(HandOff.newcomer))
    hand_off = session.scalar(query.with_for_update(of=HandOff).execution_options(populate_existing=True))
    if hand_off is None or hand_off.closed_at is not None or hand_off.newcomer is None:
        raise NoSuchHandOff(hand_off_id)
    try:
        with session.begin_nested():
            session.add(HandOffClaim(hand_off_id=hand_off_id, coach_id=coach.id, claimed_at=now))
    except IntegrityError:
        holder = _holder(session, hand_off_id)
        if holder.id != coach.id:
            raise AlreadyClaimed(hand_off_id, holder.id, holder.name) from None
        return hand_off
    _tell_claimed(session, hand_off, coach, now)
    return hand_off


def _call(session: Session, hand_off: HandOff, now: datetime) -> None:
    name = "handoff/called_urgent" if hand_off.is_urgent else "handoff/called"
    notify(session, name=name, arguments=_about(hand_off), now=now, hand_off=hand_off)


def _make_urgent(session: Session, hand_off: HandOff, topic: str | None, now: datetime) -> HandOff:
    """Make an open hand-off urgent and call the coaches again, also the one who has it: they may not be looking."""
    if not hand_off.is_urgent and hand_off.closed_at is None:
        hand_off.is_urgent, hand_off.topic = True, topic
        _call(session, hand_off, now)
    return hand_off


def _standing(session: Session, newcomer: Newcomer, request_key: str | None) -> HandOff | None:
    """Find what this turn opened before, or else the newcomer's open hand-off."""
    mine = select(HandOff).where(HandOff.newcomer_id == newcomer.id)
    if request_key is not None:
        earlier = session.scalar(mine.where(HandOff.request_key == request_key))
        if earlier is not None:
            return earlier
    return session.scalar(mine.where(HandOff.closed_at.is_(None)))


def _holder(session: Session, hand_off_id: int) -> Coach:
    query = select(Coach).join(HandOffClaim).where(HandOffClaim.hand_off_id == hand_off_id)
    return session.scalars(query).one()


def _about(hand_off: HandOff) -> dict[str, Any]:
    return {
        "language": {"language": hand_off.language},
        "topic": {"text": hand_off.topic} if hand_off.topic else {"text": "handoff/no_topic"},
    }


def _tell_claimed(session: Session, hand_off: HandOff, coach: Coach, now: datetime) -> None:
    who = {"coach": coach.name, "organisation": coach.organisation.name}
    newcomer, about = hand_off.newcomer, _about(hand_off)
    notify(session, newcomer=newcomer, name="handoff/claimed_newcomer", arguments=who, now=now, hand_off=hand_off)
    notify(session, coach=coach, name="handoff/claimed_coach", arguments=about, now=now, hand_off=hand_off)
    notify(session, name="handoff/claimed_group", arguments=who, now=now, hand_off=hand_off)
