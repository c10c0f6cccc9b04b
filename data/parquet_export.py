"""The answer to one question of data/sql as a Parquet file, streamed from the warehouse to the disk."""

from __future__ import annotations

from pathlib import Path

from data.engine import EngineError, attach, connect, literal, question, settle, storage_error
from data.errors import StorageError

_FORMAT = "format parquet, compression zstd"


def write_parquet(name: str, snapshot: Path, run: Path, out: Path) -> int:
    """Write every row of the answer, or leave nothing; returns how many rows."""
    _refuse_place(out)
    partial = out.with_name(f".{out.name}.part")
    try:
        with connect(run.parent) as connection:
            attach(connection, {"snapshot": snapshot, "run": run})
            copied = f"copy ({question(name)}) to {literal(partial)} ({_FORMAT})"
            rows = int(connection.execute(copied).fetchall()[0][0])
        settle(partial, out)
    except (EngineError, OSError) as error:
        raise storage_error(error, str(out)) from error
    finally:
        partial.unlink(missing_ok=True)
    return rows


def _refuse_place(out: Path) -> None:
    """Say in a sentence why nothing can be written there, before the work begins."""
    if not out.parent.is_dir():
        raise StorageError(f"The folder {out.parent} does not exist.", "Make it, or choose another place.")
    if out.is_dir():
        raise StorageError(f"{out} is a folder.", "Name a file in it.")
