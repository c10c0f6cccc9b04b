"""A real ledger with people signed in and confirmed decisions, for everything that may happen to a decision later."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import insert, select

from analytics.workflows.appeals import Appeals, FileAppeal
from analytics.workflows.gate import Gate
from analytics.workflows.people import People, add_demo_people
from data.home import Home
from data.records import ActionKind
from data.tables import audit, decision_engagements, people
from tests.delivery_world import NOON, Clock, Decided, decide
from tests.ledger_fixtures import new_ledger

PLAN = [ActionKind.RESET_PASSWORD, ActionKind.WARN, ActionKind.REMOVE_ENGAGEMENTS]


class AppealedWorld:
    """One home with its ledger; `rita` decided every case, and holds the right to decide appeals as well."""

    def __init__(self, root: Path, clock: Clock) -> None:
        self.home = Home(root)
        self.ledger = new_ledger(self.home)
        self.clock = clock
        add_demo_people(self.ledger, now=NOON)
        row = {"person_id": "rita", "name": "Rita", "roles": "reviewer,senior_reviewer", "created_at": 0}
        with self.ledger.write() as connection:
            connection.execute(insert(people).values(row | {"is_demo": True, "is_active": True, "settings": "{}"}))
        self.people = People(self.ledger, clock)
        self.appeals = Appeals(Gate(self.ledger, clock), self.ledger, clock)
        self.keys = 0

    def token(self, person_id: str) -> str:
        return self.people.sign_in_demo(person_id).token

    def confirmed(self, kinds: list[ActionKind] | None = None, *, likes: int = 3, **over: Any) -> Decided:
        """Write a confirmation with its engagements, as the desk leaves it."""
        with self.ledger.write() as connection:
            done = decide(connection, kinds or PLAN, likes=likes, at=self.clock(), **over)
            rows = pl.DataFrame(
                {
                    "engagement_id": [f"{done.account_id}/like-{n}" for n in range(likes)],
                    "kind": ["like"] * likes,
                    "at": [0] * likes,
                    "p": [0.99] * likes,
                    "band": [2] * likes,
                    "is_removed": [True] * likes,
                }
            )
            sink = io.BytesIO()
            rows.write_parquet(sink)
            told = {"decision_id": done.decision_id, "engagements": sink.getvalue(), "removed_likes": likes}
            told |= {"removed_follows": 0, "removed_comments": 0, "proposed": likes}
            connection.execute(insert(decision_engagements).values(told))
        return done

    def filed(self, done: Decided, text: str = "It was me.") -> str:
        """File an appeal by page and return its id."""
        command = FileAppeal(idempotency_key=self.key(), decision_id=done.decision_id, text=text)
        return self.appeals.execute(self.token("demo-sena"), command).subject_id

    def key(self) -> str:
        self.keys += 1
        return f"key-{self.keys}"

    def rows(self, table: Any, **where: Any) -> list[Any]:
        query = select(table)
        for name, value in where.items():
            query = query.where(table.c[name] == value)
        with self.ledger.read() as connection:
            return list(connection.execute(query))

    def audited(self) -> list[tuple[str, str]]:
        return [(row.verb, row.reason_code) for row in self.rows(audit)]
