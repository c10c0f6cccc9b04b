"""Writing a snapshot: staged rows and the rows of the snapshot before, keyed, sorted, and made durable."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from data.contracts import INPUT, SNAPSHOT
from data.engine import Connection, EngineError, attach, connect, identifier, literal, question, storage_error
from data.home import Home
from data.moments import micros
from data.records import SnapshotInfo
from data.warehouse.files import keep, next_id, one_writer, partial_of
from data.warehouse.reading import snapshot_info

Report = Callable[[float, str], None]
STEPS = ("ids", "names", "accounts", "engagements", "logins", "labels")
_OLD = {
    "text": "varchar",
    "integer": "bigint",
    "number": "double",
    "time": "bigint",
    "boolean": "boolean",
    "kind": "utinyint",
}


class SnapshotWriter:
    """The next snapshot under construction, on a connection that holds the one before as the views `old_<table>`."""

    def __init__(self, home: Home, connection: Connection, base: Path | None, snapshot_id: str, now: datetime) -> None:
        self.connection = connection
        self._home, self._snapshot_id, self._now = home, snapshot_id, now
        self._parent = connection.sql("from base.manifest").pl().row(0, named=True) if base else None
        for table, columns in INPUT.items():
            if base:
                connection.execute(question(f"snapshot_old_{table}"))
            else:
                told = ", ".join(f"{identifier(column.name)} {_OLD[column.type]}" for column in columns)
                connection.execute(f"create temp table old_{table} ({told})")

    @property
    def known_sources(self) -> frozenset[str]:
        """The fingerprints of everything that was loaded so far."""
        return frozenset(self._parent["source_hashes"]) if self._parent else frozenset()

    def write(
        self, *, present: Collection[str], skipped: int, sources: Sequence[str], progress: Report
    ) -> SnapshotInfo:
        """Write the staged rows (`new_<table>`) with the stored ones; returns what the new snapshot says of itself."""
        for table in INPUT:
            self.connection.execute(question(f"snapshot_all_{table}"))
        self.connection.execute(f"attach {literal(partial_of(self._home.snapshots, self._snapshot_id))} as snapshot")
        for table, columns in SNAPSHOT.items():
            told = ", ".join(f"{identifier(name)} {kind}" for name, kind in columns.items())
            self.connection.execute(f"create table snapshot.{table} ({told})")
        for place, step in enumerate(STEPS):
            progress(place / len(STEPS), f"writing {step}")
            self.connection.execute(question(f"snapshot_{step}"))
        self._write_manifest(present, skipped, sources)
        progress(0.95, "making it durable")
        self.connection.execute("checkpoint snapshot")
        self.connection.execute("detach snapshot")
        return snapshot_info(keep(self._home.snapshots, self._snapshot_id))

    def _write_manifest(self, present: Collection[str], skipped: int, sources: Sequence[str]) -> None:
        parent = self._parent
        row = {
            **self.connection.sql(question("snapshot_counts")).pl().row(0, named=True),
            "snapshot_id": self._snapshot_id,
            "parent_id": parent["snapshot_id"] if parent else None,
            "created_at": micros(self._now),
            "missing": _missing(present, parent["missing"] if parent else None),
            "source_hashes": sorted({*self.known_sources, *sources}),
            "skipped_rows": skipped + (parent["skipped_rows"] if parent else 0),
        }
        types = {"VARCHAR": pa.string(), "BIGINT": pa.int64(), "VARCHAR[]": pa.list_(pa.string())}
        columns = {name: pa.array([row[name]], types[kind]) for name, kind in SNAPSHOT["manifest"].items()}
        self.connection.register("incoming", pa.table(columns))
        self.connection.execute("insert into snapshot.manifest by name from incoming")
        self.connection.unregister("incoming")


def _missing(present: Collection[str], before: Sequence[str] | None) -> list[str]:
    """The columns that no source ever had; a table without any column is named alone."""
    missing: list[str] = []
    for table, columns in INPUT.items():
        names = [f"{table}.{column.name}" for column in columns]
        absent = [name for name in names if name not in present and _was_missing(name, before)]
        missing += [table] if len(absent) == len(names) else absent
    return missing


def _was_missing(name: str, before: Sequence[str] | None) -> bool:
    return before is None or name in before or name.partition(".")[0] in before


@contextmanager
def open_writer(home: Home, *, now: datetime) -> Iterator[SnapshotWriter]:
    """A writer of the next snapshot; left without `write`, nothing of it remains and the one before still serves."""
    with one_writer(home.snapshots, "snapshot"):
        base = home.newest_snapshot()
        snapshot_id = next_id(home.snapshots, "s-", now)
        try:
            with connect(home.snapshots) as connection:
                if base:
                    attach(connection, {"base": base})
                yield SnapshotWriter(home, connection, base, snapshot_id, now)
        except EngineError as error:
            raise storage_error(error, "The snapshot") from error
        except OSError as error:
            raise storage_error(error, "The snapshot") from error
