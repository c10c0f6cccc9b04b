"""Keep child processes alive, and take them all down together."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

# A child that ran this long was healthy: its next crash is restarted at once.
HEALTHY_SECONDS = 60.0
FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 30.0
# After this a child that was asked to stop is killed.
PATIENCE_SECONDS = 5.0
LONGEST_LOG_BYTES = 10_000_000
_PR_SET_PDEATHSIG = 1
# Loaded before any fork.
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildSpec:
    """How to start one child and how to tell that it is ready; one that `waits` starts when all others are ready."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    is_ready: Callable[[], bool] = lambda: True
    waits: bool = False


class Child:
    """One child process, restarted with growing waits when it ends by itself."""

    def __init__(self, spec: ChildSpec, logs: Path) -> None:
        self.spec = spec
        self.log = logs / f"{spec.name}.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.crashes = 0
        self._started_at = 0.0
        self._start_at = 0.0

    def tend(self, now: float, *, may_start: bool = True) -> str | None:
        """Start the child when it is due; the sentence says that it ended by itself."""
        if self.process is None:
            if now >= self._start_at and may_start:
                self._start(now)
            return None
        code = self.process.poll()
        if code is None:
            return None
        return self._note_end(code, now)

    def ask_to_stop(self) -> None:
        self._signal(signal.SIGTERM)

    def end(self, deadline: float) -> None:
        """Wait until the deadline, then kill the child and everything it started."""
        if self.process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.0, deadline - time.monotonic()))
        self._signal(signal.SIGKILL)
        self.process.wait()

    def last_lines(self, count: int = 15) -> str:
        """Return the end of the child's log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-count:]) if self.log.exists() else ""

    def _start(self, now: float) -> None:
        with _open_log(self.log) as log:
            self.process = subprocess.Popen(  # noqa: S603 - the commands are our own
                self.spec.command,
                env=os.environ | dict(self.spec.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent if _libc else None,  # noqa: PLW1509 - the supervisor has one thread
            )
        self._started_at = now

    def _note_end(self, code: int, now: float) -> str:
        self._signal(signal.SIGKILL)
        self.process = None
        self.crashes = 1 if now - self._started_at >= HEALTHY_SECONDS else self.crashes + 1
        wait = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2.0 ** min(self.crashes - 1, 10))
        self._start_at = now + wait
        return f"The {self.spec.name} ended with code {code}; starting it again in {wait:g} s. See {self.log}."

    def _signal(self, number: int) -> None:
        """Signal the child's whole group: it leads one of its own, so nothing it started is left behind."""
        if self.process is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)


class Supervisor:
    """Several children under one roof; leaving the `with` block takes all of them down."""

    def __init__(self, specs: Sequence[ChildSpec], logs: Path, tell: Callable[[str], None]) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self.children = [Child(spec, logs) for spec in specs]
        self._tell = tell
        self._were_ready = False

    def tend(self) -> None:
        """Start what is due and note what ended."""
        self._were_ready = self._were_ready or _all_ready(child for child in self.children if not child.spec.waits)
        for child in self.children:
            told = child.tend(time.monotonic(), may_start=self._were_ready or not child.spec.waits)
            if told:
                self._tell(told)

    def is_ready(self) -> bool:
        return _all_ready(self.children)

    def hopeless(self, crashes: int) -> Child | None:
        """Return a child that crashed so often that waiting is of no use."""
        return next((child for child in self.children if child.crashes >= crashes), None)

    def stop(self) -> None:
        """Ask all to stop, the last started first, and kill what does not within seconds."""
        for child in reversed(self.children):
            child.ask_to_stop()
        deadline = time.monotonic() + PATIENCE_SECONDS
        for child in reversed(self.children):
            child.end(deadline)


def _all_ready(children: Iterable[Child]) -> bool:
    return all(child.process is not None and child.spec.is_ready() for child in children)


def _open_log(path: Path) -> IO[bytes]:
    if path.exists() and path.stat().st_size > LONGEST_LOG_BYTES:
        path.replace(path.with_suffix(".log.1"))
    return path.open("ab")


def _die_with_parent() -> None:
    """Ask Linux to end this child when its parent is killed outright."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
