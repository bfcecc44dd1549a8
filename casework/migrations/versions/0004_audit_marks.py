"""The audit trail: a reason for each entry, marks that need a key, a beginning that can move, and no UPDATE or DELETE.

Entries of earlier versions carried plain hashes, which anybody with the database could have made. They get marks as they
are: from now on a change shows, for the time before it cannot be known. Failed sign-ins get a time, so that they can be
forgotten.
"""

from __future__ import annotations

import hmac
import json
from datetime import UTC
from hashlib import sha256

import sqlalchemy as sa
from alembic import context, op

from casework.records.base import Utc

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

START = "0" * 64
SAID = "the audit trail is append-only"

SQLITE = (
    f"CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, '{SAID}'); END",
    "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit "
    "WHEN OLD.seq > (SELECT from_seq FROM audit_tip WHERE id = 1) "
    f"BEGIN SELECT RAISE(ABORT, '{SAID}'); END",
)
POSTGRESQL = (
    "CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    f"RAISE EXCEPTION '{SAID}'; END $$",
    "CREATE FUNCTION audit_refuse_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "IF OLD.seq > (SELECT from_seq FROM audit_tip WHERE id = 1) THEN "
    f"RAISE EXCEPTION '{SAID}'; END IF; RETURN OLD; END $$",
    "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_refuse_kept()",
    "CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
)


def upgrade() -> None:
    op.add_column("audit", sa.Column("why", sa.String(length=20), nullable=False, server_default=""))
    op.create_index("ix_audit_about", "audit", ["about"])
    op.add_column("audit_tip", sa.Column("from_seq", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("audit_tip", sa.Column("from_hash", sa.String(length=64), nullable=False, server_default=START))
    op.add_column("failed_sign_in", sa.Column("last_at", Utc(), nullable=True))
    _mark_again()
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)


def _mark_again() -> None:
    """As `casework.audit` marks entries in this version."""
    table = sa.table("audit", *(sa.column(name) for name in ("seq", "who", "what", "about", "hash")), sa.column("at", Utc()))
    connection = op.get_bind()
    rows = connection.execute(sa.select(table).order_by(table.c.seq)).all()
    if not rows:
        return
    keys = context.config.attributes.get("keys")
    if keys is None:
        raise ValueError("the audit trail has entries: marking them needs the keys")
    key, before = keys.lasting("audit"), START
    for number, row in enumerate(rows, start=1):
        at = row.at.astimezone(UTC).isoformat()
        told = {"seq": number, "at": at, "who": row.who, "what": row.what, "about": row.about, "why": ""}
        canonical = json.dumps(told, sort_keys=True, separators=(",", ":"))
        before = hmac.new(key, (before + canonical).encode(), sha256).hexdigest()
        connection.execute(sa.update(table).where(table.c.seq == row.seq).values(seq=number, hash=before))
    connection.execute(sa.text("UPDATE audit_tip SET seq = :seq, hash = :hash"), {"seq": len(rows), "hash": before})


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    names = ["audit_no_update", "audit_no_delete", *(() if sqlite else ("audit_no_truncate",))]
    for name in names:
        op.execute(f"DROP TRIGGER {name}" if sqlite else f"DROP TRIGGER {name} ON audit")
    if not sqlite:
        op.execute("DROP FUNCTION audit_refuse()")
        op.execute("DROP FUNCTION audit_refuse_kept()")
    op.drop_column("failed_sign_in", "last_at")
    op.drop_column("audit_tip", "from_hash")
    op.drop_column("audit_tip", "from_seq")
    op.drop_index("ix_audit_about", table_name="audit")
    op.drop_column("audit", "why")
