"""What reviewers send: each command names the case as it was shown, and carries the key that makes it happen once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from analytics.workflows.queue import QueueFilter
from data.records import Outcome, ReasonCode

LONGEST_NOTE = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeCase:
    """Lock one case; without a case, the most urgent one of the filter."""

    idempotency_key: str
    case_id: str = ""
    chosen: QueueFilter = field(default_factory=QueueFilter)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseCase:
    idempotency_key: str
    case_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decide:
    """A finding about the case as it was shown; on a confirmation, exactly the engagements left ticked.

    `is_urgent` lets the password reset skip the undo window, where credentials are in somebody else's hands (U-05).
    """

    idempotency_key: str
    case_id: str
    version: int
    fence: int
    outcome: Outcome
    reason: ReasonCode
    note: str = ""
    engagement_ids: frozenset[str] = frozenset()
    shown_at: datetime | None = None
    idle_us: int = 0
    is_urgent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    idempotency_key: str
    decision_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """Leave the case to others; the reason `conflict` keeps the account away from this person for good."""

    idempotency_key: str
    case_id: str
    fence: int
    reason: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snooze:
    idempotency_key: str
    case_id: str
    fence: int
    until: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveDraft:
    """Keep the half-written note with the lease, so that neither a cut line nor a restart loses it (F-08)."""

    idempotency_key: str
    case_id: str
    fence: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendLease:
    idempotency_key: str
    case_id: str
    fence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkKnownAnswer:
    """Show a decided case to others, to see how people decide what is known (P-16)."""

    idempotency_key: str
    case_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclareConflict:
    """Say that an account is one's own, or of somebody one knows."""

    idempotency_key: str
    account_id: str


Command = Decide | Undo | Skip | Snooze | SaveDraft | ExtendLease | MarkKnownAnswer | DeclareConflict
