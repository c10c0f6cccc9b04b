"""What is liked: the posts of each account and which of them somebody sees at a moment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from data.synthetic.abroad.chance import DAY, Floats, Ints, log_uniforms

_AGES_AGO = 1e10


@dataclass(frozen=True, slots=True, kw_only=True)
class Posts:
    """Every post by author and time; `number` is its place in the list."""

    author: Ints
    at: Floats
    starts: Ints
    sizes: Ints
    keys: Floats

    def seen(self, target: Ints, at: Floats, back: Ints) -> Ints:
        """The post of the target that lies `back` posts before the newest at that moment; -1 where there is none."""
        last = np.searchsorted(self.keys, target * _AGES_AGO + at, side="right") - 1
        found = np.maximum(last - back, self.starts[target])
        return np.where(last >= self.starts[target], found, -1)


def draw_posts(rng: Generator, fame: Floats, created: Floats, days: int) -> Posts:
    """1 to some hundred posts an account over the last months and the days of the world, more for the famous."""
    rank = np.argsort(np.argsort(fame)) / len(fame)
    sizes = np.rint(log_uniforms(rng, 1, 12, len(fame)) * (1 + 6 * rank**4)).astype(np.int64)
    author = np.repeat(np.arange(len(fame)), sizes)
    begin = np.maximum(created[author] + 60.0, -120 * DAY)
    at = begin + (days * DAY - begin) * rng.random(len(author))
    keys = np.sort(author * _AGES_AGO + at)
    return Posts(author=author, at=keys - author * _AGES_AGO, starts=np.cumsum(sizes) - sizes, sizes=sizes, keys=keys)
