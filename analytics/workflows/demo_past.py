"""The demo's past: three weeks of work by its made-up people, through the same commands as everybody's.

The people know the made world's truth and are wrong now and then, so that the managers' figures have something to show:
disagreement, overturned appeals, blind decisions. Nothing is written past the gate, and the sandbox platform receives
every action.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import structlog
from uuid6 import uuid7

from analytics.workflows.appeals import DecideAppeal, FileAppeal
from analytics.workflows.deliver import deliver_due
from analytics.workflows.figures import Period
from analytics.workflows.governance import PublishReport, SetTarget
from analytics.workflows.investigation import LookUp, NameService
from analytics.workflows.protection import ProtectAccounts
from analytics.workflows.queue import SECOND_REVIEW, QueueFilter
from analytics.workflows.review_commands import Decide, MarkKnownAnswer, Skip
from analytics.workflows.serve import ROOT, TICK_SECONDS, free_port, sandbox_child
from analytics.workflows.supervise import Supervisor
from analytics.workflows.tending import tend_queue
from analytics.workspace import Workspace
from data.errors import CommandError
from data.platform.connector import Connector
from data.platform.secret_files import webhook_secrets
from data.platform.settings import load_settings
from data.records import AppealState, Band, Lease, Outcome, ReasonCode

log = structlog.get_logger("demo")

Report = Callable[[float, str], None]

# Who works when, from which hour, and how many cases they see.
SHIFTS = (("demo-rita", 9.5, 5), ("demo-theo", 11.0, 4), ("demo-sena", 14.0, 2), ("demo-ivo", 15.0, 2))
ROUNDS = (10.5, 12.5, 16.0, 18.5)
ERRORS, ESCALATIONS, SKIPS = 0.08, 0.03, 0.04
# On this day of the past a senior reviewer keeps what was decided as known answers.
KEEP_ANSWERS_ON, KNOWN_ANSWERS = 5, 4
APPEAL_AFTER = timedelta(days=2)
REASONS = {
    "reciprocity": ReasonCode.CREDENTIALS_SHARED_UNKNOWINGLY,
    "collusion": ReasonCode.PURCHASED_LIKES,
    "farm": ReasonCode.FAKE_ACCOUNT,
    "pod": ReasonCode.ENGAGEMENT_POD,
    "drip": ReasonCode.AUTOMATION_TOOL,
}
COMPLAINTS = (
    "I liked those pictures myself. Please look again.",
    "I only tried an app for a week and changed my password since. Why was everything removed?",
    "This must be a mistake, nobody else uses my account.",
    "My sister runs this page with me, and we both like a lot.",
    "I do not know any of the accounts you say I followed.",
    "I was in a giveaway where everybody had to follow everybody.",
)
NAMES = ("Likewell", "Gramspring")
PROTECTED = 5


@dataclass(slots=True)
class Clock:
    """A clock that is set, and moves on with the work."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at


@dataclass(frozen=True, slots=True)
class Truth:
    """What the made world knows: which engagements were sold, and the family of who sold an account's."""

    sold: frozenset[str]
    families: dict[str, str]


@dataclass(slots=True)
class Past:
    """The people at work; `wrong` holds confirmations that took genuine engagements."""

    workspace: Workspace
    clock: Clock
    truth: Truth
    rng: random.Random
    confirmed: list[tuple[datetime, str, bool]] = field(default_factory=list)
    settled: frozenset[str] = frozenset()
    # the last account on the desk, and one that it served
    seen: tuple[str, str] | None = None

    def day(self, midnight: datetime, connector: Connector) -> None:
        """One day: shifts in order, deliveries between them, appeals at the end."""
        moments = [(hour, who, cases) for who, hour, cases in SHIFTS] + [(hour, "", 0) for hour in ROUNDS]
        for hour, who, cases in sorted(moments):
            self.clock.at = midnight + timedelta(hours=hour, minutes=self.rng.uniform(0, 10))
            if who:
                self._shift(who, cases)
            else:
                self._deliver(connector)
                tend_queue(self.workspace.ledger, now=self.clock())
        self._looks(midnight)
        self._appeals(midnight)

    def _shift(self, person_id: str, cases: int) -> None:
        token = self.workspace.people.sign_in_demo(person_id).token
        for place in range(cases):
            lease = self._next(token, looks_again=place % 2 == 0)
            if lease is None:
                break
            self._case(token, lease)
        self.workspace.people.sign_out(token)

    def _next(self, token: str, *, looks_again: bool) -> Lease | None:
        """The most urgent case, every other time one that was decided before, where there is one."""
        desk = self.workspace.desk
        for lane in ("second_review", "known_answer") if looks_again else ():
            if (lease := desk.take_next(token, QueueFilter(lane=lane))) is not None:
                return lease
        return desk.take_next(token, QueueFilter())

    def _case(self, token: str, lease: Lease) -> None:
        desk, shown = self.workspace.desk, self.clock.at
        case, file = desk.case(lease.case_id), desk.file(token, lease.case_id)
        if file.engagements.height:
            self.seen = case.account_id, file.engagements["target_id"][0]
        self.clock.at = shown + timedelta(seconds=min(self.rng.lognormvariate(3.7, 0.6), 600))
        drawn = self.rng.random()
        if drawn < SKIPS:
            desk.execute(token, Skip(idempotency_key=_key(), case_id=case.case_id, fence=lease.fence, reason="unsure"))
            return
        # A second look is a yes or a no.
        is_escalated = drawn < SKIPS + ESCALATIONS and case.lane != SECOND_REVIEW
        chosen, is_wrong = self._finding(file.engagements)
        outcome = Outcome.ESCALATE if is_escalated else Outcome.CONFIRM if chosen else Outcome.REJECT
        receipt = desk.execute(
            token,
            Decide(
                idempotency_key=_key(),
                case_id=case.case_id,
                version=case.version,
                fence=lease.fence,
                outcome=outcome,
                reason=self._reason(outcome, case.account_id),
                engagement_ids=chosen if outcome is Outcome.CONFIRM else frozenset(),
                shown_at=shown,
            ),
        )
        # A case that is shown once more measures the reviewer; its owner hears nothing of it.
        if outcome is Outcome.CONFIRM and receipt.decision_id and case.case_id not in self.settled:
            self.confirmed.append((self.clock.at, receipt.decision_id, is_wrong))
        if outcome is not Outcome.ESCALATE:
            self.settled |= {case.case_id}

    def _finding(self, rows: pl.DataFrame) -> tuple[frozenset[str], bool]:
        """What this person would remove, and whether that is wrong."""
        right = frozenset(rows["engagement_id"]) & self.truth.sold
        if self.rng.random() >= ERRORS:
            return right, False
        if right and self.rng.random() < 0.5:
            return frozenset(), True
        told = rows if right else rows.filter(pl.col("band") >= int(Band.REVIEW))
        every = frozenset(told["engagement_id"])
        return every, bool(every - right)

    def _reason(self, outcome: Outcome, account_id: str) -> ReasonCode:
        if outcome is Outcome.ESCALATE:
            return ReasonCode.POLICY_UNCLEAR
        if outcome is Outcome.REJECT:
            return ReasonCode.NOT_INAUTHENTIC
        return REASONS.get(self.truth.families.get(account_id, ""), ReasonCode.CREDENTIALS_SHARED_UNKNOWINGLY)

    def _deliver(self, connector: Connector) -> None:
        settings = load_settings(self.workspace.home.root)
        while deliver_due(
            self.workspace.ledger,
            connector,
            now=self.clock,
            worker_id="demo-worker",
            limit=500,
            settings=settings,
            rng=self.rng,
        ).moved:
            pass

    def _looks(self, midnight: datetime) -> None:
        """An analyst looks at the account of the last case, every third day at one that it served too."""
        if self.seen is None:
            return
        self.clock.at = max(self.clock.at, midnight + timedelta(hours=18, minutes=40))
        token = self.workspace.people.sign_in_demo("demo-ana").token
        every = zip(self.seen, ("Which service is it?", "Did it buy what it got?"), strict=True)
        for account_id, reason in list(every)[: 2 if midnight.toordinal() % 3 == 0 else 1]:
            command = LookUp(idempotency_key=_key(), account_id=account_id, reason=reason)
            self.workspace.investigation.look_up(token, command)

    def _appeals(self, midnight: datetime) -> None:
        """Some owners complain two days later, those who were wronged nearly always."""
        due = [one for one in self.confirmed if one[0] < midnight - APPEAL_AFTER]
        self.confirmed = [one for one in self.confirmed if one not in due]
        self.clock.at = max(self.clock.at, midnight + timedelta(hours=19))
        for _, decision_id, is_wrong in due:
            if self.rng.random() < (0.9 if is_wrong else 0.06):
                self._appeal(decision_id, is_wrong=is_wrong)

    def _appeal(self, decision_id: str, *, is_wrong: bool) -> None:
        people, appeals = self.workspace.people, self.workspace.appeals
        token = people.sign_in_demo("demo-sena").token
        filed = FileAppeal(idempotency_key=_key(), decision_id=decision_id, text=self.rng.choice(COMPLAINTS))
        appeal_id = appeals.execute(token, filed).subject_id
        self.clock.at += timedelta(minutes=self.rng.uniform(20, 90))
        outcome = AppealState.OVERTURNED if is_wrong else AppealState.UPHELD
        grounds = "The owner's own sessions." if is_wrong else "The rows come from the seller's machines."
        command = DecideAppeal(idempotency_key=_key(), appeal_id=appeal_id, outcome=outcome, grounds=grounds)
        for person_id in ("demo-ivo", "demo-sena"):
            token = people.sign_in_demo(person_id).token
            try:
                appeals.execute(token, command)
            except CommandError:
                continue
            return


def live_through(
    workspace: Workspace, clock: Clock, world: Path, *, until: datetime, seed: int, report: Report
) -> None:
    """Let the demo people work from the clock's day until the given one."""
    past = Past(workspace, clock, read_truth(world), random.Random(seed))
    first = clock.at.replace(hour=0, minute=0, second=0, microsecond=0)
    days = max((until - first).days, 0)
    _settle_in(workspace, clock, world)
    with sandbox(workspace) as connector:
        for number in range(days):
            report(number / max(days, 1), f"day {number + 1} of {days} at the desk")
            past.day(first + timedelta(days=number), connector)
            if number == KEEP_ANSWERS_ON:
                _keep_answers(workspace)
    _look_back(workspace, clock, Period(since=first, until=first + timedelta(days=14)))


def _settle_in(workspace: Workspace, clock: Clock, world: Path) -> None:
    """An analyst names the largest services; a manager sets a target and protects the most followed accounts."""
    analyst = workspace.people.sign_in_demo("demo-ana").token
    for row, name in zip(workspace.services.list().head(len(NAMES)).iter_rows(named=True), NAMES, strict=False):
        named = NameService(idempotency_key=_key(), service_id=row["service_id"], name=name)
        workspace.investigation.name_service(analyst, named)
    manager = workspace.people.sign_in_demo("demo-max").token
    workspace.governance.set_target(manager, SetTarget(idempotency_key=_key(), metric_id="M-08", value=0.1))
    followed = pl.read_parquet(world / "accounts*.parquet").top_k(PROTECTED, by="followers")["account_id"]
    command = ProtectAccounts(idempotency_key=_key(), account_ids=tuple(followed), reason="In the public eye")
    workspace.protection.protect(manager, command)
    clock.at += timedelta(minutes=5)


def _look_back(workspace: Workspace, clock: Clock, period: Period) -> None:
    """A manager publishes the first two weeks."""
    clock.at += timedelta(minutes=20)
    manager = workspace.people.sign_in_demo("demo-max").token
    workspace.governance.publish_report(manager, PublishReport(idempotency_key=_key(), period=period))


def _keep_answers(workspace: Workspace) -> None:
    """A senior reviewer keeps some settled cases as known answers."""
    senior = workspace.people.sign_in_demo("demo-ivo").token
    decided = workspace.statistics.frames().decisions
    settled = decided.filter(pl.col("outcome") != "escalate", pl.col("overturned_at").is_null()).sort("decided_at")
    kept = 0
    for case_id in settled["case_id"]:
        try:
            workspace.desk.execute(senior, MarkKnownAnswer(idempotency_key=_key(), case_id=case_id))
        except CommandError:
            continue
        kept += 1
        if kept == KNOWN_ANSWERS:
            return


@contextmanager
def sandbox(workspace: Workspace) -> Iterator[Connector]:
    """The sandbox platform of the home in a process of its own, and the line to it."""
    home, port = workspace.home, free_port("127.0.0.1", 0)
    supervisor = Supervisor([sandbox_child(home, port, {"PYTHONPATH": str(ROOT)})], home.root / "logs", log.info)
    try:
        while not supervisor.is_ready():
            supervisor.tend()
            time.sleep(TICK_SECONDS)
        settings, secrets = load_settings(home.root), webhook_secrets(home.root)
        with Connector(f"http://127.0.0.1:{port}", secrets, settings.call) as connector:
            yield connector
    finally:
        supervisor.stop()


def read_truth(world: Path) -> Truth:
    """What the generator wrote beside the log."""
    acts = pl.read_parquet(world / "truth" / "truth_engagements*.parquet")
    accounts = pl.read_parquet(world / "truth" / "truth_accounts.parquet").filter(pl.col("family").is_not_null())
    families = dict(accounts.select("account_id", "family").iter_rows())
    return Truth(frozenset(acts.filter("is_inauthentic")["engagement_id"]), families)


def _key() -> str:
    return str(uuid7())
