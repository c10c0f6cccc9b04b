"""Who sells engagement on this platform, and how each of them works."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from data.synthetic.elsewhere.chance import DAY, HOUR, Ints
from data.synthetic.elsewhere.platform import GADGETS, MOD_SHARES, Clients, Networks
from data.synthetic.elsewhere.scene import ANDROID, IOS, LITE, OTHER, WEB, Address
from data.synthetic.elsewhere.words import Span

CURRENT = -1  # the build of a client that keeps up with the releases
NETS = ("hosting", "resi", "mobile", "home", "mixed")
DEVICES = ("fresh", "shared", "clone", "rotate", "none")


@dataclass(frozen=True, slots=True)
class Rig:
    """A seller's machine room: networks, devices and clients. Times are seconds."""

    number: int
    net: str  # one of NETS: hosting, residential proxies, mobile proxies, the customer's own phone, mixed
    device: str  # one of DEVICES
    systems: Ints  # the clients it shows, each a system and a build
    builds: Ints
    lag: float  # days behind the releases
    per_device: int
    sticky: float  # how long an account keeps its address
    off_net: float  # share of acts outside the hosting exits
    same_country: float  # share of proxies in the customer's country
    exits: Address
    later_exits: Address
    move: float  # when the later exits are taken


@dataclass(frozen=True, slots=True)
class Pace:
    """When and how much a seller acts."""

    rhythm: str  # steady, blocks, human or odd (while the owner sleeps or works)
    volume: float  # engagements a day and account
    gap: float  # seconds between two acts of a block
    gap_spread: float  # sigma of the logarithm of that
    pause: float  # hours of rest a day
    orders: float  # orders a day and customer


@dataclass(frozen=True, slots=True)
class Seller:
    """One seller; shares are 0 to 1."""

    name: str
    family: str
    code: int  # its place among the origins
    rig: Rig
    pace: Pace
    short: bool  # sells trials of a few days
    likes: float
    follows: float
    comments: float
    unfollow_hours: tuple[float, float]
    unfollows: float
    login: float  # customers whose handing over shows as a log-in
    local: float  # targets from the customer's country
    phrases: Span
    buyers: Ints = field(default_factory=lambda: np.zeros(0, np.int64))  # pay with money, lend no account

    @property
    def odd(self) -> bool:
        """A coin that always falls the same way for one seller."""
        return self.code % 2 == 1


def draw_rig(
    number: int, net: str, *, days: int, networks: Networks, clients: Clients, chance: np.random.Generator
) -> Rig:
    """Draw a machine room on networks of the kind named."""
    systems, builds = _shown(net, clients, chance)
    hosted = [0.35, 0.3, 0.1, 0.15, 0.1]
    rented = chance.random() < 0.35
    own = networks.exits(chance, int(chance.integers(1, 4)), int(chance.integers(2, 14)))
    return Rig(
        number=number,
        net=net,
        device=str(chance.choice(DEVICES, p=hosted if net == "hosting" else [0.45, 0.07, 0.2, 0.18, 0.1])),
        systems=systems,
        builds=builds,
        lag=float(chance.uniform(0, 12)),
        per_device=int(chance.integers(6, 70)),
        sticky=float(chance.choice([HOUR, 6 * HOUR, DAY, 30 * DAY])),
        off_net=float(chance.uniform(0.05, 0.2)) if net == "hosting" else 0.5,
        same_country=float(chance.choice([0.9, 0.96, 1.0])),
        exits=networks.vpns[int(chance.integers(0, len(networks.vpns)))] if rented else own,
        later_exits=networks.exits(chance, int(chance.integers(1, 3)), int(chance.integers(2, 10))),
        move=float(chance.uniform(0.5, 0.85) * days * DAY) if chance.random() < 0.3 else math.inf,
    )


def _shown(net: str, clients: Clients, chance: np.random.Generator) -> tuple[Ints, Ints]:
    """One to three clients: copied old builds, modified ones, the newest ones, the web client or the phone's own."""
    kind = "own" if net == "home" else str(chance.choice(["stale", "api", "spoof", "web"], p=[0.28, 0.14, 0.43, 0.15]))
    shown = [_client(kind, clients, chance) for _ in range(int(chance.integers(1, 4)))]
    return np.array([system for system, _ in shown]), np.array([build for _, build in shown])


def _client(kind: str, clients: Clients, chance: np.random.Generator) -> tuple[int, int]:
    system = int(chance.choice([ANDROID, ANDROID, IOS, LITE]))
    if kind == "web":
        return WEB, CURRENT
    if kind == "api":
        known = chance.random() < 0.85
        build = chance.choice(clients.mods, p=MOD_SHARES) if known else chance.integers(*GADGETS)
        return OTHER, int(build)
    if kind == "stale":
        copied = chance.random() < 0.96
        last = clients.legacy[chance.integers(0, len(clients.legacy)), system]
        return system, int(last if copied else clients.base[system] - chance.integers(1, 40))
    return system, CURRENT


def draw_pace(family: str, net: str, zeal: float, chance: np.random.Generator) -> Pace:
    """Draw a seller's day; `zeal` lowers it on quiet platforms."""
    rhythm = "odd" if net == "home" else str(chance.choice(["steady", "blocks", "human"], p=[0.4, 0.3, 0.3]))
    orders = chance.uniform(1.2, 3.0) if family == "drip" else chance.uniform(1.2, 4.0)
    return Pace(
        rhythm=rhythm,
        volume=float(np.clip(chance.lognormal(math.log(75), 0.7), 18, 380)) * zeal,
        gap=float(np.clip(chance.lognormal(math.log(22), 0.6), 5, 120)),
        gap_spread=float(chance.choice([0.08, 0.25, 0.6, 1.1])),
        pause=float(chance.uniform(4, 10)),
        orders=float(orders),
    )


def draw_seller(
    name: str,
    family: str,
    *,
    code: int,
    rig: Rig,
    pace: Pace,
    phrases: Span,
    short: bool,
    chance: np.random.Generator,
) -> Seller:
    """Draw what a seller does for its customers."""
    low, follows = chance.uniform(18, 60), float(chance.uniform(0.05, 0.45))
    return Seller(
        name=name,
        family=family,
        code=code,
        rig=rig,
        pace=pace,
        short=short,
        likes=1 - follows - 0.04,
        follows=follows,
        comments=float(chance.uniform(0, 0.05)),
        unfollow_hours=(float(low), float(low + chance.uniform(2, 48))),
        unfollows=float(chance.choice([0.0, 0.6, 0.85, 0.95])),
        login=float(chance.choice([0.3, 0.8, 1.0])),
        local=float(chance.uniform(0.45, 0.9)),
        phrases=phrases,
    )
