"""Counts are sealed until enough of them are together; a note about a contact is taken once."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "counted",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("counts_sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counted")),
        sqlite_with_rowid=False,
    )
    batch = op.create_table(
        "counting_batch",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=22), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counting_batch")),
    )
    op.bulk_insert(batch, [{"id": 1, "name": secrets.token_urlsafe(16)}])
    op.add_column("handover", sa.Column("note_key", sa.String(length=64), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("handover", "note_key")
    op.drop_table("counting_batch")
    op.drop_table("counted")
