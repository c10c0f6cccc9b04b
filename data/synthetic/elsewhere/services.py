"""What sellers do with the accounts in their hands: reciprocity, collusion in minutes, drips over days."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from data.synthetic.elsewhere.acts import COMMENT, FOLLOW, LIKE, OWN_WORDS, UNFOLLOW, Acts, Hand, acts
from data.synthetic.elsewhere.chance import DAY, HOUR, Bools, Floats, Ints, spread, unit
from data.synthetic.elsewhere.market import Deals, hand_over
from data.synthetic.elsewhere.rhythm import paced
from data.synthetic.elsewhere.sellers import Seller
from data.synthetic.elsewhere.world import World

POOL = 4  # a pool of fewer members takes no orders
BUSY_POOL = 25  # members from which on nobody has to work more than usual


def serve(world: World, seller: Seller, deals: Deals) -> None:
    """Write everything one seller does during the log."""
    if not len(deals):
        return
    hand_over(world, seller, deals)
    if seller.family == "reciprocity":
        _reciprocate(world, seller, deals)
    elif len(deals) >= POOL:
        _deal_out(world, seller, deals)


def act_as(world: World, seller: Seller, rows: Acts, answerable: float = 0.0) -> None:
    """Write bought engagements from the seller's machine room."""
    world.write(rows, world.rigs.scene(seller.rig, rows.actor, rows.at), Hand(seller.code, True), answerable=answerable)


def phrases(world: World, seller: Seller, kind: Ints) -> Ints:
    """Canned phrases for the comments among these kinds."""
    return np.where(kind == COMMENT, world.words.canned(seller.phrases, len(kind)), OWN_WORDS)


def _reciprocate(world: World, seller: Seller, deals: Deals) -> None:
    """Likes and follows of strangers, so that they give back; follows are dropped after a day or three."""
    chance = world.chance
    held, at = _working_days(world, seller, deals)
    actor = deals.account[held]
    kind = _kinds(world, seller, len(actor))
    rows = acts(actor, _prey(world, seller, actor, held), at, kind, back=2.0, text=phrases(world, seller, kind))
    act_as(world, seller, rows, answerable=1.0)
    dropped = np.flatnonzero((kind == FOLLOW) & (chance.random(len(actor)) < seller.unfollows))
    later = at[dropped] + chance.uniform(*seller.unfollow_hours, len(dropped)) * HOUR
    dropped, later = dropped[kept := later < deals.end[held[dropped]] * DAY], later[kept]
    act_as(world, seller, acts(actor[dropped], rows.target[dropped], later, UNFOLLOW))


def _working_days(world: World, seller: Seller, deals: Deals) -> tuple[Ints, Floats]:
    """The deal and the second of every act; a customer's volume rises over its first days."""
    chance, days = world.chance, np.arange(-1, world.dials.days, dtype=np.float64)
    volume = seller.pace.volume * chance.lognormal(0, 0.55, len(deals))
    deal, place = np.nonzero((days + 1 > deals.start[:, None]) & (days < deals.end[:, None]))
    day = days[place]
    ramp = np.clip((day - deals.start[deal] + 1) / (1 if seller.short else 4), 0.15, 1)
    works = chance.random(len(deal)) > 0.07
    count = chance.poisson(volume[deal] * ramp * chance.lognormal(0, 0.3, len(deal)) * works)
    deal, day, count = deal[count > 0], day[count > 0], count[count > 0]
    row, at = paced(world, seller, deals.account[deal], day, count)
    deal = deal[row]
    kept = deals.holding(deal, at)
    return deal[kept], at[kept]


def _prey(world: World, seller: Seller, actor: Ints, held: Ints) -> Ints:
    """Strangers of the customer's topic; some sellers like two posts of one before they follow."""
    chance, size = world.chance, len(actor)
    strays = unit(actor, held, chance.integers(0, 3, size), 51) < 0.4
    topic = (world.crowd.topic[actor] + strays * chance.integers(0, 2, size)) % world.dials.topics
    target = world.ties.strangers(actor, topic, seller.local)
    again = (chance.random(size) < 0.3) & (np.roll(actor, 1) == actor) & seller.odd
    return np.where(again, np.roll(target, 1), target)


def _kinds(world: World, seller: Seller, size: int) -> Ints:
    part = world.chance.random(size)
    comment = (part >= seller.likes + seller.follows) & (part < seller.likes + seller.follows + seller.comments)
    follow = (part >= seller.likes) & (part < seller.likes + seller.follows)
    return np.where(follow, FOLLOW, np.where(comment, COMMENT, LIKE))


@dataclass(frozen=True, slots=True)
class Orders:
    """Orders of a pool: for whom, from when for how many seconds, what, and by which share of the members."""

    target: Ints
    start: Floats
    span: Floats
    kind: Ints
    share: Floats


def _deal_out(world: World, seller: Seller, deals: Deals) -> None:
    """Write the members' engagements for each other's and for paying buyers' orders."""
    chance, seed = world.chance, world.dials.seed
    orders, members = _orders(world, seller, deals), deals.account
    order, member = np.nonzero(_called(world, orders, deals))
    shape = chance.beta(1.0, 1.6, len(order)) if seller.odd else chance.random(len(order))
    at = orders.start[order] + shape * orders.span[order]
    if seller.family == "drip" and seller.pace.rhythm == "human":
        at = world.clock.awake(members[member], at)
    kept = deals.holding(member, at)
    order, member, at = order[kept], member[kept], at[kept]
    kind = orders.kind[order]
    sweep = 3.0 * chance.random(len(order)) if seller.family == "drip" else np.floor(unit(order, seed, 63) * 4)
    campaign = world.log.campaign(order)
    text = phrases(world, seller, kind)
    rows = acts(members[member], orders.target[order], at, kind, back=sweep, text=text, campaign=campaign)
    act_as(world, seller, rows, answerable=0.3)


def _orders(world: World, seller: Seller, deals: Deals) -> Orders:
    chance, drip = world.chance, seller.family == "drip"
    days = np.arange(world.dials.days)
    deal, day = np.nonzero((days + 1 > deals.start[:, None]) & (days < deals.end[:, None]))
    keen = unit(deals.account, world.dials.seed, 61) * 1.6
    small = np.clip((BUSY_POOL / len(deals)) ** 0.5, 1, 2.5)  # few members are asked more often
    row, _ = spread(chance.poisson(seller.pace.orders * small * keen[deal]))
    size = len(row)
    paid = chance.random(size) < chance.uniform(0.1, 0.4)
    buyer = seller.buyers[chance.integers(0, len(seller.buyers), size)]
    target = np.where(paid, buyer, deals.account[deal][row])
    awake = world.clock.moments(np.minimum(target, world.size - 1), day[row].astype(np.float64))
    minutes = np.exp(chance.uniform(math.log(300), math.log(7200), size))
    part = chance.random(size)
    return Orders(
        target=target,
        start=awake + chance.exponential(900, size),
        span=chance.uniform(1, 6, size) * DAY if drip else minutes,
        kind=np.where(part < max(seller.likes, 0.6), LIKE, np.where(part < 0.97, FOLLOW, COMMENT)),
        share=chance.uniform(0.15, 0.6, size) if drip else chance.uniform(0.08, 0.55, size),
    )


def _called(world: World, orders: Orders, deals: Deals) -> Bools:
    """Which members (columns) are called for which orders (rows)."""
    start, end = orders.start[:, None], (orders.start + orders.span)[:, None]
    held = (deals.start[None] * DAY < end) & (deals.end[None] * DAY > start)
    keen = np.clip(unit(deals.account, world.dials.seed, 62) * 1.6, 0.1, 1)
    return np.asarray(held & (world.chance.random(held.shape) < orders.share[:, None] * keen[None]), np.bool_)
