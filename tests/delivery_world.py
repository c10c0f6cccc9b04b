"""A ledger with decided actions and a running sandbox platform, for every test that delivers."""

from __future__ import annotations

import base64
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from sqlalchemy import Connection, create_engine, event, func, insert, select
from uuid6 import uuid7

from data.platform.connector import Connector
from data.platform.contract import action_body, body_hash
from data.platform.sandbox.server import sandbox_app
from data.platform.settings import DeliverySettings, load_settings
from data.records import ActionKind, ActionState, NoticeText
from data.tables import actions, attempts, cases, decisions, metadata, outbox, people

SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes!!!!").decode()
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
NOTICE = NoticeText(language="en", title="We removed likes", body="Please change the password.", template_version="1")


class LocalLedger:
    """The ledger's tables in one SQLite file, with the transactions that delivery needs."""

    def __init__(self, path: Path) -> None:
        self.engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 30})

        @event.listens_for(self.engine, "connect")
        def _pragmas(connection: Any, _record: Any) -> None:
            connection.isolation_level = None
            connection.execute("pragma journal_mode=wal")
            connection.execute("pragma synchronous=normal")
            connection.execute("pragma foreign_keys=on")

        metadata.create_all(self.engine)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        with self.engine.connect() as connection:
            connection.exec_driver_sql("begin immediate")
            try:
                yield connection
            except BaseException:
                connection.exec_driver_sql("rollback")
                raise
            connection.exec_driver_sql("commit")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self.engine.connect() as connection:
            yield connection

    def close(self) -> None:
        self.engine.dispose()


class Clock:
    """A clock that moves only when told to."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def forward(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def micros(at: datetime) -> int:
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


@dataclass(frozen=True)
class Decided:
    """A decision in the ledger: the ids of its actions in plan order."""

    decision_id: str
    account_id: str
    action_ids: list[str] = field(default_factory=list)


def decide(
    connection: Connection,
    kinds: list[ActionKind],
    *,
    account_id: str | None = None,
    at: datetime = NOON,
    undo_seconds: float = 0,
    likes: int = 2,
    reverses: list[str] | None = None,
    **over: Any,
) -> Decided:
    """Write a case, a decision and its actions as a reviewer's confirmation leaves them."""
    account_id = account_id or f"account-{uuid7()}"
    ids = {"decision_id": str(uuid7()), "case_id": str(uuid7()), "account_id": account_id}
    person_id = _person(connection)
    undo_until = at + timedelta(seconds=undo_seconds)
    connection.execute(insert(cases).values(_case(connection, ids, at)))
    connection.execute(insert(decisions).values(_decision(ids, person_id, at, undo_until) | over))
    decided = Decided(ids["decision_id"], account_id)
    for position, kind in enumerate(kinds):
        action_id = str(uuid7())
        decided.action_ids.append(action_id)
        chosen = tuple(f"{account_id}/like-{n}" for n in range(likes)) if kind.value.endswith("engagements") else ()
        ends_at = at + timedelta(days=7) if kind in (ActionKind.LIMIT, ActionKind.SUSPEND) else None
        body = action_body(
            kind,
            account_id,
            ids["decision_id"],
            engagement_ids=chosen,
            ends_at=ends_at,
            notice=NOTICE if kind is ActionKind.WARN else None,
        )
        row = ids | {"action_id": action_id, "kind": kind, "position": position, "engagements": len(chosen)}
        row |= {"body": body, "body_hash": body_hash(body), "created_at": micros(at)}
        connection.execute(insert(actions).values(row | {"reverses": reverses[position] if reverses else None}))
        waiting = {"action_id": action_id, "state": ActionState.QUEUED, "not_before": micros(undo_until)}
        connection.execute(insert(outbox).values(waiting | {"updated_at": micros(at)}))
    return decided


def _person(connection: Connection) -> str:
    if connection.scalar(select(people.c.person_id).where(people.c.person_id == "rita")) is None:
        row = {"person_id": "rita", "name": "Rita", "roles": "reviewer", "created_at": 0}
        connection.execute(insert(people).values(row | {"is_demo": True, "is_active": True, "settings": "{}"}))
    return "rita"


def _case(connection: Connection, ids: dict[str, str], at: datetime) -> dict[str, Any]:
    row = {"case_id": ids["case_id"], "account_id": ids["account_id"], "state": "decided", "version": 2}
    last = connection.scalar(select(func.max(cases.c.number))) or 0
    row |= {"number": last + 1, "run_id": "r-1", "snapshot_id": "s-1", "priority": 1.0}
    row |= {"score": 0.9, "proposed_likes": 2, "proposed_follows": 0, "proposed_comments": 0}
    return row | {"opened_at": micros(at), "updated_at": micros(at)}


def _decision(ids: dict[str, str], person_id: str, at: datetime, undo_until: datetime) -> dict[str, Any]:
    row = ids | {"person_id": person_id, "role": "reviewer", "outcome": "confirm", "reason": "PURCHASED_LIKES"}
    row |= {"decided_at": micros(at), "undo_until": micros(undo_until), "case_version": 2, "fence": 1}
    row |= {"lane": "queue", "is_blind": False, "explanation_shown": True, "step": 1, "policy_version": "1"}
    row |= {"run_id": "r-1", "model_version": "m", "model_hash": "h", "evidence_hash": "e", "score": 0.9}
    return row


def states(ledger: Any, decided: Decided) -> list[str]:
    """The state of each action of a decision, in plan order."""
    query = select(outbox.c.state).join(actions).where(actions.c.decision_id == decided.decision_id)
    with ledger.read() as connection:
        return list(connection.scalars(query.order_by(actions.c.position)))


def row_of(ledger: Any, action_id: str) -> Any:
    with ledger.read() as connection:
        return connection.execute(select(outbox).where(outbox.c.action_id == action_id)).one()


def tries(ledger: Any, action_id: str) -> list[Any]:
    query = select(attempts).where(attempts.c.action_id == action_id).order_by(attempts.c.number)
    with ledger.read() as connection:
        return list(connection.execute(query))


class ServedApp:
    """An ASGI application on a real socket, with a client that asks it."""

    def __init__(self, app: Any) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self.client = httpx.Client(base_url=self.address, trust_env=False)
        self._server = uvicorn.Server(uvicorn.Config(app, log_level="error", proxy_headers=False))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listener]}, daemon=True)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)

    def close(self) -> None:
        self.client.close()
        self._server.should_exit = True
        self._thread.join(10)


# How long an answer may take: on a busy machine an honest one takes its time, while a hanging one should be over soon.
PATIENT = {"connect_seconds": 5.0, "read_seconds": 5.0, "total_seconds": 10.0}
IMPATIENT = {"connect_seconds": 1.0, "read_seconds": 0.3, "total_seconds": 1.0}


class SandboxServer(ServedApp):
    """A sandbox platform, and the questions a judge asks it."""

    def __init__(self, path: Path) -> None:
        super().__init__(sandbox_app(path, (SECRET,)))

    def misbehave(self, *faults: dict[str, Any], **absent: list[str]) -> None:
        order = {"faults": list(faults), **absent}
        self.client.post("/v1/faults", json=order).raise_for_status()

    def behave(self) -> None:
        self.client.delete("/v1/faults").raise_for_status()

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(path, params=query).raise_for_status().json()

    def effects(self, account_id: str) -> dict[str, int]:
        found: dict[str, int] = self.get("/v1/effects", account_id=account_id)["effects"]
        return found

    def order_of_effects(self, account_id: str) -> list[str]:
        return [row["effect"] for row in self.get("/v1/log", account_id=account_id, limit=100_000)["effects"]]

    def calls(self, action_ids: list[str]) -> list[tuple[str, int]]:
        wanted = set(action_ids)
        return [(call["id"], call["status"]) for call in self.get("/v1/calls")["calls"] if call["id"] in wanted]

    def connector(self, **call: float) -> Connector:
        return Connector(self.address, (SECRET,), load_settings().call.model_copy(update=PATIENT | call))


def settings(**sections: dict[str, Any]) -> DeliverySettings:
    """The reviewed settings with single values changed: settings(retry={"max_attempts": 3})."""
    values = load_settings().model_dump()
    for section, changes in sections.items():
        values[section] |= changes
    return DeliverySettings.model_validate(values)
