"""Every seller of engagement: its fingerprint, its customers over time, and what enforcement did to it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl
from sqlalchemy import Connection, select

from analytics.workflows.deliver import LedgerLike
from analytics.workflows.explore import Readers
from analytics.workflows.ledger_frames import kept_frames
from data.errors import EmptyHomeError
from data.moments import EPOCH
from data.tables import service_events

# Marks of the network picture: more would be a surface and no picture; all together stay under 5,000.
PICTURE = {"customers": 60, "targets": 120, "pairs": 3_500}
_WEEK = 7 * 86_400_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceNames:
    """What people made of the machine's services: names given, and which was merged into which."""

    names: Mapping[str, str]
    merged_into: Mapping[str, str]

    def of(self, service_id: str, fallback: str) -> str:
        return self.names.get(service_id, fallback)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLife:
    """One service in detail; see the .sql files service_*.sql.

    `flow`: day, joined, left, customers. `waves`: week, confirmed, came_back. `caught`: customers with a confirmed
    decision, `cases`: customers with a case at all.
    """

    service_id: str
    name: str
    is_named: bool
    header: Mapping[str, object]
    hours: pl.DataFrame
    flow: pl.DataFrame
    networks: pl.DataFrame
    countries: pl.DataFrame
    members: pl.DataFrame
    waves: pl.DataFrame
    caught: int
    cases: int


class Services:
    """Reads for the services page."""

    def __init__(self, readers: Readers, ledger: LedgerLike) -> None:
        self._readers = readers
        self._ledger = ledger

    def names(self) -> ServiceNames:
        """Return the names and merges in force; the newest event of a service counts."""
        with self._ledger.read() as connection:
            return read_names(connection)

    def titles(self) -> dict[str, str]:
        """Return what each service of the newest run is called on every page; empty before the first run."""
        try:
            rows = self._readers().rows("services_list").select("service_id", "name")
        except EmptyHomeError:
            return {}
        return titles_of(rows.rows(), self.names())

    def list(self) -> pl.DataFrame:
        """One row per service: see services_list.sql; with caught, cases, is_named, merged_into."""
        reader, names = self._readers(), self.names()
        rows = reader.rows("services_list")
        members = reader.rows("service_customers")
        frames = kept_frames(self._ledger)
        told = _caught(members, frames.decisions, frames.cases)
        joined = rows.join(told, on="service_id", how="left").with_columns(pl.col("caught", "cases").fill_null(0))
        return joined.with_columns(
            name=pl.struct("service_id", "name").map_elements(
                lambda row: names.of(row["service_id"], row["name"] or row["service_id"]), return_dtype=pl.String
            ),
            is_named=pl.col("service_id").is_in(list(names.names)),
            merged_into=_looked_up(names.merged_into),
        )

    def days(self) -> pl.DataFrame:
        """One row per service and day: service_id, day, engagements, customers."""
        rows = self._readers().rows("service_days", {"service_id": None})
        return rows.with_columns(day=pl.from_epoch(pl.col("day").cast(pl.Int64), "d"))

    def life(self, service_id: str) -> ServiceLife | None:
        """Return one service in detail, or None when the run does not know it."""
        reader, listed = self._readers(), self.list().filter(pl.col("service_id") == service_id)
        if listed.is_empty():
            return None
        header = listed.row(0, named=True)
        members = reader.rows("service_members", {"service_id": service_id})
        networks = reader.rows("service_networks", {"service_id": service_id})
        return ServiceLife(
            service_id=service_id,
            name=str(header["name"]),
            is_named=bool(header["is_named"]),
            header=header,
            hours=reader.rows("service_hours", {"service_id": service_id}),
            flow=customer_flow(members),
            networks=networks.with_columns(week=_moment("week")),
            countries=reader.rows("service_countries", {"service_id": service_id}),
            members=members.with_columns(first_at=_moment("first_at"), last_at=_moment("last_at")),
            waves=self._waves(members),
            caught=int(header["caught"]),
            cases=int(header["cases"]),
        )

    def picture(self, service_id: str) -> pl.DataFrame:
        """One row per heavy pair of customer and target: customer, target, engagements; at most 5,000 marks."""
        return self._readers().rows("service_network", {"service_id": service_id, **PICTURE})

    def _waves(self, members: pl.DataFrame) -> pl.DataFrame:
        return enforcement_waves(members, kept_frames(self._ledger).decisions)


def titles_of(services: Sequence[tuple[str, str | None]], given: ServiceNames) -> dict[str, str]:
    """Name services by what people called them, else by the machine's number; equal names carry their id."""
    told = {
        service_id: given.names.get(service_id, f"{name} (provisional)" if name else service_id)
        for service_id, name in services
    }
    often = Counter(told.values())
    return {service_id: name if often[name] == 1 else f"{name}, {service_id}" for service_id, name in told.items()}


def read_names(connection: Connection) -> ServiceNames:
    """Read the newest name, merge and split of every service."""
    names: dict[str, str] = {}
    merged: dict[str, str] = {}
    query = select(service_events.c.service_id, service_events.c.event, service_events.c.detail)
    for service_id, event, detail in connection.execute(query.order_by(service_events.c.at, service_events.c.event_id)):
        told = json.loads(detail)
        if event == "named":
            names[service_id] = str(told["name"])
        elif event == "merged":
            merged[service_id] = str(told["into"])
        elif event == "split":
            merged.pop(service_id, None)
    return ServiceNames(names=names, merged_into=merged)


def customer_flow(members: pl.DataFrame) -> pl.DataFrame:
    """One row per day: customers first seen, customers seen for the last time the day before, and those between."""
    if members.is_empty():
        return pl.DataFrame(schema={"day": pl.Date, "joined": pl.Int64, "left": pl.Int64, "customers": pl.Int64})
    first, last = (members[name] // 86_400_000_000 for name in ("first_at", "last_at"))
    start, end = int(first.min() or 0), int(last.max() or 0)  # type: ignore[arg-type]
    joined = first.value_counts(name="joined").rename({"first_at": "place"})
    gone = (last + 1).value_counts(name="left").rename({"last_at": "place"})
    places = pl.DataFrame({"place": range(start, end + 1)}, schema={"place": pl.Int64})
    return (
        places.join(joined, on="place", how="left")
        .join(gone, on="place", how="left")
        .with_columns(pl.col("joined", "left").fill_null(0).cast(pl.Int64))
        .with_columns(customers=(pl.col("joined") - pl.col("left")).cum_sum())
        .select(day=pl.from_epoch("place", "d"), joined="joined", left="left", customers="customers")
    )


def enforcement_waves(members: pl.DataFrame, decisions: pl.DataFrame) -> pl.DataFrame:
    """One row per week with confirmed decisions on customers: confirmed, came_back (the service was seen later)."""
    stands = decisions.filter(pl.col("outcome") == "confirm", pl.col("overturned_at").is_null())
    first = stands.group_by("account_id").agg(pl.col("decided_at").max())
    hit = members.join(first, on="account_id")
    return (
        hit.with_columns(week=pl.col("decided_at") // _WEEK * _WEEK, back=pl.col("last_at") > pl.col("decided_at"))
        .group_by("week")
        .agg(pl.len().cast(pl.Int64).alias("confirmed"), pl.col("back").sum().cast(pl.Int64).alias("came_back"))
        .sort("week")
        .with_columns(week=_moment("week"))
    )


def _caught(members: pl.DataFrame, decisions: pl.DataFrame, cases: pl.DataFrame) -> pl.DataFrame:
    """One row per service: customers with a confirmed decision, customers with a case."""
    confirmed = set(decisions.filter(pl.col("outcome") == "confirm")["account_id"])
    opened = set(cases["account_id"])
    return members.group_by("service_id").agg(
        pl.col("account_id").is_in(list(confirmed)).sum().cast(pl.Int64).alias("caught"),
        pl.col("account_id").is_in(list(opened)).sum().cast(pl.Int64).alias("cases"),
    )


def _looked_up(table: Mapping[str, str]) -> pl.Expr:
    return pl.col("service_id").replace_strict(dict(table), default=None, return_dtype=pl.String)


def _moment(name: str) -> pl.Expr:
    return pl.from_epoch(pl.col(name).cast(pl.Int64), "us").dt.replace_time_zone("UTC").alias(name)


def day_of(value: int) -> datetime:
    """Return the moment of a stored day."""
    return EPOCH + timedelta(days=value)
