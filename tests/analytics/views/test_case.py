"""Evidence before score, words before numbers, for and against with the same weight."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from analytics.views.case import (
    AccountFacts,
    differ,
    header_facts,
    marks_text,
    not_seen,
    opinion,
    reasons,
    rows_text,
    split,
    step_text,
    suspicion,
)
from data.records import Case, CaseState, Contribution, Direction, Evidence, Mark, Strength

NOW = datetime(2026, 11, 24, tzinfo=UTC)
ROWS = pl.DataFrame(
    {
        "engagement_id": ["a", "b"],
        "kind": ["like", "follow"],
        "target_id": ["x", "y"],
        "at": [NOW, NOW],
    }
)


def evidence(direction: Direction, strength: Strength, sentence: str, **values: list[str]) -> Evidence:
    return Evidence(
        evidence_id=sentence,
        direction=direction,
        strength=strength,
        reason="r",
        sentence=sentence,
        engagements=values,
    )


def test_the_strongest_reason_comes_first_and_opens_its_rows() -> None:
    found = reasons(
        [
            evidence(Direction.FOR, Strength.SLIGHT, "slight one"),
            evidence(Direction.FOR, Strength.STRONG, "strong one", kind=["like"]),
            evidence(Direction.AGAINST, Strength.STRONG, "other side"),
        ],
        ROWS,
    )[Direction.FOR]

    assert [(one.sentence, one.strength, one.rows) for one in found] == [
        ("strong one", "strong", 1),
        ("slight one", "slight", 0),
    ]


def test_a_link_counts_the_rows_it_opens_and_of_how_many_the_sentence_speaks() -> None:
    part = replace(evidence(Direction.FOR, Strength.STRONG, "part", kind=["like"]), counted=170)
    whole = replace(evidence(Direction.FOR, Strength.STRONG, "whole", kind=["like", "follow"]), counted=2)
    found = reasons([part, whole, evidence(Direction.FOR, Strength.STRONG, "one", kind=["like"])], ROWS)

    assert [rows_text(one) for one in found[Direction.FOR]] == ["1 of 170 rows", "2 rows", "1 row"]


def test_on_a_blind_case_reasons_are_facts_without_a_weight() -> None:
    """S-01."""
    strong = evidence(Direction.FOR, Strength.STRONG, "strong one", kind=["like"])

    [told] = reasons([strong], ROWS, is_blind=True)[Direction.FOR]

    assert (told.strength, told.sentence, told.rows) == ("", "strong one", 1)


def test_what_the_lines_of_the_chart_stand_for_is_said_once_for_each_kind() -> None:
    """R-02: not only under the pointer."""
    entered = [
        Mark(at=NOW + timedelta(days=n), kind="password", label="Password entered from a new network") for n in range(5)
    ]
    removed = Mark(at=NOW, kind="enforcement", label="Engagements removed")

    assert marks_text([], ZoneInfo("UTC")) == ""
    assert marks_text([entered[0], removed, entered[1]], ZoneInfo("UTC")) == (
        "Dotted: password entered from a new network, 24 Nov and 25 Nov; engagements removed, 24 Nov"
    )
    assert marks_text(entered, ZoneInfo("UTC")).endswith("24 Nov and 4 more days")


def test_five_reasons_are_shown_and_the_rest_is_a_click_away() -> None:
    found = reasons([evidence(Direction.FOR, Strength.STRONG, str(n)) for n in range(7)], ROWS)[Direction.FOR]

    assert [len(part) for part in split(found)] == [5, 2]


def test_the_header_says_only_what_the_log_says() -> None:
    known = AccountFacts(created_at=NOW - timedelta(days=1500), followers=1204, is_delegated=True)

    assert header_facts(known, NOW) == "account 4 y · 1,204 followers · managed by a declared partner"
    assert header_facts(AccountFacts(), NOW) == "nothing else is known of the account"


def test_what_was_not_seen_is_said() -> None:
    assert not_seen([], ["device_id", "logins"]) == "Not in this log: devices and log-ins and password changes."
    assert not_seen([evidence(Direction.NOT_SEEN, Strength.SLIGHT, "No device ids in this log.")], ["device_id"]) == (
        "No device ids in this log."
    )
    assert not_seen([], []) == ""


def test_what_was_decided_before_is_not_on_the_case_and_that_is_said() -> None:
    """A reason may count what the account did over its whole life; the rows behind it are those of this case."""
    assert not_seen([], [], 155) == "Not on this case: 155 engagements, decided before or more than a case keeps."
    assert not_seen([], ["device_id"], 1) == (
        "Not in this log: devices. Not on this case: 1 engagement, decided before or more than a case keeps."
    )


@dataclass
class SuspectedOf:
    service_name: str | None = None
    since: datetime | None = None
    is_again: bool = False


def brought_up(lane: str, **proposed: int) -> Case:
    return Case(
        case_id="c",
        account_id="a",
        handle="",
        state=CaseState.OPEN,
        version=1,
        opened_at=NOW,
        run_id="r",
        score=0.2,
        priority=0.1,
        proposed=proposed,
        service_id=None,
        group_id=None,
        lane=lane,
        step=1,
    )


def test_only_where_something_is_proposed_something_is_suspected() -> None:
    zone = ZoneInfo("UTC")

    lent = suspicion(brought_up("queue", like=3), SuspectedOf("S-07", NOW), zone)
    assert lent == "Suspected: lent to service “S-07” since 24 Nov · 3 likes proposed for removal"
    assert suspicion(brought_up("random_audit"), SuspectedOf(), zone).startswith("Drawn at random")
    for lane in ("queue", "random_audit", "second_review"):
        assert "uspected:" not in suspicion(brought_up(lane, like=0), SuspectedOf("S-07"), zone)


def test_what_is_new_after_a_confirmation_began_again() -> None:
    """U-01: the rows of a second case begin after the first, and the service did not begin with them."""
    again = suspicion(brought_up("queue", like=3), SuspectedOf("S-07", NOW, is_again=True), ZoneInfo("UTC"))

    assert again == "Suspected: lent to service “S-07” again since 24 Nov · 3 likes proposed for removal"


@pytest.mark.parametrize(("score", "is_unsure"), [(0.93, False), (0.5, True), (0.05, False)])
def test_the_opinion_is_a_frequency_and_says_when_it_is_unsure(score: float, is_unsure: bool) -> None:
    """S-04 and A.5."""
    told = opinion(score, None, None, "shipped-3")

    assert (
        told.frequency == f"Of 100 accounts that look like this, about {round(100 * score)} would turn out inauthentic."
    )
    assert told.is_unsure is is_unsure


def test_the_step_names_the_strikes() -> None:
    assert (step_text(1, 5, 0), step_text(3, 5, 2)) == ("step 1 of 5 (no strikes)", "step 3 of 5 (2 strikes)")


def parts(**contributions: float) -> list[Contribution]:
    return [
        Contribution(feature=name, label=name, value=1.0, contribution=value) for name, value in contributions.items()
    ]


def test_where_the_machine_is_unsure_it_says_what_would_turn_it() -> None:
    """S-04: without its strongest reasons it would lean the other way."""
    told = opinion(0.55, None, None, "m", parts=parts(pace=0.3, places=0.2, circle=-0.4), raw_score=0.4)

    assert told.differ == "It would lean the other way if this were as in most accounts: pace and places."
    assert opinion(0.9, None, None, "m", parts=parts(pace=0.3), raw_score=0.2).differ == ""


def test_a_leaning_against_is_turned_by_what_speaks_against() -> None:
    assert differ(parts(pace=0.3, circle=-0.5), -0.2) == (
        "It would lean the other way if this were as in most accounts: circle."
    )


def test_nothing_is_said_where_a_few_measurements_would_not_turn_it() -> None:
    assert differ(parts(a=0.1, b=0.1, c=0.1, d=0.1), 1.0) == ""
    assert differ([], 0.4) == ""
