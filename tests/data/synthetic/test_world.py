"""What a standard world holds, seen from outside: its log and its truth."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import igraph as ig
import numpy as np
import polars as pl
import pytest

from analytics.detection.company import company
from data.contracts import INPUT, TRUTH
from data.synthetic import WorldSpec, frames, generate
from data.synthetic.build import cast_world
from data.synthetic.cast import SELLERS, Seller
from data.synthetic.chance import stream
from data.synthetic.ways import ways
from data.synthetic.words import HOSTILE_TEXTS

Frames = dict[str, pl.DataFrame]
TINY = replace(WorldSpec.small(5), accounts=600, days=6)


def test_the_log_keeps_to_the_input_contract(small: Frames) -> None:
    for table in ("accounts", "engagements", "logins", "labels"):
        assert small[table].columns == [column.name for column in INPUT[table]]
        for column in INPUT[table]:
            assert not column.required or small[table][column.name].null_count() == 0


def test_the_truth_keeps_to_its_contract(small: Frames) -> None:
    for table, columns in TRUTH.items():
        assert small[table].columns == list(columns)


def test_every_engagement_has_an_id_of_its_own_and_two_known_accounts(small: Frames) -> None:
    acts, known = small["engagements"], small["accounts"]["account_id"]

    assert acts["engagement_id"].n_unique() == len(acts)
    assert known.n_unique() == len(known)
    assert acts.filter(~pl.col("actor_id").is_in(known) | ~pl.col("target_id").is_in(known)).is_empty()
    assert acts.filter(pl.col("actor_id") == pl.col("target_id")).is_empty()


def test_nobody_acts_before_the_account_exists(small: Frames) -> None:
    born = small["accounts"].select(actor_id="account_id", born="created_at")

    early = small["engagements"].join(born, on="actor_id").filter(pl.col("at") < pl.col("born"))

    assert early.is_empty()


def test_rows_come_in_the_order_of_time_and_stay_within_the_days(small: Frames) -> None:
    at = small["engagements"]["at"]

    assert at.is_sorted()
    assert at[0] >= datetime(2026, 9, 1, tzinfo=UTC)
    assert at[-1] < datetime(2026, 9, 22, tzinfo=UTC)


def test_ids_say_nothing_of_the_truth(small: Frames) -> None:
    """The mean place of bought rows and accounts in the order of their ids is the middle."""
    for table, key in (("truth_accounts", "account_id"), ("truth_engagements", "engagement_id")):
        ordered = small[table].sort(key).with_row_index("place")
        middle = ordered.filter("is_inauthentic")["place"].mean() / len(ordered)
        assert middle == pytest.approx(0.5, abs=0.06)


def test_the_same_seed_makes_the_same_world_and_another_seed_another() -> None:
    first, again, other = frames(TINY), frames(TINY), frames(replace(TINY, seed=6))

    assert all(first[table].equals(again[table]) for table in first)
    assert not first["engagements"].equals(other["engagements"])


def test_files_hold_the_same_rows_as_frames(tmp_path: Path) -> None:
    generate(TINY, tmp_path)

    for table, rows in frames(TINY).items():
        folder = tmp_path / "truth" if table.startswith("truth_") else tmp_path
        assert pl.read_parquet(folder / f"{table}.parquet").equals(rows), table


def test_every_seller_sells(told: pl.DataFrame) -> None:
    origins = set(told.filter("is_inauthentic")["origin"])

    assert origins == {
        *("service:orchard", "service:harvest", "service:quietline", "service:bazaar", "service:carousel"),
        *("service:trickle", "farm:mill", "farm:annex"),
        *("pod:circle-1", "pod:circle-2", "pod:circle-3", "pod:circle-4"),
    }


@pytest.mark.parametrize("family", ["reciprocity", "collusion", "farm", "pod", "drip"])
def test_a_family_can_be_left_out(family: str) -> None:
    world = frames(replace(TINY, without=frozenset({family})))

    assert family not in set(world["truth_accounts"]["family"])


def test_an_unknown_family_is_refused() -> None:
    with pytest.raises(ValueError, match="no such family: florists"):
        WorldSpec.standard(1, without=("florists",))


def test_customers_go_on_living(told: pl.DataFrame) -> None:
    """Most customers are partly genuine, and most of what they do is not."""
    shares = told.filter(pl.col("role") == "customer").group_by("actor_id").agg(pl.col("is_inauthentic").mean())
    bought = shares.filter(pl.col("is_inauthentic") > 0)["is_inauthentic"]

    assert ((bought > 0) & (bought < 1)).mean() > 0.6
    assert 0.5 < bought.median() < 0.95


def test_farms_have_no_genuine_engagement_and_crowds_no_bought_one(told: pl.DataFrame) -> None:
    assert told.filter(pl.col("role") == "farm")["is_inauthentic"].all()
    benign = ["fan", "giveaway", "community", "newcomer", "traveller", "heavy", "agency_client", "celebrity", "genuine"]
    assert not told.filter(pl.col("role").is_in(benign))["is_inauthentic"].any()
    assert set(benign) <= set(told["role"])


def test_answers_to_bought_follows_are_genuine(told: pl.DataFrame) -> None:
    """10 to 16 % of a reciprocity service's follows bring one back, by the owner."""
    follows = told.filter((pl.col("origin") == "service:orchard") & (pl.col("kind") == "follow"))
    pairs = follows.group_by("actor_id", "target_id").agg(pl.col("at").min())
    back = told.filter((pl.col("kind") == "follow") & ~pl.col("is_inauthentic")).select(
        actor_id="target_id", target_id="actor_id", answered="at"
    )

    answered = pairs.join(back, on=["actor_id", "target_id"]).filter(pl.col("answered") > pl.col("at"))

    assert 0.04 < answered.select("actor_id", "target_id").n_unique() / len(pairs) < 0.2


def test_a_class_is_denser_than_any_service(told: pl.DataFrame) -> None:
    """Of the pairs within its largest circle more have met than within the largest circle of the drip's customers."""

    def density(part: pl.DataFrame) -> float:
        pairs = part.filter(pl.col("target_id").is_in(part["actor_id"].implode())).select("actor_id", "target_id")
        graph = ig.Graph.TupleList(pairs.unique(maintain_order=True).iter_rows()).simplify()
        circles = graph.community_leiden(objective_function="modularity", n_iterations=-1)
        return float(circles.giant().density())

    community = told.filter((pl.col("role") == "community") & (pl.col("origin") == "owner"))
    drip = told.filter(pl.col("origin") == "service:trickle")

    assert density(community) > 1.2 * density(drip)


def test_the_evasive_service_acts_from_homes_with_current_clients(told: pl.DataFrame) -> None:
    """Nearly all of it comes from networks where owners live, and as often from new releases as they do."""
    quiet, loud = (told.filter(pl.col("origin") == f"service:{name}") for name in ("quietline", "orchard"))
    owners = told.filter((pl.col("origin") == "owner") & (pl.col("role") == "genuine"))
    residents = owners.group_by("asn").agg(pl.col("actor_id").n_unique()).filter(pl.col("actor_id") >= 8)["asn"]
    current = set(owners["client_id"].value_counts(sort=True).head(4)["client_id"])

    assert quiet["asn"].is_in(residents.implode()).mean() > 0.85
    assert quiet["client_id"].is_in(current).mean() > 0.5
    assert loud["client_id"].is_in(current).mean() < 0.3


def test_two_brands_share_one_infrastructure(told: pl.DataFrame) -> None:
    """The networks that carry most of each are the same."""
    most = [
        set(told.filter(pl.col("origin") == f"service:{name}")["asn"].value_counts(sort=True).head(3)["asn"])
        for name in ("orchard", "harvest")
    ]

    assert len(most[0] & most[1]) >= 2


def test_hostile_texts_are_among_the_accounts_under_review(small: Frames, told: pl.DataFrame) -> None:
    """T-05: a page must show these as they are."""
    served = told.filter(pl.col("services").list.len() > 0)

    assert served.filter(pl.col("text").is_in(HOSTILE_TEXTS)).height > 0
    handles = small["accounts"]["handle"]
    assert handles.str.contains("<script>", literal=True).any()
    assert handles.str.contains("{{7*7}}", literal=True).any()


def test_labels_are_few_and_never_of_the_evasive_service(small: Frames, told: pl.DataFrame) -> None:
    labels = small["labels"].join(
        told.select("engagement_id", truth="is_inauthentic", origin="origin"), on="engagement_id"
    )

    assert 0.02 < len(labels) / len(told) < 0.04
    assert 0.02 < (labels["is_inauthentic"] != labels["truth"]).mean() < 0.06
    assert "service:quietline" not in set(labels["origin"])


def test_months_follow_each_other_in_one_world() -> None:
    months = [frames(replace(WorldSpec.month(3, number), accounts=900)) for number in range(3)]

    for before, after in pairwise(months):
        assert before["engagements"]["at"].max() < after["engagements"]["at"].min()
        assert set(before["accounts"]["account_id"]) <= set(after["accounts"]["account_id"])
        assert not set(before["engagements"]["engagement_id"]) & set(after["engagements"]["engagement_id"])


def test_a_bench_world_has_about_as_many_engagements_as_asked_for(tmp_path: Path) -> None:
    generate(WorldSpec.bench(200_000, 1), tmp_path)

    rows = pl.scan_parquet(tmp_path / "engagements*.parquet").select(pl.len()).collect().item()

    assert 120_000 < rows < 330_000


def test_strangers_share_lists_of_targets_by_taste(told: pl.DataFrame) -> None:
    """Of genuine pairs of account and target beyond friends, one in twenty shares a list as far as bought ones do."""
    first = told.filter(pl.col("origin") == "owner", pl.col("role") == "genuine").select("actor_id", "target_id")
    everything = told.select("actor_id", "target_id").unique()
    code = {name: key for key, name in enumerate(pl.concat([everything["actor_id"], everything["target_id"]]).unique())}
    actor, target = (everything[name].replace_strict(code).to_numpy().astype("uint32") for name in everything.columns)
    shared = everything.with_columns(shared=company(actor, target)["target_stranger_company"]).fill_nan(None)

    genuine = shared.join(first.unique(), on=["actor_id", "target_id"])["shared"].drop_nulls()

    assert genuine.quantile(0.95) > 0.05
    assert genuine.quantile(0.99) > 0.1


def test_a_seller_has_other_ways_in_another_world_and_the_same_in_each_month() -> None:
    first, second, other = (sellers(WorldSpec.month(seed, number)) for seed, number in ((1, 0), (1, 1), (2, 0)))

    assert first == second
    assert len(first) == len(SELLERS)
    for one, namesake in zip(first, other, strict=True):
        assert (one.per_day, one.gap_s, one.mix) != (namesake.per_day, namesake.gap_s, namesake.mix)
        assert (one.name, one.family, one.fabric.plant) == (namesake.name, namesake.family, namesake.fabric.plant)


def sellers(spec: WorldSpec) -> list[Seller]:
    """The sellers of a world as they open in it."""
    return [actor.seller for actor in cast_world(spec).actors if hasattr(actor, "seller")]


@pytest.mark.parametrize("seller", SELLERS, ids=lambda seller: seller.name)
def test_a_seller_stays_within_what_its_trade_does(seller: Seller) -> None:
    drawn = [ways(seller, stream(seed, "ways")) for seed in range(200)]

    assert all(sum(one.mix) == pytest.approx(1) and min(one.mix) >= 0 for one in drawn)
    assert all(0 <= one.fabric.hosted <= 0.95 and 0 <= one.takes_back <= 0.9 for one in drawn)
    assert all((one.fabric.rooms == 0) == (one.fabric.hosted == 0) for one in drawn)
    assert seller.per_day == pytest.approx(float(np.median([one.per_day for one in drawn])), rel=0.1)
