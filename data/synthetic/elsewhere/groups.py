"""Farms of made-up profiles, and pods of people who like each other's posts by agreement."""

from __future__ import annotations

import math

import numpy as np

from data.synthetic.elsewhere.acts import COMMENT, FOLLOW, LIKE, Hand, acts
from data.synthetic.elsewhere.chance import DAY, HOUR, Floats, Ints, running, spread
from data.synthetic.elsewhere.market import mark, new_seller
from data.synthetic.elsewhere.sellers import Seller
from data.synthetic.elsewhere.services import act_as, phrases
from data.synthetic.elsewhere.world import World


def run_farms(world: World, lots: list[Ints]) -> None:
    """Write what lots of made-up profiles do: orders, and a life painted on."""
    for place, lot in enumerate(lots):
        net = str(world.chance.choice(["hosting", "resi", "mobile", "mixed"]))
        farm = new_seller(world, f"F{place + 1}", "farm", net)
        world.standing.role[lot], world.standing.sold[lot] = "farm", True
        for account in lot.tolist():
            mark(world, account, world.log.origins[farm.code], "farm")
        _deliver(world, farm, lot)
        _camouflage(world, farm, lot)
        born = world.hands.since[lot] > 0
        at = world.hands.since[lot][born] * DAY + 60 + world.chance.exponential(HOUR, born.sum())
        world.login(lot[born], at, world.rigs.scene(farm.rig, lot[born], at))


def _deliver(world: World, farm: Seller, lot: Ints) -> None:
    chance = world.chance
    wanted = int(chance.integers(15, 70))
    strangers = world.ties.strangers(chance.integers(0, world.size, wanted))
    buyers = np.concatenate([strangers, world.role("customer")[: wanted // 4]])
    count = len(buyers)
    start = chance.uniform(-1, world.dials.days - 1, count) * DAY
    span = np.exp(chance.uniform(math.log(2 * HOUR), math.log(6 * DAY), count))
    order, member = np.nonzero(chance.random((count, len(lot))) < chance.uniform(0.1, 0.6, count)[:, None])
    at = world.clock.awake(lot[member], start[order] + chance.random(len(order)) * span[order])
    kind = np.where(chance.random(count) < 0.65, FOLLOW, LIKE)[order]
    act_as(world, farm, acts(lot[member], buyers[order], at, kind, campaign=world.log.campaign(order)))


def _camouflage(world: World, farm: Seller, lot: Ints) -> None:
    """Stars, strangers and each other, so that a profile looks lived in."""
    chance, ties = world.chance, world.ties
    member, at = _shifts(world, farm, lot)
    actor = lot[member]
    part, size = chance.random(len(actor)), len(actor)
    others = np.where(part < 0.85, ties.strangers(actor), chance.choice(lot, size))
    target = np.where(part < 0.45, ties.celebrities(actor), others)
    rest = np.where(chance.random(size) < 0.75, FOLLOW, COMMENT)
    kind = np.where(chance.random(size) < 0.6, LIKE, rest)
    act_as(world, farm, acts(actor, target, at, kind, text=phrases(world, farm, kind)), answerable=0.5)


def _shifts(world: World, farm: Seller, lot: Ints) -> tuple[Ints, Floats]:
    chance, since = world.chance, world.hands.since[lot]
    typical = chance.uniform(15, 140) * world.dials.zeal
    total = np.maximum(1, chance.lognormal(math.log(typical), 0.9, len(lot)))
    sitting = int(chance.integers(2, 14))
    row, _ = spread(np.maximum(1, total // sitting))
    start = world.clock.moments(lot[row], since[row] + chance.random(len(row)) * (world.dials.days - since[row]))
    shift, position = spread(np.maximum(1, chance.poisson(sitting, len(row))))
    gap = chance.lognormal(math.log(farm.pace.gap), 0.8, len(shift))
    return row[shift], start[shift] + running(gap, shift, position)


def run_pods(world: World, pods: list[Ints]) -> None:
    """Write the agreed likes and comments that members give each other by hand from their own phones."""
    for place, pod in enumerate(pods):
        origin = f"pod:P{place + 1}"
        hand = Hand(world.log.origin(origin), True)
        world.standing.role[pod], world.standing.sold[pod] = "pod", True
        for account in pod.tolist():
            mark(world, account, origin, "pod")
        _like_each_other(world, pod, hand)


def _like_each_other(world: World, pod: Ints, hand: Hand) -> None:
    chance, posts = world.chance, world.posts.during(pod)
    keen = np.clip(chance.normal(0.7, 0.2, len(pod)), 0.1, 0.98)
    post, member = np.nonzero(chance.random((len(posts), len(pod))) < keen)
    delay = chance.lognormal(math.log(chance.uniform(15, 90) * 60), 0.9, len(post))
    actor, target = pod[member], posts.owner[post]
    at = world.clock.awake(actor, posts.at[post] + delay)
    world.write(acts(actor, target, at, LIKE, back=0.0), hand=hand)
    says = chance.random(len(post)) < chance.uniform(0.1, 0.5)
    later = at[says] + chance.exponential(25, says.sum()) + 3
    world.write(acts(actor[says], target[says], later, COMMENT, back=0.0), hand=hand)
