"""From probability and evidence to what is proposed: remove, review or keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import scipy  # its parts load when first used: no start of the pages waits for them

from analytics.detection.calibration import Floats, Integers
from data.records import Band, Family

Flags = npt.NDArray[np.uint8]
Truths = npt.NDArray[np.bool_]
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The smallest probability of each band by kind, and how much each family must say to count."""

    remove: Mapping[int, float]
    review: Mapping[int, float]
    family_p: float
    family_p_poor: float
    lockstep_p_value: float
    no_evidence_cap: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for each engagement, family by family."""

    families: Flags
    # Lockstep that passed its test, as against a burst or a dense circle alone.
    is_tested: Truths
    is_kept: Truths


def bands(
    probabilities: Floats, kinds: Integers, evidence: Evidence, thresholds: Thresholds, *, is_poor: bool
) -> Flags:
    """Two families and the kind's threshold remove; one family and an even chance is for a person; the rest stays."""
    families, free = evidence.families, ~evidence.is_kept
    goes = is_removable(families, evidence.is_tested, is_poor=is_poor)
    goes &= (probabilities >= by_kind(thresholds.remove, kinds)) & free
    told = np.full(len(probabilities), int(Band.KEEP), dtype=np.uint8)
    told[(families > 0) & (probabilities >= by_kind(thresholds.review, kinds)) & free] = int(Band.REVIEW)
    told[goes] = int(Band.REMOVE)
    return told


def is_removable(families: Flags, is_tested: Truths, *, is_poor: bool) -> Truths:
    """Two families, one of them a place or a tested group: a burst is what a crowd makes too."""
    placed = (families & Family.INFRASTRUCTURE) > 0
    supported = is_tested if is_poor else (placed | is_tested)
    told: Truths = (np.bitwise_count(families) >= 2) & supported
    return told


def certified(thresholds: Thresholds, levels: Mapping[str, float]) -> Thresholds:
    """Raise the reviewed levels of removal to what the model's own test on unseen sellers asks for."""
    raised = {kind: max(level, levels.get(str(kind), 1.1)) for kind, level in thresholds.remove.items()}
    return replace(thresholds, remove=raised)


def by_kind(levels: Mapping[int, float], kinds: Integers) -> Floats:
    table = np.array([levels.get(kind, 1.1) for kind in range(4)], dtype=np.float64)
    told: Floats = table[kinds]
    return told


def upper_bound(wrong: float, total: float, confidence: float = CONFIDENCE) -> float:
    """One-sided Clopper-Pearson bound on a share."""
    if total <= 0:
        return 1.0
    return float(scipy.special.betaincinv(wrong + 1, max(total - wrong, 1e-9), confidence)) if wrong < total else 1.0


def clustered_upper_bound(genuine: Truths, accounts: Integers) -> float:
    """The bound with accounts as clusters: engagements of one account count as far as they differ from each other."""
    total, wrong = len(genuine), int(genuine.sum())
    if total == 0:
        return 1.0
    places = np.unique(accounts, return_inverse=True)[1]
    sizes, faults = np.bincount(places).astype(float), np.bincount(places, weights=genuine)
    share = wrong / total
    clusters = len(sizes)
    if clusters < 2:
        return upper_bound(wrong, 1.0)
    spread = float(((faults - share * sizes) ** 2).sum()) * clusters / (clusters - 1) / total**2
    alone = share * (1 - share) / total
    if alone <= 0 or spread <= 0:
        # No fault seen: each account is one trial.
        return upper_bound(0.0, float(clusters))
    effective = total / max(spread / alone, 1.0)
    return upper_bound(share * effective, effective)


def smallest_safe(
    probabilities: Floats, genuine: Truths, accounts: Integers, *, at_most: float = 0.01, floor: float = 0.5
) -> float:
    """The smallest probability above which the bound on genuine engagements holds; 1.1 when none does."""
    candidates = np.unique(np.round(probabilities[probabilities >= floor], 4))
    if len(candidates) > 60:
        candidates = np.unique(np.quantile(candidates, np.linspace(0, 1, 60)))
    safe = 1.1
    for level in candidates[::-1]:
        chosen = probabilities >= level
        if clustered_upper_bound(genuine[chosen], accounts[chosen]) <= at_most:
            safe = float(level)
        elif safe <= 1 and chosen.sum() > 1000:
            break
    return safe
