"""Blocks of bought engagement injected into a real log that holds nothing but actor, target and time.

`python -m tests.bench.injection edits.parquet [stars.parquet]` prints how much of each block is found. The log is never
part of the repository. Found means: proposed for a person or for removal, because of a group that passed its test or a
burst with recurring accounts; a log without clients and networks has no other evidence.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from analytics.detection.keyed import key_log
from analytics.workflows.models import SHIPPED, load_bundle
from analytics.workflows.rehearsal import Rehearsed, rehearse
from analytics.workflows.thresholds import load_settings

ACCOUNTS, SEEDS = 200, (1, 2, 3, 4, 5)
HOUR = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Two hundred hijacked accounts on new targets, each target served within one window."""

    density: float
    targets: int = 50
    hours: float = 2.0
    camouflage: bool = False

    @property
    def name(self) -> str:
        tail = ", camouflaged" if self.camouflage else ""
        return f"{ACCOUNTS} x {self.targets}, density {self.density}, {self.hours:g} h{tail}"


BLOCKS = (
    Block(density=0.3),
    Block(density=0.3, camouflage=True),
    Block(density=0.2),
    Block(density=0.1),
    Block(density=0.05),
    Block(density=0.05, targets=100, hours=1.0),
)


def inject(log: pl.DataFrame, block: Block, seed: int) -> pl.DataFrame:
    """The log with one block, told apart by `is_injected`; camouflage adds as many acts on popular targets."""
    rng = np.random.default_rng(seed)
    users = rng.choice(log["actor"].unique().sort().to_numpy(), ACCOUNTS, replace=False)
    span = float(log["ts"].max()) - block.hours * HOUR  # type: ignore[arg-type]
    opens = rng.uniform(0, span, block.targets)
    member, target = np.nonzero(rng.random((ACCOUNTS, block.targets)) < block.density)
    at = opens[target] + rng.uniform(0, block.hours * HOUR, len(target))
    first = int(log["target"].max()) + 1  # type: ignore[call-overload]
    parts = [log.with_columns(is_injected=pl.lit(value=False)), _rows(users[member], first + target, at, bought=True)]
    if block.camouflage:
        popular = log["target"].to_numpy()[rng.integers(0, len(log), len(member))]
        parts.append(_rows(users[member], popular, rng.uniform(0, span, len(member)), bought=False))
    return pl.concat(parts)


def _rows(actor: np.ndarray, target: np.ndarray, at: np.ndarray, *, bought: bool) -> pl.DataFrame:
    rows = pl.DataFrame({"actor": actor, "target": target, "ts": at}, schema=SCHEMA)
    return rows.with_columns(is_injected=pl.lit(value=bought))


SCHEMA = {"actor": pl.Int64, "target": pl.Int64, "ts": pl.Float64}


def read(path: Path) -> pl.DataFrame:
    return pl.read_parquet(path).select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())


def detected(rows: pl.DataFrame) -> tuple[pl.DataFrame, Rehearsed]:
    """Each row with its band, and the run."""
    named = rows.with_row_index("row").with_columns(engagement_id=pl.format("e{}", "row"))
    engagements = named.select(
        "engagement_id",
        kind=pl.lit("like"),
        actor_id=pl.format("u{}", "actor"),
        target_id=pl.format("t{}", "target"),
        at=(pl.col("ts") * 1e6).cast(pl.Int64).cast(pl.Datetime("us", "UTC")),
    )
    keyed = key_log({"engagements": engagements})
    run = rehearse(keyed, load_bundle(SHIPPED), load_settings())
    bands = run.tables["engagement_scores"].select(pl.col("engagement_key").cast(pl.Int64), "band", "p", "group_id")
    told = keyed.engagement_ids.join(bands, on="engagement_key", how="left")
    return named.join(told, on="engagement_id", how="left").with_columns(pl.col("band").fill_null(0)), run


def f1(truth: pl.Series, found: pl.Series) -> float:
    right = float((truth & found).sum())
    return 2 * right / max(float(truth.sum() + found.sum()), 1.0)


def line(name: str, values: list[tuple[float, ...]]) -> str:
    table = np.array(values)
    cells = [f"{mean:.3f} ± {spread:.3f}" for mean, spread in zip(table.mean(0), table.std(0), strict=True)]
    return f"| {name} | {' | '.join(cells)} |"


def measure(log: pl.DataFrame, block: Block, seed: int) -> tuple[float, ...]:
    """F1 of engagements and of accounts, and engagements in the remove band that were not injected."""
    rows, _ = detected(inject(log, block, seed))
    found = rows["band"] > 0
    accounts = rows.group_by("actor").agg(pl.col("is_injected").any(), found=(pl.col("band") > 0).any())
    wrong = rows.filter((pl.col("band") == 2) & ~pl.col("is_injected"))
    return f1(rows["is_injected"], found), f1(accounts["is_injected"], accounts["found"]), float(len(wrong))


def clean(log: pl.DataFrame) -> str:
    rows, run = detected(log)
    proposed = rows.filter(pl.col("band") > 0)
    return (
        f"Clean log: {run.counts['queued']} accounts flagged, {proposed['actor'].n_unique()} with any proposal, "
        f"{len(proposed)} engagements for review, {(rows['band'] == 2).sum()} in the remove band."
    )


def stars(log: pl.DataFrame) -> str:
    rows, run = detected(log)
    proposed = rows.filter(pl.col("band") > 0)
    accounts = log["actor"].n_unique()
    # An engagement that nothing speaks against has no row of its own, whatever group its account is in.
    grouped, members = rows.drop_nulls("group_id"), run.tables["group_members"]["account_key"].n_unique()
    return (
        f"Suspected stars: {proposed['actor'].n_unique() / accounts:.1%} of accounts and "
        f"{len(proposed) / len(rows):.1%} of stars proposed, {(rows['band'] == 2).mean():.1%} in the remove band; "
        f"{members / accounts:.1%} of accounts are members of {run.counts['groups']} groups, most of which met on one "
        f"occasion; {len(grouped) / len(rows):.1%} of stars have a row of their own within them."
    )


def main(paths: list[Path]) -> None:
    log = read(paths[0])
    print(clean(log), flush=True)
    print("| block | engagement F1 | account F1 | genuine in remove |\n|---|---|---|---|")
    for block in BLOCKS:
        print(line(block.name, [measure(log, block, seed) for seed in SEEDS]), flush=True)
    if len(paths) > 1:
        print(stars(read(paths[1])))


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
