"""Coordination: blocks are found, crowds and circles are not mistaken for them, and popularity costs nothing."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from analytics.detection.coordination import CoordinationResult, board, coordinate

HOUR = 3_600_000_000
DAYS = 20
LIKE = 0


def background(
    rng: np.random.Generator, accounts: int = 1500, targets: int = 300, visits: int = 30_000
) -> pl.DataFrame:
    """Heavy-tailed accounts on popular and less popular targets, at any hour."""
    busy, popular = rng.pareto(1.5, accounts) + 0.2, rng.pareto(1.2, targets) + 0.2
    return rows(
        rng.choice(accounts, visits, p=busy / busy.sum()),
        10_000 + rng.choice(targets, visits, p=popular / popular.sum()),
        rng.uniform(0, DAYS * 24 * HOUR, visits),
    )


def rows(actor: np.ndarray, target: np.ndarray, at: np.ndarray, *, bought: bool = False) -> pl.DataFrame:
    return pl.DataFrame(
        {"actor_key": actor, "target_key": target, "at": at},
        schema={"actor_key": pl.Int64, "target_key": pl.Int64, "at": pl.Int64},
        strict=False,
    ).with_columns(kind=pl.lit(LIKE), bought=pl.lit(value=bought))


def block(rng: np.random.Generator, accounts: np.ndarray, targets: int, density: float, hours: float) -> pl.DataFrame:
    """Each target served by a draw of the accounts within one window."""
    opens = rng.uniform(0, (DAYS - 1) * 24 * HOUR, targets)
    member, target = np.nonzero(rng.random((len(accounts), targets)) < density)
    at = opens[target] + rng.uniform(0, hours * HOUR, len(target))
    return rows(accounts[member], 50_000 + target, at, bought=True)


def placed(log: pl.DataFrame) -> CoordinationResult:
    """Look for groups in a log that knows clients and networks."""
    return coordinate(log.drop("client_key", "asn"), {name: log[name] for name in ("client_key", "asn")})


def found(*parts: pl.DataFrame) -> tuple[pl.DataFrame, CoordinationResult]:
    whole = pl.concat(parts).sort("at", "actor_key", "target_key").with_row_index("engagement_key")
    whole = whole.with_columns(pl.col("engagement_key").cast(pl.Int64))
    told = coordinate(whole)
    marked = told.memberships.group_by("engagement_key").agg(
        tested=pl.col("is_tested").any(), in_time=pl.col("kind").is_in(["lockstep", "burst"]).any()
    )
    return whole.join(marked, on="engagement_key", how="left").with_columns(
        pl.col("tested", "in_time").fill_null(value=False)
    ), told


def f1(told: pl.DataFrame, column: str) -> float:
    right = (told["bought"] & told[column]).sum()
    return 2 * right / (told["bought"].sum() + told[column].sum())


def test_a_block_of_hijacked_accounts_is_found_engagement_by_engagement() -> None:
    """F-07: density 0.3 with camouflage; accounts keep their own life."""
    rng = np.random.default_rng(1)
    hijacked = rng.choice(1500, 100, replace=False)
    camouflage = rows(rng.choice(hijacked, 1500), 10_000 + rng.integers(0, 300, 1500), rng.uniform(0, 4e11, 1500))
    told, result = found(background(rng), block(rng, hijacked, 50, 0.3, 2.0), camouflage)
    assert f1(told, "tested") > 0.97
    assert result.groups["p_value"].max() < 1e-9


def test_a_sparse_block_is_found_by_its_bursts() -> None:
    rng = np.random.default_rng(2)
    told, _ = found(background(rng), block(rng, rng.choice(1500, 200, replace=False), 50, 0.1, 2.0))
    assert f1(told, "in_time") > 0.85


def test_a_thin_block_is_found_where_hardly_any_two_accounts_meet_twice() -> None:
    """F-07: at a density of 0.05 an account serves two or three targets, and two bursts share an account or none."""
    told = []
    for seed in (21, 22, 23):
        rng = np.random.default_rng(seed)
        pool = rng.choice(6000, 200, replace=False)
        log, _ = found(background(rng, 6000, 600, 60_000), block(rng, pool, 50, 0.05, 2.0))
        assert not log["tested"].any(), "bursts alone are no test that a remove band may lean on"
        told.append(f1(log, "in_time"))
    assert float(np.mean(told)) > 0.8


def test_fans_of_several_stars_beside_a_thin_block_do_not_hide_it() -> None:
    """Audiences share accounts as well, many more of them; their bursts are told apart from the pool's."""
    rng = np.random.default_rng(24)
    crowds = []
    for star in range(5):
        posted = rng.uniform(0, (DAYS - 1) * 24 * HOUR, 12)
        fan, post = np.nonzero(rng.random((400, 12)) < 0.3)
        at = posted[post] + rng.exponential(0.3 * HOUR, len(fan))
        crowds.append(rows(rng.permutation(1500)[:400][fan], np.full(len(fan), 60_000 + star), at))
    pool = rng.choice(1500, 200, replace=False)
    told, _ = found(background(rng), *crowds, block(rng, pool, 50, 0.08, 2.0))
    assert told.filter("bought")["in_time"].mean() > 0.7


def test_a_genuine_log_has_no_group() -> None:
    told, result = found(background(np.random.default_rng(3)))
    assert not told["in_time"].any()
    assert result.groups.is_empty()


def test_fans_who_come_whenever_their_star_posts_are_not_tested_lockstep() -> None:
    """One target, again and again: an audience, not a pool."""
    rng = np.random.default_rng(4)
    posted = rng.uniform(0, (DAYS - 1) * 24 * HOUR, 30)
    fan, post = np.nonzero(rng.random((150, 30)) < 0.6)
    crowd = rows(fan, np.full(len(fan), 60_000), posted[post] + rng.exponential(0.3 * HOUR, len(fan)))
    told, _ = found(background(rng), crowd)
    assert not told["tested"].any()


def test_entrants_of_a_giveaway_are_not_tested_lockstep() -> None:
    """Hundreds follow the same six accounts in one evening: one occasion is not enough."""
    rng = np.random.default_rng(5)
    entrant = np.repeat(np.arange(200), 6)
    crowd = rows(entrant, 60_000 + np.tile(np.arange(6), 200), 1e11 + rng.uniform(0, 5 * HOUR, 1200))
    told, _ = found(background(rng), crowd)
    assert not told["tested"].any()


def test_a_class_that_talks_among_itself_every_day_is_no_group() -> None:
    """Denser than any service, and genuine: friends come back and answer."""
    rng = np.random.default_rng(6)
    actor, target = rng.integers(0, 30, 4000), rng.integers(0, 30, 4000)
    at = rng.integers(0, DAYS, 4000) * 24 * HOUR + rng.normal(17, 2, 4000) * HOUR
    talk = rows(actor, target, at)
    told, result = found(background(rng), talk)
    members = told.filter(pl.col("target_key") < 30)
    assert not members["tested"].any()
    assert result.groups.filter(pl.col("kind") == "density").is_empty()


def test_a_slow_drip_is_a_dense_circle_but_never_a_tested_group() -> None:
    """Customers dealt out to each other once, at any hour: what no window sees, and what removes nothing alone."""
    rng = np.random.default_rng(7)
    pairs = np.unique(rng.integers(0, 120, (2200, 2)), axis=0)
    pairs = pairs[pairs[:, 0] < pairs[:, 1]]
    told, result = found(
        background(rng), rows(pairs[:, 0], pairs[:, 1], rng.uniform(0, DAYS * 24 * HOUR, len(pairs)), bought=True)
    )
    kinds = set(result.groups["kind"].to_list())
    assert "density" in kinds
    assert not told["tested"].any()


def test_renaming_every_account_finds_the_same_engagements() -> None:
    rng = np.random.default_rng(8)
    log = pl.concat([background(rng), block(rng, np.arange(80), 40, 0.3, 2.0)]).sort("at", "actor_key", "target_key")
    other = rng.permutation(60_000)
    renamed = log.with_columns(pl.Series("actor_key", other[log["actor_key"].to_numpy()]))
    one, two = (
        coordinate(frame.with_row_index("engagement_key"))
        .memberships.select(pl.col("engagement_key").cast(pl.Int64), "is_tested", "group_id")
        .sort("engagement_key", "group_id")
        for frame in (log, renamed)
    )
    assert one.equals(two)


def test_a_target_with_two_hundred_thousand_likes_stays_bounded() -> None:
    """The work on one crowd is bounded: cells over 300 accounts are popularity and are dropped."""
    rng = np.random.default_rng(9)
    likes = rows(rng.integers(0, 150_000, 200_000), np.full(200_000, 999_999), rng.uniform(0, 50 * HOUR, 200_000))
    told, result = found(likes)
    assert len(told) == 200_000
    assert not told["tested"].any()
    assert result.groups.is_empty()


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 2**31)), max_size=80))
def test_what_is_sorted_piece_by_piece_is_what_is_sorted_at_once(rows: list[tuple[int, int, int]]) -> None:
    columns = [np.array(column, dtype=np.uint32) for column in zip(*rows, strict=True)] or [np.zeros(0, np.uint32)] * 3
    with patch.object(board, "PIECE", 7):
        told = board.distinct(*columns)
    assert list(zip(*(column.tolist() for column in told), strict=True)) == sorted(set(rows))


def test_the_largest_network_numbers_are_as_good_as_small_ones() -> None:
    """Numbers up to 4,294,967,294 are given out for private use; counting by them would take 34 GB."""
    accounts, visits, sharing = 2_000, 6, 100
    actor = np.repeat(np.arange(accounts, dtype=np.uint32), visits)
    rng = np.random.default_rng(2)
    rows = pl.DataFrame(
        {
            "actor_key": actor,
            "target_key": 10_000 + rng.integers(0, 900, len(actor)).astype(np.uint32),
            "at": rng.integers(0, 10**12, len(actor)),
            "kind": np.zeros(len(actor), dtype=np.uint8),
            "client_key": np.where(actor < sharing, 7, actor % 20).astype(np.uint32),
            "asn": np.where(actor < sharing, 4_294_967_294, 64_000 + actor).astype(np.uint32),
        }
    )
    small = rows.with_columns(asn=pl.when(pl.col("asn") > 10**9).then(3).otherwise("asn").cast(pl.UInt32))

    told, same = (placed(one).members.filter(pl.col("account_key") < sharing) for one in (rows, small))

    assert len(told) == sharing
    assert told.equals(same)


def test_members_among_the_crowd_of_a_star_are_no_campaign() -> None:
    """Everybody likes the star, hijacked accounts no more than others; beside a few heavy users all seem quiet."""
    rng = np.random.default_rng(8)
    hijacked = rng.choice(1500, 100, replace=False)
    star = rows(rng.integers(0, 1500, 20_000), np.full(20_000, 99_999), rng.uniform(0, DAYS * 24 * HOUR, 20_000))
    heavy = rows(
        2_000 + rng.integers(0, 15, 150_000),
        10_000 + rng.integers(0, 300, 150_000),
        rng.uniform(0, DAYS * 24 * HOUR, 150_000),
    )

    told, _ = found(background(rng), star, heavy, block(rng, hijacked, 50, 0.4, 2.0))

    assert f1(told, "tested") > 0.97
    assert told.filter(pl.col("target_key") == 99_999)["in_time"].mean() < 0.01
