"""Scores of one log's engagements, sessions and accounts from described rows and a bundle of models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from analytics.detection.bands import Evidence, Flags, Thresholds, Truths, bands
from analytics.detection.calibration import Calibrator, Floats
from analytics.detection.hearsay import is_heard
from analytics.detection.keeps import at_home, by_helper, kept_rows
from analytics.detection.mixture import Rows, dense, mix
from analytics.detection.models import ENGAGEMENT, HEARSAY, Bundle, Matrix
from data.records import Family

EVEN = 0.5
# The model that sees nothing but places, and by how much less it counts than the one that sees everything (log-odds).
PLACES, RESERVE = "infrastructure", 3.0
SOURCE = ("client_key", "asn")
FAMILY_OF = {"infrastructure": Family.INFRASTRUCTURE, "graph": Family.GRAPH, "rhythm": Family.RHYTHM}


def matrix_of(frame: pl.DataFrame, names: list[str]) -> Matrix:
    """The features in the model's order; one that the log cannot give is unknown in every row."""
    present = set(frame.columns)
    known = [name for name in names if name in present]
    # Feature by feature in memory, as the frame has it: turning it round costs as much as asking the trees.
    there: Matrix = frame.select(pl.col(known).cast(pl.Float32).fill_null(float("nan"))).to_numpy(order="fortran")
    if len(known) == len(names):
        return there
    told: Matrix = np.full((len(frame), len(names)), np.nan, dtype=np.float32, order="F")
    if known:
        told[:, [name in present for name in names]] = there
    return told


def positions(frame: pl.DataFrame) -> Rows:
    """Dense positions of session, source and account."""
    account = frame["account_key"].cast(pl.Int64).to_numpy()
    place = [frame[column].cast(pl.Int64).fill_null(-1).to_numpy() for column in SOURCE]
    session = frame["session_key"].cast(pl.Int64).to_numpy()
    return Rows(dense(session), dense(account, *place), dense(account))


@dataclass(frozen=True, slots=True)
class Scored:
    """One entry per engagement. `kept`: stays whatever its probability."""

    probability: Floats
    session_probability: Floats
    families: Flags
    kept: Truths


def score_engagements(
    frame: pl.DataFrame, bundle: Bundle, thresholds: Thresholds, *, is_poor: bool, alone: Floats | None = None
) -> Scored:
    """Calibrated probability of each engagement and session, the families that speak for it, and what stays anyway.

    `alone`: the log-odds of each engagement by itself, where they are known already.
    """
    if frame.is_empty():
        none = np.zeros(0)
        return Scored(none, none, np.zeros(0, dtype=np.uint8), np.zeros(0, dtype=bool))
    rows = positions(frame)
    odds = by_itself(frame, bundle) if alone is None else alone
    posterior = mix(odds + by_hearsay(frame, bundle, is_poor=is_poor), rows, bundle.base)
    families = families_of(frame, bundle, thresholds, is_poor=is_poor)
    poor, home = np.full(len(frame), is_poor), at_home(frame)
    told = calibrated(posterior.engagement, bundle.calibrators, poor, home)
    session = calibrated(posterior.session[rows.session], bundle.calibrators, poor, home)
    scored = Scored(told, session, families, np.zeros(len(frame), dtype=bool))
    return settled(frame, scored, thresholds.no_evidence_cap, is_poor=poor, lockstep_p=thresholds.lockstep_p_value)


def by_itself(frame: pl.DataFrame, bundle: Bundle) -> Floats:
    """Log-odds of each engagement by itself."""
    odds = bundle.log_odds(ENGAGEMENT, matrix_of(frame, bundle.features(ENGAGEMENT)))
    if PLACES not in bundle.boosters:
        return odds
    matrix = matrix_of(frame, bundle.features(PLACES))
    return odds if np.isnan(matrix).all() else with_places(odds, bundle.log_odds(PLACES, matrix))


def with_places(odds: Floats, places: Floats) -> Floats:
    """Log-odds in which places have a voice of their own.

    A model of everything learns that what is bought goes to a seller's list of customers, and calls genuine whatever
    goes elsewhere. A trade that no lesson held may sell otherwise, but it comes from somewhere, too.
    """
    told: Floats = np.maximum(odds, places - RESERVE)
    return told


def by_hearsay(frame: pl.DataFrame, bundle: Bundle, *, is_poor: bool) -> Floats:
    """What is added for what is heard of others: nothing without places, or by a model that does not listen."""
    if is_poor or not bundle.hears or not is_heard(frame):
        return np.zeros(len(frame))
    return bundle.log_odds(HEARSAY, matrix_of(frame, bundle.features(HEARSAY)))


def calibrated(scores: Floats, curves: Mapping[str, Calibrator], is_poor: Truths, home: Truths) -> Floats:
    """Each row through the curve of its kind: from the owner's own place less is certain, without places least."""
    told: Floats = np.where(home, curves.get("home", curves["rich"])(scores), curves["rich"](scores))
    return np.where(is_poor, curves["poor"](scores), told)


def settled(frame: pl.DataFrame, scored: Scored, cap: float, *, is_poor: Truths, lockstep_p: float) -> Scored:
    """Decide the hard keeps; what a helper did, or no group explains in a poor log, gets a small probability at most.

    Where nothing is known of places only a group is evidence: a busy person's rhythm is nobody's business. A group that
    chance excludes there is at least an even question, which a person answers.
    """
    grouped = is_poor & (_strength(frame) >= -np.log10(lockstep_p))
    said = np.where(grouped, scored.families | np.uint8(Family.GRAPH), scored.families)
    speaks = np.where(is_poor, said & np.uint8(Family.GRAPH), said)
    families = np.where(speaks > 0, said, np.uint8(0)).astype(np.uint8)
    told = np.where(grouped, np.maximum(scored.probability, EVEN), scored.probability)
    held = by_helper(frame) | (is_poor & (families == 0))
    told = np.where(held, np.minimum(told, cap), told)
    kept = kept_rows(frame, scored.session_probability, families)
    return Scored(told, scored.session_probability, families, kept)


def families_of(frame: pl.DataFrame, bundle: Bundle, thresholds: Thresholds, *, is_poor: bool) -> Flags:
    """Which families speak for each engagement by themselves, each judged by a model that sees nothing else."""
    said: dict[str, Floats] = {}
    for name in FAMILY_OF:
        if name not in bundle.boosters:
            continue
        matrix = matrix_of(frame, bundle.features(name))
        if not np.isnan(matrix).all():
            curve = bundle.calibrators[f"{name}.{'poor' if is_poor else 'rich'}"]
            said[name] = curve(bundle.log_odds(name, matrix))
    return speaking(frame, said, thresholds.family_p_poor if is_poor else thresholds.family_p)


def speaking(frame: pl.DataFrame, said: Mapping[str, Floats], level: float) -> Flags:
    """The families whose own probability reaches the level.

    The graph speaks only where a group was found, always where one was tested; places never against the owner's own.
    """
    told = np.zeros(len(frame), dtype=np.uint8)
    for name, probability in said.items():
        told |= np.where(probability >= level, np.uint8(FAMILY_OF[name]), np.uint8(0))
    graph, place = np.uint8(Family.GRAPH), np.uint8(Family.INFRASTRUCTURE)
    told = np.where(_truths(frame, "in_group"), told, told & ~graph)
    told = np.where(_truths(frame, "is_tested"), told | graph, told)
    return np.where(at_home(frame), told & ~place, told).astype(np.uint8)


def _strength(frame: pl.DataFrame) -> Floats:
    """Powers of ten by which chance is excluded for the group around each engagement."""
    if "lockstep_strength" not in frame.columns:
        return np.zeros(len(frame))
    told: Floats = frame["lockstep_strength"].cast(pl.Float64).fill_null(0.0).to_numpy()
    return told


def _truths(frame: pl.DataFrame, name: str) -> Truths:
    if name not in frame.columns:
        return np.zeros(len(frame), dtype=bool)
    return frame[name].fill_null(value=False).to_numpy()


def band_engagements(frame: pl.DataFrame, scored: Scored, thresholds: Thresholds, *, is_poor: bool) -> Flags:
    kinds = frame["kind"].cast(pl.Int64).to_numpy()
    evidence = Evidence(scored.families, _truths(frame, "is_tested"), scored.kept)
    return bands(scored.probability, kinds, evidence, thresholds, is_poor=is_poor)
