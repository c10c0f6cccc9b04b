"""An account is a mixture: its owner's sessions and, perhaps, a service's. Sessions of one source share their evidence.

A session's engagements inherit its posterior; an engagement whose own evidence differs moves away from it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.detection.calibration import Floats, Integers, logit, sigmoid

ROUNDS = 4
# How far a source's share pulls its sessions, in units of log-odds per log-odds.
PULL = 0.5
# Engagements' worth of the account's own mean that a source starts from.
PRIOR_WEIGHT = 10.0
# How much of an engagement's difference from its session stays.
OWN_WEIGHT = 0.7


@dataclass(frozen=True, slots=True)
class Rows:
    """Engagements in one order: the session, source and account of each as dense positions from 0."""

    session: Integers
    source: Integers
    account: Integers


@dataclass(frozen=True, slots=True)
class Posterior:
    engagement: Floats
    session: Floats


def mix(log_odds: Floats, rows: Rows, base: float) -> Posterior:
    """Posterior log-odds per engagement and per session, by a few rounds of expectation and maximisation."""
    sizes = _sum(np.ones_like(log_odds), rows.session)
    level = _sum(log_odds, rows.session) / np.maximum(sizes, 1)
    session_source = _first(rows.source, rows.session, len(sizes))
    session_account = _first(rows.account, rows.session, len(sizes))
    posterior = sigmoid(level)
    for _ in range(ROUNDS):
        share = _source_share(posterior, sizes, session_source, session_account)
        posterior = sigmoid(level + PULL * (logit(share) - base)[session_source])
    settled = logit(posterior)
    own = settled[rows.session] + OWN_WEIGHT * (log_odds - level[rows.session])
    return Posterior(own, settled)


def _source_share(posterior: Floats, sizes: Floats, source: Integers, account: Integers) -> Floats:
    """The share of a source's engagements that a service made, shrunk towards its account's share."""
    of_account = _sum(posterior * sizes, account) / np.maximum(_sum(sizes, account), 1)
    source_account = _first(account, source, int(source.max(initial=-1)) + 1)
    made, total = _sum(posterior * sizes, source), _sum(sizes, source)
    shrunk: Floats = (made + PRIOR_WEIGHT * of_account[source_account]) / (total + PRIOR_WEIGHT)
    return shrunk


def _sum(values: Floats, places: Integers) -> Floats:
    told: Floats = np.bincount(places, weights=values, minlength=int(places.max(initial=-1)) + 1).astype(np.float64)
    return told


def _first(values: Integers, places: Integers, size: int) -> Integers:
    found = np.zeros(size, dtype=np.int64)
    found[places[::-1]] = values[::-1]
    return found


def dense(*columns: npt.NDArray[np.int64]) -> Integers:
    """A position from 0 for each distinct combination, in the order of the combinations.

    Column by column: sorting numbers is several times faster than sorting rows of them.
    """
    told = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        values, place = np.unique(column, return_inverse=True)
        told = np.unique(told * max(len(values), 1) + place, return_inverse=True)[1].astype(np.int64)
    return told
