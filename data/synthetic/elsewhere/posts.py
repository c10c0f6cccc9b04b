"""Posts of everybody, from before the log's start to its end."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from data.synthetic.elsewhere.chance import DAY, HOUR, Floats, Ints, spread
from data.synthetic.elsewhere.people import Clock, Crowd

LEAD = 25  # days before the log of which posts are known
OWNERS = 1e8  # more seconds than any log has: keeps the posts of one id together in one sorted key


def _no_times() -> Floats:
    return np.zeros(0)


def _no_ids() -> Ints:
    return np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class Posts:
    """Posts by owner and time (seconds from the log's start); every id has at least one."""

    owner: Ints = field(default_factory=_no_ids)
    at: Floats = field(default_factory=_no_times)
    first: Ints = field(default_factory=_no_ids)
    days: int = 0

    def during(self, owners: Ints) -> Posts:
        """Posts of these ids within the log."""
        rows = np.isin(self.owner, owners) & (self.at > 0) & (self.at < self.days * DAY)
        return Posts(self.owner[rows], self.at[rows], self.first, self.days)

    def newest(self, owner: Ints, at: Floats, back: Ints) -> Ints:
        """Places of the posts `back` before the newest one at that time."""
        place = np.searchsorted(self.owner * OWNERS + self.at, owner * OWNERS + at, side="right") - 1 - back
        return np.asarray(np.maximum(place, self.first[owner]), np.int64)

    def __len__(self) -> int:
        return len(self.owner)


def draw_posts(crowd: Crowd, clock: Clock, days: int, chance: np.random.Generator) -> Posts:
    """Draw posts at each id's rate."""
    owner, position = spread(chance.poisson(crowd.rate * (days + LEAD)) + 1)
    day = np.floor(chance.random(len(owner)) * (days + LEAD) - LEAD)
    hours = clock.hours(np.minimum(owner, crowd.accounts - 1))
    at = day * DAY + (hours - clock.zone[owner]) * HOUR
    oldest = position == 0
    at[oldest] = -LEAD * DAY - chance.random(oldest.sum()) * 60 * DAY
    order = np.lexsort((at, owner))
    return Posts(owner[order], at[order], np.searchsorted(owner[order], np.arange(crowd.size)), days)
