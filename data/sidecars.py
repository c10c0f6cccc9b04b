"""Files counted beside a run, and reading a run with them: cells for Explore, the pseudonymised copy for queries.

A sidecar is built under a temporary name and renamed when it is whole; it is never written again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from data.engine import READER_BYTES, Connection, EngineError, attach, connect, literal, question, settle
from data.errors import StorageError

EXPLORE_STEPS = ("codes", "people", "hours", "cells", "proposed")


class Building:
    """An attached sidecar under construction, beside its snapshot and run and a scratch space called `keys`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def step(self, name: str) -> None:
        """Run one statement of data/sql."""
        self._connection.execute(question(name))

    def rows(self, name: str, parameters: Mapping[str, Any] | None = None) -> pl.DataFrame:
        return _rows(self._connection, name, parameters)

    def keep(self, table: str, frame: pl.DataFrame) -> None:
        """Append a frame to a table of the scratch space, making it first."""
        self._connection.register("incoming", frame.to_arrow())
        self._connection.execute(f"create table if not exists keys.{table} as select * from incoming limit 0")
        self._connection.execute(f"insert into keys.{table} select * from incoming")
        self._connection.unregister("incoming")


def build(path: Path, alias: str, snapshot: Path, run: Path, steps: Callable[[Building], None]) -> Path:
    """Build one sidecar whole, or leave nothing of it behind."""
    partial = path.with_name(f"{path.name}.partial")
    partial.unlink(missing_ok=True)
    try:
        with connect(path.parent) as connection:
            attach(connection, {"snapshot": snapshot, "run": run})
            connection.execute(f"attach {literal(partial)} as {alias}")
            connection.execute("attach ':memory:' as keys")
            steps(Building(connection))
            connection.execute(f"checkpoint {alias}")
            connection.execute(f"detach {alias}")
        settle(partial, path)
    except EngineError as error:
        raise StorageError(f"{path.name} could not be built: {str(error).splitlines()[0]}") from error
    finally:
        partial.unlink(missing_ok=True)
    return path


def build_explore(path: Path, snapshot: Path, run: Path) -> Path:
    """Count the cells that Explore answers from."""

    def steps(building: Building) -> None:
        for name in EXPLORE_STEPS:
            building.step(f"explore_build_{name}")

    return build(path, "explore", snapshot, run, steps)


class LogReader:
    """One snapshot with its run and the explore file, read-only; every question on a cursor of its own."""

    def __init__(self, snapshot: Path, run: Path, explore: Path | None = None) -> None:
        self._connection = connect(run.parent, READER_BYTES)
        attached = {"snapshot": snapshot, "run": run}
        attach(self._connection, {**attached, **({"explore": explore} if explore else {})})
        self._lock = threading.Lock()

    def rows(
        self,
        name: str,
        parameters: Mapping[str, Any] | None = None,
        frames: Mapping[str, pl.DataFrame] | None = None,
    ) -> pl.DataFrame:
        """Answer one question of data/sql; `frames` are tables that the question names beside the stored ones."""
        with self._lock:
            cursor = self._connection.cursor()
        with cursor:
            for table, frame in (frames or {}).items():
                cursor.register(table, frame.to_arrow())
            return _rows(cursor, name, parameters)

    def close(self) -> None:
        self._connection.close()


def _rows(connection: Connection, name: str, parameters: Mapping[str, Any] | None) -> pl.DataFrame:
    try:
        told: pl.DataFrame = connection.sql(question(name), params=dict(parameters) if parameters else None).pl()
    except EngineError as error:
        raise StorageError(f"The question {name} failed: {str(error).splitlines()[0]}") from error
    return told
