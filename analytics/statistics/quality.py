"""How well the machine finds and how well people decide.

`decisions`: one row per decision that was not undone: decision_id, case_id, person_id, outcome, lane, is_blind,
explanation_shown, score, policy_version, model_version, reason, shown_at, decided_at, idle_us.
"""

from __future__ import annotations

import polars as pl

from analytics.statistics.agreement import agreement, krippendorff_alpha
from analytics.statistics.durations import SECOND, median_interval, percentile, tail
from analytics.statistics.intervals import difference, wilson
from analytics.statistics.metric import Metric, metric
from data.records import Outcome

KNOWN_ANSWER, RANDOM_AUDIT = "known_answer", "random_audit"
# Verdicts given on cases that the machine chose, so that they can tell how often it is right.
_MACHINE_CHOSEN = ~pl.col("lane").is_in([KNOWN_ANSWER, RANDOM_AUDIT])
_VERDICT = pl.col("outcome").is_in([Outcome.CONFIRM.value, Outcome.REJECT.value])


def judged(decisions: pl.DataFrame) -> pl.DataFrame:
    """The verdicts on cases that the machine chose, each with `is_confirmed`."""
    return decisions.filter(_MACHINE_CHOSEN, _VERDICT).with_columns(
        is_confirmed=pl.col("outcome") == Outcome.CONFIRM.value
    )


def precision(decisions: pl.DataFrame, *, threshold: float = 0.0) -> Metric:
    """M-04: confirmed among confirmed and rejected, of cases at or above the threshold that were decided blind."""
    rows = judged(decisions).filter("is_blind", pl.col("score") >= threshold)
    hits = int(rows["is_confirmed"].sum())
    value = hits / rows.height if rows.height else None
    return metric("M-04", rows, value, wilson(hits, rows.height))


def known_answers(decisions: pl.DataFrame, answers: pl.DataFrame) -> Metric:
    """M-06: share of known-answer cases decided rightly, by the policy version the answer was written for.

    `answers`: one row per known answer: case_id, expected, policy_version, valid_until (null: for good). An answer of
    another policy version, or past its time, does not count.
    """
    seen = decisions.filter(pl.col("lane") == KNOWN_ANSWER, _VERDICT)
    rows = seen.join(answers.select("case_id", "expected", "policy_version", "valid_until"), on="case_id", suffix="_of")
    rows = rows.filter(
        pl.col("policy_version") == pl.col("policy_version_of"),
        pl.col("valid_until").is_null() | (pl.col("valid_until") >= pl.col("decided_at")),
    ).with_columns(is_right=pl.col("outcome") == pl.col("expected"))
    hits = int(rows["is_right"].sum())
    value = hits / rows.height if rows.height else None
    by_policy = rows.group_by("policy_version").agg(pl.col("is_right").mean()).sort("policy_version")
    return metric("M-06", rows, value, wilson(hits, rows.height), dict(by_policy.iter_rows()))


def double_review(pairs: pl.DataFrame, *, seed: int) -> Metric:
    """M-07: Cohen's kappa of blind double reviews. `pairs`: one row per pair: decision_id, first, second (outcomes)."""
    found = agreement(pairs["first"].to_list(), pairs["second"].to_list(), finding=Outcome.CONFIRM.value, seed=seed)
    detail = {"raw": found.raw, "prevalence": found.prevalence} if found.n else {}
    return metric("M-07", pairs, found.value, found.interval, detail)


def panel_agreement(labels: pl.DataFrame) -> Metric:
    """M-07a: Krippendorff's alpha of cases seen by several people. `labels`: one row per label: case_id, outcome."""
    units = labels.group_by("case_id", maintain_order=True).agg("outcome").filter(pl.col("outcome").list.len() >= 2)
    value = krippendorff_alpha(dict(units.iter_rows()))
    rows = labels.filter(pl.col("case_id").is_in(units["case_id"].to_list()))
    return metric("M-07a", rows, value, detail={"cases": float(units.height)})


def overturn_rate(appeals: pl.DataFrame, *, confirmations: int) -> Metric:
    """M-08: overturned among decided appeals. `appeals`: one row per decided appeal: appeal_id, decision_id, outcome.

    A low rate of appeals is no sign of quality, so the share among all confirmed decisions stands beside it.
    """
    rows = appeals.with_columns(is_overturned=pl.col("outcome") == "overturned")
    hits = int(rows["is_overturned"].sum())
    value = hits / rows.height if rows.height else None
    overturned = rows.filter("is_overturned")["decision_id"].n_unique()
    detail = {"of_confirmed": overturned / confirmations} if confirmations else {}
    return metric("M-08", rows, value, wilson(hits, rows.height), detail)


def audit_reversals(audited: pl.DataFrame) -> Metric:
    """M-09: wrong among decisions drawn at random for a second look: decision_id, is_wrong."""
    hits = int(audited["is_wrong"].sum())
    value = hits / audited.height if audited.height else None
    return metric("M-09", audited, value, wilson(hits, audited.height))


def handle_time(decisions: pl.DataFrame) -> Metric:
    """M-12: median seconds from shown to decided, long pauses taken out. Never a personal target without M-06."""
    rows = _timed(decisions)
    return metric(
        "M-12", rows, percentile(rows["seconds"], 0.5), median_interval(rows["seconds"]), tail(rows["seconds"])
    )


def explanation_effect(decisions: pl.DataFrame) -> Metric:
    """M-16: share confirmed with explanations minus share confirmed without; beside it the change of median time."""
    rows = _timed(judged(decisions))
    arms = {shown: rows.filter(pl.col("explanation_shown") == shown) for shown in (True, False)}
    counts = {shown: (int(arm["is_confirmed"].sum()), arm.height) for shown, arm in arms.items()}
    if not all(n for _, n in counts.values()):
        return metric("M-16", rows, None)
    value = counts[True][0] / counts[True][1] - counts[False][0] / counts[False][1]
    medians = {shown: percentile(arm["seconds"], 0.5) or 0.0 for shown, arm in arms.items()}
    detail = {"seconds": medians[True] - medians[False], "with": counts[True][1], "without": counts[False][1]}
    return metric("M-16", rows, value, difference(counts[True], counts[False]), detail)


def overturns_by(decisions: pl.DataFrame, appeals: pl.DataFrame, column: str) -> pl.DataFrame:
    """One row per value of `column` (model version, reason): decided appeals, overturned, share with its interval."""
    joined = appeals.join(decisions.select("decision_id", column), on="decision_id")
    grouped = joined.group_by(column).agg(
        pl.len().alias("appeals"), (pl.col("outcome") == "overturned").sum().cast(pl.Int64).alias("overturned")
    )
    bounds = [wilson(hits, n) for n, hits in grouped.select("appeals", "overturned").iter_rows()]
    return grouped.with_columns(
        share=pl.col("overturned") / pl.col("appeals"),
        low=pl.Series([low for low, _ in bounds], dtype=pl.Float64),
        high=pl.Series([high for _, high in bounds], dtype=pl.Float64),
    ).sort(column)


def _timed(decisions: pl.DataFrame) -> pl.DataFrame:
    spent = (pl.col("decided_at") - pl.col("shown_at") - pl.col("idle_us")).cast(pl.Float64) / SECOND
    return decisions.with_columns(seconds=spent).filter(pl.col("seconds") >= 0)
