"""What a case puts up for review, counted apart from what it proposes to remove."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("for_review", sa.Integer))
    op.add_column("cases", sa.Column("main_kind", sa.String(20)))


def downgrade() -> None:
    op.drop_column("cases", "main_kind")
    op.drop_column("cases", "for_review")
