"""Accounts that one person alone may not decide about, and what happened on one day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLE = "protections"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("protection_id", sa.String(64), primary_key=True),
        sa.Column("account_id", sa.String(300), nullable=False),
        sa.Column("event", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("person_id", sa.String(64), sa.ForeignKey("people.person_id"), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_protections_account_id", TABLE, ["account_id"])
    for statement in _triggers():
        op.execute(statement)
    op.create_index("ix_audit_at", "audit", ["at"])


def downgrade() -> None:
    op.drop_index("ix_audit_at", "audit")
    op.drop_table(TABLE)


def _triggers() -> list[str]:
    if op.get_bind().dialect.name == "postgresql":
        return [
            f"create trigger {TABLE}_no_{event} before {event} on {TABLE} "
            f"for each {'statement' if event == 'truncate' else 'row'} execute function refuse_change()"
            for event in ("update", "delete", "truncate")
        ]
    return [
        f"create trigger {TABLE}_no_{event} before {event} on {TABLE} "
        f"begin select raise(abort, '{TABLE} only grows'); end"
        for event in ("update", "delete")
    ]
