"""Scores of one log's engagements, sessions and accounts from described rows and a bundle of models."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from analytics.detection.bands import Evidence, Thresholds, bands
from analytics.detection.calibration import Floats, sigmoid
from analytics.detection.mixture import Rows, dense, mix
from analytics.detection.models import ENGAGEMENT, Bundle, Matrix
from data.records import Family

SOURCE = ("client_key", "asn")
FAMILY_OF = {"infrastructure": Family.INFRASTRUCTURE, "graph": Family.GRAPH, "rhythm": Family.RHYTHM}


def matrix_of(frame: pl.DataFrame, names: list[str]) -> Matrix:
    """The features in the model's order; one that the log cannot give is unknown in every row."""
    present = set(frame.columns)
    columns = [
        pl.col(name).cast(pl.Float32) if name in present else pl.lit(None, pl.Float32).alias(name) for name in names
    ]
    if frame.is_empty():
        return np.zeros((0, len(names)), dtype=np.float32)
    return np.ascontiguousarray(frame.select(columns).with_columns(pl.all().fill_null(float("nan"))).to_numpy())


def positions(frame: pl.DataFrame) -> Rows:
    """Dense positions of session, source and account."""
    account = frame["account_key"].cast(pl.Int64).to_numpy()
    place = [frame[column].cast(pl.Int64).fill_null(-1).to_numpy() for column in SOURCE]
    session = frame["session_key"].cast(pl.Int64).to_numpy()
    return Rows(dense(session), dense(account, *place), dense(account))


@dataclass(frozen=True, slots=True)
class Scored:
    probability: Floats
    session_probability: Floats
    families: np.ndarray[tuple[int], np.dtype[np.uint8]]


def score_engagements(frame: pl.DataFrame, bundle: Bundle, thresholds: Thresholds, *, is_poor: bool) -> Scored:
    """Calibrated probability of each engagement and session, and the families that speak for it."""
    if frame.is_empty():
        return Scored(np.zeros(0), np.zeros(0), np.zeros(0, dtype=np.uint8))
    matrix = matrix_of(frame, bundle.features(ENGAGEMENT))
    rows = positions(frame)
    posterior = mix(bundle.log_odds(ENGAGEMENT, matrix), rows, bundle.base)
    curve = bundle.calibrators["poor" if is_poor else "rich"]
    families = families_of(frame, bundle, thresholds, is_poor=is_poor)
    told = curve(posterior.engagement)
    told = np.where(families > 0, told, np.minimum(told, thresholds.no_evidence_cap))
    return Scored(told, curve(posterior.session)[rows.session], families)


def families_of(
    frame: pl.DataFrame, bundle: Bundle, thresholds: Thresholds, *, is_poor: bool
) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    """Which families speak for each engagement by themselves, each judged by a model that sees nothing else."""
    told = np.zeros(len(frame), dtype=np.uint8)
    level = thresholds.family_p_poor if is_poor else thresholds.family_p
    for name, family in FAMILY_OF.items():
        if name not in bundle.boosters:
            continue
        matrix = matrix_of(frame, bundle.features(name))
        if np.isnan(matrix).all():
            continue
        curve = bundle.calibrators[f"{name}.{'poor' if is_poor else 'rich'}"]
        told |= np.where(curve(bundle.log_odds(name, matrix)) >= level, np.uint8(family), np.uint8(0))
    return _tested_graph(frame, told)


def _tested_graph(
    frame: pl.DataFrame, families: np.ndarray[tuple[int], np.dtype[np.uint8]]
) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    """The graph speaks only where a group passed its test; without one the bit is taken back."""
    if "lockstep_strength" not in frame.columns:
        return families & ~np.uint8(Family.GRAPH)
    grouped = (
        frame["in_group"].fill_null(value=False).to_numpy()
        if "in_group" in frame.columns
        else np.zeros(len(frame), dtype=bool)
    )
    return np.where(grouped, families, families & ~np.uint8(Family.GRAPH)).astype(np.uint8)


def band_engagements(
    frame: pl.DataFrame, scored: Scored, thresholds: Thresholds, *, is_poor: bool
) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    none = np.zeros(len(frame), dtype=bool)
    tested = frame["is_tested"].fill_null(value=False).to_numpy() if "is_tested" in frame.columns else none
    kept = frame["is_kept"].fill_null(value=False).to_numpy() if "is_kept" in frame.columns else none
    kinds = frame["kind"].cast(pl.Int64).to_numpy()
    return bands(scored.probability, kinds, Evidence(scored.families, tested, kept), thresholds, is_poor=is_poor)


def neutral(log_odds: Floats) -> Floats:
    return sigmoid(log_odds)
