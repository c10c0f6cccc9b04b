"""Old snapshots and runs go, by count and age; never the newest, and never one that a case still needs."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path

from data.home import SUFFIX, Home, finished
from data.warehouse.reading import run_info, snapshot_info, stored_runs

KEPT = 5
KEPT_FOR = timedelta(days=180)


def forget_old(
    home: Home,
    *,
    needed_runs: Collection[str],
    now: datetime,
    most: int = KEPT,
    longest: timedelta = KEPT_FOR,
) -> list[str]:
    """Delete runs, then snapshots, that nobody needs; returns the ids that went, oldest first."""
    runs, young = finished(home.runs), now - longest
    gone = [
        path
        for place, path in enumerate(runs[:-1])
        if path.stem not in needed_runs and (place < len(runs) - most or run_info(path).created_at < young)
    ]
    for path in gone:
        _delete(path)
    return [path.stem for path in gone] + _forget_snapshots(home, young, most)


def _forget_snapshots(home: Home, young: datetime, most: int) -> list[str]:
    used, stored = {one.snapshot for one in stored_runs(home)}, finished(home.snapshots)
    gone = [
        path
        for place, path in enumerate(stored[:-1])
        if path not in used and (place < len(stored) - most or snapshot_info(path).created_at < young)
    ]
    for path in gone:
        _delete(path)
    return [path.stem for path in gone]


def _delete(path: Path) -> None:
    """Delete a file with its sidecars; a process that holds it open may read on."""
    for sidecar in path.parent.glob(f"{path.stem}.*{SUFFIX}"):
        sidecar.unlink(missing_ok=True)
    path.unlink(missing_ok=True)
