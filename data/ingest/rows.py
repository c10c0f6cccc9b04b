"""Rows that were read one by one, with their lines, on their way into a staging table."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from data.engine import Connection, identifier, literal
from data.ingest.reading import LINE, ROW

BATCH = 50_000
# Structural faults kept in words; beyond that they are only counted.
LONGEST_LINE = 1 << 20


class RowTable:
    """A staging table of text columns that grows by batches; new columns may appear on the way."""

    def __init__(self, connection: Connection, name: str, columns: Sequence[str] = ()) -> None:
        self._connection, self._name = connection, name
        self.columns: list[str] = []
        connection.execute(f"create or replace temp table {name} ({LINE} bigint, {ROW} bigint)")
        self._add(columns)

    def append(self, lines: list[int], rows: list[int], cells: dict[str, list[str | None]]) -> None:
        """Add rows; a column they do not name is unknown in them."""
        self._add([name for name in cells if name not in self.columns])
        arrays = {name: pa.array(values, pa.string()) for name, values in cells.items()}
        self._connection.register(
            "incoming", pa.table({LINE: pa.array(lines, pa.int64()), ROW: pa.array(rows, pa.int64()), **arrays})
        )
        self._connection.execute(f"insert into {self._name} by name from incoming")
        self._connection.unregister("incoming")

    def _add(self, columns: Sequence[str]) -> None:
        for name in columns:
            self._connection.execute(f"alter table {self._name} add column {identifier(name)} varchar")
            self.columns.append(name)


class BadRows:
    """The unusable rows of a load: file, line and cause, in a table beside the staged ones."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        connection.execute("create temp table bad_rows (source integer, line bigint, cause varchar)")

    def add(self, source: int, faults: Sequence[tuple[int, str]]) -> None:
        """Note faults that were seen while a file was read."""
        if not faults:
            return
        lines, causes = zip(*faults, strict=True)
        told = pa.table({"line": pa.array(lines, pa.int64()), "cause": pa.array(causes, pa.string())})
        self._connection.register("incoming", told)
        self._connection.execute(f"insert into bad_rows select {source}, line, cause from incoming")
        self._connection.unregister("incoming")

    def add_found(self, source: int, cause: str, lines: str) -> None:
        """Note the rows that a query names by their `line`."""
        self._connection.execute(f"insert into bad_rows select {source}, line, {literal(cause)} from ({lines})")

    def count(self) -> int:
        return int(self._connection.sql("select count(*) from bad_rows").fetchall()[0][0])

    def rows(self) -> int:
        """How many rows have at least one fault."""
        told = self._connection.sql("select count(*) from (select distinct source, line from bad_rows)")
        return int(told.fetchall()[0][0])

    def causes(self) -> list[tuple[str, int]]:
        """The causes, the most frequent first."""
        return self._connection.sql("select cause, count(*) from bad_rows group by cause order by 2 desc, 1").fetchall()

    def first(self, most: int) -> list[tuple[int, int, str]]:
        """The first faults by file and line."""
        told = self._connection.sql(f"from bad_rows order by source, line, cause limit {most}")
        return list(told.fetchall())
