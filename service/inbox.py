"""The inbox: every update of Telegram, kept until it is answered.

A worker holds a chat by a lease and answers its updates in their order, so that a conversation stays whole however
many workers there are. Moments are aware and in UTC; `now` is the caller's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, Result, delete, exists, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from service.errors import WegwijsError
from store.messages import ChatLease, InboxUpdate, Reply

MAX_DELAY = timedelta(seconds=20)
INTRODUCTION = 0  # position of the introduction; what answers the update comes after it


class LeaseLost(WegwijsError):  # noqa: N818 - named for what happened, as in service/errors.py
    """Another worker holds the chat now: what this one was about to do must not be done."""


@dataclass(frozen=True)
class Waiting:
    """An update that waits for its answer. `attempts` counts the tries before this one."""

    update_id: int
    chat_id: int
    payload: dict[str, Any]
    numbers_blanked: bool
    received_at: datetime
    attempts: int
    has_apologised: bool


@dataclass(frozen=True)
class StoredReply:
    """One message that answers an update."""

    update_id: int
    position: int
    body: dict[str, Any]


def _insert(session: Session, table: type[InboxUpdate | ChatLease]) -> Any:
    """Start an insert that knows `on_conflict`, which SQLAlchemy has per database."""
    dialect = session.get_bind().dialect.name
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def _rows(result: Result[Any]) -> int:
    """Count the rows that a change touched."""
    return cast("CursorResult[Any]", result).rowcount


def receive(
    session: Session, update_id: int, chat_id: int, payload: dict[str, Any], now: datetime, *, blanked: bool = False
) -> bool:
    """Keep an update. Returns False if it was handed over before: then nothing changes."""
    row = {
        "update_id": update_id,
        "chat_id": chat_id,
        "payload": payload,
        "numbers_blanked": blanked,
        "received_at": now,
        "not_before": now,
        "attempts": 0,
    }
    insert = _insert(session, InboxUpdate).values(row).on_conflict_do_nothing()
    return session.scalar(insert.returning(InboxUpdate.update_id)) is not None


def claim_chat(session: Session, holder: str, now: datetime, lease: timedelta) -> int | None:
    """Take the chat that has waited longest and that nobody holds.

    A chat whose first update is put off is left alone whole: its order is kept.

    Returns:
        The chat, held until *now* plus *lease*, or None if none is to be had now.
    """
    earlier = aliased(InboxUpdate)
    is_first = ~exists().where(
        earlier.chat_id == InboxUpdate.chat_id, earlier.done_at.is_(None), earlier.update_id < InboxUpdate.update_id
    )
    is_held = exists().where(ChatLease.chat_id == InboxUpdate.chat_id, ChatLease.until > now)
    chat_id = session.scalar(
        select(InboxUpdate.chat_id)
        .where(InboxUpdate.done_at.is_(None), InboxUpdate.not_before <= now, is_first, ~is_held)
        .order_by(InboxUpdate.received_at, InboxUpdate.update_id)
        .limit(1)
        .with_for_update(skip_locked=True, of=InboxUpdate)
    )
    if chat_id is None:
        return None
    row = {"chat_id": chat_id, "holder": holder, "until": now + lease}
    insert = _insert(session, ChatLease).values(row)
    taken = insert.on_conflict_do_update(
        index_elements=[ChatLease.chat_id],
        set_={"holder": holder, "until": now + lease},
        where=ChatLease.until <= now,
    )
    return chat_id if session.scalar(taken.returning(ChatLease.chat_id)) is not None else None


def renew_lease(session: Session, chat_id: int, holder: str, now: datetime, lease: timedelta) -> None:
    """Hold a chat longer.

    Raises:
        LeaseLost: If the lease ran out and another worker took the chat, or nobody holds it.
    """
    result = session.execute(
        update(ChatLease).where(ChatLease.chat_id == chat_id, ChatLease.holder == holder).values(until=now + lease)
    )
    if _rows(result) != 1:
        raise LeaseLost(f"chat lease: {holder}: taken by another worker")


def release_chat(session: Session, chat_id: int, holder: str) -> None:
    """Give a chat back. Does nothing if another worker holds it by now."""
    session.execute(delete(ChatLease).where(ChatLease.chat_id == chat_id, ChatLease.holder == holder))


def take_next(session: Session, chat_id: int, now: datetime) -> Waiting | None:
    """Take the first waiting update of a chat, and count the try.

    The try is counted before it is made: after a kill the next worker knows that something may have been done.

    Returns:
        None if nothing waits, or the first one is put off.
    """
    row = session.scalar(
        select(InboxUpdate)
        .where(InboxUpdate.chat_id == chat_id, InboxUpdate.done_at.is_(None))
        .order_by(InboxUpdate.update_id)
        .limit(1)
    )
    if row is None or row.not_before > now:
        return None
    row.attempts += 1
    return Waiting(
        update_id=row.update_id,
        chat_id=row.chat_id,
        payload=row.payload or {},
        numbers_blanked=row.numbers_blanked,
        received_at=row.received_at,
        attempts=row.attempts - 1,
        has_apologised=row.apologised_at is not None,
    )


def count_recent(session: Session, waiting: Waiting, window: timedelta) -> int:
    """Count the updates of a chat in the *window* up to and with this one."""
    count = session.scalar(
        select(func.count())
        .select_from(InboxUpdate)
        .where(
            InboxUpdate.chat_id == waiting.chat_id,
            InboxUpdate.update_id <= waiting.update_id,
            InboxUpdate.received_at > waiting.received_at - window,
        )
    )
    return count or 0


def store_replies(
    session: Session, update_id: int, bodies: Sequence[dict[str, Any]], *, first: int = 1
) -> list[StoredReply]:
    """Keep what answers an update, in the order to send it. `first` is the position of the first one."""
    replies = [StoredReply(update_id, position, body) for position, body in enumerate(bodies, first)]
    session.add_all(Reply(update_id=one.update_id, position=one.position, body=one.body) for one in replies)
    return replies


def is_answered(session: Session, update_id: int) -> bool:
    """Tell whether an answer is stored, sent or not. An introduction alone is no answer."""
    return bool(session.scalar(select(exists().where(Reply.update_id == update_id, Reply.position > INTRODUCTION))))


def unsent_replies(session: Session, update_id: int) -> list[StoredReply]:
    """List the stored replies that still have to be sent, in order."""
    rows = session.scalars(
        select(Reply).where(Reply.update_id == update_id, Reply.sent_at.is_(None)).order_by(Reply.position)
    )
    return [StoredReply(row.update_id, row.position, row.body or {}) for row in rows]


def mark_sent(session: Session, update_id: int, position: int, now: datetime) -> None:
    """Note that Telegram took a reply."""
    session.execute(update(Reply).where(Reply.update_id == update_id, Reply.position == position).values(sent_at=now))


def finish(session: Session, update_id: int, now: datetime) -> None:
    """Close an update and empty it: nothing of what was said stays in the inbox."""
    session.execute(update(InboxUpdate).where(InboxUpdate.update_id == update_id).values(done_at=now, payload=None))
    session.execute(update(Reply).where(Reply.update_id == update_id).values(body=None))


def forget(session: Session, update_id: int) -> None:
    """Remove an update whole, for a chat that was erased."""
    session.execute(delete(Reply).where(Reply.update_id == update_id))
    session.execute(delete(InboxUpdate).where(InboxUpdate.update_id == update_id))


def put_off(
    session: Session, update_id: int, now: datetime, delay: timedelta, *, apologised: bool, faults: int = 0
) -> None:
    """Try an update again later.

    Args:
        session: Open session.
        update_id: The update.
        now: Moment of the failed try.
        delay: How long to leave it, see `delay_after`.
        apologised: Whether the person has just heard that the answer comes later.
        faults: How often an error of ours, not an outage, stopped it so far.
    """
    row = session.get(InboxUpdate, update_id)
    if row is None:
        return
    row.not_before = now + delay
    if apologised:
        row.apologised_at = now
    if faults:
        row.payload = {**(row.payload or {}), "faults": faults}


def delay_after(attempts: int) -> timedelta:
    """Tell how long to wait after so many tries: 2, 4, 8, 16, then 20 seconds."""
    return min(timedelta(seconds=2 ** min(attempts, 10)), MAX_DELAY)


def delete_done(session: Session, before: datetime) -> int:
    """Delete what was answered before a moment, and leases that ran out before it. Returns how many updates."""
    old = select(InboxUpdate.update_id).where(InboxUpdate.done_at < before)
    session.execute(delete(Reply).where(Reply.update_id.in_(old)))
    session.execute(delete(ChatLease).where(ChatLease.until < before))
    return _rows(session.execute(delete(InboxUpdate).where(InboxUpdate.done_at < before)))
