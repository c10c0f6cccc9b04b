"""F-20: everything that people, machines and bad luck may do to the ledger, in any order; the platform is the judge.

At least 500 steps here, 10,000 with `make soak` (UNBOUGHT_SOAK_STEPS).
"""

from __future__ import annotations

import hashlib
import os
import random
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import func, select
from uuid6 import uuid7

from analytics.workflows.appeal_intake import Filing, file_from_outside
from analytics.workflows.appeals import Appeals, DecideAppeal
from analytics.workflows.audit import examine
from analytics.workflows.bulk_run import run_bulks
from analytics.workflows.cases import open_cases_of
from analytics.workflows.deliver import deliver_due, resume
from analytics.workflows.recording import Rules
from analytics.workflows.review import Decide, Desk, Skip, Undo
from analytics.workflows.statistics import Statistics
from analytics.workflows.tending import tend_queue
from data.anchors import read_anchors
from data.errors import CommandError
from data.home import Home
from data.ledger import Ledger
from data.platform import outbox as outbox_commands
from data.platform.connector import Reply, Result
from data.platform.contract import ActionBody
from data.platform.sandbox.store import Store
from data.records import ActionKind, ActionState, AppealState, CaseState, Outcome, ReasonCode
from data.tables import actions, appeal_outcomes, appeals, cases, decision_events, decisions, leases, outbox
from tests.analytics.workflows.case_world import ANY, IVO, RITA, SENA, THEO, lent_accounts, plain_policy, run_of
from tests.delivery_world import micros
from tests.delivery_world import settings as delivery_settings
from tests.ledger_fixtures import new_ledger, staff

STEPS = int(os.environ.get("UNBOUGHT_SOAK_STEPS", "500"))
# How long a life is, is drawn, up to this many steps; hardly one is shorter than the least.
STEPS_A_LIFE, LEAST_STEPS = 60, 30
# In each life some rules are left out by chance: in fewer lives some never meet.
LEAST_LIVES = 22
HAPPENED: Counter[str] = Counter()
PEOPLE = (RITA, THEO, SENA, IVO)
# Only what was confirmed has more to live through.
OUTCOMES = (Outcome.CONFIRM, Outcome.CONFIRM, Outcome.REJECT, Outcome.ESCALATE)
# What must have happened in these lives for them to mean anything.
WANTED = (
    *("taken", "skipped", "confirm", "reject", "escalate", "undone", "undone too late"),
    *("filed", "not filed", "filed once though it came again", "upheld", "overturned", "given back"),
    *("killed_before", "killed_after", "delivered", "cancelled", "effects"),
)
# One effect a key: a reset has three, in one breath, and each of them once.
FAULTS = ("none", "none", "none", "lost_before", "lost_after", "busy", "slow_down", "killed_before", "killed_after")


class KilledError(Exception):
    """The worker's process ended here."""


class Platform:
    """The sandbox platform's own store, reached without a network, and misbehaving when told to."""

    def __init__(self, path: Path) -> None:
        self.store, self.fault, self.clock = Store(path), "none", 0

    def send(self, action_id: str, body: str) -> Reply:
        if self.fault == "killed_before":
            raise KilledError
        if self.fault in ("lost_before", "busy"):
            return Reply(result=Result.UNKNOWN, status=500 if self.fault == "busy" else None, detail=self.fault)
        if self.fault == "slow_down":
            return Reply(result=Result.SLOW_DOWN, status=429, detail="slow down", retry_after_seconds=30)
        self.clock += 1
        digest = hashlib.sha256(body.encode()).hexdigest()
        told = self.store.apply(action_id, digest, ActionBody.model_validate_json(body), self.clock)
        if self.fault == "killed_after":
            raise KilledError
        if self.fault == "lost_after":
            return Reply(result=Result.UNKNOWN, status=None, detail="the line was cut")
        result = Result.ALREADY_ABSENT if told.status == 404 else Result.DELIVERED
        assert told.status in (200, 404), told
        return Reply(result=result, status=told.status, detail="", receipt=str(told.answer))

    def effects(self) -> list[tuple[str, str, int]]:
        """(action id, effect, how often), counted by the platform itself."""
        seen = Counter((row["action_id"], row["effect"]) for row in self.store.log(None, 0, 1_000_000))
        return [(*key, count) for key, count in seen.items()]


class Life(RuleBasedStateMachine):
    """One ledger's life."""

    @initialize(seed=st.integers(0, 2**32 - 1))
    def begin(self, seed: int) -> None:
        self.folder = tempfile.TemporaryDirectory()
        home = Home(Path(self.folder.name))
        self.office = staff(home, new_ledger(home))
        self.rng, self.policy = random.Random(seed), plain_policy(second_review_share=0.2)
        self.delivery = delivery_settings(removal={"delay_seconds": 60, "jitter_seconds": 60})
        self.rules = Rules(policy=self.policy, delivery=self.delivery, rng=self.rng)
        self.platform = Platform(home.root / "platform.sqlite")
        self.tokens: dict[str, str] = {}
        self.runs, self.messages = 0, 0
        self.restart()
        self.open_cases()

    # What people and machines do.

    @rule()
    def open_cases(self) -> None:
        if self.runs < 6:
            self.runs += 1
            log = lent_accounts(4, first=4 * self.runs, run_id=f"r-{self.runs}")
            open_cases_of(log, run_of(f"r-{self.runs}"), self.office.ledger, now=self.now(), policy=self.policy)

    @rule(who=st.sampled_from(PEOPLE), outcome=st.sampled_from(OUTCOMES), taken_out=st.integers(0, 9))
    def decide(self, who: str, outcome: Outcome, taken_out: int) -> None:
        token = self.token(who)
        lease = self.allowed(lambda: self.desk.take_next(token, ANY))
        if lease is None:
            return
        case = self.desk.case(lease.case_id)
        proposed = [f"{case.account_id}/{n}" for n in range(4, 13)]
        reasons = {
            Outcome.CONFIRM: ReasonCode.PURCHASED_LIKES,
            Outcome.REJECT: ReasonCode.NOT_INAUTHENTIC,
            Outcome.ESCALATE: ReasonCode.POLICY_UNCLEAR,
        }
        command = Decide(
            idempotency_key=uuid7().hex,
            case_id=case.case_id,
            version=case.version,
            fence=lease.fence,
            outcome=outcome,
            reason=reasons[outcome],
            engagement_ids=frozenset(proposed[taken_out:]) if outcome is Outcome.CONFIRM else frozenset(),
            shown_at=self.now(),
        )
        first = self.allowed(lambda: self.desk.execute(token, command))
        if first is not None:
            assert self.desk.execute(token, command).repeated

    @rule(who=st.sampled_from(PEOPLE))
    def take_and_wait(self, who: str) -> None:
        if self.allowed(lambda: self.desk.take_next(self.token(who), ANY)) is not None:
            HAPPENED["taken"] += 1

    @rule(who=st.sampled_from(PEOPLE))
    def skip(self, who: str) -> None:
        lease = self.desk.mine(self.token(who))
        if lease is not None:
            command = Skip(idempotency_key=uuid7().hex, case_id=lease.case_id, fence=lease.fence, reason="unsure")
            if self.allowed(lambda: self.desk.execute(self.token(who), command)) is not None:
                HAPPENED["skipped"] += 1

    @rule(who=st.sampled_from(PEOPLE), late=st.integers(-2, 2))
    def undo(self, who: str, late: int) -> None:
        last = self.desk.undoable(self.token(who))
        if last is None:
            return
        decision_id, _, until = last
        if late > 0:
            self.office.clock.at = until + timedelta(milliseconds=late)
        before = self.effects_of(decision_id)
        command = Undo(idempotency_key=uuid7().hex, decision_id=decision_id)
        if self.allowed(lambda: self.desk.execute(self.token(who), command)) is not None:
            assert before == 0
        elif late > 0:
            HAPPENED["undone too late"] += 1

    @rule(fault=st.sampled_from(FAULTS), most=st.integers(1, 12), minutes=st.sampled_from([0, 16]))
    def deliver(self, fault: str, most: int, minutes: int) -> None:
        self.time_passes(minutes)
        self.platform.fault = fault
        try:
            self.deliver_due(most)
        except KilledError:
            HAPPENED[fault] += 1
            self.restart()
        finally:
            self.platform.fault = "none"

    @rule(outcome=st.sampled_from([AppealState.UPHELD, AppealState.OVERTURNED]), who=st.sampled_from([SENA, IVO]))
    def answer_an_appeal(self, outcome: AppealState, who: str) -> None:
        waiting = self.appeals.list(self.token(who))
        if waiting:
            command = DecideAppeal(
                idempotency_key=uuid7().hex,
                appeal_id=self.rng.choice(waiting).appeal_id,
                outcome=outcome,
                grounds="Looked at again.",
            )
            self.allowed(lambda: self.appeals.execute(self.token(who), command))

    @rule(who=st.sampled_from(PEOPLE), outcome=st.sampled_from(OUTCOMES), late=st.integers(-2, 2))
    def decide_and_think_again(self, who: str, outcome: Outcome, late: int) -> None:
        self.decide(who, outcome, 0)
        self.undo(who, late)

    @rule(outcome=st.sampled_from([AppealState.UPHELD, AppealState.OVERTURNED]), has_arrived=st.booleans())
    def an_owner_complains_and_is_answered(self, outcome: AppealState, has_arrived: bool) -> None:
        """In one breath what the rules apart rarely come to: the message, and somebody who took no part."""
        self.time_passes(16 if has_arrived else 1)
        if has_arrived:
            self.deliver_due(500)
        self.a_message_comes_more_than_once(1)
        for who in (SENA, IVO):
            self.answer_an_appeal(outcome, who)

    @rule(times=st.integers(1, 3))
    def a_message_comes_more_than_once(self, times: int) -> None:
        decided = self.rows(select(decisions).order_by(decisions.c.decided_at, decisions.c.decision_id))
        if not decided:
            return
        self.messages += 1
        # Mostly about what can be appealed, sometimes about what cannot.
        in_force = [one for one in decided if one.outcome == Outcome.CONFIRM and one.undo_until <= micros(self.now())]
        row = self.rng.choice(in_force if in_force and self.rng.random() < 0.8 else decided)
        filing = Filing(
            decision_id=row.decision_id,
            text="It was me.",
            channel="webhook",
            account_id=row.account_id,
            external_id=f"message-{self.messages}",
        )
        told = [self.allowed(lambda: file_from_outside(self.office.ledger, filing, self.now())) for _ in range(times)]
        kept = self.rows(select(func.count()).where(appeals.c.external_id == filing.external_id))[0][0]
        assert kept == (0 if told[0] is None else 1)
        HAPPENED["filed" if kept else "not filed"] += 1
        HAPPENED["filed once though it came again"] += kept and times > 1

    @rule(minutes=st.sampled_from([1, 16, 120, -120, 60 * 24 * 3]))
    def time_passes(self, minutes: int) -> None:
        self.office.clock.at += timedelta(minutes=minutes)
        tend_queue(self.office.ledger, now=self.now())
        run_bulks(self.office.ledger, self.office.clock, self.rules)

    @rule()
    def restart(self) -> None:
        """Whatever was in memory is gone."""
        self.desk = Desk(
            self.office.gate,
            self.office.ledger,
            self.office.clock,
            policy=self.policy,
            delivery=self.delivery,
            rng=self.rng,
        )
        self.appeals = Appeals(self.office.gate, self.office.ledger, self.office.clock)
        self.tokens = {}

    # What always holds.

    @invariant()
    def a_step_was_taken(self) -> None:
        HAPPENED["steps"] += 1

    @invariant()
    def each_action_has_each_effect_at_most_once(self) -> None:
        assert [one for one in self.platform.effects() if one[2] > 1] == []

    @invariant()
    def no_case_is_lost(self) -> None:
        """Each case waits, is held by somebody, or was decided."""
        held = set(self.rows(select(leases.c.case_id)))
        for row in self.rows(select(cases.c.case_id, cases.c.state)):
            assert row.state in set(CaseState)
            assert row.state != CaseState.LEASED or (row.case_id,) in held
            if row.state in (CaseState.DECIDED, CaseState.CLOSED):
                assert self.rows(select(decisions.c.decision_id).where(decisions.c.case_id == row.case_id))

    @invariant()
    def nothing_of_an_undone_decision_ever_reached_the_platform(self) -> None:
        undone = select(decision_events.c.decision_id).where(decision_events.c.event == "undone")
        of_undone = {
            row.action_id for row in self.rows(select(actions.c.action_id).where(actions.c.decision_id.in_(undone)))
        }
        assert {one[0] for one in self.platform.effects()} & of_undone == set()

    @precondition(lambda self: self.rng.random() < 0.1)
    @invariant()
    def the_chain_and_the_rules_hold(self) -> None:
        report = examine(self.office.ledger, read_anchors(self.office.home))
        assert report.is_sound, report.faults[:3]

    @precondition(lambda self: self.rng.random() < 0.1)
    @invariant()
    def the_figures_are_those_of_the_ledger(self) -> None:
        undone = {
            row.decision_id for row in self.rows(select(decision_events).where(decision_events.c.event == "undone"))
        }
        stands = [row for row in self.rows(select(decisions)) if row.decision_id not in undone]
        frames = Statistics(self.office.ledger, self.office.clock).frames()
        assert Counter(frames.decisions["outcome"]) == Counter(row.outcome for row in stands)
        # An attempt under way still waits, as far as anybody has a record of it.
        states = Counter("queued" if row.state == "in_flight" else row.state for row in self.rows(select(outbox)))
        assert Counter(frames.actions["state"]) == states

    def teardown(self) -> None:
        """When health returns everything ends: delivered, absent, dead or cancelled; and what stood is what is done."""
        if not hasattr(self, "office"):
            return
        for _ in range(40):
            self.office.clock.at += timedelta(hours=1)
            with self.office.ledger.write() as connection:
                resume(connection, micros(self.now()))
                for row in connection.execute(
                    select(outbox.c.action_id).where(outbox.c.state == ActionState.DEAD)
                ).all():
                    outbox_commands.revive(connection, row.action_id, micros(self.now()))
            self.deliver_due(500)
        left = self.rows(select(outbox.c.state, actions.c.kind, actions.c.reverses, outbox.c.last_error).join(actions))
        ended = {ActionState.DELIVERED, ActionState.ALREADY_ABSENT, ActionState.CANCELLED, ActionState.DEAD}
        assert {row.state for row in left} <= ended, left
        self.what_was_delivered_was_done_and_the_rest_was_not()
        report = examine(self.office.ledger, read_anchors(self.office.home))
        assert report.is_sound, report.faults[:3]
        self.count_what_happened(left)
        self.office.ledger.close()
        self.platform.store.close()
        self.folder.cleanup()

    def what_was_delivered_was_done_and_the_rest_was_not(self) -> None:
        done = {one[0] for one in self.platform.effects()}
        for row in self.rows(select(actions.c.action_id, actions.c.kind, outbox.c.state).join(outbox)):
            if row.state == ActionState.CANCELLED:
                assert row.action_id not in done
            if row.state == ActionState.DELIVERED and row.kind in (ActionKind.WARN, ActionKind.RESET_PASSWORD):
                assert row.action_id in done

    def count_what_happened(self, left) -> None:  # type: ignore[no-untyped-def]
        HAPPENED.update(row.outcome for row in self.rows(select(decisions.c.outcome)))
        HAPPENED.update(row.event for row in self.rows(select(decision_events.c.event)))
        HAPPENED.update(row.outcome for row in self.rows(select(appeal_outcomes.c.outcome)))
        HAPPENED.update(row.state for row in left)
        HAPPENED["given back"] += sum(row.reverses is not None for row in left)
        HAPPENED["effects"] += len(self.platform.effects())
        HAPPENED["lives"] += 1

    # Small words.

    def now(self):  # type: ignore[no-untyped-def]
        return self.office.clock()

    def token(self, who: str) -> str:
        """A session of this person; a new one when the old ran out."""
        try:
            self.office.people.who(self.tokens.get(who, ""))
        except CommandError:
            self.tokens[who] = self.office.token(who)
        return self.tokens[who]

    def allowed(self, command):  # type: ignore[no-untyped-def]
        """Do it, or take the refusal: refusals are part of life."""
        try:
            return command()
        except CommandError:
            return None

    def deliver_due(self, most: int) -> None:
        deliver_due(
            self.office.ledger,
            self.platform,
            now=self.office.clock,
            worker_id=f"worker-{uuid7()}",
            limit=most,
            settings=self.delivery,
            rng=self.rng,
        )

    def effects_of(self, decision_id: str) -> int:
        mine = {
            row.action_id for row in self.rows(select(actions.c.action_id).where(actions.c.decision_id == decision_id))
        }
        return sum(count for action_id, _, count in self.platform.effects() if action_id in mine)

    def rows(self, query):  # type: ignore[no-untyped-def]
        with self.office.ledger.read() as connection:
            return connection.execute(query).all()


TestLife = Life.TestCase
TestLife.settings = settings(
    max_examples=max(LEAST_LIVES, STEPS // LEAST_STEPS),
    stateful_step_count=STEPS_A_LIFE,
    deadline=None,
    derandomize="UNBOUGHT_SOAK_STEPS" not in os.environ,
    suppress_health_check=list(HealthCheck),
)


@contextmanager
def a_life_with_a_decision() -> Iterator[Life]:
    """Chance leaves some rules out of most lives; what must have happened somewhere happens in one of these."""
    life = Life()
    life.begin(seed=3)
    try:
        life.decide(RITA, Outcome.CONFIRM, 0)
        life.time_passes(16)
        yield life
    finally:
        life.teardown()


@pytest.mark.parametrize("fault", ["killed_before", "killed_after"])
def test_a_worker_that_is_killed_at_this_moment_does_nothing_twice(fault: str) -> None:
    before = HAPPENED[fault]
    with a_life_with_a_decision() as life:
        life.deliver(fault, 12, 16)
        life.each_action_has_each_effect_at_most_once()
    assert HAPPENED[fault] == before + 1


@pytest.mark.parametrize("outcome", [AppealState.UPHELD, AppealState.OVERTURNED])
def test_what_arrived_is_given_back_only_when_a_decision_is_overturned(outcome: AppealState) -> None:
    before = HAPPENED["given back"], HAPPENED[outcome]
    with a_life_with_a_decision() as life:
        life.an_owner_complains_and_is_answered(outcome, has_arrived=True)
    assert (HAPPENED["given back"] > before[0]) == (outcome is AppealState.OVERTURNED)
    assert HAPPENED[outcome] > before[1]


@pytest.mark.parametrize("is_tried", [True, False])
def test_figures_know_at_once_what_the_worker_did(is_tried: bool) -> None:
    """P-13: nothing that the worker does is audited, and still no figure may stay behind it."""
    with a_life_with_a_decision() as life:
        kept = Statistics(life.office.ledger, life.office.clock)
        assert set(kept.frames().actions["state"]) == {ActionState.QUEUED}
        if is_tried:
            life.deliver_due(1)
        else:
            end_without_a_try(life.office.ledger, micros(life.now()))
        told = Counter(row.state for row in life.rows(select(outbox.c.state)))
        assert len(told) == 2
        assert Counter(kept.frames().actions["state"]) == told


def end_without_a_try(ledger: Ledger, now: int) -> None:
    with ledger.write() as connection:
        due = outbox_commands.next_due(connection, now)
        held = outbox_commands.claim(connection, str(due), "worker", now, now + 1)
        assert held is not None
        assert outbox_commands.finish(connection, held, ActionState.CANCELLED, now)


def test_a_message_that_comes_three_times_is_filed_once() -> None:
    before = HAPPENED["filed once though it came again"]
    with a_life_with_a_decision() as life:
        life.a_message_comes_more_than_once(3)
    assert HAPPENED["filed once though it came again"] == before + 1


def test_enough_happened_in_these_lives() -> None:
    """Nothing above means much in lives in which nothing happens."""
    print(dict(HAPPENED))
    assert HAPPENED["steps"] >= STEPS
    assert [name for name in WANTED if not HAPPENED[name]] == []
