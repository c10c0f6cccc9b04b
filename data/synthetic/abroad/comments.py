"""Words of comments: everybody draws from one language, people from many phrases, sellers from few templates."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from data.synthetic.abroad.acts import Acts
from data.synthetic.abroad.chance import Flags, Ints, log_uniform, whole
from data.synthetic.abroad.hired import FIRST_SELLER
from data.synthetic.abroad.people import COMMENT
from data.synthetic.abroad.sellers import Seller

_OPENINGS: tuple[str, ...] = (
    "wow",
    "so good",
    "love this",
    "great",
    "yes",
    "haha",
    "amazing",
    "que lindo",
    "harika",
    "keren",
    "nice one",
)
_OPENINGS += (
    "congrats",
    "where is this",
    "me too",
    "same",
    "iconic",
    "legend",
    "cool",
    "beautiful",
    "so true",
    "perfect",
)
_MIDDLES = (
    "",
    "",
    "",
    "my friend",
    "shot",
    "the colours",
    "as always",
    "for real",
    "today",
    "again",
    "out there",
    "guys",
)
_ENDS = ("", "", "!", "!!", "🔥", "❤️", "😍", "👏", "😂", "🙌", "💯", "...", "?", "✨")


def write_comments(rng: Generator, done: Acts, sellers: list[Seller]) -> NDArray[np.object_]:
    """The text of each comment, None for other kinds; a pod writes in its members' own words."""
    texts = np.full(len(done), None, dtype=object)
    comment = done.kind == COMMENT
    sold = done.origin >= FIRST_SELLER
    for seller in sellers:
        mine = comment & (done.origin == FIRST_SELLER + seller.number)
        if seller.family != "pod":
            texts[mine] = _drawn(rng, _phrases(rng, whole(rng, 4, 80)), int(mine.sum()))
        else:
            sold &= done.origin != FIRST_SELLER + seller.number
    free = comment & ~sold
    texts[free] = _drawn(rng, _phrases(rng, whole(rng, 150, 3000)), int(free.sum()))
    return _named(rng, texts, free)


def _phrases(rng: Generator, count: int) -> NDArray[np.object_]:
    picks = [rng.choice(np.array(words, dtype=object), count) for words in (_OPENINGS, _MIDDLES, _ENDS)]
    return np.array([" ".join(filter(None, words)) for words in zip(*picks, strict=True)], dtype=object)


def _drawn(rng: Generator, phrases: NDArray[np.object_], count: int) -> NDArray[np.object_]:
    """Phrases by rank with a power law, a share of them with another ending."""
    rank = (len(phrases) * rng.random(count) ** log_uniform(rng, 1.0, 3.5)).astype(np.int64)
    spun = rng.random(count) < rng.uniform(0, 0.7)
    ends = rng.choice(np.array(_ENDS, dtype=object), count)
    longer = phrases[rank] + np.where(ends == "", "", " ") + ends
    return np.where(spun, longer, phrases[rank])


def _named(rng: Generator, texts: NDArray[np.object_], free: Flags) -> NDArray[np.object_]:
    """One genuine comment in twelve calls a friend by name."""
    rows: Ints = np.flatnonzero(free & (rng.random(len(texts)) < 1 / 12))
    numbers = rng.integers(1, 4000, len(rows)).astype(str).astype(object)
    texts[rows] = "@friend_" + numbers + " " + texts[rows]
    return texts
