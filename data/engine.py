"""The one door to DuckDB: how a connection is limited, how files are attached, how a finished file becomes durable."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import duckdb

from data.errors import StorageError

Connection = duckdb.DuckDBPyConnection
EngineError = duckdb.Error
OutOfMemory = duckdb.OutOfMemoryException

SQL = Path(__file__).parent / "sql"
SPILL = ".spill"
THREADS = 2
# What a batch may hold in memory; less on a small machine, the rest spills to disk.
BATCH_BYTES = 6 * 1024**3
READER_BYTES = 2 * 1024**3
SPILL_LIMIT = "60GB"
_FULL = ("No space left", "File too large", "disk full", "max_temp_directory_size", "failed to offload")


# This step takes two views of one table for the same thing and answers with the wrong rows (duckdb issue 25819): stored
# engagements would lose their actors when a later log is added.
WITHOUT = "disabled_optimizers = 'common_subplan'"
# Global where the engine allows it: a cursor does not inherit what was set for its connection alone.
SETTINGS = ("preserve_insertion_order = false", "enable_progress_bar = false", "global TimeZone = 'UTC'", WITHOUT)

# The engine makes the spill folder itself, but none above it. Two connections that spilled into one would overwrite
# each other's files.
_number = itertools.count()


@cache
def question(name: str) -> str:
    """Return the text of one .sql file."""
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")


def connect(folder: Path, most_bytes: int = BATCH_BYTES) -> Connection:
    """An in-memory database with every limit set; what does not fit spills under `folder`."""
    connection = duckdb.connect(
        config={
            "threads": THREADS,
            "memory_limit": memory_limit(most_bytes),
            "temp_directory": str(folder / f"{SPILL}-{os.getpid()}-{next(_number)}"),
            "max_temp_directory_size": SPILL_LIMIT,
            "python_enable_replacements": False,
        }
    )
    for setting in SETTINGS:
        connection.execute(f"set {setting}")
    return connection


def memory_limit(most_bytes: int) -> str:
    """What an engine may hold: so many bytes, but not more than half of the machine's."""
    memory = min(most_bytes, os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2)
    return f"{memory // 1024**2}MB"


def attach(connection: Connection, files: Mapping[str, Path]) -> None:
    """Attach finished files, read-only."""
    for alias, path in files.items():
        connection.execute(f"attach {literal(path)} as {alias} (read_only)")


def clear_spill(folder: Path) -> None:
    """Delete what processes that were killed had spilled under `folder`."""
    for place in folder.glob(f"{SPILL}-*-*"):
        if not Path(f"/proc/{place.name.split('-')[1]}").exists():
            shutil.rmtree(place, ignore_errors=True)


def literal(value: object) -> str:
    """A text as SQL writes it, for the places where nothing can be bound."""
    return "'" + str(value).replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A column or table name as SQL quotes it."""
    return '"' + name.replace('"', '""') + '"'


def settle(partial: Path, path: Path) -> None:
    """Make the bytes durable before the final name exists, and the name durable after."""
    for place in (partial, partial.parent):
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        if place == partial:
            partial.rename(path)


def storage_error(error: Exception, what: str) -> StorageError:
    """What a failed write means in a sentence; a full disk is named as such."""
    first = str(error).splitlines()[0] if str(error) else type(error).__name__
    if any(sign in str(error) for sign in _FULL):
        return StorageError(
            f"{what} was not written: the disk is full.", "Nothing was changed. Free some space, then try again."
        )
    return StorageError(f"{what} was not written: {first}", "Nothing was changed.")
