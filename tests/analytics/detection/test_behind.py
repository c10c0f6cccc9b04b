"""The rows behind a sentence are those it speaks of; a sentence on the whole account opens none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from analytics.detection.behind import behind, kept_rows
from analytics.detection.explain import reasons
from analytics.detection.features import RHYTHM, Feature
from analytics.detection.for_and_against import AGAINST, FOR

PROPOSED = {"band": ["1", "2"]}
FACTS: dict[str, Any] = {
    "proposed": 432.0,
    "proposed_comments": 7.0,
    "follows_back": 39.0,
    "unfollows_back": 40.0,
    "group_id": "G-1",
}


@pytest.mark.parametrize(
    ("reason", "rows"),
    [
        ("pace", PROPOSED | {"counted": 432.0}),
        ("shared_place", PROPOSED | {"families": ["1", "3", "5", "7"]}),
        ("new_place", PROPOSED | {"is_new_place": ["true"]}),
        ("own_place", PROPOSED | {"is_new_place": ["true"]}),
        ("lockstep", {"group_id": ["G-1"]}),
        ("taken_back", PROPOSED | {"is_taken_back": ["true"], "counted": 79.0}),
        ("template", PROPOSED | {"kind": ["2"], "counted": 7.0}),
        *((reason, {}) for reason in ("company", "password", "profile", "volume", "hours", "mix", "circle", "suspect")),
    ],
)
def test_a_sentence_opens_the_rows_it_speaks_of_and_no_others(reason: str, rows: dict[str, Any]) -> None:
    """Of the account as a whole speak its age, its followers, its sign-ins: rather no rows than wrong ones."""
    assert reason in FOR
    assert json.loads(behind(reason, FACTS)) == rows


def test_the_sentence_on_what_stays_opens_what_it_counts_first() -> None:
    assert json.loads(kept_rows({"owner": 150.0, "kept": 189.0})) == {"source": ["owner"], "counted": 150.0}
    assert json.loads(kept_rows({"owner": 0.0, "kept": 58.0})) == {"band": ["0"], "counted": 58.0}


def test_what_speaks_against_it_opens_no_rows_but_those_that_stay() -> None:
    facts = {f"account_{name}": 1.0 for name in ("hours", "per_day", "revisited_share", "top_pace", "countries")}
    facts |= {"owner": 3.0, "owner_days": 1.0, "owner_kept": 3.0, "kept": 3.0}
    features = [Feature(f"f_{reason}", RHYTHM, reason, reason) for reason in AGAINST]

    found = reasons([-1.0] * len(features), features, facts, {}, frozenset())

    assert len(found) > 3
    assert [one.reason for one in found if json.loads(one.engagement_filter)] == ["own_place"]
