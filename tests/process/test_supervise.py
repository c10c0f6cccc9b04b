"""Children are kept alive while they are wanted and leave nothing behind afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from analytics.workflows import supervise
from analytics.workflows.supervise import ChildSpec, Supervisor

pytestmark = pytest.mark.process
SLEEP = "import time; time.sleep(100)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(100)"
)
WITH_CHILD = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {SLEEP!r}]); time.sleep(100)"


def spec(name: str, code: str) -> ChildSpec:
    return ChildSpec(name=name, command=[sys.executable, "-c", code])


def until(true: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def supervise_all(tmp_path: Path, told: list[str]) -> Iterator[Callable[..., Supervisor]]:
    made: list[Supervisor] = []

    def make(*specs: ChildSpec) -> Supervisor:
        made.append(Supervisor(specs, tmp_path / "logs", told.append))
        made[0].tend()
        return made[0]

    yield make
    for supervisor in made:
        supervisor.stop()


def pid_of(supervisor: Supervisor, place: int = 0) -> int:
    process = supervisor.children[place].process
    assert process is not None
    return process.pid


def test_who_waits_starts_when_the_others_are_ready(supervise_all: Callable[..., Supervisor], tmp_path: Path) -> None:
    sign = tmp_path / "sign"
    first = ChildSpec(name="first", command=[sys.executable, "-c", SLEEP], is_ready=sign.exists)
    last = ChildSpec(name="last", command=[sys.executable, "-c", SLEEP], waits=True)
    supervisor = supervise_all(last, first)

    supervisor.tend()
    assert [child.process is not None for child in supervisor.children] == [False, True]
    assert not supervisor.is_ready()

    sign.touch()
    supervisor.tend()
    assert supervisor.is_ready()
    sign.unlink()
    os.kill(pid_of(supervisor), signal.SIGKILL)
    until(lambda: supervisor.tend() or supervisor.children[0].crashes == 1)
    until(lambda: supervisor.tend() or supervisor.children[0].process is not None)


def test_a_killed_child_is_started_again_and_the_others_are_left_alone(
    supervise_all: Callable[..., Supervisor], told: list[str]
) -> None:
    supervisor = supervise_all(spec("one", SLEEP), spec("two", SLEEP))
    first, other = pid_of(supervisor), pid_of(supervisor, 1)
    os.kill(first, signal.SIGKILL)

    def is_back() -> bool:
        supervisor.tend()
        process = supervisor.children[0].process
        return process is not None and process.pid != first

    until(is_back)
    assert pid_of(supervisor, 1) == other
    assert len(told) == 1
    assert told[0].startswith("The one ended with code -9")


def test_a_child_that_keeps_ending_waits_longer_each_time(
    supervise_all: Callable[..., Supervisor], monkeypatch: pytest.MonkeyPatch, told: list[str]
) -> None:
    monkeypatch.setattr(supervise, "FIRST_WAIT_SECONDS", 0.01)
    supervisor = supervise_all(spec("one", "print('no such file'); raise SystemExit(3)"))

    def has_crashed_often() -> object:
        supervisor.tend()
        return supervisor.hopeless(3)

    until(has_crashed_often)
    assert [sentence.partition(" in ")[2].partition(" s.")[0] for sentence in told] == ["0.01", "0.02", "0.04"]
    assert "no such file" in supervisor.children[0].last_lines()


def test_stopping_ends_a_stubborn_child_and_everything_a_child_started(
    supervise_all: Callable[..., Supervisor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervise, "PATIENCE_SECONDS", 0.2)
    supervisor = supervise_all(spec("stubborn", STUBBORN), spec("parent", WITH_CHILD))
    parent = psutil.Process(pid_of(supervisor, 1))
    until(lambda: parent.children() and "up" in supervisor.children[0].last_lines())
    family = [psutil.Process(pid_of(supervisor)), parent, *parent.children()]
    supervisor.stop()
    until(lambda: not any(process.is_running() and process.status() != "zombie" for process in family))


def test_children_end_when_the_supervisor_itself_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path;"
        "from analytics.workflows.supervise import ChildSpec, Supervisor;"
        f"spec = ChildSpec(name='one', command=[sys.executable, '-c', {SLEEP!r}]);"
        f"s = Supervisor([spec], Path({str(tmp_path)!r}), print); s.tend(); time.sleep(100)"
    )
    with subprocess.Popen([sys.executable, "-c", code]) as process:
        until(lambda: psutil.Process(process.pid).children())
        child = psutil.Process(process.pid).children()[0]
        until(lambda: "sleep(100)" in " ".join(child.cmdline()))
        time.sleep(0.2)
        process.kill()
        until(lambda: not child.is_running() or child.status() == "zombie")
