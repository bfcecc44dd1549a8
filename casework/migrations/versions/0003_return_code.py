"""A code to come back with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from casework.records.base import Utc

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "return_code",
        sa.Column("conversation_id", sa.String(length=22), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("until", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"]),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_return_code")),
    )
    op.create_index(op.f("ix_return_code_code_hash"), "return_code", ["code_hash"])


def downgrade() -> None:
    op.drop_table("return_code")
