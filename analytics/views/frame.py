"""What stands on every page: how fresh its data is, and what the last command did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from analytics.views.moments import exact, minute
from data.records import Receipt, RunInfo, SnapshotInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """One line: how far the log reaches and when the ledger was read; when the log was loaded is said on hover."""

    text: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What the last command did, or why it was refused."""

    message: str
    hint: str = ""
    is_refusal: bool = False


def freshness(snapshot: SnapshotInfo | None, run: RunInfo | None, now: datetime, zone: ZoneInfo) -> Freshness:
    """Say how old the log and the detection are; the ledger is always read now."""
    if snapshot is None:
        return Freshness(text="no log loaded", detail="Load one with `python -m analytics ingest PATH`.")
    parts = [f"log loaded {exact(snapshot.created_at, zone)}, reaching to {exact(snapshot.last_at, zone)}"]
    if run is not None:
        parts.append(f"detection {exact(run.created_at, zone)} with model {run.model_version}")
    parts.append(f"decisions as of {exact(now, zone)}")
    text = f"log reaches to {minute(snapshot.last_at, zone)} · now {now.astimezone(zone):%H:%M}"
    return Freshness(text=text, detail="; ".join(parts) + ".")


def told(receipt: Receipt) -> Notice:
    """Return what a command did, in its own words."""
    again = " It was already done; nothing was done twice." if receipt.repeated else ""
    return Notice(message=receipt.message + again)
