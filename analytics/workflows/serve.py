"""One command for everything: the sandbox platform where none is named, the worker and the web app, supervised."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType

import httpx

from analytics.workflows.start_checks import check_start, starting
from analytics.workflows.supervise import ChildSpec, Supervisor
from data.errors import ConfigError
from data.home import Home
from data.platform.secret_files import cookie_secret, webhook_secrets

ROOT = Path(__file__).parent.parent.parent
TICK_SECONDS = 0.2
# A child that ends this often before anything was ready will not get better by waiting.
HOPELESS_CRASHES = 3

Tell = Callable[[str], None]


def serve(home: Home, *, host: str = "127.0.0.1", port: int = 8501, tell: Tell | None = None) -> int:
    """Run until Ctrl-C or SIGTERM; the address is printed once a browser would find the page."""
    tell = tell or _print
    port = free_port(host, port)
    check_start(starting(home, _options(host, port), _names(host)), tell)
    stop = _stop_on_signals()
    supervisor = Supervisor(_specs(home, host, port), home.root / "logs", tell)
    try:
        return _run(supervisor, stop, f"http://{_reachable(host)}:{port}", tell)
    finally:
        supervisor.stop()
        tell("Stopped.")


def _run(supervisor: Supervisor, stop: threading.Event, address: str, tell: Tell) -> int:
    is_told = False
    while not stop.wait(TICK_SECONDS):
        supervisor.tend()
        if is_told:
            continue
        if supervisor.is_ready():
            tell(f"Unbought is ready: {address}  (Ctrl-C stops it)")
            is_told = True
        elif (lost := supervisor.hopeless(HOPELESS_CRASHES)) is not None:
            tell(f"The {lost.spec.name} does not start. The end of {lost.log}:\n{lost.last_lines()}")
            return 1
    return 0


def _specs(home: Home, host: str, port: int) -> list[ChildSpec]:
    """List the children in starting order."""
    webhook_secrets(home.root)
    shared = {"UNBOUGHT_HOME": str(home.root.resolve()), "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    platform = os.environ.get("UNBOUGHT_PLATFORM_URL", "")
    specs = []
    if not platform:
        own_port = free_port("127.0.0.1", 0)
        platform = f"http://127.0.0.1:{own_port}"
        specs.append(sandbox_child(home, own_port, shared))
    shared["UNBOUGHT_PLATFORM_URL"] = platform
    worker = [sys.executable, "-m", "analytics", "work"]
    # Nobody waits for a delivery as they wait for the first page.
    specs.append(ChildSpec(name="worker", command=worker, environment=shared, waits=True))
    specs.append(_web(home, host, port, shared))
    return specs


def sandbox_child(home: Home, port: int, shared: Mapping[str, str]) -> ChildSpec:
    """How to start the sandbox platform of a home."""
    module = [sys.executable, "-m", "data.platform.sandbox"]
    command = [*module, "--home", str(home.root.resolve()), "--port", str(port)]
    is_ready = _answers(f"http://127.0.0.1:{port}/v1/health")
    return ChildSpec(name="sandbox platform", command=command, environment=dict(shared), is_ready=is_ready)


def _web(home: Home, host: str, port: int, shared: dict[str, str]) -> ChildSpec:
    """Start Streamlit as in production; the cookie secret goes by environment, where no process list shows it."""
    flags = [part for name, value in _options(host, port).items() for part in (f"--{name}", value)]
    flags += [part for name in _names(host) for part in ("--server.allowedHosts", name)]
    secret = {"STREAMLIT_SERVER_COOKIE_SECRET": cookie_secret(home.root)}
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py"), *flags]
    is_ready = _answers(f"http://{_reachable(host)}:{port}/_stcore/health")
    return ChildSpec(name="web app", command=command, environment=shared | secret, is_ready=is_ready)


def _options(host: str, port: int) -> dict[str, str]:
    return {
        "server.port": str(port),
        "server.address": host,
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "server.runOnSave": "false",
        "browser.gatherUsageStats": "false",
        "browser.serverAddress": _reachable(host),
        "client.showErrorDetails": "none",
        "client.toolbarMode": "minimal",
    }


def _answers(url: str) -> Callable[[], bool]:
    def asked() -> bool:
        try:
            return httpx.get(url, timeout=1.0, trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    return asked


def free_port(host: str, port: int) -> int:
    """Return the port, or a free one for 0; a busy one is refused with one sentence."""
    try:
        with socket.create_server((host, port)) as probe:
            taken: int = probe.getsockname()[1]
            return taken
    except OverflowError as error:
        raise ConfigError(f"{port} is not a port.", "Choose one between 1 and 65535.") from error
    except OSError as error:
        raise ConfigError(
            f"Port {port} on {host} cannot be used: {os.strerror(error.errno or 0).lower()}.",
            "Stop the program that holds it, or choose another with --port.",
        ) from error


def _names(host: str) -> list[str]:
    """Return the names under which the pages answer, so that no foreign name can be bent to this address (X-19).

    Behind a proxy UNBOUGHT_ALLOWED_HOSTS says them, with commas between; listening on every address without it
    answers to any name.
    """
    told = [name.strip() for name in os.environ.get("UNBOUGHT_ALLOWED_HOSTS", "").split(",") if name.strip()]
    if not told and host in ("0.0.0.0", "", "::"):  # noqa: S104 - compared, not bound
        return []
    return list(dict.fromkeys([*told, "127.0.0.1", "localhost", *([] if told else [host])]))


def _reachable(host: str) -> str:
    return "127.0.0.1" if host in ("0.0.0.0", "", "::") else host  # noqa: S104 - the address to call, not to bind


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, ask)
    return stop


def _print(sentence: str) -> None:
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()
