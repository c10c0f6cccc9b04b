"""How a warehouse file comes into being: one writer at a time, a temporary name, then the final one for good."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from data.engine import clear_spill, settle, storage_error
from data.errors import StorageError
from data.home import SUFFIX, finished

_STAMP = "%Y%m%dT%H%M%S%f"
PARTIAL = f"{SUFFIX}.partial"


def next_id(folder: Path, prefix: str, now: datetime) -> str:
    """An id that sorts after every stored one, also when two files are written at one moment or a clock went back."""
    moment = now.astimezone(UTC)
    stored = [path.stem for path in finished(folder) if path.stem.startswith(prefix)]
    if stored:
        last = datetime.strptime(stored[-1].removeprefix(prefix), _STAMP).replace(tzinfo=UTC)
        moment = max(moment, last + timedelta(microseconds=1))
    return f"{prefix}{moment:{_STAMP}}"


@contextmanager
def one_writer(folder: Path, what: str) -> Iterator[None]:
    """Keep a second writer out, and clear what a killed one left behind."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / ".writer").open("w")
    except OSError as error:
        raise storage_error(error, what.capitalize()) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StorageError(f"Another {what} is being written.", "Wait until it has ended.") from None
        _clear(folder)
        try:
            yield
        finally:
            _clear(folder)


def _clear(folder: Path) -> None:
    for path in folder.glob(f"*{PARTIAL}*"):
        # A sidecar has its name between the two; whoever builds it clears it.
        if path.name.split(".")[1] == SUFFIX.removeprefix("."):
            path.unlink(missing_ok=True)
    clear_spill(folder)


def partial_of(folder: Path, name: str) -> Path:
    return folder / f"{name}{PARTIAL}"


def keep(folder: Path, name: str) -> Path:
    """Give the finished file its name; a name is used once."""
    path = folder / f"{name}{SUFFIX}"
    if path.exists():
        raise StorageError(f"{path.name} exists already.", "Nothing was changed.")
    settle(partial_of(folder, name), path)
    return path
