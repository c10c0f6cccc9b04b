"""The rows of new cases: numbers, lanes and shares are drawn here, and the file of each is frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import Connection, delete, func, insert, select
from uuid6 import uuid7

from analytics.casework.draws import draw, is_drawn
from analytics.casework.freezing import Frozen, Seen, counts, freeze
from analytics.casework.ladder import Finding, step_for, strikes
from analytics.casework.policy import Policy
from analytics.casework.priority import priority
from analytics.workflows.case_material import Material
from analytics.workflows.findings import findings_of, parts, ruled_on
from analytics.workflows.services import ServiceNames, read_names
from data.moments import micros, of_micros
from data.records import ActionKind, ActionState, Band, CaseState, Direction, Evidence, Mark, RunInfo
from data.tables import actions, case_files, cases, handles, outbox

QUEUE, RANDOM_AUDIT = "queue", "random_audit"
_NOT_SEEN = "Not seen: "
_DONE = {
    ActionKind.REMOVE_ENGAGEMENTS: "Engagements removed",
    ActionKind.RESET_PASSWORD: "Password reset",
    ActionKind.LIMIT: "Features limited",
    ActionKind.SUSPEND: "Account suspended",
    ActionKind.RESTORE_ENGAGEMENTS: "Engagements restored",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What all cases of one opening share."""

    run: RunInfo
    policy: Policy
    state: CaseState = CaseState.OPEN
    # Only what is new since the last decision opens another case.
    is_fresh_only: bool = True


@dataclass(frozen=True, slots=True)
class _Past:
    """What the ledger knows of the accounts of one batch."""

    findings: Mapping[str, Sequence[Finding]]
    marks: Mapping[str, tuple[Mark, ...]]
    names: ServiceNames
    priorities: Sequence[float]


def write_cases(connection: Connection, opening: Opening, found: Sequence[Material], now: datetime) -> list[int]:
    """Insert a case with its file for each account that needs one; their numbers are returned."""
    accounts = [one.account_id for one in found]
    past = _Past(
        findings_of(connection, accounts),
        _enforced(connection, accounts),
        read_names(connection),
        _ordinary_priorities(connection, opening),
    )
    number = connection.scalar(select(func.max(cases.c.number))) or 0
    rows: list[dict[str, Any]] = []
    files: list[dict[str, Any]] = []
    for one in found:
        fresh = _fresh(connection, opening, one, past)
        if fresh is None:
            continue
        case_id, frozen = str(uuid7()), freeze(_seen(opening, one, fresh, past, now), fresh, one.activity)
        rows.append(_case(opening, one, fresh, past, now) | {"case_id": case_id, "number": number + len(rows) + 1})
        files.append(_file(case_id, frozen))
    if rows:
        connection.execute(insert(cases), rows)
        connection.execute(insert(case_files), files)
        _name(connection, found, now)
    return [row["number"] for row in rows]


def _fresh(connection: Connection, opening: Opening, one: Material, past: _Past) -> pl.DataFrame | None:
    """Return the rows nobody has ruled on; None when too few of the proposed ones are new to be worth a person."""
    if not past.findings.get(one.account_id):
        return one.engagements
    seen, last = ruled_on(connection, one.account_id)
    rows = one.engagements.filter(~pl.col("engagement_id").is_in(list(seen)))
    if one.is_audit or not opening.is_fresh_only or last is None:
        return rows if rows.height else None
    fresh = rows.filter(pl.col("band") > int(Band.KEEP), pl.col("at") > last).height
    return rows if fresh >= opening.policy.case.fresh_least else None


def _seen(opening: Opening, one: Material, rows: pl.DataFrame, past: _Past, now: datetime) -> Seen:
    service_id = one.header["service_id"]
    proposed = _proposed(rows)["at"].min()
    marks = sorted((*one.marks, *past.marks.get(one.account_id, ())), key=lambda mark: mark.at)
    return Seen(
        account=one.facts,
        evidence=tuple(_told(line) for line in one.evidence),
        contributions=one.contributions,
        base=one.base,
        raw_score=one.raw_score,
        marks=tuple(marks),
        missing=tuple(name.rpartition(".")[2] for name in opening.run.missing),
        service_name=past.names.of(service_id, one.header["service_name"] or service_id) if service_id else None,
        since=proposed if isinstance(proposed, datetime) else None,
        # The rows that were confirmed before are on that case: the first of these is not the first day of the service.
        is_again=bool(strikes(past.findings.get(one.account_id, ()), now, opening.policy.strikes)),
        left_out=one.of_all - rows.height,
        score=one.header["score"],
        run_id=opening.run.run_id,
        snapshot_id=opening.run.snapshot_id,
        model_version=opening.run.model_version,
        model_hash=opening.run.model_hash,
        policy_version=opening.policy.version,
    )


def _told(line: Evidence) -> Evidence:
    """Leave out the words that stand above such lines on the screen."""
    is_unseen = line.direction is Direction.NOT_SEEN
    return replace(line, sentence=line.sentence.removeprefix(_NOT_SEEN)) if is_unseen else line


def _case(opening: Opening, one: Material, rows: pl.DataFrame, past: _Past, now: datetime) -> dict[str, Any]:
    proposed, policy, header = _proposed(rows), opening.policy, one.header
    told, every = counts(proposed.filter(pl.col("band") == int(Band.REMOVE))), counts(proposed)
    first, last = proposed["at"].min(), proposed["at"].max()
    step = step_for(past.findings.get(one.account_id, ()), now, policy.strikes, len(policy.steps))
    review = policy.review
    drawn = (opening.run.run_id, one.account_id)
    urgency = priority(header["score"], told, proposed.height - sum(told.values()), policy.priority)
    return {
        "account_id": one.account_id,
        "state": opening.state.value,
        "version": 1,
        "lane": RANDOM_AUDIT if one.is_audit else QUEUE,
        "run_id": opening.run.run_id,
        "snapshot_id": opening.run.snapshot_id,
        "priority": _mixed_in(past.priorities, drawn) if one.is_audit and past.priorities else urgency,
        "score": header["score"],
        "service_id": header["service_id"],
        "group_id": header["group_id"],
        "language": policy.language(header["country"]),
        "country": header["country"],
        "followers": header["followers"],
        "account_created_at": header["created_at"],
        "is_verified": header["is_verified"],
        **{f"proposed_{kind}s": told.get(kind, 0) for kind in ("like", "follow", "comment")},
        "for_review": sum(every.values()) - sum(told.values()),
        "main_kind": max(every, key=every.__getitem__, default=None),
        "first_engagement_at": micros(first) if isinstance(first, datetime) else None,
        "last_engagement_at": micros(last) if isinstance(last, datetime) else None,
        "opened_at": micros(now),
        # A sample that is to say how often the machine is right must not be decided by its opinion.
        "is_blind": one.is_audit or step >= review.blind_from_step or is_drawn(review.blind_share, "blind", *drawn),
        "explanation_shown": not is_drawn(review.unexplained_share, "unexplained", *drawn),
        "updated_at": micros(now),
    }


def _ordinary_priorities(connection: Connection, opening: Opening) -> list[float]:
    """Return the priorities among which the random audit is mixed."""
    ordinary = select(cases.c.priority).where(
        cases.c.run_id == opening.run.run_id,
        cases.c.lane == QUEUE,
        cases.c.priority < opening.policy.priority.audit_below,
    )
    return list(connection.scalars(ordinary.order_by(cases.c.priority)))


def _mixed_in(priorities: Sequence[float], drawn: tuple[str, str]) -> float:
    """Give a case of the random audit some ordinary case's priority: by its own harm nobody would ever see it."""
    return priorities[int(draw("priority", *drawn) * len(priorities))]


def _proposed(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(pl.col("band") > int(Band.KEEP))


def _file(case_id: str, frozen: Frozen) -> dict[str, Any]:
    return {
        "case_id": case_id,
        "content": frozen.content,
        "engagements": frozen.engagements,
        "activity": frozen.activity,
        "content_hash": frozen.content_hash,
    }


def _name(connection: Connection, found: Sequence[Material], now: datetime) -> None:
    """Keep the newest handle of each account, where it can be erased."""
    told = {one.account_id: one.header["handle"] for one in found if one.header["handle"]}
    for part in parts(sorted(told)):
        connection.execute(delete(handles).where(handles.c.account_id.in_(part)))
        connection.execute(
            insert(handles),
            [{"account_id": name, "handle": told[name], "updated_at": micros(now)} for name in part],
        )


def _enforced(connection: Connection, accounts: Sequence[str]) -> dict[str, tuple[Mark, ...]]:
    """Return what was done to accounts before, for the activity chart; the chunks of one removal are one mark."""
    found: dict[str, dict[tuple[str, str], Mark]] = {}
    query = (
        select(actions.c.account_id, actions.c.decision_id, actions.c.kind, outbox.c.finished_at)
        .join(outbox, outbox.c.action_id == actions.c.action_id)
        .where(outbox.c.state == ActionState.DELIVERED, actions.c.kind.in_(_DONE))
        .order_by(outbox.c.finished_at)
    )
    for part in parts(list(accounts)):
        for row in connection.execute(query.where(actions.c.account_id.in_(part))):
            mark = Mark(at=of_micros(row.finished_at), kind="enforcement", label=_DONE[ActionKind(row.kind)])
            found.setdefault(row.account_id, {}).setdefault((row.decision_id, row.kind), mark)
    return {account_id: tuple(marks.values()) for account_id, marks in found.items()}
