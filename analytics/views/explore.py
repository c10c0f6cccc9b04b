"""Explore in words: the filter as sentences and as an address, the answer as charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from urllib.parse import parse_qs, urlencode
from zoneinfo import ZoneInfo

import polars as pl

from analytics.charts.drawing import Drawing
from analytics.charts.investigating import series, shares
from analytics.charts.plots import bars
from analytics.statistics.exploration import COHORTS, SCORES, Choices, Filter, Look, span_of
from analytics.views.moments import exact, minute, short_day
from analytics.views.text import counted, listed, number, plain

# part of the filter → what it is called on the page, in the order of the filter bar
PARTS = {
    "kinds": "Kind",
    "clients": "Client",
    "networks": "Network",
    "services": "Service",
    "countries": "Country",
    "cohorts": "Account age",
    "scores": "Account score",
    "bands": "Proposed",
}
PANELS = {
    "service": "Service",
    "client": "Client",
    "network": "Network",
    "country": "Country",
    "kind": "Kind",
    "cohort": "Account age",
    "score": "Account score",
    "band": "Proposed",
}
PANEL_PARTS = dict(
    zip(("kind", "client", "network", "service", "country", "cohort", "score", "band"), PARTS, strict=True)
)
WORDS = {"keep": "keep", "review": "for review", "remove": "for removal", "like": "likes", "follow": "follows"}
WORDS |= {"comment": "comments", "unfollow": "unfollows", "none": "no service", "others": "all others"}
IDS = {"account_id": "Account", "target_id": "Served account", "group_id": "Group"}
_LONGEST_ID = 300
PAGE = 50
MOST_PAGES = 200
# Bars of one table.
TOP = 10
NO_NAMES: Mapping[str, str] = MappingProxyType({})
_SCALES = {
    name: {value: place for place, value in enumerate(values)}
    for name, values in (("cohort", COHORTS), ("score", SCORES), ("band", ("remove", "review", "keep")))
}
_CATCH_ALLS = ("all others", "no service", "unknown", "not scored")


def word(name: str, services: Mapping[str, str] = NO_NAMES) -> str:
    """Return a filter value as the page shows it."""
    return WORDS.get(name) or plain(services.get(name, name), 60)


def options(choices: Choices) -> dict[str, list[str]]:
    """Return what can be chosen in each part of the filter."""
    told = {}
    for part in PARTS:
        names = list(choices.names.get(part, ()))
        if part in ("clients", "networks", "countries"):
            names += ["others", "unknown"]
        told[part] = names
    return told


def moment_of(text: str | None) -> datetime | None:
    """Read a moment of the address; anything else is no moment (X-11)."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def days_shown(address: Mapping[str, str], choices: Choices) -> tuple[date, date]:
    """Return the first and the last day, UTC, of the span in the address; of the whole log where it names none."""
    span = span_of(Filter(since=moment_of(address.get("since")), until=moment_of(address.get("until"))), choices)
    return span.since.date(), (span.until - timedelta(microseconds=1)).date()


def of_days(first: date, last: date, choices: Choices) -> dict[str, str]:
    """Return the address of a span of whole days; the whole log needs none."""
    since, until = (datetime(one.year, one.month, one.day, tzinfo=UTC) for one in (first, last + timedelta(days=1)))
    if since <= choices.first and until >= choices.last:
        return {}
    return {"since": written(since), "until": written(until)}


def written(at: datetime) -> str:
    """Write a moment for the address."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M}"


def filter_of(
    parts: Mapping[str, Sequence[str]], address: Mapping[str, str], choices: Choices
) -> tuple[Filter, tuple[str, ...]]:
    """Build the filter from the widgets and the address; what is not understood is left out and said."""
    wrong = [f"{name} {plain(address[name], 40)}" for name in ("since", "until") if _is_wrong(address, name)]
    since, until = moment_of(address.get("since")), moment_of(address.get("until"))
    if since and until and until <= since:
        since = until = None
        wrong.append("a span that ends before it begins")
    known = options(choices)
    kept = {part: tuple(value for value in parts.get(part, ()) if value in known[part]) for part in PARTS}
    ids = {name: address.get(name, "")[:_LONGEST_ID] or None for name in IDS}
    told = Filter(
        since=since,
        until=until,
        kinds=kept["kinds"],
        clients=kept["clients"],
        networks=kept["networks"],
        countries=kept["countries"],
        services=kept["services"],
        bands=kept["bands"],
        cohorts=kept["cohorts"],
        scores=kept["scores"],
        group_id=ids["group_id"],
        account_id=ids["account_id"],
        target_id=ids["target_id"],
    )
    return told, tuple(f"Not understood and left out: {text}." for text in wrong)


def _is_wrong(address: Mapping[str, str], name: str) -> bool:
    return bool(address.get(name)) and moment_of(address[name]) is None


def narrowed(span: tuple[datetime, datetime], look: Look, zone: ZoneInfo) -> tuple[str, str]:
    """Return the address of a brushed span, widened to whole days or hours."""
    step = timedelta(hours=1) if look.is_hourly else timedelta(days=1)
    whose = zone if look.is_hourly else UTC
    first, last = (end.replace(tzinfo=whose).astimezone(UTC) for end in span)
    start = look.since + step * ((first - look.since) // step)
    end = look.since + step * -(-(last - look.since) // step)
    return written(max(start, look.since)), written(min(max(end, start + step), look.until))


def sentence(look: Look, zone: ZoneInfo) -> str:
    """Say what the filter found, beside the period before."""
    span = _span(look, zone)
    change = f" ({look.engagements - look.before:+,} on the period before)" if look.before else ""
    proposed = f"{look.proposed:,} of them proposed, by {counted(look.proposed_accounts, 'account')}"
    return f"{counted(look.engagements, 'engagement')} {span}{change}; {proposed}."


def _span(look: Look, zone: ZoneInfo) -> str:
    if look.is_hourly:
        return f"from {minute(look.since, zone)} to {minute(look.until, zone)}"
    return (
        f"from {short_day(look.since, ZoneInfo('UTC'))} to {short_day(look.until - timedelta(days=1), ZoneInfo('UTC'))}"
    )


def series_drawing(look: Look, zone: ZoneInfo) -> Drawing:
    return series(look.series, zone=zone, sentence=sentence(look, zone), is_hourly=look.is_hourly)


def panel_drawing(look: Look, dimension: str, services: Mapping[str, str] = NO_NAMES) -> Drawing:
    """Draw one table of the answer; what has no name of its own is said in the sentence, it would dwarf the rest."""
    told_names = {**{name: word(name, services) for name in services}, **WORDS} if dimension == "service" else WORDS
    rows = _in_order(look.panels[dimension], dimension).with_columns(pl.col("name").replace(told_names))
    named = rows.filter(~pl.col("name").is_in(_CATCH_ALLS))
    rest = [f"{row['name']} {row['engagements']:,}" for row in rows.iter_rows(named=True) if row["name"] in _CATCH_ALLS]
    most = named.sort("engagements", descending=True, maintain_order=True).row(0, named=True) if named.height else None
    parts = [f"Most: {most['name']}, {most['engagements']:,}" if most else "", *rest]
    told = "; ".join(part for part in parts if part) + "." if any(parts) else f"{PANELS[dimension]}: nothing."
    height = 56 + 22 * min(max(named.height, 2), TOP)
    drawn = shares(named, name=PANELS[dimension], sentence=told, height=height, most=TOP)
    return replace(drawn, rows=rows)


def panel_names(look: Look, dimension: str) -> list[str]:
    """Return the values behind the bars of a table, in their order, for a brush over them."""
    names = _in_order(look.panels[dimension], dimension).filter(~pl.col("name").replace(WORDS).is_in(_CATCH_ALLS))[
        "name"
    ]
    return names.head(TOP).to_list()


def _in_order(rows: pl.DataFrame, dimension: str) -> pl.DataFrame:
    """Put values that have an order of their own into it; the others stay as they come, the commonest first."""
    scale = _SCALES.get(dimension)
    return rows if scale is None else rows.sort(pl.col("name").replace_strict(scale, default=len(scale)))


def chosen_names(look: Look, dimension: str, indices: Sequence[int]) -> tuple[str, ...]:
    """Return what a brush over bars chose."""
    names = panel_names(look, dimension)
    return tuple(dict.fromkeys(names[place] for place in indices if 0 <= place < len(names)))


def probability_drawing(look: Look) -> Drawing:
    """Draw how sure the machine is of what it proposes here."""
    rows = look.probabilities.select(
        pl.format("{}", pl.col("from").round(2)).alias("From"), pl.col("engagements").alias("Engagements")
    )
    total = int(look.probabilities["engagements"].sum())
    sure = int(look.probabilities.filter(pl.col("from") >= 0.95)["engagements"].sum())
    told = f"{sure:,} of {total:,} proposed engagements are at 0.95 or more." if total else "Nothing is proposed here."
    return bars(rows, x="From", y="Engagements", titles=("Probability from", "Engagements"), sentence=told, height=200)


def list_rows(rows: pl.DataFrame, zone: ZoneInfo, services: Mapping[str, str] = NO_NAMES) -> pl.DataFrame:
    """Return one page of engagements as the table shows it."""
    return rows.select(
        pl.Series("When", [exact(at, zone) for at in rows["at"]], dtype=pl.String),
        pl.col("kind").alias("Kind"),
        pl.Series("Account", [plain(value, 60) for value in rows["actor_id"]], dtype=pl.String),
        pl.Series("Served account", [plain(value, 60) for value in rows["target_id"]], dtype=pl.String),
        pl.Series("Client", [plain(value, 60) for value in rows["client"]], dtype=pl.String),
        pl.format("AS{}", pl.col("asn")).alias("Network"),
        pl.col("country").alias("Country"),
        pl.Series("Service", [word(name, services) if name else None for name in rows["service_id"]], dtype=pl.String),
        pl.col("group_id").alias("Group"),
        pl.Series("Probability", [number(value, 3) for value in rows["p"]], dtype=pl.String),
        pl.col("band").replace(WORDS).alias("Proposed"),
        pl.col("why").alias("Evidence"),
    )


def said(wanted: Filter, zone: ZoneInfo, services: Mapping[str, str] = NO_NAMES) -> str:
    """Say the filter in words, for the head of the page."""
    told = [
        f"{title.lower()} {listed([word(name, services) for name in getattr(wanted, part)])}"
        for part, title in PARTS.items()
        if getattr(wanted, part)
    ]
    told += [
        f"{title.lower()} {plain(getattr(wanted, name), 40)}" for name, title in IDS.items() if getattr(wanted, name)
    ]
    if wanted.since or wanted.until:
        told.append(f"{minute(wanted.since, zone)} to {minute(wanted.until, zone)}")
    return " · ".join(told) if told else "everything"


def pages(look: Look) -> int:
    """Return how many pages the list has; nobody turns more than two hundred."""
    return max(1, min(-(-look.proposed // PAGE), MOST_PAGES))


def cut(look: Look) -> str:
    """Say that the list stops before its end; empty where it does not."""
    most = MOST_PAGES * PAGE
    if look.proposed <= most:
        return ""
    return f"The newest {most:,} of {look.proposed:,}; narrow the filter to see the others."


def address(parameters: Mapping[str, Sequence[str]]) -> str:
    """Write the parameters of an address as one line, without the page number."""
    return urlencode({name: values for name, values in sorted(parameters.items()) if name != "page"}, doseq=True)


def parameters(content: str) -> dict[str, list[str]]:
    """Read the parameters of a saved view; names the page does not know are dropped."""
    known = {*PARTS, *IDS, "since", "until"}
    return {name: values for name, values in parse_qs(content).items() if name in known}
