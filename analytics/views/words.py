"""The words of the screens for every enum: said once, used on every page."""

from __future__ import annotations

from collections.abc import Iterable

from data.records import (
    ActionKind,
    ActionState,
    AppealState,
    CaseState,
    Direction,
    Outcome,
    ReasonCode,
    Role,
    Strength,
)

# Pages take the enums from here, beside their words.
__all__ = [
    "ActionKind",
    "ActionState",
    "AppealState",
    "CaseState",
    "Direction",
    "Outcome",
    "ReasonCode",
    "Role",
    "Strength",
]

REASONS: dict[ReasonCode, str] = {
    ReasonCode.PURCHASED_LIKES: "Likes were bought",
    ReasonCode.PURCHASED_FOLLOWS: "Follows were bought",
    ReasonCode.PURCHASED_COMMENTS: "Comments were bought",
    ReasonCode.CREDENTIALS_SHARED_UNKNOWINGLY: "Credentials shared unknowingly",
    ReasonCode.CREDENTIALS_SHARED_KNOWINGLY: "Credentials shared knowingly",
    ReasonCode.FAKE_ACCOUNT: "Account is not a real person's",
    ReasonCode.ENGAGEMENT_POD: "Engagement pod",
    ReasonCode.AUTOMATION_TOOL: "Automation tool",
    ReasonCode.NOT_INAUTHENTIC: "Not inauthentic",
    ReasonCode.INSUFFICIENT_EVIDENCE: "Evidence is not enough",
    ReasonCode.POLICY_UNCLEAR: "Policy is unclear",
    ReasonCode.OTHER: "Other (say it in the note)",
}
CONFIRM_REASONS = (
    ReasonCode.CREDENTIALS_SHARED_UNKNOWINGLY,
    ReasonCode.CREDENTIALS_SHARED_KNOWINGLY,
    ReasonCode.PURCHASED_LIKES,
    ReasonCode.PURCHASED_FOLLOWS,
    ReasonCode.PURCHASED_COMMENTS,
    ReasonCode.FAKE_ACCOUNT,
    ReasonCode.ENGAGEMENT_POD,
    ReasonCode.AUTOMATION_TOOL,
    ReasonCode.OTHER,
)
REJECT_REASONS = (ReasonCode.NOT_INAUTHENTIC, ReasonCode.INSUFFICIENT_EVIDENCE, ReasonCode.OTHER)
ESCALATE_REASONS = (ReasonCode.POLICY_UNCLEAR, ReasonCode.INSUFFICIENT_EVIDENCE, ReasonCode.OTHER)

SKIP_REASONS: dict[str, str] = {
    "unsure": "I cannot tell",
    "language": "I do not read this language",
    "conflict": "I know this account",
    "upsetting": "I would rather not see this",
    "other": "Other",
}

ACTIONS: dict[ActionKind, str] = {
    ActionKind.REMOVE_ENGAGEMENTS: "Remove engagements",
    ActionKind.RESTORE_ENGAGEMENTS: "Restore engagements",
    ActionKind.WARN: "Warn the owner",
    ActionKind.RESET_PASSWORD: "Reset password, sign out everywhere",
    ActionKind.LIMIT: "Limit features",
    ActionKind.LIFT_LIMIT: "Lift the limit",
    ActionKind.SUSPEND: "Suspend the account",
    ActionKind.REINSTATE: "Reinstate the account",
}
STATES: dict[ActionState, str] = {
    ActionState.QUEUED: "waiting",
    ActionState.IN_FLIGHT: "on its way",
    ActionState.DELIVERED: "delivered",
    ActionState.ALREADY_ABSENT: "already absent",
    ActionState.DEAD: "needs a person",
    ActionState.CANCELLED: "cancelled",
}
# red: enforcement that cannot be undone or is stuck; orange: waiting; green: restored; grey: everything else
STATE_COLOURS: dict[ActionState, str] = {
    ActionState.QUEUED: "orange",
    ActionState.IN_FLIGHT: "orange",
    ActionState.DELIVERED: "gray",
    ActionState.ALREADY_ABSENT: "gray",
    ActionState.DEAD: "red",
    ActionState.CANCELLED: "gray",
}
REVERSALS = frozenset(
    {ActionKind.RESTORE_ENGAGEMENTS, ActionKind.LIFT_LIMIT, ActionKind.REINSTATE},
)

OUTCOMES: dict[Outcome, str] = {
    Outcome.CONFIRM: "confirmed",
    Outcome.REJECT: "not inauthentic",
    Outcome.ESCALATE: "escalated",
}
APPEALS: dict[AppealState, str] = {
    AppealState.OPEN: "waiting",
    AppealState.UPHELD: "upheld",
    AppealState.OVERTURNED: "overturned",
}
CASES: dict[CaseState, str] = {
    CaseState.PROPOSED: "proposed",
    CaseState.OPEN: "waiting",
    CaseState.LEASED: "with somebody",
    CaseState.SNOOZED: "snoozed",
    CaseState.ESCALATED: "escalated",
    CaseState.DECIDED: "decided",
    CaseState.CLOSED: "closed",
}
STRENGTHS: dict[Strength, str] = {
    Strength.STRONG: "strong",
    Strength.MODERATE: "moderate",
    Strength.SLIGHT: "slight",
}
ROLES: dict[Role, str] = {
    Role.VIEWER: "Viewer",
    Role.REVIEWER: "Reviewer",
    Role.SENIOR_REVIEWER: "Senior reviewer",
    Role.ANALYST: "Analyst",
    Role.MANAGER: "Manager",
    Role.ADMIN: "Administrator",
}
RANDOM_AUDIT = "random_audit"
LANES: dict[str, str] = {
    "queue": "Ordinary queue",
    RANDOM_AUDIT: "Random audit",
    "known_answer": "Known answer",
    "second_review": "Second review",
    "bulk_sample": "Bulk sample",
}
SOURCES: dict[str, str] = {"owner": "Owner", "service": "Service", "unclear": "Unclear"}
# What a log can lack, by column or table: tests/pages/test_words.py holds it to every column a log can have.
MISSING: dict[str, str] = {
    "client_id": "clients",
    "asn": "networks",
    "ip_prefix": "network address ranges",
    "device_id": "devices",
    "country": "countries",
    "text": "comment texts",
    "post_id": "which post was meant",
    "accounts": "account profiles",
    "created_at": "when an account was made",
    "handle": "handles",
    "followers": "follower counts",
    "following": "counts of accounts followed",
    "posts": "post counts",
    "is_verified": "which accounts are verified",
    "is_delegated": "which accounts a declared partner manages",
    "logins": "log-ins and password changes",
    "succeeded": "whether a log-in succeeded",
    "labels": "the platform's own labels",
    "account_id": "labels of whole accounts",
    "engagement_id": "labels of single engagements",
    "is_inauthentic": "what a label says",
    "source": "who gave a label",
    "labelled_at": "when a label was given",
}
# What each role does here, in one line, for the sign-in page.
DUTIES: dict[Role, str] = {
    Role.VIEWER: "looks, changes nothing",
    Role.REVIEWER: "decides cases",
    Role.SENIOR_REVIEWER: "decides escalations, appeals and second looks",
    Role.ANALYST: "explores, asks, proposes cases",
    Role.MANAGER: "reads the figures, approves bulk",
    Role.ADMIN: "keeps it running, sees no cases",
}


def not_in_log(names: Iterable[str]) -> list[str]:
    """Name once each thing that a log does not have; `names` are columns, with or without their table."""
    bare = (name.rpartition(".")[2] for name in names)
    return list(dict.fromkeys(MISSING.get(name, name.replace("_", " ")) for name in bare))
