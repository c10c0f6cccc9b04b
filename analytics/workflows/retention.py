"""Forget in time what is about people (D.5): names, sign-ins, old logs. What was forgotten is counted in the chain."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, and_, delete, exists, or_, select

from analytics.workflows.deliver import LedgerLike
from analytics.workflows.limits import SPENT
from data.audit_chain import AuditEntry, append_audit
from data.home import Home
from data.moments import micros
from data.records import CaseState
from data.tables import cases, handles, sign_ins, switches
from data.warehouse import forget_old

FILE = Path(__file__).parent.parent.parent / "data" / "reference" / "retention.toml"
_DONE = (CaseState.DECIDED, CaseState.CLOSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Purged:
    """How much was forgotten, and which files of the warehouse."""

    sign_ins: int = 0
    handles: int = 0
    counters: int = 0
    files: tuple[str, ...] = ()

    @property
    def is_nothing(self) -> bool:
        return not (self.sign_ins or self.handles or self.counters or self.files)


@cache
def periods() -> Mapping[str, Mapping[str, int]]:
    """Read how long what is kept."""
    told: Mapping[str, Mapping[str, int]] = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return told


def purge(home: Home, ledger: LedgerLike, now: datetime) -> Purged:
    """Forget what is due; doing it twice forgets nothing more and writes no second audit row."""
    days = {name: timedelta(days=count) for name, count in periods()["days"].items()}
    with ledger.read() as connection:
        needed = set(connection.scalars(select(cases.c.run_id).where(cases.c.state != CaseState.CLOSED).distinct()))
    files = forget_old(home, needed_runs=needed, now=now, most=periods()["files"]["runs"], longest=days["runs"])
    with ledger.write() as connection:
        purged = Purged(
            sign_ins=_delete(connection, sign_ins, sign_ins.c.created_at < micros(now - days["sign_ins"])),
            handles=_delete(connection, handles, _unneeded(micros(now - days["handles"]))),
            counters=_delete(connection, switches, _full_again(micros(now - timedelta(days=1)))),
            files=tuple(files),
        )
        if not purged.is_nothing:
            append_audit(connection, _entry(purged), at=micros(now))
    return purged


def _unneeded(since: int) -> Any:
    """Whether nobody needs the name any more: no case waits, and none was decided or closed lately."""
    is_needed = and_(
        cases.c.account_id == handles.c.account_id,
        or_(cases.c.state.not_in(_DONE), cases.c.updated_at >= since),
    )
    return and_(handles.c.updated_at < since, ~exists().where(is_needed))


def _full_again(since: int) -> Any:
    """Whether a counter of what somebody did is full again, and so says nothing."""
    return and_(switches.c.name.startswith(SPENT, autoescape=True), switches.c.updated_at < since)


def _delete(connection: Connection, table: Any, condition: Any) -> int:
    return connection.execute(delete(table).where(condition)).rowcount


def _entry(purged: Purged) -> AuditEntry:
    told = asdict(purged)
    return AuditEntry(actor_id="worker", actor_role="worker", verb="Purge", subject="retention", after=told)
