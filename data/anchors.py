"""Where the audit chain ended, written beside the ledger and never into it (C.7).

Whoever rewrites the whole chain, or cuts its end off, cannot make it agree with lines that were appended here before;
the same line goes to the log, which an operator can keep on another machine.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import structlog

from data.audit_chain import Head
from data.errors import StorageError
from data.home import Home

log = structlog.get_logger("audit")
ANCHORED, RESTORED = "anchored", "restored"
_LONGEST_LINE = 1_024


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """The end of the chain at one moment; `restored` says that the ledger was put back to it from a copy."""

    event: str
    seq: int
    hash: str
    at: int


@dataclass(frozen=True, slots=True)
class Anchors:
    """What the file says: the anchors that hold, the lines nobody can read, and how often the ledger was put back."""

    holding: tuple[Anchor, ...]
    unreadable: tuple[int, ...]
    restores: int

    @property
    def last(self) -> Anchor | None:
        return self.holding[-1] if self.holding else None


def anchor_file(home: Home) -> Path:
    return home.ledger_file.parent / "anchor.log"


def write_anchor(home: Home, head: Head, *, at: int, event: str = ANCHORED) -> None:
    """Append one line and see it onto the disk."""
    line = json.dumps(asdict(Anchor(event=event, seq=head.seq, hash=head.hash, at=at)), sort_keys=True)
    file = anchor_file(home)
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, line.encode() + b"\n")
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise StorageError("The audit chain could not be anchored.", f"See to {file}.") from error
    log.info(event, seq=head.seq, hash=head.hash)


def last_anchor(home: Home) -> Anchor | None:
    """Return the newest line without reading the others; None when there is none or it cannot be read."""
    file = anchor_file(home)
    if not file.exists():
        return None
    with file.open("rb") as lines:
        lines.seek(max(0, file.stat().st_size - _LONGEST_LINE))
        tail = lines.read().splitlines()
    return _anchor(tail[-1]) if tail else None


def read_anchors(home: Home) -> Anchors:
    """Read the file; anchors past the point that the ledger was put back to no longer hold."""
    file = anchor_file(home)
    holding: list[Anchor] = []
    unreadable: list[int] = []
    restores = 0
    for number, anchor in enumerate(_lines(file) if file.exists() else (), start=1):
        if anchor is None:
            unreadable.append(number)
            continue
        if anchor.event == RESTORED:
            restores += 1
            holding = [one for one in holding if one.seq <= anchor.seq]
        holding.append(anchor)
    return Anchors(tuple(holding), tuple(unreadable), restores)


def _lines(file: Path) -> Iterator[Anchor | None]:
    yield from (_anchor(line) for line in file.read_bytes().splitlines())


def _anchor(line: bytes) -> Anchor | None:
    try:
        return Anchor(**json.loads(line))
    except (ValueError, TypeError):
        return None
