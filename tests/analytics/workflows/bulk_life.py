"""The bulk's share in the ledger's life (F-20): lists drawn up, sampled, approved, run, stopped and taken back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import Connection, select
from uuid6 import uuid7

from analytics.casework.bulk import BulkState
from analytics.workflows import bulk as bulk_commands
from analytics.workflows.bulk import ApproveBulk, Bulk, BulkQuery, ExecuteBulk, FreezeBulk, StopBulk
from analytics.workflows.bulk_reads import BulkRecord, load_bulk_rules
from analytics.workflows.bulk_run import run_bulks
from analytics.workflows.cases import open_cases_of
from analytics.workflows.recording import Rules
from analytics.workflows.review import Decide
from data.records import ActionState, Outcome, ReasonCode
from data.tables import actions, bulk_events, bulks, decision_events, decisions, outbox
from tests.analytics.workflows.case_world import IVO, MAX, RITA, SENA, THEO, lent_accounts, run_of

HAPPENED: Counter[str] = Counter()
AUTHORS, APPROVERS = (RITA, THEO, SENA), (SENA, IVO, MAX)
# Small lists, so that a life of a few dozen cases holds a bulk with a sample, a second person and a run.
SAMPLE, ALONE, A_LIST = 2, 2, 5
MOST_LISTS = 2
# What cannot heal is looked for in a share of the steps, and once more at the end of each life.
OFTEN = 0.1
ENDS = ("stop", "stop in a round", "finish", "undo", "wait")
STEPS = ("draw up", "sample", "approve", "start", "run", "stop")
WANTED_OF_BULKS = (
    *("bulk drawn up", "bulk approved", "own bulk not approved", "another list not approved", "another list not run"),
    *("unapproved bulk not run", "bulk run in part", "bulk run to its end", "bulk stopped", "bulk stopped in a round"),
    *("bulk decision undone", "bulk effects"),
)


class StoppingLedger:
    """The ledger, with somebody pressing the stop just before a case of the round (F-12)."""

    def __init__(self, ledger: Any, before: int, stop: Callable[[], Any]) -> None:
        self.read, self._ledger, self._left, self._stop = ledger.read, ledger, before, stop

    @contextmanager
    def write(self) -> Iterator[Connection]:
        if self._left == 0:
            self._stop()
        self._left -= 1
        with self._ledger.write() as connection:
            yield connection


class BulkLife(RuleBasedStateMachine):
    """What people do with bulks; the life that inherits it brings the ledger, the desk and the platform."""

    office: Any
    desk: Any
    bulk: Bulk
    platform: Any
    policy: Any
    rules: Rules
    rng: Any
    lists: int
    at_stop: dict[str, int]

    def begin_bulks(self) -> None:
        told = replace(load_bulk_rules(), sample_least=SAMPLE, second_person_above=ALONE)
        self.small = patch.object(bulk_commands, "load_bulk_rules", lambda: told)
        self.small.start()
        self.lists, self.at_stop = 0, {}

    def look_back_at_bulks(self) -> None:
        self.nobody_approved_their_own_bulk_or_another_list()
        self.only_approved_lists_were_run()
        self.the_platform_did_what_stands_of_bulks()
        HAPPENED["bulk effects"] += len(self.effects_of_bulks())
        undone = select(decision_events.c.decision_id).where(decision_events.c.event == "undone")
        mine = select(decisions.c.decision_id).where(
            decisions.c.bulk_id.is_not(None), decisions.c.decision_id.in_(undone)
        )
        HAPPENED["bulk decision undone"] += len(self.rows(mine))

    # What people do.

    @rule(who=st.sampled_from(AUTHORS), step=st.sampled_from(STEPS), is_another=st.booleans(), most=st.integers(1, 5))
    def a_step_with_bulks(self, who: str, step: str, is_another: bool, most: int) -> None:
        """One rule for all of them: more would crowd the others out of a life."""
        if step == "draw up":
            self.drawn_up(who)
        elif step == "run":
            self.run_bulks(self.office.ledger, most)
        elif record := self.some_bulk():
            digest = "0" * 64 if is_another else record.list_hash
            outcome = Outcome.REJECT if is_another else Outcome.CONFIRM
            {
                "sample": lambda: self.decide_sample_of(record, who, outcome),
                "approve": lambda: self.approve(record, self.rng.choice(APPROVERS), digest),
                "start": lambda: self.start(record, digest),
                "stop": lambda: self.stop(record.bulk_id, who),
            }[step]()

    @rule(
        author=st.sampled_from(AUTHORS),
        approver=st.sampled_from(APPROVERS),
        before=st.integers(0, 4),
        end=st.sampled_from(ENDS),
    )
    def a_bulk_from_the_list_to_its_end(self, author: str, approver: str, before: int, end: str) -> None:
        """In one breath what the rules apart rarely come to."""
        bulk_id = self.drawn_up(author)
        if bulk_id is None:
            return
        self.decide_sample_of(self.read_bulk(bulk_id), THEO, Outcome.CONFIRM)
        self.start(self.read_bulk(bulk_id), self.read_bulk(bulk_id).list_hash)
        record = self.read_bulk(bulk_id)
        for who, digest in ((author, record.list_hash), (approver, "0" * 64), (approver, record.list_hash)):
            self.approve(record, who, digest)
        self.start(record, "0" * 64)
        self.start(self.read_bulk(bulk_id), self.read_bulk(bulk_id).list_hash)
        if end == "stop in a round":
            self.run_bulks(StoppingLedger(self.office.ledger, before, lambda: self.stop(bulk_id, MAX)), 25)
            HAPPENED["bulk stopped in a round"] += bulk_id in self.at_stop
            return
        self.run_bulks(self.office.ledger, 1 + before)
        if end == "stop":
            self.stop(bulk_id, author)
        if end in ("stop", "finish"):
            self.run_bulks(self.office.ledger, 25)
        if end == "undo":
            self.undo(author, -1)

    # What always holds.

    @invariant()
    def a_case_has_one_decision_that_stands(self) -> None:
        """The run and the desk never decide the same case twice; escalated, blind and undone ones are no verdict."""
        undone = select(decision_events.c.decision_id).where(decision_events.c.event == "undone")
        stands = self.rows(
            select(decisions.c.case_id).where(
                decisions.c.decision_id.not_in(undone),
                decisions.c.outcome != Outcome.ESCALATE,
                decisions.c.is_blind.is_(False),
            )
        )
        assert [one for one, count in Counter(row.case_id for row in stands).items() if count > 1] == []

    @invariant()
    def a_stopped_bulk_decides_nothing_more(self) -> None:
        found = Counter(
            row.bulk_id for row in self.rows(select(decisions.c.bulk_id).where(decisions.c.bulk_id.is_not(None)))
        )
        assert {bulk_id: found[bulk_id] for bulk_id in self.at_stop} == self.at_stop

    @precondition(lambda self: self.rng.random() < OFTEN)
    @invariant()
    def nobody_approved_their_own_bulk_or_another_list(self) -> None:
        query = select(bulk_events.c.person_id, bulk_events.c.list_hash, bulks.c.author_id, bulks.c.list_hash)
        query = query.join(bulks, bulks.c.bulk_id == bulk_events.c.bulk_id)
        for person_id, approved, author_id, digest in self.rows(
            query.where(bulk_events.c.event == BulkState.APPROVED.value)
        ):
            assert person_id != author_id
            assert approved == digest

    @precondition(lambda self: self.rng.random() < OFTEN)
    @invariant()
    def only_approved_lists_were_run(self) -> None:
        """A decision of a run has a start behind it, with an approval where the list needs one, and is of its list."""
        for bulk_id in {
            row.bulk_id for row in self.rows(select(decisions.c.bulk_id).where(decisions.c.bulk_id.is_not(None)))
        }:
            record = self.read_bulk(bulk_id)
            events = [
                row.event for row in self.rows(select(bulk_events.c.event).where(bulk_events.c.bulk_id == bulk_id))
            ]
            assert "executing" in events
            assert len(record.case_ids) <= ALONE or "approved" in events
            mine = self.rows(select(decisions).where(decisions.c.bulk_id == bulk_id))
            assert {row.case_id for row in mine} <= set(record.case_ids) - set(record.sample_ids)
            assert {row.person_id for row in mine} == {record.author_id}

    @precondition(lambda self: self.rng.random() < OFTEN)
    @invariant()
    def the_platform_did_what_stands_of_bulks(self) -> None:
        """What arrived was done, what was stopped or undone was not, and nothing came that the ledger does not hold."""
        done = self.effects_of_bulks()
        states = {row.action_id: row.state for row in self.rows(self.actions_of_bulks())}
        assert done <= set(states)
        assert {one for one in done if states[one] == ActionState.CANCELLED} == set()
        delivered = {one for one, state in states.items() if state == ActionState.DELIVERED}
        assert delivered <= done

    # Small words.

    def drawn_up(self, who: str) -> str | None:
        """Freeze what waits, with as many new cases as a list needs."""
        if self.lists == MOST_LISTS:
            return None
        self.lists += 1
        run_id = f"b-{self.lists}"
        log = lent_accounts(A_LIST, first=100 * self.lists, run_id=run_id)
        open_cases_of(log, run_of(run_id), self.office.ledger, now=self.office.clock(), policy=self.policy)
        query, reason = BulkQuery(service_id="S-1"), ReasonCode.PURCHASED_LIKES
        told = self.sent(who, FreezeBulk(idempotency_key=uuid7().hex, query=query, reason=reason))
        HAPPENED["bulk drawn up"] += told is not None
        return None if told is None else str(told.subject_id)

    def decide_sample_of(self, record: BulkRecord, who: str, outcome: Outcome) -> None:
        for case_id in record.sample_ids:
            lease = self.allowed(lambda case_id=case_id: self.desk.take(self.token(who), case_id))
            if lease is None:
                continue
            case = self.desk.case(case_id)
            is_confirmed = outcome is Outcome.CONFIRM
            command = Decide(
                idempotency_key=uuid7().hex,
                case_id=case_id,
                version=case.version,
                fence=lease.fence,
                outcome=outcome,
                reason=ReasonCode.PURCHASED_LIKES if is_confirmed else ReasonCode.NOT_INAUTHENTIC,
                engagement_ids=frozenset(f"{case.account_id}/{n}" for n in range(4, 13))
                if is_confirmed
                else frozenset(),
                shown_at=self.office.clock(),
            )
            self.allowed(lambda command=command: self.desk.execute(self.token(who), command))

    def approve(self, record: BulkRecord, who: str, digest: str) -> None:
        command = ApproveBulk(idempotency_key=uuid7().hex, bulk_id=record.bulk_id, list_hash=digest)
        told = self.sent(who, command)
        if who == record.author_id:
            assert told is None
            HAPPENED["own bulk not approved"] += 1
        elif digest != record.list_hash:
            assert told is None
            HAPPENED["another list not approved"] += 1
        HAPPENED["bulk approved"] += told is not None

    def start(self, record: BulkRecord, digest: str) -> None:
        command = ExecuteBulk(idempotency_key=uuid7().hex, bulk_id=record.bulk_id, list_hash=digest)
        told = self.sent(record.author_id, command)
        if digest != record.list_hash:
            assert told is None
            HAPPENED["another list not run"] += 1
        if record.approval is None and len(record.case_ids) > ALONE:
            assert told is None
            HAPPENED["unapproved bulk not run"] += 1

    def stop(self, bulk_id: str, who: str) -> None:
        if self.sent(who, StopBulk(idempotency_key=uuid7().hex, bulk_id=bulk_id)) is not None:
            HAPPENED["bulk stopped"] += 1
            self.at_stop[bulk_id] = self.decided_in(bulk_id)

    def run_bulks(self, ledger: Any, most: int) -> None:
        run_bulks(ledger, self.office.clock, self.rules, most=most)
        for bulk_id, event in self.states().items():
            if event in (BulkState.EXECUTING, BulkState.DONE) and self.decided_in(bulk_id):
                HAPPENED["bulk run in part" if event == BulkState.EXECUTING else "bulk run to its end"] += 1

    def sent(self, who: str, command: Any) -> Any:
        """Send it with a sign-in of this minute, as what starts a run needs."""
        return self.allowed(lambda: self.bulk.execute(self.office.token(who), command))

    def some_bulk(self) -> BulkRecord | None:
        found = sorted(self.states())
        return self.read_bulk(self.rng.choice(found)) if found else None

    def states(self) -> dict[str, str]:
        """The last event of each bulk."""
        query = select(bulk_events.c.bulk_id, bulk_events.c.event)
        return dict(tuple(row) for row in self.rows(query.order_by(bulk_events.c.at, bulk_events.c.event_id)))

    def decided_in(self, bulk_id: str) -> int:
        return len(self.rows(select(decisions.c.decision_id).where(decisions.c.bulk_id == bulk_id)))

    def read_bulk(self, bulk_id: str) -> BulkRecord:
        return self.bulk.open(self.token(RITA), bulk_id)

    def actions_of_bulks(self) -> Any:
        query = select(actions.c.action_id, outbox.c.state).join(outbox, outbox.c.action_id == actions.c.action_id)
        return query.join(decisions, decisions.c.decision_id == actions.c.decision_id).where(
            decisions.c.bulk_id.is_not(None)
        )

    def effects_of_bulks(self) -> set[str]:
        known = {row.action_id for row in self.rows(select(actions.c.action_id))}
        done = {one[0] for one in self.platform.effects()}
        assert done <= known
        return done & {row.action_id for row in self.rows(self.actions_of_bulks())}

    # What the life around it brings.

    def allowed(self, command: Callable[[], Any]) -> Any:
        raise NotImplementedError

    def token(self, who: str) -> str:
        raise NotImplementedError

    def rows(self, query: Any) -> Any:
        raise NotImplementedError

    def undo(self, who: str, late: int) -> None:
        raise NotImplementedError
