"""Published periods: figures frozen with the ledger's state, and rendered from nothing but what was frozen."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
import rfc8785
from sqlalchemy import Connection, func, insert, select
from uuid6 import uuid7

from analytics.statistics.definitions import DEFINITIONS, Definition
from analytics.statistics.metric import Metric
from analytics.views.report import report_html, report_rows, sections_of
from analytics.workflows.deliver import LedgerLike
from analytics.workflows.export_csv import LEAST_PEOPLE, csv_bytes, parquet_bytes
from analytics.workflows.figures import Period
from analytics.workflows.statistics import Dimension, Statistics
from data.errors import InvalidCommandError, StorageError
from data.moments import micros, of_micros
from data.tables import decisions, reports

# 2: removals by kind are those of each kind (before: of the case's main kind), and long waits are written in days.
VERSION = 2
_TABLES = (("M-02", Dimension.KIND), ("M-02", Dimension.STEP), ("M-02", Dimension.COUNTRY), ("M-08", Dimension.STEP))
_WORDS = {Dimension.KIND: "kind", Dimension.STEP: "step", Dimension.COUNTRY: "country", Dimension.SERVICE: "service"}
# Enough for any reader, and few enough that a later library cannot print another last digit.
_DIGITS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One published period."""

    report_id: str
    since: datetime
    until: datetime
    as_of_seq: int
    content_hash: str
    person_id: str | None
    created_at: datetime


class Reports:
    """Reads for the reports page, and the freezing of a period."""

    def __init__(self, ledger: LedgerLike, statistics: Statistics) -> None:
        self._ledger = ledger
        self._statistics = statistics

    def list(self) -> tuple[Report, ...]:
        """List what was published, newest first."""
        with self._ledger.read() as connection:
            rows = connection.execute(select(reports).order_by(reports.c.created_at.desc())).all()
        return tuple(
            Report(
                report_id=row.report_id,
                since=of_micros(row.period_from),
                until=of_micros(row.period_to),
                as_of_seq=row.as_of_seq,
                content_hash=row.content_hash,
                person_id=row.person_id,
                created_at=of_micros(row.created_at),
            )
            for row in rows
        )

    def begun_at(self) -> datetime | None:
        """Return when the first case was decided; before that there is nothing to publish."""
        with self._ledger.read() as connection:
            first = connection.scalar(select(func.min(decisions.c.decided_at)))
        return None if first is None else of_micros(first)

    def draft(self, period: Period) -> dict[str, Any]:
        """Count every figure of the period as it would be published now."""
        as_of = self._statistics.frames().version[0]
        figures = [_figure(told, self._statistics.figure(name, period)) for name, told in DEFINITIONS.items()]
        return {
            "version": VERSION,
            "since": f"{period.since:%Y-%m-%d}",
            "until": f"{period.until:%Y-%m-%d}",
            "as_of_seq": as_of,
            "sections": sections_of([figure["question"] for figure in figures]),
            "figures": figures,
            "tables": [self._table(name, dimension, period) for name, dimension in _TABLES],
        }

    def html(self, report_id: str) -> bytes:
        """Render a published report; the same bytes every time."""
        return report_html(self.content(report_id)).encode()

    def csv(self, report_id: str) -> bytes:
        return csv_bytes(report_rows(self.content(report_id)))

    def parquet(self, report_id: str) -> bytes:
        return parquet_bytes(report_rows(self.content(report_id)))

    def content(self, report_id: str) -> dict[str, Any]:
        """Return the frozen figures, after checking that they are still the ones that were frozen."""
        with self._ledger.read() as connection:
            row = connection.execute(select(reports).where(reports.c.report_id == report_id)).one_or_none()
        if row is None:
            raise InvalidCommandError("There is no such report.", "Choose one from the list.")
        if hashlib.sha256(row.content.encode()).hexdigest() != row.content_hash:
            raise StorageError("The stored report was changed.", "Run `python -m analytics verify`.")
        told: dict[str, Any] = json.loads(row.content)
        return told

    def _table(self, metric_id: str, dimension: Dimension, period: Period) -> dict[str, Any]:
        rows = self._statistics.by(metric_id, dimension, period)
        kept = rows.filter(pl.col("n") >= LEAST_PEOPLE)
        told = DEFINITIONS[metric_id]
        return {
            "id": metric_id,
            "title": told.title,
            "unit": told.unit.value,
            "by": _WORDS[dimension],
            "left_out": rows.height - kept.height,
            "rows": [{name: _rounded(value) for name, value in row.items()} for row in kept.iter_rows(named=True)],
        }


def is_decided_in(connection: Connection, period: Period) -> bool:
    """Say whether anything was decided in a period; without that there is nothing to publish."""
    since, until = micros(period.since), micros(period.until)
    query = select(decisions.c.decision_id).where(decisions.c.decided_at >= since, decisions.c.decided_at < until)
    return connection.execute(query.limit(1)).first() is not None


def is_frozen(connection: Connection, period: Period) -> bool:
    """Say whether a report of exactly this period is published, by a person or by the clock."""
    query = select(reports.c.report_id).where(
        reports.c.period_from == micros(period.since), reports.c.period_to == micros(period.until)
    )
    return connection.execute(query.limit(1)).first() is not None


def freeze(
    connection: Connection, content: dict[str, Any], period: Period, *, person_id: str | None, now: datetime
) -> str:
    """Store a counted period for good; runs inside the command that publishes it."""
    text = rfc8785.dumps(content).decode()
    report_id = str(uuid7())
    connection.execute(
        insert(reports).values(
            report_id=report_id,
            period_from=micros(period.since),
            period_to=micros(period.until),
            as_of_seq=content["as_of_seq"],
            content=text,
            content_hash=hashlib.sha256(text.encode()).hexdigest(),
            person_id=person_id,
            created_at=micros(now),
        )
    )
    return report_id


def _figure(told: Definition, found: Metric) -> dict[str, Any]:
    return {
        "id": told.metric_id,
        "title": told.title,
        "question": told.question.value,
        "unit": told.unit.value,
        "counted": told.counted,
        "caution": told.caution,
        "value": _rounded(found.value),
        "low": _rounded(found.low),
        "high": _rounded(found.high),
        "n": found.n,
    }


def _rounded(value: Any) -> Any:
    return round(value, _DIGITS) if isinstance(value, float) else value
