"""A first start (P-20): an empty home, `make run`, a page that answers, a queue that is not empty, a clean stop."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from urllib.request import urlopen

FIRST_START_SECONDS = 420
STOP_SECONDS = 20


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        run = subprocess.Popen(
            ["make", "--no-print-directory", "run"],
            env=environment(f"{folder}/home"),
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            address = first_address(run)
            with urlopen(f"{address}/_stcore/health", timeout=10) as answer:  # noqa: S310 (our own address)
                healthy = answer.status == 200
            waiting = queue_length(f"{folder}/home")
            print(f"first page after {time.monotonic() - started:.0f} s, {waiting} cases waiting")
        finally:
            clean = stop(run)
    return 0 if healthy and waiting and clean else 1


def environment(home: str) -> dict[str, str]:
    """As in a shell of its own: not as a part of the make that may have started this."""
    kept = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    return {**kept, "UNBOUGHT_HOME": home, "UNBOUGHT_PORT": "0"}


def first_address(run: subprocess.Popen[str]) -> str:
    """Read what `make run` prints until it names its address."""
    watchdog = threading.Timer(FIRST_START_SECONDS, run.kill)
    watchdog.start()
    try:
        for line in run.stdout or ():
            print(line, end="")
            if found := re.search(r"http://[\w.:]+", line):
                return found.group().rstrip("/")
    finally:
        watchdog.cancel()
    sys.exit("make run ended before it named an address")


def queue_length(home: str) -> int:
    command = [".venv/bin/python", "-m", "analytics", "status", "--json"]
    told = subprocess.run(
        command, env={**os.environ, "UNBOUGHT_HOME": home}, capture_output=True, text=True, check=True
    )
    return int(json.loads(told.stdout)["open_cases"])


def stop(run: subprocess.Popen[str]) -> bool:
    """Ctrl-C must end everything by itself."""
    os.killpg(run.pid, signal.SIGINT)
    try:
        run.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(run.pid, signal.SIGKILL)
        print("make run did not stop by itself")
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
