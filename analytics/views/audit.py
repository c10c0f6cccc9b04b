"""The audit page in words: what each row says, and how sure one can be that nobody changed it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import polars as pl

from analytics.views.moments import ago, exact, of_micros, second
from analytics.views.text import NOTHING, counted, plain
from analytics.views.words import REASONS, ROLES

# The worker anchors every five minutes; after this long without one somebody should look.
_LATE_ANCHOR = timedelta(minutes=15)
_REFUSED = ".refused"
_REASONS = {code.value: word for code, word in REASONS.items()}
_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")


class Row(Protocol):
    """One row of the chain."""

    @property
    def seq(self) -> int: ...
    @property
    def at(self) -> int: ...
    @property
    def actor_id(self) -> str: ...
    @property
    def actor_role(self) -> str: ...
    @property
    def verb(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def reason_code(self) -> str: ...
    @property
    def before(self) -> Mapping[str, Any]: ...
    @property
    def after(self) -> Mapping[str, Any]: ...
    @property
    def hash(self) -> str: ...


class Status(Protocol):
    """Where the chain ends and how far it is anchored."""

    @property
    def rows(self) -> int: ...
    @property
    def last_at(self) -> int | None: ...
    @property
    def anchored_seq(self) -> int | None: ...
    @property
    def anchored_at(self) -> int | None: ...


class Verified(Protocol):
    """What a check of the whole chain found."""

    @property
    def is_sound(self) -> bool: ...
    @property
    def sentence(self) -> str: ...
    @property
    def faults(self) -> tuple[str, ...]: ...
    @property
    def restores(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchoring:
    """How far the chain is written down outside the ledger, and whether that is far enough."""

    text: str
    is_late: bool


def facts(status: Status) -> str:
    return counted(status.rows, "row")


def anchoring(status: Status, now: datetime) -> Anchoring:
    """Say how old the anchor is and how many rows came after it."""
    open_rows = status.rows - (status.anchored_seq or 0)
    if not status.anchored_seq:
        last = of_micros(status.last_at)
        is_late = last is not None and now - last > _LATE_ANCHOR
        return Anchoring(text="Not anchored yet; the worker does it within five minutes.", is_late=is_late)
    at = of_micros(status.anchored_at)
    told = f"Anchored up to row {status.anchored_seq:,}, {ago(at, now)}"
    is_late = open_rows > 0 and at is not None and now - at > _LATE_ANCHOR
    return Anchoring(text=f"{told}; {counted(open_rows, 'row')} since." if open_rows else f"{told}.", is_late=is_late)


def findings(report: Verified, most: int = 20) -> list[str]:
    """List what a check found, its first lines."""
    lines = [plain(fault, 400) for fault in report.faults[:most]]
    if len(report.faults) > most:
        lines.append(f"And {len(report.faults) - most:,} more.")
    if report.restores:
        lines.append(f"The ledger was put back from a copy {counted(report.restores, 'time')}.")
    return lines


def verb(name: str) -> str:
    """Write `ChangeRoles.refused` as `Change roles, refused`."""
    words = _WORD.sub(" ", name.removesuffix(_REFUSED)).lower().capitalize()
    return f"{words}, refused" if name.endswith(_REFUSED) else words


def rows(found: Sequence[Row], names: Mapping[str, str], now: datetime, zone: ZoneInfo) -> pl.DataFrame:
    """Return rows for the table, every cell as literal text."""
    columns = ("Row", "When", "Who", "As", "What", "About", "Reason")
    told = [
        (
            row.seq,
            second(of_micros(row.at), zone, now),
            plain(names.get(row.actor_id, row.actor_id), 60),
            roles(row.actor_role),
            verb(row.verb),
            plain(row.subject, 80),
            _reason(row),
        )
        for row in found
    ]
    return pl.DataFrame(told, schema=dict.fromkeys(columns, pl.String) | {"Row": pl.Int64}, orient="row")


def _reason(row: Row) -> str:
    """Say why, in the words the person read: a refusal keeps its sentence, anything else the code of its reason."""
    said = row.after.get("message") if row.verb.endswith(_REFUSED) else None
    return plain(str(said or _REASONS.get(row.reason_code, row.reason_code)), 120) or NOTHING


def roles(written: str) -> str:
    """Write stored roles in words; what is no role stays as it is."""
    words = {role.value: word for role, word in ROLES.items()}
    return ", ".join(words.get(one, plain(one, 40)) for one in written.split(",") if one) or NOTHING


def title(row: Row, names: Mapping[str, str]) -> str:
    return f"Row {row.seq:,}: {verb(row.verb)}, {plain(names.get(row.actor_id, row.actor_id), 60)}"


def details(row: Row, zone: ZoneInfo) -> list[tuple[str, str]]:
    """List everything a row says, as literal text."""
    told = [
        ("Time", exact(of_micros(row.at), zone)),
        ("About", plain(row.subject, 300)),
        ("Before", _json(row.before)),
        ("After", _json(row.after)),
        ("Hash", row.hash),
    ]
    return [(name, text) for name, text in told if text]


def _json(value: Mapping[str, Any]) -> str:
    return plain(json.dumps(value, ensure_ascii=False, sort_keys=True), 2_000) if value else ""
