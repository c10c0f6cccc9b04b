"""Frozen case files as the desk reads them: thawed once, and cut down to what this case may show before a decision."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import Connection, Row, select

from analytics.casework.freezing import NO_EXPLANATION, Seen, counts_of, opened, thaw
from data.errors import InvalidCommandError
from data.records import Band, Contribution, Evidence, Mark
from data.tables import case_files

# Files never change, so one that was read once is read from memory; about a megabyte each at most.
KEPT = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """Everything the screen of a case shows; frozen but for what the ledger knows now (strikes, the draft)."""

    number: int
    account: Mapping[str, Any]  # Any: numbers, texts and moments by name
    evidence: tuple[Evidence, ...]
    contributions: tuple[Contribution, ...]
    base: float
    raw_score: float
    marks: tuple[Mark, ...]
    engagements: pl.DataFrame
    activity: pl.DataFrame
    missing: tuple[str, ...]
    service_name: str | None
    since: datetime | None
    strikes: int
    left_out: int
    proposed: frozenset[str]
    model_version: str
    content_hash: str
    is_blind: bool
    explanation_shown: bool
    draft: str = ""
    is_again: bool = False


@dataclass(frozen=True, slots=True)
class Thawed:
    """A stored file in memory; shared between people, so it is only ever read.

    What is asked of it with every look stands beside the frames: `kinds` by engagement id, and the ids `proposed` for
    removal. To ask a frame of a few hundred rows takes longer than to look into a dictionary.
    """

    seen: Seen
    engagements: pl.DataFrame
    activity: pl.DataFrame
    content_hash: str
    kinds: Mapping[str, str]
    proposed: frozenset[str]

    @classmethod
    def of(cls, row: Row[Any]) -> Thawed:
        """Read a stored file."""
        rows = opened(row.engagements)
        ids, kinds, bands = (rows[name].to_list() for name in ("engagement_id", "kind", "band"))
        return cls(
            seen=thaw(row.content),
            engagements=rows,
            activity=opened(row.activity),
            content_hash=row.content_hash,
            kinds=dict(zip(ids, kinds, strict=True)),
            proposed=frozenset(one for one, band in zip(ids, bands, strict=True) if band == Band.REMOVE),
        )

    def counts(self, chosen: Collection[str]) -> dict[str, int]:
        """Count chosen engagements by kind, as a removal counts them."""
        return counts_of(self.kinds[one] for one in chosen if one in self.kinds)


def read_file(connection: Connection, case_id: str) -> Thawed:
    """Return the file of a case."""
    digest = connection.scalar(select(case_files.c.content_hash).where(case_files.c.case_id == case_id))
    if digest is None:
        raise InvalidCommandError("There is no such case.", "Open the queue again.")
    kept = _SHELF.get(case_id, digest)
    if kept is not None:
        return kept
    row = connection.execute(select(case_files).where(case_files.c.case_id == case_id)).one()
    return _SHELF.put(case_id, Thawed.of(row))


def case_file(row: Row[Any], file: Thawed, strikes: int, *, is_revealed: bool) -> CaseFile:
    """Return what the screen shows; a case that is decided first shows the machine's opinion only afterwards (S-01)."""
    seen, is_blind = file.seen, bool(row.is_blind) and not is_revealed
    told = CaseFile(
        number=row.number,
        account=seen.account,
        evidence=tuple(seen.evidence),
        contributions=tuple(seen.contributions),
        base=seen.base,
        raw_score=seen.raw_score,
        marks=tuple(seen.marks),
        engagements=file.engagements,
        activity=file.activity,
        missing=tuple(seen.missing),
        service_name=seen.service_name,
        since=seen.since,
        is_again=seen.is_again,
        strikes=strikes,
        left_out=seen.left_out,
        proposed=file.proposed,
        model_version=seen.model_version,
        content_hash=file.content_hash,
        is_blind=is_blind,
        explanation_shown=row.explanation_shown,
        draft=row.lease_draft or "",
    )
    return _without_opinion(told) if is_blind else told if row.explanation_shown else _without_chart(told)


def _without_opinion(file: CaseFile) -> CaseFile:
    """Take out every number of the machine: what it thinks of the account, of each reason, and of each row."""
    silent = pl.lit(None, pl.Float64).alias("p")
    return replace(_without_chart(file), engagements=file.engagements.with_columns(silent), model_version="")


def _without_chart(file: CaseFile) -> CaseFile:
    lines = tuple(replace(line, contribution=None) for line in file.evidence)
    return replace(file, evidence=lines, contributions=(), base=0.0, raw_score=NO_EXPLANATION)


class _Shelf:
    """The files read last, by the hash of what they hold."""

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, threading.Lock()
        self._files: OrderedDict[tuple[str, str], Thawed] = OrderedDict()

    def get(self, case_id: str, digest: str) -> Thawed | None:
        with self._lock:
            found = self._files.get((case_id, digest))
            if found is not None:
                self._files.move_to_end((case_id, digest))
            return found

    def put(self, case_id: str, file: Thawed) -> Thawed:
        with self._lock:
            self._files[case_id, file.content_hash] = file
            while len(self._files) > self._most:
                self._files.popitem(last=False)
        return file


_SHELF = _Shelf(KEPT)
