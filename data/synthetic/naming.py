"""From numbers to a log: ids, names and columns of the input contract, and the truth beside it.

Ids come from a bijection of a number that says nothing (a place in a shuffled order, a row in the order of time).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from data.synthetic.acts import COMMENT, DAY, Acts
from data.synthetic.build import Cast
from data.synthetic.chance import Array, scramble, stream
from data.synthetic.people import ROLE, ROLES
from data.synthetic.places import COUNTRIES, prefix_names
from data.synthetic.whereabouts import CLIENT_NAMES
from data.synthetic.words import handles

KIND_NAMES = ("like", "follow", "comment", "unfollow")
# Ids below a prime of twelve digits stay within what a string column holds in place.
PRIME, STEP = 999_999_999_989, 30_000_000_091
# A day has fewer rows than this, so that ids of different days never meet.
ROWS_A_DAY = 3_000_000
TRUTH_ENGAGEMENTS = ("is_inauthentic", "origin", "campaign_id")


@dataclass(frozen=True, slots=True)
class Names:
    """Every name of a world by code, rendered once."""

    accounts: pl.Series
    clients: pl.Series
    prefixes: pl.Series
    asns: pl.Series
    countries: pl.Series
    devices: pl.Series
    texts: pl.Series
    origins: pl.Series
    is_bought: pl.Series
    start: int
    salt: int


def spread_ids(numbers: Array, salt: int) -> pl.Series:
    """Twelve digits at most for each number, no two alike, in no order that shows."""
    told = (numbers.astype(np.uint64) * np.uint64(STEP) + np.uint64(salt)) % np.uint64(PRIME)
    return pl.Series(told).cast(pl.String)


def name_all(cast: Cast) -> Names:
    world, seed = cast.world, cast.world.spec.seed
    salt = int(scramble(seed)[0] % 10**11)
    order = stream(seed, "account ids").permutation(len(world.people))
    lands = pl.Series([code for code, _, _ in COUNTRIES])
    origins = world.origins
    return Names(
        accounts=spread_ids(order, salt),
        clients=pl.Series(CLIENT_NAMES),
        prefixes=pl.Series(prefix_names(np.arange(world.atlas.size), seed)),
        asns=pl.Series(world.atlas.asns()),
        countries=lands.gather(world.atlas.seen_countries(seed).astype(np.uint32)),
        devices=spread_ids(np.arange(world.devices), salt // 3),
        texts=pl.Series(world.phrases.texts),
        origins=pl.Series(origins),
        is_bought=pl.Series([":" in name for name in origins]),
        start=int(world.spec.starts_at.timestamp() * 1e6),
        salt=salt,
    )


def moments(at: Array, start: int) -> pl.Series:
    return pl.Series("at", at + start).cast(pl.Datetime("us", "UTC"))


def gathered(names: pl.Series, codes: Array) -> pl.Series:
    return names.gather(pl.Series(codes.astype(np.uint32)))


def known(names: pl.Series, codes: Array) -> pl.Series:
    """As gathered, and nothing where the code is negative."""
    return names.gather(pl.Series(codes).cast(pl.UInt32, strict=False))


def name_engagements(names: Names, acts: Acts, day: int) -> pl.DataFrame:
    """The rows of one day with their truth; an id depends on nothing but the day and the row."""
    rows = np.arange(len(acts), dtype=np.uint64) + np.uint64(day * ROWS_A_DAY)
    post = acts["post"]
    posts = pl.Series(scramble(post, names.salt) >> np.uint64(22)).cast(pl.String)
    return pl.DataFrame(
        {
            "engagement_id": spread_ids(rows, names.salt // 5),
            "kind": gathered(pl.Series(KIND_NAMES), acts["kind"]),
            "actor_id": gathered(names.accounts, acts["actor"]),
            "target_id": gathered(names.accounts, acts["target"]),
            "at": moments(acts["at"], names.start),
            "post_id": posts.zip_with(pl.Series(post >= 0), pl.Series([None], dtype=pl.String)),
            "client_id": gathered(names.clients, acts["client"]),
            "asn": gathered(names.asns, acts["prefix"]),
            "ip_prefix": gathered(names.prefixes, acts["prefix"]),
            "device_id": gathered(names.devices, acts["device"]),
            "country": gathered(names.countries, acts["prefix"]),
            "text": known(names.texts, np.where(acts["kind"] == COMMENT, acts["text"], -1)),
            "is_inauthentic": gathered(names.is_bought, acts["origin"]),
            "origin": gathered(names.origins, acts["origin"]),
            "campaign_id": campaigns(acts["campaign"]),
        }
    )


def campaigns(codes: Array) -> pl.Series:
    told = pl.Series("campaign", codes)
    return (
        told.to_frame()
        .select(pl.when(told >= 0).then(pl.format("c{}", pl.col("campaign"))).otherwise(None))
        .to_series()
    )


def name_accounts(cast: Cast, names: Names) -> pl.DataFrame:
    """One row per account of the input contract, in the order of ids."""
    world, people = cast.world, cast.world.people
    rng = stream(world.spec.seed, "profiles")
    count = len(people)
    followers, following, posts = profiles(cast, rng)
    told = pl.DataFrame(
        {
            "account_id": names.accounts,
            "created_at": moments((people.born.astype(np.float64) * DAY).astype(np.int64), names.start),
            "handle": handles(np.arange(count), world.spec.seed, is_hostile=cast.hostile),
            "followers": followers,
            "following": following,
            "posts": posts,
            "country": gathered(pl.Series([code for code, _, _ in COUNTRIES]), people.country),
            "is_verified": (people.rank < 0.004 * count) & (rng.random(count) < 0.7) | (rng.random(count) < 0.002),
            "is_delegated": people.declared,
        }
    )
    return told.filter(pl.Series(people.born < world.spec.first_day + world.spec.days)).sort("account_id")


def profiles(cast: Cast, rng: np.random.Generator) -> tuple[Array, Array, Array]:
    """Followers, following and posts: of people by their rank, of farms as farms have them, of customers lifted."""
    people = cast.world.people
    count, role = len(people), people.role
    fame = (count / (1.0 + people.rank)) ** 0.75
    followers = rng.lognormal(np.log(330), 1.1, count) * np.maximum(1.0, fame / 12)
    following = rng.lognormal(np.log(430), 0.85, count)
    posts = rng.lognormal(np.log(34), 1.35, count)
    is_customer = role == ROLE["customer"]
    lift = np.where(is_customer, rng.uniform(1.0, 3.0, count), 1.0)
    following, followers = following * lift, followers * np.sqrt(lift)
    is_farm = role == ROLE["farm"]
    followers = np.where(is_farm, rng.lognormal(np.log(65), 0.9, count), followers)
    following = np.where(is_farm, rng.lognormal(np.log(rng.choice([80, 900, 1_600], count)), 0.7, count), following)
    posts = np.where(is_farm, rng.lognormal(np.log(2.5), 1.5, count), posts)
    is_new = people.born > 0
    followers, posts = np.where(is_new, followers * 0.1, followers), np.where(is_new, posts * 0.1, posts)
    return followers.astype(np.int64), following.astype(np.int64), posts.astype(np.int64)


def name_entries(cast: Cast, names: Names) -> pl.DataFrame:
    """Password entries within the log, in the order of time."""
    spec, parts = cast.world.spec, cast.world.entries.parts
    told = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    at, first = told["at"], spec.first_day * DAY
    rows = np.flatnonzero((at >= first) & (at < first + spec.days * DAY))
    rows = rows[np.lexsort((told["actor"][rows], at[rows]))]
    return pl.DataFrame(
        {
            "account_id": gathered(names.accounts, told["actor"][rows]),
            "at": moments(at[rows], names.start),
            "client_id": gathered(names.clients, told["client"][rows]),
            "asn": gathered(names.asns, told["prefix"][rows]),
            "device_id": gathered(names.devices, told["device"][rows]),
            "country": gathered(names.countries, told["prefix"][rows]),
            "succeeded": told["succeeded"][rows],
        }
    )


def name_truth(cast: Cast, names: Names, bought: Array) -> pl.DataFrame:
    """One row per account: `bought` says of each whether anything was bought from it in this log."""
    world, people = cast.world, cast.world.people
    told = pl.DataFrame(
        {
            "key": np.arange(len(people)),
            "account_id": names.accounts,
            "is_inauthentic": bought,
            "role": gathered(pl.Series(ROLES), people.role),
        }
    )
    served = pl.DataFrame(
        {
            "key": pl.Series(list(world.services), dtype=pl.Int64),
            "services": pl.Series(list(world.services.values()), dtype=pl.List(pl.String)),
            "family": pl.Series([world.families[key] for key in world.services], dtype=pl.String),
            "started_at": moments(
                np.array([world.started[key] * DAY for key in world.services]).astype(np.int64), names.start
            ),
        }
    )
    none = pl.lit([], dtype=pl.List(pl.String))
    told = told.join(served, on="key", how="left", maintain_order="left").drop("key")
    told = told.with_columns(pl.col("services").fill_null(none))
    return told.filter(pl.Series(people.born < world.spec.first_day + world.spec.days)).sort("account_id")
