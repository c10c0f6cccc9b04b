"""Handles and comments: invented, human to look at, and the same kinds of them for everybody."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import polars as pl

from data.synthetic.chance import Array, scramble, stream, unit

FIRST = (
    *("ana", "bruno", "cleo", "dara", "emre", "fatma", "gita", "hugo", "iris", "jonas", "kiran", "lena", "mara"),
    *("nils", "olga", "putri", "rafa", "sari", "tomas", "umut", "vera", "wayan", "ximena", "yusuf", "zoe", "adi"),
    *("bea", "caio", "dewi", "elif", "felix", "gustavo", "hanna", "ivan", "julia", "kemal", "luca", "mina"),
)
SECOND = (
    *("bakes", "runs", "draws", "travels", "photo", "music", "climbs", "reads", "cooks", "surf", "garden", "studio"),
    *("fit", "daily", "outside", "rides", "films", "codes", "knits", "dances", "paints", "hikes", "writes", "vintage"),
    *("silva", "kaya", "putra", "meyer", "costa", "rossi", "novak", "lopez", "ivanova", "smith", "demir", "santoso"),
)
JOINTS = (".", "_", "", "__")
OPENINGS = (
    *("love this", "so good", "wow", "great shot", "beautiful", "this is amazing", "haha", "congrats", "i need this"),
    *("perfect", "what a view", "so proud of you", "can't wait", "looks delicious", "goals", "well done", "obsessed"),
    *("stunning", "nice one", "legend", "this made my day", "so true", "adorable", "unreal", "the colours", "yes"),
)
MIDDLES = ("", " really", " as always", " today", " honestly", " my friend", " again", " guys", " from here", " wow")
ENDINGS = ("", "!", " 😍", " 🔥", " ❤️", "!!", " 👏", " 🙌", " 😂", "...")
LONG = (
    *("where did you find this one? i have been looking for months", "see you on saturday, bring the kids"),
    *("how long did it take you to get there and was it worth it?", "we went last year and it rained every single day"),
    *("can you share the recipe please, my mother would love it", "that is exactly how i felt when i read it"),
    *("remember when we stayed there after the wedding", "the second picture is my favourite, look at the light"),
    *("did you train for this or just go for it?", "i told you it would work out in the end"),
    *("send me the address, i want to go there next week", "happy birthday to the best neighbour in town"),
)
ENTRIES = (
    "done ✅",
    "followed all, good luck everyone",
    "me please 🙏",
    "done! tagging my sister",
    "i am in",
    "finished 🤞",
)
REPLIES = (
    *("thank you for writing, please send us a message", "glad you like it! more colours next week"),
    *("thanks for stopping by 💛", "our team will get back to you today", "so happy to hear that, thank you"),
    *("the shop opens at ten, see you there", "it ships worldwide, link in our profile"),
)
STEMS = (
    *("great content", "love your feed", "nice post", "awesome shot", "amazing page", "keep it up", "this is fire"),
    *("love your style", "so inspiring", "cool vibes", "top work", "great shot", "beautiful", "wow", "so good"),
    *("very nice", "love this", "perfect", "awesome work", "incredible", "nice one", "well done", "superb"),
    *("really nice feed", "your page is great", "such good energy"),
)
TURNS = ("", " my friend", " bro", " 🔥", " 😍", " 👏👏", "!", "!!", " 💯", " dear", " ✨", " 🙌")
# What a name or a comment may hold; a page must show it as it is and a spreadsheet must not run it.
HOSTILE_HANDLES = (
    *("![x](https://pixel.invalid/a.png)", "<script>alert(1)</script>", "maria\u202egnp.exe", "=HYPERLINK(0)"),
    *("{{7*7}}", "@SUM(1+1)", "+491234", "a'; drop table cases; --"),
)
HOSTILE_TEXTS = (
    *("![hi](https://pixel.invalid/b.png)", "<script>fetch('//pixel.invalid')</script>", "{{7*7}} ${7*7}"),
    *("nice \u202egpj.tohs", "=cmd|' /C calc'!A0", "-2+3+cmd", "+1-1", "@here [win](javascript:alert(1))"),
    *("<img src=x onerror=alert(1)>", "line\nbreak\tand tab", "zero\u200bwidth", "' or 1=1 --"),
)


@dataclass(frozen=True, slots=True)
class Phrases:
    """All comments of a world by code; each use has a stretch of codes, drawn with a few far ahead of the rest."""

    texts: list[str]
    stretches: dict[str, tuple[int, int]]

    @classmethod
    def draw(cls, seed: int) -> Phrases:
        rng = stream(seed, "phrases")
        everyday = ["".join(parts) for parts in product(OPENINGS, MIDDLES, ENDINGS)] + [
            line + end for line in LONG for end in ENDINGS
        ]
        told = Phrases([], {})
        told.add("people", [everyday[place] for place in rng.permutation(len(everyday))])
        told.add("entry", list(ENTRIES))
        told.add("agency", list(REPLIES))
        told.add("hostile", list(HOSTILE_TEXTS))
        return told

    def add(self, name: str, texts: list[str]) -> None:
        self.stretches[name] = (len(self.texts), len(texts))
        self.texts.extend(texts)

    def add_templates(self, name: str, rng: np.random.Generator) -> None:
        """A seller's templates: some stems with their turns."""
        stems = rng.choice(STEMS, int(rng.integers(10, 20)), replace=False)
        spun = ["".join(parts) for parts in product(stems, rng.choice(TURNS, 6, replace=False))]
        self.add(name, [spun[place] for place in rng.permutation(len(spun))])

    def pick(self, name: str, rng: np.random.Generator, count: int) -> Array:
        first, size = self.stretches[name]
        told: Array = first + np.floor(size * rng.random(count) ** 2.2).astype(np.int64)
        return told


def handles(keys: Array, seed: int, *, is_hostile: Array | None = None) -> pl.Series:
    """A handle for each account, most of them unlike all others."""
    bits = scramble(keys, seed, 77)
    parts = pl.DataFrame(
        {
            "first": pick(FIRST, unit(bits, 0)),
            "joint": pick(JOINTS, unit(bits, 1)),
            "second": pick(SECOND, unit(bits, 2)),
            "number": (bits % np.uint64(9_973)).astype(np.int64),
            "has_number": unit(bits, 3) < 0.55,
        }
    )
    number = pl.when("has_number").then(pl.col("number").cast(pl.String)).otherwise(pl.lit(""))
    told = parts.select(handle=pl.concat_str("first", "joint", "second", number))["handle"]
    if is_hostile is None or not len(is_hostile):
        return told
    names = dict(zip(is_hostile.tolist(), HOSTILE_HANDLES, strict=False))
    return pl.Series("handle", [names.get(place, name) for place, name in enumerate(told.to_list())])


def pick(names: tuple[str, ...], share: Array) -> pl.Series:
    return pl.Series(names).gather((share * len(names)).astype(np.uint32))
