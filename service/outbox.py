"""The outbox: notifications on their way to people. Who delivers holds them by a lease, and notes what became of it.

Two things are seen to here, at the door, whoever wrote a notification: what nobody asked for is not sent in the quiet
hours, and what has lapsed is not sent at all. Moments are aware and in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, or_, select, true, update
from sqlalchemy.orm import Session

from service.buttons import move_chat
from service.quiet_hours import is_quiet
from service.undelivered import tell_coach
from store.messages import GroupMigration, Notification, NotificationState
from store.models import Coach, Newcomer

LEASE = timedelta(seconds=20)
MAX_DELAY = timedelta(minutes=10)
MAX_TRIES = 1000  # about a week, at the longest delay
LONGEST_WAIT = timedelta(days=7)  # for who stopped the bot, and past its time for a group that nobody set
# Said only once the person writes again after /stop; all others are dropped by then.
WAITS_WHILE_STOPPED = ("handoff/claimed_newcomer",)


@dataclass(frozen=True)
class Due:
    """A notification to deliver now. No chat: for the coaches' group. `attempts` counts this try too."""

    id: int
    name: str
    arguments: dict[str, Any]
    attempts: int
    newcomer_chat: int | None
    newcomer_ref: str | None
    language: str | None
    is_stopped: bool
    coach_id: int | None
    coach_chat: int | None
    hand_off_id: int | None
    appointment_id: int | None
    leased_until: datetime

    @property
    def is_for_group(self) -> bool:
        """Whether the coaches' group is to hear it."""
        return self.newcomer_chat is None and self.coach_id is None


def claim_due(session: Session, now: datetime, limit: int, *, with_group: bool = True) -> list[Due]:
    """Take notifications that are due, oldest first, and hold them for `LEASE`; those that have lapsed fail.

    Of the coaches' group it takes one: Telegram takes 20 a minute there, and nobody else is to wait for that.

    Args:
        session: Open session.
        now: The moment.
        limit: How many at most for people.
        with_group: False while no coaches' group is set: theirs stay where they are.
    """
    _drop_lapsed(session, now)
    to_group = and_(Notification.newcomer_id.is_(None), Notification.coach_id.is_(None))
    rows = list(session.execute(_due(now, limit).where(~to_group)))
    if with_group:
        rows += session.execute(_due(now, 1).where(to_group))
    due = []
    for notification, newcomer, coach in rows:
        notification.leased_until = now + LEASE
        notification.attempts += 1
        due.append(
            Due(
                id=notification.id,
                name=notification.name,
                arguments=notification.arguments,
                attempts=notification.attempts,
                newcomer_chat=newcomer.chat_id if newcomer else None,
                newcomer_ref=newcomer.chat_ref if newcomer else None,
                language=newcomer.language if newcomer else None,
                is_stopped=bool(newcomer and newcomer.stopped_at),
                coach_id=coach.id if coach else None,
                coach_chat=coach.telegram_user_id if coach and coach.is_active else None,
                hand_off_id=notification.hand_off_id,
                appointment_id=notification.appointment_id,
                leased_until=now + LEASE,
            )
        )
    return due


def _drop_lapsed(session: Session, now: datetime) -> None:
    """Give up what is of no use any more; what another process holds is left to it."""
    lapsed = select(Notification.id).where(
        Notification.state == NotificationState.PENDING,
        Notification.lapses_at <= now,
        or_(Notification.leased_until.is_(None), Notification.leased_until <= now),
    )
    session.execute(
        update(Notification)
        .where(Notification.id.in_(lapsed.with_for_update(skip_locked=True)))
        .values(state=NotificationState.FAILED, settled_at=now, leased_until=None, error="lapsed")
    )


def _may_sound(now: datetime) -> ColumnElement[bool]:
    """Tell which notifications a person may hear at this moment."""
    still_helps = or_(Notification.lapses_at.is_(None), Notification.lapses_at > now)
    return and_(still_helps, ~Notification.keeps_quiet if is_quiet(now) else true())


def _due(now: datetime, limit: int) -> Select[tuple[Notification, Newcomer, Coach]]:
    waits = and_(Newcomer.stopped_at.is_not(None), Notification.name.in_(WAITS_WHILE_STOPPED))
    return (
        select(Notification, Newcomer, Coach)
        .outerjoin(Newcomer, Newcomer.id == Notification.newcomer_id)
        .outerjoin(Coach, Coach.id == Notification.coach_id)
        .where(
            Notification.state == NotificationState.PENDING,
            Notification.deliver_at <= now,
            or_(Notification.leased_until.is_(None), Notification.leased_until <= now),
            or_(Newcomer.id.is_(None), ~waits),
            _may_sound(now),
        )
        .order_by(Notification.deliver_at, Notification.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Notification)
    )


def hold(session: Session, due: Due, now: datetime) -> bool:
    """Hold a notification anew, just before it is sent: what stood before it may have taken long.

    Returns:
        False if another process took it meanwhile, it was deleted or has lapsed, or the quiet hours have begun.
    """
    result = session.execute(
        update(Notification)
        .where(
            Notification.id == due.id,
            Notification.state == NotificationState.PENDING,
            Notification.leased_until == due.leased_until,
            _may_sound(now),
        )
        .values(leased_until=now + LEASE)
    )
    return bool(result.rowcount == 1)  # type: ignore[attr-defined]


def group_waits(session: Session) -> bool:
    """Tell whether something waits for the coaches' group."""
    query = select(Notification.id).where(
        Notification.state == NotificationState.PENDING,
        Notification.newcomer_id.is_(None),
        Notification.coach_id.is_(None),
    )
    return session.scalar(query.limit(1)) is not None


def settle_sent(session: Session, notification_id: int, message_id: int, now: datetime) -> None:
    """Note that Telegram took it."""
    _settle(session, notification_id, NotificationState.SENT, now, message_id=message_id)


def settle_failed(session: Session, notification_id: int, error: str, now: datetime) -> None:
    """Note that it cannot be delivered. *error* is a constant or Telegram's own words, at most 200 characters kept."""
    _settle(session, notification_id, NotificationState.FAILED, now, error=error[:200])
    tell_coach(session, notification_id, now)


def settle_blocked(session: Session, due: Due, now: datetime) -> None:
    """Note that the person has blocked the bot."""
    _settle(session, due.id, NotificationState.BLOCKED, now, error="blocked")
    if due.newcomer_chat is not None:
        session.execute(update(Newcomer).where(Newcomer.chat_id == due.newcomer_chat).values(blocked_at=now))
    tell_coach(session, due.id, now)


def retry(session: Session, due: Due, error: str, now: datetime, *, after: timedelta | None = None) -> None:
    """Deliver it later: *after* the time that Telegram asks for, or a delay that grows to ten minutes.

    After a week of tries it has failed.
    """
    if due.attempts >= MAX_TRIES:
        settle_failed(session, due.id, error, now)
        return
    delay = min(timedelta(seconds=2 ** min(due.attempts, 10)), MAX_DELAY) if after is None else after
    session.execute(
        update(Notification)
        .where(Notification.id == due.id, Notification.state == NotificationState.PENDING)
        .values(leased_until=None, deliver_at=now + delay, error=error[:200])
    )


def drop_long_stopped(session: Session, now: datetime) -> int:
    """Give up what waited a week for people who stopped the bot. Returns how many."""
    stopped = select(Newcomer.id).where(Newcomer.stopped_at < now - LONGEST_WAIT)
    result = session.execute(
        update(Notification)
        .where(Notification.state == NotificationState.PENDING, Notification.newcomer_id.in_(stopped))
        .where(Notification.deliver_at <= now)
        .values(state=NotificationState.FAILED, settled_at=now, error="stopped")
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


def delete_old(session: Session, before: datetime) -> int:
    """Delete what was settled before a moment, or was due a week before it and never taken. Returns how many."""
    unclaimed = and_(Notification.state == NotificationState.PENDING, Notification.deliver_at < before - LONGEST_WAIT)
    result = session.execute(delete(Notification).where(or_(Notification.settled_at < before, unclaimed)))
    return int(result.rowcount)  # type: ignore[attr-defined]


def _settle(
    session: Session,
    notification_id: int,
    state: NotificationState,
    now: datetime,
    *,
    error: str | None = None,
    message_id: int | None = None,
) -> None:
    session.execute(
        update(Notification)
        .where(Notification.id == notification_id)
        .values(state=state, settled_at=now, leased_until=None, error=error, message_id=message_id)
    )


def current_group(session: Session, chat_id: int) -> int:
    """Follow a group to the id that it has now."""
    seen = {chat_id}
    while moved := session.get(GroupMigration, chat_id):
        chat_id = moved.new_chat_id
        if chat_id in seen:
            break
        seen.add(chat_id)
    return chat_id


def move_group(session: Session, old_chat_id: int, new_chat_id: int) -> None:
    """Remember that a group got a new id; its buttons go with it."""
    move_chat(session, old_chat_id, new_chat_id)
    row = session.get(GroupMigration, old_chat_id)
    if row is None:
        session.add(GroupMigration(old_chat_id=old_chat_id, new_chat_id=new_chat_id))
    else:
        row.new_chat_id = new_chat_id
