"""A frozen file reads back as what was seen, and its hash is of every byte."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import polars as pl

from analytics.casework.freezing import (
    ACTIVITY,
    ENGAGEMENTS,
    NO_EXPLANATION,
    Seen,
    counts,
    evidence_rows,
    freeze,
    opened,
    thaw,
)
from data.records import Contribution, Direction, Evidence, Mark, Strength

AT = datetime(2026, 11, 3, 2, 14, 7, 250, tzinfo=UTC)
SEEN = Seen(
    account={"created_at": AT - timedelta(days=1_500), "followers": 1_204, "country": None, "is_verified": False},
    evidence=(
        Evidence(
            evidence_id="e0",
            direction=Direction.FOR,
            strength=Strength.STRONG,
            reason="pace",
            sentence="Liked “412” posts, at night.",
            value=412.0,
            usual=0.1 + 0.2,
            contribution=1.5,
            engagements={"band": ["1", "2"]},
        ),
    ),
    contributions=(Contribution(feature="pace", label="pace", value=None, contribution=-0.25),),
    base=-1.0,
    raw_score=2.5,
    marks=(Mark(at=AT, kind="password", label="Password entered"),),
    missing=("device_id",),
    service_name="S-07",
    since=AT,
    left_out=3,
    score=0.93,
    run_id="r",
    snapshot_id="s",
    model_version="m",
    model_hash="h",
    policy_version="1",
)
_KNOWN = {"engagement_id": "e1", "kind": "like", "at": AT}
ROWS = pl.DataFrame([_KNOWN]).select(
    pl.col(name) if name in _KNOWN else pl.lit(None, kind).alias(name) for name, kind in ENGAGEMENTS.items()
)
HOURS = pl.DataFrame(schema=dict(ACTIVITY))


def test_what_was_frozen_is_what_is_read() -> None:
    frozen = freeze(SEEN, ROWS, HOURS)
    told = thaw(frozen.content)

    assert replace(told, account=dict(told.account), missing=tuple(told.missing)) == replace(
        SEEN, account=dict(SEEN.account)
    )
    assert opened(frozen.engagements).equals(ROWS)


def test_an_account_without_an_explanation_has_none_after_thawing() -> None:
    told = thaw(freeze(replace(SEEN, raw_score=NO_EXPLANATION, since=None), ROWS, HOURS).content)

    assert (told.raw_score, told.since) == (NO_EXPLANATION, None)


def test_the_same_facts_have_one_hash_and_any_other_fact_another() -> None:
    first = freeze(SEEN, ROWS, HOURS)
    again = freeze(replace(SEEN, account=dict(reversed(SEEN.account.items()))), ROWS, HOURS)
    others = [
        freeze(replace(SEEN, score=0.94), ROWS, HOURS),
        freeze(SEEN, ROWS.with_columns(engagement_id=pl.lit("e2")), HOURS),
        freeze(SEEN, ROWS, pl.DataFrame({"hour": [AT]}).select(*(pl.lit(1).alias(name) for name in ACTIVITY))),
    ]

    assert again.content_hash == first.content_hash
    assert len({first.content_hash, *(other.content_hash for other in others)}) == 4


def test_the_text_is_canonical() -> None:
    content = freeze(SEEN, ROWS, HOURS).content

    assert content == json.dumps(json.loads(content), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def test_reasons_name_kinds_in_the_words_of_the_rows() -> None:
    rows = pl.DataFrame(
        {
            "position": [0, 1],
            "direction": ["for", "not_seen"],
            "strength": ["strong", "slight"],
            "reason": ["taken_back", "logins"],
            "sentence": ["a", "b"],
            "value": [float("nan"), None],
            "usual": [None, None],
            "contribution": [0.5, None],
            "engagement_filter": ['{"kind": ["1", "3"], "counted": 79.0}', None],
        },
        schema_overrides={"usual": pl.Float64, "contribution": pl.Float64},
    )
    first, second = evidence_rows(rows)

    assert (first.engagements, first.counted) == ({"kind": ["follow", "unfollow"]}, 79)
    assert (first.value, second.engagements) == (None, {})


def test_rows_are_counted_by_kind_without_unfollows() -> None:
    kinds = pl.DataFrame({"kind": ["comment", "like", "unfollow", "like"]})

    assert counts(kinds) == {"like": 2, "comment": 1}
