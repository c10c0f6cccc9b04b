"""What a reviewer sees of one account, frozen when its case is opened: canonical text, rows, and a hash over both.

Nothing here names the account's handle: names of people under review live where they can be erased.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from typing import Any

import polars as pl
import rfc8785

from data.moments import micros, of_micros
from data.records import Contribution, Direction, Evidence, Kind, Mark, Strength

# Stands where there is no explanation to draw: nothing adds up to it.
NO_EXPLANATION = math.inf
_KINDS = {str(code): kind.value for code, kind in enumerate(Kind)}
# One word each: a table row has room for three; WHY_IN_WORDS in analytics/views/engagements.py says what they mean.
_WHY = {"infrastructure": "place", "graph": "group", "rhythm": "rhythm", "kept": ""}
ENGAGEMENTS: Mapping[str, pl.DataType] = {
    "engagement_id": pl.String(),
    "kind": pl.String(),
    "target_id": pl.String(),
    "target_handle": pl.String(),
    "at": pl.Datetime("us", "UTC"),
    "client": pl.String(),
    "source": pl.String(),
    "p": pl.Float64(),
    "band": pl.Int64(),
    "families": pl.Int64(),
    "why": pl.String(),
    "group_id": pl.String(),
    "service_id": pl.String(),
    "text": pl.String(),
    # Part of a follow that was undone within four days; done from a place first used a day or more after the first act.
    "is_taken_back": pl.Boolean(),
    "is_new_place": pl.Boolean(),
}
ACTIVITY: Mapping[str, pl.DataType] = {
    "hour": pl.Datetime("us", "UTC"),
    "source": pl.String(),
    "kind": pl.String(),
    "client": pl.String(),
    "engagements": pl.Int64(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Everything about one account that its case keeps, beside the rows."""

    account: Mapping[str, Any]  # Any: numbers, texts and moments by name
    evidence: Sequence[Evidence]
    contributions: Sequence[Contribution]
    base: float
    raw_score: float
    marks: Sequence[Mark]
    missing: Sequence[str]
    service_name: str | None
    since: datetime | None
    left_out: int
    score: float
    run_id: str
    snapshot_id: str
    model_version: str
    model_hash: str
    policy_version: str
    # Whether an earlier confirmation stands: `since` is then the first day of what is new.
    is_again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """A case file as it is stored."""

    content: str
    engagements: bytes
    activity: bytes
    content_hash: str


def freeze(seen: Seen, engagements: pl.DataFrame, activity: pl.DataFrame) -> Frozen:
    """Write the file once; the same facts always give the same hash."""
    content = rfc8785.dumps(_plain(seen)).decode()
    rows, hours = parquet(engagements), parquet(activity)
    digest = hashlib.sha256(content.encode())
    for part in (rows, hours):
        digest.update(hashlib.sha256(part).digest())
    return Frozen(content=content, engagements=rows, activity=hours, content_hash=digest.hexdigest())


def thaw(content: str) -> Seen:
    """Read the text of a file back."""
    told = json.loads(content)
    created = told["account"].get("created_at")
    return Seen(
        **told
        | {
            "account": told["account"] | {"created_at": _moment(created)},
            "evidence": tuple(_evidence(one) for one in told["evidence"]),
            "contributions": tuple(Contribution(**one) for one in told["contributions"]),
            "raw_score": NO_EXPLANATION if told["raw_score"] is None else told["raw_score"],
            "marks": tuple(Mark(**one | {"at": _moment(one["at"])}) for one in told["marks"]),
            "since": _moment(told["since"]),
        }
    )


def evidence_rows(rows: pl.DataFrame) -> tuple[Evidence, ...]:
    """Return the run's reasons as records; kinds become the words that the rows of a case carry."""
    return tuple(
        Evidence(
            evidence_id=f"e{row['position']}",
            direction=Direction(row["direction"]),
            strength=Strength(row["strength"]),
            reason=row["reason"],
            sentence=row["sentence"],
            value=_finite(row["value"]),
            usual=_finite(row["usual"]),
            contribution=_finite(row["contribution"]),
            **_behind(row["engagement_filter"]),
        )
        for row in rows.iter_rows(named=True)
    )


def engagement_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the warehouse's rows in the words and columns of a case."""
    why = pl.col("why").fill_null("").str.split("+").list.eval(pl.element().replace(_WHY)).list.join(", ")
    return rows.select(
        {"kind": _kind(), "at": pl.from_epoch("at", "us").dt.replace_time_zone("UTC"), "why": why}.get(
            name, pl.col(name)
        )
        .cast(kind)
        .alias(name)
        for name, kind in ENGAGEMENTS.items()
    )


def activity_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the hours of an account in the words and columns of a case."""
    return rows.select(
        {"kind": _kind(), "hour": pl.from_epoch("hour", "us").dt.replace_time_zone("UTC")}.get(name, pl.col(name))
        .cast(kind)
        .alias(name)
        for name, kind in ACTIVITY.items()
    )


def parquet(rows: pl.DataFrame) -> bytes:
    sink = io.BytesIO()
    rows.write_parquet(sink, compression="zstd", statistics=False)
    return sink.getvalue()


def opened(body: bytes) -> pl.DataFrame:
    return pl.read_parquet(io.BytesIO(body))


def counts(rows: pl.DataFrame) -> dict[str, int]:
    """Count rows by kind, as `counts_of` does."""
    return counts_of(rows["kind"].to_list())


def counts_of(kinds: Iterable[str]) -> dict[str, int]:
    """Count kinds in a fixed order; unfollows give nothing to anybody and are left out."""
    found = Counter(kinds)
    return {kind.value: found[kind.value] for kind in (Kind.LIKE, Kind.FOLLOW, Kind.COMMENT) if kind.value in found}


def _kind() -> pl.Expr:
    return pl.col("kind").cast(pl.String).replace(_KINDS)


def _behind(text: str | None) -> dict[str, Any]:
    """Return which rows a sentence opens, and how many it counts."""
    told = json.loads(text) if text else {}
    counted = told.pop("counted", None)
    if "kind" in told:
        told["kind"] = [_KINDS.get(code, code) for code in told["kind"]]
    return {"engagements": told, "counted": None if counted is None else int(counted)}


def _evidence(told: Mapping[str, Any]) -> Evidence:
    return Evidence(**{**told, "direction": Direction(told["direction"]), "strength": Strength(told["strength"])})


def _plain(value: Any) -> Any:  # Any: a record, or anything it holds
    """Bring a record down to JSON: moments become microseconds, what is not finite becomes null."""
    if is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, datetime):
        return micros(value)
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return _finite(value) if isinstance(value, float) else value


def _finite(value: float | None) -> float | None:
    return value if value is None or math.isfinite(value) else None


def _moment(value: int | None) -> datetime | None:
    return None if value is None else of_micros(value)
