"""Logs that nobody would send and somebody does: no crash, and an honest sentence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st

from analytics.detection.groups import acts_of, find_groups
from analytics.detection.keyed import key_log
from analytics.detection.relearning import relearn
from analytics.workflows.rehearsal import Rehearsed, rehearse
from analytics.workflows.retrain import gather
from data.contracts import INPUT
from tests.analytics.detection.small_model import settings, shipped, small_world

T0 = datetime(2026, 9, 1, tzinfo=UTC)
OPTIONAL = [f"{name}.{column.name}" for name in ("accounts", "engagements", "logins") for column in INPUT[name]]
OPTIONAL = [
    name
    for name in OPTIONAL
    if name.split(".")[1] not in ("account_id", "engagement_id", "kind", "actor_id", "target_id")
    and name not in ("engagements.at", "logins.at")
]


def acts(actor: list[str], target: list[str], minutes: list[float], kind: str = "like") -> pl.DataFrame:
    size = len(actor)
    return pl.DataFrame(
        {
            "engagement_id": [f"e{n}" for n in range(size)],
            "kind": [kind] * size,
            "actor_id": actor,
            "target_id": target,
            "at": [T0 + timedelta(minutes=m) for m in minutes],
            "post_id": [f"p{n % 7}" for n in range(size)],
            "client_id": ["app"] * size,
            "asn": [n % 3 for n in range(size)],
            "ip_prefix": [f"10.0.{n % 5}.0/24" for n in range(size)],
            "device_id": [f"d{name}" for name in actor],
            "country": ["BR"] * size,
            "text": [None] * size,
        },
        schema_overrides={"text": pl.String},
    )


def run(frames: dict[str, pl.DataFrame], without: frozenset[str] = frozenset()) -> Rehearsed:
    told = rehearse(key_log(frames, without), shipped(), settings())
    assert {"flags", "features", "engagement_scores", "evidence", "sessions", "groups", "services"} <= set(told.tables)
    p = told.tables["engagement_scores"]["p"]
    assert p.is_null().sum() == 0
    assert p.is_between(0, 1).all()
    return told


def crowd(people: int = 30, each: int = 6) -> pl.DataFrame:
    rng = np.random.default_rng(0)
    actor = [f"a{n % people}" for n in range(people * each)]
    target = [f"a{n}" for n in rng.integers(0, people, people * each)]
    return acts(actor, target, sorted(rng.uniform(0, 20_000, people * each)))


def test_an_empty_log_yields_an_empty_run() -> None:
    assert run({"engagements": crowd().clear()}).counts["queued"] == 0


def test_a_world_with_one_account() -> None:
    assert run({"engagements": acts(["a"] * 5, ["b"] * 5, [0, 1, 2, 3, 4])}).counts["accounts"] == 1


@pytest.mark.parametrize("kind", ["like", "follow", "comment", "unfollow"])
def test_a_world_with_one_kind(kind: str) -> None:
    told = run({"engagements": crowd().with_columns(kind=pl.lit(kind))})
    assert told.counts["accounts"] == 30


def test_all_times_equal() -> None:
    told = run({"engagements": crowd().with_columns(at=pl.lit(T0))})
    assert told.counts["accounts"] == 30


def test_a_target_that_likes_itself() -> None:
    frame = crowd().with_columns(target_id=pl.col("actor_id"))
    assert run({"engagements": frame}).counts["remove"] == 0


@pytest.mark.slow
def test_one_target_with_two_hundred_thousand_likes_is_bounded() -> None:
    """The crowd of one celebrity: nobody is flagged, and the work stays proportional to the log."""
    size = 200_000
    rng = np.random.default_rng(1)
    frame = pl.DataFrame(
        {
            "engagement_id": [f"e{n}" for n in range(size)],
            "kind": ["like"] * size,
            "actor_id": [f"a{n}" for n in range(size)],
            "target_id": ["star"] * size,
            "at": [T0 + timedelta(seconds=s) for s in rng.exponential(7200, size)],
        }
    )
    told = run({"engagements": frame})
    assert told.counts == {**told.counts, "queued": 0, "remove": 0, "groups": 0}


@limits(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sets(st.sampled_from(OPTIONAL)), st.sets(st.sampled_from(["accounts", "logins"])))
def test_any_columns_may_be_missing(columns: set[str], tables: set[str]) -> None:
    frames = {"engagements": crowd(12, 5), **_profiles()}
    told = run({name: frame for name, frame in frames.items() if name not in tables}, frozenset(columns))
    assert told.counts["accounts"] == 12


def _profiles() -> dict[str, pl.DataFrame]:
    people = [f"a{n}" for n in range(12)]
    accounts = pl.DataFrame(
        {
            "account_id": people,
            "created_at": [T0 - timedelta(days=100)] * 12,
            "handle": people,
            "followers": list(range(12)),
            "following": list(range(12)),
            "posts": [3] * 12,
            "country": ["BR"] * 12,
            "is_verified": [False] * 12,
            "is_delegated": [False] * 11 + [True],
        }
    )
    logins = pl.DataFrame({"account_id": people, "at": [T0] * 12, "asn": [1] * 12, "succeeded": [True] * 12})
    return {"accounts": accounts, "logins": logins}


def test_labels_that_contradict_each_other_teach_nothing() -> None:
    labels = pl.DataFrame(
        {
            "account_key": [1, 1, 2, 3, 3],
            "engagement_id": ["e1", "e1", "e2", None, None],
            "is_inauthentic": [True, False, True, True, False],
        }
    )
    reviewed = pl.DataFrame(schema={"engagement_id": pl.String, "is_inauthentic": pl.Boolean, "weight": pl.Float64})
    told = gather(labels, reviewed)
    assert told.engagements.rows() == [("e2", True, 1.0)]
    assert told.own_accounts.is_empty()
    assert told.contradictions == 1


def test_one_class_only_is_refused_in_a_sentence() -> None:
    rows = pl.DataFrame(
        {"engagement_key": range(200), "account_key": range(200), "is_inauthentic": [True] * 200, "weight": [1.0] * 200}
    )
    told = relearn(shipped(), rows, settings().thresholds, version="v", is_poor=False, seed=0)
    assert told.files is None
    assert told.compared.reason == (
        "Too few engagements are known to be genuine to learn from: 0 of 0 accounts; 60 of 30 are needed."
    )


@pytest.mark.parametrize("number", [-1, 2**33])
def test_a_network_may_call_itself_any_number(number: int) -> None:
    """A number that no network can have neither ends a search nor is cut to fit."""
    world = small_world(7)
    told = pl.when(pl.int_range(pl.len()) == 5).then(number).otherwise(pl.col("asn").cast(pl.Int64)).alias("asn")
    frames = {"engagements": world["engagements"].with_columns(told), **{n: world[n] for n in ("accounts", "logins")}}
    found = acts_of(key_log(frames).log)

    assert number in found.places["asn"].to_list()
    assert len(find_groups(found, seed=0).company) > 0
