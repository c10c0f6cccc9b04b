"""The market: this seed's sellers, their customers, and when each account is in whose hands."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from data.synthetic.elsewhere.chance import DAY, HOUR, Bools, Floats, Ints
from data.synthetic.elsewhere.sellers import NETS, Seller, draw_pace, draw_rig, draw_seller
from data.synthetic.elsewhere.world import World

FAMILIES = ("reciprocity", "collusion", "drip")
SEATS = 4  # customers that every seller has at least
CUSTOMERS_EACH = 9  # customers that one seller needs to live


@dataclass(frozen=True, slots=True)
class Deals:
    """One item per time that a seller holds an account; `start` and `end` are days from the log's start."""

    account: Ints
    seller: Ints
    start: Floats
    end: Floats

    def take(self, rows: Bools) -> Deals:
        """Keep the rows named."""
        return Deals(self.account[rows], self.seller[rows], self.start[rows], self.end[rows])

    def holding(self, row: Ints, at: Floats) -> Bools:
        """Whether the seller of the row holds the account at that second."""
        return np.asarray((at > self.start[row] * DAY) & (at < self.end[row] * DAY), np.bool_)

    def __len__(self) -> int:
        return len(self.account)


def new_seller(world: World, name: str, family: str, net: str, *, short: bool = False) -> Seller:
    """Draw one seller and enter it among the origins."""
    chance = world.chance
    rig = draw_rig(
        len(world.log.origins),
        net,
        days=world.dials.days,
        networks=world.networks,
        clients=world.clients,
        chance=chance,
    )
    pace = draw_pace(family, net, world.dials.zeal, chance)
    kind = "farm" if family == "farm" else "service"
    code = world.log.origin(f"{kind}:{name}")
    seller = draw_seller(
        name,
        family,
        code=code,
        rig=rig,
        pace=pace,
        phrases=world.words.sellers_phrases(),
        short=short,
        chance=chance,
    )
    return replace(seller, buyers=_buyers(world)) if family in ("collusion", "drip") else seller


def _buyers(world: World) -> Ints:
    """Ids that pay with money and lend no account; they post more than others."""
    chance, rate = world.chance, world.crowd.rate
    count = max(4, int(world.dials.bought * world.size / 25))
    buyers = world.ties.strangers(chance.integers(0, world.size, count))
    rate[buyers] = np.maximum(rate[buyers], chance.uniform(0.4, 2.0, count))
    return buyers


def cast_sellers(world: World, customers: int) -> list[Seller]:
    """Draw as many sellers as the customers feed, of every family, with other ways of working for every seed."""
    chance, share = world.chance, customers / CUSTOMERS_EACH
    reciprocal = int(np.clip(round(share * chance.uniform(0.4, 0.7)), 2, 6))
    colluding = int(np.clip(round(share * chance.uniform(0.2, 0.4)), 1, 3))
    dripping = int(np.clip(round(share * chance.uniform(0.1, 0.3)), 1, 2))
    sellers = [_reciprocal(world, place, reciprocal) for place in range(reciprocal)]
    for place in range(colluding):
        net = str(chance.choice(["hosting", "mixed", "resi", "mobile"]))
        sellers.append(new_seller(world, f"C{place + 1}", "collusion", net))
    for place in range(dripping):
        net = str(chance.choice(["hosting", "resi", "mixed", "home"], p=[0.25, 0.3, 0.25, 0.2]))
        sellers.append(new_seller(world, f"D{place + 1}", "drip", net))
    return _same_room(world, sellers, reciprocal)


def _reciprocal(world: World, place: int, count: int) -> Seller:
    chance = world.chance
    net = str(chance.choice(NETS, p=[0.3, 0.25, 0.1, 0.2, 0.15]))
    short = (place == count - 1 and count > 2) or chance.random() < 0.15
    return new_seller(world, f"R{place + 1}", "reciprocity", net, short=bool(short))


def _same_room(world: World, sellers: list[Seller], reciprocal: int) -> list[Seller]:
    """Sometimes two brands share one machine room."""
    brand = int(world.chance.integers(1, reciprocal))
    shared = world.chance.random() < 0.5 and "home" not in (sellers[0].rig.net, sellers[brand].rig.net)
    if shared:
        sellers[brand] = replace(sellers[brand], rig=sellers[0].rig)
    return sellers


def enrol(world: World, sellers: list[Seller], customers: int) -> Deals:
    """Draw who gave name and password to whom, and for how long; some come back, some try two sellers."""
    chance, standing = world.chance, world.standing
    open_ = np.flatnonzero(~standing.made_up & (standing.role != "pod"))
    weight = (np.minimum(world.hands.activity[open_] / world.dials.habits.organic, 300) + 25) ** 0.45
    account = chance.choice(open_, customers, replace=False, p=weight / weight.sum())
    seller = chance.choice(len(sellers), customers, p=_shares(world, sellers))
    seller[: SEATS * len(sellers)] = np.resize(np.arange(len(sellers)), min(customers, SEATS * len(sellers)))
    second = np.flatnonzero(chance.random(customers) < 0.15)
    account = np.concatenate([account, account[second]])
    seller = np.concatenate([seller, chance.integers(0, len(sellers), len(second))])
    fresh = np.unique(account * len(sellers) + seller, return_index=True)[1]
    deals = _terms(world, sellers, account[fresh], seller[fresh])
    seen = (deals.end > 0.2) & (deals.start < world.dials.days - 0.3) & (deals.end > deals.start)
    deals = deals.take(seen)
    _enter(world, sellers, deals)
    return deals


def _shares(world: World, sellers: list[Seller]) -> Floats:
    """Sellers divide the customers unevenly within each family's share."""
    families = [seller.family for seller in sellers]
    base = dict(zip(FAMILIES, world.dials.trade.families, strict=True))
    size = np.array([base[family] / families.count(family) for family in families])
    size = size * world.chance.lognormal(0, 0.4, len(sellers))
    return np.asarray(size / size.sum(), np.float64)


def _terms(world: World, sellers: list[Seller], account: Ints, seller: Ints) -> Deals:
    chance, days, size = world.chance, world.dials.days, len(account)
    short = np.array([one.short for one in sellers])[seller]
    pooled = np.array([one.family != "reciprocity" for one in sellers])[seller]
    trial = chance.random(size) < 0.45
    usual = np.where(trial, chance.uniform(3, 7, size), 5 + chance.exponential(22, size))
    stay = np.where(pooled, 6 + chance.exponential(25, size), usual)
    stay = np.where(short, chance.uniform(1, 4.5, size), stay)
    start = np.where(pooled, chance.uniform(-20, days * 0.7, size), chance.uniform(-12, days - 2, size))
    start = np.where(short, chance.uniform(0, days - 2, size), start)
    return _interrupted(chance, Deals(account, seller, start, start + stay), short)


def _interrupted(chance: np.random.Generator, deals: Deals, short: Bools) -> Deals:
    """Owners change the password and some hand it over again; others return after a pause."""
    size, part = len(deals), chance.random(len(deals))
    changed = ~short & (part < 0.2)
    cut = deals.start + chance.uniform(0.2, 1, size) * (deals.end - deals.start)
    resumed = changed & (chance.random(size) < 0.4)
    returned = ~changed & (chance.random(size) < 0.1)
    again = np.where(resumed, cut + chance.uniform(1, 48, size) / 24, deals.end + chance.uniform(2, 12, size))
    until = np.where(resumed, deals.end, again + chance.uniform(2, 12, size))
    more = resumed | returned
    return Deals(
        np.concatenate([deals.account, deals.account[more]]),
        np.concatenate([deals.seller, deals.seller[more]]),
        np.concatenate([deals.start, again[more]]),
        np.concatenate([np.where(changed, cut, deals.end), until[more]]),
    )


def _enter(world: World, sellers: list[Seller], deals: Deals) -> None:
    standing, rate = world.standing, world.crowd.rate
    standing.sold[deals.account] = True
    standing.role[deals.account] = "customer"
    for account, place in zip(deals.account.tolist(), deals.seller.tolist(), strict=True):
        seller = sellers[place]
        mark(world, account, world.log.origins[seller.code], seller.family)
        if seller.family != "reciprocity":  # who buys likes has posts to show
            rate[account] = max(rate[account], world.chance.uniform(0.2, 2.2))


def mark(world: World, account: int, origin: str, family: str) -> None:
    """Enter into the truth that an account is in somebody's hands; the first family stays."""
    standing = world.standing
    if origin not in standing.sellers[account]:
        standing.sellers[account].append(origin)
    standing.family[account] = standing.family[account] or family


def hand_over(world: World, seller: Seller, deals: Deals) -> None:
    """Write the seller's log-ins to its customers' accounts, and the owners' after a change of password."""
    chance, size = world.chance, len(deals)
    first = chance.random(size) < seller.login
    who, at = deals.account[first], deals.start[first] * DAY - chance.exponential(0.5, first.sum()) * HOUR
    mistyped = chance.random(len(who)) < 0.15
    _enter_as(world, seller, who[mistyped], at[mistyped] - 60, succeeded=False)
    _enter_as(world, seller, who, at)
    anew = chance.random(size) < 0.25
    between = chance.uniform(deals.start[anew], deals.end[anew]) * DAY
    _enter_as(world, seller, deals.account[anew], between)
    owner = chance.random(size) < 0.25
    world.login(deals.account[owner], deals.end[owner] * DAY + chance.exponential(3, owner.sum()) * HOUR)


def _enter_as(world: World, seller: Seller, who: Ints, at: Floats, *, succeeded: bool = True) -> None:
    world.login(who, at, world.rigs.scene(seller.rig, who, at), succeeded)
