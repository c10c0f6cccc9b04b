"""What holds for every log: slices are one load, order is nothing, any optional column may be missing."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.contracts import INPUT
from tests.data.ingest.logs import contents, load, manifest, same, tables, told

START = datetime(2026, 1, 1, tzinfo=UTC)
few = settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
MOMENTS = st.integers(0, 10_000).map(lambda minutes: START + timedelta(minutes=minutes))
IDS = st.sampled_from(["ana", "Ben", "10", "9", "é", "zoë", "a-very-long-id-of-more-than-twelve-bytes", "x"])
NAMES = st.one_of(st.none(), st.sampled_from(["app", "lib", "bot-kit"]))
ROW = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["like", "follow", "comment", "unfollow"]),
        "actor_id": IDS,
        "target_id": IDS,
        "at": MOMENTS,
        "post_id": NAMES,
        "client_id": NAMES,
        "asn": st.one_of(st.none(), st.integers(0, 2**32 - 1)),
        "ip_prefix": st.one_of(st.none(), st.sampled_from(["192.0.2.0/24", "198.51.100.0/24"])),
        "device_id": NAMES,
        "country": st.one_of(st.none(), st.sampled_from(["BR", "US"])),
        "text": st.one_of(st.none(), st.sampled_from(["nice", "=1+1", "two\nlines"])),
    }
)
SCHEMA: dict[str, Any] = {  # Any: polars takes classes and instances
    "engagement_id": pl.String,
    "at": pl.Datetime("us", "UTC"),
    "asn": pl.Int64,
    **{column.name: pl.String for column in INPUT["engagements"] if column.type in {"text", "kind"}},
}
OPTIONAL = [column.name for column in INPUT["engagements"] if not column.required]
PROFILE = [column.name for column in INPUT["accounts"] if not column.required]


def frame(rows: list[dict[str, Any]]) -> pl.DataFrame:  # Any: cells
    numbered = [{"engagement_id": f"e{number:03}", **row} for number, row in enumerate(rows)]
    return pl.DataFrame(numbered, schema_overrides=SCHEMA)


@contextmanager
def room() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def stored(folder: Path, name: str, *frames: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The tables of a home into which the frames were loaded, one after the other."""
    for number, one in enumerate(frames):
        path = folder / f"{name}-{number}.parquet"
        one.write_parquet(path)
        load(folder / name, path)
    return tables(folder / name)


@pytest.mark.slow
@few
@given(st.lists(ROW, min_size=10, max_size=40), st.randoms(use_true_random=False))
def test_ten_slices_are_one_load(rows: list[dict[str, Any]], order: random.Random) -> None:
    whole = frame(rows)
    slices = [whole[place::10] for place in range(10)]
    order.shuffle(slices)
    with room() as folder:
        assert same(stored(folder, "once", whole), stored(folder, "sliced", *slices))


@few
@given(st.lists(ROW, min_size=2, max_size=40), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_is_nothing(rows: list[dict[str, Any]], order: random.Random) -> None:
    whole = frame(rows)
    places = list(range(len(rows)))
    order.shuffle(places)
    with room() as folder:
        assert same(stored(folder, "sorted", whole), stored(folder, "shuffled", whole[places]))


@few
@given(st.lists(ROW, min_size=2, max_size=20), st.lists(ROW, min_size=1, max_size=10))
def test_logs_that_overlap_are_loaded_once_each(rows: list[dict[str, Any]], more: list[dict[str, Any]]) -> None:
    whole = frame([*rows, *more])
    with room() as folder:
        assert same(stored(folder, "once", whole), stored(folder, "again", whole[: len(rows)], whole[1:]))


@few
@given(st.lists(ROW, min_size=1, max_size=20), st.sets(st.sampled_from(OPTIONAL)), st.sets(st.sampled_from(PROFILE)))
def test_any_optional_columns_may_be_missing(rows: list[dict[str, Any]], columns: set[str], profile: set[str]) -> None:
    whole = frame(rows)
    accounts = pl.DataFrame(
        {
            "account_id": ["ana", "nobody"],
            "created_at": [START, None],
            "handle": ["Ana", None],
            "followers": [1, 2],
            "following": [0, None],
            "posts": [3, 4],
            "country": ["BR", None],
            "is_verified": [True, False],
            "is_delegated": [None, True],
        }
    )
    with room() as folder:
        accounts.drop(profile).write_parquet(folder / "accounts.parquet")
        whole.drop(columns).write_parquet(folder / "engagements.parquet")
        load(folder / "home", folder / "accounts.parquet", folder / "engagements.parquet")

        missing = set(manifest(folder / "home")["missing"])
        gone = {f"engagements.{name}" for name in columns} | {f"accounts.{name}" for name in profile}
        assert missing == {*gone, "labels", "logins"}
        assert {row[0] for row in told(folder / "home")} == set(whole["engagement_id"])
        held = tables(folder / "home")["engagements"]
        assert all(held[key].null_count() == len(rows) for key in key_columns(columns))


def key_columns(columns: set[str]) -> list[str]:
    domains = {"post_id": "post_key", "client_id": "client_key", "ip_prefix": "prefix_key"}
    others = {"device_id": "device_key", "country": "country_key"}
    return [{**domains, **others}.get(name, name) for name in columns]


@few
@given(st.lists(ROW, min_size=1, max_size=20))
def test_the_same_file_twice_changes_no_byte(rows: list[dict[str, Any]]) -> None:
    with room() as folder:
        frame(rows).write_parquet(folder / "log.parquet")
        assert load(folder / "home", folder / "log.parquet").is_new
        before = contents(folder / "home")
        assert not load(folder / "home", folder / "log.parquet").is_new
        assert contents(folder / "home") == before


@few
@given(st.lists(ROW, min_size=1, max_size=30))
def test_the_formats_agree(rows: list[dict[str, Any]]) -> None:
    whole = frame(rows)
    with room() as folder:
        written = whole.with_columns(pl.col("at").dt.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00"))
        written.write_csv(folder / "log.csv")
        written.write_ndjson(folder / "log.jsonl")
        for ending in ("csv", "jsonl"):
            load(folder / ending, folder / f"log.{ending}")
        parquet = stored(folder, "parquet", whole)
        assert same(parquet, tables(folder / "csv"))
        assert same(parquet, tables(folder / "jsonl"))
