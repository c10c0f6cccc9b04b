"""Parquet: read in place, as often as needed; its lines are its row numbers from 1."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq

from data.engine import Connection, EngineError, literal
from data.ingest.reading import LINE, NOTHING, ROW
from data.ingest.sources import Source, check_columns


def stage(connection: Connection, source: Source) -> dict[str, str]:
    """Name the file's rows as a view; returns its columns and their types, NOTHING where a column holds only nulls."""
    try:
        schema = pq.read_schema(source.path)
        check_columns(source, schema.names)
        # Any engine error here is the file's: nothing else is read yet.
        scan = f"read_parquet({literal(source.path)}, file_row_number = true)"
        connection.execute(
            f"create or replace temp view {source.staged} as select * exclude file_row_number, "
            f"file_row_number + 1 as {LINE}, file_row_number + 1 as {ROW} from {scan}"
        )
        told = connection.sql(f"describe {source.staged}").fetchall()
    except (pa.ArrowException, OSError, EngineError) as error:
        raise source.refusal("not a readable Parquet file") from error
    # Arrow has a type for a column in which nobody ever wrote anything; the engine would call it integers.
    unwritten = {field.name for field in schema if pa.types.is_null(field.type)}
    return {name: NOTHING if name in unwritten else kind for name, kind, *_ in told if name not in {LINE, ROW}}


def count(connection: Connection, source: Source) -> int:
    return int(connection.sql(f"select count(*) from {source.staged}").fetchall()[0][0])
