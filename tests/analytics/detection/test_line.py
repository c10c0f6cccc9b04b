"""The whole line over a log in memory: train, bundle, score."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import polars as pl
import pytest

from analytics.detection.keyed import key_log
from analytics.detection.lessons import VARIANTS
from analytics.workflows.rehearsal import Rehearsed, rehearse
from data.contracts import RUN
from tests.analytics.detection.small_model import settings, shipped, small_world, tiny_world

TABLES = ("accounts", "engagements", "logins")


def log(seed: int = 9) -> dict[str, pl.DataFrame]:
    world = small_world(seed)
    return {name: world[name] for name in TABLES}


def run(frames: dict[str, pl.DataFrame], without: frozenset[str] = frozenset(), seed: int = 0) -> Rehearsed:
    return rehearse(key_log(frames, without), shipped(), settings(), seed=seed)


@cache
def whole_run() -> Rehearsed:
    return run(log())


def told(run_: Rehearsed, frames: dict[str, pl.DataFrame]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Bands by engagement id, and flags by account id, without any key."""
    keyed = key_log(frames)
    rows = run_.tables["engagement_scores"].with_columns(pl.col("engagement_key").cast(pl.Int64))
    bands = keyed.engagement_ids.join(rows, on="engagement_key", how="left").select(
        "engagement_id", pl.col("band").fill_null(0), "families", p=pl.col("p").cast(pl.Float64).round(5)
    )
    flags = run_.tables["flags"].select("account_id", "is_queued", "remove_count", "review_count", "rank")
    return bands.sort("engagement_id"), flags.sort("account_id")


def test_every_table_of_the_run_follows_its_contract() -> None:
    stored = whole_run().tables
    for name, columns in RUN.items():
        if name == "manifest":
            continue
        assert stored[name].columns[: len(columns)] == list(columns), name


def test_a_model_finds_what_unseen_sellers_did() -> None:
    """F-05: of what is proposed for removal at least 99 in 100 were bought."""
    world = small_world(9)
    bands, _ = told(whole_run(), log())
    truth = bands.join(world["truth_engagements"], on="engagement_id")
    gone = truth.filter(pl.col("band") == 2)
    assert len(gone) > 50
    assert gone["is_inauthentic"].mean() >= 0.99


def test_every_removed_engagement_has_two_families_of_evidence() -> None:
    rows = whole_run().tables["engagement_scores"].filter(pl.col("band") == 2)
    assert len(rows)
    assert all(families.bit_count() >= 2 for families in rows["families"].to_list())


@pytest.mark.slow
def test_the_same_log_and_seed_give_the_same_run() -> None:
    again = run(log())
    for name, table in whole_run().tables.items():
        assert table.equals(again.tables[name]), name


@pytest.mark.slow
def test_shuffled_rows_change_no_flag() -> None:
    frames = {name: frame.sample(fraction=1.0, shuffle=True, seed=5) for name, frame in log().items()}
    assert_same(told(run(frames), frames), told(whole_run(), log()))


@pytest.mark.slow
def test_other_names_for_everything_change_no_flag() -> None:
    frames = {name: renamed(frame) for name, frame in log().items()}
    bands, flags = told(run(frames), frames)
    expected, expected_flags = told(whole_run(), log())
    expected = expected.with_columns(engagement_id=renamed_text("engagement_id")).sort("engagement_id")
    expected_flags = expected_flags.with_columns(account_id=renamed_text("account_id")).sort("account_id")
    assert_same((bands, flags), (expected, expected_flags))


def assert_same(found: tuple[pl.DataFrame, pl.DataFrame], expected: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    """Bands, families and queue agree row by row; ranks too, where scores differ."""
    (bands, flags), (other_bands, other_flags) = found, expected
    assert bands.drop("p").equals(other_bands.drop("p"))
    assert flags.drop("rank").equals(other_flags.drop("rank"))


def renamed_text(name: str) -> pl.Expr:
    """Another id that sorts elsewhere: the text's hash, so that no order survives."""
    return pl.col(name).hash(11).cast(pl.String).str.reverse()


def renamed(frame: pl.DataFrame) -> pl.DataFrame:
    ids = ("account_id", "engagement_id", "actor_id", "target_id", "client_id", "ip_prefix", "device_id", "post_id")
    return frame.with_columns(renamed_text(name).alias(name) for name in ids if name in frame.columns)


@pytest.mark.slow
def test_in_a_large_log_only_who_looks_suspicious_at_first_sight_is_scored_one_by_one() -> None:
    """The gate: everybody still has a flag, and hardly anybody is missed or queued anew."""
    gated = replace(settings(), gate_engagements=1000, gate_share=0.85)
    told = rehearse(key_log(log()), shipped(), gated)
    everybody = whole_run()
    assert len(told.tables["flags"]) == len(everybody.tables["flags"])
    assert len(told.tables["sessions"]) < len(everybody.tables["sessions"])
    queued, before = (set(run_.tables["flags"].filter("is_queued")["account_key"]) for run_ in (told, everybody))
    assert len(queued - before) <= 0.05 * len(before)
    assert len(queued) >= 0.9 * len(before)


def test_a_busy_life_in_a_log_without_places_is_no_suspicion() -> None:
    """Of genuine engagements, known by actor, target and time alone, no account is suspect."""
    world = tiny_world(4)
    genuine = world["truth_engagements"].filter(~pl.col("is_inauthentic")).select("engagement_id")
    tables = {
        "accounts": world["accounts"],
        "engagements": world["engagements"].join(genuine, on="engagement_id", how="semi"),
        "logins": world["logins"],
    }
    run = rehearse(key_log(tables, VARIANTS["bare"]), shipped(), settings())
    assert run.tables["flags"]["score"].max() <= settings().thresholds.no_evidence_cap
    assert run.tables["flags"]["is_queued"].sum() == 0
