"""The one façade that pages and commands hold: every workflow of one home, wired once, without a person or a right."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Self

from starlette.routing import BaseRoute

from analytics.statistics.backtest import Setting
from analytics.workflows.accounts import Accounts
from analytics.workflows.appeal_intake import intake
from analytics.workflows.appeals import Appeals, DecideAppeal, FileAppeal
from analytics.workflows.audit import AuditFilter, AuditLog
from analytics.workflows.backtest import BackTest, stored_setting
from analytics.workflows.break_glass import Emergencies, ReviewEmergency
from analytics.workflows.bulk import Bulk
from analytics.workflows.bulk_commands import ApproveBulk, ExecuteBulk, FreezeBulk, StopBulk
from analytics.workflows.bulk_reads import BulkQuery
from analytics.workflows.case_files import CaseFile
from analytics.workflows.cases import propose_cases
from analytics.workflows.decision_quality import Quality
from analytics.workflows.deliveries import ActionPage, Deliveries, DeliveryFilter
from analytics.workflows.delivery_commands import DeliveryCommands, ResumeDelivery, RetryAction
from analytics.workflows.endpoints import routes
from analytics.workflows.explore import Explore
from analytics.workflows.figure_reads import FigureReads, SeenFigures
from analytics.workflows.figures import Cut, Period
from analytics.workflows.gate import Gate
from analytics.workflows.governance import (
    ApproveThresholds,
    Governance,
    ProposeThresholds,
    PublishReport,
    SetTarget,
)
from analytics.workflows.investigation import (
    BLIND,
    AddNote,
    Investigation,
    LookUp,
    MergeService,
    NameService,
    SaveView,
    SplitService,
)
from analytics.workflows.loading import Loading, StartLoad
from analytics.workflows.log_facts import NewestLog
from analytics.workflows.log_files import LogFiles, RunFiles
from analytics.workflows.model_health import Models
from analytics.workflows.operations import Operations
from analytics.workflows.oversight import Oversight
from analytics.workflows.people import AddPerson, ChangeRoles, People, RevokeSessions, SetActive
from analytics.workflows.protection import ProtectAccounts, Protection, ReleaseAccount
from analytics.workflows.query import ExportQuery, ProposeCases, QueryBox, QueryResult
from analytics.workflows.queue import QueueFilter
from analytics.workflows.reports import Report, Reports
from analytics.workflows.review import Desk
from analytics.workflows.review_commands import (
    Decide,
    DeclareConflict,
    ExtendLease,
    MarkKnownAnswer,
    SaveDraft,
    Skip,
    Snooze,
    Undo,
)
from analytics.workflows.services import Services
from analytics.workflows.statistics import Dimension, Statistics
from data.home import Home
from data.ledger import Ledger
from data.platform.secret_files import pseudonym_key, webhook_secrets
from data.platform.settings import load_settings
from data.records import Case, Lease, Receipt, RunInfo, SignedIn, SnapshotInfo
from data.warehouse import run_info, snapshot_info, stored_runs

# What pages send and receive, beside the workspace.
__all__ = [
    "BLIND",
    "ActionPage",
    "AddNote",
    "AddPerson",
    "ApproveBulk",
    "ApproveThresholds",
    "AuditFilter",
    "BulkQuery",
    "Case",
    "CaseFile",
    "ChangeRoles",
    "Cut",
    "Decide",
    "DecideAppeal",
    "DeclareConflict",
    "DeliveryFilter",
    "Dimension",
    "ExecuteBulk",
    "ExportQuery",
    "ExtendLease",
    "FileAppeal",
    "FreezeBulk",
    "Lease",
    "LookUp",
    "MarkKnownAnswer",
    "MergeService",
    "NameService",
    "Period",
    "ProposeCases",
    "ProposeThresholds",
    "ProtectAccounts",
    "PublishReport",
    "QueryResult",
    "QueueFilter",
    "Receipt",
    "ReleaseAccount",
    "Report",
    "ResumeDelivery",
    "RetryAction",
    "ReviewEmergency",
    "RevokeSessions",
    "SaveDraft",
    "SaveView",
    "SeenFigures",
    "SetActive",
    "SetTarget",
    "Setting",
    "SignedIn",
    "Skip",
    "Snooze",
    "SplitService",
    "StartLoad",
    "StopBulk",
    "Undo",
    "Workspace",
    "stored_setting",
]

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


class Workspace:
    """All workflows over one home. Holds storage and a clock, never a person: each command names its session."""

    def __init__(self, home: Home, ledger: Ledger, clock: Clock = utc_now) -> None:
        self.home, self.ledger, self._clock = home, ledger, clock
        self.gate = Gate(ledger, clock)
        self.files = LogFiles(self._runs, lambda: pseudonym_key(home.root))

    @classmethod
    def open(cls, path: Path, clock: Clock = utc_now) -> Self:
        """Open a home; an empty one opens too, and its pages say what to do."""
        home = Home(path)
        return cls(home, Ledger.open(home), clock)

    def now(self) -> datetime:
        return self._clock()

    def loaded(self) -> tuple[SnapshotInfo | None, RunInfo | None]:
        """The newest snapshot and the newest run, as far as there are any."""
        snapshot, run = self.home.newest_snapshot(), self.home.newest_run()
        return (_snapshot_info(snapshot) if snapshot else None, _run_info(run) if run else None)

    def prepare(self) -> None:
        """Build what the newest run still misses, so that the first person need not wait."""
        if self.home.newest_run() is not None:
            self.files.prepare()

    def routes(self) -> list[BaseRoute]:
        """The answers for machines beside the pages."""
        return list(routes(self.ledger, webhook_secrets(self.home.root), intake(self.ledger, self._clock), self._clock))

    @cached_property
    def people(self) -> People:
        return People(self.ledger, self._clock)

    @cached_property
    def desk(self) -> Desk:
        return Desk(self.gate, self.ledger, self._clock, delivery=load_settings(self.home.root))

    @cached_property
    def appeals(self) -> Appeals:
        return Appeals(self.gate, self.ledger, self._clock)

    @cached_property
    def bulk(self) -> Bulk:
        return Bulk(self.gate, self.ledger, self._clock)

    @cached_property
    def audit(self) -> AuditLog:
        return AuditLog(self.home, self.ledger, self._clock)

    @cached_property
    def loading(self) -> Loading:
        return Loading(self.home, self.gate, self._clock)

    @cached_property
    def deliveries(self) -> Deliveries:
        return Deliveries(self.ledger, self._clock)

    @cached_property
    def delivery(self) -> DeliveryCommands:
        return DeliveryCommands(self.gate)

    @cached_property
    def statistics(self) -> Statistics:
        return Statistics(self.ledger, self._clock, NewestLog(self.files.reader))

    @cached_property
    def figures(self) -> FigureReads:
        return FigureReads(self.gate, self.statistics)

    @cached_property
    def quality(self) -> Quality:
        return Quality(self.gate, self.ledger, self.statistics, self._clock)

    @cached_property
    def reports(self) -> Reports:
        return Reports(self.ledger, self.statistics)

    @cached_property
    def governance(self) -> Governance:
        return Governance(self.gate, self.ledger, self.reports)

    @cached_property
    def investigation(self) -> Investigation:
        return Investigation(self.gate, self.ledger, self._clock)

    @cached_property
    def emergencies(self) -> Emergencies:
        return Emergencies(self.gate, self.ledger)

    @cached_property
    def protection(self) -> Protection:
        return Protection(self.gate, self._clock)

    @cached_property
    def oversight(self) -> Oversight:
        return Oversight(self.gate)

    @cached_property
    def explore(self) -> Explore:
        return Explore(self.files.reader)

    @cached_property
    def accounts(self) -> Accounts:
        return Accounts(self.files.reader, self.ledger, self.home.models)

    @cached_property
    def services(self) -> Services:
        return Services(self.files.reader, self.ledger)

    @cached_property
    def backtest(self) -> BackTest:
        return BackTest(self.files.reader, self.ledger)

    @cached_property
    def models(self) -> Models:
        return Models(self.files.reader, self.backtest, self.files.run_ids)

    @cached_property
    def query(self) -> QueryBox:
        return QueryBox(self.gate, self.ledger, self.files, propose_cases(self.home), self._clock)

    @cached_property
    def operations(self) -> Operations:
        return Operations(self.home.root, self.ledger, self.loaded, self._clock)

    def _runs(self) -> list[RunFiles]:
        return [RunFiles(run_id=one.run_id, run=one.run, snapshot=one.snapshot) for one in stored_runs(self.home)]


@lru_cache(maxsize=8)
def _snapshot_info(path: Path) -> SnapshotInfo:
    """A finished file never changes, so it is read once."""
    return snapshot_info(path)


@lru_cache(maxsize=8)
def _run_info(path: Path) -> RunInfo:
    return run_info(path)
