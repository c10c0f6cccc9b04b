"""What bare DuckDB needs for the same work: the floors that `bench` compares with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from data.engine import Connection, EngineError, attach, connect, literal, question, storage_error


def sort_log(files: Sequence[Path], folder: Path) -> int:
    """Copy a log's Parquet files into one sorted table, nothing checked; returns its rows."""
    with _floor(folder) as connection:
        named = ", ".join(literal(path) for path in files)
        connection.execute(f"create view incoming as from read_parquet([{named}])")
        connection.execute(question("bench_sorted"))
        connection.execute("checkpoint floor")
        return _rows_of(connection, "engagements")


def account_numbers(snapshot: Path, folder: Path) -> int:
    """The usual numbers of every account that acted in two plain statements; returns how many accounts."""
    with _floor(folder, {"snapshot": snapshot}) as connection:
        connection.execute(question("bench_accounts"))
        connection.execute("checkpoint floor")
        return _rows_of(connection, "accounts")


@contextmanager
def _floor(folder: Path, files: Mapping[str, Path] | None = None) -> Iterator[Connection]:
    """A connection with a scratch file called `floor`, which is gone afterwards."""
    scratch = folder / "floor.duckdb"
    try:
        with connect(folder) as connection:
            attach(connection, files or {})
            connection.execute(f"attach {literal(scratch)} as floor")
            yield connection
    except EngineError as error:
        raise storage_error(error, "The floor") from error
    finally:
        scratch.unlink(missing_ok=True)


def _rows_of(connection: Connection, table: str) -> int:
    return int(connection.execute(f"select count(*) from floor.{table}").fetchall()[0][0])
