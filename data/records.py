"""The nouns of the desk: plain frozen records and enums, standard library only.

Read them in the order of the straight line: engagement, flag, evidence, case, decision, action, notice, appeal.
Times are aware UTC. Ids are text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, IntFlag, StrEnum


class Kind(StrEnum):
    """What an account did to another; `KIND_CODES` fixes the number stored in the warehouse."""

    LIKE = "like"
    FOLLOW = "follow"
    COMMENT = "comment"
    UNFOLLOW = "unfollow"


KIND_CODES: dict[Kind, int] = {Kind.LIKE: 0, Kind.FOLLOW: 1, Kind.COMMENT: 2, Kind.UNFOLLOW: 3}


class Band(IntEnum):
    """What the machine proposes for one engagement."""

    KEEP = 0
    REVIEW = 1
    REMOVE = 2


class Family(IntFlag):
    """The families of evidence behind an engagement's band; a removal needs two."""

    NONE = 0
    INFRASTRUCTURE = 1
    GRAPH = 2
    RHYTHM = 4


class Direction(StrEnum):
    FOR = "for"
    AGAINST = "against"
    NOT_SEEN = "not_seen"


class Strength(StrEnum):
    STRONG = "strong"
    MODERATE = "moderate"
    SLIGHT = "slight"


class Role(StrEnum):
    VIEWER = "viewer"
    REVIEWER = "reviewer"
    SENIOR_REVIEWER = "senior_reviewer"
    ANALYST = "analyst"
    MANAGER = "manager"
    ADMIN = "admin"


class CaseState(StrEnum):
    """proposed (from an analyst) → open → leased → decided → closed; escalated beside; snoozed returns to open."""

    PROPOSED = "proposed"
    OPEN = "open"
    LEASED = "leased"
    SNOOZED = "snoozed"
    ESCALATED = "escalated"
    DECIDED = "decided"
    CLOSED = "closed"


class Outcome(StrEnum):
    CONFIRM = "confirm"
    REJECT = "reject"
    ESCALATE = "escalate"


class ReasonCode(StrEnum):
    """U-06. Removing one needs a migration."""

    PURCHASED_LIKES = "PURCHASED_LIKES"
    PURCHASED_FOLLOWS = "PURCHASED_FOLLOWS"
    PURCHASED_COMMENTS = "PURCHASED_COMMENTS"
    CREDENTIALS_SHARED_KNOWINGLY = "CREDENTIALS_SHARED_KNOWINGLY"
    CREDENTIALS_SHARED_UNKNOWINGLY = "CREDENTIALS_SHARED_UNKNOWINGLY"
    FAKE_ACCOUNT = "FAKE_ACCOUNT"
    ENGAGEMENT_POD = "ENGAGEMENT_POD"
    AUTOMATION_TOOL = "AUTOMATION_TOOL"
    NOT_INAUTHENTIC = "NOT_INAUTHENTIC"
    INSUFFICIENT_EVIDENCE = "INSUFFICIENT_EVIDENCE"
    POLICY_UNCLEAR = "POLICY_UNCLEAR"
    OTHER = "OTHER"


class ActionKind(StrEnum):
    REMOVE_ENGAGEMENTS = "remove_engagements"
    RESTORE_ENGAGEMENTS = "restore_engagements"
    WARN = "warn"
    RESET_PASSWORD = "reset_password"  # noqa: S105 (the name of an action)
    LIMIT = "limit"
    LIFT_LIMIT = "lift_limit"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"


class ActionState(StrEnum):
    """Where one action stands on its way to the platform."""

    QUEUED = "queued"
    IN_FLIGHT = "in_flight"
    DELIVERED = "delivered"
    ALREADY_ABSENT = "already_absent"
    DEAD = "dead"
    CANCELLED = "cancelled"


class AppealState(StrEnum):
    OPEN = "open"
    UPHELD = "upheld"
    OVERTURNED = "overturned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    person_id: str
    name: str
    roles: frozenset[Role]
    is_demo: bool = False
    is_active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A server-side session as the caller holds it; rights are always loaded afresh from the token."""

    token: str
    person: Person
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotInfo:
    """One immutable load of the log."""

    snapshot_id: str
    created_at: datetime
    accounts: int
    engagements: int
    logins: int
    labels: int
    first_at: datetime | None
    last_at: datetime | None
    missing: tuple[str, ...]
    skipped_rows: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo:
    """One detection over one snapshot."""

    run_id: str
    snapshot_id: str
    created_at: datetime
    model_version: str
    model_hash: str
    policy_version: str
    missing: tuple[str, ...]
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One stored, checkable reason in plain words, with the engagements behind it.

    `engagements` filters the case's engagement rows: column name → allowed values; empty where the sentence speaks of
    the account as a whole. `counted`: how many rows the sentence counts, of which a case may hold only a part.
    """

    evidence_id: str
    direction: Direction
    strength: Strength
    reason: str
    sentence: str
    value: float | None = None
    usual: float | None = None
    contribution: float | None = None
    engagements: dict[str, list[str]] = field(default_factory=dict)
    counted: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """One SHAP value of the account model, in log-odds."""

    feature: str
    label: str
    value: float | None
    contribution: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A moment worth a line on the activity chart: a password entry from a new network, an enforcement."""

    at: datetime
    kind: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right of one person to decide one case until a time; `fence` only ever grows."""

    case_id: str
    person_id: str
    fence: int
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The unit of review: one account, as listed in the queue."""

    case_id: str
    account_id: str
    handle: str
    state: CaseState
    version: int
    opened_at: datetime
    run_id: str
    score: float
    priority: float
    proposed: dict[str, int]
    service_id: str | None
    group_id: str | None
    lane: str
    step: int
    lease: Lease | None = None
    # Rows that are too little sure to be proposed for removal, and are put before the reviewer all the same.
    for_review: int = 0
    # Decided before the machine's opinion is seen: what it proposes stays out of lists as well.
    is_blind: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedAction:
    """One step of the plan as the reviewer sees it before confirming."""

    kind: ActionKind
    summary: str
    engagements: int = 0
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeText:
    """The exact in-app message owed to the account."""

    language: str
    title: str
    body: str
    template_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a confirmation would do: steps in order, the ladder step, the notice word for word."""

    step: int
    steps_total: int
    actions: tuple[PlannedAction, ...]
    notice: NoticeText
    removed: dict[str, int]
    needs_second_person: bool
    next_time: str
    # no single person decides about the account, at whatever step
    is_protected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a command did; the same idempotency key returns the same receipt."""

    command: str
    subject_id: str
    message: str
    undo_until: datetime | None = None
    decision_id: str | None = None
    repeated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    decision_id: str
    case_id: str
    account_id: str
    person_id: str
    outcome: Outcome
    reason: ReasonCode
    note: str
    decided_at: datetime
    policy_version: str
    step: int
    undone_at: datetime | None = None
    overturned_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One delivery to the platform with its state, for the enforcement page."""

    action_id: str
    decision_id: str
    case_id: str
    account_id: str
    kind: ActionKind
    state: ActionState
    position: int
    engagements: int
    not_before: datetime
    attempts: int
    last_error: str
    receipt: str
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeal:
    appeal_id: str
    case_id: str
    decision_id: str
    account_id: str
    state: AppealState
    text: str
    filed_at: datetime
    decided_at: datetime | None = None
    decided_by: str | None = None
    grounds: str = ""
