"""How sure a figure is: intervals for shares, differences of shares, and clustered samples."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
import scipy  # its parts load when first used: no start of the pages waits for them

Floats = npt.NDArray[np.float64]
Keys = npt.NDArray[np.int64]
Interval = tuple[float, float]
LEVEL = 0.95
RESAMPLES = 2_000
# Resampled clusters held in memory at once.
_BLOCK = 4_000_000


def wilson(hits: int, n: int, level: float = LEVEL) -> Interval:
    """Wilson's score interval of a share; (0, 1) when nothing was drawn."""
    _check(hits, n)
    return _score_interval(hits / n, n, level) if n else (0.0, 1.0)


def clopper_pearson(hits: int, n: int, level: float = LEVEL) -> Interval:
    """Exact binomial interval of a share: it holds at least as often as it says, however few were drawn."""
    _check(hits, n)
    tail = (1 - level) / 2
    low = float(scipy.special.betaincinv(hits, n - hits + 1, tail)) if hits else 0.0
    high = float(scipy.special.betaincinv(hits + 1, n - hits, 1 - tail)) if hits < n else 1.0
    return low, high


def wilson_clustered(hits: Floats, clusters: Keys, level: float = LEVEL) -> Interval:
    """Wilson's interval when rows of one cluster are alike: the sample counts as far as the clusters differ.

    With one row a cluster this is Wilson's interval itself.
    """
    n = len(hits)
    if n == 0:
        return 0.0, 1.0
    share = float(hits.mean())
    return _score_interval(share, n / _design_effect(hits, clusters, share), level)


def _score_interval(share: float, n: float, level: float) -> Interval:
    z = NormalDist().inv_cdf((1 + level) / 2)
    spread = z * z / n
    middle = share + spread / 2
    width = z * sqrt(share * (1 - share) / n + spread / (4 * n))
    low, high = (middle - width) / (1 + spread), (middle + width) / (1 + spread)
    return (0.0 if share == 0 else max(low, 0.0)), (1.0 if share == 1 else min(high, 1.0))


def _design_effect(hits: Floats, clusters: Keys, share: float) -> float:
    """How many times less a clustered sample knows; where nobody differs, each cluster counts once."""
    places = np.unique(clusters, return_inverse=True)[1]
    sizes, sums = np.bincount(places).astype(np.float64), np.bincount(places, weights=hits)
    n, count = len(hits), len(sizes)
    if count == n:
        return 1.0
    if count < 2 or share in (0.0, 1.0):
        return n / count
    spread = float(((sums - share * sizes) ** 2).sum()) * count / (count - 1) / n**2
    return max(spread / (share * (1 - share) / n), 1.0)


def difference(first: tuple[int, int], second: tuple[int, int], level: float = LEVEL) -> Interval:
    """Newcombe's interval of the first share minus the second, each given as (hits, n)."""
    low_1, high_1 = wilson(*first, level)
    low_2, high_2 = wilson(*second, level)
    share_1, share_2 = _share(*first), _share(*second)
    gap = share_1 - share_2
    low = gap - sqrt((share_1 - low_1) ** 2 + (high_2 - share_2) ** 2)
    high = gap + sqrt((high_1 - share_1) ** 2 + (share_2 - low_2) ** 2)
    return max(low, -1.0), min(high, 1.0)


def bootstrap_ratio(
    above: Floats, below: Floats, clusters: Keys, *, seed: int, level: float = LEVEL, draws: int = RESAMPLES
) -> Interval:
    """Bound sum(above) / sum(below) when rows of one cluster (an account) are alike: whole clusters are redrawn."""
    sums_above, sums_below = _by_cluster(above, clusters), _by_cluster(below, clusters)
    count = len(sums_above)
    if count < 2:
        return 0.0, 1.0
    rng = np.random.default_rng(seed)
    ratios: list[Floats] = []
    step = max(1, _BLOCK // count)
    for start in range(0, draws, step):
        times = rng.multinomial(count, np.full(count, 1 / count), size=min(step, draws - start))
        bottom = times @ sums_below
        ratios.append(np.divide(times @ sums_above, bottom, out=np.zeros(len(bottom)), where=bottom > 0))
    tail = (1 - level) / 2
    low, high = np.quantile(np.concatenate(ratios), [tail, 1 - tail])
    return float(low), float(high)


def quantile_interval(ordered: Floats, share: float, level: float = LEVEL) -> Interval:
    """Interval of a percentile from the order of the values alone; `ordered` must be ascending."""
    n = len(ordered)
    tail = (1 - level) / 2
    low, high = _binomial_quantile(tail, n, share), _binomial_quantile(1 - tail, n, share)
    return float(ordered[max(low - 1, 0)]), float(ordered[min(high, n - 1)])


def _binomial_quantile(level: float, n: int, share: float) -> int:
    """Return the smallest count that a binomial sample does not exceed with this probability."""
    count = max(int(np.ceil(scipy.special.bdtrik(level, n, share))), 0)
    return count - 1 if count and scipy.special.bdtr(count - 1, n, share) >= level else count


def _by_cluster(values: Floats, clusters: Keys) -> Floats:
    places = np.unique(clusters, return_inverse=True)[1]
    return np.bincount(places, weights=values).astype(np.float64)


def _share(hits: int, n: int) -> float:
    return hits / n if n else 0.5


def _check(hits: int, n: int) -> None:
    if not 0 <= hits <= n:
        raise ValueError(f"{hits} of {n} is not a share")
