"""Create the tables of the ledger"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", sa.String(length=64), nullable=False),
        sa.Column("actor_role", sa.String(length=100), nullable=False),
        sa.Column("session_id", sa.String(length=64), nullable=False),
        sa.Column("on_behalf_of", sa.String(length=64), nullable=False),
        sa.Column("verb", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("case_version", sa.Integer(), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=True),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("reason_code", sa.String(length=60), nullable=False),
        sa.Column("model_hash", sa.String(length=64), nullable=False),
        sa.Column("explanation_hash", sa.String(length=64), nullable=False),
        sa.Column("policy_version", sa.String(length=40), nullable=False),
        sa.Column("prev_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("seq >= 1", name=op.f("ck_audit_seq_positive")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit")),
        sa.UniqueConstraint("hash", name=op.f("uq_audit_hash")),
    )
    op.create_index("ix_audit_subject", "audit", ["subject"], unique=False)
    op.create_table(
        "commands",
        sa.Column("idempotency_key", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("executed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("idempotency_key", name=op.f("pk_commands")),
    )
    op.create_table(
        "handles",
        sa.Column("account_id", sa.String(length=300), nullable=False),
        sa.Column("handle", sa.Text(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_handles")),
    )
    op.create_table(
        "people",
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=True),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_people")),
        sa.UniqueConstraint("subject", name=op.f("uq_people_subject")),
    )
    op.create_table(
        "switches",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_switches")),
    )
    op.create_table(
        "account_notes",
        sa.Column("note_id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=300), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name=op.f("fk_account_notes_person_id_people")),
        sa.PrimaryKeyConstraint("note_id", name=op.f("pk_account_notes")),
    )
    op.create_index("ix_account_notes_account_id", "account_notes", ["account_id"], unique=False)
    op.create_table(
        "bulks",
        sa.Column("bulk_id", sa.String(length=64), nullable=False),
        sa.Column("author_id", sa.String(length=64), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("case_ids", sa.Text(), nullable=False),
        sa.Column("list_hash", sa.String(length=64), nullable=False),
        sa.Column("sample_ids", sa.Text(), nullable=False),
        sa.Column("sample_seed", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["people.person_id"], name=op.f("fk_bulks_author_id_people")),
        sa.PrimaryKeyConstraint("bulk_id", name=op.f("pk_bulks")),
    )
    op.create_table(
        "cases",
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.String(length=300), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("lane", sa.String(length=20), nullable=False),
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("snapshot_id", sa.String(length=64), nullable=False),
        sa.Column("priority", sa.Float(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("service_id", sa.String(length=64), nullable=True),
        sa.Column("group_id", sa.String(length=64), nullable=True),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("country", sa.String(length=10), nullable=True),
        sa.Column("followers", sa.BigInteger(), nullable=True),
        sa.Column("account_created_at", sa.BigInteger(), nullable=True),
        sa.Column("is_verified", sa.Boolean(), nullable=True),
        sa.Column("proposed_likes", sa.Integer(), nullable=False),
        sa.Column("proposed_follows", sa.Integer(), nullable=False),
        sa.Column("proposed_comments", sa.Integer(), nullable=False),
        sa.Column("first_engagement_at", sa.BigInteger(), nullable=True),
        sa.Column("last_engagement_at", sa.BigInteger(), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("snoozed_until", sa.BigInteger(), nullable=True),
        sa.Column("escalated_by", sa.String(length=64), nullable=True),
        sa.Column("is_blind", sa.Boolean(), nullable=False),
        sa.Column("explanation_shown", sa.Boolean(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["escalated_by"], ["people.person_id"], name=op.f("fk_cases_escalated_by_people")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_cases")),
        sa.UniqueConstraint("number", name=op.f("uq_cases_number")),
    )
    op.create_index("ix_cases_account_id", "cases", ["account_id"], unique=False)
    op.create_index("ix_cases_service_id", "cases", ["service_id"], unique=False)
    op.create_index("ix_cases_state_priority", "cases", ["state", "lane", "priority"], unique=False)
    op.create_table(
        "lookups",
        sa.Column("lookup_id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=300), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name=op.f("fk_lookups_person_id_people")),
        sa.PrimaryKeyConstraint("lookup_id", name=op.f("pk_lookups")),
    )
    op.create_table(
        "query_log",
        sa.Column("query_id", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("sql", sa.Text(), nullable=False),
        sa.Column("sql_hash", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("outcome", sa.String(length=30), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name=op.f("fk_query_log_person_id_people")),
        sa.PrimaryKeyConstraint("query_id", name=op.f("pk_query_log")),
    )
    op.create_table(
        "reports",
        sa.Column("report_id", sa.String(length=64), nullable=False),
        sa.Column("period_from", sa.BigInteger(), nullable=False),
        sa.Column("period_to", sa.BigInteger(), nullable=False),
        sa.Column("as_of_seq", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name=op.f("fk_reports_person_id_people")),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_reports")),
    )
    op.create_table(
        "saved_views",
        sa.Column("view_id", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("page", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("is_deleted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name=op.f("fk_saved_views_person_id_people")),
        sa.PrimaryKeyConstraint("view_id", name=op.f("pk_saved_views")),
    )
    op.create_table(
        "service_events",
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("service_id", sa.String(length=64), nullable=False),
        sa.Column("event", sa.String(length=20), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name=op.f("fk_service_events_person_id_people")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_service_events")),
    )
    op.create_table(
        "settings_events",
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("event", sa.String(length=20), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name=op.f("fk_settings_events_person_id_people")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_settings_events")),
    )
    op.create_table(
        "sign_ins",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("authenticated_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name=op.f("fk_sign_ins_person_id_people")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sign_ins")),
    )
    op.create_table(
        "bulk_events",
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("bulk_id", sa.String(length=64), nullable=False),
        sa.Column("event", sa.String(length=20), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=True),
        sa.Column("list_hash", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["bulk_id"], ["bulks.bulk_id"], name=op.f("fk_bulk_events_bulk_id_bulks")),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name=op.f("fk_bulk_events_person_id_people")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_bulk_events")),
    )
    op.create_index("ix_bulk_events_bulk_id", "bulk_events", ["bulk_id"], unique=False)
    op.create_table(
        "case_events",
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("event", sa.String(length=30), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("fk_case_events_case_id_cases")),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name=op.f("fk_case_events_person_id_people")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_case_events")),
    )
    op.create_index("ix_case_events_case_id", "case_events", ["case_id"], unique=False)
    op.create_table(
        "case_files",
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("engagements", sa.LargeBinary(), nullable=False),
        sa.Column("activity", sa.LargeBinary(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("fk_case_files_case_id_cases")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_files")),
    )
    op.create_table(
        "decisions",
        sa.Column("decision_id", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=300), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("is_partial", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.Column("shown_at", sa.BigInteger(), nullable=True),
        sa.Column("idle_us", sa.BigInteger(), nullable=False),
        sa.Column("undo_until", sa.BigInteger(), nullable=False),
        sa.Column("case_version", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("lane", sa.String(length=20), nullable=False),
        sa.Column("is_blind", sa.Boolean(), nullable=False),
        sa.Column("explanation_shown", sa.Boolean(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("policy_version", sa.String(length=40), nullable=False),
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("model_version", sa.String(length=80), nullable=False),
        sa.Column("model_hash", sa.String(length=64), nullable=False),
        sa.Column("evidence_hash", sa.String(length=64), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("source_type", sa.String(length=40), nullable=False),
        sa.Column("automated_detection", sa.Boolean(), nullable=False),
        sa.Column("bulk_id", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("fk_decisions_case_id_cases")),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name=op.f("fk_decisions_person_id_people")),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_decisions")),
    )
    op.create_index("ix_decisions_account_id", "decisions", ["account_id"], unique=False)
    op.create_index("ix_decisions_case_id", "decisions", ["case_id"], unique=False)
    op.create_index("ix_decisions_decided_at", "decisions", ["decided_at"], unique=False)
    op.create_table(
        "fences",
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("fk_fences_case_id_cases")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_fences")),
    )
    op.create_table(
        "known_answers",
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("policy_version", sa.String(length=40), nullable=False),
        sa.Column("valid_until", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("fk_known_answers_case_id_cases")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_known_answers")),
    )
    op.create_table(
        "leases",
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("draft", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("fk_leases_case_id_cases")),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name=op.f("fk_leases_person_id_people")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_leases")),
    )
    op.create_index("ix_leases_person_id", "leases", ["person_id"], unique=False)
    op.create_table(
        "actions",
        sa.Column("action_id", sa.String(length=64), nullable=False),
        sa.Column("decision_id", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=300), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("engagements", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("reverses", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("fk_actions_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.decision_id"], name=op.f("fk_actions_decision_id_decisions")
        ),
        sa.PrimaryKeyConstraint("action_id", name=op.f("pk_actions")),
    )
    op.create_index("ix_actions_account_id", "actions", ["account_id"], unique=False)
    op.create_index("ix_actions_decision_id", "actions", ["decision_id"], unique=False)
    op.create_table(
        "appeals",
        sa.Column("appeal_id", sa.String(length=64), nullable=False),
        sa.Column("decision_id", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=300), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("filed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("fk_appeals_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.decision_id"], name=op.f("fk_appeals_decision_id_decisions")
        ),
        sa.PrimaryKeyConstraint("appeal_id", name=op.f("pk_appeals")),
        sa.UniqueConstraint("external_id", name=op.f("uq_appeals_external_id")),
    )
    op.create_index("ix_appeals_decision_id", "appeals", ["decision_id"], unique=False)
    op.create_table(
        "decision_engagements",
        sa.Column("decision_id", sa.String(length=64), nullable=False),
        sa.Column("engagements", sa.LargeBinary(), nullable=False),
        sa.Column("removed_likes", sa.Integer(), nullable=False),
        sa.Column("removed_follows", sa.Integer(), nullable=False),
        sa.Column("removed_comments", sa.Integer(), nullable=False),
        sa.Column("proposed", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.decision_id"], name=op.f("fk_decision_engagements_decision_id_decisions")
        ),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_decision_engagements")),
    )
    op.create_table(
        "decision_events",
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("decision_id", sa.String(length=64), nullable=False),
        sa.Column("event", sa.String(length=30), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.decision_id"], name=op.f("fk_decision_events_decision_id_decisions")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name=op.f("fk_decision_events_person_id_people")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_decision_events")),
        sa.UniqueConstraint("decision_id", "event", name=op.f("uq_decision_events_decision_id_event")),
    )
    op.create_table(
        "notices",
        sa.Column("notice_id", sa.String(length=64), nullable=False),
        sa.Column("decision_id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=300), nullable=False),
        sa.Column("template", sa.String(length=60), nullable=False),
        sa.Column("template_version", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("appeal_until", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.decision_id"], name=op.f("fk_notices_decision_id_decisions")
        ),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("pk_notices")),
    )
    op.create_index("ix_notices_decision_id", "notices", ["decision_id"], unique=False)
    op.create_table(
        "statements",
        sa.Column("puid", sa.String(length=500), nullable=False),
        sa.Column("decision_id", sa.String(length=64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.decision_id"], name=op.f("fk_statements_decision_id_decisions")
        ),
        sa.PrimaryKeyConstraint("puid", name=op.f("pk_statements")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_statements_decision_id")),
    )
    op.create_table(
        "appeal_outcomes",
        sa.Column("appeal_id", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("grounds", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appeal_id"], ["appeals.appeal_id"], name=op.f("fk_appeal_outcomes_appeal_id_appeals")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name=op.f("fk_appeal_outcomes_person_id_people")),
        sa.PrimaryKeyConstraint("appeal_id", name=op.f("pk_appeal_outcomes")),
    )
    op.create_table(
        "attempts",
        sa.Column("attempt_id", sa.String(length=64), nullable=False),
        sa.Column("action_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("result", sa.String(length=30), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["actions.action_id"], name=op.f("fk_attempts_action_id_actions")),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_attempts")),
    )
    op.create_index("ix_attempts_action_id", "attempts", ["action_id"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("action_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_by", sa.String(length=64), nullable=True),
        sa.Column("claimed_until", sa.BigInteger(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["actions.action_id"], name=op.f("fk_outbox_action_id_actions")),
        sa.PrimaryKeyConstraint("action_id", name=op.f("pk_outbox")),
    )
    op.create_index("ix_outbox_state_not_before", "outbox", ["state", "not_before"], unique=False)
    op.create_table(
        "statement_submissions",
        sa.Column("submission_id", sa.String(length=64), nullable=False),
        sa.Column("puid", sa.String(length=500), nullable=False),
        sa.Column("result", sa.String(length=30), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["puid"], ["statements.puid"], name=op.f("fk_statement_submissions_puid_statements")),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_statement_submissions")),
    )


def downgrade() -> None:
    op.drop_table("statement_submissions")
    op.drop_index("ix_outbox_state_not_before", table_name="outbox")
    op.drop_table("outbox")
    op.drop_index("ix_attempts_action_id", table_name="attempts")
    op.drop_table("attempts")
    op.drop_table("appeal_outcomes")
    op.drop_table("statements")
    op.drop_index("ix_notices_decision_id", table_name="notices")
    op.drop_table("notices")
    op.drop_table("decision_events")
    op.drop_table("decision_engagements")
    op.drop_index("ix_appeals_decision_id", table_name="appeals")
    op.drop_table("appeals")
    op.drop_index("ix_actions_decision_id", table_name="actions")
    op.drop_index("ix_actions_account_id", table_name="actions")
    op.drop_table("actions")
    op.drop_index("ix_leases_person_id", table_name="leases")
    op.drop_table("leases")
    op.drop_table("known_answers")
    op.drop_table("fences")
    op.drop_index("ix_decisions_decided_at", table_name="decisions")
    op.drop_index("ix_decisions_case_id", table_name="decisions")
    op.drop_index("ix_decisions_account_id", table_name="decisions")
    op.drop_table("decisions")
    op.drop_table("case_files")
    op.drop_index("ix_case_events_case_id", table_name="case_events")
    op.drop_table("case_events")
    op.drop_index("ix_bulk_events_bulk_id", table_name="bulk_events")
    op.drop_table("bulk_events")
    op.drop_table("sign_ins")
    op.drop_table("settings_events")
    op.drop_table("service_events")
    op.drop_table("saved_views")
    op.drop_table("reports")
    op.drop_table("query_log")
    op.drop_table("lookups")
    op.drop_index("ix_cases_state_priority", table_name="cases")
    op.drop_index("ix_cases_service_id", table_name="cases")
    op.drop_index("ix_cases_account_id", table_name="cases")
    op.drop_table("cases")
    op.drop_table("bulks")
    op.drop_index("ix_account_notes_account_id", table_name="account_notes")
    op.drop_table("account_notes")
    op.drop_table("switches")
    op.drop_table("people")
    op.drop_table("handles")
    op.drop_table("commands")
    op.drop_index("ix_audit_subject", table_name="audit")
    op.drop_table("audit")
