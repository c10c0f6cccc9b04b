"""U-09 to U-12: the list, the sample and the second person of a bulk."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from analytics.casework.bulk import (
    Candidate,
    Sample,
    approvers_for,
    check_approval,
    check_approver,
    check_sample,
    check_size,
    draw_sample,
    list_hash,
    parse_bulk_rules,
    sample_size,
    sift,
)
from data.errors import CommandError, ConfigError
from data.records import Role

FILE = Path(__file__).parents[3] / "data" / "reference" / "bulk.toml"
TOLD = tomllib.loads(FILE.read_text())
RULES = parse_bulk_rules(TOLD)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def case(number: int, **over: Any) -> Candidate:
    told: dict[str, Any] = {
        "case_id": f"c{number:05}",
        "account_id": f"a{number}",
        "evidence_hash": f"h{number}",
        "proposed": {"like": 3},
        "age_days": 400,
        "followers": 120,
        "is_verified": False,
        "prior_appeals": 0,
    }
    return Candidate(**(told | over))


@pytest.mark.parametrize(
    ("cases", "size"), [(1, 1), (29, 29), (30, 30), (31, 30), (600, 30), (601, 31), (1_000, 50), (2_000, 100)]
)
def test_the_sample_is_the_larger_of_thirty_and_five_percent(cases: int, size: int) -> None:
    """U-10."""
    assert sample_size(cases, RULES) == size


@given(st.integers(1, 400), st.integers(0, 2**32))
def test_a_sample_holds_each_case_once_and_only_cases_of_the_list(cases: int, seed: int) -> None:
    """U-10."""
    ids = [f"c{number}" for number in range(cases)]
    drawn = draw_sample(ids, seed, RULES)

    assert len(set(drawn)) == len(drawn) == sample_size(cases, RULES)
    assert set(drawn) <= set(ids)


@given(st.integers(31, 200), st.integers(0, 2**32), st.randoms(use_true_random=False))
def test_the_same_list_and_seed_give_the_same_sample_in_any_order(cases: int, seed: int, shuffler: Any) -> None:
    """U-10: seeded and recorded, so the draw can be repeated by anybody."""
    ids = [f"c{number}" for number in range(cases)]
    shuffled = ids[:]
    shuffler.shuffle(shuffled)

    assert draw_sample(ids, seed, RULES) == draw_sample(shuffled, seed, RULES)


def test_every_case_is_as_likely_to_be_sampled_as_any_other() -> None:
    """U-10: uniform over 4,000 seeds: neither place in the list nor name makes a difference."""
    ids = [f"c{number:02}" for number in range(60)]
    hits = dict.fromkeys(ids, 0)
    for seed in range(4_000):
        for one in draw_sample(ids, seed, RULES):
            hits[one] += 1

    # Draws without replacement spread less than independent ones; the statistic is scaled to that.
    spread = chisquare(list(hits.values())).statistic / (1 - 30 / 60) * (59 / 60)
    assert sum(hits.values()) == 4_000 * 30
    assert 30 < spread < 100


def test_accounts_above_the_follower_line_stay_out_unless_they_are_named() -> None:
    """U-11."""
    big, bigger, small = case(1, followers=100_001), case(2, followers=9_000_000), case(3, followers=100_000)
    sifted = sift([big, bigger, small, case(4, followers=None)], ["c00002"], RULES)

    assert [one.case_id for one in sifted.taken] == ["c00002", "c00003", "c00004"]
    assert [one.case_id for one in sifted.above_line] == ["c00001"]


def test_the_hash_fixes_cases_evidence_and_reason_and_not_the_order() -> None:
    """U-09."""
    first = list_hash({"c1": "h1", "c2": "h2"}, "PURCHASED_LIKES")

    assert first == list_hash({"c2": "h2", "c1": "h1"}, "PURCHASED_LIKES")
    others = [
        list_hash({"c1": "h1"}, "PURCHASED_LIKES"),
        list_hash({"c1": "h1", "c2": "h2", "c3": "h3"}, "PURCHASED_LIKES"),
        list_hash({"c1": "h1", "c2": "other"}, "PURCHASED_LIKES"),
        list_hash({"c1": "h2", "c2": "h1"}, "PURCHASED_LIKES"),
        list_hash({"c1": "h1", "c2": "h2"}, "PURCHASED_FOLLOWS"),
    ]
    assert len({first, *others}) == 6


def test_a_step_that_needs_several_people_for_one_account_is_never_in_a_list() -> None:
    sifted = sift([case(1, is_severe=True, followers=10**6), case(2)], ["c00001"], RULES)

    assert [one.case_id for one in sifted.taken] == ["c00002"]
    assert ([one.case_id for one in sifted.severe], sifted.above_line) == (["c00001"], ())


@pytest.mark.parametrize(
    ("size", "decided", "confirmed", "words"),
    [
        (30, 29, 29, "1 of 30 sampled cases are not decided yet"),
        (30, 30, 28, "Only 28 of 30"),
        (40, 40, 37, "Only 37 of 40"),
        (30, 0, 0, "30 of 30"),
    ],
)
def test_an_undecided_or_doubtful_sample_blocks_the_bulk(size: int, decided: int, confirmed: int, words: str) -> None:
    """U-10."""
    with pytest.raises(CommandError, match=words):
        check_sample(Sample(size=size, decided=decided, confirmed=confirmed), RULES)


@pytest.mark.parametrize(("size", "confirmed"), [(30, 29), (40, 38), (100, 95), (3, 3)])
def test_ninety_five_percent_confirmed_lets_it_go_on(size: int, confirmed: int) -> None:
    check_sample(Sample(size=size, decided=size, confirmed=confirmed), RULES)


@pytest.mark.parametrize(
    ("accounts", "roles"),
    [
        (20, frozenset()),
        (21, {Role.SENIOR_REVIEWER, Role.MANAGER}),
        (1_000, {Role.SENIOR_REVIEWER, Role.MANAGER}),
        (1_001, {Role.MANAGER}),
    ],
)
def test_more_than_twenty_need_a_second_person_and_more_than_a_thousand_a_manager(
    accounts: int, roles: set[Role]
) -> None:
    """U-12."""
    assert approvers_for(accounts, RULES) == roles


def test_nobody_approves_their_own_bulk_in_any_role() -> None:
    """D.2: author and approver differ by person, not by account."""
    with pytest.raises(CommandError, match="own bulk"):
        check_approver("rita", "rita", {Role.MANAGER, Role.SENIOR_REVIEWER}, 50, RULES)
    with pytest.raises(CommandError, match="manager"):
        check_approver("sena", "rita", {Role.SENIOR_REVIEWER}, 1_001, RULES)
    check_approver("sena", "rita", {Role.SENIOR_REVIEWER}, 1_000, RULES)
    check_approver("max", "rita", {Role.MANAGER}, 1_001, RULES)


def test_an_approval_is_of_one_list_and_lasts_a_day() -> None:
    """U-12, F-19."""
    check_approval(NOON, "h", "h", NOON + timedelta(hours=24), RULES)
    for at, approved, wanted, now, words in (
        (None, "", "h", NOON, "not approved"),
        (NOON, "h", "other", NOON, "not this list"),
        (NOON, "h", "h", NOON + timedelta(hours=24, seconds=1), "older than 24 hours"),
    ):
        with pytest.raises(CommandError, match=words):
            check_approval(at, approved, wanted, now, RULES)


def test_an_empty_or_endless_list_is_refused() -> None:
    check_size(2_000, RULES)
    for cases in (0, 2_001):
        with pytest.raises(CommandError):
            check_size(cases, RULES)


@pytest.mark.parametrize(
    "weaker",
    [
        {"sample_share": 0.04},
        {"sample_least": 29},
        {"confirmed_least": 0.94},
        {"second_person_above": 21},
        {"manager_above": 1_001},
        {"approval_hours": 25},
        {"most": True},
        {"follower_line": "many"},
    ],
)
def test_no_setting_weakens_what_a_bulk_promises(weaker: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="bulk"):
        parse_bulk_rules(TOLD | weaker)


def test_a_protected_account_stays_out_named_or_not() -> None:
    """T-01: whatever else would keep it out, it is told as protected."""
    sifted = sift([case(1, is_protected=True, is_severe=True, followers=10**6), case(2)], ["c00001"], RULES)

    assert [one.case_id for one in sifted.taken] == ["c00002"]
    assert ([one.case_id for one in sifted.protected], sifted.severe, sifted.above_line) == (["c00001"], (), ())
