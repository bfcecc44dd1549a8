"""Call-backs from the desk, and who is to be invited again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from casework.records.base import Utc

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "call_back",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("handover_id", sa.String(length=22), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("result", sa.String(length=12), nullable=False),
        sa.Column("tried", sa.Boolean(), nullable=False),
        sa.Column("noted", sa.Boolean(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["handover_id"], ["handover.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_back")),
    )
    op.create_index(op.f("ix_call_back_handover_id"), "call_back", ["handover_id"])
    op.create_table(
        "follow_up",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("case_hash", sa.String(length=64), nullable=False),
        sa.Column("claims_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("occasion", sa.Integer(), nullable=False),
        sa.Column("due_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up")),
        sa.UniqueConstraint("case_hash", name=op.f("uq_follow_up_case_hash")),
    )
    op.create_index(op.f("ix_follow_up_due_at"), "follow_up", ["due_at"])


def downgrade() -> None:
    for table in ("follow_up", "call_back"):
        op.drop_table(table)
