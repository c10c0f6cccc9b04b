"""Read the audit chain from end to end and say what is wrong with it, first the first bad row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.exc import DatabaseError

from data.anchors import Anchors
from data.audit_chain import FIRST, key_of, row_hash
from data.tables import audit

_BATCH = 1_000
MOST_FAULTS = 100


@dataclass(frozen=True, slots=True)
class ChainFault:
    """One bad row, by its number."""

    seq: int
    cause: str

    def __str__(self) -> str:
        return f"Audit row {self.seq} {self.cause}."


@dataclass(slots=True)
class Chain:
    """What a walk along the chain found."""

    rows: int = 0
    hash: str = FIRST
    last_at: int = 0
    faults: list[ChainFault] = field(default_factory=list)

    def blame(self, seq: int, cause: str) -> None:
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(ChainFault(seq, cause))


def walk_chain(connection: Connection, anchors: Anchors, visit: Callable[[Row[Any]], None]) -> Chain:
    """Check every row against the one before it and against the anchors; `visit` sees each readable row."""
    chain, key = Chain(), key_of(connection)
    anchored = {one.seq: one.hash for one in anchors.holding if one.seq}
    expected, previous, sound_to = 1, FIRST, 0
    for seq, row in _rows(connection):
        chain.rows += 1
        if seq != expected:
            chain.blame(expected, "is missing")
        if row is None:
            chain.blame(seq, "cannot be read")
            expected = seq + 1
            continue
        for cause in _faults(row, previous if seq == expected else row.prev_hash, chain.last_at, key):
            chain.blame(seq, cause)
        if anchored.get(seq, row.hash) != row.hash:
            chain.blame(seq, f"is not the one that was anchored; a row after {sound_to} was rewritten")
        elif seq in anchored:
            sound_to = seq
        expected, previous, chain.last_at = seq + 1, row.hash, row.at
        visit(row)
    if anchored and max(anchored) >= expected:
        chain.blame(expected, f"is missing, and so is every row up to {max(anchored)}, which was anchored")
    chain.hash = previous
    return chain


def _faults(row: Row[Any], previous: str, last_at: int, key: bytes) -> Iterator[str]:
    try:
        is_whole = row_hash(dict(row._mapping), key) == row.hash
    except (TypeError, ValueError):
        is_whole = False
    if not is_whole:
        yield "was changed"
    elif row.prev_hash != previous:
        yield "does not follow the row before it"
    elif row.at < last_at:
        yield "is earlier than the row before it"


def _rows(connection: Connection) -> Iterator[tuple[int, Row[Any] | None]]:
    """Yield the rows in order; one that the database cannot read is None."""
    after: int | None = None
    while True:
        batch = _batch(connection, after)
        yield from batch
        if len(batch) < _BATCH:
            return
        after = batch[-1][0]


def _batch(connection: Connection, after: int | None) -> list[tuple[int, Row[Any] | None]]:
    here = audit.c.seq > after if after is not None else audit.c.seq.is_not(None)
    try:
        found = connection.execute(select(audit).where(here).order_by(audit.c.seq).limit(_BATCH)).all()
        return [(row.seq, row) for row in found]
    except (DatabaseError, UnicodeDecodeError):
        numbers = connection.scalars(select(audit.c.seq).where(here).order_by(audit.c.seq).limit(_BATCH)).all()
        return [(seq, _one(connection, seq)) for seq in numbers]


def _one(connection: Connection, seq: int) -> Row[Any] | None:
    try:
        return connection.execute(select(audit).where(audit.c.seq == seq)).one_or_none()
    except (DatabaseError, UnicodeDecodeError):
        return None
