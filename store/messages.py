"""The tables of messages: what came from Telegram, what goes there, and what buttons mean.

Moments are as in `store.models`.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base, names_of


class NotificationState(StrEnum):
    """Where a notification stands on its way to Telegram."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
    BLOCKED = "blocked"


class InboxUpdate(Base):
    """An update that Telegram handed over, kept until it is answered; its payload is emptied then."""

    __tablename__ = "inbox_update"
    __table_args__ = (
        Index(
            "ix_inbox_update_waiting",
            "chat_id",
            "update_id",
            sqlite_where=text("done_at is null"),
            postgresql_where=text("done_at is null"),
        ),
    )

    update_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    payload: Mapped[dict[str, Any] | None]
    numbers_blanked: Mapped[bool] = mapped_column(default=False)
    received_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime]
    apologised_at: Mapped[datetime | None]  # the person heard that the answer comes later
    done_at: Mapped[datetime | None]


class ChatLease(Base):
    """The worker that answers a chat now. A lease that ran out can be taken by another."""

    __tablename__ = "chat_lease"

    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    holder: Mapped[str] = mapped_column(String(80))
    until: Mapped[datetime]


class Reply(Base):
    """One message that answers an update, stored before it is sent; emptied once the update is done."""

    __tablename__ = "reply"

    update_id: Mapped[int] = mapped_column(
        ForeignKey("inbox_update.update_id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    body: Mapped[dict[str, Any] | None]
    sent_at: Mapped[datetime | None]


class Button(Base):
    """What a button under a message means. Telegram only ever sees the id."""

    __tablename__ = "button"
    __table_args__ = (Index("ix_button_message", "chat_id", "message_id"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)  # random; at most 64 bytes is Telegram's limit
    chat_id: Mapped[int] = mapped_column(BigInteger)
    message_id: Mapped[int | None] = mapped_column(BigInteger)  # known once the message is sent
    action: Mapped[dict[str, Any]]
    is_standing: Mapped[bool] = mapped_column(default=False)  # outlives the next keyboard of the chat
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Notification(Base):
    """What must reach a person: a text's name and arguments, written with the fact that it tells.

    Exactly one recipient: a newcomer, a coach, or (both None) the coaches' group.
    """

    __tablename__ = "notification"
    __table_args__ = (
        Index(
            "ix_notification_due",
            "deliver_at",
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
        CheckConstraint("newcomer_id is null or coach_id is null", name="one_recipient"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    newcomer_id: Mapped[int | None] = mapped_column(ForeignKey("newcomer.id", ondelete="CASCADE"), index=True)
    coach_id: Mapped[int | None] = mapped_column(ForeignKey("coach.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(80))
    arguments: Mapped[dict[str, Any]]
    hand_off_id: Mapped[int | None] = mapped_column(ForeignKey("hand_off.id", ondelete="CASCADE"), index=True)
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointment.id", ondelete="CASCADE"), index=True)
    state: Mapped[NotificationState] = mapped_column(names_of(NotificationState), default=NotificationState.PENDING)
    created_at: Mapped[datetime]
    deliver_at: Mapped[datetime]
    lapses_at: Mapped[datetime | None]  # of no use after this moment: not sent any more
    keeps_quiet: Mapped[bool] = mapped_column(server_default=false())  # nobody asked for it: not in the quiet hours
    attempts: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None]  # a delivery that holds it now
    error: Mapped[str | None] = mapped_column(String(200))
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    settled_at: Mapped[datetime | None]  # sent, failed or blocked


class GroupMigration(Base):
    """A group that became a supergroup: Telegram gave it a new id."""

    __tablename__ = "group_migration"

    old_chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    new_chat_id: Mapped[int] = mapped_column(BigInteger)
