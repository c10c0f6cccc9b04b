"""A.3: every statement fits the EU database's fields and limits, and says what was decided."""

from __future__ import annotations

import json
import tomllib
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from analytics.casework.statement_model import Statement
from analytics.casework.statements import StatementFacts, parse_rules, statement_of
from analytics.workflows.statements import SHIPPED, load_statement_rules
from data.errors import ConfigError, InvalidCommandError
from data.platform.sandbox.statements import faults_of
from data.records import ActionKind, ReasonCode

GOLDEN = Path(__file__).parent / "golden"
RULES = load_statement_rules()
DECIDED = datetime(2026, 11, 24, 12, tzinfo=UTC)
WEEK, MONTH = DECIDED + timedelta(days=7), DECIDED + timedelta(days=30)
ONCE: dict[ActionKind, datetime | None] = {
    ActionKind.REMOVE_ENGAGEMENTS: None,
    ActionKind.WARN: None,
    ActionKind.RESET_PASSWORD: None,
}
# What each step of the ladder asks of the platform, and whether it closes the account.
LADDER: dict[int, tuple[dict[ActionKind, datetime | None], bool]] = {
    1: (ONCE, False),
    2: (ONCE, False),
    3: (ONCE | {ActionKind.LIMIT: WEEK}, False),
    4: (ONCE | {ActionKind.SUSPEND: MONTH}, False),
    5: (ONCE | {ActionKind.SUSPEND: None}, True),
}
REMOVING = [code for code in ReasonCode if code in RULES.reasons]


def facts(**over: Any) -> StatementFacts:
    told: dict[str, Any] = {
        "decision_id": "0199f0a0-0000-7000-8000-000000000001",
        "reason": ReasonCode.CREDENTIALS_SHARED_UNKNOWINGLY,
        "removed": {"like": 412, "follow": 96, "comment": 1},
        "first_at": DECIDED - timedelta(days=21),
        "last_at": DECIDED - timedelta(days=1),
        "decided_at": DECIDED,
        "actions": ONCE,
    }
    return StatementFacts(**(told | over))


def statement(**over: Any) -> Statement:
    made = statement_of(facts(**over), RULES)
    assert made is not None
    return made


@pytest.mark.parametrize("step", LADDER)
def test_each_step_of_the_ladder_has_its_golden_statement(step: int) -> None:
    actions, closes = LADDER[step]
    made = statement(actions=actions, closes_account=closes)

    assert json.loads(made.to_json()) == json.loads((GOLDEN / f"statement_step_{step}.json").read_text())


def test_likes_and_follows_are_other_content_and_comments_are_text() -> None:
    made = statement(removed={"like": 1, "follow": 2, "comment": 3})

    assert made.content_type == ("CONTENT_TYPE_OTHER", "CONTENT_TYPE_TEXT")
    assert made.content_type_other == "Like, Follow"
    assert statement(removed={"comment": 3}).content_type_other is None


def test_a_fake_account_and_a_lent_one_fall_under_different_categories() -> None:
    fake, lent = (statement(reason=reason) for reason in (ReasonCode.FAKE_ACCOUNT, ReasonCode.PURCHASED_LIKES))

    assert (fake.category, fake.category_addition) == (
        "STATEMENT_CATEGORY_SCAMS_AND_FRAUD",
        ("STATEMENT_CATEGORY_OTHER_VIOLATION_TC",),
    )
    assert fake.category_specification == ("KEYWORD_INAUTHENTIC_ACCOUNTS",)
    assert (lent.category, lent.category_specification) == (
        "STATEMENT_CATEGORY_OTHER_VIOLATION_TC",
        ("KEYWORD_OTHER",),
    )
    assert lent.category_specification_other == "Likes bought from an outside service"


def test_stolen_credentials_are_account_hijacking() -> None:
    assert statement().category_specification == ("KEYWORD_IMPERSONATION_ACCOUNT_HIJACKING",)


def test_a_warning_and_a_reset_alone_owe_no_statement() -> None:
    quiet = {ActionKind.WARN: None, ActionKind.RESET_PASSWORD: None}

    assert statement_of(facts(removed={"like": 0}, actions=quiet), RULES) is None


@pytest.mark.parametrize("kind", [ActionKind.LIMIT, ActionKind.SUSPEND])
def test_a_timed_step_without_its_end_is_refused(kind: ActionKind) -> None:
    """Left out, the end date would mean for ever."""
    with pytest.raises(InvalidCommandError, match="no end date"):
        statement(actions={kind: None})


def test_who_decided_is_told_from_the_decision() -> None:
    assert statement().automated_decision == "AUTOMATED_DECISION_PARTIALLY"
    assert statement(is_blind=True).automated_decision == "AUTOMATED_DECISION_NOT_AUTOMATED"
    assert statement(automated_detection=False).automated_detection == "No"


def test_the_puid_is_the_decision() -> None:
    assert statement(decision_id="0199-abc_D").puid == "0199-abc_D"
    with pytest.raises(InvalidCommandError, match="rule of the database"):
        statement(decision_id="with space")


def test_the_day_of_the_content_is_the_first_engagement() -> None:
    made = statement()

    assert (made.content_date, made.application_date) == (date(2026, 11, 3), date(2026, 11, 24))
    assert "412 likes, 96 follows and 1 comment" in made.decision_facts
    assert "between 2026-11-03 and 2026-11-23" in made.decision_facts


def test_a_reason_that_removes_nothing_has_no_statement() -> None:
    with pytest.raises(InvalidCommandError, match="Nothing is removed"):
        statement(reason=ReasonCode.NOT_INAUTHENTIC)


@settings(max_examples=300, deadline=None)
@given(
    step=st.sampled_from(sorted(LADDER)),
    reason=st.sampled_from(REMOVING),
    removed=st.dictionaries(st.sampled_from(["like", "follow", "comment"]), st.integers(0, 10**9)),
    decided=st.datetimes(datetime(2020, 1, 2), datetime(2037, 11, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    days=st.tuples(st.integers(0, 6_000), st.integers(0, 60)),
    flags=st.tuples(st.booleans(), st.booleans()),
    language=st.sampled_from([None, "EN", "PT"]),
)
def test_no_step_kind_or_date_breaks_a_rule_of_the_database(
    step: int,
    reason: ReasonCode,
    removed: dict[str, int],
    decided: datetime,
    days: tuple[int, int],
    flags: tuple[bool, bool],
    language: str | None,
) -> None:
    """Judged by the local server's own reading of the published table, which shares no code with ours."""
    actions, closes = LADDER[step]
    moved = {kind: None if end is None else decided + (end - DECIDED) for kind, end in actions.items()}
    last = decided - timedelta(days=days[1])
    made = statement_of(
        facts(
            reason=reason,
            removed=removed,
            actions=moved,
            closes_account=closes,
            decided_at=decided,
            last_at=last,
            first_at=max(last - timedelta(days=days[0]), datetime(2004, 1, 1, tzinfo=UTC)),
            automated_detection=flags[0],
            is_blind=flags[1],
            content_language=language,
        ),
        RULES,
    )

    if made is None:
        assert step <= 2
        assert not any(removed.values())
        return
    told = json.loads(made.to_json())
    assert faults_of(told) == {}
    assert Statement.model_validate_json(made.to_json()) == made
    assert ("end_date_service_restriction" in told) == (step == 3)
    assert ("end_date_account_restriction" in told) == (step == 4)


GOOD = json.loads((GOLDEN / "statement_step_1.json").read_text())


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"puid": "a b"}, "puid"),
        ({"puid": "x" * 501}, "puid"),
        ({"decision_visibility": None}, "decision_visibility"),
        ({"decision_visibility": []}, "decision_visibility"),
        ({"decision_visibility": ["DECISION_VISIBILITY_OTHER"]}, "other text"),
        ({"decision_visibility_other": "why"}, "other text"),
        ({"decision_monetary": "DECISION_MONETARY_OTHER"}, "other text"),
        ({"content_type": ["CONTENT_TYPE_TEXT"]}, "other text"),
        ({"content_type": ["CONTENT_TYPE_OTHER"], "content_type_other": None}, "other text"),
        ({"content_type_other": "x" * 501}, "content_type_other"),
        ({"category": "STATEMENT_CATEGORY_BORED"}, "category"),
        ({"category_addition": ["STATEMENT_CATEGORY_OTHER_VIOLATION_TC"]}, "repeats"),
        ({"category_specification": ["KEYWORD_OTHER"]}, "other text"),
        ({"decision_facts": "x" * 5_001}, "decision_facts"),
        ({"decision_facts": ""}, "decision_facts"),
        ({"incompatible_content_ground": None}, "ground"),
        ({"incompatible_content_explanation": "x" * 2_001}, "incompatible_content_explanation"),
        ({"decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT"}, "ground"),
        ({"decision_ground_reference_url": "javascript:alert(1)"}, "decision_ground_reference_url"),
        ({"source_identity": "somebody"}, "source_identity"),
        ({"automated_detection": True}, "automated_detection"),
        ({"content_date": "1999-12-31"}, "content_date"),
        ({"application_date": "2019-12-31"}, "application_date"),
        ({"application_date": "2038-01-02"}, "application_date"),
        ({"content_date": "2026-11-03T00:00:00"}, "content_date"),
        ({"end_date_account_restriction": "2027-01-01"}, "end date"),
        ({"end_date_visibility_restriction": "2026-01-01"}, "end date"),
        ({"territorial_scope": ["US"]}, "territorial_scope"),
        ({"territorial_scope": ["DE", "DE"]}, "twice"),
        ({"content_language": "en"}, "content_language"),
        ({"handle": "@x"}, "handle"),
    ],
)
def test_the_model_refuses_what_the_table_forbids(changes: dict[str, Any], where: str) -> None:
    with pytest.raises(ValidationError, match=where):
        Statement.model_validate_json(json.dumps(GOOD | changes))


def test_a_mapping_that_cannot_be_used_is_refused_by_name() -> None:
    told = tomllib.loads(SHIPPED.read_text())
    for change in ({"category": "STATEMENT_CATEGORY_BORED"}, {"other": ""}, {"clause": "none"}):
        broken = deepcopy(told)
        broken["reason"]["PURCHASED_LIKES"] |= change
        with pytest.raises(ConfigError, match="statements"):
            parse_rules(broken)
    with pytest.raises(ConfigError, match="statements"):
        parse_rules(told | {"scope": {"territorial_scope": ["US"], "account_type": ""}})


def test_every_reason_of_a_confirmation_has_its_category() -> None:
    rejecting = {ReasonCode.NOT_INAUTHENTIC, ReasonCode.INSUFFICIENT_EVIDENCE, ReasonCode.POLICY_UNCLEAR}

    assert set(ReasonCode) - set(RULES.reasons) == rejecting
