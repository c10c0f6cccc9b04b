"""Agencies that run accounts with their owners' licence: delegated work, and genuine."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from data.synthetic.elsewhere.acts import AGENCY, COMMENT, FOLLOW, LIKE, acts
from data.synthetic.elsewhere.chance import HOUR, Bools, Floats, Ints, below, running, spread
from data.synthetic.elsewhere.lands import ZONES
from data.synthetic.elsewhere.platform import PARTNERS, other
from data.synthetic.elsewhere.scene import Scene
from data.synthetic.elsewhere.ties import CREATORS
from data.synthetic.elsewhere.world import World

BROWSER = -1
CAMPAIGN = 30  # more engagements than this on a day are a campaign


@dataclass(frozen=True, slots=True)
class Agency:
    """An office, its tool and its clients."""

    clients: Ints
    country: int
    tool: int  # client code, or BROWSER
    devices: Ints
    network: int
    slot: int
    since: Floats  # day on which each client came, negative: before the log

    def scene(self, world: World, at: Floats, device: Ints) -> Scene:
        """The office's scene at these times."""
        same = np.ones(len(at), np.int64)
        client = world.clients.web(at) if self.tool == BROWSER else same * self.tool
        return Scene(client, same * self.network, same * self.slot, device, same * self.country)


def cast_agencies(world: World) -> list[Agency]:
    """Found the agencies and give them their clients; no account has two."""
    taken = np.zeros(world.size, np.bool_)
    return [_agency(world, taken) for _ in range(max(2, int(world.size / world.dials.trade.agency_every)))]


def _agency(world: World, taken: Bools) -> Agency:
    chance, networks, standing = world.chance, world.networks, world.standing
    country = int(chance.choice(len(networks.land_shares), p=networks.land_shares))
    clients = _clients(world, country, taken)
    taken[clients] = True
    standing.role[clients] = "agency_client"
    standing.delegated[clients] = chance.random(len(clients)) < 0.7
    world.crowd.rate[clients] = np.maximum(world.crowd.rate[clients], chance.uniform(0.2, 1.0, len(clients)))
    network = _office(world, country)
    return Agency(
        clients=clients,
        country=country,
        tool=int(other(chance.choice(np.array(PARTNERS)))) if chance.random() < 0.55 else BROWSER,
        devices=world.new_devices(int(chance.integers(1, 5))),
        network=network,
        slot=int(chance.integers(0, networks.slots[network])),
        since=np.where(chance.random(len(clients)) < 0.7, -5.0, chance.uniform(0, world.dials.days, len(clients))),
    )


def _clients(world: World, country: int, taken: Bools) -> Ints:
    chance = world.chance
    open_ = ~taken & ~world.standing.made_up
    candidates = np.flatnonzero(open_ & (world.crowd.country[: world.size] == country))
    if len(candidates) < 10:
        candidates = np.flatnonzero(open_)
    weight = world.crowd.rate[candidates] ** 0.5
    count = min(int(chance.integers(5, 26)), len(candidates))
    return chance.choice(candidates, count, replace=False, p=weight / weight.sum())


def _office(world: World, country: int) -> int:
    chance, networks = world.chance, world.networks
    if chance.random() < 0.5:
        return int(chance.choice(networks.offices))
    return int(chance.choice(networks.hosts) if chance.random() < 0.3 else networks.fixed[country])


def work(world: World, agencies: list[Agency]) -> None:
    """Write the office days of agencies, and their first log-in to accounts that came during the log."""
    for agency in agencies:
        _office_days(world, agency)
        came = agency.since > 0
        at = (np.floor(agency.since[came]) * 24 + world.chance.uniform(9, 17, came.sum())) * HOUR
        world.login(agency.clients[came], at, agency.scene(world, at, np.resize(agency.devices, came.sum())))


def _office_days(world: World, agency: Agency) -> None:
    chance, ties = world.chance, world.ties
    client, day, count = _plan(world, agency)
    row, position = spread(count)
    actor, busy = agency.clients[client][row], count[row] > CAMPAIGN
    opening = (day * 24 + chance.uniform(8.5, 16.5, len(day)) - ZONES[agency.country]) * HOUR
    gap = np.where(count > CAMPAIGN, chance.uniform(4, 25, len(day)), chance.uniform(20, 240, len(day)))
    at = opening[row] + running(chance.exponential(1, len(row)) * gap[row] + 1, row, position)
    strange = busy | (chance.random(len(row)) < 0.5)
    creator = ties.creators[actor, chance.integers(0, CREATORS, len(row))]
    target = np.where(strange, ties.strangers(actor, local=0.9), creator)
    device = agency.devices[below(len(agency.devices), actor, day[row], 5)]
    rows = acts(actor, target, at, _kinds(world, busy))
    world.write(rows, agency.scene(world, at, device), AGENCY, answerable=1.0)


def _plan(world: World, agency: Agency) -> tuple[Ints, Ints, Ints]:
    """Client, day and number of engagements of each office day; some days are campaigns."""
    chance, days = world.chance, np.arange(world.dials.days)
    shape = len(agency.clients), len(days)
    pace = chance.lognormal(math.log(9), 0.7, shape[0]) * world.dials.zeal
    usual = chance.poisson(pace[:, None], shape)
    wanted = np.where(chance.random(shape) < 0.05, chance.uniform(40, 220, shape) * world.dials.zeal, usual)
    weekday = (days + world.dials.weekday) % 7 < 5
    wanted = wanted * (weekday | (chance.random(shape) < 0.1)) * (days[None] > agency.since[:, None])
    client, day = np.nonzero(wanted >= 1)
    return client, day, wanted[client, day].astype(np.int64)


def _kinds(world: World, busy: Bools) -> Ints:
    part = world.chance.random(len(busy))
    campaign = np.where(part < 0.8, LIKE, np.where(part < 0.92, FOLLOW, COMMENT))
    return np.where(busy, campaign, np.where(part < 0.45, LIKE, np.where(part < 0.97, COMMENT, FOLLOW)))
