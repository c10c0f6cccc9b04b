"""A world written down: frames in memory for small ones, Parquet files day by day for those of any size."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import polars as pl

from data.synthetic.build import Cast, cast_world, days
from data.synthetic.chance import Array
from data.synthetic.labels import draw_labels
from data.synthetic.naming import (
    TRUTH_ENGAGEMENTS,
    Names,
    name_accounts,
    name_all,
    name_engagements,
    name_entries,
    name_truth,
)
from data.synthetic.spec import WorldSpec

Report = Callable[[float, str], None]
# Rows of one engagement file; days are gathered up to it, so that small worlds have one file.
FILE_ROWS = 3_000_000


def silent(_share: float, _what: str) -> None:
    """Report to nobody."""


def frames(spec: WorldSpec) -> dict[str, pl.DataFrame]:
    """A small world as tables in memory: the input contract's and the truth's."""
    cast = cast_world(spec)
    names = name_all(cast)
    bought = np.zeros(spec.accounts, dtype=bool)
    rows = pl.concat(list(named_days(cast, names, bought)))
    told = {
        "accounts": name_accounts(cast, names),
        "engagements": rows.drop(TRUTH_ENGAGEMENTS),
        "logins": name_entries(cast, names),
        "truth_engagements": rows.select("engagement_id", "actor_id", *TRUTH_ENGAGEMENTS),
        "truth_accounts": name_truth(cast, names, bought),
    }
    return told | ({"labels": draw_labels(spec, rows)} if spec.has_labels else {})


def named_days(cast: Cast, names: Names, bought: Array) -> Iterator[pl.DataFrame]:
    """Each day's rows; notes in `bought` whose accounts were acted from."""
    for number, acts in enumerate(days(cast), start=cast.world.spec.first_day):
        is_bought = names.is_bought.to_numpy()[acts["origin"]]
        bought[acts["actor"][is_bought]] = True
        yield name_engagements(names, acts, number)


def generate(spec: WorldSpec, folder: Path, progress: Report = silent) -> None:
    """Write a world's log into a folder and its truth into `truth` beside it; memory holds a few days at a time."""
    truth = folder / "truth"
    truth.mkdir(parents=True, exist_ok=True)
    progress(0.0, "casting the world")
    cast = cast_world(spec)
    names = name_all(cast)
    bought = np.zeros(spec.accounts, dtype=bool)
    labels, truths = [], []
    for file, rows in enumerate(in_files(named_days(cast, names, bought), spec, progress)):
        suffix = f"-{file:03d}" if file or len(rows) >= FILE_ROWS else ""
        rows.drop(TRUTH_ENGAGEMENTS).write_parquet(folder / f"engagements{suffix}.parquet", compression="lz4")
        rows.select("engagement_id", "actor_id", *TRUTH_ENGAGEMENTS).write_parquet(
            truth / f"part-{file:03d}.parquet", compression="lz4"
        )
        truths.append(truth / f"part-{file:03d}.parquet")
        if spec.has_labels:
            labels.append(draw_labels(spec, rows))
    join_files(truths, truth / "truth_engagements.parquet")
    name_accounts(cast, names).write_parquet(folder / "accounts.parquet")
    name_entries(cast, names).write_parquet(folder / "logins.parquet")
    name_truth(cast, names, bought).write_parquet(truth / "truth_accounts.parquet")
    if labels:
        pl.concat(labels).write_parquet(folder / "labels.parquet")
    progress(1.0, "world written")


def in_files(rows: Iterator[pl.DataFrame], spec: WorldSpec, progress: Report) -> Iterator[pl.DataFrame]:
    """Days put together until a file is full."""
    held: list[pl.DataFrame] = []
    for number, day in enumerate(rows):
        held.append(day)
        progress(0.95 * (number + 1) / spec.days, f"day {number + 1} of {spec.days}")
        if sum(map(len, held)) >= FILE_ROWS:
            yield pl.concat(held)
            held = []
    if held:
        yield pl.concat(held)


def join_files(parts: list[Path], whole: Path) -> None:
    """One file out of several, a part at a time."""
    pl.scan_parquet(parts).sink_parquet(whole, compression="lz4")
    for part in parts:
        part.unlink()
