"""A handover can be passed on, and holds what has been done in it, sealed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("handover", sa.Column("meant_for", sa.String(length=22), nullable=True))
    op.add_column("handover", sa.Column("meant_role", sa.String(length=20), nullable=False, server_default=""))
    op.add_column("handover", sa.Column("work_sealed", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    for column in ("work_sealed", "meant_role", "meant_for"):
        op.drop_column("handover", column)
