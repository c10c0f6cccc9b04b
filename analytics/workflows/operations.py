"""What an operator must see: stuck work, the state of the chain, the age of everything, the room left (P-19)."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, func, select

from analytics.workflows.deliver import LedgerLike
from analytics.workflows.metrics import count_by, expired_leases, health, oldest_due_seconds
from analytics.workflows.queue import KNOWN_ANSWER
from data.moments import micros
from data.records import ActionState, CaseState, RunInfo, SnapshotInfo
from data.tables import audit, cases, outbox

# A log older than this finds services late; a disk fuller than this stops the next run.
OLD_LOG_HOURS = 36.0
LEAST_FREE_SHARE = 0.1
_SECOND = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """The room of the home's disk, and what the home itself takes by folder, in bytes."""

    free: int
    total: int
    taken: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """One look at the whole installation; `problems` are sentences for a person, none when all is well."""

    problems: tuple[str, ...]
    oldest_due_seconds: float
    waiting: int
    dead: int
    expired_leases: int
    open_cases: int
    escalated: int
    audit_rows: int
    audit_last_at: int | None
    log_age_hours: float | None
    run_age_hours: float | None
    model_version: str | None
    disk: Disk

    @property
    def sentence(self) -> str:
        cases_told = f"{self.open_cases:,} cases wait, {self.waiting:,} actions are on their way"
        if not self.problems:
            return f"All is well: {cases_told}."
        return f"{len(self.problems)} things need a person: {' '.join(self.problems)} {cases_told}."


Loaded = Callable[[], tuple[SnapshotInfo | None, RunInfo | None]]


class Operations:
    """Reads for the operations page and the status command."""

    def __init__(self, root: Path, ledger: LedgerLike, loaded: Loaded, clock: Callable[[], datetime]) -> None:
        self._root = root
        self._ledger = ledger
        self._loaded = loaded
        self._clock = clock

    def status(self) -> Status:
        """Look at everything now."""
        now = self._clock()
        snapshot, run = self._loaded()
        disk = read_disk(self._root)
        with self._ledger.read() as connection:
            told = _counts(connection, micros(now))
            problems = [*health(connection, micros(now)).problems, *_ages(snapshot, run, now), *_room(disk)]
        return Status(
            problems=tuple(problems),
            log_age_hours=_hours(snapshot.last_at if snapshot else None, now),
            run_age_hours=_hours(run.created_at if run else None, now),
            model_version=run.model_version if run else None,
            disk=disk,
            oldest_due_seconds=float(told["oldest_due_seconds"] or 0),
            waiting=int(told["waiting"] or 0),
            dead=int(told["dead"] or 0),
            expired_leases=int(told["expired_leases"] or 0),
            open_cases=int(told["open_cases"] or 0),
            escalated=int(told["escalated"] or 0),
            audit_rows=int(told["audit_rows"] or 0),
            audit_last_at=None if told["audit_last_at"] is None else int(told["audit_last_at"]),
        )


def read_disk(root: Path) -> Disk:
    """Measure the disk and the folders of the home."""
    there = next(folder for folder in (root, *root.parents) if folder.exists())
    room = shutil.disk_usage(there)
    taken = {entry.name: _size(entry) for entry in sorted(root.iterdir())} if root.exists() else {}
    return Disk(free=room.free, total=room.total, taken=taken)


def _size(path: Path) -> int:
    if path.is_dir():
        return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    return path.stat().st_size if path.exists() else 0


def _counts(connection: Connection, now: int) -> dict[str, float | None]:
    open_states = (CaseState.OPEN, CaseState.LEASED, CaseState.SNOOZED, CaseState.ESCALATED)
    states = count_by(connection, outbox.c.state)
    # Beside the number of the desk, one that counts known answers too would tell how many are hidden there.
    of_cases = count_by(connection, cases.c.state, cases.c.lane != KNOWN_ANSWER)
    last = connection.execute(select(func.max(audit.c.seq), func.max(audit.c.at))).one()
    return {
        "oldest_due_seconds": oldest_due_seconds(connection, now),
        "waiting": states.get(ActionState.QUEUED, 0) + states.get(ActionState.IN_FLIGHT, 0),
        "dead": states.get(ActionState.DEAD, 0),
        "expired_leases": expired_leases(connection, now),
        "open_cases": sum(of_cases.get(state, 0) for state in open_states),
        "escalated": of_cases.get(CaseState.ESCALATED, 0),
        "audit_rows": last[0],
        "audit_last_at": last[1],
    }


def _ages(snapshot: SnapshotInfo | None, run: RunInfo | None, now: datetime) -> list[str]:
    found = []
    if snapshot is None:
        found.append("No log is loaded.")
    elif (_hours(snapshot.last_at, now) or 0) > OLD_LOG_HOURS:
        found.append(f"The log ends {_hours(snapshot.last_at, now):,.0f} hours ago.")
    if snapshot is not None and (run is None or run.snapshot_id != snapshot.snapshot_id):
        found.append("The newest log has not been run through detection.")
    return found


def _room(disk: Disk) -> list[str]:
    if disk.total and disk.free / disk.total < LEAST_FREE_SHARE:
        return [f"The disk has {disk.free / 1e9:,.1f} GB left."]
    return []


def _hours(at: datetime | None, now: datetime) -> float | None:
    return None if at is None else (now - at).total_seconds() / 3600
