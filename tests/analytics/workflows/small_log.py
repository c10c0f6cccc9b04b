"""A snapshot, a run and its explore file in memory, from literal rows, answering the questions of data/sql."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from data.contracts import RUN, SNAPSHOT

SQL = Path(__file__).parents[3] / "data" / "sql"
DAY = 86_400_000_000
BUILD = ("codes", "people", "hours", "cells", "proposed")


class SmallLog:
    """Both contracts' tables, filled by `add`; `rows` answers one .sql file."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        for name, tables in (("snapshot", SNAPSHOT), ("run", RUN)):
            self.connection.execute(f"attach ':memory:' as {name}")
            for table, columns in tables.items():
                told = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
                self.connection.execute(f"create table {name}.{table} ({told})")
        self.connection.execute("attach ':memory:' as explore")

    def add(self, table: str, *rows: Mapping[str, Any]) -> None:
        """Insert rows by name; what a row leaves out is NULL."""
        for row in rows:
            names = ", ".join(f'"{name}"' for name in row)
            marks = ", ".join("?" for _ in row)
            self.connection.execute(f"insert into {table} ({names}) values ({marks})", list(row.values()))

    def build(self) -> None:
        for name in BUILD:
            self.connection.execute((SQL / f"explore_build_{name}.sql").read_text())

    def rows(
        self,
        name: str,
        parameters: Mapping[str, Any] | None = None,
        frames: Mapping[str, pl.DataFrame] | None = None,
    ) -> pl.DataFrame:
        with self.connection.cursor() as cursor:
            for table, frame in (frames or {}).items():
                cursor.register(table, frame.to_arrow())
            return cursor.sql((SQL / f"{name}.sql").read_text(), params=dict(parameters) if parameters else None).pl()


def small_log() -> SmallLog:
    """Ten days, three accounts: 0 is its owner's alone, 1 and 2 were lent to S-1, which acts by night from AS64500."""
    log = SmallLog()
    log.add(
        "snapshot.names", *({"domain": "client", "key": key, "name": name} for key, name in enumerate(("app", "lib")))
    )
    log.add(
        "snapshot.names", {"domain": "country", "key": 0, "name": "BR"}, {"domain": "country", "key": 1, "name": "US"}
    )
    for key in range(6):
        log.add("snapshot.ids", {"account_key": key, "account_id": f"a{key}"})
        log.add(
            "snapshot.accounts",
            {
                "account_key": key,
                "created_at": (key - 400) * DAY,
                "handle": f"@h{key}",
                "followers": 10 * key,
                "country_key": key % 2,
            },
        )
    _engagements(log)
    log.add(
        "snapshot.manifest",
        {
            "snapshot_id": "s-1",
            "engagements": 70,
            "accounts": 6,
            "first_at": 0,
            "last_at": 10 * DAY - 1,
            "missing": [],
        },
    )
    log.add("run.manifest", {"run_id": "r-1", "snapshot_id": "s-1", "created_at": 10 * DAY, "model_version": "m1"})
    for key, score in ((0, 0.05), (1, 0.95), (2, 0.85)):
        service = "S-1" if key else None
        log.add(
            "run.flags",
            {
                "account_key": key,
                "account_id": f"a{key}",
                "score": score,
                "rank": 3 - key,
                "is_queued": key > 0,
                "service_id": service,
                "remove_count": 10 if key else 0,
                "review_count": 5 if key else 0,
                "reasons": [],
            },
        )
    log.add(
        "run.services",
        {
            "service_id": "S-1",
            "name": "S-1",
            "is_provisional": True,
            "customers": 2,
            "engagements": 30,
            "clients": ["lib"],
            "asns": [64500],
            "rhythm": [1 / 24] * 24,
            "action_mix": [1.0, 0.0, 0.0, 0.0],
            "first_at": 0,
            "last_at": 10 * DAY - 1,
        },
    )
    for key in (1, 2):
        log.add(
            "run.service_members",
            {
                "service_id": "S-1",
                "account_key": key,
                "share": 1.0,
                "engagements": 15,
                "first_at": 0,
                "last_at": 10 * DAY - 1,
            },
        )
    log.build()
    return log


def _engagements(log: SmallLog) -> None:
    """Each account: one like a day by its owner from the app; 1 and 2 get 20 acts of S-1, 15 flagged."""
    number = 0
    for actor in range(3):
        rows = [(day * DAY + 12 * 3_600_000_000, 0, 0, 64496, 3) for day in range(10)]
        if actor:
            rows += [
                (day * DAY + (2 + place) * 3_600_000_000, place % 2, 1, 64500, 4 + place % 2)
                for day in range(10)
                for place in range(2)
            ]
        for at, kind, client, asn, target in sorted(rows):
            log.add(
                "snapshot.engagements",
                {
                    "engagement_key": number,
                    "engagement_id": f"e{number}",
                    "kind": kind,
                    "actor_key": actor,
                    "target_key": target,
                    "at": at,
                    "client_key": client,
                    "asn": asn,
                    "country_key": actor % 2,
                },
            )
            if client:
                day = at // DAY
                log.add(
                    "run.engagement_scores",
                    {
                        "engagement_key": number,
                        "account_key": actor,
                        "p": 0.99 if kind == 0 else 0.7,
                        "service_id": "S-1",
                        "session_key": number,
                        "band": 2 if kind == 0 else (1 if day < 5 else 0),
                        "families": 5,
                        "group_id": "G-1" if actor == 1 else None,
                        "why": "rhythm",
                    },
                )
            number += 1
