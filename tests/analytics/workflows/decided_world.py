"""A ledger with decided cases for the statistics: one call writes a case with its decision and what followed."""

from __future__ import annotations

import io
from typing import Any

import polars as pl
from sqlalchemy import insert
from uuid6 import uuid7

from data.ledger import Ledger
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
    people,
)
from tests.delivery_world import LocalLedger

HOUR = 3_600_000_000
DAY = 24 * HOUR


class DecidedWorld:
    """Writes ledger rows at chosen times; `at` counts hours from the start."""

    def __init__(self, ledger: LocalLedger | Ledger, start: int) -> None:
        self.ledger, self.start, self.number = ledger, start, 0
        with ledger.write() as connection:
            for person in ("ada", "ben"):
                row = {"person_id": person, "name": person, "roles": "reviewer", "created_at": start}
                connection.execute(insert(people).values(row))

    def case(self, at: float = 0, **over: Any) -> str:
        self.number += 1
        case_id = f"case-{self.number}"
        row = {
            "case_id": case_id,
            "number": self.number,
            "account_id": f"account-{self.number}",
            "state": "open",
            "version": 1,
            "lane": "queue",
            "run_id": "r-1",
            "snapshot_id": "s-1",
            "priority": 1.0,
            "score": 0.9,
            "service_id": "S-1",
            "country": "BR",
            "proposed_likes": 3,
            "proposed_follows": 0,
            "proposed_comments": 0,
            "first_engagement_at": self.time(at - 24),
            "opened_at": self.time(at),
            "updated_at": self.time(at),
            **over,
        }
        self._write(cases, row)
        return case_id

    def decision(
        self,
        at: float,
        *,
        case: dict[str, Any] | None = None,
        taken: int = 3,
        removed: dict[str, int] | None = None,
        **over: Any,
    ) -> str:
        """Decide a new case; `taken` of its three likes are removed on a confirmation, and what else `removed` says."""
        told = {"lane": over.get("lane", "queue"), **(case or {})}
        case_id = self.case(at - 1, state="decided", **told)
        decision_id = str(uuid7())
        row = {
            "decision_id": decision_id,
            "case_id": case_id,
            "account_id": told.get("account_id", f"account-{self.number}"),
            "person_id": "ada",
            "role": "reviewer",
            "outcome": "confirm",
            "reason": "PURCHASED_LIKES",
            "decided_at": self.time(at),
            "shown_at": self.time(at) - 60_000_000,
            "undo_until": self.time(at) + 30_000_000,
            "case_version": 1,
            "fence": 1,
            "lane": "queue",
            "is_blind": False,
            "explanation_shown": True,
            "step": 1,
            "policy_version": "1",
            "run_id": "r-1",
            "model_version": "m1",
            "model_hash": "h",
            "evidence_hash": "h",
            "score": 0.9,
            **over,
        }
        self._write(decisions, row)
        self._engagements(decision_id, at, taken if row["outcome"] == "confirm" else 0, removed or {})
        return decision_id

    def again(self, decision_id: str, at: float, **over: Any) -> str:
        """Decide the case of a decision once more, as when it is shown to others as a known answer."""
        with self.ledger.read() as connection:
            row = connection.execute(decisions.select().where(decisions.c.decision_id == decision_id)).mappings().one()
        told = {"decision_id": str(uuid7()), "decided_at": self.time(at), "shown_at": self.time(at) - 60_000_000}
        self._write(decisions, {**row, **told, **over})
        return told["decision_id"]

    def _engagements(self, decision_id: str, at: float, removed: int, others: dict[str, int]) -> None:
        rows = pl.DataFrame(
            {
                "engagement_id": [f"{decision_id}-{place}" for place in range(3)],
                "kind": ["like"] * 3,
                "at": [self.time(at - 24)] * 3,
                "p": [0.99, 0.9, 0.2],
                "band": [2, 1, 0],
                "is_removed": [place < removed for place in range(3)],
            }
        )
        sink = io.BytesIO()
        rows.write_parquet(sink)
        told = {
            "decision_id": decision_id,
            "engagements": sink.getvalue(),
            "removed_likes": removed,
            "removed_follows": 0,
            "removed_comments": 0,
            "proposed": 3,
            **others,
        }
        self._write(decision_engagements, told)

    def event(self, decision_id: str, event: str, at: float) -> None:
        self._write(
            decision_events, {"event_id": str(uuid7()), "decision_id": decision_id, "event": event, "at": self.time(at)}
        )

    def action(self, decision_id: str, at: float, *, kind: str = "remove_engagements", state: str = "delivered") -> str:
        action_id = str(uuid7())
        with self.ledger.read() as connection:
            row = connection.execute(decisions.select().where(decisions.c.decision_id == decision_id)).one()
        self._write(
            actions,
            {
                "action_id": action_id,
                "decision_id": decision_id,
                "case_id": row.case_id,
                "account_id": row.account_id,
                "kind": kind,
                "position": 0,
                "body": "{}",
                "body_hash": "h",
                "created_at": row.decided_at,
            },
        )
        done = self.time(at) if state == "delivered" else None
        self._write(
            outbox,
            {"action_id": action_id, "state": state, "not_before": 0, "finished_at": done, "updated_at": self.time(at)},
        )
        return action_id

    def appeal(self, decision_id: str, at: float, outcome: str | None = None) -> None:
        appeal_id = str(uuid7())
        with self.ledger.read() as connection:
            row = connection.execute(decisions.select().where(decisions.c.decision_id == decision_id)).one()
        told = {"appeal_id": appeal_id, "decision_id": decision_id, "case_id": row.case_id, "channel": "page"}
        self._write(appeals, {**told, "account_id": row.account_id, "text": "It was me.", "filed_at": self.time(at)})
        if outcome:
            ruled = {"appeal_id": appeal_id, "person_id": "ben", "outcome": outcome, "grounds": "seen"}
            self._write(appeal_outcomes, {**ruled, "decided_at": self.time(at)})

    def known_answer(self, decision_id: str, outcome: str) -> None:
        with self.ledger.read() as connection:
            row = connection.execute(decisions.select().where(decisions.c.decision_id == decision_id)).one()
        told = {"case_id": row.case_id, "outcome": outcome, "policy_version": "1", "created_at": self.start}
        self._write(known_answers, told)

    def time(self, hours: float) -> int:
        return self.start + round(hours * HOUR)

    def _write(self, table: Any, row: dict[str, Any]) -> None:
        with self.ledger.write() as connection:
            connection.execute(insert(table).values(row))
            last = connection.execute(audit.select().order_by(audit.c.seq.desc())).first()
            seq = (last.seq if last else 0) + 1
            told = {"seq": seq, "at": self.start, "actor_id": "ada", "actor_role": "reviewer", "verb": "test"}
            connection.execute(insert(audit).values(**told, subject="x", prev_hash="", hash=str(seq)))
