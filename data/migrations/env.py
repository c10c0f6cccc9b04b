"""Run steps on the connection that the ledger hands over, inside its transaction."""

from __future__ import annotations

from alembic import context

from data.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
