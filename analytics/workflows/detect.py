"""From the newest snapshot to a run: sessions, features, groups, scores, services, flags and their evidence."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import narwhals as nw
import polars as pl

from analytics.detection.models import Bundle
from analytics.workflows.batch import Batch
from analytics.workflows.detection_line import Line
from analytics.workflows.governance import live_thresholds
from analytics.workflows.models import current_bundle
from analytics.workflows.retrain import Decided, known_rows, read_decided
from analytics.workflows.retrain import retrain as relearn_from
from analytics.workflows.thresholds import Settings, approved_over, effective, load_settings
from data.home import Home
from data.ledger import URL, Ledger
from data.records import RunInfo
from data.sidecars import LogReader
from data.warehouse import open_batch, stored_runs

Report = Callable[[float, str], None]


def silent(_share: float, _what: str) -> None:
    """Report to nobody."""


def detect(
    home: Home,
    *,
    now: datetime,
    seed: int = 0,
    retrain: bool = False,
    settings: Settings | None = None,
    progress: Report = silent,
) -> RunInfo:
    """Run the whole line over the newest snapshot and store the run; a run that fails leaves nothing behind."""
    chosen = settings or in_force(home)
    with open_batch(home, now=now) as batch:
        line = Line(batch, current_bundle(home.models), chosen, seed, known_services(home))
        lesson = Lesson(home, batch, line, now) if retrain else None
        counts = line.run(progress, lesson.learn if lesson else None)
        told = {**effective(chosen, line.scoring.thresholds), **({"retraining": lesson.told} if lesson else {})}
        return batch.finish(
            model_version=line.scoring.bundle.version,
            model_hash=line.scoring.bundle.model_hash,
            policy_version=chosen.version,
            missing=sorted(line.log.missing),
            floor_p=line.floor_p,
            counts=counts,
            settings=json.dumps(told, sort_keys=True),
        )


def known_services(home: Home) -> pl.DataFrame | None:
    """The members of the services of the newest run, so that a service keeps its id and its name from run to run."""
    runs = stored_runs(home)
    if not runs:
        return None
    reader = LogReader(runs[-1].snapshot, runs[-1].run)
    try:
        return reader.rows("run_known_services")
    finally:
        reader.close()


def in_force(home: Home) -> Settings:
    """The shipped numbers, under what two people of this home agreed on."""
    shipped = load_settings()
    if not (home.ledger_file.exists() or os.environ.get(URL, "").strip()):
        return shipped
    ledger = Ledger.open(home)
    try:
        with ledger.read() as connection:
            approved = live_thresholds(connection)
    finally:
        ledger.close()
    return shipped if approved is None else approved_over(shipped, approved)


@dataclass(slots=True)
class Lesson:
    """What the line may learn before it scores; `told` says afterwards how old and new model compared."""

    home: Home
    batch: Batch
    line: Line
    now: datetime
    told: dict[str, Any] = field(default_factory=dict)  # Any: what a JSON object may hold

    def learn(self, describe: Callable[[Sequence[int]], pl.DataFrame]) -> Bundle:
        """Learn from labels and decisions; the model in use stays unless the new one is no worse."""
        decided = read_decided(self.home, self.batch.collect(self.batch.table("labels")), now=self.now)
        rows = known_rows(describe(self._accounts(decided)), decided)
        line = self.line
        retrained = relearn_from(
            line.scoring.bundle,
            rows,
            line.scoring.thresholds,
            home=self.home,
            now=self.now,
            is_poor=line.scoring.is_poor,
            seed=line.seed,
        )
        left_out = {"contradictions": decided.contradictions, "set_aside": decided.set_aside}
        self.told = {**retrained.told(), **left_out}
        return retrained.bundle

    def _accounts(self, decided: Decided) -> list[int]:
        """The accounts of which something is known."""
        labels, acts, ids = (self.batch.table(name) for name in ("labels", "engagements", "ids"))
        named = labels.select("engagement_id").drop_nulls("engagement_id")
        labelled = acts.select("engagement_id", "actor_key").join(named, on="engagement_id", how="semi")
        reviewed = ids.filter(nw.col("account_id").is_in(decided.reviewed_accounts))
        parts = [self.batch.collect(labelled)["actor_key"], self.batch.collect(reviewed)["account_key"]]
        parts.append(decided.own_accounts["account_key"])
        return pl.concat([part.cast(pl.Int64) for part in parts]).unique().sort().to_list()
