"""Calls, SMS, what goes out, and invitations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from casework.records.base import Utc

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "phone_call",
        sa.Column("call_hash", sa.String(length=64), nullable=False),
        sa.Column("conversation_id", sa.String(length=22), nullable=True),
        sa.Column("over", sa.Boolean(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("call_hash", name=op.f("pk_phone_call")),
    )
    op.create_index(op.f("ix_phone_call_at"), "phone_call", ["at"])
    op.create_table(
        "sms_receipt",
        sa.Column("message_hash", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.String(length=20), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("message_hash", name=op.f("pk_sms_receipt")),
    )
    op.create_index(op.f("ix_sms_receipt_at"), "sms_receipt", ["at"])
    op.create_table(
        "sms_thread",
        sa.Column("number_hash", sa.String(length=64), nullable=False),
        sa.Column("conversation_id", sa.String(length=22), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("number_hash", name=op.f("pk_sms_thread")),
    )
    op.create_index(op.f("ix_sms_thread_at"), "sms_thread", ["at"])
    op.create_table(
        "do_not_contact",
        sa.Column("number_hash", sa.String(length=64), nullable=False),
        sa.Column("since", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("number_hash", name=op.f("pk_do_not_contact")),
    )
    op.create_table(
        "outgoing",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("template", sa.String(length=20), nullable=False),
        sa.Column("handover_id", sa.String(length=22), nullable=True),
        sa.Column("refusal", sa.String(length=30), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", Utc(), nullable=False),
        sa.Column("created", Utc(), nullable=False),
        sa.Column("carrier_hash", sa.String(length=64), nullable=False),
        sa.Column("order_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["handover_id"], ["handover.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_outgoing_key_hash")),
    )
    op.create_index(op.f("ix_outgoing_carrier_hash"), "outgoing", ["carrier_hash"])
    op.create_index(op.f("ix_outgoing_created"), "outgoing", ["created"])
    op.create_index("ix_outgoing_status_next_at", "outgoing", ["status", "next_at"])
    op.create_table(
        "invitation",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("claims_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", Utc(), nullable=False),
        sa.Column("opened_hour", Utc(), nullable=True),
        sa.Column("revoked_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_invitation_code_hash")),
    )
    op.create_index(op.f("ix_invitation_expires_at"), "invitation", ["expires_at"])
    op.create_table(
        "seen_request",
        sa.Column("signature_hash", sa.String(length=64), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("signature_hash", name=op.f("pk_seen_request")),
    )
    op.create_index(op.f("ix_seen_request_at"), "seen_request", ["at"])


def downgrade() -> None:
    for table in ("seen_request", "invitation", "outgoing", "do_not_contact", "sms_thread", "sms_receipt", "phone_call"):
        op.drop_table(table)
