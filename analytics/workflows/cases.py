"""Open cases: copy what the newest run says about each account, so that no later run changes what a reviewer saw."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl
from sqlalchemy import Connection, select

from analytics.casework.policy import Policy
from analytics.workflows.case_material import Material, Reader, gather
from analytics.workflows.case_writing import Opening, write_cases
from analytics.workflows.deliver import LedgerLike
from analytics.workflows.findings import parts
from analytics.workflows.policy import load_policy
from data.audit_chain import AuditEntry, append_audit
from data.errors import EmptyHomeError
from data.home import Home
from data.moments import micros
from data.records import CaseState, RunInfo, SignedIn
from data.sidecars import LogReader
from data.tables import cases
from data.warehouse import StoredRun, run_info, stored_runs

# Cases opened in one transaction: bounds memory, and how long others wait for the ledger.
BATCH = 250
MACHINE = "detection"
_WAITING = (CaseState.PROPOSED, CaseState.OPEN, CaseState.LEASED, CaseState.SNOOZED, CaseState.ESCALATED)

Propose = Callable[[Connection, Sequence[str], SignedIn, datetime], int]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The accounts of one run that get a case: key → id, and which of them the random audit drew."""

    accounts: dict[int, str]
    audited: frozenset[int]


def open_cases(home: Home, ledger: LedgerLike, *, now: datetime) -> int:
    """Open a case for every account the newest run queued and for a random few; opening twice opens nothing twice."""
    stored = stored_runs(home)
    if not stored:
        return 0
    return open_cases_of(_read(stored[-1]), run_info(stored[-1].run), ledger, now=now)


def open_cases_of(
    reader: Reader, run: RunInfo, ledger: LedgerLike, *, now: datetime, policy: Policy | None = None
) -> int:
    """Open the cases of one run; what waits already is left exactly as it was frozen."""
    policy, opened = policy or load_policy(), 0
    wanted = _wanted(reader, run, policy.review.audit_most)
    with ledger.read() as connection:
        done = _taken(connection, run.run_id, list(wanted.accounts.values()))
    for batch in _batches([key for key, account_id in wanted.accounts.items() if account_id not in done], wanted):
        found = gather(reader, sorted(batch), wanted.audited, policy.case)
        with ledger.write() as connection:
            opened += _open(connection, Opening(run=run, policy=policy), found, now)
    return opened


def propose_cases(home: Home) -> Propose:
    """Return what opens proposed cases for accounts that an analyst named; a senior reviewer takes them up."""

    def propose(connection: Connection, accounts: Sequence[str], _who: SignedIn, now: datetime) -> int:
        stored = stored_runs(home)
        if not stored:
            raise EmptyHomeError("There is no detection to propose cases from.", "Run `python -m analytics detect`.")
        reader, run, policy = _read(stored[-1]), run_info(stored[-1].run), load_policy()
        done = _taken(connection, None, accounts)
        keys = _keys(reader, [one for one in accounts if one not in done])
        opening = Opening(run=run, policy=policy, state=CaseState.PROPOSED, is_fresh_only=False)
        return sum(
            len(write_cases(connection, opening, gather(reader, batch, (), policy.case), now))
            for batch in (keys[start : start + BATCH] for start in range(0, len(keys), BATCH))
        )

    return propose


def _open(connection: Connection, opening: Opening, found: list[Material], now: datetime) -> int:
    """Write one batch with its audit row; whoever opened the same accounts meanwhile wins."""
    done = _taken(connection, opening.run.run_id, [one.account_id for one in found])
    opened = write_cases(connection, opening, [one for one in found if one.account_id not in done], now)
    if opened:
        numbers = {"first": min(opened), "last": max(opened), "cases": len(opened)}
        entry = AuditEntry(
            actor_id=MACHINE,
            actor_role="machine",
            verb="OpenCases",
            subject=opening.run.run_id,
            after={"facts": numbers},
            model_hash=opening.run.model_hash,
            policy_version=opening.policy.version,
        )
        append_audit(connection, entry, at=micros(now))
    return len(opened)


def _wanted(reader: Reader, run: RunInfo, audit_most: int) -> _Wanted:
    queued = reader.rows("case_queued")
    accounts = dict(zip(queued["account_key"].to_list(), queued["account_id"].to_list(), strict=True))
    actors = reader.rows("case_actors")
    share = float(json.loads(reader.rows("run_settings")["settings"][0])["queue"]["audit_share"])
    count = min(math.ceil(share * actors.height), audit_most, actors.height)
    places = sorted(random.Random(run.run_id).sample(range(actors.height), count))
    drawn = dict(zip(actors["account_key"].gather(places), actors["account_id"].gather(places), strict=True))
    return _Wanted(accounts | drawn, frozenset(drawn))


def _batches(keys: Sequence[int], wanted: _Wanted) -> Iterator[Sequence[int]]:
    """Cut the accounts into transactions; the random audit comes last, to be mixed in among what was opened before."""
    for part in ([key for key in keys if key not in wanted.audited], [key for key in keys if key in wanted.audited]):
        yield from (part[start : start + BATCH] for start in range(0, len(part), BATCH))


def _taken(connection: Connection, run_id: str | None, accounts: Sequence[str]) -> frozenset[str]:
    """Return the accounts that have a case of this run, or one that nobody has decided yet."""
    found: set[str] = set()
    for part in parts(list(accounts)):
        is_taken = cases.c.state.in_(_WAITING) | (cases.c.run_id == run_id)
        found.update(connection.scalars(select(cases.c.account_id).where(cases.c.account_id.in_(part), is_taken)))
    return frozenset(found)


def _keys(reader: Reader, accounts: Sequence[str]) -> list[int]:
    named = pl.DataFrame({"account_id": list(accounts)}, {"account_id": pl.String})
    return list(reader.rows("case_named", frames={"named": named})["account_key"].to_list())


def _read(stored: StoredRun) -> LogReader:
    return LogReader(stored.snapshot, stored.run)
