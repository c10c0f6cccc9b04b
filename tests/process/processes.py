"""Start, watch and kill the real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).parent.parent.parent
T = TypeVar("T")


def until(ask: Callable[[], T], seconds: float = 30) -> T:
    """Ask until the answer is true; the answer is returned."""
    deadline = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
    return answer


def start(*command: str, home: Path, log: Path, **environment: str) -> subprocess.Popen[bytes]:
    """Start one process of ours, its output in a file."""
    with log.open("ab") as out:
        return subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env=os.environ | {"UNBOUGHT_HOME": str(home)} | environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )


def kill(process: subprocess.Popen[bytes], number: int = signal.SIGKILL) -> int:
    """Send a signal and wait for the end."""
    process.send_signal(number)
    return process.wait(20)
