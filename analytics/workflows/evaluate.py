"""Compare a run with truth tables: the quality table of issue and screen, from the same files that others read."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from analytics.detection.attribution_quality import attribution_measures, delay_measure
from analytics.detection.evaluation import Measure, account_measures, engagement_measures, family_measures
from data.errors import EmptyHomeError, InputError
from data.home import Home
from data.parquet_export import write_parquet
from data.warehouse import stored_runs

SEED = 0
VERDICT = "is_inauthentic"
_HINT = "See data/contracts.py for the columns."
_TEXTS = (pl.String, pl.Categorical, pl.Enum, pl.Null)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a run says.

    `engagements`: engagement_id, account_id, kind, at, p_inauthentic, band. `flags`: account_id, score. `services`:
    account_id, service_id, share.
    """

    engagements: pl.DataFrame
    flags: pl.DataFrame
    services: pl.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What was so, by the contract of the truth tables."""

    engagements: pl.DataFrame
    accounts: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Quality:
    """The quality table."""

    measures: tuple[Measure, ...]

    def value(self, name: str) -> float:
        return next((measure.value for measure in self.measures if measure.name == name), float("nan"))

    def rows(self) -> list[tuple[str, str, str]]:
        return [measure.cells() for measure in self.measures]


def evaluate(home: Home, truth: Path) -> Quality:
    """Measure the newest run against the truth tables of a folder."""
    return measure(read_run(home), read_truth(truth))


def read_truth(folder: Path) -> Truth:
    """Read the truth tables; a missing or misshapen one is refused in one sentence.

    Needed are the ids and `is_inauthentic`; without origin, role or family only the figures by them are left out.
    """
    return Truth(
        engagements=_truth_table(folder, "truth_engagements", "engagement_id", "origin"),
        accounts=_truth_table(folder, "truth_accounts", "account_id", "role", "family"),
    )


def _truth_table(folder: Path, name: str, identity: str, *texts: str) -> pl.DataFrame:
    path = folder / f"{name}.parquet"
    try:
        table = pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise InputError(f"{path} cannot be read.", "Name a folder with both truth tables as Parquet files.") from error
    lacking = [column for column in (identity, VERDICT) if column not in table.columns]
    if lacking:
        raise InputError(f"{path.name} has no column {', '.join(lacking)}.", _HINT)
    absent = [pl.lit(None, pl.String).alias(column) for column in texts if column not in table.columns]
    table = table.with_columns(absent)
    return table.with_columns(_verdict(path, table), *(_text(path, table, column) for column in (identity, *texts)))


def _verdict(path: Path, table: pl.DataFrame) -> pl.Series:
    """Every verdict as a boolean, written as one or as 0 and 1; an unknown one is not guessed."""
    told = table[VERDICT]
    if told.has_nulls():
        raise InputError(f"{path.name} says nothing under {VERDICT} in {told.null_count():,} rows.", _HINT)
    if told.dtype != pl.Boolean and not (told.dtype.is_numeric() and ((told == 0) | (told == 1)).all()):
        raise InputError(f"{path.name} has something other than true and false under {VERDICT}.", _HINT)
    return told.cast(pl.Boolean)


def _text(path: Path, table: pl.DataFrame, column: str) -> pl.Series:
    """Ids and names as text, as a log of integers has them too."""
    told = table[column]
    if not (told.dtype.is_integer() or told.dtype in _TEXTS):
        raise InputError(f"{path.name} has something other than text or whole numbers under {column}.", _HINT)
    return told.cast(pl.String)


def read_run(home: Home) -> Said:
    """Read the newest run through the files that other programs read."""
    runs = stored_runs(home)
    if not runs:
        raise EmptyHomeError("There is no detection to evaluate.", "Run `python -m analytics detect` first.")
    with tempfile.TemporaryDirectory() as folder:
        told = {}
        for name in ("evaluate_engagements", "export_flags", "export_services"):
            path = Path(folder) / f"{name}.parquet"
            write_parquet(name, runs[-1].snapshot, runs[-1].run, path)
            told[name] = pl.read_parquet(path)
    return Said(engagements=told["evaluate_engagements"], flags=told["export_flags"], services=told["export_services"])


def measure(said: Said, truth: Truth) -> Quality:
    """Every figure, engagement by engagement and account by account."""
    people = truth.accounts.select("account_id", "role", "family", inauthentic="is_inauthentic")
    what = truth.engagements.select("engagement_id", "is_inauthentic", "origin")
    rows = said.engagements.join(what, on="engagement_id", how="inner").join(people, on="account_id", how="left")
    if rows.is_empty():
        raise InputError("No engagement of the truth tables is in the run.", "Take the truth of the loaded log.")
    scored = said.flags.join(people, on="account_id", how="inner").rename({"inauthentic": "is_inauthentic"})
    return Quality(
        (
            *engagement_measures(rows, SEED),
            *family_measures(rows, SEED),
            *account_measures(scored, SEED),
            *attribution_measures(attributed(rows.drop_nulls("origin"), said.services)),
            delay_measure(delays(rows)),
        )
    )


def attributed(rows: pl.DataFrame, services: pl.DataFrame) -> pl.DataFrame:
    """One row per account with bought engagements: its main seller, and the service it was put in."""
    bought = rows.filter("is_inauthentic")
    counts = bought.group_by("account_id", truth="origin").len().sort(["len", "truth"], descending=[True, False])
    main = counts.unique("account_id", keep="first", maintain_order=True).drop("len")
    found = bought.group_by("account_id").agg(is_found=(pl.col("band") != "keep").any())
    best = services.sort(["share", "service_id"], descending=[True, False])
    best = best.unique("account_id", keep="first", maintain_order=True).select("account_id", said="service_id")
    return main.join(found, on="account_id").join(best, on="account_id", how="left").sort("account_id")


def delays(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per account with bought engagements: its first bought and its first rightly proposed one."""
    at, proposed = pl.col("at"), pl.col("band") != "keep"
    bought = rows.filter("is_inauthentic").group_by("account_id")
    return bought.agg(started_at=at.min(), found_at=at.filter(proposed).min()).sort("account_id")
