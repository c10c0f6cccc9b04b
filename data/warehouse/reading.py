"""What is stored: the snapshots and runs of a home, what each says of itself, and readers of a snapshot."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import polars as pl

from data.engine import READER_BYTES, Connection, EngineError, attach, connect, question
from data.errors import StorageError
from data.home import SUFFIX, Home, finished
from data.moments import of_micros
from data.records import RunInfo, SnapshotInfo

# A home keeps a handful of snapshots and runs; a process may serve several homes.
KEPT_MANIFESTS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRun:
    """Where one finished run and its snapshot lie."""

    run_id: str
    run: Path
    snapshot: Path


def stored_snapshots(home: Home) -> list[SnapshotInfo]:
    """Every finished snapshot, oldest first."""
    return [snapshot_info(path) for path in finished(home.snapshots)]


def stored_runs(home: Home) -> list[StoredRun]:
    """Every finished run whose snapshot is still there, oldest first."""
    runs = [
        StoredRun(run_id=path.stem, run=path, snapshot=home.snapshots / f"{_snapshot_id(path)}{SUFFIX}")
        for path in finished(home.runs)
    ]
    return [one for one in runs if one.snapshot.exists()]


def snapshot_info(path: Path) -> SnapshotInfo:
    """What a snapshot says of itself."""
    row = _manifest(path, "snapshot").row(0, named=True)
    first, last = row["first_at"], row["last_at"]
    return SnapshotInfo(
        snapshot_id=row["snapshot_id"],
        created_at=of_micros(row["created_at"]),
        accounts=row["accounts"],
        engagements=row["engagements"],
        logins=row["logins"],
        labels=row["labels"],
        first_at=None if first is None else of_micros(first),
        last_at=None if last is None else of_micros(last),
        missing=tuple(row["missing"]),
        skipped_rows=row["skipped_rows"],
    )


def run_info(path: Path) -> RunInfo:
    """What a run says of itself."""
    row = _manifest(path, "run").row(0, named=True)
    return RunInfo(
        run_id=row["run_id"],
        snapshot_id=row["snapshot_id"],
        created_at=of_micros(row["created_at"]),
        model_version=row["model_version"],
        model_hash=row["model_hash"],
        policy_version=row["policy_version"],
        missing=tuple(row["missing"]),
        counts=json.loads(row["counts"]),
    )


class SnapshotReader:
    """The tables of one snapshot as frames, read-only."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator[SnapshotReader]:
        with _opened(path, "snapshot") as connection:
            yield cls(connection)

    def table(self, name: str) -> pl.DataFrame:
        """All rows of one table in their stored order."""
        told: pl.DataFrame = self._connection.sql(f"from snapshot.{name}").pl()
        return told


def _snapshot_id(run: Path) -> str:
    return str(_manifest(run, "run")["snapshot_id"].item())


def _manifest(path: Path, kind: str) -> pl.DataFrame:
    """Read what a file says of itself; it never changes, and every page asks for it several times."""
    try:
        told = path.stat()
    except OSError as error:
        raise StorageError(f"The {kind} {path.stem} cannot be read: {error.strerror}") from error
    return _manifest_of(path, kind, (told.st_mtime_ns, told.st_size, told.st_ino))


@lru_cache(maxsize=KEPT_MANIFESTS)
def _manifest_of(path: Path, kind: str, _written: tuple[int, ...]) -> pl.DataFrame:
    with _opened(path, kind) as connection:
        told: pl.DataFrame = connection.sql(question(f"{kind}_manifest")).pl()
        return told


@contextmanager
def _opened(path: Path, kind: str) -> Iterator[Connection]:
    try:
        with connect(path.parent, READER_BYTES) as connection:
            connection.execute("set preserve_insertion_order = true")
            attach(connection, {kind: path})
            yield connection
    except EngineError as error:
        raise StorageError(f"The {kind} {path.stem} cannot be read: {str(error).splitlines()[0]}") from error
