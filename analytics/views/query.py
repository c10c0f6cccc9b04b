"""The query page: what can be asked, what came back, and which chart suits it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from analytics.charts.drawing import Drawing
from analytics.charts.plots import bars, lines
from analytics.views.moments import of_micros, passed
from analytics.views.text import counted, plain

# What the copy holds, for whoever writes a query; kept in step with data/sql/analyst_build_*.sql by a test.
TABLES: Mapping[str, str] = {
    "accounts": "account, created_month, followers, following, posts, country, is_verified, is_delegated, score, rank, "
    "is_queued, remove_count, review_count, service, group_id",
    "engagements": "engagement, kind, account, target, happened_at, client, asn, network, device, country, p, band, "
    "families, service, group_id",
    "logins": "account, happened_at, client, asn, device, country, succeeded",
    "sessions": "session, account, started_at, ended_at, client, asn, network, device, engagements, likes, follows, "
    "comments, unfollows, p_service, source, service",
    "services": "service, name, is_provisional, customers, engagements, clients, asns, rhythm, action_mix, first_at, "
    "last_at",
    "service_members": "service, account, share, engagements, first_at, last_at",
    "groups": "group_id, kind, window_hours, accounts, targets, engagements, p_value, first_at, last_at",
    "group_members": "group_id, account, engagements, targets, p_value",
}
EXAMPLES: Mapping[str, str] = {
    "Nights of one service": "select account, count(*) as engagements\nfrom engagements\n"
    "where service = (select service from services order by customers desc, service limit 1)\n"
    "and hour(happened_at) < 6\ngroup by account\norder by engagements desc\nlimit 100",
    "Networks by day": "select date_trunc('day', happened_at) as day, asn, count(*) as engagements\nfrom engagements\n"
    "where band <> 'keep'\ngroup by day, asn\norder by day, asn",
    "Devices of many accounts": "select device, count(distinct account) as accounts\nfrom sessions\n"
    "where device is not null\ngroup by device\nhaving accounts >= 5\norder by accounts desc",
}
# More bars or points than these are no picture.
MOST_BARS, MOST_POINTS = 60, 2_000
# Lines of a fault's place.
MOST_LINES = 12
_OUTCOMES = {
    "done": "answered",
    "cut": "answered, cut",
    "refused": "refused",
    "failed": "failed",
    "too_long": "stopped at its deadline",
    "too_big": "stopped at its memory",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Suited:
    """The columns that a chart of the result would use."""

    x: str
    y: str
    is_line: bool


def suited(rows: pl.DataFrame) -> Suited | None:
    """Find a chart for a result: a number over a time or a name; None when there is no such pair."""
    numbers = [name for name, kind in rows.schema.items() if kind.is_numeric()]
    times = [name for name, kind in rows.schema.items() if kind.is_temporal()]
    names = [name for name, kind in rows.schema.items() if kind == pl.String]
    if rows.is_empty() or not numbers:
        return None
    if times:
        return Suited(x=times[0], y=numbers[-1], is_line=True)
    across = names or [name for name in numbers if name != numbers[-1]]
    return Suited(x=across[0], y=numbers[-1], is_line=False) if across else None


def result_drawing(rows: pl.DataFrame, x: str, y: str) -> Drawing | None:
    """Draw one column of the result over another; several rows of one x are added up."""
    summed = rows.group_by(x, maintain_order=True).agg(pl.col(y).sum())
    if rows.schema[x].is_temporal():
        shown = summed.drop_nulls(x).sort(x).head(MOST_POINTS)
        told = f"{plain(y, 40)} over {plain(x, 40)}, {counted(shown.height, 'point')}."
        return lines(shown, x=x, y=y, titles=(x, y), sentence=told)
    shown = summed.head(MOST_BARS).with_columns(pl.col(x).cast(pl.String).fill_null("none"))
    cut = f", the first {MOST_BARS} of {summed.height:,}" if summed.height > MOST_BARS else ""
    told = f"{plain(y, 40)} by {plain(x, 40)}{cut}."
    return bars(shown, x=x, y=y, titles=(x, y), sentence=told)


def result_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the result for the table: text as plain text, lists written out."""
    told = []
    for name in rows.columns:
        values = rows[name]
        if values.dtype == pl.String:
            told.append(pl.Series(name, [None if v is None else plain(v, 300) for v in values], dtype=pl.String))
        elif values.dtype.is_nested() or values.dtype in (pl.Binary, pl.Object):
            told.append(pl.Series(name, [None if v is None else plain(str(v), 300) for v in values.to_list()]))
        else:
            told.append(values)
    return pl.DataFrame(told)


def told(outcome: str, message: str, rows: int, seconds: float) -> str:
    """Say what came of a query; of a fault its first line, the lines below it are for `fault`."""
    if outcome in ("done", "cut"):
        return f"{counted(rows, 'row')} in {seconds:.1f} s. {message}".strip()
    return message.strip().partition("\n")[0]


def fault(message: str) -> str:
    """Return the lines in which the database points at the place of a fault, as it wrote them; empty without any."""
    lines = message.strip().splitlines()[1:]
    return "\n".join(_letters(line) for line in lines[:MOST_LINES]).strip("\n")


def _letters(line: str) -> str:
    """Return one line of code with its spaces, since a mark below it counts them."""
    return plain(line.replace("\t", " "), 400)


def history_rows(asked: Any, names: Mapping[str, str], now: datetime) -> pl.DataFrame:
    """Return the history as the table shows it."""
    return pl.DataFrame(
        {
            "When": [passed(of_micros(one.at), now) for one in asked],
            "Who": [plain(names.get(one.person_id, one.person_id), 40) for one in asked],
            "Query": [plain(" ".join(one.sql.split()), 300) for one in asked],
            "Outcome": [_OUTCOMES.get(one.outcome, one.outcome) for one in asked],
            "Rows": [one.rows for one in asked],
            "Seconds": [None if one.seconds is None else round(one.seconds, 1) for one in asked],
        },
        schema_overrides={"Rows": pl.Int64, "Seconds": pl.Float64},
    )
