"""A service that is suddenly let go is seen, whoever does it; chance is not."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from analytics.statistics.verdict_shift import one_sided, verdict_shifts
from tests.analytics.statistics.rows import DAY, T0, decisions

SINCE, UNTIL = T0 + 30 * DAY, T0 + 60 * DAY


def given(
    service: str | None, day: int, confirmed: int, rejected: int, person: str = "ada", lane: str = "queue"
) -> list[dict[str, Any]]:
    """So many verdicts about one service by one person on one day."""
    outcomes = ["confirm"] * confirmed + ["reject"] * rejected
    row = {"service_id": service, "decided_at": T0 + day * DAY, "person_id": person, "lane": lane}
    return [row | {"outcome": outcome} for outcome in outcomes]


def test_a_service_that_one_person_lets_go_stands_first() -> None:
    """T-13. S-1: 45 of 50, then 12 of 30, with 15 of its 18 rejections by one person; S-2: 18 of 20 and 17 of 20."""
    rows = [
        *given("S-1", 10, 45, 5),
        *given("S-1", 40, 12, 3),
        *given("S-1", 41, 0, 15, person="mal"),
        *given("S-2", 10, 18, 2),
        *given("S-2", 40, 17, 3),
    ]
    told = verdict_shifts(decisions(*rows), since=SINCE, until=UNTIL)
    counts = told.select("service_id", "before_confirmed", "before", "now_confirmed", "now", "is_moved").rows()
    assert counts == [("S-1", 45, 50, 12, 30, True), ("S-2", 18, 20, 17, 20, False)]
    assert told["change"].to_list() == pytest.approx([-0.5, -0.05])
    assert told["one_person"].to_list() == pytest.approx([15 / 18, 1.0])


def test_what_is_judged_too_seldom_or_elsewhere_is_not_compared() -> None:
    """Known answers, cases drawn at random, accounts of no service, and what came after the period do not count."""
    rows = [
        *given("S-1", 10, 9, 0),
        *given("S-1", 40, 0, 50),
        *given(None, 10, 50, 0),
        *given(None, 40, 0, 50),
        *given("S-2", 10, 20, 0),
        *given("S-2", 40, 0, 20, lane="known_answer"),
        *given("S-2", 40, 0, 20, lane="random_audit"),
        *given("S-2", 70, 0, 20),
    ]
    assert verdict_shifts(decisions(*rows), since=SINCE, until=UNTIL).is_empty()


def test_among_forty_services_judged_as_before_hardly_any_log_shows_one_that_moved() -> None:
    """The interval widens with the services compared, so a whole page is wrong as seldom as one figure."""
    rng, wrong = np.random.default_rng(20_261_130), 0
    for _ in range(60):
        hits = rng.binomial(40, 0.8, size=(40, 2))
        rows = [
            row
            for place, (before, now) in enumerate(hits.tolist())
            for row in (*given(f"S-{place}", 10, before, 40 - before), *given(f"S-{place}", 40, now, 40 - now))
        ]
        wrong += verdict_shifts(pl.DataFrame(rows), since=SINCE, until=UNTIL)["is_moved"].any()
    assert wrong <= 9


def test_verdicts_by_which_one_person_alone_let_a_service_go_are_named() -> None:
    """T-13. Mal rejects fifteen cases of S-1 and confirms one; Ada's three rejections are not the cause."""
    rows = [
        *given("S-1", 10, 45, 5),
        *given("S-1", 40, 12, 3),
        *given("S-1", 41, 1, 15, person="mal"),
        *given("S-2", 10, 18, 2),
        *given("S-2", 40, 17, 3),
    ]
    told = decisions(*rows)
    named = told.join(one_sided(told, since=SINCE, until=UNTIL), on="decision_id")

    assert named.select("person_id", "outcome", "service_id").unique().rows() == [("mal", "reject", "S-1")]
    assert named.height == 15


def test_a_rule_that_several_people_read_anew_names_nobody() -> None:
    rows = [
        *given("S-1", 10, 45, 5),
        *(one for person in ("ada", "ben", "eva") for one in given("S-1", 40, 2, 8, person=person)),
    ]
    told = decisions(*rows)

    assert verdict_shifts(told, since=SINCE, until=UNTIL)["is_moved"].to_list() == [True]
    assert one_sided(told, since=SINCE, until=UNTIL).is_empty()
