"""Hard keeps: what no probability may take from an owner.

What a declared helper did, what was done before anybody else was in the account, and what came from the owner's own
device without a machine's rhythm or company.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from analytics.detection.bands import Flags, Truths
from analytics.detection.calibration import Floats
from data.records import Family

# A place is a helper's office from this share of accounts that declared help, and their own from this share.
OFFICE, OWN_HELPER = 0.5, 0.3
# A session this likely is a service's.
SERVICE_SESSION = 0.5
# The owner's own device: on it for this share of the account's active days, from its first days on, with no more
# accounts than a household has; a client on a network, where no device is known, for this share of the days.
OWN_DAYS_SHARE, OWN_LATE_DAYS, HOUSEHOLD, OWN_ROUTE_SHARE = 0.3, 2.0, 5, 0.5
# A client on a network with so many times the accounts that both make one expect is nobody's home.
CROWDED = 3.0
COMPANY = int(Family.RHYTHM | Family.GRAPH)


def kept_rows(frame: pl.DataFrame, session_p: Floats, families: Flags) -> Truths:
    """Which engagements stay whatever their probability. `frame`: described rows with `at` and `account_key`."""
    told: Truths = by_helper(frame) | before_service(frame, session_p) | on_own_device(frame, families)
    return told


def by_helper(frame: pl.DataFrame) -> Truths:
    """Acts of a partner's client, or from where accounts that declared help are at home."""
    office = _most(frame, ("route_declared", "prefix_declared"))
    declared = _column(frame, "account_is_delegated") > 0
    partner = _column(frame, "is_partner") > 0
    unplaced = np.isnan(office)
    told: Truths = partner | (office >= OFFICE) | (declared & (unplaced | (office >= OWN_HELPER)))
    return told


def before_service(frame: pl.DataFrame, session_p: Floats) -> Truths:
    """Acts of unsuspected sessions before the account's first session that looks like a service's."""
    if "at" not in frame.columns or frame.is_empty():
        return np.zeros(len(frame), dtype=bool)
    suspect = pl.Series("suspect", session_p >= SERVICE_SESSION)
    first = (
        frame.select("account_key", "at", suspect)
        .with_columns(first=pl.col("at").filter(pl.col("suspect")).min().over("account_key"))
        .select((pl.col("first").is_null() | (pl.col("at") < pl.col("first"))) & ~pl.col("suspect"))
    )
    return first.to_series().to_numpy()


def on_own_device(frame: pl.DataFrame, families: Flags) -> Truths:
    """Acts from the owner's own place, without a machine's rhythm and without company."""
    told: Truths = at_home(frame) & ((families & COMPANY) == 0)
    return told


def at_home(frame: pl.DataFrame) -> Truths:
    """Acts from a device of the account's first days that is nobody else's; without devices, from its usual route.

    A service that was there before the log began has a device of the first days, too; but not from a place that far
    more accounts share than its client and its network make one expect.
    """
    share, late = _column(frame, "device_days_share"), _column(frame, "device_late_days")
    device: Truths = (share >= OWN_DAYS_SHARE) & (late <= OWN_LATE_DAYS)
    device &= _column(frame, "device_accounts") <= HOUSEHOLD
    usual, since = _column(frame, "route_days_share"), _column(frame, "route_late_days")
    route: Truths = np.isnan(share) & (usual >= OWN_ROUTE_SHARE) & (since <= OWN_LATE_DAYS)
    crowded: Truths = _column(frame, "route_crowding") >= CROWDED
    return (device | route) & ~crowded


def _column(frame: pl.DataFrame, name: str) -> Floats:
    """A column as numbers; one that the log has not is unknown in every row."""
    if name not in frame.columns:
        return np.full(len(frame), np.nan)
    told: Floats = frame[name].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    return told


def _most(frame: pl.DataFrame, names: tuple[str, ...]) -> Floats:
    columns = [_column(frame, name) for name in names]
    told: Floats = np.fmax(columns[0], columns[1])
    return told
