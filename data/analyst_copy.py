"""The copy of a run that analysts may query: pseudonyms for ids, marks for networks and devices, no text, no handles.

The sandbox around a query protects the machine; this file's contents protect the people (D.3, D.5).
"""

from __future__ import annotations

import base64
import hmac
from pathlib import Path

import polars as pl

from data.sidecars import Building, build

TABLES = frozenset(
    {"accounts", "engagements", "logins", "sessions", "services", "service_members", "groups", "group_members"}
)
STEPS = ("accounts", "engagements", "logins", "sessions", "services", "service_members", "groups", "group_members")
# 55 bits: no two of ten million accounts share one, and the engine keeps such short texts in place.
_LETTERS = 11
_SLICE = 500_000
_PREFIXES = {"account": "a", "prefix": "n", "device": "d"}


def pseudonym(key: bytes, account_id: str, domain: str = "account") -> str:
    """Return the name under which an id appears in the copy; without the key nobody can tell or test whose it is."""
    digest = hmac.digest(key, f"{domain}:{account_id}".encode(), "sha256")
    return _PREFIXES[domain] + base64.b32encode(digest[:8]).decode()[:_LETTERS].lower()


def build_copy(path: Path, snapshot: Path, run: Path, key: bytes) -> Path:
    """Build the copy of one run."""

    def steps(building: Building) -> None:
        _keep_pseudonyms(building, key)
        _keep_marks(building, key)
        for name in STEPS:
            building.step(f"analyst_build_{name}")

    return build(path, "analyst", snapshot, run, steps)


def _keep_pseudonyms(building: Building, key: bytes) -> None:
    first = 0
    while (ids := building.rows("analyst_ids", {"first": first, "last": first + _SLICE})).height or first == 0:
        names = [pseudonym(key, account_id) for account_id in ids["account_id"]]
        told = ids.select("account_key").with_columns(pl.Series("pseudonym", names, dtype=pl.String))
        building.keep("pseudonyms", told)
        first += _SLICE


def _keep_marks(building: Building, key: bytes) -> None:
    places = building.rows("analyst_places")
    names = [pseudonym(key, name, domain) for domain, name in places.select("domain", "name").iter_rows()]
    building.keep("marks", places.select("domain", "key").with_columns(pl.Series("mark", names, dtype=pl.String)))
