"""The detection line over a log in memory: for quality figures and tests; nothing is stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import narwhals as nw
import polars as pl

from analytics.detection.description import describe
from analytics.detection.evaluation import KIND_NAMES
from analytics.detection.keyed import Keyed
from analytics.detection.log import Frame, in_memory
from analytics.detection.models import Bundle
from analytics.workflows.detection_line import Line
from analytics.workflows.evaluate import Said
from analytics.workflows.thresholds import Settings

BANDS = {0: "keep", 1: "review", 2: "remove"}


@dataclass(slots=True)
class MemoryBatch:
    """A batch that keeps a run's tables as frames."""

    keyed: Keyed
    tables: dict[str, pl.DataFrame] = field(default_factory=dict)
    aside: dict[str, pl.DataFrame] = field(default_factory=dict)

    def table(self, name: str) -> Frame:
        log = self.keyed.log
        known = {"engagements": log.engagements, "accounts": log.accounts, "logins": log.logins}
        return known[name] if name in known else nw.from_native(getattr(self.keyed, name).lazy())

    def settle(self, name: str, frame: Frame) -> Frame:
        return in_memory(name, frame)

    def settle_rows(self, _name: str, rows: pl.DataFrame) -> Frame:
        return nw.from_native(rows.lazy())

    def collect(self, frame: Frame) -> pl.DataFrame:
        return pl.DataFrame(frame.collect().to_native())

    def let_go(self) -> None:
        """Nothing is read from anywhere."""

    def lay_by(self, name: str, rows: pl.DataFrame) -> None:
        self.aside[name] = rows

    def take_up(self, name: str) -> pl.DataFrame:
        return self.aside[name]

    def store(self, name: str, rows: pl.DataFrame) -> None:
        self.tables[name] = rows

    @property
    def missing(self) -> frozenset[str]:
        return self.keyed.log.missing

    @property
    def span(self) -> tuple[int, int]:
        return self.keyed.log.first_at, self.keyed.log.last_at

    @property
    def everyone(self) -> int:
        return len(self.keyed.ids)


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A run's tables, its counts, and the probability of engagements without a row of their own."""

    tables: dict[str, pl.DataFrame]
    counts: dict[str, int]
    floor_p: float


def said_by(run: Rehearsed, keyed: Keyed) -> Said:
    """The run as others read it, by id."""
    scores = run.tables["engagement_scores"].select(pl.col("engagement_key").cast(pl.Int64), "p", "band")
    acts = keyed.log.engagements.select("engagement_key", "engagement_id", "actor_id", "kind", "at").collect()
    names = pl.col("band").fill_null(0).replace_strict(BANDS, return_dtype=pl.String)
    kinds = pl.col("kind").replace_strict(dict(enumerate(KIND_NAMES)), return_dtype=pl.String)
    engagements = pl.DataFrame(acts.to_native()).join(scores, on="engagement_key", how="left")
    engagements = engagements.rename({"actor_id": "account_id"}).with_columns(
        pl.col("at").cast(pl.Datetime("us", "UTC")),
        kinds,
        names,
        p_inauthentic=pl.col("p").cast(pl.Float64).fill_null(run.floor_p),
    )
    ids = keyed.ids.with_columns(pl.col("account_key").cast(pl.UInt32))
    services = run.tables["service_members"].join(ids, on="account_key")
    return Said(
        engagements=engagements.drop("p", "engagement_key"),
        flags=run.tables["flags"].select("account_id", "score"),
        services=services.select("account_id", "service_id", "share"),
    )


def rehearse(keyed: Keyed, bundle: Bundle, settings: Settings, *, seed: int = 0) -> Rehearsed:
    """Run the whole line over a log in memory."""
    return next(rehearse_each(keyed, [bundle], settings, seed=seed))


def rehearse_each(keyed: Keyed, bundles: Iterable[Bundle], settings: Settings, *, seed: int = 0) -> Iterator[Rehearsed]:
    """Run the line with one model after another; what does not depend on the model is done once."""
    batch, line = MemoryBatch(keyed), None
    for bundle in bundles:
        if line is None:
            line = Line(batch, bundle, settings, seed)
            groups, told = line.find_groups(), describe(line.log, batch.settle, batch.everyone)
        line.scoring.use(bundle)
        counts = line.conclude(groups, told, silent)
        yield Rehearsed(dict(batch.tables), counts, line.floor_p)


def silent(_share: float, _what: str) -> None:
    """Report to nobody."""
