"""A world written down: frames in memory for small ones, Parquet files day by day for those of any size."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

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
    (folder / "truth").mkdir(parents=True, exist_ok=True)
    progress(0.0, "casting the world")
    cast = cast_world(spec)
    names = name_all(cast)
    bought = np.zeros(spec.accounts, dtype=bool)
    write_engagements(spec, folder, in_files(named_days(cast, names, bought), spec, progress))
    name_accounts(cast, names).write_parquet(folder / "accounts.parquet")
    name_entries(cast, names).write_parquet(folder / "logins.parquet")
    name_truth(cast, names, bought).write_parquet(folder / "truth" / "truth_accounts.parquet")
    progress(1.0, "world written")


def write_engagements(spec: WorldSpec, folder: Path, files: Iterator[pl.DataFrame]) -> None:
    """Each file beside the next one's making; truth and labels in one file each."""
    labels: list[pl.DataFrame] = []
    with ThreadPoolExecutor(1) as writer, ExitStack() as closing:
        truth: pq.ParquetWriter | None = None
        pending: Future[None] | None = None
        for number, rows in enumerate(files):
            told = rows.select("engagement_id", "actor_id", *TRUTH_ENGAGEMENTS).to_arrow()
            if truth is None:
                path = folder / "truth" / "truth_engagements.parquet"
                truth = closing.enter_context(pq.ParquetWriter(path, told.schema, compression="lz4"))
            if pending is not None:
                pending.result()
            suffix = f"-{number:03d}" if number or len(rows) >= FILE_ROWS else ""
            log = rows.drop(TRUTH_ENGAGEMENTS)
            pending = writer.submit(write_file, log, folder / f"engagements{suffix}.parquet", told, truth)
            if spec.has_labels:
                labels.append(draw_labels(spec, rows))
        if pending is not None:
            pending.result()
    if labels:
        pl.concat(labels).write_parquet(folder / "labels.parquet")


def write_file(log: pl.DataFrame, path: Path, told: pa.Table, truth: pq.ParquetWriter) -> None:
    log.write_parquet(path, compression="lz4")
    truth.write_table(told)


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
