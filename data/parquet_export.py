"""The answer to one question of data/sql as a Parquet file, streamed from the warehouse to the disk."""

from __future__ import annotations

from pathlib import Path

from data.engine import EngineError, attach, connect, literal, question, settle, storage_error
from data.export_place import place_of

_FORMAT = "format parquet, compression zstd"


def write_parquet(name: str, snapshot: Path, run: Path, out: Path) -> int:
    """Write every row of the answer, or leave nothing; returns how many rows."""
    target = place_of(out)
    partial = target.with_name(f".{target.name}.part")
    try:
        with connect(run.parent) as connection:
            attach(connection, {"snapshot": snapshot, "run": run})
            copied = f"copy ({question(name)}) to {literal(partial)} ({_FORMAT})"
            rows = int(connection.execute(copied).fetchall()[0][0])
        settle(partial, target)
    except (EngineError, OSError) as error:
        raise storage_error(error, str(out)) from error
    finally:
        partial.unlink(missing_ok=True)
    return rows
