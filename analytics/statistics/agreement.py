"""How far two or more people agree beyond chance."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.statistics.intervals import LEVEL, RESAMPLES, Interval, clopper_pearson


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Chance-corrected agreement with what must stand beside it: pairs, raw agreement and how common the finding is."""

    value: float | None
    interval: Interval | None
    n: int
    raw: float
    prevalence: float


def cohen_kappa(first: Sequence[Hashable], second: Sequence[Hashable]) -> float | None:
    """Cohen's kappa of two raters; None without pairs or when both only ever said one and the same thing."""
    table = _table(first, second)
    return _kappa(table) if table.size else None


def agreement(first: Sequence[str], second: Sequence[str], *, finding: str, seed: int) -> Agreement:
    """Kappa with its interval, and the share of `finding` among all labels."""
    n = len(first)
    if n == 0:
        return Agreement(value=None, interval=None, n=0, raw=0.0, prevalence=0.0)
    table = _table(first, second)
    said = sum(label == finding for label in [*first, *second])
    value = _kappa(table)
    return Agreement(
        value=value,
        interval=None if value is None else _kappa_interval(table, seed),
        n=n,
        raw=float(np.trace(table)) / n,
        prevalence=said / (2 * n),
    )


def krippendorff_alpha(ratings: Mapping[Hashable, Sequence[Hashable]]) -> float | None:
    """Krippendorff's alpha for nominal labels; units with fewer than two labels say nothing and are left out."""
    units = [labels for labels in ratings.values() if len(labels) >= 2]
    names = {label: place for place, label in enumerate(sorted({x for labels in units for x in labels}, key=repr))}
    met = np.zeros((len(names), len(names)))
    for labels in units:
        counts = np.bincount([names[label] for label in labels], minlength=len(names)).astype(np.float64)
        met += (np.outer(counts, counts) - np.diag(counts)) / (len(labels) - 1)
    total, margins = met.sum(), met.sum(axis=0)
    expected = total * total - float(margins @ margins)
    if total == 0 or expected == 0:
        return None
    return 1 - float(total - 1) * float(total - np.trace(met)) / float(expected)


def _table(first: Sequence[Hashable], second: Sequence[Hashable]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    names = {label: place for place, label in enumerate(sorted({*first, *second}, key=repr))}
    table = np.zeros((len(names), len(names)))
    for one, other in zip(first, second, strict=True):
        table[names[one], names[other]] += 1
    return table


def _kappa(table: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> float | None:
    n = float(table.sum())
    chance = float(table.sum(axis=0) @ table.sum(axis=1)) / (n * n)
    return None if chance == 1 else (float(np.trace(table)) / n - chance) / (1 - chance)


def _kappa_interval(table: np.ndarray[tuple[int, int], np.dtype[np.float64]], seed: int) -> Interval:
    """Bound kappa by redrawing pairs, and never closer than the raw agreement is known.

    Where nobody disagreed every redraw agrees too, and where few did the redraws are too sure. So the exact binomial
    bounds of the raw agreement are carried through kappa with the chance agreement as observed, as in Cohen's own
    standard error (1960), and the wider bound of the two counts.
    """
    n, cells = int(table.sum()), table.ravel()
    drawn = np.random.default_rng(seed).multinomial(n, cells / cells.sum(), size=RESAMPLES)
    values = _kappas(drawn.reshape(-1, *table.shape).astype(np.float64), n)
    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    chance = float(table.sum(axis=0) @ table.sum(axis=1)) / (n * n)
    exact = [(share - chance) / (1 - chance) for share in clopper_pearson(int(np.trace(table)), n)]
    return max(min(float(low), exact[0]), -1.0), max(float(high), exact[1])


def _kappas(tables: npt.NDArray[np.float64], n: int) -> npt.NDArray[np.float64]:
    """Kappa of many tables of n pairs; one without any disagreement to expect shows full agreement."""
    chance = (tables.sum(axis=1) * tables.sum(axis=2)).sum(axis=1) / (n * n)
    same = np.trace(tables, axis1=1, axis2=2) / n
    told: npt.NDArray[np.float64] = np.divide(same - chance, 1 - chance, out=np.ones(len(tables)), where=chance != 1)
    return told
