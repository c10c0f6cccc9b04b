"""Agreement beyond chance (M-07)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.statistics.agreement import agreement, cohen_kappa, krippendorff_alpha


def test_kappa_of_the_textbook_table() -> None:
    """20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: observed 0.7, by chance 0.5."""
    first = ["yes"] * 25 + ["no"] * 25
    second = ["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15

    assert cohen_kappa(first, second) == pytest.approx(0.4)


def test_kappa_says_nothing_when_both_only_ever_said_yes() -> None:
    assert cohen_kappa(["yes"] * 9, ["yes"] * 9) is None


def test_the_same_raw_agreement_gives_less_kappa_when_a_finding_is_rare() -> None:
    """The kappa paradox is why raw agreement and prevalence stand beside it."""
    rare = agreement(
        ["yes"] * 90 + ["no"] * 10, ["yes"] * 85 + ["no"] * 5 + ["yes"] * 5 + ["no"] * 5, finding="yes", seed=1
    )
    even = agreement(
        ["yes"] * 50 + ["no"] * 50, ["yes"] * 45 + ["no"] * 5 + ["yes"] * 5 + ["no"] * 45, finding="yes", seed=1
    )

    assert rare.raw == even.raw == pytest.approx(0.9)
    assert rare.prevalence == pytest.approx(0.9)
    assert rare.value is not None
    assert even.value is not None
    assert rare.value < 0.5 < even.value


def test_the_interval_of_kappa_holds_its_value() -> None:
    found = agreement(["yes", "no"] * 40, ["yes", "no"] * 35 + ["no", "yes"] * 5, finding="yes", seed=3)

    assert found.interval is not None
    assert found.interval[0] < found.value < found.interval[1]


@pytest.mark.parametrize("pairs", [10, 40, 200])
def test_full_agreement_of_a_few_pairs_proves_little(pairs: int) -> None:
    """M-07: n pairs that agree bound the raw agreement by 0.025 ** (1 / n); seven in ten by chance agree in 0.58."""
    labels = ["yes"] * (pairs * 7 // 10) + ["no"] * (pairs * 3 // 10)
    found = agreement(labels, labels, finding="yes", seed=1)
    expected = (0.025 ** (1 / pairs) - 0.58) / 0.42

    assert (found.value, found.interval) == (1.0, (pytest.approx(expected), 1.0))


def test_one_disagreement_never_makes_kappa_surer() -> None:
    labels = ["yes"] * 7 + ["no"] * 8
    none = agreement(labels, labels, finding="yes", seed=1).interval
    one = agreement(labels, [*labels[:-1], "yes"], finding="yes", seed=1).interval

    assert none is not None
    assert one is not None
    assert one[0] < none[0]


def test_alpha_of_a_published_table() -> None:
    """Two observers, ten units, nominal: the worked example of Krippendorff's tutorial."""
    first = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0]
    second = [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    units = {unit: list(pair) for unit, pair in enumerate(zip(first, second, strict=True))}

    assert krippendorff_alpha(units) == pytest.approx(0.095, abs=5e-4)


def test_alpha_ignores_a_unit_seen_once() -> None:
    assert krippendorff_alpha({1: ["a", "b"], 2: ["a", "a"], 3: ["b"]}) == krippendorff_alpha(
        {1: ["a", "b"], 2: ["a", "a"]}
    )


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=40))
def test_kappa_equals_its_formula_in_plain_python(pairs: list[tuple[str, str]]) -> None:
    n = len(pairs)
    observed = sum(one == other for one, other in pairs) / n
    chance = sum(
        sum(one == label for one, _ in pairs) * sum(other == label for _, other in pairs) for label in "abc"
    ) / (n * n)
    expected = None if chance == 1 else (observed - chance) / (1 - chance)

    assert cohen_kappa(*map(list, zip(*pairs, strict=True))) == pytest.approx(expected)


@given(st.lists(st.lists(st.sampled_from("ab"), min_size=1, max_size=5), min_size=1, max_size=12))
def test_alpha_equals_one_minus_seen_over_expected_disagreement(units: list[list[str]]) -> None:
    """All ordered pairs counted one by one, as the definition reads."""
    paired = [labels for labels in units if len(labels) >= 2]
    seen = sum(
        sum(labels[i] != labels[j] for i in range(len(labels)) for j in range(len(labels)) if i != j)
        / (len(labels) - 1)
        for labels in paired
    )
    every = [label for labels in paired for label in labels]
    n = len(every)
    apart = sum(every[i] != every[j] for i in range(n) for j in range(n) if i != j)
    expected = None if not apart else 1 - (seen / n) / (apart / (n * (n - 1)))

    assert krippendorff_alpha(dict(enumerate(units))) == pytest.approx(expected)
