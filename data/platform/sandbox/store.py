"""What the sandbox platform remembers: receipts, effects in order, and the state of engagements and accounts."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    BigInteger,
    Column,
    Connection,
    Engine,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    func,
    insert,
    select,
    true,
    update,
)
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.pool import StaticPool

from data.platform.contract import ENGAGEMENT_KINDS, ActionBody
from data.records import ActionKind

metadata = MetaData()

receipts = Table(
    "receipts",
    metadata,
    Column("action_id", String, primary_key=True),
    Column("body_hash", String, nullable=False),
    Column("answer", Text, nullable=False),
)

# One row per effect, in the order in which the platform made it.
effects = Table(
    "effects",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("action_id", String, nullable=False),
    Column("account_id", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("effect", String, nullable=False),
    Column("engagements", Integer, nullable=False),
    Column("detail", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("ix_effects_account_id", "account_id"),
)

engagements = Table(
    "engagements",
    metadata,
    Column("account_id", String, primary_key=True),
    Column("engagement_id", String, primary_key=True),
    Column("is_removed", Integer, nullable=False),
    Column("times_removed", Integer, nullable=False),
    Column("times_restored", Integer, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("account_id", String, primary_key=True),
    Column("is_limited", Integer, nullable=False, default=0),
    Column("is_suspended", Integer, nullable=False, default=0),
    Column("ends_at", String),
)

# Accounts and engagements that are gone, as a test says: `kind` is account or engagement.
absent = Table(
    "absent",
    metadata,
    Column("kind", String, primary_key=True),
    Column("target_id", String, primary_key=True),
)

# The order is the promise: no session outlives the old password, no link is sent before both are done.
_STEPS: dict[ActionKind, tuple[str, ...]] = {
    ActionKind.WARN: ("warned",),
    ActionKind.RESET_PASSWORD: ("sessions_revoked", "password_reset", "link_sent"),
    ActionKind.LIMIT: ("limited",),
    ActionKind.LIFT_LIMIT: ("limit_lifted",),
    ActionKind.SUSPEND: ("suspended",),
    ActionKind.REINSTATE: ("reinstated",),
}
_STANDING: dict[ActionKind, dict[str, int]] = {
    ActionKind.LIMIT: {"is_limited": 1},
    ActionKind.LIFT_LIMIT: {"is_limited": 0},
    ActionKind.SUSPEND: {"is_suspended": 1},
    ActionKind.REINSTATE: {"is_suspended": 0},
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """The HTTP status and the answer to one action."""

    status: int
    answer: dict[str, Any]


class Store:
    """One SQLite file; every action is one transaction under one lock."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._engine = _engine(path)
        self._lock = threading.Lock()
        metadata.create_all(self._engine)

    def close(self) -> None:
        self._engine.dispose()

    def apply(self, action_id: str, digest: str, body: ActionBody, at: int) -> Outcome:
        """Do the action once: a repeat gets the first receipt, another body under the same id is refused."""
        with self._lock, self._engine.begin() as connection:
            seen = connection.execute(select(receipts).where(receipts.c.action_id == action_id)).one_or_none()
            if seen is not None:
                return _repeat(action_id, seen.body_hash == digest, seen.answer)
            done = _do(connection, action_id, body, at)
            if done is None:
                return Outcome(404, {"id": action_id, "error": "target_gone"})
            count = connection.scalar(select(func.count()).select_from(receipts))
            answer = {"id": action_id, "receipt": f"rcpt-{(count or 0) + 1:08d}", **done}
            connection.execute(
                insert(receipts).values(action_id=action_id, body_hash=digest, answer=json.dumps(answer))
            )
            return Outcome(200, answer)

    def set_absent(self, kind: str, target_ids: list[str]) -> None:
        with self._lock, self._engine.begin() as connection:
            for target_id in target_ids:
                connection.execute(upsert(absent).values(kind=kind, target_id=target_id).on_conflict_do_nothing())

    def clear_absent(self) -> None:
        with self._lock, self._engine.begin() as connection:
            connection.execute(absent.delete())

    def counters(self, account_id: str | None) -> dict[str, dict[str, int]]:
        """How often each effect happened: actions by effect, single engagements removed and restored."""
        found = effects.c.account_id == account_id if account_id is not None else true()
        query = select(effects.c.effect, func.count(), func.sum(effects.c.engagements)).where(found)
        with self._lock, self._engine.connect() as connection:
            rows = connection.execute(query.group_by(effects.c.effect)).all()
        return {
            "effects": {effect: count for effect, count, _ in rows},
            "engagements": {effect: int(total) for effect, _, total in rows if total},
        }

    def by_account(self) -> dict[str, dict[str, int]]:
        """Effect counts of every account that had any."""
        query = select(effects.c.account_id, effects.c.effect, func.count()).group_by(
            effects.c.account_id, effects.c.effect
        )
        found: dict[str, dict[str, int]] = {}
        with self._lock, self._engine.connect() as connection:
            for account_id, effect, count in connection.execute(query):
                found.setdefault(account_id, {})[effect] = count
        return found

    def standing(self, account_id: str) -> dict[str, Any]:
        """Say what is removed, restored, limited and suspended for one account now."""
        ids = select(engagements).where(engagements.c.account_id == account_id)
        with self._lock, self._engine.connect() as connection:
            rows = connection.execute(ids.order_by(engagements.c.engagement_id)).all()
            one = connection.execute(select(accounts).where(accounts.c.account_id == account_id)).one_or_none()
        return {
            "removed": [row.engagement_id for row in rows if row.is_removed],
            "restored": [row.engagement_id for row in rows if not row.is_removed],
            "is_limited": bool(one and one.is_limited),
            "is_suspended": bool(one and one.is_suspended),
            "ends_at": one.ends_at if one else None,
        }

    def log(self, account_id: str | None, after: int, limit: int) -> list[dict[str, Any]]:
        """List the effects in order, after a sequence number."""
        query = select(effects).where(effects.c.seq > after).order_by(effects.c.seq).limit(limit)
        if account_id is not None:
            query = query.where(effects.c.account_id == account_id)
        with self._lock, self._engine.connect() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]


def _engine(path: Path) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=StaticPool,
        connect_args={"check_same_thread": False, "timeout": 30},
    )

    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: Any) -> None:  # Any: the driver's own connection
        connection.execute("pragma journal_mode=wal")
        connection.execute("pragma synchronous=normal")

    return engine


def _repeat(action_id: str, is_same: bool, answer: str) -> Outcome:
    if is_same:
        return Outcome(200, json.loads(answer))
    return Outcome(422, {"id": action_id, "error": "same_id_other_body"})


def _do(connection: Connection, action_id: str, body: ActionBody, at: int) -> dict[str, Any] | None:
    """Make the effects and say what was done; None: there is nothing left to act on."""
    if _gone(connection, "account", (body.account_id,)):
        return None
    row = {"action_id": action_id, "account_id": body.account_id, "kind": body.kind.value, "at": at, "detail": ""}
    if body.kind in ENGAGEMENT_KINDS:
        return _move_engagements(connection, body, row)
    for effect in _STEPS[body.kind]:
        connection.execute(insert(effects).values(row | {"effect": effect, "engagements": 0, "detail": _detail(body)}))
    if body.kind in _STANDING:
        _set_standing(connection, body)
    return {"effects": list(_STEPS[body.kind])}


def _move_engagements(connection: Connection, body: ActionBody, row: dict[str, Any]) -> dict[str, Any] | None:
    """Remove what is there, or restore what was removed; the rest is counted as absent."""
    is_removal = body.kind is ActionKind.REMOVE_ENGAGEMENTS
    gone = _gone(connection, "engagement", body.engagement_ids)
    known = _known(connection, body)
    if is_removal:
        moved = [one for one in body.engagement_ids if one not in gone and not known.get(one, False)]
    else:
        moved = [one for one in body.engagement_ids if one not in gone and known.get(one, False)]
    if not moved and is_removal:
        return None
    _write_moves(connection, body.account_id, moved, is_removal=is_removal)
    effect = "engagements_removed" if is_removal else "engagements_restored"
    if moved:
        connection.execute(insert(effects).values(row | {"effect": effect, "engagements": len(moved)}))
    return {
        "effects": [effect] if moved else [],
        "engagements": len(moved),
        "absent": len(body.engagement_ids) - len(moved),
    }


def _write_moves(connection: Connection, account_id: str, moved: list[str], *, is_removal: bool) -> None:
    for engagement_id in moved:
        first = {"is_removed": 1, "times_removed": 1, "times_restored": 0}
        if is_removal:
            again = {"is_removed": 1, "times_removed": engagements.c.times_removed + 1}
        else:
            again = {"is_removed": 0, "times_restored": engagements.c.times_restored + 1}
        row = upsert(engagements).values(account_id=account_id, engagement_id=engagement_id, **first)
        connection.execute(row.on_conflict_do_update(index_elements=["account_id", "engagement_id"], set_=again))


def _known(connection: Connection, body: ActionBody) -> dict[str, bool]:
    query = select(engagements.c.engagement_id, engagements.c.is_removed).where(
        engagements.c.account_id == body.account_id, engagements.c.engagement_id.in_(body.engagement_ids)
    )
    return {row.engagement_id: bool(row.is_removed) for row in connection.execute(query)}


def _gone(connection: Connection, kind: str, target_ids: tuple[str, ...]) -> set[str]:
    query = select(absent.c.target_id).where(absent.c.kind == kind, absent.c.target_id.in_(target_ids))
    return set(connection.scalars(query))


def _set_standing(connection: Connection, body: ActionBody) -> None:
    ends_at = body.ends_at.isoformat() if body.ends_at else None
    connection.execute(upsert(accounts).values(account_id=body.account_id).on_conflict_do_nothing())
    connection.execute(
        update(accounts).where(accounts.c.account_id == body.account_id).values(**_STANDING[body.kind], ends_at=ends_at)
    )


def _detail(body: ActionBody) -> str:
    if body.notice is not None:
        return json.dumps({"language": body.notice.language, "title": body.notice.title, "body": body.notice.body})
    return body.ends_at.isoformat() if body.ends_at else ""
