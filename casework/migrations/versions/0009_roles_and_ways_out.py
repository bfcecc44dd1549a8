"""Offices, the second step of signing in, accounts of an outside sign-in service, and news that goes out of the desk."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from casework.records.base import Utc

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conversation", sa.Column("office", sa.String(length=60), nullable=False, server_default=""))
    op.add_column("caseworker", sa.Column("offices", sa.String(length=400), nullable=False, server_default=""))
    op.add_column("caseworker", sa.Column("subject_hash", sa.String(length=64), nullable=True))
    op.create_index("ix_caseworker_subject_hash", "caseworker", ["subject_hash"], unique=True)
    op.add_column("caseworker", sa.Column("totp_sealed", sa.LargeBinary(), nullable=True))
    op.add_column("caseworker", sa.Column("totp_offered_sealed", sa.LargeBinary(), nullable=True))
    op.add_column("caseworker", sa.Column("totp_step", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("desk_session", sa.Column("waits_for", sa.String(length=10), nullable=False, server_default=""))
    op.add_column("one_time_link", sa.Column("role", sa.String(length=20), nullable=False, server_default="caseworker"))
    op.add_column("one_time_link", sa.Column("offices", sa.String(length=400), nullable=False, server_default=""))
    op.create_table(
        "recovery_code",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=22), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["caseworker.id"]),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_recovery_code")),
    )
    op.create_index("ix_recovery_code_user_id", "recovery_code", ["user_id"])
    op.create_table(
        "notice",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("way", sa.String(length=20), nullable=False),
        sa.Column("what", sa.String(length=30), nullable=False),
        sa.Column("handover_id", sa.String(length=22), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", Utc(), nullable=False),
        sa.Column("reference", sa.String(length=100), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", "way", name=op.f("pk_notice")),
    )
    op.create_index("ix_notice_handover_id", "notice", ["handover_id"])
    op.create_index("ix_notice_status_next_at", "notice", ["status", "next_at"])
