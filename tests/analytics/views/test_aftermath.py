"""Decide, then reveal: both findings in one line (S-01)."""

from __future__ import annotations

import pytest

from analytics.views.aftermath import aftermath, rows_told
from data.records import Outcome


@pytest.mark.parametrize(
    ("outcome", "score", "agrees"),
    [
        (Outcome.CONFIRM, 0.93, True),
        (Outcome.REJECT, 0.93, False),
        (Outcome.REJECT, 0.1, True),
        (Outcome.CONFIRM, 0.5, None),
        (Outcome.ESCALATE, 0.93, None),
    ],
)
def test_both_findings_are_compared_unless_one_is_open(outcome: Outcome, score: float, *, agrees: bool | None) -> None:
    assert aftermath(7, outcome, score, {"like": 2}).agrees is agrees


def test_the_line_says_what_each_found_and_whether_they_agree() -> None:
    assert aftermath(7, Outcome.REJECT, 0.93, {"like": 2}).line == (
        "Case 7, you found: not inauthentic · the machine thought: inauthentic (about 93 of 100 like it); it proposed"
        " 2 likes · you differ"
    )
    assert aftermath(7, Outcome.CONFIRM, 0.5, {}).line == (
        "Case 7, you found: inauthentic · the machine thought: unsure (about 50 of 100 like it); it proposed nothing"
    )
    assert aftermath(7, Outcome.ESCALATE, 0.93, {"like": 2}).line.startswith("Case 7, you passed it on · the machine")
    audit = aftermath(7, Outcome.REJECT, 0.01, {})
    assert audit.line.endswith("not inauthentic (about 1 of 100 like it); it proposed nothing · you agree")


def test_what_became_of_the_proposed_rows_is_counted() -> None:
    assert rows_told(Outcome.CONFIRM, 9, 8, 1) == ("It proposed 9 rows for removal; you removed 8 of them and 1 more.")
    assert rows_told(Outcome.REJECT, 9, 0, 0) == "It proposed 9 rows for removal; nothing was removed."
    assert rows_told(Outcome.CONFIRM, 0, 0, 2) == "It proposed no row for removal; you removed 2."
