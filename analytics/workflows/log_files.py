"""The newest run with its snapshot and sidecars, opened once and kept while they are the newest."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from data.analyst_copy import build_copy
from data.errors import EmptyHomeError
from data.sidecars import LogReader, build_explore

# Readers of older runs kept open for a back-test; the newest is always kept.
KEPT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFiles:
    """Where one complete run and its snapshot lie."""

    run_id: str
    run: Path
    snapshot: Path

    @property
    def explore(self) -> Path:
        return self.run.with_name(f"{self.run_id}.explore.duckdb")

    @property
    def copy(self) -> Path:
        return self.run.with_name(f"{self.run_id}.analyst.duckdb")


# The complete runs, oldest first.
Runs = Callable[[], list[RunFiles]]


class LogFiles:
    """Hands out readers; a missing sidecar is built once, whoever asks first."""

    def __init__(self, runs: Runs, key: Callable[[], bytes]) -> None:
        self._runs = runs
        self._key = key
        self._lock = threading.Lock()
        self._readers: dict[str, LogReader] = {}

    def run_ids(self) -> list[str]:
        """List the complete runs, oldest first."""
        return [files.run_id for files in self._runs()]

    def newest(self) -> RunFiles:
        """Return the newest complete run, or say that there is none."""
        found = self._runs()
        if not found:
            raise EmptyHomeError(
                "There is no detection to look at yet.", "Load a log and run `python -m analytics detect`."
            )
        return found[-1]

    def reader(self, run_id: str | None = None) -> LogReader:
        """Return a reader of one run; None is the newest."""
        files = self.newest() if run_id is None else self._files(run_id)
        with self._lock:
            if files.run_id not in self._readers:
                if not files.explore.exists():
                    build_explore(files.explore, files.snapshot, files.run)
                self._readers[files.run_id] = LogReader(files.snapshot, files.run, files.explore)
                self._drop_old()
            return self._readers[files.run_id]

    def copy(self) -> Path:
        """Return the pseudonymised copy of the newest run."""
        files = self.newest()
        with self._lock:
            return files.copy if files.copy.exists() else build_copy(files.copy, files.snapshot, files.run, self._key())

    def key(self) -> bytes:
        return self._key()

    def prepare(self) -> None:
        """Build what the newest run still misses, so that the first person need not wait."""
        self.reader()
        self.copy()

    def close(self) -> None:
        with self._lock:
            for reader in self._readers.values():
                reader.close()
            self._readers.clear()

    def _files(self, run_id: str) -> RunFiles:
        found = next((files for files in self._runs() if files.run_id == run_id), None)
        if found is None:
            raise EmptyHomeError(f"The run {run_id} is not kept any more.", "Choose a newer one.")
        return found

    def _drop_old(self) -> None:
        """Forget the oldest readers; one in use elsewhere is closed when its last query ends."""
        for run_id in sorted(self._readers)[: max(len(self._readers) - KEPT, 0)]:
            del self._readers[run_id]
