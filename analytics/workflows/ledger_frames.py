"""The ledger as frames for the statistics: read once per state of the ledger, never written."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Connection, Select, and_, case, func, select

from analytics.workflows.deliver import LedgerLike
from data.records import ActionKind, ActionState, CaseState, Kind
from data.tables import (
    actions,
    appeal_outcomes,
    appeals,
    audit,
    cases,
    decision_engagements,
    decision_events,
    decisions,
    known_answers,
    outbox,
)

KNOWN_ANSWER, RANDOM_AUDIT = "known_answer", "random_audit"
UNDONE, OVERTURNED = "undone", "overturned"
AGREED, DISAGREED = "second_review_agreed", "second_review_disagreed"
# Verdicts end a case; an escalation hands it on.
_VERDICTS = ("confirm", "reject")
_OTHER = {"confirm": "reject", "reject": "confirm"}
ENGAGEMENTS = {
    "engagement_id": pl.String,
    "decision_id": pl.String,
    "account_id": pl.String,
    "kind": pl.String,
    "at": pl.Int64,
    "p": pl.Float64,
    "band": pl.Int64,
    "is_removed": pl.Boolean,
}
_IDS = {"decision_id": pl.String, "account_id": pl.String}
_BATCH = 400
# Rows held as Python objects at once: with many more, most of the time goes to the collector that walks them.
_CHUNK = 500


# The length of the audit chain, and how many actions have not ended.
Version = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerFrames:
    """Everything decided so far: one row per decision, case, action, appeal, second review and known answer."""

    version: Version
    decisions: pl.DataFrame
    cases: pl.DataFrame
    actions: pl.DataFrame
    appeals: pl.DataFrame
    reviews: pl.DataFrame
    answers: pl.DataFrame

    @property
    def begun_at(self) -> int | None:
        """The moment of the first decision, in microseconds; None before there is one."""
        first = self.decisions["decided_at"].min()
        return None if first is None else int(str(first))


_READING = threading.Lock()
_KEPT: WeakKeyDictionary[LedgerLike, LedgerFrames] = WeakKeyDictionary()


def ledger_version(connection: Connection) -> Version:
    """Name a state of the ledger: what people do is audited, and what the worker does counts when it ends an action.

    Between two audit rows actions only end, so the two numbers together never come back.
    """
    waiting = outbox.c.state.in_([ActionState.QUEUED, ActionState.IN_FLIGHT])
    row = connection.execute(
        select(
            select(func.coalesce(func.max(audit.c.seq), 0)).scalar_subquery(),
            select(func.count()).select_from(outbox).where(waiting).scalar_subquery(),
        )
    ).one()
    return int(row[0]), int(row[1])


def read_frames(connection: Connection) -> LedgerFrames:
    """Read the narrow tables whole; engagements are read apart, for the decisions that need them."""
    told = _frame(connection, _decision_rows(), DECISIONS)
    return LedgerFrames(
        version=ledger_version(connection),
        decisions=told.with_columns(kind=_main_kind()),
        cases=_frame(connection, _case_rows(), CASES).with_columns(kind=_main_kind()),
        actions=_frame(connection, _action_rows(), ACTIONS),
        appeals=_frame(connection, _appeal_rows(), APPEALS),
        reviews=_frame(connection, _review_rows(), REVIEWS).with_columns(second=_second_outcome()),
        answers=_frame(connection, _answer_rows(), ANSWERS),
    )


def kept_frames(ledger: LedgerLike) -> LedgerFrames:
    """Return the frames of a ledger as it is now; while it stands still, everybody shares one reading."""
    with _READING, ledger.read() as connection:
        kept = _KEPT.get(ledger)
        if kept is None or kept.version != ledger_version(connection):
            _KEPT[ledger] = kept = read_frames(connection)
        return kept


def read_engagements(connection: Connection, decision_ids: Sequence[str]) -> pl.DataFrame:
    """Return one row per engagement of these decisions, as the reviewer left them."""
    parts = [pl.DataFrame(schema=ENGAGEMENTS)]
    for start in range(0, len(decision_ids), _BATCH):
        some = decision_ids[start : start + _BATCH]
        query = (
            select(decisions.c.decision_id, decisions.c.account_id, decision_engagements.c.engagements)
            .join(decision_engagements, decision_engagements.c.decision_id == decisions.c.decision_id)
            .where(decisions.c.decision_id.in_(some))
            .order_by(decisions.c.decision_id)
        )
        parts += _opened(connection.execute(query).all())
    return pl.concat(parts)


def _opened(found: Sequence[Any]) -> list[pl.DataFrame]:
    """Open the stored rows of many decisions, all at once where they were written alike, else one by one."""
    try:
        return [_named(found)] if found else []
    except pl.exceptions.PolarsError:
        return [_named([one]) for one in found]


def _named(found: Sequence[Any]) -> pl.DataFrame:
    rows = pl.scan_parquet([bytes(blob) for _, _, blob in found]).collect()
    heights = [pq.read_metadata(pa.BufferReader(blob)).num_rows for _, _, blob in found]
    place = np.repeat(np.arange(len(found)), heights)
    ids = pl.DataFrame([(one, account) for one, account, _ in found], schema=_IDS, orient="row")[place]
    moment = pl.col("at").dt.epoch("us") if rows.schema["at"].is_temporal() else pl.col("at")
    told = rows.with_columns(ids.get_columns()).with_columns(at=moment, kind=_kind_word(rows))
    return told.select(pl.col(name).cast(kind) for name, kind in ENGAGEMENTS.items())


def _kind_word(rows: pl.DataFrame) -> pl.Expr:
    """Return the kind in words, whether the row holds the word or the stored number."""
    if rows.schema["kind"] == pl.String:
        return pl.col("kind")
    return pl.col("kind").cast(pl.Int64).replace_strict(dict(enumerate(kind.value for kind in Kind)))


Schema = Mapping[str, Any]  # Any: polars accepts classes and instances alike
DECISIONS: Schema = {
    "decision_id": pl.String,
    "case_id": pl.String,
    "number": pl.Int64,
    "account_id": pl.String,
    "person_id": pl.String,
    "outcome": pl.String,
    "is_partial": pl.Boolean,
    "reason": pl.String,
    "decided_at": pl.Int64,
    "shown_at": pl.Int64,
    "idle_us": pl.Int64,
    "lane": pl.String,
    "is_blind": pl.Boolean,
    "explanation_shown": pl.Boolean,
    "step": pl.Int64,
    "policy_version": pl.String,
    "model_version": pl.String,
    "run_id": pl.String,
    "score": pl.Float64,
    "source_type": pl.String,
    "automated_detection": pl.Boolean,
    "bulk_id": pl.String,
    "opened_at": pl.Int64,
    "first_engagement_at": pl.Int64,
    "service_id": pl.String,
    "country": pl.String,
    "proposed_likes": pl.Int64,
    "proposed_follows": pl.Int64,
    "proposed_comments": pl.Int64,
    "main_kind": pl.String,
    "removed_likes": pl.Int64,
    "removed_follows": pl.Int64,
    "removed_comments": pl.Int64,
    "overturned_at": pl.Int64,
}
CASES: Schema = {
    "case_id": pl.String,
    "number": pl.Int64,
    "account_id": pl.String,
    "run_id": pl.String,
    "state": pl.String,
    "lane": pl.String,
    "opened_at": pl.Int64,
    "decided_at": pl.Int64,
    "service_id": pl.String,
    "country": pl.String,
    "proposed_likes": pl.Int64,
    "proposed_follows": pl.Int64,
    "proposed_comments": pl.Int64,
    "main_kind": pl.String,
}
ACTIONS: Schema = {
    "action_id": pl.String,
    "decision_id": pl.String,
    "account_id": pl.String,
    "kind": pl.String,
    "state": pl.String,
    "engagements": pl.Int64,
    "created_at": pl.Int64,
    "finished_at": pl.Int64,
    "service_id": pl.String,
}
APPEALS: Schema = {
    "appeal_id": pl.String,
    "decision_id": pl.String,
    "number": pl.Int64,
    "account_id": pl.String,
    "filed_at": pl.Int64,
    "decided_at": pl.Int64,
    "outcome": pl.String,
    "service_id": pl.String,
    "country": pl.String,
    "step": pl.Int64,
}
REVIEWS: Schema = {
    "decision_id": pl.String,
    "case_id": pl.String,
    "number": pl.Int64,
    "account_id": pl.String,
    "first": pl.String,
    "event": pl.String,
    "at": pl.Int64,
    "policy_version": pl.String,
    "service_id": pl.String,
    "country": pl.String,
    "step": pl.Int64,
}
ANSWERS: Schema = {
    "case_id": pl.String,
    "expected": pl.String,
    "policy_version": pl.String,
    "valid_until": pl.Int64,
}


def _decision_rows() -> Select[Any]:
    """Decisions that were not undone, with their case and what became of them."""
    undone, over = decision_events.alias("undone"), decision_events.alias("overturned")
    taken = decision_engagements
    own = [decisions.c[name] for name in DECISIONS if name in decisions.c]
    of_case = [
        cases.c[name] for name in DECISIONS if name in cases.c and name not in decisions.c and name != "overturned_at"
    ]
    return (
        select(
            *own,
            *of_case,
            *(func.coalesce(taken.c[name], 0).label(name) for name in DECISIONS if name.startswith("removed_")),
            over.c.at.label("overturned_at"),
        )
        .join(cases, cases.c.case_id == decisions.c.case_id)
        .outerjoin(taken, taken.c.decision_id == decisions.c.decision_id)
        .outerjoin(undone, and_(undone.c.decision_id == decisions.c.decision_id, undone.c.event == UNDONE))
        .outerjoin(over, and_(over.c.decision_id == decisions.c.decision_id, over.c.event == OVERTURNED))
        .where(undone.c.event_id.is_(None))
    )


def _case_rows() -> Select[Any]:
    """Select cases for review with the moment of their last verdict that was not undone.

    A decided case that is shown again as a known answer was decided before: what people say of it then is no verdict.
    """
    undone = decision_events.alias("undone")
    verdicts = (
        select(decisions.c.case_id, func.max(decisions.c.decided_at).label("decided_at"))
        .outerjoin(undone, and_(undone.c.decision_id == decisions.c.decision_id, undone.c.event == UNDONE))
        .where(undone.c.event_id.is_(None), decisions.c.outcome.in_(_VERDICTS), decisions.c.lane != KNOWN_ANSWER)
        .group_by(decisions.c.case_id)
        .subquery()
    )
    return (
        select(
            *(cases.c[name] for name in CASES if name != "decided_at"),
            verdicts.c.decided_at,
        )
        .outerjoin(verdicts, verdicts.c.case_id == cases.c.case_id)
        .where(cases.c.state != CaseState.PROPOSED.value)
    )


def _action_rows() -> Select[Any]:
    # A try under way is on no record until it is answered, so no version names it; until then it still waits.
    waiting, under_way = ActionState.QUEUED.value, ActionState.IN_FLIGHT.value
    return (
        select(
            *(actions.c[name] for name in ACTIONS if name in actions.c),
            case((outbox.c.state == under_way, waiting), else_=outbox.c.state).label("state"),
            outbox.c.finished_at,
            cases.c.service_id,
        )
        .join(outbox, outbox.c.action_id == actions.c.action_id)
        .join(cases, cases.c.case_id == actions.c.case_id)
    )


def _appeal_rows() -> Select[Any]:
    return (
        select(
            appeals.c.appeal_id,
            appeals.c.decision_id,
            cases.c.number,
            appeals.c.account_id,
            appeals.c.filed_at,
            appeal_outcomes.c.decided_at,
            appeal_outcomes.c.outcome,
            cases.c.service_id,
            cases.c.country,
            decisions.c.step,
        )
        .join(decisions, decisions.c.decision_id == appeals.c.decision_id)
        .join(cases, cases.c.case_id == appeals.c.case_id)
        .outerjoin(appeal_outcomes, appeal_outcomes.c.appeal_id == appeals.c.appeal_id)
    )


def _review_rows() -> Select[Any]:
    return (
        select(
            decisions.c.decision_id,
            decisions.c.case_id,
            cases.c.number,
            decisions.c.account_id,
            decisions.c.outcome.label("first"),
            decision_events.c.event,
            decision_events.c.at,
            decisions.c.policy_version,
            cases.c.service_id,
            cases.c.country,
            decisions.c.step,
        )
        .join(decisions, decisions.c.decision_id == decision_events.c.decision_id)
        .join(cases, cases.c.case_id == decisions.c.case_id)
        .where(decision_events.c.event.in_((AGREED, DISAGREED)), decisions.c.outcome.in_(_VERDICTS))
    )


def _answer_rows() -> Select[Any]:
    return select(
        known_answers.c.case_id,
        known_answers.c.outcome.label("expected"),
        known_answers.c.policy_version,
        known_answers.c.valid_until,
    )


def _second_outcome() -> pl.Expr:
    return (
        pl.when(pl.col("event") == AGREED)
        .then(pl.col("first"))
        .otherwise(pl.col("first").replace_strict(_OTHER, default=None))
    )


def _main_kind() -> pl.Expr:
    """Name the kind that most of the case's rows are of; an old case only counts what it proposed to remove."""
    likes, follows, comments = (pl.col(f"proposed_{name}") for name in ("likes", "follows", "comments"))
    removed = (
        pl.when(likes + follows + comments == 0)
        .then(None)
        .when((likes >= follows) & (likes >= comments))
        .then(pl.lit(Kind.LIKE.value))
        .when(follows >= comments)
        .then(pl.lit(Kind.FOLLOW.value))
        .otherwise(pl.lit(Kind.COMMENT.value))
    )
    return pl.coalesce("main_kind", removed)


def _frame(connection: Connection, query: Select[Any], schema: Schema) -> pl.DataFrame:
    """Read rows under the schema's own types, by name, in its order."""
    found = connection.execute(query)
    names, parts = list(found.keys()), [pl.DataFrame(schema=dict(schema))]
    for rows in found.partitions(_CHUNK):
        columns = dict(zip(names, zip(*rows, strict=True), strict=True))
        parts.append(pl.DataFrame([pl.Series(name, columns[name], dtype=kind) for name, kind in schema.items()]))
    return pl.concat(parts, rechunk=True)


REMOVALS = ActionKind.REMOVE_ENGAGEMENTS.value
RESETS = ActionKind.RESET_PASSWORD.value
