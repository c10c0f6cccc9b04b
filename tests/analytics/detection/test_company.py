"""Company against a count by hand and against the definition in plain Python."""

from __future__ import annotations

from collections import Counter, defaultdict
from math import isnan

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.detection import company as module
from analytics.detection.company import beside_usual, company
from analytics.detection.groups import Acts as Arrays
from analytics.detection.groups import find_groups

Acts = list[tuple[int, int]]


def told(acts: Acts) -> dict[str, list[float]]:
    pairs = np.array(acts, dtype=np.uint32).reshape(-1, 2)
    return {name: numbers.tolist() for name, numbers in company(pairs[:, 0], pairs[:, 1]).items()}


def by_definition(acts: Acts, most: int) -> dict[tuple[int, int], float]:
    """For each pair: the mean over the account's other targets of the share of their others that are here too."""
    pairs = set(acts)
    admirers, liked = defaultdict(set), defaultdict(set)
    sizes = Counter(target for _, target in pairs)
    kept = {(account, target) for account, target in pairs if 1 < sizes[target] <= most}
    for account, target in kept:
        admirers[target].add(account)
        liked[account].add(target)
    chance = sum(len(targets) ** 2 for targets in liked.values()) / max(len(kept), 1) ** 2
    found = {}
    for account, target in kept:
        others = liked[account] - {target}
        shares = [
            len((admirers[other] & admirers[target]) - {account}) / len(admirers[other] - {account}) for other in others
        ]
        if shares:
            found[account, target] = sum(shares) / len(shares) - (len(admirers[target]) - 1) * chance
    return found


def test_two_accounts_with_one_list_keep_company_and_a_stranger_does_not() -> None:
    """Accounts 1 and 2 go to 10, 11 and 12; account 3 meets one of them at 10, and others elsewhere."""
    acts = [(1, 10), (1, 11), (1, 12), (2, 10), (2, 11), (2, 12), (3, 10), (3, 20), (3, 21), (4, 20), (5, 21)]
    chance = (3**2 + 3**2 + 3**2 + 1 + 1) / 11**2
    found = told(acts)["target_company"]
    # At 11 and at 12 the one other is account 2, who is at 10 as well; at 10 two others come.
    assert found[0] == pytest.approx(1 - 2 * chance)
    # At 10 one of two others goes to 11 as well, at 12 the only one.
    assert found[1] == pytest.approx((0.5 + 1) / 2 - chance)
    assert found[6] == pytest.approx(0 - 2 * chance)


def test_friends_keep_company_but_not_among_strangers() -> None:
    """Three who like each other and nobody else, and two who like the same three strangers."""
    friends = [(one, other) for one in (1, 2, 3) for other in (1, 2, 3) if one != other]
    hired = [(account, target) for account in (8, 9) for target in (20, 21, 22)]
    found = told(friends + hired)
    assert all(isnan(one) for one in found["target_stranger_company"][: len(friends)])
    assert all(one > 0.4 for one in found["target_stranger_company"][len(friends) :])
    assert found["account_stranger_company"][-1] == pytest.approx(1 - 1 * 18 / 36)


@settings(deadline=None)  # the first example waits for the compiler
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 9)), max_size=60))
def test_each_number_is_the_definition(acts: Acts) -> None:
    """Sets of plain Python, on any log, self-engagement and repetition included."""
    found, expected = told(acts), by_definition(acts, module.MOST_ADMIRERS)
    friends = set(acts)
    among_strangers = by_definition([one for one in acts if one[::-1] not in friends], module.MOST_ADMIRERS)
    for name, meant in (("", expected), ("stranger_", among_strangers)):
        for act, one, mean in zip(acts, found[f"target_{name}company"], found[f"account_{name}company"], strict=True):
            mine = [number for (account, _), number in meant.items() if account == act[0]]
            assert one == pytest.approx(meant[act], abs=1e-6) if act in meant else isnan(one)
            assert mean == pytest.approx(sum(mine) / len(mine), abs=1e-6) if mine else isnan(mean)


def test_other_names_and_another_order_change_no_bit() -> None:
    """Sums are whole numbers: what comes first does not matter."""
    rng = np.random.default_rng(5)
    actor, target = rng.integers(0, 40, 900).astype(np.uint32), rng.integers(0, 60, 900).astype(np.uint32)
    names, order = rng.permutation(1_000).astype(np.uint32), rng.permutation(900)
    plain, renamed = company(actor, target), company(names[actor[order]], names[target[order]])
    for name, numbers in plain.items():
        assert numbers[order].tobytes() == renamed[name].tobytes()


def test_a_celebrity_is_no_company(monkeypatch: pytest.MonkeyPatch) -> None:
    """A target of more admirers than the bound is left out, and takes nothing from the others."""
    monkeypatch.setattr(module, "MOST_ADMIRERS", 4)
    hired = [(account, target) for account in (1, 2) for target in (20, 21)]
    crowd = [(account, 99) for account in range(1, 9)]
    with_crowd, alone = told(hired + crowd), told(hired)
    assert with_crowd["target_company"][:4] == alone["target_company"]
    assert all(isnan(one) for one in with_crowd["target_company"][4:])


def test_no_log_no_company() -> None:
    assert [len(numbers) for numbers in told([]).values()] == [0, 0, 0, 0]


def test_spreads_of_the_log_are_what_numbers_are_told_in() -> None:
    """A log in which everybody shares lists makes nothing of it: the middle is nought, the middle half one wide."""
    numbers = np.array([0.1, 0.2, 0.3, 0.4, 0.5, np.nan])
    found = beside_usual(numbers)
    assert found[:5] == pytest.approx(np.array([-0.2, -0.1, 0.0, 0.1, 0.2]) / 0.205)
    assert isnan(found[5])
    assert np.isnan(beside_usual(np.full(3, np.nan))).all()


@pytest.mark.parametrize("knows_places", [True, False])
def test_company_is_kept_only_where_a_log_knows_places(knows_places: bool) -> None:
    """Where nothing is known but actor, target and time, a taste that people share looks like a list that is sold."""
    rng = np.random.default_rng(3)
    actor, target = rng.integers(0, 30, 300).astype(np.uint32), rng.integers(30, 80, 300).astype(np.uint32)
    at, kind = np.sort(rng.integers(0, 10**12, 300)), np.zeros(300, np.uint8)
    places = {"asn": pl.Series(rng.integers(0, 5, 300))} if knows_places else {}
    kept = find_groups(Arrays(actor, target, at, kind, places), seed=0).company
    assert not places, "of a large log there is no room to hold them any longer"
    assert set(kept) == (set(company(actor, target)) if knows_places else set())
    assert all(np.isfinite(numbers).any() and len(numbers) == 300 for numbers in kept.values())
