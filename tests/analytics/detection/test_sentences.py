"""Reasons in plain words: the value and what is usual, nothing that points the other way, no bare measurement."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from analytics.detection.explain import reasons
from analytics.detection.facts import kept_facts, proposed_facts, usual_accounts
from analytics.detection.features import RHYTHM, Feature
from analytics.detection.for_and_against import AGAINST, FOR
from analytics.detection.sentences import own_place
from data.records import Direction, Strength

USUAL: dict[str, Any] = {
    "usual_account_hours": 9.0,
    "usual_account_asns": 2.0,
    "usual_account_clients": 1.0,
    "usual_account_follow_share": 0.08,
    "usual_account_like_share": 0.9,
    "usual_account_top_pace": 84.0,
    "usual_gap_s": 40.0,
}


@pytest.mark.parametrize(
    ("reason", "facts", "sentence"),
    [
        ("hours", {"account_hours": 22.0}, "It acts in 22 different hours of the day. Usual: 9."),
        (
            "places",
            {"account_clients": 4.0, "account_asns": 5.0},
            "It acts from 4 clients and 5 networks. Usual: 1 and 2.",
        ),
        (
            "mix",
            {"account_follow_share": 0.63, "account_like_share": 0.37},
            "63 % of what it does are follows. Usual: 8 %.",
        ),
        (
            "suspect",
            {"suspect_share": 0.75},
            "75 % of its engagements come from sessions that do not look like the owner's.",
        ),
        (
            "pace",
            {"proposed_days": 5.0, "proposed_likes": 12.0, "proposed_follows": 1.0, "proposed_gap_s": 31.0},
            "Liked 12 posts and followed 1 account in 5 days, one every 31 seconds. Usual: one every 40 seconds.",
        ),
    ],
)  # fmt: skip
def test_a_reason_says_the_value_and_what_is_usual(reason: str, facts: dict[str, Any], sentence: str) -> None:
    assert FOR[reason](USUAL | facts) == sentence


def test_what_points_the_other_way_is_not_said() -> None:
    assert FOR["hours"](USUAL | {"account_hours": 5.0}) is None
    assert AGAINST["hours"](USUAL | {"account_hours": 5.0}) is not None
    assert AGAINST["pace"](USUAL | {"account_top_pace": 149.0}) is None
    assert (
        AGAINST["pace"](USUAL | {"account_top_pace": 30.0})
        == "It never made more than 30 engagements an hour. Usual: 84."
    )


def test_a_list_of_targets_that_is_shared_as_commonly_as_any_says_nothing() -> None:
    assert FOR["company"]({"suspect_account_company": 0.7, "suspect_account_stranger_company": -0.2}) is None
    assert FOR["company"]({}) is None
    assert FOR["company"]({"suspect_account_company": 0.7, "suspect_account_stranger_company": 2.6}) == (
        "Other accounts go to the same targets, clearly more than is common in this log."
    )
    assert FOR["company"]({"suspect_account_company": 14.8}) == (
        "Other accounts go to the same targets, far more than is common in this log."
    )
    assert FOR["company"]({"suspect_account_company": 1.2}) == (
        "Other accounts go to the same targets, somewhat more than is common in this log."
    )


def test_an_old_password_entry_says_nothing() -> None:
    assert FOR["password"]({"proposed_entry_here_age_h": 312.0, "account_login_asns": 1.0}) is None
    assert FOR["password"]({"proposed_entry_here_age_h": 2.0}) == (
        "The password had been entered from that network 2 hours before."
    )


FEATURES = [Feature(f"account_{n}", RHYTHM, reason, f"label {n}") for n, reason in enumerate(("hours", "mix", "odd"))]


def test_reasons_without_a_sentence_are_left_out_while_there_is_another() -> None:
    found = reasons([0.5, 0.9, 2.0], FEATURES, USUAL | {"account_hours": 22.0}, {}, frozenset())

    assert [(one.direction, one.reason) for one in found] == [(Direction.FOR, "hours")]


def test_no_account_is_flagged_without_any_reason() -> None:
    found = reasons([0.0, 0.0, 2.0], FEATURES, {"account_2": 3.0}, {"account_2": 1.5}, frozenset())

    assert [one.sentence for one in found] == ["Label 2: 3.0. Usual: 1.5."]


def test_at_most_five_reasons_speak_each_way() -> None:
    names = list(FOR)[:9]
    features = [Feature(f"f_{name}", RHYTHM, name, name) for name in [*names, "profile", "hours", "mix", "country"]]
    facts = {
        "proposed_days": 2.0, "proposed_likes": 9.0, "proposed_route_accounts": 5.0, "proposed_first": 1e15,
        "proposed_route_late_days": 4.0, "group_accounts": 4.0, "group_targets": 5.0, "proposed_strangers": 0.5,
        "account_hours": 20.0, "account_countries": 3.0, "account_age_days": 40.0,
    }  # fmt: skip

    found = reasons([1.0] * len(features), features, facts, {}, frozenset())

    assert len([one for one in found if one.direction is Direction.FOR]) == 5


def test_what_is_usual_is_taken_from_accounts_that_nobody_looks_at() -> None:
    flags = pl.DataFrame(
        {
            "account_key": [1, 2, 3, 4],
            "is_queued": [False, False, False, True],
            "account_hours": [5.0, float("nan"), 7.0, 24.0],
            "suspect_share": [0.1, 0.2, None, 0.9],
        }
    )

    assert usual_accounts(flags) == pytest.approx({"account_hours": 6.0, "suspect_share": 0.15})


def test_the_owners_own_engagements_never_speak_for_it() -> None:
    """S-02: whatever a model makes of the place, what stays is said against, where `own_place` says it."""
    facts = {"kept": 20.0, "kept_days": 7.0, "owner": 20.0, "owner_days": 7.0, "owner_kept": 20.0}
    assert own_place(facts) == "20 engagements on 7 days look like the owner's own and stay."
    assert all(sentence(facts) != own_place(facts) for sentence in FOR.values())


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        (
            {"owner": 150.0, "owner_days": 20.0, "owner_kept": 150.0, "kept": 189.0, "kept_days": 21.0},
            "150 engagements on 20 days look like the owner's own and stay. 39 more stay for want of evidence.",
        ),
        (
            {"owner": 9.0, "owner_days": 3.0, "owner_kept": 8.0, "kept": 9.0, "kept_days": 3.0},
            "9 engagements on 3 days look like the owner's own; 8 of them stay. 1 more stays for want of evidence.",
        ),
        (
            {"owner": 0.0, "owner_days": 0.0, "owner_kept": 0.0, "kept": 58.0, "kept_days": 21.0},
            "58 engagements on 21 days stay for want of evidence; none of them looks like the owner's own.",
        ),
        ({"owner": 0.0, "kept": 0.0}, None),
    ],
)  # fmt: skip
def test_unclear_engagements_are_not_called_the_owners_own(facts: dict[str, Any], sentence: str | None) -> None:
    """S-02: the sentence counts as the activity chart beside it does."""
    assert own_place(facts) == sentence


def test_what_only_stays_for_want_of_evidence_speaks_slightly() -> None:
    unclear = {"owner": 0.0, "owner_kept": 0.0, "kept": 58.0, "kept_days": 21.0, "proposed": 4.0}
    own = unclear | {"owner": 58.0, "owner_days": 21.0, "owner_kept": 58.0}

    assert [reasons([], [], facts, {}, frozenset())[0].strength for facts in (unclear, own)] == [
        Strength.SLIGHT,
        Strength.MODERATE,
    ]


CHURN = [("owner", 0, 1), ("unclear", 0, 1), ("owner", 2, 1), ("service", 1, 0), ("service", 1, 3)]


def described() -> pl.DataFrame:
    """One account: two rows that stay, of which one is unclear, and three proposed, whoever made them."""
    return pl.DataFrame(
        [
            {"account_key": 1, "source": source, "band": band, "kind": kind, "at": 86_400_000_000 * day}
            | {"is_taken_back": float(kind in (1, 3)), "gap_us": 1e6, "session_key": day}
            | {"pair_days": 1.0, "back_engagements": 0.0}
            for day, (source, band, kind) in enumerate(CHURN)
        ]
    )


def test_what_stays_and_what_is_the_owners_are_counted_apart() -> None:
    facts = kept_facts(described()).row(0, named=True)

    assert {name: facts[name] for name in ("kept", "kept_days", "owner", "owner_days", "owner_kept")} == {
        "kept": 2,
        "kept_days": 2,
        "owner": 2,
        "owner_days": 2,
        "owner_kept": 1,
    }


def test_follows_that_were_taken_back_are_counted_among_the_follows() -> None:
    """Both halves of a pair are told, each by its own name: never more of something than there is of it."""
    facts = proposed_facts(described()).row(0, named=True)

    assert FOR["taken_back"](facts) == "1 of 1 follow was taken back within four days, by 1 unfollow."
    many = {"proposed_follows": 45.0, "follows_back": 39.0, "unfollows_back": 39.0}
    assert FOR["taken_back"](many) == "39 of 45 follows were taken back within four days, by 39 unfollows."
    assert FOR["taken_back"]({"unfollows_back": 2.0}) == (
        "2 unfollows took back what was followed less than four days before."
    )
    assert FOR["taken_back"]({"proposed_follows": 4.0, "follows_back": 0.0, "unfollows_back": 0.0}) is None
