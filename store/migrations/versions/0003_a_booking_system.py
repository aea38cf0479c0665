"""A booking system: coaches' languages, areas, limits and leave; appointments that move; the waiting list; quiet hours.

Revision ID: 0003
Revises: 0002
Create Date: 2026-11-24
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

AREAS = ("language", "work", "education", "money", "health", "children", "social_network", "other")
MODES = ("place", "telephone")


def upgrade() -> None:
    op.create_table(
        "coach_language",
        sa.Column("coach_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(
            ["coach_id"], ["coach.id"], name=op.f("fk_coach_language_coach_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("coach_id", "language", name=op.f("pk_coach_language")),
    )
    op.create_table(
        "coach_area",
        sa.Column("coach_id", sa.Integer(), nullable=False),
        sa.Column("area", _words("area", AREAS), nullable=False),
        sa.ForeignKeyConstraint(["coach_id"], ["coach.id"], name=op.f("fk_coach_area_coach_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("coach_id", "area", name=op.f("pk_coach_area")),
    )
    op.create_table(
        "availability_exception",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("coach_id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=True),
        sa.Column("ends", sa.Time(), nullable=True),
        sa.CheckConstraint(
            "(starts is null) = (ends is null) and (starts is null) = (place_id is null)",
            name=op.f("ck_availability_exception_both"),
        ),
        sa.CheckConstraint("starts is null or starts < ends", name=op.f("ck_availability_exception_order")),
        sa.ForeignKeyConstraint(
            ["coach_id"], ["coach.id"], name=op.f("fk_availability_exception_coach_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_availability_exception_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_availability_exception")),
        sa.UniqueConstraint("coach_id", "day", "starts", name=op.f("uq_availability_exception_coach_id_day_starts")),
    )
    op.create_table(
        "leave",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("coach_id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("kind", _words("leavekind", ("leave", "sick")), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_leave_order")),
        sa.ForeignKeyConstraint(["coach_id"], ["coach.id"], name=op.f("fk_leave_coach_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave")),
    )
    op.create_index(op.f("ix_leave_coach_id"), "leave", ["coach_id"])
    op.create_table(
        "waiting_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_waiting_entry_appointment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_entry")),
    )
    op.create_index(
        "uq_waiting_entry_open",
        "waiting_entry",
        ["appointment_id"],
        unique=True,
        sqlite_where=sa.text("closed_at is null"),
        postgresql_where=sa.text("closed_at is null"),
    )
    op.create_table(
        "time_offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("coach_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["coach_id"], ["coach.id"], name=op.f("fk_time_offer_coach_id")),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["waiting_entry.id"], name=op.f("fk_time_offer_entry_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_time_offer")),
        sa.UniqueConstraint(
            "entry_id", "coach_id", "starts_at", name=op.f("uq_time_offer_entry_id_coach_id_starts_at")
        ),
    )
    _change_appointment()
    with op.batch_alter_table("availability") as batch_op:
        batch_op.add_column(sa.Column("mode", sa.String(length=20), nullable=True))
        batch_op.create_check_constraint(op.f("ck_availability_mode"), _among("mode", MODES))
    with op.batch_alter_table("coach") as batch_op:
        batch_op.add_column(sa.Column("most_a_day", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("notice_minutes", sa.Integer(), server_default="60", nullable=False))
        batch_op.add_column(sa.Column("ahead_days", sa.Integer(), server_default="28", nullable=False))
        batch_op.add_column(sa.Column("change_minutes", sa.Integer(), server_default="0", nullable=False))
    with op.batch_alter_table("newcomer") as batch_op:
        batch_op.add_column(sa.Column("coach_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(op.f("fk_newcomer_coach_id"), "coach", ["coach_id"], ["id"], ondelete="SET NULL")
    with op.batch_alter_table("notification") as batch_op:
        batch_op.add_column(sa.Column("lapses_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("keeps_quiet", sa.Boolean(), server_default=sa.false(), nullable=False))


def _change_appointment() -> None:
    """Give appointments what is new; what stands was changed last when it was booked or cancelled."""
    with op.batch_alter_table("appointment") as batch_op:
        batch_op.drop_constraint(op.f("ck_appointment_appointmentstatus"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_appointment_appointmentstatus"), _among("status", ("booked", "cancelled", "attended", "no_show"))
        )
        batch_op.add_column(sa.Column("reason", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("sequence", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("coming_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("cancelled_by", sa.String(length=20), nullable=True))
        batch_op.create_check_constraint(
            op.f("ck_appointment_canceller"), _among("cancelled_by", ("newcomer", "coach", "erased"))
        )
    op.execute("update appointment set changed_at = coalesce(cancelled_at, created_at)")
    op.execute("update appointment set cancelled_by = 'newcomer', sequence = 1 where status = 'cancelled'")
    with op.batch_alter_table("appointment") as batch_op:
        batch_op.alter_column("changed_at", nullable=False)


def _words(name: str, words: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=20)


def _among(column: str, words: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(word) for word in words)})"


def downgrade() -> None:
    raise NotImplementedError("the old tables cannot hold what is in the new ones")
