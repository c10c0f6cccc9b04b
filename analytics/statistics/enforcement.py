"""What was done and what it changed.

`decisions`: one row per decision that was not undone: decision_id, case_id, account_id, outcome, lane, step,
decided_at, shown_at, opened_at, first_engagement_at, source_type, overturned_at, removed_likes, removed_follows,
removed_comments.
`actions`: one row per action: action_id, decision_id, account_id, kind, state, finished_at. Times are microseconds.
"""

from __future__ import annotations

import polars as pl

from analytics.statistics.durations import DAY, HOUR, median_interval, percentile, tail
from analytics.statistics.intervals import wilson
from analytics.statistics.metric import Metric, metric
from analytics.statistics.quality import KNOWN_ANSWER
from data.records import ActionKind, ActionState, Kind, Outcome

REMOVED_OF = {
    Kind.LIKE: "removed_likes",
    Kind.FOLLOW: "removed_follows",
    Kind.COMMENT: "removed_comments",
}
REMOVED = tuple(REMOVED_OF.values())
DONE = (ActionState.DELIVERED.value, ActionState.ALREADY_ABSENT.value)
VOLUNTARY = "SOURCE_VOLUNTARY"
# A log must reach this far past a reset before its silence means anything.
SETTLED = DAY


def actioned(decisions: pl.DataFrame, kind: Kind | None = None) -> Metric:
    """M-02: engagements removed by confirmed decisions; rows are those decisions. Scale, not success.

    Of one kind: what was removed of it, and the decisions that removed some of it, whatever else they removed; so the
    kinds add up to the whole. Known answers are decided to see how well people decide; nothing is done about them, so
    they are not counted.
    """
    rows = removing(confirmed(decisions), kind).with_columns(
        removed=pl.sum_horizontal(REMOVED if kind is None else (REMOVED_OF[kind],))
    )
    detail = {name.removeprefix("removed_"): float(rows[name].sum()) for name in REMOVED}
    for step, accounts in rows.group_by("step").agg(pl.col("account_id").n_unique()).sort("step").iter_rows():
        detail[f"step_{step}"] = float(accounts)
    detail["accounts"] = float(rows["account_id"].n_unique())
    return metric("M-02", rows, float(rows["removed"].sum()), detail=detail)


def proactive_share(decisions: pl.DataFrame) -> Metric:
    """M-03: share of decisions that our own detection started, known answers left out."""
    rows = _of_cases(decisions).with_columns(is_proactive=pl.col("source_type") == VOLUNTARY)
    hits = int(rows["is_proactive"].sum())
    value = hits / rows.height if rows.height else None
    return metric("M-03", rows, value, wilson(hits, rows.height))


def time_to_action(decisions: pl.DataFrame, actions: pl.DataFrame) -> Metric:
    """M-10: median hours from the first proposed engagement to the last delivered removal, split into its stages."""
    rows = (
        confirmed(decisions)
        .join(_removal_done(actions), on="decision_id")
        .with_columns(
            detect_hours=_hours("first_engagement_at", "opened_at"),
            wait_hours=_hours("opened_at", "shown_at"),
            decide_hours=_hours("shown_at", "decided_at"),
            deliver_hours=_hours("decided_at", "removed_at"),
            hours=_hours("first_engagement_at", "removed_at"),
        )
        .filter(pl.col("hours").is_not_null())
    )
    detail = dict(tail(rows["hours"]))
    for stage in ("detect", "wait", "decide", "deliver"):
        detail |= tail(rows[f"{stage}_hours"], f"{stage}_")
    return metric("M-10", rows, percentile(rows["hours"], 0.5), median_interval(rows["hours"]), detail)


def exposure(removed: pl.DataFrame) -> Metric:
    """M-11: median hours a removed engagement stood before its recipient; rows are the removed engagements.

    `removed`: one row per removed engagement: engagement_id, decision_id, account_id, kind, at, removed_at.
    """
    rows = removed.filter(pl.col("removed_at").is_not_null()).with_columns(hours=_hours("at", "removed_at"))
    detail = {**tail(rows["hours"]), "total_hours": float(rows["hours"].sum())}
    return metric("M-11", rows, percentile(rows["hours"], 0.5), median_interval(rows["hours"]), detail)


def repeat_offence(decisions: pl.DataFrame, *, days: int, as_of: int) -> Metric:
    """M-14: share of confirmed accounts confirmed again within `days`; only decisions whose whole window has passed.

    `decisions` must reach to `as_of`; a decision that was overturned is no offence.
    """
    stands = confirmed(decisions).filter(pl.col("overturned_at").is_null()).sort("account_id", "decided_at")
    rows = (
        stands.with_columns(next_at=pl.col("decided_at").shift(-1).over("account_id", order_by="decided_at"))
        .filter(pl.col("decided_at") + days * DAY <= as_of)
        .with_columns(is_repeat=(pl.col("next_at") - pl.col("decided_at") <= days * DAY).fill_null(value=False))
    )
    return repeat_share(rows)


def repeat_share(rows: pl.DataFrame) -> Metric:
    """Count M-14 over decisions that already know whether they were followed by another: step, is_repeat."""
    hits = int(rows["is_repeat"].sum())
    value = hits / rows.height if rows.height else None
    by_step = rows.group_by("step").agg(pl.col("is_repeat").mean()).sort("step")
    detail = {f"step_{step}": float(share) for step, share in by_step.iter_rows()}
    return metric("M-14", rows, value, wilson(hits, rows.height), detail)


def reset_completion(resets: pl.DataFrame, *, log_until: int) -> Metric:
    """M-15: share of forced resets after which the service was not seen again.

    `resets`: one row per forced reset: action_id, account_id, service_id, state, finished_at, service_last_at. Only
    delivered resets whose following day lies inside the log are counted.
    """
    delivered = resets.filter(pl.col("state").is_in(DONE))
    rows = delivered.filter(pl.col("finished_at") + SETTLED <= log_until).with_columns(
        is_still_active=(pl.col("service_last_at") > pl.col("finished_at")).fill_null(value=False)
    )
    quiet = rows.height - int(rows["is_still_active"].sum())
    value = quiet / rows.height if rows.height else None
    detail = {"forced": float(resets.height), "delivered": float(delivered.height)}
    return metric("M-15", rows, value, wilson(quiet, rows.height), detail)


def removing(decisions: pl.DataFrame, kind: Kind | None) -> pl.DataFrame:
    """Keep the decisions that removed engagements of a kind; all of them where no kind is asked for."""
    return decisions if kind is None else decisions.filter(pl.col(REMOVED_OF[kind]) > 0)


def confirmed(decisions: pl.DataFrame) -> pl.DataFrame:
    """Decisions about cases that found the engagement inauthentic."""
    return _of_cases(decisions).filter(pl.col("outcome") == Outcome.CONFIRM.value)


def _of_cases(decisions: pl.DataFrame) -> pl.DataFrame:
    """Drop the known answers: an old case shown again is no new one, whatever is decided."""
    return decisions.filter(pl.col("lane") != KNOWN_ANSWER)


def _removal_done(actions: pl.DataFrame) -> pl.DataFrame:
    """One row per decision all of whose removals are done, with the time of the last."""
    removals = actions.filter(pl.col("kind") == ActionKind.REMOVE_ENGAGEMENTS.value)
    ended = removals.group_by("decision_id").agg(
        pl.col("finished_at").max().alias("removed_at"), pl.col("state").is_in(DONE).all().alias("is_done")
    )
    return ended.filter("is_done").drop("is_done")


def _hours(start: str, end: str) -> pl.Expr:
    return (pl.col(end) - pl.col(start)).cast(pl.Float64) / HOUR
