"""Genuine crowds that look like bought ones: fans, entrants of a giveaway, a class, newcomers, travellers, agencies."""

from __future__ import annotations

import numpy as np

from data.synthetic.drills.owners import live
from data.synthetic.drills.platform import COMMENT, DAY, FOLLOW, HOUR, LIKE, OFFICES, START, UNFOLLOW, Array
from data.synthetic.drills.sellers import between
from data.synthetic.drills.world import Origin, Place, World, texts


def take(world: World, ids: list[int], count: int, role: str) -> Array:
    chosen = [ids.pop() for _ in range(min(count, len(ids)))]
    for key in chosen:
        world.people.role[key] = role
    return np.array(chosen, dtype=np.int64)


def fans(world: World, ids: list[int]) -> None:
    """The same people on each post of one account, many within the first hour."""
    rng = world.rng
    crowd, star = take(world, ids, int(rng.integers(20, 130)), "fan"), int(rng.integers(world.owners))
    keen, spread = rng.uniform(0.1, 0.65), between(rng, 200, 20_000)
    for number in range(int(rng.integers(5, 35))):
        posted = START + rng.uniform(0, world.habits.days) * DAY
        who = crowd[rng.random(len(crowd)) < keen]
        at = posted + rng.exponential(spread, len(who))
        kind = np.where(rng.random(len(who)) < 0.9, LIKE, COMMENT)
        text = np.where(kind == COMMENT, world.words(len(who)), "")
        world.own(who, np.full(len(who), star), at, kind, post=f"star{star}_{number}", text=text)


def giveaway(world: World, ids: list[int]) -> None:
    """Hundreds follow the same few accounts within a day or two, and say so."""
    rng = world.rng
    crowd = take(world, ids, int(rng.integers(20, 90)), "giveaway")
    for _ in range(int(rng.integers(1, 3))):
        shops, opened = world.strangers(int(rng.integers(2, 8))), START + rng.uniform(0, world.habits.days - 2) * DAY
        spread, keen = rng.uniform(2, 40) * HOUR, rng.uniform(0.4, 1)
        for key in crowd[rng.random(len(crowd)) < keen]:
            at = opened + rng.uniform(0, spread) + np.cumsum(rng.uniform(2, 25, len(shops)))
            world.own(int(key), shops, at, FOLLOW)
            world.own(int(key), shops[:1], at[-1:] + 20, COMMENT, text="done")


def community(world: World, ids: list[int]) -> None:
    """A class or a team: everybody with everybody, over and over, often from one network."""
    rng, people = world.rng, world.people
    members = take(world, ids, int(rng.integers(8, 45)), "community")
    if len(members) < 5:
        return
    if rng.random() < 0.6:
        people.household[members[rng.random(len(members)) < 0.7]] = 5 * 10**6 + members[0]
    for key in members:
        count = int(rng.uniform(15, 100))
        hour = rng.normal(people.peak[members[0]], 3, count) % 24
        at = START + rng.integers(0, world.habits.days, count) * DAY + hour * HOUR + rng.uniform(0, 60, count)
        kind = rng.choice([LIKE, LIKE, LIKE, COMMENT], count)
        world.own(
            int(key), rng.choice(members, count), at, kind, text=np.where(kind == COMMENT, world.words(count), "")
        )


def newcomers(world: World, ids: list[int]) -> None:
    """New accounts that follow a hundred people on their first day."""
    rng, people = world.rng, world.people
    for key in take(world, ids, int(rng.integers(10, 36)), "newcomer"):
        people.born[key] = START + rng.uniform(0, world.habits.days - 1) * DAY
        count = int(rng.integers(30, 160))
        at = people.born[key] + np.cumsum(rng.lognormal(1.8, 1, count))
        target = np.where(rng.random(count) < 0.6, world.popular(count), world.strangers(count))
        world.own(int(key), target, at, FOLLOW)


def travellers(world: World, ids: list[int]) -> None:
    """A week in another country, on its networks, some with a new password entry."""
    rng, people, days = world.rng, world.people, world.habits.days
    for key in take(world, ids, int(rng.integers(10, 36)), "traveller"):
        kept = (people.country[key], people.move[key], people.household[key])
        first = int(rng.integers(1, max(days - 8, 2)))
        people.country[key] = (kept[0] + 1) % world.habits.countries
        people.move[key], people.household[key] = 0.0, 7 * 10**6 + int(rng.integers(8))
        live(world, int(key), (first, min(first + int(rng.integers(3, 9)), days)), 2.0)
        if rng.random() < 0.4:
            place = world.home(np.array([key]), np.array([START + first * DAY]))
            entry = (str(place.client[0]), int(place.asn[0]), str(place.device[0]), int(people.country[key]))
            world.entries.append((int(key), START + first * DAY, *entry))
        people.country[key], people.move[key], people.household[key] = kept


def heavy(world: World, ids: list[int]) -> None:
    """Dozens to hundreds of likes a day by thumb, in one sitting or in many."""
    rng, people, days = world.rng, world.people, world.habits.days
    for key in take(world, ids, int(rng.integers(4, 18)), "heavy"):
        usual, known, follows = between(rng, 15, 350), rng.uniform(0, 0.7), rng.uniform(0, 0.3)
        sittings, pace, spread = int(rng.integers(1, 9)), rng.uniform(0.4, 3.2), rng.uniform(0.5, 1.5)
        for day in rng.choice(days, max(1, int(days * rng.uniform(0.2, 1))), replace=False):
            sizes = rng.multinomial(1 + rng.poisson(usual), np.full(sittings, 1 / sittings))
            hours = rng.normal(people.peak[key], people.width[key] + 1, sittings) % 24
            parts = [
                START + day * DAY + hour * HOUR + np.cumsum(rng.lognormal(pace, spread, size))
                for hour, size in zip(hours, sizes, strict=True)
            ]
            at = np.concatenate(parts)
            count = len(at)
            new = np.where(rng.random(count) < rng.uniform(0.2, 0.9), world.popular(count), world.strangers(count))
            target = np.where(rng.random(count) < known, rng.choice(world.circles[key], count), new)
            world.own(int(key), target, at, np.where(rng.random(count) < follows, FOLLOW, LIKE))


def sprees(world: World, ids: list[int]) -> None:
    """People who follow dozens in a sitting, by thumb, and take most of it back some days later."""
    rng, people, days = world.rng, world.people, world.habits.days
    for key in take(world, ids, int(rng.integers(4, 14)), "heavy"):
        usual, pace, spread = between(rng, 10, 150), rng.uniform(0.6, 3.2), rng.uniform(0.5, 1.5)
        regret, likes, waits = rng.uniform(0.1, 1), rng.uniform(0, 0.6), rng.uniform(10, 200)
        for day in rng.choice(days, max(1, int(days * rng.uniform(0.1, 0.8))), replace=False):
            count = 1 + rng.poisson(usual)
            at = START + day * DAY + people.peak[key] % 24 * HOUR + np.cumsum(rng.lognormal(pace, spread, count))
            target = np.where(rng.random(count) < 0.5, world.popular(count), world.strangers(count))
            kind = np.where(rng.random(count) < likes, LIKE, FOLLOW)
            world.own(int(key), target, at, kind)
            undone = np.flatnonzero((kind == FOLLOW) & (rng.random(count) < regret))
            sitting = at[-1] + waits * HOUR + np.cumsum(rng.lognormal(pace, spread, len(undone)))
            world.own(int(key), target[undone], sitting, np.full(len(undone), UNFOLLOW))


def agency(world: World, ids: list[int], number: int) -> None:
    """An office that acts for its clients, with their consent, most of it declared."""
    rng, people = world.rng, world.people
    client = "suite" if rng.random() < 0.6 else f"app_{people.client[0]}"
    declares = rng.uniform(0.4, 1)
    for key in take(world, ids, int(rng.integers(5, 26)), "agency_client"):
        people.declared[key] = bool(rng.random() < declares)
        worked = [day for day in range(world.habits.days) if day % 7 < 5 and rng.random() < 0.8]
        parts = [
            START + day * DAY + rng.uniform(9, 17) * HOUR + np.cumsum(rng.lognormal(3.3, 1, 1 + rng.poisson(6)))
            for day in worked
        ]
        if not parts:
            continue
        at = np.sort(np.concatenate(parts))
        count = len(at)
        target = np.where(rng.random(count) < 0.5, rng.choice(world.circles[key], count), world.strangers(count))
        kind = rng.choice([LIKE, COMMENT], count)
        desk = texts("desk", np.full(count, number), rng.integers(0, 4, count))
        place = Place(client, OFFICES + number, f"office_{number}", desk, number % world.habits.countries)
        text = np.where(kind == COMMENT, "thanks for reaching out, write to us", "")
        world.add(int(key), target, at, kind, place=place, origin=Origin("agency"), text=text)


def password_entries(world: World) -> None:
    """People enter passwords too: now and then, and on a new phone."""
    rng, people, days = world.rng, world.people, world.habits.days
    some = rng.choice(world.owners, world.owners // 3, replace=False)
    when = rng.uniform(-20, days, len(some))
    changed = np.flatnonzero(people.device_change[: world.owners] < days)
    keys = np.concatenate([some, changed])
    at = START + np.concatenate([when, people.device_change[changed]]) * DAY + 1
    place = world.home(keys, at)
    world.entries += [
        (int(key), float(moment), str(client), int(asn), str(device), int(country))
        for key, moment, client, asn, device, country in zip(
            keys, at, place.client, place.asn, place.device, place.country, strict=True
        )
    ]


def gather(world: World, ids: list[int]) -> None:
    """Draw every kind of crowd, in numbers that differ from world to world."""
    rng = world.rng
    for _ in range(int(rng.integers(1, 4))):
        fans(world, ids)
    for _ in range(int(rng.integers(1, 3))):
        giveaway(world, ids)
    for _ in range(int(rng.integers(1, 5))):
        community(world, ids)
    newcomers(world, ids)
    travellers(world, ids)
    heavy(world, ids)
    sprees(world, ids)
    for number in range(int(rng.integers(1, 4))):
        agency(world, ids, number)
    password_entries(world)
