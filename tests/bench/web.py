"""More web processes over a home that is already served: for the sticky proxy."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from tests.browser.served import Served
from tests.process.processes import ROOT, until


@dataclass(frozen=True, slots=True)
class Web:
    """One more process that draws pages."""

    address: str
    process: psutil.Process


@contextmanager
def another_web(running: Served, log: Path) -> Iterator[Web]:
    """Start one more web process like the first, on a port of its own: same home, same secrets."""
    port, command = _free_port(), running.web.cmdline()
    command[command.index("--server.port") + 1] = str(port)
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, *command[1:]],
            cwd=ROOT,
            env=running.web.environ(),
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        until(lambda: answers(address), 60)
        yield Web(address, psutil.Process(process.pid))
    finally:
        process.terminate()
        process.wait(20)


def answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/_stcore/health", trust_env=False, timeout=2).is_success
    except httpx.TransportError:
        return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
