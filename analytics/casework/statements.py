"""From a decision to its statement of reasons: counts, dates and reviewed phrases, never a name or a user's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from analytics.casework.statement_codes import (
    AccountDecision,
    AccountType,
    AutomatedDecision,
    Category,
    ContentType,
    Country,
    Ground,
    Keyword,
    Provision,
    SourceType,
    Visibility,
)
from analytics.casework.statement_model import Statement
from data.errors import ConfigError, InvalidCommandError
from data.records import ActionKind, Kind, ReasonCode

__all__ = ["Statement", "StatementFacts", "StatementRules", "parse_rules", "statement_of"]

_CONTENT = {
    Kind.COMMENT: (ContentType.TEXT, ""),
    Kind.LIKE: (ContentType.OTHER, "Like"),
    Kind.FOLLOW: (ContentType.OTHER, "Follow"),
}
_NOUNS = {Kind.LIKE: ("like", "likes"), Kind.FOLLOW: ("follow", "follows"), Kind.COMMENT: ("comment", "comments")}
_COUNTRIES: TypeAdapter[tuple[Country, ...]] = TypeAdapter(tuple[Country, ...])
# A person decides every case; what differs is whether the software's opinion was on the screen.
_DECIDED = {
    False: (AutomatedDecision.PARTIALLY, "A person examined it together with the software's proposal and decided."),
    True: (AutomatedDecision.NOT_AUTOMATED, "A person examined it without the software's proposal and decided."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementFacts:
    """What a statement is made from: columns of a decision and its actions."""

    decision_id: str
    reason: ReasonCode
    removed: Mapping[str, int]
    first_at: datetime
    last_at: datetime
    decided_at: datetime
    # what is asked of the platform, each with its end
    actions: Mapping[ActionKind, datetime | None]
    closes_account: bool = False
    automated_detection: bool = True
    is_blind: bool = False
    source_type: str = SourceType.VOLUNTARY
    content_language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonRule:
    """How one reason code reads in the database."""

    category: Category
    addition: Category
    keyword: Keyword
    other: str
    ground: str
    explanation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRules:
    """data/reference/statements.toml, checked."""

    version: str
    reference_url: str
    territorial_scope: tuple[Country, ...]
    account_type: AccountType | None
    reasons: Mapping[ReasonCode, ReasonRule]


def statement_of(facts: StatementFacts, rules: StatementRules) -> Statement | None:
    """Write the statement a decision owes; None when it restricts nothing (a warning, a new password)."""
    restrictions = _restrictions(facts)
    if not restrictions:
        return None
    rule = rules.reasons.get(facts.reason)
    if rule is None:
        raise InvalidCommandError(f"Nothing is removed for the reason {facts.reason}.", "Choose another reason.")
    try:
        return Statement(
            puid=facts.decision_id,
            account_type=rules.account_type,
            decision_ground=Ground.INCOMPATIBLE,
            decision_ground_reference_url=rules.reference_url or None,
            incompatible_content_ground=rule.ground,
            incompatible_content_explanation=rule.explanation,
            incompatible_content_illegal="No",
            category=rule.category,
            category_addition=(rule.addition,),
            category_specification=(rule.keyword,),
            category_specification_other=rule.other or None,
            decision_facts=_facts(facts),
            source_type=SourceType(facts.source_type),
            automated_detection="Yes" if facts.automated_detection else "No",
            automated_decision=_DECIDED[facts.is_blind][0],
            content_date=facts.first_at.date(),
            application_date=facts.decided_at.date(),
            territorial_scope=rules.territorial_scope or None,
            content_language=facts.content_language,
            **_content(facts),
            **restrictions,
        )
    except ValidationError as error:
        causes = "; ".join(sorted({fault["msg"] for fault in error.errors()}))
        raise InvalidCommandError(f"The statement of reasons breaks a rule of the database: {causes}.") from error


def _restrictions(facts: StatementFacts) -> dict[str, Any]:  # Any: fields of the model
    """Name what is restricted, each timed one with its end."""
    found: dict[str, Any] = {}
    if any(facts.removed.get(kind, 0) for kind in _CONTENT):
        found["decision_visibility"] = (Visibility.REMOVED,)
    if ActionKind.LIMIT in facts.actions:
        found["decision_provision"] = Provision.PARTIAL_SUSPENSION
        found["end_date_service_restriction"] = _end(facts, ActionKind.LIMIT)
    if ActionKind.SUSPEND in facts.actions and facts.closes_account:
        found["decision_account"] = AccountDecision.TERMINATED
    elif ActionKind.SUSPEND in facts.actions:
        found["decision_account"] = AccountDecision.SUSPENDED
        found["end_date_account_restriction"] = _end(facts, ActionKind.SUSPEND)
    return found


def _end(facts: StatementFacts, kind: ActionKind) -> Any:
    """Return when a timed step ends: without a date it would read as for ever, so it is refused."""
    ends_at = facts.actions[kind]
    if ends_at is None:
        raise InvalidCommandError(f"A timed step ({kind.value}) has no end date.", "Check policy.toml.")
    return ends_at.date()


def _content(facts: StatementFacts) -> dict[str, Any]:
    kinds = [kind for kind in (Kind.LIKE, Kind.FOLLOW, Kind.COMMENT) if facts.removed.get(kind, 0)]
    types = dict.fromkeys(_CONTENT[kind][0] for kind in kinds) or {ContentType.OTHER: None}
    others = [_CONTENT[kind][1] for kind in kinds if _CONTENT[kind][1]]
    other = (", ".join(others) or "Account") if ContentType.OTHER in types else None
    return {"content_type": tuple(types), "content_type_other": other}


def _facts(facts: StatementFacts) -> str:
    """Say what happened in counts and days; nobody is named."""
    parts = []
    if removed := _counts(facts.removed):
        days = _between(facts.first_at, facts.last_at)
        parts.append(f"We removed {removed} that the account had given to others {days}.")
    if ActionKind.LIMIT in facts.actions:
        parts.append(f"The account cannot like, follow or comment until {_end(facts, ActionKind.LIMIT)}.")
    if ActionKind.SUSPEND in facts.actions:
        until = "closed" if facts.closes_account else f"suspended until {_end(facts, ActionKind.SUSPEND)}"
        parts.append(f"The account is {until}.")
    parts.append("Software found the activity." if facts.automated_detection else "The activity was reported to us.")
    parts.append(_DECIDED[facts.is_blind][1])
    return " ".join(parts)


def _counts(removed: Mapping[str, int]) -> str:
    parts = [
        f"{count:,} {nouns[0 if count == 1 else 1]}"
        for kind, nouns in _NOUNS.items()
        if (count := removed.get(kind, 0)) > 0
    ]
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1] if parts else ""


def _between(first_at: datetime, last_at: datetime) -> str:
    first, last = first_at.date(), last_at.date()
    return f"on {first}" if first == last else f"between {first} and {last}"


def parse_rules(told: Mapping[str, Any]) -> StatementRules:
    """Check the parsed statements.toml; every reason that can remove something needs its rule."""
    try:
        scope = told["scope"]
        return StatementRules(
            version=str(told["version"]),
            reference_url=str(told["ground"]["reference_url"]),
            territorial_scope=_COUNTRIES.validate_python(tuple(scope["territorial_scope"])),
            account_type=AccountType(scope["account_type"]) if scope["account_type"] else None,
            reasons={ReasonCode(code): _reason(rule, told["ground"]) for code, rule in told["reason"].items()},
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"statements.toml cannot be used: {error}.", "Restore it from the repository.") from error


def _reason(rule: Mapping[str, str], grounds: Mapping[str, Any]) -> ReasonRule:
    clause = grounds[rule["clause"]]
    keyword = Keyword(rule["keyword"])
    if (keyword is Keyword.OTHER) != bool(rule["other"]):
        raise ValueError("an `other` text goes with KEYWORD_OTHER, and only with it")
    return ReasonRule(
        category=Category(rule["category"]),
        addition=Category(rule["addition"]),
        keyword=keyword,
        other=rule["other"],
        ground=clause["name"],
        explanation=clause["explanation"],
    )
