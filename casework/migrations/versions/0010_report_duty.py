"""A duty to report outlives the request in which it was learnt."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from casework.records.base import Utc

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "report_duty",
        sa.Column("handover_id", sa.String(length=22), nullable=False),
        sa.Column("checklist", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.String(length=22), nullable=False),
        sa.Column("office", sa.String(length=60), nullable=False),
        sa.Column("learnt_at", Utc(), nullable=False),
        sa.Column("ends_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["caseworker.id"], name=op.f("fk_report_duty_user_id_caseworker")),
        sa.PrimaryKeyConstraint("handover_id", name=op.f("pk_report_duty")),
    )
    op.create_index("ix_report_duty_user_id", "report_duty", ["user_id"])


def downgrade() -> None:
    op.drop_table("report_duty")
