"""The body of one request to the platform, `POST {base}/v1/actions`: what both ends agree on."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Annotated

import rfc8785
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from data.records import ActionKind, NoticeText

# The platform takes at most this many engagement ids in one call.
CHUNK = 1_000

ENGAGEMENT_KINDS = frozenset({ActionKind.REMOVE_ENGAGEMENTS, ActionKind.RESTORE_ENGAGEMENTS})

# What undoes what; a kind that is absent cannot be undone by the platform (a warning was read, a password is new).
REVERSALS: dict[ActionKind, ActionKind] = {
    ActionKind.REMOVE_ENGAGEMENTS: ActionKind.RESTORE_ENGAGEMENTS,
    ActionKind.LIMIT: ActionKind.LIFT_LIMIT,
    ActionKind.SUSPEND: ActionKind.REINSTATE,
}

# Giving back is never held by a pause: only what restricts a person waits.
REVERSING = frozenset(REVERSALS.values())

EngagementId = Annotated[str, Field(min_length=1, max_length=300)]


class NoticeBody(BaseModel):
    """The in-app message that a warning carries, word for word."""

    model_config = ConfigDict(frozen=True)

    language: str = Field(min_length=2, max_length=10)
    title: str = Field(max_length=300)
    body: str = Field(max_length=10_000)


class ActionBody(BaseModel):
    """One action as the platform receives it; fields it does not know are ignored, as a real platform would."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    account_id: str = Field(min_length=1, max_length=300)
    kind: ActionKind
    decision_id: str = Field(default="", max_length=64)
    engagement_ids: tuple[EngagementId, ...] = Field(default=(), max_length=CHUNK)
    ends_at: AwareDatetime | None = None
    notice: NoticeBody | None = None

    @model_validator(mode="after")
    def _ids_go_with_their_kinds(self) -> ActionBody:
        if (self.kind in ENGAGEMENT_KINDS) != bool(self.engagement_ids):
            raise ValueError("engagement_ids are for remove_engagements and restore_engagements, and needed there")
        if len(set(self.engagement_ids)) != len(self.engagement_ids):
            raise ValueError("an engagement id is named twice")
        return self


def action_body(
    kind: ActionKind,
    account_id: str,
    decision_id: str,
    *,
    engagement_ids: tuple[str, ...] = (),
    ends_at: datetime | None = None,
    notice: NoticeText | None = None,
) -> str:
    """Write the canonical request text of one action; the same action always gives the same bytes."""
    message = NoticeBody(language=notice.language, title=notice.title, body=notice.body) if notice else None
    body = ActionBody(
        account_id=account_id,
        kind=kind,
        decision_id=decision_id,
        engagement_ids=engagement_ids,
        ends_at=ends_at,
        notice=message,
    )
    return rfc8785.dumps(body.model_dump(mode="json", exclude_defaults=True)).decode()


def body_hash(body: str) -> str:
    """Fingerprint a request text: the same id may only ever come with the same one."""
    return hashlib.sha256(body.encode()).hexdigest()


def chunks(engagement_ids: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Cut a removal into calls the platform takes."""
    return [engagement_ids[start : start + CHUNK] for start in range(0, len(engagement_ids), CHUNK)]
