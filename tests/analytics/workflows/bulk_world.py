"""A ledger with many alike cases of one service, as detection opens them, and people to decide them in bulk."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from sqlalchemy import insert, select, update
from uuid6 import uuid7

from analytics.casework.freezing import ACTIVITY, ENGAGEMENTS, Seen, freeze
from analytics.workflows.bulk import ApproveBulk, Bulk, BulkQuery, ExecuteBulk, FreezeBulk
from analytics.workflows.bulk_reads import read_bulk
from analytics.workflows.bulk_run import run_bulks
from analytics.workflows.gate import Gate
from analytics.workflows.people import People, add_demo_people
from analytics.workflows.policy import load_policy
from analytics.workflows.recording import Rules
from analytics.workflows.review import Decide, Desk
from data.home import Home
from data.records import Outcome, ReasonCode, Receipt
from data.tables import case_files, cases, decisions
from tests.delivery_world import NOON, Clock, micros, settings
from tests.ledger_fixtures import new_ledger

AT_ONCE = settings(removal={"delay_seconds": 0, "jitter_seconds": 0})
SERVICE = "S-07"
_VERDICT: dict[str, Any] = {
    "person_id": "demo-theo",
    "role": "reviewer",
    "outcome": "confirm",
    "reason": "PURCHASED_LIKES",
    "case_version": 1,
    "fence": 1,
    "lane": "bulk_sample",
    "is_blind": False,
    "explanation_shown": True,
    "step": 1,
    "policy_version": "1",
    "run_id": "r-1",
    "model_version": "m",
    "model_hash": "h",
    "evidence_hash": "e",
    "score": 0.95,
}


class BulkWorld:
    """One home; `rita` writes bulks, `sena` and `max` approve them."""

    def __init__(self, home: Home, clock: Clock, *, seed: int = 7) -> None:
        self.ledger = new_ledger(home)
        self.clock = clock
        add_demo_people(self.ledger, now=NOON)
        self.people = People(self.ledger, clock)
        gate = Gate(self.ledger, clock)
        self.bulk = Bulk(gate, self.ledger, clock, lambda: seed)
        self.rules = Rules(policy=load_policy(), delivery=AT_ONCE, rng=random.Random(1))
        self.desk = Desk(gate, self.ledger, clock, delivery=AT_ONCE, rng=random.Random(2))
        self.keys = 0

    def token(self, person: str) -> str:
        return self.people.sign_in_demo(f"demo-{person}").token

    def key(self) -> str:
        self.keys += 1
        return f"key-{self.keys}"

    def cases(self, count: int, **over: Any) -> list[str]:
        """Open that many cases, each with three likes in the remove band and one to keep."""
        with self.ledger.write() as connection:
            first = len(connection.execute(select(cases.c.case_id)).all())
            ids = [f"case-{first + number:05}" for number in range(count)]
            for number, case_id in enumerate(ids, start=first + 1):
                row = _case(case_id, number) | over
                connection.execute(insert(cases).values(row))
                file = freeze(_seen(row["account_id"]), _engagements(case_id), pl.DataFrame(schema=ACTIVITY))
                told = {"content": file.content, "engagements": file.engagements, "activity": file.activity}
                connection.execute(insert(case_files).values(case_id=case_id, **told, content_hash=file.content_hash))
        return ids

    def freeze(self, who: str = "rita", **over: Any) -> str:
        told: dict[str, Any] = {"query": BulkQuery(service_id=SERVICE), "reason": ReasonCode.PURCHASED_LIKES} | over
        return self.bulk.execute(self.token(who), FreezeBulk(idempotency_key=self.key(), **told)).subject_id

    def sample(self, bulk_id: str, *, reject: int = 0, part: int = 0) -> None:
        """Write verdicts on the sampled cases; the first ones are rejected, the next ones confirmed in part."""
        at = micros(self.clock())
        with self.ledger.write() as connection:
            for place, case_id in enumerate(read_bulk(connection, bulk_id).sample_ids):
                (account_id,) = connection.scalars(select(cases.c.account_id).where(cases.c.case_id == case_id))
                told = {"outcome": "reject"} if place < reject else {"is_partial": place < reject + part}
                row = {"case_id": case_id, "account_id": account_id, "decided_at": at, "undo_until": at}
                connection.execute(insert(decisions).values({**_VERDICT, "decision_id": str(uuid7()), **row, **told}))
                connection.execute(update(cases).where(cases.c.case_id == case_id).values(state="decided", version=2))

    def sample_at_the_desk(self, bulk_id: str, who: str = "theo") -> None:
        """Decide the sampled cases one by one as a reviewer does."""
        token = self.token(who)
        for case_id in self.bulk.open(token, bulk_id).sample_ids:
            lease = self.desk.take(token, case_id)
            command = Decide(
                idempotency_key=self.key(),
                case_id=case_id,
                version=self.desk.case(case_id).version,
                fence=lease.fence,
                outcome=Outcome.CONFIRM,
                reason=ReasonCode.PURCHASED_LIKES,
                engagement_ids=frozenset(f"{case_id}/like-{n}" for n in range(3)),
            )
            self.desk.execute(token, command)

    def approve(self, bulk_id: str, who: str = "sena", **over: Any) -> Receipt:
        token = self.token(who)
        told = {"idempotency_key": self.key(), "list_hash": self.bulk.open(token, bulk_id).list_hash} | over
        return self.bulk.execute(token, ApproveBulk(bulk_id=bulk_id, **told))

    def start(self, bulk_id: str, who: str = "rita", **over: Any) -> Receipt:
        token = self.token(who)
        told = {"idempotency_key": self.key(), "list_hash": self.bulk.open(token, bulk_id).list_hash} | over
        return self.bulk.execute(token, ExecuteBulk(bulk_id=bulk_id, **told))

    def ready(self, count: int) -> str:
        """Freeze a list of that many cases, decide its sample and have it approved."""
        self.cases(count)
        bulk_id = self.freeze()
        self.sample(bulk_id)
        self.approve(bulk_id)
        return bulk_id

    def run(self, most: int = 25) -> int:
        return run_bulks(self.ledger, self.clock, self.rules, most=most)

    def rows(self, table: Any, **where: Any) -> list[Any]:
        query = select(table)
        for name, value in where.items():
            query = query.where(table.c[name] == value)
        with self.ledger.read() as connection:
            return list(connection.execute(query))


def _case(case_id: str, number: int) -> dict[str, Any]:
    row = {"case_id": case_id, "number": number, "account_id": f"account-{number}", "state": "open", "version": 1}
    row |= {"lane": "queue", "run_id": "r-1", "snapshot_id": "s-1", "priority": 0.5, "score": 0.95}
    row |= {"service_id": SERVICE, "followers": 120, "account_created_at": micros(NOON - timedelta(days=400))}
    row |= {"is_verified": False, "proposed_likes": 3, "proposed_follows": 0, "proposed_comments": 0}
    return row | {"opened_at": micros(NOON), "updated_at": micros(NOON)}


def _seen(account_id: str) -> Seen:
    return Seen(
        account={"account_id": account_id, "created_at": None},
        evidence=(),
        contributions=(),
        base=0.0,
        raw_score=0.0,
        marks=(),
        missing=(),
        service_name=SERVICE,
        since=None,
        left_out=0,
        score=0.95,
        run_id="r-1",
        snapshot_id="s-1",
        model_version="m",
        model_hash="h",
        policy_version="1",
    )


def _engagements(case_id: str) -> pl.DataFrame:
    rows = [
        {
            "engagement_id": f"{case_id}/like-{n}",
            "kind": "like",
            "target_id": f"t{n}",
            "at": datetime(2026, 11, 20, 3, n, tzinfo=UTC),
            "client": "other",
            "source": "service" if n < 3 else "owner",
            "p": 0.99 if n < 3 else 0.01,
            "band": 2 if n < 3 else 0,
            "families": 3,
        }
        for n in range(4)
    ]
    return pl.DataFrame(rows, schema_overrides={"families": pl.Int64}).select(
        (pl.col(name) if name in rows[0] else pl.lit(None)).cast(kind).alias(name) for name, kind in ENGAGEMENTS.items()
    )
