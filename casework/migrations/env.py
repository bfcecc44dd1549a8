"""Run by Alembic. The connection is handed in by `casework.records.migrate`; there is no alembic.ini."""

from __future__ import annotations

from alembic import context

from casework.records.base import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
