"""Find what waits, the newest case of a service and the newest actions without reading everything there ever was."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Everything that the queue asks of a case: what was decided is never touched, and what waits is read from the index.
WAITING = (
    *("state", "priority", "opened_at", "number", "case_id", "account_id", "service_id"),
    *("lane", "escalated_by", "snoozed_until"),
)


def upgrade() -> None:
    op.drop_index("ix_cases_service_id", "cases")
    op.drop_index("ix_cases_state_priority", "cases")
    op.create_index("ix_cases_service_id_case_id", "cases", ["service_id", "case_id"])
    op.create_index("ix_cases_waiting", "cases", list(WAITING))
    op.create_index("ix_actions_created_at", "actions", ["created_at"])


def downgrade() -> None:
    op.drop_index("ix_actions_created_at", "actions")
    op.drop_index("ix_cases_waiting", "cases")
    op.drop_index("ix_cases_service_id_case_id", "cases")
    op.create_index("ix_cases_state_priority", "cases", ["state", "lane", "priority"])
    op.create_index("ix_cases_service_id", "cases", ["service_id"])
