"""The accounts table: names, counts and marks that a profile shows."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.random import Generator

from data.synthetic.abroad.chance import Flags, Floats, log_uniform
from data.synthetic.abroad.people import People
from data.synthetic.abroad.platform import COUNTRIES
from data.synthetic.abroad.scene import Scene
from data.synthetic.abroad.tables import Writer, strings

_FIRST = [
    "ana",
    "leo",
    "mika",
    "sara",
    "omar",
    "yuki",
    "ivan",
    "zoe",
    "tariq",
    "lena",
    "budi",
    "ayse",
    "kofi",
    "mei",
    "raj",
    "noor",
]
_LAST = [
    "art",
    "runs",
    "lee",
    "costa",
    "khan",
    "novak",
    "eats",
    "travel",
    "music",
    "sari",
    "demir",
    "fit",
    "studio",
    "ok",
    "real",
    "x",
]


def account_frame(rng: Generator, writer: Writer, scene: Scene, *, farmed: Flags, declared: Flags) -> pl.DataFrame:
    """One row per account; farmed profiles follow many and are followed by few, but overlap with newcomers."""
    people, platform = scene.people, scene.platform
    count = people.count
    rank = np.argsort(np.argsort(people.fame)) / count
    followers = log_uniform(rng, 60, 400) * np.exp(
        1.2 * rng.standard_normal(count) + 3.5 * rank**6 + 1.2 * (rank - 0.5)
    )
    following = log_uniform(rng, 200, 700) * np.exp(1.0 * rng.standard_normal(count) + 0.6 * people.churner)
    posts = log_uniform(rng, 10, 60) * np.exp(1.4 * rng.standard_normal(count))
    young = np.where(people.created > -20 * 86400, rng.uniform(0.02, 0.5, count), 1.0)
    poor = np.where(farmed, log_uniform(rng, 0.05, 0.9), 1.0) * young
    return pl.DataFrame(
        {
            "account_id": strings(writer.accounts),
            "created_at": writer.instant("created_at", people.created),
            "handle": _handles(rng, count),
            "followers": np.floor(followers * poor).astype(np.int64),
            "following": np.floor(following * np.where(farmed, 2.2, young)).astype(np.int64),
            "posts": np.floor(posts * poor).astype(np.int64),
            "country": strings(COUNTRIES[platform.countries[people.country]].astype(object)),
            "is_verified": _verified(rng, people, rank),
            "is_delegated": declared,
        }
    )


def _verified(rng: Generator, people: People, rank: Floats) -> Flags:
    return (people.celebrity & (rng.random(people.count) < 0.8)) | (rng.random(people.count) < 0.01 * rank)


def _handles(rng: Generator, count: int) -> pl.Series:
    first, last = (rng.choice(np.array(words, dtype=object), count) for words in (_FIRST, _LAST))
    joint = rng.choice(np.array(["_", ".", "", "__"], dtype=object), count)
    number = (np.arange(count) * 7 + rng.integers(0, 7, count)).astype(str).astype(object)
    return strings(first + joint + last + number)
