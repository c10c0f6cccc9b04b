"""U-10 to U-13 in words: what is in a list, what is still needed, what became of it."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from analytics.casework.bulk import Candidate, Sample, Sifted, parse_bulk_rules
from analytics.views.bulk import (
    about,
    account_rows,
    aftermath,
    facts,
    left_out,
    needs,
    preview,
    progress,
    proposed_in_all,
    report_rows,
    stand,
)
from analytics.workflows.bulk_reads import SHIPPED
from data.records import ActionState

RULES = parse_bulk_rules(tomllib.loads(Path(SHIPPED).read_text()))
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def case(**over: Any) -> Candidate:
    told: dict[str, Any] = {
        "case_id": "c",
        "account_id": "a",
        "evidence_hash": "h",
        "proposed": {"like": 3},
        "age_days": 400,
        "followers": 120,
        "is_verified": False,
        "prior_appeals": 0,
    }
    return Candidate(**(told | over))


def test_the_preview_counts_by_age_followers_verified_and_appeals() -> None:
    """U-11: each property adds up to the list, in its own order; what the log does not say is said."""
    taken = [
        case(),
        case(age_days=5, followers=99, is_verified=True),
        case(age_days=29, followers=100_000, prior_appeals=2),
        case(age_days=None, followers=None, is_verified=None),
    ]

    assert preview(taken).rows() == [
        ("Age", "under 30 days", 2),
        ("Age", "1 to 3 years", 1),
        ("Age", "not known", 1),
        ("Followers", "under 100", 1),
        ("Followers", "100 to 999", 1),
        ("Followers", "100,000 and more", 1),
        ("Followers", "not known", 1),
        ("Verified", "no", 2),
        ("Verified", "yes", 1),
        ("Verified", "not known", 1),
        ("Appeals before", "none", 3),
        ("Appeals before", "one or more", 1),
    ]


def test_the_list_says_what_would_be_removed_in_all_and_from_whom() -> None:
    taken = [case(), case(proposed={"like": 1, "follow": 2})]

    assert proposed_in_all(taken) == "4 likes, 2 follows"
    assert account_rows(taken).row(1) == ("a", "1 like, 2 follows", 120, 400, 0)


def test_what_stays_out_is_said() -> None:
    """U-11."""
    sifted = Sifted(taken=(), above_line=(case(), case()), severe=(case(),))

    assert left_out(sifted, 100_000) == (
        "2 accounts with more than 100,000 followers: name them to add",
        "1 account at a step that needs a second person each",
    )
    assert left_out(Sifted(taken=(case(),), above_line=()), 100_000) == ()
    assert left_out(Sifted(taken=(case(),), above_line=(), unproposed=2), 100_000) == (
        "left out: 2 cases with nothing proposed",
    )


@pytest.mark.parametrize(
    ("accounts", "words"),
    [
        (20, "No second person is needed for a list this small."),
        (21, "Needs the approval of a senior reviewer or manager who is not the author."),
        (1_001, "Needs the approval of a manager who is not the author."),
    ],
)
def test_who_must_agree_is_said(accounts: int, words: str) -> None:
    """U-12."""
    assert needs(accounts, RULES) == words


def test_the_stand_names_what_is_missing() -> None:
    whole, open_, bad = (
        Sample(size=30, decided=30, confirmed=29),
        Sample(size=30, decided=4, confirmed=4),
        Sample(size=30, decided=30, confirmed=28),
    )
    approved = ("Sena", NOON)

    told = stand(whole, approved, 60, NOON + timedelta(hours=2), RULES)
    assert (told.is_sampled, told.is_approved) == (True, True)
    assert told.approval == "Approved by Sena; counts for another 22 h."
    assert not stand(open_, approved, 60, NOON, RULES).is_sampled
    assert stand(bad, None, 60, NOON, RULES).sample == (
        "30 of 30 sampled cases decided, 28 confirmed whole (93.3 %): at least 95 % are needed."
    )
    late = stand(whole, approved, 60, NOON + timedelta(hours=25), RULES)
    assert (late.is_approved, late.approval) == (False, "The approval by Sena ran out 1 h ago.")
    assert stand(whole, None, 20, NOON, RULES).is_approved


def test_the_run_and_its_report_are_counted() -> None:
    """U-13."""
    skipped = {"moved_on": 1, "severe": 2}

    assert progress(3, skipped, 10) == (0.6, "6 of 10 cases seen to, 3 decided")
    assert progress(0, {}, 0)[0] == 1.0
    assert report_rows({ActionState.CANCELLED: 4, ActionState.DELIVERED: 5}, skipped).rows() == [
        ("Actions", "delivered", 5),
        ("Actions", "cancelled", 4),
        ("Cases left alone", "decided, taken or set aside by somebody meanwhile", 1),
        ("Cases left alone", "a step that needs a second person for each account", 2),
    ]


def test_what_a_stop_left_is_said() -> None:
    assert aftermath(0, 0) == ()
    assert aftermath(2, 1) == (
        "2 decisions taken back: nothing of it had left, and the case waits again.",
        "1 account partly done: the owner was told, the removal was cancelled.",
    )


def test_hostile_names_of_services_stay_text() -> None:
    """X-03."""
    assert about("S\u202e-07", None, 0.9) == "service S⟨RLO⟩-07 and score at least 0.90"
    assert about(None, None, 0.0) == "every waiting case"
    assert facts([]) == "0 running · 0 bulks waiting"
