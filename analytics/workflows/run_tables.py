"""The tables of a run in the shape that the contract gives them."""

from __future__ import annotations

import polars as pl

from data.contracts import RUN


def shaped(table: str, rows: pl.DataFrame) -> pl.DataFrame:
    """The run table's columns in their order; one that nothing filled is unknown."""
    present = set(rows.columns)
    return rows.select(
        pl.col(name).cast(POLARS[kind]) if name in present else pl.lit(None, POLARS[kind]).alias(name)
        for name, kind in RUN[table].items()
    )


POLARS: dict[str, pl.DataType] = {
    "VARCHAR": pl.String(),
    "UINTEGER": pl.UInt32(),
    "UTINYINT": pl.UInt8(),
    "INTEGER": pl.Int32(),
    "BIGINT": pl.Int64(),
    "DOUBLE": pl.Float64(),
    "FLOAT": pl.Float32(),
    "BOOLEAN": pl.Boolean(),
    "VARCHAR[]": pl.List(pl.String()),
    "UINTEGER[]": pl.List(pl.UInt32()),
    "DOUBLE[]": pl.List(pl.Float64()),
}
