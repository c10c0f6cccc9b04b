"""What the managers' figures need of the log beside the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import polars as pl

from analytics.views.moments import of_micros
from analytics.workflows.explore import Reader, Readers
from data.errors import EmptyHomeError


class NewestLog:
    """The facts of the newest run's log; without a log nothing is known, and the figures say so."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers
        self._known: tuple[Reader, datetime | None] | None = None

    def log_until(self) -> datetime | None:
        """The last engagement of the log."""
        try:
            reader = self._readers()
        except EmptyHomeError:
            return None
        # A run never changes: while the newest is the same, so is its end.
        known = self._known
        if known is None or known[0] is not reader:
            self._known = known = (reader, of_micros(reader.rows("explore_span")["last_at"].item()))
        return known[1]

    def audience(self, engagement_ids: Sequence[str]) -> Mapping[str, float]:
        """How many people the recipient of each engagement reaches."""
        wanted = pl.DataFrame({"engagement_id": list(engagement_ids)}, schema={"engagement_id": pl.String})
        try:
            told = self._readers().rows("figures_audience", frames={"wanted": wanted})
        except EmptyHomeError:
            return {}
        return dict(told.select("engagement_id", "audience").iter_rows())

    def service_last_seen(self, pairs: pl.DataFrame) -> pl.DataFrame:
        """Each pair of account_id and service_id with service_last_at in microseconds, None when never seen."""
        wanted = pairs.select("account_id", "service_id").unique()
        try:
            told = self._readers().rows("figures_last_seen", frames={"wanted": wanted})
        except EmptyHomeError:
            return wanted.with_columns(service_last_at=pl.lit(None, pl.Int64))
        return wanted.join(told, on=["account_id", "service_id"], how="left", nulls_equal=True)
