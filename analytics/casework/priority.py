"""How soon a case should be seen: expected harm, weighted by how unsure the machine is; never age alone."""

from __future__ import annotations

import math
from collections.abc import Mapping

from analytics.casework.policy import PriorityRules


def priority(score: float, proposed: Mapping[str, int], review: int, rules: PriorityRules) -> float:
    """Return a number from 0 to 1: the score times the harm of what is proposed, most where a person changes most."""
    weighed = sum(rules.weights.get(kind, 0.0) * count for kind, count in proposed.items()) + rules.review * review
    harm = min(1.0, math.log1p(weighed) / math.log1p(rules.full))
    return min(1.0, harm * _share(min(max(score, 0.0), 1.0), rules.certain) / _largest(rules.certain))


def _share(score: float, certain: float) -> float:
    uncertainty = 1.0 - abs(2.0 * score - 1.0)
    return score * (certain + (1.0 - certain) * uncertainty)


def _largest(certain: float) -> float:
    """Return the largest share any score can have, so that the most urgent case is 1."""
    doubt = 1.0 - certain
    best = 1.0 if doubt == 0 else min(1.0, max(0.5, (certain + 2.0 * doubt) / (4.0 * doubt)))
    return _share(best, certain)
