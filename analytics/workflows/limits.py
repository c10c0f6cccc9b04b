"""How much one person may do in an hour (T-02), counted in the ledger, in the command's own transaction."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, insert, select, update

from data.errors import ConfigError, ConflictError
from data.moments import micros
from data.tables import switches

FILE = Path(__file__).parent.parent.parent / "data" / "reference" / "limits.toml"
# How the names of the counters begin in the table of switches.
SPENT = "spent:"
_HOUR = 3_600_000_000


@cache
def limits() -> Mapping[str, int]:
    """Read what one person may do in an hour, by name."""
    told = tomllib.loads(FILE.read_text(encoding="utf-8"))["per_hour"]
    wrong = [name for name, value in told.items() if not isinstance(value, int) or value < 1]
    if wrong:
        raise ConfigError(f"{FILE.name}: {', '.join(wrong)} must be whole numbers above zero.", "Correct the file.")
    return dict(told)


def spend(connection: Connection, person_id: str, costs: Mapping[str, int], now: datetime) -> None:
    """Take what a command costs from what the person has left, or refuse the command."""
    for name, amount in costs.items():
        if amount:
            _take(connection, _row_name(name, person_id), name, amount, micros(now))


def _take(connection: Connection, row_name: str, name: str, amount: int, now: int) -> None:
    """Keep a bucket that fills evenly, one hour from empty to full."""
    per_hour = limits()[name]
    stored = connection.scalar(select(switches.c.value).where(switches.c.name == row_name))
    held = json.loads(stored) if stored else {"left": per_hour, "at": now}
    left = min(per_hour, held["left"] + per_hour * max(0, now - held["at"]) / _HOUR) - amount
    if left < 0:
        minutes = max(1, round(-left * 60 / per_hour))
        raise ConflictError(f"At most {per_hour:,} {name} an hour by one person.", f"Go on in {minutes} min.")
    told = {"value": json.dumps({"left": left, "at": max(now, held["at"])}), "updated_at": now}
    if stored is None:
        connection.execute(insert(switches).values(name=row_name, **told))
    else:
        connection.execute(update(switches).where(switches.c.name == row_name).values(told))


def _row_name(name: str, person_id: str) -> str:
    """Name the bucket without the person: the table of switches is read by monitoring."""
    return f"{SPENT}{hashlib.sha256(f'{name} {person_id}'.encode()).hexdigest()[:40]}"
