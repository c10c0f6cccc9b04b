"""The ledger's tables, for SQLite and PostgreSQL alike.

Facts (decisions, actions, attempts, notices, statements, appeals, audit, ...) are only ever inserted; the database
refuses to update or delete them. What moves (cases, leases, outbox, sign-ins) is kept in narrow tables beside them, and
every move writes an audit row in the same transaction. Times are BIGINT microseconds since 1970, UTC; JSON columns hold
canonical text.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

people = Table(
    "people",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("name", String(200), nullable=False),
    # Login subject of the identity provider; several accounts of one human share a person_id.
    Column("subject", String(300), unique=True),
    Column("roles", Text, nullable=False),
    Column("is_demo", Boolean, nullable=False, default=False),
    Column("is_active", Boolean, nullable=False, default=True),
    Column("settings", Text, nullable=False, default="{}"),
    Column("created_at", BigInteger, nullable=False),
)

sign_ins = Table(
    "sign_ins",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("person_id", ForeignKey("people.person_id"), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("last_seen_at", BigInteger, nullable=False),
    Column("authenticated_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
)

cases = Table(
    "cases",
    metadata,
    Column("case_id", String(64), primary_key=True),
    Column("number", Integer, nullable=False, unique=True),
    Column("account_id", String(300), nullable=False),
    Column("state", String(20), nullable=False),
    Column("version", Integer, nullable=False),
    # queue: ordinary, known_answer, second_review, random_audit, bulk_sample
    Column("lane", String(20), nullable=False, default="queue"),
    Column("run_id", String(64), nullable=False),
    Column("snapshot_id", String(64), nullable=False),
    Column("priority", Float, nullable=False),
    Column("score", Float, nullable=False),
    Column("service_id", String(64)),
    Column("group_id", String(64)),
    Column("language", String(10), nullable=False, default="en"),
    Column("country", String(10)),
    Column("followers", BigInteger),
    Column("account_created_at", BigInteger),
    Column("is_verified", Boolean),
    Column("proposed_likes", Integer, nullable=False),
    Column("proposed_follows", Integer, nullable=False),
    Column("proposed_comments", Integer, nullable=False),
    # How many rows more are for review, and of which kind most of both are; null in cases from before 0005.
    Column("for_review", Integer),
    Column("main_kind", String(20)),
    Column("first_engagement_at", BigInteger),
    Column("last_engagement_at", BigInteger),
    Column("opened_at", BigInteger, nullable=False),
    Column("snoozed_until", BigInteger),
    # Set while waiting for a second person (suspension, known conflict); they may not be the first decider.
    Column("escalated_by", ForeignKey("people.person_id")),
    # decide first, then reveal the machine's opinion (S-01)
    Column("is_blind", Boolean, nullable=False, default=False),
    Column("explanation_shown", Boolean, nullable=False, default=True),
    Column("updated_at", BigInteger, nullable=False),
    Index("ix_cases_account_id", "account_id"),
    Index("ix_cases_service_id_case_id", "service_id", "case_id"),
    # Everything that the queue asks of a case, so that choosing among what waits reads nothing else.
    Index(
        "ix_cases_waiting",
        *("state", "priority", "opened_at", "number", "case_id", "account_id", "service_id"),
        *("lane", "escalated_by", "snoozed_until"),
    ),
)

# What the reviewer sees, frozen when the case is opened: a later run or rebuild never changes it.
case_files = Table(
    "case_files",
    metadata,
    Column("case_id", ForeignKey("cases.case_id"), primary_key=True),
    # canonical JSON: header, evidence, explanation, marks, missing, model, policy
    Column("content", Text, nullable=False),
    # Parquet bytes: engagement_id, kind, target_id, target_handle, at, client, source, p, band, families, why, text
    Column("engagements", LargeBinary, nullable=False),
    # Parquet bytes: hour, source, kind, client, engagements
    Column("activity", LargeBinary, nullable=False),
    Column("content_hash", String(64), nullable=False),
)

# Names of people under review live here alone, so that they can be erased without touching history.
handles = Table(
    "handles",
    metadata,
    Column("account_id", String(300), primary_key=True),
    Column("handle", Text),
    Column("updated_at", BigInteger, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("case_id", ForeignKey("cases.case_id"), primary_key=True),
    Column("person_id", ForeignKey("people.person_id"), nullable=False),
    Column("fence", Integer, nullable=False),
    Column("taken_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("draft", Text, nullable=False, default=""),
    Index("ix_leases_person_id", "person_id"),
)

fences = Table(
    "fences",
    metadata,
    Column("case_id", ForeignKey("cases.case_id"), primary_key=True),
    Column("fence", Integer, nullable=False),
)

# One row per executed command: a repeat returns the stored receipt, another body under the same key is refused.
commands = Table(
    "commands",
    metadata,
    Column("idempotency_key", String(64), primary_key=True),
    Column("person_id", String(64), nullable=False),
    Column("name", String(60), nullable=False),
    Column("body_hash", String(64), nullable=False),
    Column("receipt", Text, nullable=False),
    Column("executed_at", BigInteger, nullable=False),
)

decisions = Table(
    "decisions",
    metadata,
    Column("decision_id", String(64), primary_key=True),
    Column("case_id", ForeignKey("cases.case_id"), nullable=False),
    Column("account_id", String(300), nullable=False),
    Column("person_id", ForeignKey("people.person_id"), nullable=False),
    Column("role", String(20), nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("is_partial", Boolean, nullable=False, default=False),
    Column("reason", String(40), nullable=False),
    Column("note", Text, nullable=False, default=""),
    Column("decided_at", BigInteger, nullable=False),
    Column("shown_at", BigInteger),
    Column("idle_us", BigInteger, nullable=False, default=0),
    Column("undo_until", BigInteger, nullable=False),
    Column("case_version", Integer, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("lane", String(20), nullable=False),
    Column("is_blind", Boolean, nullable=False),
    Column("explanation_shown", Boolean, nullable=False),
    Column("step", Integer, nullable=False),
    Column("policy_version", String(40), nullable=False),
    Column("run_id", String(64), nullable=False),
    Column("model_version", String(80), nullable=False),
    Column("model_hash", String(64), nullable=False),
    Column("evidence_hash", String(64), nullable=False),
    Column("score", Float, nullable=False),
    Column("source_type", String(40), nullable=False, default="SOURCE_VOLUNTARY"),
    Column("automated_detection", Boolean, nullable=False, default=True),
    Column("bulk_id", String(64)),
    Index("ix_decisions_case_id", "case_id"),
    Index("ix_decisions_account_id", "account_id"),
    Index("ix_decisions_decided_at", "decided_at"),
)

# Parquet bytes of the engagements proposed and the ones chosen, so counts can always be recomputed.
decision_engagements = Table(
    "decision_engagements",
    metadata,
    Column("decision_id", ForeignKey("decisions.decision_id"), primary_key=True),
    # columns: engagement_id, kind, at, p, band, is_removed
    Column("engagements", LargeBinary, nullable=False),
    Column("removed_likes", Integer, nullable=False),
    Column("removed_follows", Integer, nullable=False),
    Column("removed_comments", Integer, nullable=False),
    Column("proposed", Integer, nullable=False),
)

# What happened to a decision later: undone, overturned, second_review_agreed, second_review_disagreed.
decision_events = Table(
    "decision_events",
    metadata,
    Column("event_id", String(64), primary_key=True),
    Column("decision_id", ForeignKey("decisions.decision_id"), nullable=False),
    Column("event", String(30), nullable=False),
    Column("person_id", ForeignKey("people.person_id")),
    Column("at", BigInteger, nullable=False),
    Column("detail", Text, nullable=False, default="{}"),
    UniqueConstraint("decision_id", "event"),
)

# Skips, snoozes and escalations with their reasons.
case_events = Table(
    "case_events",
    metadata,
    Column("event_id", String(64), primary_key=True),
    Column("case_id", ForeignKey("cases.case_id"), nullable=False),
    Column("event", String(30), nullable=False),
    Column("person_id", ForeignKey("people.person_id")),
    Column("reason", String(60), nullable=False, default=""),
    Column("note", Text, nullable=False, default=""),
    Column("at", BigInteger, nullable=False),
    Index("ix_case_events_case_id", "case_id"),
)

actions = Table(
    "actions",
    metadata,
    Column("action_id", String(64), primary_key=True),
    Column("decision_id", ForeignKey("decisions.decision_id"), nullable=False),
    Column("case_id", ForeignKey("cases.case_id"), nullable=False),
    Column("account_id", String(300), nullable=False),
    Column("kind", String(30), nullable=False),
    # Order inside the plan; a later position waits for the earlier ones.
    Column("position", Integer, nullable=False),
    # The request body, canonical JSON (engagement ids in chunks of at most 1,000: one action row a chunk).
    Column("body", Text, nullable=False),
    Column("body_hash", String(64), nullable=False),
    Column("engagements", Integer, nullable=False, default=0),
    Column("ends_at", BigInteger),
    # set on a reversing action: the action it reverses
    Column("reverses", String(64)),
    Column("created_at", BigInteger, nullable=False),
    Index("ix_actions_decision_id", "decision_id"),
    Index("ix_actions_account_id", "account_id"),
    Index("ix_actions_created_at", "created_at"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("action_id", ForeignKey("actions.action_id"), primary_key=True),
    Column("state", String(20), nullable=False),
    Column("not_before", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("claimed_by", String(64)),
    Column("claimed_until", BigInteger),
    Column("last_error", Text, nullable=False, default=""),
    Column("receipt", Text, nullable=False, default=""),
    Column("finished_at", BigInteger),
    Column("updated_at", BigInteger, nullable=False),
    Index("ix_outbox_state_not_before", "state", "not_before"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("attempt_id", String(64), primary_key=True),
    Column("action_id", ForeignKey("actions.action_id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("finished_at", BigInteger, nullable=False),
    Column("status", Integer),
    Column("result", String(30), nullable=False),
    Column("detail", Text, nullable=False, default=""),
    Index("ix_attempts_action_id", "action_id"),
)

# Delivery-wide state: name → JSON (circuit breaker, pause, pace, heartbeat of the worker).
switches = Table(
    "switches",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("value", Text, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
)

notices = Table(
    "notices",
    metadata,
    Column("notice_id", String(64), primary_key=True),
    Column("decision_id", ForeignKey("decisions.decision_id"), nullable=False),
    Column("account_id", String(300), nullable=False),
    Column("template", String(60), nullable=False),
    Column("template_version", String(40), nullable=False),
    Column("language", String(10), nullable=False),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("appeal_until", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    Index("ix_notices_decision_id", "decision_id"),
)

statements = Table(
    "statements",
    metadata,
    Column("puid", String(500), primary_key=True),
    Column("decision_id", ForeignKey("decisions.decision_id"), nullable=False, unique=True),
    Column("content", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

statement_submissions = Table(
    "statement_submissions",
    metadata,
    Column("submission_id", String(64), primary_key=True),
    Column("puid", ForeignKey("statements.puid"), nullable=False),
    Column("result", String(30), nullable=False),
    Column("detail", Text, nullable=False, default=""),
    Column("at", BigInteger, nullable=False),
)

appeals = Table(
    "appeals",
    metadata,
    Column("appeal_id", String(64), primary_key=True),
    Column("decision_id", ForeignKey("decisions.decision_id"), nullable=False),
    Column("case_id", ForeignKey("cases.case_id"), nullable=False),
    Column("account_id", String(300), nullable=False),
    # command, page or webhook
    Column("channel", String(20), nullable=False),
    Column("external_id", String(200), unique=True),
    Column("text", Text, nullable=False),
    Column("filed_at", BigInteger, nullable=False),
    Index("ix_appeals_decision_id", "decision_id"),
)

appeal_outcomes = Table(
    "appeal_outcomes",
    metadata,
    Column("appeal_id", ForeignKey("appeals.appeal_id"), primary_key=True),
    Column("person_id", ForeignKey("people.person_id"), nullable=False),
    # upheld or overturned
    Column("outcome", String(20), nullable=False),
    Column("grounds", Text, nullable=False),
    Column("decided_at", BigInteger, nullable=False),
)

bulks = Table(
    "bulks",
    metadata,
    Column("bulk_id", String(64), primary_key=True),
    Column("author_id", ForeignKey("people.person_id"), nullable=False),
    Column("query", Text, nullable=False),
    Column("case_ids", Text, nullable=False),
    Column("list_hash", String(64), nullable=False),
    Column("sample_ids", Text, nullable=False),
    Column("sample_seed", BigInteger, nullable=False),
    Column("reason", String(40), nullable=False),
    Column("note", Text, nullable=False, default=""),
    Column("created_at", BigInteger, nullable=False),
)

# previewed, approved, executing, stopped, done, refused: the last one counts.
bulk_events = Table(
    "bulk_events",
    metadata,
    Column("event_id", String(64), primary_key=True),
    Column("bulk_id", ForeignKey("bulks.bulk_id"), nullable=False),
    Column("event", String(20), nullable=False),
    Column("person_id", ForeignKey("people.person_id")),
    Column("list_hash", String(64), nullable=False, default=""),
    Column("detail", Text, nullable=False, default="{}"),
    Column("at", BigInteger, nullable=False),
    Index("ix_bulk_events_bulk_id", "bulk_id"),
)

# Confirmed or rejected engagements of the random audit lane and known-answer cases.
known_answers = Table(
    "known_answers",
    metadata,
    Column("case_id", ForeignKey("cases.case_id"), primary_key=True),
    Column("outcome", String(20), nullable=False),
    Column("policy_version", String(40), nullable=False),
    Column("valid_until", BigInteger),
    Column("created_at", BigInteger, nullable=False),
)

account_notes = Table(
    "account_notes",
    metadata,
    Column("note_id", String(64), primary_key=True),
    Column("account_id", String(300), nullable=False),
    Column("person_id", ForeignKey("people.person_id"), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("ix_account_notes_account_id", "account_id"),
)

# Every look at an account without a case, with its reason (T-01).
lookups = Table(
    "lookups",
    metadata,
    Column("lookup_id", String(64), primary_key=True),
    Column("account_id", String(300), nullable=False),
    Column("person_id", ForeignKey("people.person_id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
)

# Accounts about which no single person decides (T-01); the newest row per account_id counts.
protections = Table(
    "protections",
    metadata,
    Column("protection_id", String(64), primary_key=True),
    Column("account_id", String(300), nullable=False),
    # protected, released
    Column("event", String(20), nullable=False),
    Column("reason", Text, nullable=False),
    Column("person_id", ForeignKey("people.person_id"), nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("ix_protections_account_id", "account_id"),
)

saved_views = Table(
    "saved_views",
    metadata,
    Column("view_id", String(64), primary_key=True),
    Column("person_id", ForeignKey("people.person_id"), nullable=False),
    # explore, queue, query, report
    Column("page", String(20), nullable=False),
    Column("name", String(200), nullable=False),
    Column("content", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("is_deleted", Boolean, nullable=False, default=False),
)

# Names, merges and splits of services; the newest row per service_id counts.
service_events = Table(
    "service_events",
    metadata,
    Column("event_id", String(64), primary_key=True),
    Column("service_id", String(64), nullable=False),
    # named, merged, split
    Column("event", String(20), nullable=False),
    Column("detail", Text, nullable=False),
    Column("person_id", ForeignKey("people.person_id"), nullable=False),
    Column("at", BigInteger, nullable=False),
)

# Settings a person sets for all: detection thresholds, shares of blind cases, targets with who set them and when.
settings_events = Table(
    "settings_events",
    metadata,
    Column("event_id", String(64), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("value", Text, nullable=False),
    # proposed, approved
    Column("event", String(20), nullable=False, default="approved"),
    Column("person_id", ForeignKey("people.person_id")),
    Column("at", BigInteger, nullable=False),
)

query_log = Table(
    "query_log",
    metadata,
    Column("query_id", String(64), primary_key=True),
    Column("person_id", ForeignKey("people.person_id"), nullable=False),
    Column("sql", Text, nullable=False),
    Column("sql_hash", String(64), nullable=False),
    Column("rows", BigInteger),
    Column("seconds", Float),
    Column("outcome", String(30), nullable=False),
    Column("at", BigInteger, nullable=False),
)

# Frozen figures of a published period, so that it can be reproduced years later.
reports = Table(
    "reports",
    metadata,
    Column("report_id", String(64), primary_key=True),
    Column("period_from", BigInteger, nullable=False),
    Column("period_to", BigInteger, nullable=False),
    Column("as_of_seq", BigInteger, nullable=False),
    Column("content", Text, nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("person_id", ForeignKey("people.person_id")),
    Column("created_at", BigInteger, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("actor_id", String(64), nullable=False),
    Column("actor_role", String(100), nullable=False),
    Column("session_id", String(64), nullable=False, default=""),
    Column("on_behalf_of", String(64), nullable=False, default=""),
    Column("verb", String(60), nullable=False),
    Column("subject", String(300), nullable=False),
    Column("case_version", Integer),
    Column("fence", Integer),
    Column("before", Text, nullable=False, default=""),
    Column("after", Text, nullable=False, default=""),
    Column("reason_code", String(60), nullable=False, default=""),
    Column("model_hash", String(64), nullable=False, default=""),
    Column("explanation_hash", String(64), nullable=False, default=""),
    Column("policy_version", String(40), nullable=False, default=""),
    Column("prev_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    CheckConstraint("seq >= 1", name="seq_positive"),
    Index("ix_audit_subject", "subject"),
    Index("ix_audit_at", "at"),
)

# Tables that only ever grow; the migration puts triggers on them that refuse UPDATE and DELETE.
APPEND_ONLY = (
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
    "protections",
    "service_events",
    "settings_events",
    "query_log",
    "reports",
    "audit",
)
