"""The worker: deliver what is due, give back what expired, detect when a new log was loaded, show a sign of life."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import FrameType

import structlog
from sqlalchemy.exc import DBAPIError
from uuid6 import uuid7

from analytics.workflows.anchoring import anchor_when_due
from analytics.workflows.bulk_run import BulkChore
from analytics.workflows.chores import Chore, Detection
from analytics.workflows.deliver import deliver_due
from analytics.workflows.retention import purge
from analytics.workflows.scheduled_reports import freeze_last_month
from analytics.workflows.tending import tend_queue
from analytics.workspace import Workspace
from data.errors import ConfigError, StorageError
from data.home import Home
from data.ledger import Ledger
from data.moments import micros
from data.platform import switches
from data.platform.connector import Connector
from data.platform.secret_files import webhook_secrets
from data.platform.settings import DeliverySettings, load_settings

log = structlog.get_logger("worker")

ROUND_SECONDS = 0.5
ROUND_LIMIT = 100
HEARTBEAT_SECONDS = 5.0
DETECTION_SECONDS = 30.0
QUEUE_SECONDS = 15.0
REPORT_SECONDS = 3600.0
ANCHOR_SECONDS = 30.0
RETENTION_SECONDS = 6 * 3_600.0
# A started bulk goes on a few cases at a time, so that its actions leave and its stop is heard in between.
BULK_SECONDS = 1.0
# After a full disk or a locked ledger; delivery goes on by itself when the ledger can be written again.
STORAGE_WAIT_SECONDS = 5.0

Clock = Callable[[], datetime]


def work(home: Home, *, clock: Clock = lambda: datetime.now(UTC), rounds: int | None = None) -> int:
    """Run until SIGTERM or Ctrl-C; an action on its way is finished first."""
    stop = _stop_on_signals()
    settings = load_settings(home.root)
    ledger = Ledger.open(home)
    worker_id = f"worker-{uuid7()}"
    with Connector(platform_address(home), webhook_secrets(home.root), settings.call) as connector:
        worker = Worker(
            home=home, ledger=ledger, connector=connector, settings=settings, clock=clock, worker_id=worker_id
        )
        worker.run(stop, rounds)
    return 0


def platform_address(home: Home) -> str:
    """Return where the platform is: UNBOUGHT_PLATFORM_URL, else the sandbox that last ran in this home."""
    given = os.environ.get("UNBOUGHT_PLATFORM_URL", "").strip()
    if given:
        return given
    address = home.root / "sandbox" / "address"
    if not address.exists():
        raise ConfigError("No platform is named.", "Set UNBOUGHT_PLATFORM_URL, or use `serve`, which starts a sandbox.")
    return address.read_text().strip()


@dataclass(slots=True, kw_only=True)
class Worker:
    """The loop of one worker process."""

    home: Home
    ledger: Ledger
    connector: Connector
    settings: DeliverySettings
    clock: Clock
    worker_id: str
    rng: random.Random = field(default_factory=random.Random)
    detection: Detection = field(init=False)
    chores: list[Chore] = field(init=False)

    def __post_init__(self) -> None:
        self.detection = Detection(self.home)
        self.chores = [
            Chore("heartbeat", HEARTBEAT_SECONDS, self._beat),
            Chore("detection", DETECTION_SECONDS, self.detection.tend),
            Chore("queue", QUEUE_SECONDS, self._tend_queue),
            Chore("reports", REPORT_SECONDS, self._freeze_reports),
            Chore("anchor", ANCHOR_SECONDS, self._anchor),
            Chore("retention", RETENTION_SECONDS, self._purge),
            Chore("bulk", BULK_SECONDS, BulkChore(self.home, self.ledger, self.clock).tend),
        ]

    def run(self, stop: threading.Event, rounds: int | None = None) -> None:
        """Do rounds until told to stop; a ledger that cannot be written is waited for."""
        log.info("started", worker_id=self.worker_id)
        done = 0
        while not stop.is_set() and (rounds is None or done < rounds):
            wait = self._round(stop)
            done += 1
            stop.wait(wait)
        self.detection.stop()
        log.info("stopped", worker_id=self.worker_id)

    def _round(self, stop: threading.Event) -> float:
        try:
            for chore in self.chores:
                chore.run_when_due(time.monotonic())
            return self._deliver(stop)
        except (DBAPIError, StorageError, OSError) as error:
            log.warning("the ledger cannot be used now", error=type(error).__name__)
            return STORAGE_WAIT_SECONDS

    def _deliver(self, stop: threading.Event) -> float:
        sent = 0
        while not stop.is_set() and sent < ROUND_LIMIT:
            report = deliver_due(
                self.ledger,
                self.connector,
                now=self.clock,
                worker_id=self.worker_id,
                limit=1,
                settings=self.settings,
                rng=self.rng,
            )
            if report.moved == 0:
                return ROUND_SECONDS
            sent += report.moved
        return 0.0

    def _tend_queue(self) -> None:
        tend_queue(self.ledger, now=self.clock())

    def _freeze_reports(self) -> None:
        report_id = freeze_last_month(self.ledger, Workspace(self.home, self.ledger, self.clock).reports, self.clock())
        if report_id is not None:
            log.info("the last month was frozen", report_id=report_id)

    def _beat(self) -> None:
        now = micros(self.clock())
        with self.ledger.write() as connection:
            switches.beat(connection, self.worker_id, now, {"pid": os.getpid()})

    def _anchor(self) -> None:
        anchor_when_due(self.home, self.ledger, self.clock())

    def _purge(self) -> None:
        purge(self.home, self.ledger, self.clock())


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask)
    return stop
