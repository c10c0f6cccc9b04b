"""The ten-day log as files, and a gate with three people, for tests of what analysts and managers write."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select
from uuid6 import uuid7

from analytics.workflows.gate import Write
from analytics.workflows.log_files import LogFiles, RunFiles
from data.errors import RightsError, SessionError
from data.moments import micros
from data.records import Person, Receipt, Role, SignedIn
from data.tables import audit, cases, people
from tests.analytics.workflows.small_log import SmallLog, small_log
from tests.delivery_world import LocalLedger

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
KEY = b"k" * 32
ROLES = {
    "ana": {Role.ANALYST},
    "olu": {Role.ANALYST},
    "max": {Role.MANAGER},
    "rita": {Role.REVIEWER},
    "sena": {Role.SENIOR_REVIEWER},
}


class LocalGate:
    """Signs people in by their own name, checks roles, repeats a receipt for a repeated key, writes audit rows."""

    def __init__(self, ledger: LocalLedger) -> None:
        self.ledger = ledger
        self.receipts: dict[str, Receipt] = {}
        with ledger.write() as connection:
            for name, roles in ROLES.items():
                row = {"person_id": name, "name": name.title(), "roles": ",".join(roles), "created_at": 0}
                connection.execute(insert(people).values(row))

    def who(self, token: str) -> SignedIn:
        if token not in ROLES:
            raise SessionError("You are signed out.", "Sign in again.")
        person = Person(person_id=token, name=token.title(), roles=frozenset(ROLES[token]))
        return SignedIn(token=token, person=person, expires_at=NOW)

    def execute(self, token: str, command: Any, roles: frozenset[Role], write: Write) -> Receipt:
        who = self.who(token)
        if not who.person.roles & roles:
            raise RightsError("You no longer have this right.")
        if command.idempotency_key in self.receipts:
            return self.receipts[command.idempotency_key]
        with self.ledger.write() as connection:
            told = write(connection, who, NOW)
            last = connection.execute(audit.select().order_by(audit.c.seq.desc())).first()
            seq = (last.seq if last else 0) + 1
            row = {"seq": seq, "at": micros(NOW), "actor_id": token, "actor_role": "x", "verb": type(command).__name__}
            after = json.dumps(dict(told.facts), sort_keys=True)
            connection.execute(
                insert(audit).values(**row, subject=told.subject, after=after, prev_hash="", hash=str(seq))
            )
        receipt = Receipt(command=type(command).__name__, subject_id=told.subject, message=told.message)
        self.receipts[command.idempotency_key] = receipt
        return receipt


def propose(connection: Connection, accounts: Sequence[str], _who: SignedIn, now: datetime) -> int:
    """Open one proposed case per account that has none."""
    taken = set(connection.scalars(select(cases.c.account_id)))
    fresh = [one for one in accounts if one not in taken]
    for number, account_id in enumerate(fresh, start=len(taken)):
        row = {
            "case_id": str(uuid7()),
            "number": 1_000 + number,
            "account_id": account_id,
            "state": "proposed",
            "version": 1,
            "run_id": "r-1",
            "snapshot_id": "s-1",
            "priority": 0.5,
            "score": 0.5,
            "proposed_likes": 0,
            "proposed_follows": 0,
            "proposed_comments": 0,
            "opened_at": micros(now),
            "updated_at": micros(now),
        }
        connection.execute(insert(cases).values(row))
    return len(fresh)


def log_files(folder: Path, log: SmallLog | None = None) -> LogFiles:
    """Write the log's snapshot and run to files and serve them."""
    there = log or small_log()
    for name in ("snapshot", "run"):
        there.connection.execute(f"attach '{folder / name}.duckdb' as out")
        there.connection.execute(f"copy from database {name} to out")
        there.connection.execute("detach out")
    (folder / "run.duckdb").rename(folder / "r-1.duckdb")
    files = RunFiles(run_id="r-1", run=folder / "r-1.duckdb", snapshot=folder / "snapshot.duckdb")
    return LogFiles(lambda: [files], lambda: KEY)
