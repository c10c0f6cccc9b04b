"""Worlds of another make keep the contract, and their truth is true."""

from __future__ import annotations

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from analytics.detection.keyed import key_log
from data.contracts import TRUTH
from data.synthetic.elsewhere import draw_world

Frames = dict[str, pl.DataFrame]
SEEDS = (3, 4, 8)
BENIGN = {"genuine", "fan", "giveaway", "community", "newcomer", "traveller", "heavy", "agency_client"}
FAMILIES = {"reciprocity", "collusion", "drip", "farm", "pod"}
OF_ORIGIN = {"R": "reciprocity", "C": "collusion", "D": "drip", "F": "farm", "P": "pod"}


@pytest.fixture(scope="module")
def worlds() -> dict[int, Frames]:
    return {seed: draw_world(seed, accounts=1000, days=20) for seed in SEEDS}


@pytest.fixture(scope="module", params=SEEDS)
def world(request: pytest.FixtureRequest, worlds: dict[int, Frames]) -> Frames:
    return worlds[request.param]


@pytest.fixture(scope="module")
def told(world: Frames) -> pl.DataFrame:
    """Engagements with their truth and the truth of who acted."""
    truth = world["truth_engagements"].rename({"actor_id": "told_actor"})
    people = world["truth_accounts"].rename({"account_id": "actor_id", "is_inauthentic": "is_sold"})
    return world["engagements"].join(truth, on="engagement_id").join(people, on="actor_id")


def test_tables_and_types_are_those_of_the_standard_worlds(world: Frames, small: Frames) -> None:
    assert {name: table.schema for name, table in world.items()} == {name: small[name].schema for name in world}
    assert set(world) == {"accounts", "engagements", "logins", *TRUTH}


def test_defaults_are_drawn_from_the_seed() -> None:
    accounts = [draw_world(seed)["accounts"].height for seed in (16, 17)]

    assert all(900 <= count <= 2600 for count in accounts)
    assert len(set(accounts)) == 2


def test_what_is_given_is_kept(world: Frames) -> None:
    at = world["engagements"]["at"]

    assert world["accounts"].height == 1000
    assert 17 <= (at.max() - at.min()).total_seconds() / 86_400 <= 20


def test_volume_is_that_of_a_platform(world: Frames) -> None:
    assert 10_000 < world["engagements"].height < 150_000


def test_ids_are_unique_and_the_truth_covers_every_row(world: Frames, told: pl.DataFrame) -> None:
    for table, key in (("accounts", "account_id"), ("engagements", "engagement_id")):
        assert world[table][key].is_unique().all()
        assert world[f"truth_{table}"][key].sort().equals(world[table][key].sort())
    assert told.height == world["engagements"].height
    assert (told["actor_id"] == told["told_actor"]).all()


def test_times_are_in_order(world: Frames) -> None:
    assert world["engagements"]["at"].is_sorted()
    assert world["logins"]["at"].is_sorted()


def test_nobody_acts_on_himself(world: Frames) -> None:
    assert world["engagements"].filter(pl.col("actor_id") == pl.col("target_id")).is_empty()


@pytest.mark.parametrize(("table", "who"), [("engagements", "actor_id"), ("logins", "account_id")])
def test_nobody_acts_before_the_account_exists(world: Frames, table: str, who: str) -> None:
    acts = world[table].join(world["accounts"], left_on=who, right_on="account_id")

    assert acts.height == world[table].height
    assert acts.filter(pl.col("at") <= pl.col("created_at")).is_empty()


def test_posts_carry_likes_and_comments_only(world: Frames) -> None:
    acts = world["engagements"].with_columns(on_post=pl.col("kind").is_in(["like", "comment"]))

    assert (acts["on_post"] == acts["post_id"].is_not_null()).all()
    assert ((acts["kind"] == "comment") == acts["text"].is_not_null()).all()
    assert acts.filter(pl.col("kind") == "like").select("actor_id", "post_id").is_unique().all()
    assert (
        acts.filter(pl.col("post_id").is_not_null())
        .group_by("post_id")
        .agg(pl.col("target_id").n_unique())["target_id"]
        .to_list()
        == [1] * acts["post_id"].drop_nulls().n_unique()
    )


def test_one_seed_is_one_world(worlds: dict[int, Frames]) -> None:
    again = draw_world(SEEDS[0], accounts=1000, days=20)

    for name, table in worlds[SEEDS[0]].items():
        assert_frame_equal(again[name], table)


def test_another_seed_is_another_platform(worlds: dict[int, Frames]) -> None:
    one, other = worlds[SEEDS[0]]["engagements"], worlds[SEEDS[1]]["engagements"]

    for name in ("ip_prefix", "device_id"):
        assert not set(one[name].drop_nulls()) & set(other[name].drop_nulls())
    assert one["country"].value_counts(sort=True).row(0) != other["country"].value_counts(sort=True).row(0)


def test_benign_roles_hold_nothing_bought(told: pl.DataFrame, world: Frames) -> None:
    benign = told.filter(pl.col("role").is_in(BENIGN))

    assert set(world["truth_accounts"]["role"]) == BENIGN | {"customer", "farm", "pod"}
    assert set(benign["role"]) == BENIGN
    assert not benign["is_inauthentic"].any()
    assert not benign["is_sold"].any()
    assert set(benign["origin"]) <= {"owner", "agency"}


def test_sold_accounts_are_those_with_something_bought(told: pl.DataFrame, world: Frames) -> None:
    bought = told.filter("is_inauthentic")
    sold = world["truth_accounts"].filter("is_inauthentic")
    first = bought.group_by("actor_id").agg(pl.col("at").min(), pl.col("origin").unique())
    both = sold.join(first, left_on="account_id", right_on="actor_id")

    assert set(bought["actor_id"]) == set(sold["account_id"])
    assert (both["at"] == both["started_at"]).all()
    assert both.select(pl.col("origin").list.set_difference("services").list.len() == 0).to_series().all()
    assert world["truth_accounts"].filter(~pl.col("is_inauthentic"))["started_at"].null_count() == 1000 - sold.height


def test_origins_and_campaigns_agree_with_the_verdict(told: pl.DataFrame) -> None:
    genuine, bought = told.filter(~pl.col("is_inauthentic")), told.filter("is_inauthentic")

    assert set(genuine["origin"]) == {"owner", "agency"}
    assert bought["origin"].str.contains(r"^(service:[RCD]|farm:F|pod:P)\d+$").all()
    assert genuine["campaign_id"].null_count() == genuine.height
    ordered = bought.filter(pl.col("origin").str.contains(":[CD]"))
    assert ordered["campaign_id"].null_count() == 0
    per_campaign = (
        bought.drop_nulls("campaign_id").group_by("campaign_id").agg(pl.col("origin", "target_id").n_unique())
    )
    assert per_campaign.filter((pl.col("origin") > 1) | (pl.col("target_id") > 1)).is_empty()


def test_a_minority_is_bought_and_customers_also_live(told: pl.DataFrame) -> None:
    customers = told.filter(pl.col("role") == "customer")

    assert 0.01 < told["is_inauthentic"].mean() < 0.5
    assert 0.05 < customers["is_inauthentic"].mean() < 0.98


def test_all_families_appear_over_a_few_seeds(worlds: dict[int, Frames]) -> None:
    truth = pl.concat(one["truth_engagements"] for one in worlds.values()).filter("is_inauthentic")
    letters = truth["origin"].str.split(":").list.last().str.slice(0, 1)

    assert {OF_ORIGIN[letter] for letter in letters.unique()} == FAMILIES
    assert letters.value_counts()["count"].min() > 50


def test_bought_is_the_share_of_accounts_in_hand() -> None:
    few, many = (draw_world(5, accounts=1000, days=18, bought=share)["truth_accounts"] for share in (0.03, 0.10))

    assert 0.02 < few["is_inauthentic"].mean() <= 0.03
    assert 0.07 < many["is_inauthentic"].mean() <= 0.10


def test_detection_accepts_the_log(world: Frames) -> None:
    keyed = key_log({name: world[name] for name in ("accounts", "engagements", "logins")})

    assert keyed.engagement_ids.height == world["engagements"].height


@pytest.mark.parametrize("refused", [{"accounts": 20}, {"days": 1}, {"bought": 0.0}, {"bought": 0.7}])
def test_worlds_too_small_to_hold_a_market_are_refused(refused: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="A world needs"):
        draw_world(1, **refused)
