"""Services in words and charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from analytics.charts.drawing import Drawing
from analytics.charts.investigating import network, network_sentence
from analytics.charts.plots import bars, lines, rhythm, stacked_bars
from analytics.views.moments import ago, day, of_micros
from analytics.views.text import counted, listed, plain, share, shares
from data.records import Kind

_KINDS = {Kind.LIKE: "likes", Kind.FOLLOW: "follows", Kind.COMMENT: "comments", Kind.UNFOLLOW: "unfollows"}
_DAY = 86_400_000_000


def list_rows(services: pl.DataFrame, days: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """Return the list as the table shows it; Trend is a small line of proposed engagements by day."""
    trend = days.sort("day").group_by("service_id", maintain_order=True).agg(pl.col("engagements").alias("Trend"))
    rows = services.join(trend, on="service_id", how="left").sort("customers", "service_id", descending=[True, False])
    return rows.select(
        pl.Series("Name", [name_of(row) for row in rows.iter_rows(named=True)], dtype=pl.String),
        pl.col("customers").alias("Customers"),
        pl.col("active").alias("Active last week"),
        pl.col("a_day").round(0).cast(pl.Int64).alias("A day"),
        pl.Series("Caught", [_caught(row) for row in rows.iter_rows(named=True)], dtype=pl.String),
        pl.Series("Main clients", [_few(value) for value in rows["clients"]], dtype=pl.String),
        pl.Series(
            "Main networks",
            [_few(_networks(value)) for value in rows["asns"]],
            dtype=pl.String,
        ),
        pl.Series("First seen", [ago(of_micros(value), now) for value in rows["first_at"]], dtype=pl.String),
        pl.Series("Last seen", [ago(of_micros(value), now) for value in rows["last_at"]], dtype=pl.String),
        pl.Series("Part of", [_whole(value, rows) for value in rows["merged_into"]], dtype=pl.String),
        pl.col("Trend"),
        pl.col("service_id").alias("Service"),
    )


def name_of(row: Mapping[str, Any]) -> str:
    """Return a service's name, or that it has none yet."""
    return plain(row["name"], 60) if row["is_named"] else f"{plain(row['name'] or row['service_id'], 40)} (provisional)"


def _whole(service_id: str | None, services: pl.DataFrame) -> str | None:
    """Name the service that another was merged into."""
    names = dict(services.select("service_id", "name").iter_rows())
    return plain(names.get(service_id) or service_id, 40) if service_id else None


def _caught(row: Mapping[str, Any]) -> str:
    return f"{row['caught']:,} ({share(row['caught'] / row['customers'], 0)})" if row["customers"] else "0"


def _few(names: Sequence[object] | None) -> str:
    shown = [plain(str(name), 30) for name in ([] if names is None else names)]
    return ", ".join(shown[:2]) + (f" and {len(shown) - 2} more" if len(shown) > 2 else "")


def _networks(asns: Sequence[int] | None) -> list[str]:
    return [f"AS{asn}" for asn in ([] if asns is None else asns)]


def facts(header: Mapping[str, Any], now: datetime) -> list[str]:
    """Say what is known of one service, as sentences."""
    first, last = of_micros(header["first_at"]), of_micros(header["last_at"])
    parts = [(part, word) for part, word in zip(header["action_mix"] or (), _KINDS.values(), strict=False) if part]
    mix = [f"{told} {word}" for told, (_, word) in zip(shares([part for part, _ in parts]), parts, strict=True)]
    places = _few(_networks(header["asns"])) or "unknown networks"
    missed = header["customers"] - header["cases"]
    return [
        f"{counted(header['customers'], 'customer')}, {header['active']:,} of them active in the log's last week.",
        f"Seen from {day(first, ZoneInfo('UTC'))} to {day(last, ZoneInfo('UTC'))} (last {ago(last, now)}).",
        f"{counted(header['engagements'], 'engagement')}, about {header['a_day']:,.0f} a day: {listed(mix)}.",
        f"Acts mainly from {_few(header['clients']) or 'unknown clients'}, mainly over {places}.",
        f"{header['caught']:,} customers were confirmed, {max(missed, 0):,} never had a case.",
    ]


def rhythm_drawing(hours: pl.DataFrame, name: str) -> Drawing:
    total = int(hours["engagements"].sum())
    return rhythm(hours, sentence=f"{counted(total, 'proposed engagement')} of {plain(name, 40)} by hour and weekday.")


def flow_drawing(flow: pl.DataFrame) -> Drawing:
    """Draw customers over time with those joining and leaving."""
    rows = flow.rename({"customers": "Customers", "joined": "Joined", "left": "Left"})
    peak = rows.sort("Customers", descending=True).row(0, named=True) if rows.height else None
    told = f"Most customers at once: {peak['Customers']:,}, on {peak['day']:%-d %b}." if peak else "No customers."
    titles = ("Day, UTC", "Customers")
    drawn = lines(rows, x="day", y=["Customers", "Joined", "Left"], titles=titles, sentence=told)
    return _readable(drawn, {"day": titles[0]})


def networks_drawing(networks: pl.DataFrame) -> Drawing:
    """Draw the networks of the service's sessions by week: a move shows as one stack giving way to another."""
    totals = networks.group_by("network").agg(pl.col("engagements").sum()).sort("engagements", descending=True)
    main = totals["network"].head(5).to_list()
    rows = (
        networks.with_columns(
            network=pl.when(pl.col("network").is_in(main)).then("network").otherwise(pl.lit("others"))
        )
        .group_by("week", "network")
        .agg(pl.col("engagements").sum())
        .sort("week", "network")
        .with_columns(week=pl.col("week").dt.date())
    )
    told = f"Busiest networks: {listed([plain(name, 20) for name in main[:3]])}." if main else "No sessions."
    titles = ("Week", "Engagements")
    drawn = stacked_bars(rows, x="week", y="engagements", series="network", titles=titles, sentence=told)
    return _readable(drawn, {"week": "Week from", "network": "Network", "engagements": "Engagements"})


def countries_drawing(countries: pl.DataFrame) -> Drawing:
    rows = countries.head(12)
    first = rows.row(0, named=True) if rows.height else None
    told = f"Most served accounts are in {plain(first['country'], 20)}." if first else "No target countries known."
    titles = ("Country", "Engagements")
    drawn = bars(rows, x="country", y="engagements", titles=titles, sentence=told, is_horizontal=True, height=260)
    return _readable(drawn, {"country": titles[0], "engagements": titles[1]})


def waves_drawing(waves: pl.DataFrame) -> Drawing:
    """Draw what followed each week of enforcement (M-14, M-15)."""
    rows = waves.with_columns(week=pl.col("week").dt.date(), stayed=pl.col("confirmed") - pl.col("came_back"))
    long = rows.unpivot(
        ["stayed", "came_back"], index="week", variable_name="after", value_name="customers"
    ).with_columns(after=pl.col("after").replace({"stayed": "Service gone", "came_back": "Came back"}))
    back, total = int(waves["came_back"].sum()), int(waves["confirmed"].sum())
    told = f"After enforcement the service was seen again on {back:,} of {counted(total, 'customer')}."
    titles = ("Week of the decision", "Customers")
    drawn = stacked_bars(
        long.sort("week", "after"), x="week", y="customers", series="after", titles=titles, sentence=told
    )
    return _readable(drawn, {"week": "Week from", "after": "After it", "customers": "Customers"})


def _readable(drawn: Drawing, titles: Mapping[str, str]) -> Drawing:
    """Give the numbers of a chart the names and days that the rest of the page has."""
    days = [name for name, kind in drawn.table.schema.items() if kind == pl.Date]
    rows = drawn.table.with_columns(pl.col(name).dt.strftime("%-d %b %Y") for name in days)
    return replace(drawn, rows=rows.rename(dict(titles)))


def picture_drawing(pairs: pl.DataFrame, name: str) -> Drawing:
    return network(pairs, sentence=network_sentence(pairs, plain(name, 40)))


def member_rows(members: pl.DataFrame, zone: ZoneInfo) -> pl.DataFrame:
    """Return the customers as the table shows them."""
    return members.select(
        pl.Series("Account", [plain(value, 60) for value in members["account_id"]], dtype=pl.String),
        pl.col("engagements").alias("Engagements"),
        pl.col("share").round(2).alias("Share of its bought engagement"),
        pl.Series("Since", [day(at, zone) for at in members["first_at"]], dtype=pl.String),
        pl.Series("Last", [day(at, zone) for at in members["last_at"]], dtype=pl.String),
        pl.col("score").round(2).alias("Score"),
        pl.col("remove_count").alias("For removal"),
    )
