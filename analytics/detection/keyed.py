"""A log held in memory, keyed as a snapshot is: for training worlds and tests, without a store."""

from __future__ import annotations

from dataclasses import dataclass

import narwhals as nw
import polars as pl

from analytics.detection.log import Log
from data.contracts import INPUT
from data.records import KIND_CODES

# The input column and the key column that stands for it in a snapshot.
NAMED = {
    "client_id": "client_key",
    "ip_prefix": "prefix_key",
    "device_id": "device_key",
    "post_id": "post_key",
    "country": "country_key",
}
POLARS = {
    "text": pl.String(),
    "integer": pl.Int64(),
    "number": pl.Float64(),
    "boolean": pl.Boolean(),
    "kind": pl.String(),
    "time": pl.Datetime("us", "UTC"),
}


@dataclass(frozen=True, slots=True)
class Keyed:
    """The log, the account ids behind its keys, the engagement ids behind its engagement keys, and all other names.

    `names`: domain, key and name, as a snapshot has them.
    """

    log: Log
    ids: pl.DataFrame
    engagement_ids: pl.DataFrame
    names: pl.DataFrame


def key_log(frames: dict[str, pl.DataFrame], without: frozenset[str] = frozenset()) -> Keyed:
    """Key the tables of the input contract; `without` names columns (`table.column`) or tables to leave out."""
    missing = set(without) | {name for name in ("accounts", "logins", "labels") if name not in frames}
    tables = {name: _whole(name, frames.get(name), missing) for name in ("accounts", "engagements", "logins")}
    acts, accounts, logins = tables["engagements"], tables["accounts"], tables["logins"]
    ids = _dense("account_id", "account_key", [acts["actor_id"], acts["target_id"], accounts["account_id"]])
    names = {
        column: _dense(column, key, [table[column] for table in tables.values() if column in table.columns])
        for column, key in NAMED.items()
    }
    acts = _named(_keyed(_keyed(acts, ids, "actor"), ids, "target"), names)
    acts = acts.with_columns(
        pl.col("at").dt.timestamp("us"),
        pl.col("kind").replace_strict({kind.value: code for kind, code in KIND_CODES.items()}, return_dtype=pl.Int64),
    )
    acts = acts.sort("actor_key", "at", "engagement_id").with_row_index("engagement_key")
    acts = acts.with_columns(pl.col("engagement_key").cast(pl.Int64))
    accounts = _named(_keyed(accounts, ids, "account"), names).with_columns(pl.col("created_at").dt.timestamp("us"))
    logins = _named(_keyed(logins, ids, "account"), names).with_columns(pl.col("at").dt.timestamp("us"))
    moments = acts["at"].to_numpy()
    first, last = (int(moments.min()), int(moments.max())) if len(acts) else (0, 0)
    acts_frame, accounts_frame, logins_frame = (nw.from_native(table.lazy()) for table in (acts, accounts, logins))
    log = Log(acts_frame, accounts_frame, logins_frame, frozenset(missing), first, last)
    return Keyed(log, ids, acts.select("engagement_key", "engagement_id"), _domains(names))


def _whole(name: str, frame: pl.DataFrame | None, missing: set[str]) -> pl.DataFrame:
    """Every column of the contract; what the log has not, or shall not show, is unknown in every row."""
    given = pl.DataFrame() if frame is None or name in missing else frame
    columns = []
    for column in INPUT[name]:
        full, kind = f"{name}.{column.name}", POLARS[column.type]
        if column.name in given.columns and full not in missing:
            columns.append(given[column.name].cast(kind))
        else:
            missing.add(full)
            columns.append(pl.Series(column.name, [None] * len(given), dtype=kind))
    return pl.DataFrame(columns)


def _dense(column: str, key: str, parts: list[pl.Series]) -> pl.DataFrame:
    values = pl.concat([part.rename(column) for part in parts]).drop_nulls().unique().sort()
    return pl.DataFrame({column: values}).with_row_index(key).with_columns(pl.col(key).cast(pl.Int64))


def _domains(names: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Every name of every domain under one roof."""
    return pl.concat(
        pl.DataFrame(
            {"key": dense[NAMED[column]], "name": dense[column]}, schema={"key": pl.Int64, "name": pl.String}
        ).select(domain=pl.lit(NAMED[column].removesuffix("_key")), key="key", name="name")
        for column, dense in names.items()
    )


def _keyed(table: pl.DataFrame, ids: pl.DataFrame, who: str) -> pl.DataFrame:
    return table.join(ids.rename({"account_id": f"{who}_id", "account_key": f"{who}_key"}), on=f"{who}_id", how="left")


def _named(table: pl.DataFrame, names: dict[str, pl.DataFrame]) -> pl.DataFrame:
    for column, dense in names.items():
        if column in table.columns:
            table = table.join(dense, on=column, how="left")
    return table
