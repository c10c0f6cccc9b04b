"""Random ledgers: plain rows that hypothesis draws, and the same rows as the frames that figures are counted from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl
from hypothesis import strategies as st

from analytics.workflows.figures import Cut, Period
from analytics.workflows.ledger_frames import ACTIONS, ANSWERS, APPEALS, CASES, DECISIONS, REVIEWS, LedgerFrames
from tests.analytics.statistics.rows import DAY, HOUR, SECOND, T0

Row = dict[str, Any]
CASE_IDS = [f"c{number}" for number in range(6)]
DONE = ("delivered", "already_absent")
MOMENT = st.integers(0, 70 * 24).map(lambda hours: T0 + hours * HOUR)
SINCE, UNTIL = T0 + 5 * DAY, T0 + 60 * DAY
NOW, LOG_UNTIL = T0 + 65 * DAY, T0 + 50 * DAY
SERVICE = st.sampled_from(["S-1", "S-2"])
CUTS = st.sampled_from([Cut(), Cut(), Cut(service_id="S-1"), Cut(step=1), Cut(service_id="S-2", step=2)])


@dataclass(frozen=True, slots=True)
class Ledger:
    """Plain rows; what hangs on a decision names it by its id."""

    decisions: list[Row]
    cases: list[Row]
    actions: list[Row]
    appeals: list[Row]
    reviews: list[Row]
    answers: list[Row]
    drawn: list[Row]
    engagements: list[Row]

    def frames(self) -> LedgerFrames:
        return LedgerFrames(
            version=(1, 0),
            decisions=frame(self.decisions, {**DECISIONS, "kind": pl.String}),
            cases=frame(self.cases, {**CASES, "kind": pl.String}),
            actions=frame(self.actions, {**ACTIONS, "service_last_at": pl.Int64}),
            appeals=frame(self.appeals, APPEALS),
            reviews=frame(self.reviews, {**REVIEWS, "second": pl.String}),
            answers=frame(self.answers, ANSWERS),
        )

    # What a figure asks beside the frames.
    def sample(self, _frames: LedgerFrames, _period: Period) -> pl.DataFrame:
        return frame(self.drawn, DRAWN_ROWS)

    def removed(self, decided: pl.DataFrame, _actions: pl.DataFrame) -> pl.DataFrame:
        rows = frame(self.engagements, {"decision_id": pl.String, "at": pl.Int64, "removed_at": pl.Int64})
        return rows.join(decided.select("decision_id"), on="decision_id", how="semi")

    def resets(self, actions: pl.DataFrame) -> pl.DataFrame:
        return actions.filter(pl.col("kind") == "reset_password")

    def log_until(self) -> int:
        return LOG_UNTIL

    def now(self) -> int:
        return NOW


DRAWN_ROWS = {
    "account_id": pl.String,
    "is_inauthentic": pl.Boolean,
    "band": pl.Int64,
    "weight": pl.Float64,
    "decided_at": pl.Int64,
    "service_id": pl.String,
    "step": pl.Int64,
}


def frame(rows: list[Row], schema: Any) -> pl.DataFrame:
    return pl.DataFrame({name: [row.get(name) for row in rows] for name in schema}, schema=dict(schema))


DECISION = st.fixed_dictionaries(
    {
        "case_id": st.sampled_from(CASE_IDS),
        "account_id": st.sampled_from("abcd"),
        "outcome": st.sampled_from(["confirm", "confirm", "reject", "escalate"]),
        "lane": st.sampled_from(["queue", "known_answer", "queue", "random_audit", "second_review"]),
        "is_blind": st.booleans(),
        "explanation_shown": st.booleans(),
        "score": st.sampled_from([0.2, 0.9]),
        "step": st.integers(1, 3),
        "policy_version": st.sampled_from("112"),
        "source_type": st.sampled_from(["SOURCE_VOLUNTARY", "SOURCE_ARTICLE_16"]),
        "decided_at": MOMENT,
        "opened_at": MOMENT,
        "first_engagement_at": st.none() | MOMENT,
        "idle_us": st.integers(0, 500).map(lambda seconds: seconds * SECOND),
        "overturned_at": st.none() | st.none() | MOMENT,
        "removed_likes": st.integers(0, 50),
        "removed_follows": st.integers(0, 50),
        "removed_comments": st.integers(0, 50),
        "service_id": SERVICE,
    }
)
CASE = st.fixed_dictionaries({"opened_at": MOMENT, "decided_at": st.none() | MOMENT, "service_id": SERVICE})
DRAWN = st.fixed_dictionaries(
    {
        "account_id": st.sampled_from("abcde"),
        "is_inauthentic": st.booleans(),
        "band": st.integers(0, 2),
        "weight": st.floats(0, 1e4),
        "decided_at": MOMENT,
        "service_id": SERVICE,
        "step": st.integers(1, 2),
    }
)
KINDS = ["remove_engagements", "remove_engagements", "reset_password", "warn"]
VERDICT = st.sampled_from(["confirm", "reject"])


@st.composite
def ledgers(draw: st.DrawFn) -> Ledger:
    """Draw a ledger of up to sixteen decisions with what followed them."""
    fewest = draw(st.sampled_from([0, 8, 8, 8]))
    told = draw(st.lists(DECISION, min_size=fewest, max_size=fewest + 8))
    decisions = [decision(draw, number, row) for number, row in enumerate(told)]
    cases = [{**draw(CASE), "case_id": one} for one in CASE_IDS[: draw(st.sampled_from([0, 3, 6, 6]))]]
    return Ledger(
        decisions=decisions,
        cases=cases,
        actions=following(draw, decisions, action),
        appeals=following(draw, decisions, appeal),
        reviews=following(draw, decisions, review),
        answers=[answer(draw, one) for one in CASE_IDS if draw(st.integers(0, 3))],
        drawn=draw(st.lists(DRAWN, min_size=fewest, max_size=16)),
        engagements=following(draw, decisions, engagement),
    )


def decision(draw: st.DrawFn, number: int, row: Row) -> Row:
    """Name a decision and say when its case was shown; no two are made in the same microsecond."""
    decided = row["decided_at"] + number
    shown = draw(st.none() | st.integers(-1, 900).map(lambda spent: decided - spent * SECOND))
    return {**row, "decision_id": f"d{number}", "decided_at": decided, "shown_at": shown}


def following(draw: st.DrawFn, decisions: list[Row], make: Any) -> list[Row]:
    """Hang none, a few or a dozen rows on decisions, by chance."""
    count = draw(st.sampled_from([0, 3, 12])) if decisions else 0
    return [make(draw, decisions[draw(st.integers(0, len(decisions) - 1))]) for _ in range(count)]


def action(draw: st.DrawFn, of: Row) -> Row:
    state = draw(st.sampled_from([*DONE, "delivered", "queued", "dead"]))
    return {
        **of_decision(of, "decision_id", "account_id", "service_id"),
        "kind": draw(st.sampled_from(KINDS)),
        "state": state,
        "created_at": of["decided_at"],
        "finished_at": draw(MOMENT) if state in DONE else None,
        "service_last_at": draw(st.none() | MOMENT),
    }


def appeal(draw: st.DrawFn, of: Row) -> Row:
    outcome = draw(st.sampled_from([None, "upheld", "overturned"]))
    told = {"outcome": outcome, "decided_at": draw(MOMENT) if outcome else None}
    return {**of_decision(of, "decision_id", "account_id", "service_id", "step"), **told}


def review(draw: st.DrawFn, of: Row) -> Row:
    first, second = draw(VERDICT), draw(VERDICT)
    event = "second_review_agreed" if first == second else "second_review_disagreed"
    told = {"first": first, "second": second, "event": event, "at": draw(MOMENT)}
    return {**of_decision(of, "decision_id", "case_id", "service_id", "step"), **told}


def engagement(draw: st.DrawFn, of: Row) -> Row:
    return {**of_decision(of, "decision_id"), "at": draw(MOMENT), "removed_at": draw(st.none() | MOMENT)}


def answer(draw: st.DrawFn, case_id: str) -> Row:
    until = draw(st.none() | MOMENT)
    return {"case_id": case_id, "expected": draw(VERDICT), "policy_version": draw(st.sampled_from("12"))} | {
        "valid_until": until
    }


def of_decision(row: Row, *names: str) -> Row:
    return {name: row[name] for name in names}
