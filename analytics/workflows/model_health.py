"""Whether the model still means what it says: against verdicts, against the run before, and service by service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from analytics.detection.suspects import ACCOUNT_MODEL
from analytics.statistics.backtest import band_column, curve
from analytics.statistics.drift import calibration_error, drift, reliability
from analytics.statistics.intervals import wilson_clustered
from analytics.statistics.prevalence import account_keys
from analytics.workflows.backtest import BackTest, RunReaders
from data.moments import of_micros
from data.records import Band

# Accounts read of each run to compare features; chosen by number, so that the same ones come back.
SAMPLE = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelHealth:
    """Frames of the model page.

    `reliability`: bin, said, found, low, high, n. `curve`: threshold, removed, precision, recall. `drift`: feature,
    index, state. `services`: service, value (recall), low, high, n. `features`: feature, weight (mean size of its
    contribution to explained accounts), accounts.
    """

    model_version: str
    run_id: str
    before_run_id: str | None
    before_at: datetime | None
    verdicts: int
    calibration_error: float | None
    reliability: pl.DataFrame
    curve: pl.DataFrame
    drift: pl.DataFrame
    services: pl.DataFrame
    features: pl.DataFrame


class Models:
    """Reads for the model page."""

    def __init__(self, readers: RunReaders, backtest: BackTest, runs: Callable[[], list[str]]) -> None:
        self._readers = readers
        self._backtest = backtest
        self._runs = runs

    def health(self) -> ModelHealth:
        """Look at the newest run, beside the one before it."""
        reader, setting = self._readers(None), self._backtest.setting_of()
        told = reader.rows("run_settings").row(0, named=True)
        judged = self._backtest.judged(setting)
        table = reliability(judged)
        before = self._before(setting.run_id)
        return ModelHealth(
            model_version=str(told["model_version"]),
            run_id=setting.run_id,
            before_run_id=before,
            before_at=self._made_at(before),
            verdicts=judged.height,
            calibration_error=calibration_error(table),
            reliability=table,
            curve=curve(judged),
            drift=self._drift(before),
            services=service_recall(judged.with_columns(band_column(setting))),
            features=reader.rows("run_weights"),
        )

    def _before(self, run_id: str) -> str | None:
        return next((run for run in sorted(self._runs(), reverse=True) if run < run_id), None)

    def _made_at(self, run_id: str | None) -> datetime | None:
        return None if run_id is None else of_micros(self._readers(run_id).rows("run_settings")["created_at"][0])

    def _drift(self, before: str | None) -> pl.DataFrame:
        if before is None:
            return pl.DataFrame(schema={"feature": pl.String, "index": pl.Float64, "state": pl.String})
        first, second = (self._readers(run).rows("run_features", {"most": SAMPLE}) for run in (before, None))
        return drift(inputs(first), inputs(second))


def service_recall(judged: pl.DataFrame) -> pl.DataFrame:
    """One row per service: of its engagements that people found inauthentic, the share proposed, with its interval."""
    rows = []
    real = judged.filter("is_inauthentic").with_columns(pl.col("service_id").fill_null("none"))
    for (service,), part in real.group_by("service_id"):
        caught = (part["band"] >= int(Band.REVIEW)).cast(pl.Float64).to_numpy()
        low, high = wilson_clustered(caught, account_keys(part))
        rows.append((str(service), float(caught.mean()), low, high, part.height))
    schema = {"service": pl.String, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64, "n": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row").sort("n", "service", descending=[True, False])


def inputs(rows: pl.DataFrame) -> pl.DataFrame:
    """Return what the account model reads, by the words that reasons use for it; a run keeps other numbers as well."""
    read = {feature.name: feature.label for feature in ACCOUNT_MODEL}
    return rows.select(pl.col(name).alias(read[name]) for name in rows.columns if name in read)
