"""What the worker does every so often beside delivery, each small, repeatable and safe to lose."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from data.home import Home
from data.warehouse import run_info

log = structlog.get_logger("chores")


@dataclass(slots=True)
class Chore:
    """Something to do every so often."""

    name: str
    every_seconds: float
    run: Callable[[], None]
    due_at: float = field(default=0.0)

    def run_when_due(self, now: float) -> None:
        if now >= self.due_at:
            self.due_at = now + self.every_seconds
            self.run()


class Detection:
    """Runs detection in a process of its own when a log was loaded that no run has seen."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._child: subprocess.Popen[bytes] | None = None
        # A log on which detection failed is not tried again until the next one comes.
        self._tried: str | None = None

    def tend(self) -> None:
        """Start what is due, and note what ended."""
        if self._child is not None:
            if self._child.poll() is None:
                return
            log.info("detection ended", code=self._child.returncode)
            self._child = None
        waiting = self._waiting()
        if waiting is not None and waiting != self._tried:
            self._tried = waiting
            log.info("detection started", snapshot_id=waiting)
            self._child = subprocess.Popen(
                [sys.executable, "-m", "analytics", "detect", "--json"], stdout=subprocess.DEVNULL
            )

    def stop(self) -> None:
        if self._child is not None and self._child.poll() is None:
            self._child.terminate()

    def _waiting(self) -> str | None:
        """The newest log when no run has seen it."""
        snapshot, run = self._home.newest_snapshot(), self._home.newest_run()
        if snapshot is None or (run is not None and run_info(run).snapshot_id == snapshot.stem):
            return None
        return snapshot.stem
