"""Find a Chromium for the browser tests, or fetch one; prints its path, or nothing when none can be had."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FETCH_SECONDS = 240


def main() -> None:
    engine = named() or installed() or from_debian() or from_playwright()
    print(engine or "")


def named() -> str | None:
    """The one the person named in UNBOUGHT_CHROMIUM."""
    path = os.environ.get("UNBOUGHT_CHROMIUM", "")
    return path if path and Path(path).exists() else None


def installed() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None) or playwrights_own()


def playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 (slow, and only needed without a system browser)

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def from_debian() -> str | None:
    """Debian's package, where this person may install it."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    quiet = {"env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}}
    run(["apt-get", "update", "-qq"], **quiet)
    run(["apt-get", "install", "-y", "-qq", "chromium"], **quiet)
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def from_playwright() -> str | None:
    run([sys.executable, "-m", "playwright", "install", "chromium"])
    return playwrights_own()


def run(command: list[str], **options: object) -> None:
    """Run a fetch; its failure only means that this way is closed."""
    try:
        subprocess.run(command, stdout=sys.stderr, timeout=FETCH_SECONDS, check=False, **options)  # type: ignore[call-overload]
    except (OSError, subprocess.TimeoutExpired) as closed:
        print(f"{command[0]}: {closed}", file=sys.stderr)


if __name__ == "__main__":
    main()
