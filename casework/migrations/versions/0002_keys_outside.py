"""Data keys move out of the database, so that no copy of it holds them.

Old copies of the database still do: destroy the master key that opens them with `enrum keys rotate`.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    rows = op.get_bind().execute(sa.text("SELECT owner, wrapped FROM data_key")).all()
    keys = context.config.attributes.get("keys")
    if rows and keys is None:
        raise ValueError("the database holds data keys: they need a key folder to move to")
    for owner, wrapped in rows:
        keys.adopt(owner, bytes(wrapped))
    op.drop_table("data_key")
    op.create_table(
        "key_to_destroy",
        sa.Column("owner", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("owner", name=op.f("pk_key_to_destroy")),
    )
    op.create_table(
        "key_folder",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_folder")),
    )


def downgrade() -> None:
    raise NotImplementedError("keys do not come back into the database")
