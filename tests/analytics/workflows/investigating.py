"""The ten-day log as files, and the gate with five people, for tests of what analysts and managers write."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, insert, select
from uuid6 import uuid7

from analytics.workflows.gate import Gate, token_hash
from analytics.workflows.log_files import LogFiles, RunFiles
from data.moments import micros
from data.records import Role, SignedIn
from data.tables import cases, people, sign_ins
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


def staffed_gate(ledger: LocalLedger, clock: Callable[[], datetime]) -> Gate:
    """Return the gate with people whose token is their name, signed in for as long as a test moves its clock."""
    long_after = micros(NOW + timedelta(days=1))
    with ledger.write() as connection:
        for name, roles in ROLES.items():
            row = {"person_id": name, "name": name.title(), "roles": ",".join(roles), "created_at": 0}
            connection.execute(insert(people).values(row))
            session = {"token_hash": token_hash(name), "person_id": name, "authenticated_at": micros(NOW)}
            connection.execute(insert(sign_ins).values(**session, created_at=long_after, last_seen_at=long_after))
    return Gate(ledger, clock)


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
