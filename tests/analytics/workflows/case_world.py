"""A log in memory with lent accounts, its cases in a real ledger, and the people who review them."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select, update
from uuid6 import uuid7

from analytics.workflows.cases import open_cases_of
from analytics.workflows.policy import load_policy
from analytics.workflows.review import Decide, Desk, QueueFilter
from data.platform.settings import load_settings
from data.records import Lease, Outcome, ReasonCode, Receipt, RunInfo
from data.tables import cases, decisions
from tests.analytics.workflows.small_log import DAY, SmallLog
from tests.delivery_world import NOON, micros
from tests.ledger_fixtures import Staffed

RITA, THEO, SENA, IVO, MAX, ANA = (f"demo-{name}" for name in ("rita", "theo", "sena", "ivo", "max", "ana"))
ANY = QueueFilter()
OWN, LENT = "owner phone", "other client"
LIKES, FOLLOWS, KEPT = 6, 3, 4
_START = micros(NOON - timedelta(days=20))


def lent_accounts(count: int, *, audit_share: float = 0.0, first: int = 0, run_id: str = "r-1") -> SmallLog:
    """Accounts `a<n>` of S-1: four own likes, then six likes and three follows from another client (remove band),
    one comment for a person to look at, and one unfollow that the machine is sure of."""
    log = SmallLog()
    settings = json.dumps({"queue": {"audit_share": audit_share}})
    log.add("snapshot.names", {"domain": "client", "key": 0, "name": OWN}, {"domain": "client", "key": 1, "name": LENT})
    log.add("snapshot.names", {"domain": "country", "key": 0, "name": "BR"})
    log.add("run.manifest", {"run_id": run_id, "snapshot_id": "s-1", "floor_p": 0.01, "settings": settings})
    log.add("run.services", {"service_id": "S-1", "name": "S-1", "is_provisional": True})
    log.add("snapshot.ids", *({"account_key": 9_000 + n, "account_id": f"t{n}"} for n in range(20)))
    log.add("snapshot.accounts", {"account_key": 9_000, "handle": "@target0"})
    _accounts(log, first, count)
    return log


def _accounts(log: SmallLog, first: int, count: int) -> None:
    """Write the accounts set by set, so that five hundred take no longer than one."""
    run = log.connection.execute
    people = f"(select n, {first} + n as key from range({count}) t(n))"
    run(f"insert into snapshot.ids select key, 'a' || key from {people}")
    run(
        "insert into snapshot.accounts (account_key, created_at, handle, followers, following, posts, country_key) "
        f"select key, {_START} - 400 * {DAY}, '@owner' || key, 10 * key, 5, 7, 0 from {people}"
    )
    run(
        'insert into snapshot.engagements (engagement_key, engagement_id, kind, actor_key, target_key, "at", '
        f"client_key, asn) select key * 100 + i, 'a' || key || '/' || i, case when i < {KEPT + LIKES} then 0 "
        f"when i < {KEPT + LIKES + FOLLOWS} then 1 when i = {KEPT + LIKES + FOLLOWS} then 2 else 3 end, key, "
        f"9000 + i, {_START} + i * {DAY}, case when i < {KEPT} then 0 else 1 end, "
        f"case when i < {KEPT} then 64496 else 64500 end "
        f"from {people}, range({KEPT + LIKES + FOLLOWS + 2}) s(i)"
    )
    run(
        "insert into run.engagement_scores select engagement_key, actor_key, 0.99, if(kind = 2, 1, 2), 5, actor_key, "
        "'G-1', 'S-1', 'infrastructure+rhythm' from snapshot.engagements where client_key = 1 "
        f"and actor_key >= {first}"
    )
    run(
        "insert into run.sessions (session_key, account_key, started_at, ended_at, client_key, asn, source) "
        'select actor_key * 10 + client_key, actor_key, min("at"), max("at"), client_key, any_value(asn), '
        "case when client_key = 0 then 'owner' else 'service' end from snapshot.engagements "
        f"where actor_key >= {first} group by actor_key, client_key"
    )
    run(
        f"insert into run.flags select key, 'a' || key, 0.85 - n * 0.0001, n + 1, true, {LIKES + FOLLOWS}, 1, 'S-1', "
        f"'G-1', [] from {people}"
    )
    for position, (direction, reason, chosen) in enumerate(
        (("for", "pace", '{"kind": ["0", "1"]}'), ("against", "own_place", '{"band": ["0"]}'))
    ):
        run(
            f"insert into run.evidence select key, {position}, '{direction}', 'strong', '{reason}', "
            f"'A sentence about {reason}.', 1.0, 2.0, 0.5, '{chosen}' from {people}"
        )
    run(
        "insert into run.evidence select key, 2, 'not_seen', 'slight', 'logins', 'Not seen: no entries.', "
        f"null, null, null, '{{}}' from {people}"
    )
    run(f"insert into run.explanations select key, 'pace', 'pace', 3.0, 1.5, -1.0, 0.5 from {people}")
    run(
        f'insert into snapshot.logins (account_key, "at", asn, succeeded) select key, {_START} + d * {DAY}, '
        f"64496 + 4 * d, true from {people}, range(2) s(d)"
    )


def run_of(run_id: str = "r-1", missing: tuple[str, ...] = ("engagements.device_id",)) -> RunInfo:
    return RunInfo(
        run_id=run_id,
        snapshot_id="s-1",
        created_at=NOON,
        model_version="m-1",
        model_hash="f" * 64,
        policy_version="1",
        missing=missing,
    )


@dataclass(frozen=True, slots=True)
class Review:
    """Cases of a small log, and a desk over them; without chance unless a test asks for it."""

    office: Staffed
    desk: Desk

    def token(self, person_id: str) -> str:
        return self.office.token(person_id)

    def all(self, query: Any) -> list[Any]:
        with self.office.ledger.read() as connection:
            return list(connection.execute(query).all())

    def one(self, query: Any) -> Any:
        with self.office.ledger.read() as connection:
            return connection.execute(query).one()

    def count(self, table: Any, *where: Any) -> int:
        return int(self.one(select(func.count()).select_from(table).where(*where))[0])

    def case_of(self, account_id: str) -> Any:
        return self.one(select(cases).where(cases.c.account_id == account_id).order_by(cases.c.number.desc()).limit(1))

    def change(self, table: Any, values: dict[str, Any], *where: Any) -> None:
        with self.office.ledger.write() as connection:
            connection.execute(update(table).where(*where).values(**values))

    def command(self, lease: Lease, outcome: Outcome = Outcome.CONFIRM, **over: Any) -> Decide:
        """The decision a reviewer would send for a case as it is now on the screen."""
        case = self.desk.case(lease.case_id)
        proposed = frozenset(f"{case.account_id}/{n}" for n in range(KEPT, KEPT + LIKES + FOLLOWS))
        reasons = {
            Outcome.CONFIRM: ReasonCode.CREDENTIALS_SHARED_UNKNOWINGLY,
            Outcome.REJECT: ReasonCode.NOT_INAUTHENTIC,
            Outcome.ESCALATE: ReasonCode.POLICY_UNCLEAR,
        }
        values: dict[str, Any] = {
            "idempotency_key": uuid7().hex,
            "case_id": lease.case_id,
            "version": case.version,
            "fence": lease.fence,
            "outcome": outcome,
            "reason": reasons[outcome],
            "engagement_ids": proposed if outcome is Outcome.CONFIRM else frozenset(),
            "shown_at": self.office.clock(),
        }
        return Decide(**values | over)

    def decide(self, person_id: str, outcome: Outcome = Outcome.CONFIRM, **over: Any) -> Receipt:
        """Take the next case and decide it."""
        token = self.token(person_id)
        lease = self.desk.take_next(token, ANY)
        assert lease is not None
        return self.desk.execute(token, self.command(lease, outcome, **over))

    def strike(self, account_id: str, days_ago: float, **over: Any) -> str:
        """Write an earlier confirmed decision about an account."""
        at = self.office.clock() - timedelta(days=days_ago)
        decision_id, case_id = str(uuid7()), str(uuid7())
        with self.office.ledger.write() as connection:
            number = (connection.scalar(select(func.max(cases.c.number))) or 0) + 1
            connection.execute(insert(cases).values(_past_case(case_id, account_id, number, at)))
            connection.execute(insert(decisions).values(_past_decision(decision_id, case_id, account_id, at) | over))
        return decision_id


def _past_case(case_id: str, account_id: str, number: int, at: datetime) -> dict[str, Any]:
    row = {"case_id": case_id, "number": number, "account_id": account_id, "state": "closed", "version": 2}
    row |= {"run_id": "r-0", "snapshot_id": "s-0", "priority": 0.5, "score": 0.9, "proposed_likes": 1}
    return row | {
        "proposed_follows": 0,
        "proposed_comments": 0,
        "opened_at": micros(at),
        "updated_at": micros(at),
    }


def _past_decision(decision_id: str, case_id: str, account_id: str, at: datetime) -> dict[str, Any]:
    row = {"decision_id": decision_id, "case_id": case_id, "account_id": account_id, "person_id": IVO}
    row |= {"role": "senior_reviewer", "outcome": "confirm", "reason": "PURCHASED_LIKES", "decided_at": micros(at)}
    row |= {"undo_until": micros(at), "case_version": 1, "fence": 1, "lane": "queue", "is_blind": False}
    row |= {"explanation_shown": True, "step": 1, "policy_version": "1", "run_id": "r-0", "model_version": "m"}
    return row | {"model_hash": "h", "evidence_hash": "e", "score": 0.9}


def plain_policy(**review: Any) -> Any:
    """The shipped policy without the shares that chance decides."""
    policy = load_policy()
    quiet = {"blind_share": 0.0, "unexplained_share": 0.0, "second_review_share": 0.0} | review
    return replace(policy, review=replace(policy.review, **quiet))


def review_of(office: Staffed, accounts: int = 3, *, policy: Any = None, log: SmallLog | None = None) -> Review:
    """Open the cases of a small log and staff a desk."""
    chosen = policy or plain_policy()
    open_cases_of(log or lent_accounts(accounts), run_of(), office.ledger, now=office.clock(), policy=chosen)
    delivery = load_settings()
    desk = Desk(office.gate, office.ledger, office.clock, policy=chosen, delivery=delivery, rng=random.Random(7))
    return Review(office, desk)
