"""Which service made which sessions: what sellers share, and what keeps a service the same from run to run."""

from __future__ import annotations

import numpy as np
import polars as pl

from analytics.detection.attribution import Hints, attribute

HOUR = 3_600_000_000
DAY = 24 * HOUR
SELLERS, CUSTOMERS, SESSIONS = 3, 12, 6


def sold(start: int = 0) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Sessions of three sellers that work alike through borrowed homes, and the targets that each of them serves."""
    rng = np.random.default_rng(4)
    sessions, visits = [], []
    for account in range(SELLERS * CUSTOMERS):
        for number in range(SESSIONS):
            key = account * SESSIONS + number
            at = start + number * DAY + int(rng.integers(0, 24)) * HOUR
            kinds = {"engagements": 20, "likes": 20, "follows": 0, "comments": 0, "unfollows": 0}
            times = {"started_at": at, "ended_at": at + HOUR, "gap_mean_s": 30.0}
            sessions.append({"session_key": key, "account_key": account, "p_service": 0.9, **times, **kinds})
            served = 1_000 * (account // CUSTOMERS) + rng.choice(60, 20, replace=False)
            visits += [{"session_key": key, "target_key": int(target)} for target in served]
    places = [pl.lit(None, pl.UInt32).alias(name) for name in ("client_key", "asn", "prefix_key", "device_key")]
    return pl.DataFrame(sessions).with_columns(places), pl.DataFrame(visits)


def seller(account: str = "account_key") -> pl.Expr:
    return pl.col(account) // CUSTOMERS


def test_sellers_that_share_no_place_are_told_apart_by_whom_they_serve() -> None:
    sessions, visits = sold()

    blind = attribute(sessions, seed=1).members.with_columns(seller=seller())
    told = attribute(sessions, Hints(visits=visits), seed=1).members.with_columns(seller=seller())

    mixed = blind.group_by("service_id").agg(pl.col("seller").n_unique())["seller"]
    assert mixed.max() == SELLERS
    pairs = told.select("service_id", "seller").unique()
    assert len(pairs) == SELLERS == pairs["service_id"].n_unique()
    assert told["account_key"].n_unique() == SELLERS * CUSTOMERS


def test_circles_are_told_apart_by_whom_of_their_own_they_serve() -> None:
    """Nothing is their own: they act on what everybody acts on, and everybody acts on them, each other included."""
    rng = np.random.default_rng(5)
    members, _ = sold()
    fans = members.with_columns(pl.col("session_key") + 10_000, pl.col("account_key") + 10_000, p_service=0.1)
    visits = [
        {"session_key": key, "target_key": int(target)}
        for key in fans["session_key"]
        for target in rng.choice(SELLERS * CUSTOMERS, 20, replace=False)
    ]
    for key, account in members.select("session_key", "account_key").iter_rows():
        first = account // CUSTOMERS * CUSTOMERS
        fellows = [
            first + (account - first + int(step)) % CUSTOMERS
            for step in rng.choice(range(1, CUSTOMERS), 10, replace=False)
        ]
        others = 1_000 + rng.choice(60, 10, replace=False)
        visits += [{"session_key": key, "target_key": int(target)} for target in (*fellows, *others)]

    told = attribute(pl.concat([members, fans]), Hints(visits=pl.DataFrame(visits)), seed=1)

    pairs = told.members.with_columns(seller=seller()).select("service_id", "seller").unique()
    assert len(pairs) == SELLERS == pairs["service_id"].n_unique()


def test_a_service_that_is_found_again_keeps_its_id_and_its_name() -> None:
    """An older log changes the first act, which the id was made from; a third of its customers is new."""
    sessions, visits = sold()
    before = attribute(sessions, Hints(visits=visits), seed=1)
    known = before.members.join(before.services.select("service_id", "name"), on="service_id")
    known = known.filter(pl.col("account_key") % CUSTOMERS >= CUSTOMERS // 3).select(
        "account_key", "service_id", "name"
    )
    older = sessions.with_columns(pl.col("started_at", "ended_at") - 9 * HOUR)

    after = attribute(older, Hints(visits=visits, known=known), seed=1)
    forgotten = attribute(older, Hints(visits=visits), seed=1)

    said = [frame.select("service_id", "account_key").sort("account_key") for frame in (before.members, after.members)]
    assert said[0].equals(said[1])
    assert after.services["name"].to_list() == before.services["name"].to_list()
    assert not set(forgotten.services["service_id"]) & set(before.services["service_id"])
