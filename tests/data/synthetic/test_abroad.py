"""Worlds from abroad keep the input contract (DESIGN 5) and the truth that detection is judged by (DETECTION 4, 6)."""

from functools import cache

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from data.contracts import INPUT, TRUTH
from data.synthetic import WorldSpec, frames
from data.synthetic.abroad import draw_world

SEEDS = range(1, 7)
HONEST_CROWDS = {"fan", "giveaway", "community", "newcomer", "churner", "heavy", "agency_client", "celebrity"}
HONEST_HABITS = {"traveller", "phone_changer", "household", "campus", "vpn", "scheduled"}


@cache
def world(seed: int) -> dict[str, pl.DataFrame]:
    return draw_world(seed, accounts=700)


@pytest.fixture(params=SEEDS)
def drawn(request: pytest.FixtureRequest) -> dict[str, pl.DataFrame]:
    return world(request.param)


def test_tables_have_the_columns_of_the_contract(drawn):
    for name in ("accounts", "engagements", "logins"):
        assert drawn[name].columns == [column.name for column in INPUT[name]]
    for name in TRUTH:
        assert tuple(drawn[name].columns) == TRUTH[name]


def test_types_are_those_of_the_first_generator():
    first = frames(WorldSpec.small(1))
    for name, frame in world(1).items():
        assert frame.schema == first[name].schema, name


def test_ids_are_unique_and_truth_covers_every_row(drawn):
    assert drawn["accounts"]["account_id"].is_unique().all()
    assert drawn["engagements"]["engagement_id"].is_unique().all()
    assert drawn["truth_engagements"]["engagement_id"].equals(drawn["engagements"]["engagement_id"])
    assert set(drawn["truth_accounts"]["account_id"]) == set(drawn["accounts"]["account_id"])


def test_everybody_named_has_an_account(drawn):
    known = set(drawn["accounts"]["account_id"])
    acted = drawn["engagements"]
    assert known >= set(acted["actor_id"]) | set(acted["target_id"]) | set(drawn["logins"]["account_id"])


def test_nobody_acts_on_himself_or_before_the_account_exists(drawn):
    created = drawn["accounts"].select("account_id", "created_at")
    acted = drawn["engagements"].join(created, left_on="actor_id", right_on="account_id")
    assert acted.filter(pl.col("actor_id") == pl.col("target_id")).is_empty()
    assert acted.filter(pl.col("at") < pl.col("created_at")).is_empty()
    entered = drawn["logins"].join(created, on="account_id")
    assert entered.filter(pl.col("at") < pl.col("created_at")).is_empty()


def test_times_are_sorted_and_in_utc(drawn):
    for name in ("engagements", "logins"):
        assert drawn[name]["at"].is_sorted()
        assert drawn[name]["at"].dtype == pl.Datetime("us", "UTC")


def test_a_post_is_named_where_one_is_liked_and_liked_once(drawn):
    posted = pl.col("kind").is_in(["like", "comment"])
    assert drawn["engagements"].filter(posted != pl.col("post_id").is_not_null()).is_empty()
    likes = drawn["engagements"].filter(pl.col("kind") == "like")
    assert not likes.select("actor_id", "post_id").is_duplicated().any()


def test_text_belongs_to_comments(drawn):
    assert drawn["engagements"].filter((pl.col("kind") == "comment") != pl.col("text").is_not_null()).is_empty()


def test_the_same_seed_gives_the_same_world():
    again = draw_world(3, accounts=700)
    for name, frame in world(3).items():
        assert_frame_equal(frame, again[name])


def test_another_seed_gives_another_platform():
    spans = {(f["engagements"]["at"].max() - f["engagements"]["at"].min()).days for f in map(world, SEEDS)}
    countries = {tuple(sorted(world(seed)["accounts"]["country"].unique())) for seed in SEEDS}
    clients = {tuple(sorted(world(seed)["engagements"]["client_id"].unique())) for seed in SEEDS}
    assert len(spans) > 3
    assert len(countries) == len(clients) == len(SEEDS)
    assert not set(world(1)["accounts"]["account_id"]) & set(world(2)["accounts"]["account_id"])


def test_the_default_number_of_accounts_differs_by_seed_within_its_range():
    counts = [draw_world(seed)["accounts"].height for seed in (4, 11)]
    assert counts[0] != counts[1]
    assert all(800 <= count <= 3000 for count in counts)


def test_only_sellers_make_inauthentic_engagement(drawn):
    owned = pl.col("origin").is_in(["owner", "agency"])
    assert drawn["truth_engagements"].filter(owned == pl.col("is_inauthentic")).is_empty()
    sold = drawn["truth_engagements"].filter("is_inauthentic")["origin"]
    assert sold.str.contains(r"^(service|farm|pod):").all()


def test_benign_roles_have_no_inauthentic_engagement(drawn):
    bought = (
        drawn["truth_engagements"].group_by(pl.col("actor_id").alias("account_id")).agg(pl.col("is_inauthentic").any())
    )
    truth = drawn["truth_accounts"].join(bought, on="account_id", suffix="_edge")
    assert truth.filter(pl.col("is_inauthentic") != pl.col("is_inauthentic_edge")).is_empty()
    benign = drawn["truth_accounts"].filter(~pl.col("is_inauthentic"))
    assert benign["family"].null_count() == benign.height
    assert (benign["services"].list.len() == 0).all()
    assert not benign["role"].is_in(["customer", "farm", "pod"]).any()


def test_services_name_exactly_the_origins_of_an_account(drawn):
    sold = drawn["truth_engagements"].filter("is_inauthentic")
    seen = sold.select("actor_id", pl.col("origin").str.split(":").list.last()).unique()
    said = drawn["truth_accounts"].select(pl.col("account_id").alias("actor_id"), pl.col("services").alias("origin"))
    said = said.explode("origin").drop_nulls()
    assert set(seen.rows()) == set(said.rows())


def test_every_honest_crowd_is_in_every_world(drawn):
    assert set(drawn["truth_accounts"]["role"]) >= HONEST_CROWDS - {"churner"}


def test_families_crowds_and_habits_appear_over_a_few_seeds():
    truth = pl.concat([world(seed)["truth_accounts"] for seed in SEEDS])
    assert set(truth["family"].drop_nulls()) == {"reciprocity", "collusion", "farm", "pod", "drip"}
    assert set(truth["role"]) >= HONEST_CROWDS | HONEST_HABITS | {"customer", "farm", "pod", "genuine"}


def test_most_customers_go_on_living():
    lives = []
    for seed in SEEDS:
        customers = world(seed)["truth_accounts"].filter(pl.col("role") == "customer")["account_id"]
        mine = world(seed)["truth_engagements"].filter(pl.col("actor_id").is_in(customers.to_list()))
        lives.append(mine.group_by("actor_id").agg((~pl.col("is_inauthentic")).any()))
    assert pl.concat(lives)["is_inauthentic"].mean() > 0.6


def test_bought_follows_are_answered_by_honest_ones(drawn):
    rows = drawn["engagements"].join(drawn["truth_engagements"].drop("actor_id"), on="engagement_id")
    follows = rows.filter(pl.col("kind") == "follow")
    asked = follows.filter("is_inauthentic").select(
        pl.col("actor_id").alias("target_id"), pl.col("target_id").alias("actor_id")
    )
    answered = follows.join(asked.unique(), on=["actor_id", "target_id"]).filter(~pl.col("is_inauthentic"))
    assert asked.height < 200 or not answered.is_empty()


def test_agencies_mostly_declare_their_delegation():
    parts = [world(s)["truth_accounts"].join(world(s)["accounts"], on="account_id") for s in SEEDS]
    held = pl.concat(parts).filter(pl.col("role") == "agency_client")
    assert 0.5 < held["is_delegated"].mean() < 0.9
