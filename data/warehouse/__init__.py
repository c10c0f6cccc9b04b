"""The warehouse: immutable snapshots of the log and runs of detection over them, one DuckDB file each."""

from __future__ import annotations

from data.warehouse.batch import Batch, open_batch
from data.warehouse.reading import (
    SnapshotReader,
    StoredRun,
    run_info,
    snapshot_info,
    stored_runs,
    stored_snapshots,
)
from data.warehouse.retention import forget_old
from data.warehouse.snapshots import SnapshotWriter, open_writer

__all__ = [
    "Batch",
    "SnapshotReader",
    "SnapshotWriter",
    "StoredRun",
    "forget_old",
    "open_batch",
    "open_writer",
    "run_info",
    "snapshot_info",
    "stored_runs",
    "stored_snapshots",
]
