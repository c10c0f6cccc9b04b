"""The same figures once more, row by row in plain Python, over random ledgers."""

from __future__ import annotations

from statistics import median_low
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.statistics import backlog, enforcement, prevalence, quality
from tests.analytics.statistics.rows import DAY, HOUR, SECOND, T0, decisions, sample, times

MOMENT = st.integers(0, 80 * 24).map(lambda hours: T0 + hours * HOUR)
ROW = st.fixed_dictionaries(
    {
        "account_id": st.sampled_from("abcdef"),
        "outcome": st.sampled_from(["confirm", "reject", "escalate"]),
        "lane": st.sampled_from(["queue", "known_answer", "random_audit", "second_review"]),
        "is_blind": st.booleans(),
        "explanation_shown": st.booleans(),
        "score": st.sampled_from([0.2, 0.5, 0.9]),
        "step": st.integers(1, 5),
        "source_type": st.sampled_from(["SOURCE_VOLUNTARY", "SOURCE_ARTICLE_16"]),
        "decided_at": MOMENT,
        "shown_at": st.none() | MOMENT,
        "idle_us": st.integers(0, 500).map(lambda seconds: seconds * SECOND),
        "overturned_at": st.none() | MOMENT,
        "removed_likes": st.integers(0, 50),
        "removed_follows": st.integers(0, 50),
    }
)
LEDGER = st.lists(ROW, max_size=25)
Rows = list[dict[str, Any]]


def share(rows: list[Any], is_hit) -> float | None:
    return sum(map(is_hit, rows)) / len(rows) if rows else None


@given(LEDGER)
def test_precision(rows: Rows) -> None:
    counted = [
        row
        for row in rows
        if row["is_blind"]
        and row["score"] >= 0.5
        and row["outcome"] in {"confirm", "reject"}
        and row["lane"] in {"queue", "second_review"}
    ]
    found = quality.precision(decisions(*rows), threshold=0.5)

    assert found.n == len(counted)
    assert found.value == share(counted, lambda row: row["outcome"] == "confirm")


@given(LEDGER)
def test_proactive_share_and_removals(rows: Rows) -> None:
    frame = decisions(*rows)
    of_cases = [row for row in rows if row["lane"] != "known_answer"]
    confirmed = [row for row in of_cases if row["outcome"] == "confirm"]
    proactive = enforcement.proactive_share(frame)

    assert proactive.value == share(of_cases, lambda row: row["source_type"] == "SOURCE_VOLUNTARY")
    assert enforcement.actioned(frame).value == sum(row["removed_likes"] + row["removed_follows"] for row in confirmed)
    assert enforcement.actioned(frame).n == len(confirmed)


@given(LEDGER)
def test_repeat_offence(rows: Rows) -> None:
    # Two decisions about one account at the same microsecond cannot happen.
    spread = [{**row, "decided_at": row["decided_at"] + number} for number, row in enumerate(rows)]
    confirmed = [row for row in spread if row["outcome"] == "confirm" and row["overturned_at"] is None]
    stands = [row for row in confirmed if row["lane"] != "known_answer"]
    as_of = T0 + 60 * DAY
    counted = [row for row in stands if row["decided_at"] + 30 * DAY <= as_of]

    def is_repeated(row: dict[str, Any]) -> bool:
        return any(
            other["account_id"] == row["account_id"] and 0 < other["decided_at"] - row["decided_at"] <= 30 * DAY
            for other in stands
        )

    found = enforcement.repeat_offence(decisions(*spread), days=30, as_of=as_of)

    assert (found.n, found.value) == (len(counted), share(counted, is_repeated))


@given(LEDGER)
def test_handle_time(rows: Rows) -> None:
    spent = [
        (row["decided_at"] - row["shown_at"] - row["idle_us"]) / SECOND
        for row in rows
        if row["shown_at"] is not None and row["decided_at"] - row["shown_at"] >= row["idle_us"]
    ]
    found = quality.handle_time(decisions(*rows))

    assert found.n == len(spent)
    assert found.value == (pytest.approx(median_low(spent)) if spent else None)


@given(LEDGER)
def test_explanation_effect(rows: Rows) -> None:
    judged = [
        row
        for row in rows
        if row["outcome"] != "escalate"
        and row["lane"] in {"queue", "second_review"}
        and row["shown_at"] is not None
        and row["decided_at"] - row["shown_at"] >= row["idle_us"]
    ]
    shares = [
        share([row for row in judged if row["explanation_shown"] == shown], lambda row: row["outcome"] == "confirm")
        for shown in (True, False)
    ]
    found = quality.explanation_effect(decisions(*rows))

    assert found.n == len(judged)
    assert found.value == (None if None in shares else pytest.approx(shares[0] - shares[1]))


DRAWN = st.lists(st.tuples(st.sampled_from("abcde"), st.booleans(), st.integers(0, 2), st.floats(1, 1e4)), max_size=30)


@settings(max_examples=40)
@given(DRAWN)
def test_prevalence_recall_and_weights(rows: list[tuple[str, bool, int, float]]) -> None:
    frame = sample(*rows)
    real = [row for row in rows if row[1]]

    assert prevalence.prevalence(frame).value == share(rows, lambda row: row[1])
    assert prevalence.recall(frame).value == share(real, lambda row: row[2] >= 1)
    weighted = sum(row[3] for row in real) / sum(row[3] for row in rows) if rows else None
    assert prevalence.weighted_prevalence(frame, seed=1).value == (
        None if weighted is None else pytest.approx(weighted)
    )


SPANS = st.lists(st.tuples(st.integers(0, 90), st.none() | st.integers(0, 60)), max_size=25)


@given(SPANS)
def test_backlog_and_promise(spans: list[tuple[int, int | None]]) -> None:
    cases = [(opened, None if took is None else opened + took) for opened, took in spans]
    now = 70
    waiting = [opened for opened, decided in cases if opened <= now and (decided is None or decided > now)]
    decided = [(opened, done) for opened, done in cases if done is not None]
    found = backlog.backlog(times(*cases), now=T0 + now * HOUR, promised_hours=24)

    assert found.n == len(waiting)
    assert found.value == (now - min(waiting) if waiting else None)
    assert found.detail["breaches"] == sum(now - opened > 24 for opened in waiting)
    assert backlog.in_time(times(*cases), promised_hours=24).value == share(
        decided, lambda case: case[1] - case[0] <= 24
    )
