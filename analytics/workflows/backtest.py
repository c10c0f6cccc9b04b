"""What other thresholds, or another run, would have done: on the whole log, and against what people found."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from analytics.statistics.backlog import reviewer_hours
from analytics.statistics.backtest import Judged, Setting, curve, genuine_lost, judge
from analytics.statistics.durations import DAY
from analytics.statistics.intervals import Interval
from analytics.statistics.quality import handle_time
from analytics.workflows.deliver import LedgerLike
from analytics.workflows.explore import Reader
from analytics.workflows.ledger_frames import RANDOM_AUDIT, kept_frames, read_engagements
from data.moments import micros
from data.records import KIND_CODES, Kind

# Verdicts are read from this many of the newest decisions.
MOST_DECISIONS = 3_000

RunReaders = Callable[[str | None], Reader]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One setting and what it would do; `accounts`: account_id, score, removed, reviewed, doubt, first_at, service_id.

    `expected_precision` comes from the calibrated probabilities alone, `judged` from verdicts; `lost` bounds the
    genuine engagements among all removals.
    """

    setting: Setting
    accounts: pl.DataFrame
    removed: int
    reviewed: int
    expected_precision: float | None
    judged: Judged
    lost: Interval | None
    cases_a_day: float
    hours_a_day: Interval | None
    weekly: pl.DataFrame
    curve: pl.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """Two sides, and the accounts that only one of them would bring up."""

    a: Side
    b: Side
    only_a: pl.DataFrame
    only_b: pl.DataFrame


class BackTest:
    """Reads for the back-test page."""

    def __init__(self, readers: RunReaders, ledger: LedgerLike) -> None:
        self._readers = readers
        self._ledger = ledger
        self._kept: tuple[pl.DataFrame, pl.DataFrame] | None = None

    def setting_of(self, run_id: str | None = None, *, name: str = "as it ran") -> Setting:
        """Return the thresholds a run was made with; None is the newest run."""
        told = self._readers(run_id).rows("run_settings").row(0, named=True)
        return read_setting(str(told["run_id"]), json.loads(told["settings"] or "{}"), name)

    def side(self, setting: Setting, *, judged_since: datetime | None = None) -> Side:
        """Say what one setting would do; `judged_since` leaves out older verdicts, as a shadow run must."""
        reader = self._readers(setting.run_id)
        ran = self.setting_of(setting.run_id)
        levels = _levels(setting, ran)
        limits = {"queue_score": setting.queue_score, "queue_proposed": setting.queue_proposed}
        accounts = reader.rows("backtest_accounts", {**levels, **limits})
        span = reader.rows("explore_span").row(0, named=True)
        days = max(((span["last_at"] or 0) - (span["first_at"] or 0)) / DAY, 1.0)
        return _side(setting, accounts, self.judged(setting, since=judged_since), self._pace(), days)

    def judged(self, setting: Setting, *, since: datetime | None = None) -> pl.DataFrame:
        """One row per engagement with a verdict or a label: account_id, kind, p, can_remove, can_review, service_id."""
        levels = _levels(setting, self.setting_of(setting.run_id))
        rules = {name: levels[name] for name in ("run_remove", "run_review")}
        reader = self._readers(setting.run_id)
        return reader.rows("backtest_judged", rules, {"verdicts": self._verdicts(since)})

    def compare(self, a: Setting, b: Setting, *, judged_since: datetime | None = None) -> Contrast:
        """Lay two settings side by side."""
        first, second = (self.side(setting, judged_since=judged_since) for setting in (a, b))
        return Contrast(
            a=first,
            b=second,
            only_a=first.accounts.join(second.accounts, on="account_id", how="anti"),
            only_b=second.accounts.join(first.accounts, on="account_id", how="anti"),
        )

    def _verdicts(self, since: datetime | None) -> pl.DataFrame:
        """One row per engagement that a person decided on, the newest verdict of each."""
        least = 0 if since is None else micros(since)
        told = kept_frames(self._ledger).decisions.filter(
            pl.col("outcome").is_in(["confirm", "reject"]),
            pl.col("overturned_at").is_null(),
            pl.col("lane") != "known_answer",
            pl.col("decided_at") >= least,
        )
        newest = told.sort("decided_at", descending=True).head(MOST_DECISIONS)
        kept = self._kept
        # What was decided never changes: the same decisions are the same verdicts.
        if kept is None or not kept[0].equals(newest):
            self._kept = kept = (newest, self._read(newest))
        return kept[1]

    def _read(self, newest: pl.DataFrame) -> pl.DataFrame:
        with self._ledger.read() as connection:
            rows = read_engagements(connection, newest["decision_id"].to_list())
        lanes = newest.select("decision_id", "lane", "decided_at")
        # What was listed but not proposed was not judged, unless the whole account was drawn at random.
        judged = rows.join(lanes, on="decision_id").filter(
            (pl.col("band") > 0) | pl.col("is_removed") | (pl.col("lane") == RANDOM_AUDIT)
        )
        latest = judged.sort("decided_at").unique("engagement_id", keep="last")
        verdict = pl.col("is_removed").cast(pl.Boolean).alias("is_inauthentic")
        return latest.select(pl.col("engagement_id").cast(pl.String), verdict)

    def _pace(self) -> pl.Series:
        return handle_time(kept_frames(self._ledger).decisions).rows["seconds"]


def read_setting(run_id: str, settings: Mapping[str, Any], name: str) -> Setting:
    """Read a setting from what a run stored; a missing threshold is one that nothing reaches."""
    queue = settings.get("queue", {})
    return Setting(
        name=name,
        run_id=run_id,
        remove={kind: float(settings.get("remove", {}).get(kind.value, 1.1)) for kind in Kind},
        review={kind: float(settings.get("review", {}).get(kind.value, 0.5)) for kind in Kind},
        queue_score=float(queue.get("score", 0.5)),
        queue_proposed=int(queue.get("proposed", 3)),
    )


def stored_setting(setting: Setting) -> dict[str, Any]:
    """Return a setting in the form that a run stores and a candidate carries."""
    return {
        "remove": {kind.value: level for kind, level in setting.remove.items()},
        "review": {kind.value: level for kind, level in setting.review.items()},
        "queue": {"score": setting.queue_score, "proposed": setting.queue_proposed},
    }


def _levels(setting: Setting, ran: Setting) -> dict[str, list[float]]:
    kinds = sorted(Kind, key=lambda kind: KIND_CODES[kind])
    return {
        "remove": [setting.remove.get(kind, 1.1) for kind in kinds],
        "review": [setting.review.get(kind, 1.1) for kind in kinds],
        "run_remove": [ran.remove[kind] for kind in kinds],
        "run_review": [ran.review[kind] for kind in kinds],
    }


def _side(setting: Setting, accounts: pl.DataFrame, judged: pl.DataFrame, pace: pl.Series, days: float) -> Side:
    removed = int(accounts["removed"].sum())
    doubt = float(accounts["doubt"].sum())
    told = judge(judged, setting)
    a_day = accounts.height / days
    return Side(
        setting=setting,
        accounts=accounts.with_columns(first_at=pl.from_epoch("first_at", "us").dt.replace_time_zone("UTC")),
        removed=removed,
        reviewed=int(accounts["reviewed"].sum()),
        expected_precision=1 - doubt / removed if removed else None,
        judged=told,
        lost=genuine_lost(removed, told.precision),
        cases_a_day=a_day,
        hours_a_day=reviewer_hours(a_day, pace),
        weekly=_weekly(accounts),
        curve=curve(judged),
    )


def _weekly(accounts: pl.DataFrame) -> pl.DataFrame:
    """One row per week: cases that would have come up by the first proposed engagement of their account."""
    week = 7 * 86_400_000_000
    told = accounts.filter(pl.col("first_at").is_not_null()).select(place=pl.col("first_at") // week)
    counted = told.group_by("place").agg(pl.len().cast(pl.Int64).alias("cases")).sort("place")
    if counted.is_empty():
        return pl.DataFrame(schema={"week": pl.Datetime("us", "UTC"), "cases": pl.Int64})
    places = list(counted["place"])
    every = pl.DataFrame({"place": range(places[0], places[-1] + 1)}, schema={"place": pl.Int64})
    return every.join(counted, on="place", how="left").select(
        week=pl.from_epoch(pl.col("place") * week, "us").dt.replace_time_zone("UTC"), cases=pl.col("cases").fill_null(0)
    )
