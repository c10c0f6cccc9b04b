"""Send statements of reasons to the EU database: in batches, each once, with the answer to each on record."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, exists, insert, select
from uuid6 import uuid7

from analytics.workflows.deliver import LedgerLike
from data.audit_chain import AuditEntry, append_audit
from data.errors import ConfigError
from data.home import Home
from data.ledger import Ledger
from data.moments import micros
from data.platform.statements_api import LONGEST_BATCH, StatementsApi, Verdict
from data.tables import decision_events, decisions, statement_submissions, statements

ADDRESS, TOKEN = "UNBOUGHT_STATEMENTS_URL", "UNBOUGHT_STATEMENTS_TOKEN"


class Submission(StrEnum):
    """How one attempt to submit one statement ended."""

    ACCEPTED = "accepted"
    ALREADY_THERE = "already_there"
    REFUSED = "refused"
    # no answer, or stopped by a neighbour in its batch: tried again with the next run
    POSTPONED = "postponed"


_DONE = (Submission.ACCEPTED, Submission.ALREADY_THERE)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionReport:
    """How many statements ended how in one run."""

    accepted: int = 0
    already_there: int = 0
    refused: int = 0
    postponed: int = 0

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to be tried again or looked at."""
        return not (self.refused or self.postponed)

    @property
    def sentence(self) -> str:
        return (
            f"{self.accepted:,} statements accepted, {self.already_there:,} were there already, "
            f"{self.refused:,} refused, {self.postponed:,} left for the next run."
        )


@dataclass(frozen=True, slots=True)
class _Statement:
    puid: str
    content: str


def submit(home: Home, *, now: Callable[[], datetime], with_refused: bool = False) -> SubmissionReport:
    """Submit this home's statements to the database that the environment names, with our token there."""
    address, token = (os.environ.get(name, "").strip() for name in (ADDRESS, TOKEN))
    if not (address and token):
        raise ConfigError("No statements database is named.", f"Set {ADDRESS} to its address and {TOKEN} to our token.")
    if not re.match(r"https?://[\w.\-:\[\]]+", address):
        raise ConfigError(f"{ADDRESS} is not an address on the web.", "It begins with https:// and names a host.")
    ledger = Ledger.open(home)
    try:
        with StatementsApi(address, token) as api:
            return submit_statements(ledger, api, now=now, with_refused=with_refused)
    finally:
        ledger.close()


def submit_statements(
    ledger: LedgerLike, api: StatementsApi, *, now: Callable[[], datetime], with_refused: bool = False
) -> SubmissionReport:
    """Submit what is final and not on record as there; sending again creates nothing."""
    with ledger.read() as connection:
        waiting = _waiting(connection, micros(now()), with_refused=with_refused)
    tally: Counter[str] = Counter()
    for start in range(0, len(waiting), LONGEST_BATCH):
        results = _submit_batch(api, waiting[start : start + LONGEST_BATCH])
        with ledger.write() as connection:
            _note(connection, results, micros(now()))
        tally.update(result for _, result, _ in results)
    return SubmissionReport(**tally)


def _waiting(connection: Connection, now: int, *, with_refused: bool) -> list[_Statement]:
    """List statements of decisions that can no longer be undone, were not undone, and are not settled yet."""
    settled = _DONE if with_refused else (*_DONE, Submission.REFUSED)
    is_settled = exists().where(
        statement_submissions.c.puid == statements.c.puid, statement_submissions.c.result.in_(settled)
    )
    was_undone = exists().where(
        decision_events.c.decision_id == statements.c.decision_id, decision_events.c.event == "undone"
    )
    query = (
        select(statements.c.puid, statements.c.content)
        .join(decisions, decisions.c.decision_id == statements.c.decision_id)
        .where(decisions.c.undo_until <= now, ~is_settled, ~was_undone)
        .order_by(statements.c.created_at, statements.c.puid)
    )
    return [_Statement(row.puid, row.content) for row in connection.execute(query)]


def _submit_batch(api: StatementsApi, batch: Sequence[_Statement]) -> list[tuple[str, Submission, str]]:
    """Submit a batch; the ones that stop it are settled one by one and the rest is sent again without them."""
    results: list[tuple[str, Submission, str]] = []
    left = list(batch)
    while left:
        reply = api.submit([statement.content for statement in left])
        if reply.verdict is Verdict.ACCEPTED:
            return results + [(statement.puid, Submission.ACCEPTED, "") for statement in left]
        places = [place for place in reply.faults if place < len(left)]
        if reply.verdict is Verdict.UNKNOWN or not places:
            return results + [(statement.puid, Submission.POSTPONED, reply.detail) for statement in left]
        results += [_settle(api, left[place], reply.faults[place]) for place in places]
        left = [statement for place, statement in enumerate(left) if place not in reply.faults]
    return results


def _settle(api: StatementsApi, statement: _Statement, fault: str) -> tuple[str, Submission, str]:
    is_there = api.exists(statement.puid)
    if is_there is None:
        return statement.puid, Submission.POSTPONED, fault
    return statement.puid, Submission.ALREADY_THERE if is_there else Submission.REFUSED, fault


def _note(connection: Connection, results: Sequence[tuple[str, Submission, str]], now: int) -> None:
    rows = [
        {"submission_id": str(uuid7()), "puid": puid, "result": result.value, "detail": detail, "at": now}
        for puid, result, detail in results
    ]
    if not rows:
        return
    connection.execute(insert(statement_submissions), rows)
    facts = dict(sorted(Counter(result.value for _, result, _ in results).items()))
    entry = AuditEntry(
        actor_id="operator", actor_role="command", verb="SubmitStatements", subject="statements", after={"facts": facts}
    )
    append_audit(connection, entry, at=now)
