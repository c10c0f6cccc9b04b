"""Every figure of A.7 on about ten rows: rows in, the number out."""

from __future__ import annotations

import itertools

import polars as pl
import pytest

from analytics.statistics import backlog, enforcement, prevalence, quality
from analytics.statistics.definitions import DEFINITIONS
from tests.analytics.statistics.rows import DAY, HOUR, SECOND, T0, decisions, sample, times

TEN = sample(
    ("a", True, 2, 100.0),
    ("a", True, 1, 100.0),
    ("b", True, 0, 700.0),
    *[(f"g{number}", False, 0, 10.0) for number in range(7)],
)


def test_m01_prevalence_counts_the_random_sample() -> None:
    alone = TEN.with_columns(account_id=pl.col("engagement_id"))
    found = prevalence.prevalence(alone)

    assert (found.value, found.n) == (0.3, 10)
    assert (found.low, found.high) == pytest.approx((0.10779, 0.60322), abs=5e-6)


def test_m01_knows_less_where_several_engagements_are_of_one_account() -> None:
    alone = prevalence.prevalence(TEN.with_columns(account_id=pl.col("engagement_id")))
    one_owner = pl.when("is_inauthentic").then(pl.lit("a")).otherwise("account_id")
    together = prevalence.prevalence(TEN.with_columns(account_id=one_owner))

    assert together.high > alone.high


def test_m01w_weighs_by_audience() -> None:
    found = prevalence.weighted_prevalence(TEN, seed=1)

    assert found.value == pytest.approx(900 / 970)
    assert found.low < found.value <= found.high


def test_m05_recall_counts_what_the_machine_proposed_of_what_people_found() -> None:
    found = prevalence.recall(TEN)

    assert (found.value, found.n) == (pytest.approx(2 / 3), 3)
    assert found.detail == {"removable": pytest.approx(1 / 3)}


def test_m02_actioned_sums_removals_by_kind_and_accounts_by_step() -> None:
    found = enforcement.actioned(
        decisions(
            {"account_id": "a", "removed_likes": 5, "removed_follows": 2},
            {"account_id": "a", "removed_comments": 1, "step": 2},
            {"account_id": "b", "removed_likes": 4},
            {"account_id": "c", "outcome": "reject"},
            {"account_id": "d", "removed_likes": 9, "lane": "known_answer"},
        )
    )

    assert (found.value, found.n) == (12.0, 3)
    assert found.detail == {"likes": 9, "follows": 2, "comments": 1, "step_1": 2, "step_2": 1, "accounts": 2}
    assert found.low is None


def test_m03_proactive_share_counts_our_own_detection() -> None:
    reported = {"source_type": "SOURCE_ARTICLE_16"}
    found = enforcement.proactive_share(decisions({}, {}, {}, reported, reported | {"lane": "known_answer"}))

    assert (found.value, found.n) == (0.75, 4)


def test_m04_precision_reads_blind_decisions_on_cases_the_machine_chose() -> None:
    found = quality.precision(
        decisions(
            {"is_blind": True},
            {"is_blind": True},
            {"is_blind": True, "outcome": "reject"},
            {"is_blind": True, "outcome": "escalate"},
            {"is_blind": True, "lane": "known_answer"},
            {"is_blind": True, "lane": "random_audit", "outcome": "reject"},
            {"is_blind": True, "score": 0.4, "outcome": "reject"},
            {"is_blind": False, "outcome": "reject"},
        ),
        threshold=0.5,
    )

    assert (found.value, found.n) == (pytest.approx(2 / 3), 3)


def test_m06_known_answers_of_another_policy_or_past_their_time_do_not_count() -> None:
    """S-08."""
    answers = pl.DataFrame(
        {
            "case_id": ["c0", "c1", "c2", "c3"],
            "expected": ["confirm", "confirm", "reject", "confirm"],
            "policy_version": ["1", "1", "1", "0"],
            "valid_until": [None, T0 + DAY, T0, None],
        },
        schema_overrides={"valid_until": pl.Int64},
    )
    found = quality.known_answers(
        decisions(
            {"lane": "known_answer"},
            {"lane": "known_answer", "outcome": "reject"},
            {"lane": "known_answer", "outcome": "reject"},
            {"lane": "known_answer"},
            {},
        ),
        answers,
    )

    assert (found.value, found.n, found.rows["case_id"].to_list()) == (0.5, 2, ["c0", "c1"])
    assert found.detail == {"1": 0.5}


def test_m07_kappa_stands_beside_raw_agreement_and_prevalence() -> None:
    pairs = pl.DataFrame(
        {
            "decision_id": [f"d{number}" for number in range(10)],
            "first": ["confirm"] * 5 + ["reject"] * 5,
            "second": ["confirm"] * 4 + ["reject"] * 5 + ["confirm"],
        }
    )
    found = quality.double_review(pairs, seed=1)

    assert (found.value, found.n) == (pytest.approx(0.6), 10)
    assert found.detail == {"raw": 0.8, "prevalence": 0.5}


def test_m07a_alpha_reads_only_cases_seen_twice() -> None:
    labels = pl.DataFrame(
        {"case_id": ["x", "x", "y", "y", "y", "z"], "outcome": ["confirm", "reject", *["confirm"] * 3, "reject"]}
    )
    found = quality.panel_agreement(labels)

    assert (found.n, found.detail) == (5, {"cases": 2.0})
    assert found.value == pytest.approx(0.0)


def test_m08_overturns_stand_beside_the_share_of_all_confirmed() -> None:
    appeals = pl.DataFrame(
        {
            "appeal_id": ["1", "2", "3", "4"],
            "decision_id": ["d0", "d1", "d1", "d2"],
            "outcome": ["upheld", "overturned", "overturned", "upheld"],
        }
    )
    found = quality.overturn_rate(appeals, confirmations=50)

    assert (found.value, found.n, found.detail) == (0.5, 4, {"of_confirmed": 0.02})


def test_m09_counts_wrong_among_decisions_looked_at_again() -> None:
    found = quality.audit_reversals(pl.DataFrame({"decision_id": list("abcde"), "is_wrong": [True, *[False] * 4]}))

    assert (found.value, found.n) == (0.2, 5)


def test_m10_time_to_action_splits_into_its_stages() -> None:
    rows = decisions({}, {}, {}, {"outcome": "reject"})
    actions = pl.DataFrame(
        [
            ("d0", "remove_engagements", "delivered", T0 + 2 * HOUR),
            ("d0", "remove_engagements", "delivered", T0 + 3 * HOUR),
            ("d0", "warn", "queued", None),
            ("d1", "remove_engagements", "already_absent", T0 + 5 * HOUR),
            ("d2", "remove_engagements", "delivered", T0 + 2 * HOUR),
            ("d2", "remove_engagements", "queued", None),
        ],
        schema={"decision_id": pl.String, "kind": pl.String, "state": pl.String, "finished_at": pl.Int64},
        orient="row",
    )
    found = enforcement.time_to_action(rows, actions)

    assert sorted(found.rows["decision_id"]) == ["d0", "d1"]
    assert (found.value, found.detail["p90"]) == (27.0, 29.0)
    assert (found.detail["detect_p50"], found.detail["wait_p50"]) == (24.0, 1.0)
    assert found.detail["decide_p50"] == pytest.approx(1 / 60)
    assert found.detail["deliver_p95"] == pytest.approx(4 - 1 / 60)


def test_m11_exposure_is_the_time_a_removed_engagement_stood() -> None:
    removed = pl.DataFrame(
        {
            "engagement_id": ["e1", "e2", "e3", "e4"],
            "at": [T0, T0 + HOUR, T0 + 2 * HOUR, T0],
            "removed_at": [T0 + 4 * HOUR, T0 + 4 * HOUR, T0 + 4 * HOUR, None],
        }
    )
    found = enforcement.exposure(removed)

    assert (found.value, found.n, found.detail["total_hours"]) == (3.0, 3, 9.0)


def test_m12_handle_time_takes_long_pauses_out() -> None:
    rows = [{"shown_at": T0, "decided_at": T0 + spent * SECOND} for spent in (10, 20, 30)]
    paused = {"shown_at": T0, "decided_at": T0 + 600 * SECOND, "idle_us": 560 * SECOND}
    found = quality.handle_time(decisions(*rows, paused, {"shown_at": None}))

    assert (found.value, found.n, found.detail["p90"]) == (20.0, 4, 40.0)


def test_m13_backlog_names_the_oldest_and_the_breaches() -> None:
    found = backlog.backlog(
        times((0, None), (10, None), (20, None), (12, 22), (0, 3)), now=T0 + 30 * HOUR, promised_hours=24
    )

    assert (found.value, found.n) == (30.0, 3)
    assert found.detail["breaches"] == 1
    assert found.detail["arrivals_per_hour"] == pytest.approx(3 / 24)
    assert found.detail["completions_per_hour"] == pytest.approx(1 / 24)


def test_sla_is_the_share_decided_within_the_promise() -> None:
    found = backlog.in_time(times((0, 24), (0, 25), (0, 1), (0, None)), promised_hours=24)

    assert (found.value, found.n) == (pytest.approx(2 / 3), 3)


def test_m14_repeat_counts_only_decisions_whose_window_has_passed() -> None:
    def of(account: str, day: int, **over: object) -> dict[str, object]:
        return {"account_id": account, "decided_at": T0 + day * DAY, **over}

    found = enforcement.repeat_offence(
        decisions(
            of("a", 0),
            of("a", 29, step=2),
            of("b", 0),
            of("b", 31, step=2),
            of("c", 0),
            of("c", 5, overturned_at=T0 + 9 * DAY),
            of("d", 0),
            of("d", 3, outcome="reject"),
            of("e", 80),
        ),
        days=30,
        as_of=T0 + 100 * DAY,
    )

    assert (found.value, found.n) == (pytest.approx(1 / 6), 6)
    assert found.detail == {"step_1": 0.25, "step_2": 0.0}


def test_m15_reset_counts_only_resets_the_log_can_tell_about() -> None:
    resets = pl.DataFrame(
        [
            ("a", "delivered", T0, T0 - HOUR),
            ("b", "delivered", T0, T0 + HOUR),
            ("c", "delivered", T0, None),
            ("d", "delivered", T0 + 9 * DAY, None),
            ("e", "queued", None, None),
        ],
        schema={"action_id": pl.String, "state": pl.String, "finished_at": pl.Int64, "service_last_at": pl.Int64},
        orient="row",
    )
    found = enforcement.reset_completion(resets, log_until=T0 + 9 * DAY)

    assert (found.value, found.n, found.detail) == (pytest.approx(2 / 3), 3, {"forced": 5.0, "delivered": 4.0})


def test_m16_compares_with_and_without_explanations() -> None:
    """S-03."""
    quick = {"shown_at": T0, "decided_at": T0 + 20 * SECOND}
    slow = {"shown_at": T0, "decided_at": T0 + 50 * SECOND, "explanation_shown": False}
    found = quality.explanation_effect(decisions(*[quick] * 4, *[slow] * 3, {**slow, "outcome": "reject"}))

    assert (found.value, found.n) == (0.25, 8)
    assert found.detail == {"seconds": -30.0, "with": 4, "without": 4}
    assert found.low < 0.25 < found.high


def test_overturns_are_listed_by_model_version_with_intervals() -> None:
    appeals = pl.DataFrame({"decision_id": ["d0", "d1", "d2"], "outcome": ["overturned", "upheld", "upheld"]})
    found = quality.overturns_by(decisions({}, {}, {"model_version": "m2"}), appeals, "model_version")

    assert found.select("model_version", "appeals", "overturned", "share").rows() == [
        ("m1", 2, 1, 0.5),
        ("m2", 1, 0, 0.0),
    ]


def test_a_queue_that_fills_faster_than_it_empties_is_forecast_to_grow_by_the_difference() -> None:
    found = backlog.forecast(100, ([30] * 14, [20] * 14), days=3, seed=1)

    assert [day.waiting for day in found] == [110.0, 120.0, 130.0]


def test_no_queue_is_forecast_below_empty() -> None:
    assert [day.low for day in backlog.forecast(5, ([0], [50]), days=2, seed=1)] == [0.0, 0.0]


def test_the_daily_flow_counts_whole_days_back_from_now() -> None:
    flow = backlog.daily_flow(times((1, 30), (2, None), (50, 60)), now=T0 + 72 * HOUR, days=3)

    assert flow == ([2, 0, 1], [0, 1, 1])


def test_a_first_load_is_no_day_and_a_later_one_is_spread_over_the_days_it_tells_of() -> None:
    """M-13: 236 cases of the log as it was loaded, then 42 of the next three weeks, and one by hand yesterday."""
    first, second = T0, T0 + 21 * DAY
    opened = [first] * 236 + [second] * 42 + [second + 12 * HOUR]
    runs = ["r-1"] * 236 + ["r-2"] * 43
    cases = pl.DataFrame({"opened_at": opened, "run_id": runs})

    found = backlog.usual_arrivals(cases, now=second + DAY, days=14)
    assert found == [pytest.approx(2.0)] * 13 + [1.0]
    assert sum(backlog.usual_arrivals(cases, now=first + DAY, days=14)) == 0
    level = backlog.forecast(300, (found, [10] * 14), days=14, seed=1)
    steps = [one.waiting - other.waiting for one, other in itertools.pairwise(level)]
    assert max(steps) - min(steps) < 3


def test_reviewer_hours_follow_the_median_and_the_slow_tail() -> None:
    assert backlog.reviewer_hours(120, pl.Series([30.0, 30.0, 60.0])) == (1.0, 2.0)


EMPTY = decisions()
ON_NOTHING = {
    "M-01": lambda: prevalence.prevalence(sample()),
    "M-01w": lambda: prevalence.weighted_prevalence(sample(), seed=0),
    "M-03": lambda: enforcement.proactive_share(EMPTY),
    "M-04": lambda: quality.precision(EMPTY),
    "M-05": lambda: prevalence.recall(sample()),
    "M-12": lambda: quality.handle_time(EMPTY),
    "M-13": lambda: backlog.backlog(times(), now=T0, promised_hours=24),
    "M-14": lambda: enforcement.repeat_offence(EMPTY, days=30, as_of=T0),
    "M-16": lambda: quality.explanation_effect(EMPTY),
    "SLA": lambda: backlog.in_time(times(), promised_hours=24),
}


@pytest.mark.parametrize("metric_id", ON_NOTHING)
def test_an_empty_ledger_has_no_figure_rather_than_a_zero(metric_id: str) -> None:
    found = ON_NOTHING[metric_id]()

    assert (found.metric_id, found.value, found.low, found.n) == (metric_id, None, None, 0)


def test_every_figure_of_the_requirements_is_defined_once() -> None:
    """M-01 to M-16, each in words."""
    wanted = {f"M-{number:02}" for number in range(1, 17)}

    assert wanted <= DEFINITIONS.keys()
    assert len({definition.title for definition in DEFINITIONS.values()}) == len(DEFINITIONS)
