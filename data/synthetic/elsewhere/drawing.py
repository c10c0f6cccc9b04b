"""The order in which a world comes about: people, roles, posts, acts, tables."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import polars as pl

from data.synthetic.elsewhere.agencies import Agency, cast_agencies, work
from data.synthetic.elsewhere.chance import DAY, Ints
from data.synthetic.elsewhere.dials import draw_dials
from data.synthetic.elsewhere.gatherings import Club, Fans, cast_clubs, cast_fans, cheer, give_away, go_viral, meet
from data.synthetic.elsewhere.groups import run_farms, run_pods
from data.synthetic.elsewhere.guests import log_in
from data.synthetic.elsewhere.living import follow_spree, like_all_day, live
from data.synthetic.elsewhere.market import Deals, cast_sellers, enrol
from data.synthetic.elsewhere.platform import MOD_SHARES
from data.synthetic.elsewhere.posts import draw_posts
from data.synthetic.elsewhere.sellers import Seller
from data.synthetic.elsewhere.services import serve
from data.synthetic.elsewhere.world import World, draw_platform
from data.synthetic.elsewhere.writing import tables

FEWEST_ACCOUNTS, FEWEST_DAYS = 200, 5


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays which part."""

    agencies: list[Agency]
    following: list[Fans]
    clubs: list[Club]
    pods: list[Ints]
    sellers: list[Seller]
    deals: Deals


def draw_world(
    seed: int, *, accounts: int | None = None, days: int | None = None, bought: float | None = None
) -> dict[str, pl.DataFrame]:
    """One platform's log and the truth about it: accounts, engagements, logins, truth_engagements, truth_accounts.

    Promised: the columns and types of the input contract; the same tables for the same arguments; another platform for
    another seed. What is not given is drawn from the seed: `accounts` from 900 to 2,600, even on a logarithmic scale;
    `days`, the length of the log, from 18 to 50; `bought`, the share of accounts in the hands of a service, a farm or a
    pod, from 0.03 to 0.10. A few of these stay idle and are no part of the truth.
    """
    dials = draw_dials(seed, accounts, days, bought)
    if dials.accounts < FEWEST_ACCOUNTS or dials.days < FEWEST_DAYS or not 0 < dials.bought < 0.5:
        raise ValueError(f"A world needs {FEWEST_ACCOUNTS} accounts, {FEWEST_DAYS} days and a share below one half.")
    world = draw_platform(dials)
    cast = _cast(world)
    world.posts = draw_posts(world.crowd, world.clock, dials.days, world.chance)
    _act(world, cast)
    return tables(world)


def _cast(world: World) -> Cast:
    taken = round(world.dials.bought * world.size)
    farmed, podded = round(taken * world.dials.trade.farms), max(5, round(taken * world.dials.trade.pods))
    customers = max(8, taken - farmed - podded)
    _make_up(world, farmed)
    _name_the_rest(world)
    agencies, following, clubs = cast_agencies(world), cast_fans(world), cast_clubs(world)
    pods = _form_pods(world, podded)
    sellers = cast_sellers(world, customers)
    return Cast(agencies, following, clubs, pods, sellers, enrol(world, sellers, customers))


def _make_up(world: World, count: int) -> None:
    """Set aside the profiles of farms; half of them are made during the log."""
    chance, hands = world.chance, world.hands
    farm = chance.choice(world.size, count, replace=False)
    world.standing.made_up[farm] = True
    made = np.where(chance.random(count) < 0.5, chance.uniform(0, world.dials.days * 0.7, count), 0)
    hands.since[farm], hands.born[farm], hands.until[farm] = made, made, world.dials.days
    world.lots = [lot for lot in np.array_split(farm, int(chance.integers(1, 4))) if len(lot)]


def _name_the_rest(world: World) -> None:
    chance, habits, hands, days = world.chance, world.dials.habits, world.hands, world.dials.days
    heavy = _give(world, "heavy", habits.busy)
    fond = heavy[chance.random(len(heavy)) < 0.3]  # of a modified client
    world.phones.mod[fond] = chance.choice(world.clients.mods, len(fond), p=MOD_SHARES)
    new = _give(world, "newcomer", habits.newcomers)
    hands.since[new] = chance.uniform(0, days - 2, len(new))
    hands.born[new], hands.until[new] = hands.since[new], days
    travellers = _give(world, "traveller", habits.travellers)
    others = chance.choice(np.flatnonzero(world.standing.role == "genuine"), int(0.06 * world.size), replace=False)
    away = np.concatenate([travellers, others])
    world.places.trip_from[away] = chance.uniform(0, days * 0.9, len(away)) * DAY
    world.places.trip_to[away] = world.places.trip_from[away] + chance.lognormal(math.log(6), 0.7, len(away)) * DAY


def _give(world: World, role: str, share: float) -> Ints:
    open_ = np.flatnonzero((world.standing.role == "genuine") & ~world.standing.made_up)
    who = world.chance.choice(open_, max(2, int(share * world.size)), replace=False)
    world.standing.role[who] = role
    return who


def _form_pods(world: World, count: int) -> list[Ints]:
    """Strangers to each other who post often, in groups of nine to fifteen."""
    chance, rate = world.chance, world.crowd.rate
    members = world.some(count)
    rate[members] = np.clip(rate[members], chance.uniform(0.12, 0.5, len(members)), 0.9)
    world.standing.role[members] = "pod"
    return np.array_split(members, max(1, len(members) // int(chance.integers(9, 16))))


def _act(world: World, cast: Cast) -> None:
    _live(world)
    _spree(world)
    cheer(world, cast.following)
    give_away(world)
    go_viral(world)
    meet(world, cast.clubs)
    work(world, cast.agencies)
    for place, seller in enumerate(cast.sellers):
        serve(world, seller, cast.deals.take(cast.deals.seller == place))
    run_farms(world, world.lots)
    run_pods(world, cast.pods)
    log_in(world)


def _live(world: World) -> None:
    """Everybody but farms; some customers are dormant owners, the others want to grow."""
    chance, hands = world.chance, world.hands
    total, customers = hands.activity.copy(), world.role("customer")
    eager = total[customers] * chance.uniform(1, 2, len(customers))
    total[customers] = np.where(chance.random(len(customers)) < 0.15, 0.3, eager)
    total = total * (hands.until - hands.since) / world.dials.days
    alive = np.flatnonzero(~world.standing.made_up)
    live(world, alive, total[alive])
    like_all_day(world, world.role("heavy"))


def _spree(world: World) -> None:
    chance, habits, days = world.chance, world.dials.habits, world.dials.days
    new = world.role("newcomer")
    follow_spree(world, new, world.hands.since[new], chance.lognormal(math.log(70), 0.7, len(new)))
    later = world.some(int(habits.hobbyists * world.dials.zeal * world.size))
    follow_spree(world, later, chance.uniform(0, days - 3, len(later)), chance.lognormal(math.log(90), 0.8, len(later)))
    growing = world.some(int(habits.hustlers * world.dials.zeal * world.size))
    for _ in range(3):
        plan = chance.lognormal(math.log(110), 0.7, len(growing))
        follow_spree(world, growing, chance.uniform(0, days - 1, len(growing)), plan)
