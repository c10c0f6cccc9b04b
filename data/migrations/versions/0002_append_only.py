"""Refuse to change or delete facts, in the database itself."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = (
    "commands",
    "decisions",
    "decision_engagements",
    "decision_events",
    "case_files",
    "case_events",
    "actions",
    "attempts",
    "notices",
    "statements",
    "statement_submissions",
    "appeals",
    "appeal_outcomes",
    "bulks",
    "bulk_events",
    "account_notes",
    "lookups",
    "service_events",
    "settings_events",
    "query_log",
    "reports",
    "audit",
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "create function refuse_change() returns trigger language plpgsql as $$ "
            "begin raise exception '% only grows', tg_table_name using errcode = 'integrity_constraint_violation'; "
            "end $$"
        )
    for table in TABLES:
        for statement in _triggers(table):
            op.execute(statement)


def downgrade() -> None:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    for table in TABLES:
        for event in ("update", "delete", "truncate") if is_postgresql else ("update", "delete"):
            op.execute(f"drop trigger {table}_no_{event}" + (f" on {table}" if is_postgresql else ""))
    if is_postgresql:
        op.execute("drop function refuse_change")


def _triggers(table: str) -> list[str]:
    if op.get_bind().dialect.name == "postgresql":
        return [
            f"create trigger {table}_no_{event} before {event} on {table} "
            f"for each {'statement' if event == 'truncate' else 'row'} execute function refuse_change()"
            for event in ("update", "delete", "truncate")
        ]
    return [
        f"create trigger {table}_no_{event} before {event} on {table} "
        f"begin select raise(abort, '{table} only grows'); end"
        for event in ("update", "delete")
    ]
