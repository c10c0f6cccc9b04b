"""One command starts all and stops all."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from tests.process.processes import kill, start, until

pytestmark = pytest.mark.process


@dataclass
class Served:
    """A running `serve` with the family of processes under it."""

    process: subprocess.Popen[bytes]
    home: Path
    log: Path
    address: str
    family: list[psutil.Process]

    def child(self, part: str) -> psutil.Process:
        return next(one for one in self.family if part in " ".join(one.cmdline()))


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    log = tmp_path / "serve.log"
    process = start("-m", "analytics", "serve", "--port", "0", home=tmp_path / "home", log=log)
    try:
        address = until(lambda: re.search(r"ready: (http://\S+)", log.read_text()), 60)[1]
        yield Served(process, tmp_path / "home", log, address, psutil.Process(process.pid).children(recursive=True))
    finally:
        if process.poll() is None:
            kill(process, signal.SIGTERM)


def alive(processes: list[psutil.Process]) -> list[str]:
    return [" ".join(one.cmdline()) for one in processes if one.is_running() and one.status() != "zombie"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_printed_address_answers_and_a_stop_leaves_no_process(served: Served, number: int) -> None:
    assert httpx.get(f"{served.address}/_stcore/health", trust_env=False).text == "ok"
    platform = (served.home / "sandbox" / "address").read_text().strip()
    assert httpx.get(f"{platform}/v1/health", trust_env=False).is_success
    assert len(served.family) == 3
    assert kill(served.process, number) == 0
    assert alive(served.family) == []
    with pytest.raises(httpx.TransportError):
        httpx.get(served.address, trust_env=False)


def test_a_crashed_worker_and_a_crashed_platform_come_back(served: Served) -> None:
    platform = (served.home / "sandbox" / "address").read_text().strip()
    for part in ("analytics work", "data.platform.sandbox"):
        served.child(part).kill()

    def are_back() -> bool:
        now = psutil.Process(served.process.pid).children(recursive=True)
        lines = [" ".join(one.cmdline()) for one in now if one.pid not in {old.pid for old in served.family}]
        return sum("analytics work" in line or "data.platform.sandbox" in line for line in lines) == 2

    until(are_back)
    until(lambda: _answers(f"{platform}/v1/health"))
    assert httpx.get(f"{served.address}/_stcore/health", trust_env=False).text == "ok"


def test_secrets_stay_out_of_process_lists_and_logs(served: Served) -> None:
    """T-11."""
    secrets = [path.read_text().strip() for path in (served.home / "secrets").iterdir()]
    assert len(secrets) == 2
    shown = [" ".join(one.cmdline()) for one in served.family]
    shown += [path.read_text() for path in [served.log, *(served.home / "logs").iterdir()]]
    assert not any(secret in text for secret in secrets for text in shown)


def test_a_busy_port_is_refused_with_one_sentence(tmp_path: Path) -> None:
    log = tmp_path / "serve.log"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        process = start("-m", "analytics", "serve", "--port", port, home=tmp_path / "home", log=log)
        assert process.wait(60) == 2
    said = " ".join(log.read_text().split())
    assert said.startswith(f"Port {port} on 127.0.0.1 cannot be used: address already in use.")
    assert "Traceback" not in said


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).is_success
    except httpx.TransportError:
        return False
