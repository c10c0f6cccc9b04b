"""What comes back: follows returned, likes and comments answered, follows taken back. All of it is genuine."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.synthetic.acts import COMMENT, DAY, FOLLOW, HOUR, LIKE, UNFOLLOW, Acts, record
from data.synthetic.chance import Array
from data.synthetic.people import ROLE
from data.synthetic.ties import posts_unless
from data.synthetic.whereabouts import own_place
from data.synthetic.world import World

# First answers come after 0.2, 3.9, 27 and 345 hours at 25, 50, 75 and 95 % (college messages).
MEDIAN_HOURS, SPREAD = 3.9, 2.75
# The famous do not answer, nor do accounts that nobody lives in.
FAMOUS = 0.02


@dataclass(frozen=True, slots=True)
class Manners:
    """How often a follow brings a follow, a like a like or a follow, a comment a comment."""

    follow: float
    like: float
    like_follow: float
    comment: float


FRIENDS = Manners(follow=0.32, like=0.05, like_follow=0.0, comment=0.24)
STRANGERS = Manners(follow=0.07, like=0.02, like_follow=0.002, comment=0.08)
# Answers to what a service did (DeKoven et al. 2018).
TO_SERVICES = Manners(follow=0.13, like=0.02, like_follow=0.003, comment=0.03)


def answers(world: World, acts: Acts, manners: Manners, rng: np.random.Generator) -> Acts:
    """What the targets of some acts do in return, from where they live."""
    people = world.people
    kind = acts["kind"]
    draw = rng.random(len(acts), dtype=np.float32)
    chance = np.select(
        [kind == FOLLOW, kind == LIKE, kind == COMMENT],
        [manners.follow, manners.like + manners.like_follow, manners.comment],
        0.0,
    )
    target = acts["target"]
    is_heard = (people.rank[target] > FAMOUS * len(people)) & (people.role[target] != ROLE["farm"])
    answered = (draw < chance) & is_heard
    rows = np.flatnonzero(answered)
    reply = np.where((kind[rows] == LIKE) & (draw[rows] >= manners.like), FOLLOW, kind[rows])
    wait = MEDIAN_HOURS * np.exp(SPREAD * rng.standard_normal(len(rows)))
    at = acts["at"][rows] + (np.minimum(wait, 1e4) * HOUR).astype(np.int64) + 20_000_000
    return owners_acts(world, rng, acts["target"][rows], acts["actor"][rows], at=at, kind=reply)


def owners_acts(world: World, rng: np.random.Generator, actor: Array, target: Array, *, at: Array, kind: Array) -> Acts:
    """Acts that owners make themselves, on the newest posts of their targets."""
    text = np.where(kind == COMMENT, world.phrases.pick("people", rng, len(at)), -1)
    age = rng.geometric(0.65, len(at)) - 1
    post = posts_unless(world.people, target, at, age, none=kind == FOLLOW)
    return record(own_place(world, actor, at), actor=actor, target=target, at=at, kind=kind, post=post, text=text)


def taken_back(world: World, follows: Acts, share: Array | float, days: Array) -> Acts:
    """Owners unfollow a share of those they followed, after so many days."""
    rng = world.rng("taken back", len(follows), int(follows["at"][0] // DAY) if len(follows) else 0)
    rows = np.flatnonzero((follows["kind"] == FOLLOW) & (rng.random(len(follows)) < share))
    at = follows["at"][rows] + (days[rows] * DAY).astype(np.int64)
    actor = follows["actor"][rows]
    return record(
        own_place(world, actor, at), actor=actor, target=follows["target"][rows], at=at, kind=np.uint8(UNFOLLOW)
    )
