"""The query box: one SELECT on the pseudonymised copy, logged; results drawn, exported, or turned into proposed cases.

Nothing here can decide or enforce: the only thing that leaves is a list of accounts for review, in state proposed
(P-12).
"""

from __future__ import annotations

import hashlib
import io
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

import polars as pl
import pyarrow as pa
from sqlalchemy import Connection, insert, select
from uuid6 import uuid7

from analytics.workflows.deliver import LedgerLike
from analytics.workflows.explore import Reader
from analytics.workflows.export_csv import csv_bytes, parquet_bytes, without_small_groups
from analytics.workflows.gate import Gate, Written
from analytics.workflows.governance import ANALYSTS
from analytics.workflows.investigation import READERS, words_of
from data.analyst_copy import TABLES, pseudonym
from data.errors import ConflictError, InvalidCommandError, RightsError
from data.moments import micros
from data.query_process import Limits, run_query
from data.records import Receipt, SignedIn
from data.tables import query_log

# A batch is read by people: more belongs into a detector.
MOST_PROPOSED = 500
HISTORY = 100
# Last results kept in memory, at most 20 MB each.
KEPT_RESULTS = 16
_SLICE = 500_000
# Columns of a result that hold pseudonyms of people.
PERSON_COLUMNS = frozenset({"account", "target", "actor", "customer"})


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryResult:
    """What one query brought: rows, or the reason why not. `outcome` as in data.query_process.QueryAnswer."""

    query_id: str
    sql: str
    outcome: str
    message: str
    rows: pl.DataFrame
    seconds: float

    @property
    def is_answered(self) -> bool:
        return self.outcome in {"done", "cut"}

    @property
    def person_column(self) -> str | None:
        """The first column with pseudonyms, from which cases can be proposed."""
        return next((name for name in self.rows.columns if name in PERSON_COLUMNS), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One line of the query history."""

    query_id: str
    person_id: str
    sql: str
    outcome: str
    rows: int | None
    seconds: float | None
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportQuery:
    idempotency_key: str
    sql: str
    kind: str = "csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeCases:
    """Accounts of a result, by pseudonym, to be looked at by reviewers."""

    idempotency_key: str
    query_id: str
    pseudonyms: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A file on its way out, and how many rows were left out because they were about too few people."""

    name: str
    body: bytes
    rows: int
    left_out: int


class Files(Protocol):
    """Where the copy and the newest run are, and the key of the pseudonyms."""

    def copy(self) -> Path: ...
    def reader(self, run_id: str | None = None) -> Reader: ...
    def key(self) -> bytes: ...


# Opens cases in state proposed for accounts of the newest run; returns how many were opened.
Propose = Callable[[Connection, Sequence[str], SignedIn, datetime], int]


class QueryBox:
    """Runs queries for people who may, one at a time each."""

    def __init__(self, gate: Gate, ledger: LedgerLike, files: Files, propose: Propose, clock: Callable[[], datetime]):
        self._gate, self._ledger, self._files, self._propose, self._clock = gate, ledger, files, propose, clock
        self._lock = threading.Lock()
        self._asking: set[str] = set()
        self._last: OrderedDict[str, QueryResult] = OrderedDict()

    def run(self, token: str, sql: str, limits: Limits | None = None) -> QueryResult:
        """Run one query and log it, whatever comes of it."""
        who = self._reader(token)
        self._enter(who.person.person_id)
        try:
            answer = run_query(self._files.copy(), sql, TABLES, limits)
        finally:
            self._leave(who.person.person_id)
        query_id = self._log(who, sql, answer.outcome, answer.rows if answer.is_answered else None, answer.seconds)
        rows = read_arrow(answer.arrow) if answer.is_answered else pl.DataFrame()
        found = QueryResult(
            query_id=query_id,
            sql=sql,
            outcome=answer.outcome,
            message=answer.message,
            rows=rows,
            seconds=answer.seconds,
        )
        with self._lock:
            self._last[who.person.person_id] = found
            self._last.move_to_end(who.person.person_id)
            while len(self._last) > KEPT_RESULTS:
                self._last.popitem(last=False)
        return found

    def last(self, token: str) -> QueryResult | None:
        """Return the person's last result while it is kept, so that a page need not hold it."""
        person_id = self._reader(token).person.person_id
        with self._lock:
            return self._last.get(person_id)

    def history(self, token: str, *, everybody: bool = False) -> tuple[Asked, ...]:
        """List the newest queries: one's own, or everybody's for whoever may read them."""
        who = self._reader(token)
        query = select(query_log).order_by(query_log.c.at.desc(), query_log.c.query_id.desc()).limit(HISTORY)
        if not everybody:
            query = query.where(query_log.c.person_id == who.person.person_id)
        with self._ledger.read() as connection:
            rows = connection.execute(query).all()
        return tuple(
            Asked(
                query_id=row.query_id,
                person_id=row.person_id,
                sql=row.sql,
                outcome=row.outcome,
                rows=row.rows,
                seconds=row.seconds,
                at=row.at,
            )
            for row in rows
        )

    def export(self, token: str, command: ExportQuery) -> Export:
        """Run a query for a file; the export is a command with its own audit row."""
        found = self.run(token, command.sql)
        if not found.is_answered:
            raise InvalidCommandError(found.message, "Change the query and run it again.")
        told = without_small_groups(found.rows, PERSON_COLUMNS)
        body = parquet_bytes(told.rows) if command.kind == "parquet" else csv_bytes(told.rows)
        written = _exported(command, told.rows.height, told.left_out)
        self._gate.execute(token, command, READERS, written, costs={"exports": 1})
        kind = "parquet" if command.kind == "parquet" else "csv"
        return Export(name=f"query.{kind}", body=body, rows=told.rows.height, left_out=told.left_out)

    def propose(self, token: str, command: ProposeCases) -> Receipt:
        """Open a proposed case for each account of a result; reviewers see them only after they are taken up."""
        names = tuple(dict.fromkeys(command.pseudonyms))
        reason = words_of(command.reason, "Say what reviewers should look for.")
        if not 0 < len(names) <= MOST_PROPOSED:
            raise InvalidCommandError(f"A batch holds 1 to {MOST_PROPOSED} accounts.", "Narrow the query.")
        accounts = self.accounts_of(names)
        if len(accounts) != len(names):
            raise InvalidCommandError(
                f"{len(names) - len(accounts)} of these accounts are unknown in the newest run.", "Run the query again."
            )

        def write(connection: Connection, who: SignedIn, now: datetime) -> Written:
            opened = self._propose(connection, accounts, who, now)
            facts = {"query_id": command.query_id, "accounts": len(accounts), "opened": opened, "reason": reason}
            return Written(subject=command.query_id, message=_proposed(opened, len(accounts)), facts=facts)

        return self._gate.execute(token, command, ANALYSTS, write)

    def accounts_of(self, names: Sequence[str]) -> list[str]:
        """Return the accounts behind pseudonyms; their number may be smaller when some are unknown."""
        wanted, found = set(names), {}
        reader, key, first = self._files.reader(), self._files.key(), 0
        while wanted and (ids := reader.rows("analyst_ids", {"first": first, "last": first + _SLICE})).height:
            for account_id in ids["account_id"]:
                name = pseudonym(key, account_id)
                if name in wanted:
                    wanted.remove(name)
                    found[name] = account_id
            first += _SLICE
        return [found[name] for name in names if name in found]

    def _reader(self, token: str) -> SignedIn:
        who = self._gate.who(token)
        if not who.person.roles & READERS:
            raise RightsError("Queries are for analysts and managers.", "Ask an administrator for the role.")
        return who

    def _enter(self, person_id: str) -> None:
        with self._lock:
            if person_id in self._asking:
                raise ConflictError("Your last query is still running.", "Wait for it: it ends within ten seconds.")
            self._asking.add(person_id)

    def _leave(self, person_id: str) -> None:
        with self._lock:
            self._asking.discard(person_id)

    def _log(self, who: SignedIn, sql: str, outcome: str, rows: int | None, seconds: float) -> str:
        query_id = str(uuid7())
        told = {"sql": sql, "sql_hash": hashlib.sha256(sql.encode()).hexdigest(), "rows": rows, "seconds": seconds}
        with self._ledger.write() as connection:
            connection.execute(
                insert(query_log).values(
                    query_id=query_id,
                    person_id=who.person.person_id,
                    outcome=outcome,
                    at=micros(self._clock()),
                    **told,
                )
            )
        return query_id


def read_arrow(body: bytes) -> pl.DataFrame:
    """Read the child's answer; two columns of one name stay two columns."""
    table = pa.ipc.open_stream(io.BytesIO(body)).read_all()
    names: list[str] = []
    for name in table.column_names:
        count = names.count(name)
        names.append(f"{name}_{count + 1}" if count or name in names else name)
    told = pl.from_arrow(table.rename_columns(names))
    return told if isinstance(told, pl.DataFrame) else told.to_frame()


def _proposed(opened: int, asked: int) -> str:
    told = f"{opened} {'case was' if opened == 1 else 'cases were'} proposed for review."
    left_out = asked - opened
    why = "a case waits for them already, or nothing is left to decide"
    return f"{told} {left_out} of {asked} accounts were left out: {why}." if left_out else told


def _exported(command: ExportQuery, rows: int, left_out: int) -> Callable[[Connection, SignedIn, datetime], Written]:
    def write(_connection: Connection, _who: SignedIn, _now: datetime) -> Written:
        digest = hashlib.sha256(command.sql.encode()).hexdigest()
        facts = {"sql_hash": digest, "rows": rows, "left_out": left_out, "kind": command.kind}
        return Written(subject=digest, message=f"{rows:,} rows were exported.", facts=facts)

    return write
