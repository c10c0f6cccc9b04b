"""Sellers of engagement, each drawn anew: how they get in, from where, when, how fast, to whom.

Five trades: reciprocity (acts for its customers on strangers, so that strangers act back), collusion (customers act on
each other's posts on request), drip (the same, slowly), farms (made-up accounts), and pods (people who promised each
other to react to every post).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.synthetic.drills.owners import answer
from data.synthetic.drills.platform import (
    COMMENT,
    DAY,
    FOLLOW,
    HOME_NETWORKS,
    HOUR,
    LIKE,
    MACHINE_ROOMS,
    START,
    UNFOLLOW,
    Array,
    append_young,
)
from data.synthetic.drills.world import Origin, Place, World, texts

# One act that a network deals out: member, time, target, number of the request.
Dealt = tuple[int, float, int, int]

TRADES = ("reciprocity", "collusion", "drip", "farm", "pod")
FAMILY_LETTERS = {"reciprocity": "R", "collusion": "C", "drip": "D", "farm": "F", "pod": "P"}
ORIGINS = {"farm": "farm", "pod": "pod"}


@dataclass(frozen=True, slots=True)
class Seller:
    """One service's way of working."""

    key: int
    trade: str
    # "own" copies the account's client, "usual" a popular one; any other is a name of the seller's own.
    client: str
    popular: int
    # Releases behind the newest when it began, and whether it keeps up.
    behind: float
    keeps_up: bool
    # Share of customers from before the log begins, and share whose owners hardly act.
    standing: float
    asleep: float
    network: str
    rooms: int
    prefixes: int
    country: int
    borrows_homes: bool
    device: str
    accounts_per_device: int
    hours: str
    per_day: float
    session: float
    gap_mean: float
    gap_shape: float
    mix: tuple[float, ...]
    takes_back: bool
    aims_at: str
    entry_share: float
    moves_on: float
    home_share: float

    @property
    def name(self) -> str:
        return f"{FAMILY_LETTERS[self.trade]}{self.key}"

    @property
    def origin(self) -> Origin:
        return Origin(f"{ORIGINS.get(self.trade, 'service')}:{self.name}", is_bought=True)


def between(rng: np.random.Generator, least: float, most: float) -> float:
    """A size without a preferred scale."""
    return float(np.exp(rng.uniform(np.log(least), np.log(most))))


def draw_seller(world: World, key: int) -> Seller:
    rng, habits = world.rng, world.habits
    trade = str(rng.choice(TRADES, p=[0.36, 0.25, 0.17, 0.13, 0.09]))
    per_day = between(rng, 1.5, 120)
    network = str(rng.choice(["rooms", "home_country", "anywhere", "own"], p=[0.36, 0.3, 0.16, 0.18]))
    mix = rng.dirichlet([5, 2, 0.6, 0.01])
    return Seller(
        key=key,
        trade=trade,
        client=str(rng.choice(["own", "usual", "usual", f"library_{key}", f"stale_{key % 2}"])),
        popular=int(rng.choice(habits.clients, p=habits.client_shares)),
        behind=float(rng.choice([0, 1, 3, 9])),
        keeps_up=bool(rng.random() < 0.5),
        standing=float(rng.choice([0.1, 0.5, 0.9, 1.0])),
        asleep=float(rng.uniform(0, 0.9)),
        network="rooms" if trade == "farm" and network == "own" else network,
        rooms=int(rng.integers(1, 5)),
        prefixes=int(between(rng, 1, 300)),
        country=int(rng.integers(habits.countries)),
        borrows_homes=bool(rng.random() < 0.4),
        device=str(rng.choice(["shared", "customer", "session", "customer"])),
        accounts_per_device=int(rng.integers(3, 80)),
        hours=str(rng.choice(["night", "any", "any", "owner", "office"])),
        per_day=per_day,
        session=min(between(rng, 1, 50), per_day),
        gap_mean=between(rng, 3, 200),
        gap_shape=float(rng.uniform(0.5, 8)),
        mix=tuple(mix),
        takes_back=bool(rng.random() < 0.6 and mix[FOLLOW] > 0.05),
        aims_at=str(rng.choice(["strangers", "popular", "list"])),
        entry_share=float(rng.random()),
        moves_on=float(rng.uniform(0, habits.days)) if rng.random() < 0.25 else 1e9,
        home_share=float(rng.uniform(0.05, 0.6)) if rng.random() < 0.2 else 0.0,
    )


def place_of(world: World, seller: Seller, key: int, at: Array) -> Place | None:
    """From where the seller acts for this account; nothing when it acts from the account's own phone."""
    if seller.network == "own":
        return None
    rng = world.rng
    session = np.concatenate([[0], np.cumsum(np.diff(at) > HOUR / 2)]) if len(at) else np.zeros(0, dtype=np.int64)
    client = _client(world, seller, key, at)
    country, asn, prefix = _network(world, seller, key, at, session)
    device = {
        "shared": lambda: texts(f"machine{seller.key}", np.full(len(at), key // seller.accounts_per_device)),
        "customer": lambda: texts(f"copy{seller.key}", np.full(len(at), key)),
        "session": lambda: texts(f"fresh{seller.key}", np.full(len(at), key), session),
    }[seller.device]()
    del rng
    return Place(client, asn, prefix, device, country)


def _client(world: World, seller: Seller, key: int, at: Array) -> Array | str:
    """The client that the seller shows: its own, or a copy of a build, kept up to date or not."""
    if seller.client not in ("own", "usual"):
        return seller.client
    code = world.people.client[key] if seller.client == "own" else seller.popular
    when = at if seller.keeps_up else np.full(len(at), float(START))
    return world.builds(np.full(len(at), code), when, seller.behind)


def _network(world: World, seller: Seller, key: int, at: Array, session: Array) -> tuple[Array, Array, Array]:
    habits, people = world.habits, world.people
    turn = session * 31 + key * 17
    if seller.network == "rooms":
        moved = ((at - START) / DAY > seller.moves_on).astype(np.int64) * 5
        asn = MACHINE_ROOMS + 10 * seller.key + moved + (turn % seller.rooms)
        prefix = texts(f"rack{seller.key}", moved, (session * 7 + key) % seller.prefixes)
        return np.full(len(at), seller.country), asn, prefix
    home = seller.network == "home_country"
    country = np.full(len(at), people.country[key]) if home else (session * 13 + key) % habits.countries
    network = turn % habits.networks
    house = (session * 7919 + key * 31) % world.owners
    lease = ((at - START) / (habits.home_lease_days * DAY)).astype(np.int64)
    borrowed = texts("h", people.household[house], lease, np.zeros(len(at), dtype=np.int64))
    prefix = borrowed if seller.borrows_homes else texts(f"pool{seller.key}", (session * 7919 + key * 31) % 4000)
    return country, HOME_NETWORKS + country * 50 + network, prefix


def act(
    world: World, seller: Seller, key: int, *, target: Array, at: Array, kind: Array, campaign: Array | str = ""
) -> None:
    """Add acts of the seller in the account's name, a share of them through the account's own network."""
    rng = world.rng
    stems = world.words(len(at))
    spin = rng.choice(np.array(["", "!", " :)", "!!"], dtype=object), len(at))
    text = np.where(kind == COMMENT, stems + spin, "")
    place = place_of(world, seller, key, at)
    if place is None or rng.random() < seller.home_share:
        world.own(key, target, at, kind, origin=seller.origin, text=text, campaign=campaign)
    else:
        world.add(key, target, at, kind, place=place, origin=seller.origin, text=text, campaign=campaign)


def hire(world: World, seller: Seller, ids: list[int]) -> dict[int, tuple[float, float]]:
    """Take customers and say from when to when each is one; most hand over their password, some are seen doing it."""
    rng, people, days = world.rng, world.people, world.habits.days
    count = min(int(between(rng, 8, 70)), len(ids))
    spans = {}
    for key in (ids.pop() for _ in range(count)):
        first = 0.0 if rng.random() < seller.standing else float(rng.uniform(0, days * 0.7))
        spans[key] = (first, min(days, first + float(rng.uniform(3, days))))
        begun = START + first * DAY
        people.role[key], people.family[key] = "customer", seller.trade
        people.services[key].append(seller.name)
        people.started[key] = min(people.started[key] or begun, begun)
        if rng.random() < seller.asleep:
            people.activity[key] *= rng.uniform(0.02, 0.4)
        place = place_of(world, seller, key, np.array([begun]))
        if place is not None and rng.random() < seller.entry_share:
            when = begun - float(rng.exponential(3000))
            client = place.client if isinstance(place.client, str) else str(place.client[0])
            world.entries.append((key, when, client, int(place.asn[0]), str(place.device[0]), int(place.country[0])))
    return spans


def opening_hour(world: World, seller: Seller, key: int) -> float:
    """The hour of the day at which a session of the seller begins."""
    rng, people = world.rng, world.people
    if seller.hours == "night":
        return float(rng.normal(3, 2) % 24)
    if seller.hours == "owner":
        return float(rng.normal(people.peak[key], people.width[key]) % 24)
    return float(rng.uniform(8, 18) if seller.hours == "office" else rng.uniform(0, 24))


def schedule(world: World, seller: Seller, key: int, span: tuple[float, float]) -> Array:
    """Moments of the seller's acts for one account: sessions a day, at its hours, at its pace, with a slow start."""
    rng, told = world.rng, []
    for day in range(int(span[0]), int(span[1])):
        slow = 0.4 if day - span[0] < 3 else 1.0
        for _ in range(rng.poisson(slow * seller.per_day / seller.session)):
            hour = opening_hour(world, seller, key)
            gaps = rng.gamma(seller.gap_shape, seller.gap_mean / seller.gap_shape, 1 + rng.poisson(seller.session))
            told.append(START + day * DAY + hour * HOUR + np.cumsum(gaps))
    return np.sort(np.concatenate(told)) if told else np.zeros(0)


def reciprocity(world: World, seller: Seller, ids: list[int]) -> None:
    rng = world.rng
    listed = world.strangers(int(rng.integers(100, 600)))
    for key, span in hire(world, seller, ids).items():
        at = schedule(world, seller, key, span)
        count = len(at)
        if count == 0:
            continue
        aims = {"strangers": world.strangers, "popular": world.popular}
        target = aims[seller.aims_at](count) if seller.aims_at in aims else rng.choice(listed, count)
        kind = rng.choice(4, count, p=seller.mix)
        act(world, seller, key, target=target, at=at, kind=kind)
        if seller.takes_back:
            undone = np.flatnonzero((kind == FOLLOW) & (rng.random(count) < 0.8))
            later = at[undone] + rng.uniform(20, 70, len(undone)) * HOUR
            order = np.argsort(later)
            taken_back = np.full(len(undone), UNFOLLOW)
            act(world, seller, key, target=target[undone][order], at=later[order], kind=taken_back)
        moved = rng.random(count) < np.where(kind == FOLLOW, 0.12, 0.02)
        if moved.any() and not world.habits.has_pages:
            answer(world, key, target[moved], at[moved], np.where(kind[moved] == FOLLOW, FOLLOW, LIKE))


def requests(world: World, _seller: Seller, spans: dict[int, tuple[float, float]], pool: Array) -> list[Dealt]:
    """Requests for engagement, each answered by a draw of members within a window of minutes to days."""
    rng, days = world.rng, world.habits.days
    density, window = between(rng, 0.03, 0.45), between(rng, 240, 2 * DAY)
    told = []
    for number in range(int(between(rng, 30, 400))):
        target, moment = int(rng.choice(pool)), float(rng.uniform(0, days))
        ready = [key for key, (first, last) in spans.items() if first <= moment <= last and key != target]
        if len(ready) < 4:
            continue
        asked = rng.choice(ready, min(len(ready), max(3, int(density * len(ready)))), replace=False)
        delay = rng.beta(1, 2, len(asked)) * window
        start = START + moment * DAY
        told += [(int(key), start + wait, target, number) for key, wait in zip(asked, delay, strict=True)]
    return told


def drips(world: World, seller: Seller, spans: dict[int, tuple[float, float]], pool: Array) -> list[Dealt]:
    """A few acts a day for each member, at any hour or, from its own phone, at its own hours."""
    rng, people = world.rng, world.people
    rate = between(rng, 0.5, 8)
    told = []
    for key, (first, last) in spans.items():
        count = rng.poisson(rate * (last - first))
        at = START + rng.uniform(first, last, count) * DAY
        if seller.network == "own" or seller.hours == "owner":
            at = at - at % DAY + (rng.normal(people.peak[key], 4, count) % 24) * HOUR
        told += [(key, float(when), int(target), 0) for when, target in zip(at, rng.choice(pool, count), strict=True)]
    return told


def collusion(world: World, seller: Seller, ids: list[int]) -> None:
    """Customers act on each other, or on a list of buyers, on request or by and by."""
    rng = world.rng
    spans = hire(world, seller, ids)
    if len(spans) < 5:
        return
    buyers = np.unique(world.strangers(int(rng.integers(10, 60))))
    pool = np.array(list(spans)) if rng.random() < 0.6 else buyers
    dealt = (requests if seller.trade == "collusion" else drips)(world, seller, spans, pool)
    main = int(rng.choice(4, p=rng.dirichlet([6, 1.5, 1, 0.01])))
    by_member: dict[int, list[Dealt]] = {}
    for row in dealt:
        by_member.setdefault(row[0], []).append(row)
    for key, rows in by_member.items():
        rows.sort(key=lambda row: row[1])
        at, target = np.array([row[1] for row in rows]), np.array([row[2] for row in rows])
        campaign = texts(seller.name, np.array([row[3] for row in rows]))
        kind = np.where(rng.random(len(rows)) < 0.85, main, rng.choice(4, len(rows), p=[0.7, 0.2, 0.1, 0.0]))
        act(world, seller, key, target=target, at=at, kind=kind, campaign=campaign)


def farm(world: World, seller: Seller) -> None:
    """Made-up accounts that follow and like for buyers, and some others to hide among."""
    rng, people, days = world.rng, world.people, world.habits.days
    buyers = world.strangers(int(rng.integers(5, 40)))
    busy, mix, aimed = rng.uniform(0.1, 0.9), rng.dirichlet([1.5, 4, 0.4, 0.01]), rng.uniform(0.3, 0.95)
    for key in append_young(rng, world.habits, people, int(between(rng, 10, 70))):
        people.family[key], people.started[key] = "farm", START
        people.services[key].append(seller.name)
        active = np.flatnonzero(rng.random(days) < busy)
        scale, size = seller.gap_mean / seller.gap_shape, min(seller.session, 12)
        parts = [
            START
            + day * DAY
            + rng.uniform(0, 24) * HOUR
            + np.cumsum(rng.gamma(seller.gap_shape, scale, 1 + rng.poisson(size)))
            for day in active
        ]
        if not parts:
            continue
        at = np.sort(np.concatenate(parts))
        target = np.where(rng.random(len(at)) < aimed, rng.choice(buyers, len(at)), world.strangers(len(at)))
        act(world, seller, int(key), target=target, at=at, kind=rng.choice(4, len(at), p=mix))


def pod(world: World, seller: Seller, ids: list[int]) -> None:
    """Members react to each other's posts soon after, by hand and from their own phones."""
    rng, people, days = world.rng, world.people, world.habits.days
    members = np.array([ids.pop() for _ in range(min(int(between(rng, 6, 40)), len(ids)))], dtype=np.int64)
    posts, words = between(rng, 0.1, 1.5), rng.uniform(0, 0.7)
    faithful, soon = rng.uniform(rng.uniform(0.2, 0.7), 0.95, len(members)), between(rng, 300, 20_000)
    for key in members:
        people.role[key], people.family[key], people.started[key] = "pod", "pod", float(START)
        people.services[key].append(seller.name)
        for number, hour in enumerate(rng.normal(people.peak[key], 3, rng.poisson(posts * days)) % 24):
            posted = START + rng.integers(0, days) * DAY + hour * HOUR
            who = members[(rng.random(len(members)) < faithful) & (members != key)]
            at = posted + soon * rng.lognormal(0, rng.uniform(0.6, 1.3), len(who))
            target, post = np.full(len(who), key), f"pod{key}_{number}"
            world.own(who, target, at, LIKE, origin=seller.origin, post=post)
            says = rng.random(len(who)) < words
            later, text = at[says] + rng.uniform(5, 90, int(says.sum())), world.words(int(says.sum()))
            world.own(who[says], target[says], later, COMMENT, origin=seller.origin, post=post, text=text)


def trade(world: World, key: int, ids: list[int]) -> None:
    """Draw one seller and let it work."""
    seller = draw_seller(world, key)
    if seller.trade == "farm":
        farm(world, seller)
    elif seller.trade == "pod":
        pod(world, seller, ids)
    elif seller.trade == "reciprocity":
        reciprocity(world, seller, ids)
    else:
        collusion(world, seller, ids)
