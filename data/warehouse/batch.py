"""One detection over the newest snapshot: its tables as lazy frames, scratch tables, and the run being written."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

from data.contracts import RUN, SNAPSHOT
from data.engine import (
    BATCH_BYTES,
    SPILL,
    Connection,
    EngineError,
    OutOfMemory,
    attach,
    connect,
    identifier,
    literal,
    memory_limit,
    question,
    storage_error,
)
from data.errors import EmptyHomeError
from data.home import Home
from data.moments import micros
from data.records import RunInfo
from data.warehouse.files import keep, next_id, one_writer, partial_of
from data.warehouse.reading import run_info

# Any: the engine's own frame underneath.
Frame = nw.LazyFrame[Any]
# Narrow on disk, wide in arithmetic: every engine then computes with the same integers.
_WIDE = {"UINTEGER": "BIGINT", "UTINYINT": "BIGINT"}
# Its columns are the model's, so its first rows make the table.
_OPEN_TABLE = "features"
# Less than this the engine cannot hold.
_LEAST_MEMORY = "256MB"
# The table of a step that is being computed.
_NEXT = "next_step"


class Batch:
    """The store behind one detection; only `finish` makes a run of it."""

    def __init__(self, home: Home, connection: Connection, run_id: str, now: datetime) -> None:
        self._home, self._connection, self._run_id, self._now = home, connection, run_id, now
        self._manifest = connection.sql(question("snapshot_manifest")).pl().row(0, named=True)
        self._aside = aside(home)
        for name, columns in RUN.items():
            if name != _OPEN_TABLE:
                told = ", ".join(f"{identifier(column)} {kind}" for column, kind in columns.items())
                connection.execute(f"create table run.{name} ({told})")

    @property
    def missing(self) -> frozenset[str]:
        """The columns and tables that no source of the snapshot had."""
        return frozenset(self._manifest["missing"])

    @property
    def span(self) -> tuple[int, int]:
        """The first and the last moment of the log, in microseconds."""
        return (self._manifest["first_at"] or 0, self._manifest["last_at"] or 0)

    @property
    def everyone(self) -> int:
        """How many accounts the log knows of, as actor, target or by name."""
        return int(self._connection.sql("select count(*) from snapshot.ids").fetchall()[0][0])

    def table(self, name: str) -> Frame:
        """One table of the snapshot, its keys as plain integers."""
        told = ", ".join(
            f"cast({identifier(column)} as {_WIDE[kind]}) as {identifier(column)}"
            if kind in _WIDE
            else identifier(column)
            for column, kind in SNAPSHOT[name].items()
        )
        return nw.from_native(self._connection.sql(f"select {told} from snapshot.{name}"))

    def settle(self, name: str, frame: Frame) -> Frame:
        """Compute a step once and keep its rows for the next ones, in place of what had this name."""
        frame.to_native().create(_NEXT)
        self._connection.execute(f"drop table if exists {identifier(name)}")
        self._connection.execute(f"alter table {identifier(_NEXT)} rename to {identifier(name)}")
        return nw.from_native(self._connection.table(name))

    def settle_rows(self, name: str, rows: pl.DataFrame) -> Frame:
        """Keep rows that were made elsewhere for the next steps."""
        self._connection.register("incoming", rows.to_arrow())
        try:
            return self.settle(name, nw.from_native(self._connection.table("incoming")))
        finally:
            self._connection.unregister("incoming")

    def collect(self, frame: Frame) -> pl.DataFrame:
        return frame.collect("polars").to_native()  # type: ignore[no-any-return] # narwhals cannot say which

    def let_go(self) -> None:
        """Give back the memory in which the engine keeps what it has read, as far as it can, before others need it."""
        # It gives back whatever it can before it says that some is left in use, and keeps the limit that it had.
        with suppress(OutOfMemory):
            self._connection.execute(f"set memory_limit = {literal(_LEAST_MEMORY)}")
        self._connection.execute(f"set memory_limit = {literal(memory_limit(BATCH_BYTES))}")

    def lay_by(self, name: str, rows: pl.DataFrame) -> None:
        """Write rows to disk for a later step, out of memory; they are gone with the batch."""
        self._aside.mkdir(exist_ok=True)
        rows.write_ipc(self._aside / f"{name}.arrow", compression="lz4")

    def take_up(self, name: str) -> pl.DataFrame:
        """The rows that were laid by under this name, in their order."""
        return pl.read_ipc(self._aside / f"{name}.arrow")

    def store(self, name: str, rows: pl.DataFrame) -> None:
        """Append rows to a table of the run."""
        self._connection.register("incoming", rows.to_arrow())
        if name == _OPEN_TABLE:
            self._connection.execute(f"create table if not exists run.{name} as from incoming limit 0")
        self._connection.execute(f"insert into run.{name} by name from incoming")
        self._connection.unregister("incoming")

    def finish(
        self,
        *,
        model_version: str,
        model_hash: str,
        policy_version: str,
        missing: Sequence[str],
        floor_p: float,
        counts: Mapping[str, int],
        settings: str,
    ) -> RunInfo:
        """Write the manifest, make the file durable, and give it its name."""
        row = {
            "run_id": self._run_id,
            "snapshot_id": self._manifest["snapshot_id"],
            "created_at": micros(self._now),
            "model_version": model_version,
            "model_hash": model_hash,
            "policy_version": policy_version,
            "missing": list(missing),
            "floor_p": floor_p,
            "counts": json.dumps(dict(counts), sort_keys=True),
            "settings": settings,
        }
        self.store("manifest", pl.DataFrame([row], schema_overrides={"missing": pl.List(pl.String)}))
        self._connection.execute("checkpoint run")
        self._connection.execute("detach run")
        return run_info(keep(self._home.runs, self._run_id))


def aside(home: Home) -> Path:
    """Where this process lays rows by; named like what the engine spills, so that it is cleared after a kill, too."""
    return home.runs / f"{SPILL}-{os.getpid()}-aside"


@contextmanager
def open_batch(home: Home, *, now: datetime) -> Iterator[Batch]:
    """A batch over the newest snapshot; left without `finish`, nothing of it remains."""
    snapshot = home.newest_snapshot()
    if snapshot is None:
        raise EmptyHomeError("There is no log to look at yet.", "Load one with `python -m analytics ingest PATH`.")
    with one_writer(home.runs, "run"):
        run_id = next_id(home.runs, "r-", now)
        try:
            with connect(home.runs) as connection:
                attach(connection, {"snapshot": snapshot})
                connection.execute(f"attach {literal(partial_of(home.runs, run_id))} as run")
                yield Batch(home, connection, run_id, now)
        except EngineError as error:
            raise storage_error(error, "The run") from error
        except OSError as error:
            raise storage_error(error, "The run") from error
        finally:
            shutil.rmtree(aside(home), ignore_errors=True)
