"""Small logs as files, and what a home holds after they were loaded."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from analytics.workflows.ingest import Ingested, ingest
from data.contracts import SNAPSHOT
from data.home import Home
from data.ingest.mapping import parse_mapping
from data.warehouse import SnapshotReader

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
HEADER = "engagement_id,kind,actor_id,target_id,at"
GOOD = f"{HEADER}\ne1,like,ana,ben,2026-01-02T03:04:05Z\n"
# 2026-01-01T00:00:00Z in microseconds.
NEW_YEAR = 1_767_225_600_000_000
SECOND = 1_000_000


def load(home: Path, *paths: Path, mapping: str = "", skip_bad_rows: bool = False, now: datetime = NOW) -> Ingested:
    """Load files into a home as the product does."""
    chosen = parse_mapping(mapping) if mapping else None
    return ingest(Home(home), list(paths), mapping=chosen, skip_bad_rows=skip_bad_rows, now=now)


def write(path: Path, body: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body if isinstance(body, bytes) else body.encode())
    return path


def tables(home: Path) -> dict[str, pl.DataFrame]:
    """Every table of the newest snapshot in its stored order, without what only tells when it was written."""
    newest = Home(home).newest_snapshot()
    assert newest is not None
    with SnapshotReader.open(newest) as reader:
        return {name: reader.table(name) for name in SNAPSHOT if name != "manifest"}


def manifest(home: Path) -> dict[str, Any]:
    newest = Home(home).newest_snapshot()
    assert newest is not None
    with SnapshotReader.open(newest) as reader:
        return reader.table("manifest").row(0, named=True)


def told(home: Path) -> list[tuple[str, int, str, str, int]]:
    """The engagements in their stored order, as id, kind, actor, target and time."""
    stored = tables(home)
    names = dict(stored["ids"].iter_rows())
    return [
        (row["engagement_id"], row["kind"], names[row["actor_key"]], names[row["target_key"]], row["at"])
        for row in stored["engagements"].iter_rows(named=True)
    ]


def contents(folder: Path) -> dict[str, str]:
    """Every file of a folder by its fingerprint; the file that keeps a second writer out holds nothing."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".writer"
    }


def same(one: dict[str, pl.DataFrame], other: dict[str, pl.DataFrame], leave_out: Sequence[str] = ()) -> bool:
    return all(one[name].equals(other[name]) for name in one if name not in leave_out)
