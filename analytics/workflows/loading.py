"""Loading a log from the Data page: bring files, look at them, load them in a process of their own, see what is there.

Analysts and administrators may load; the right is checked on every call, and the start of a load is audited.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from analytics.workflows.gate import Gate, Written
from analytics.workflows.uploads import Upload, Uploads
from data.errors import Fault, RightsError
from data.home import Home
from data.ingest.loads import LoadState, Looked
from data.ingest.looking import look
from data.ingest.mapping import parse_mapping
from data.ingest.sources import SUFFIXES
from data.records import Receipt, Role, SignedIn, SnapshotInfo
from data.warehouse import stored_snapshots

LOADERS = frozenset({Role.ANALYST, Role.ADMIN})
ROOT = Path(__file__).parents[2]
MOST_LOOKED_AT = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class StartLoad:
    """Load an upload, read by a mapping's text (empty: by the input contract)."""

    idempotency_key: str
    upload_id: str
    mapping: str = ""
    skip_bad_rows: bool = False


class Loading:
    """What the Data page may ask for."""

    def __init__(self, home: Home, gate: Gate, clock: Callable[[], datetime]) -> None:
        self._home, self._gate, self._clock = home, gate, clock
        self._uploads = Uploads(home.root / "uploads", self.inbox)
        self._running: list[subprocess.Popen[bytes]] = []
        self._lock = threading.Lock()

    @property
    def inbox(self) -> Path:
        """The one folder of the machine whose logs may be named from the page."""
        return Path(os.environ.get("UNBOUGHT_INBOX") or self._home.root / "inbox")

    def snapshots(self, token: str) -> list[SnapshotInfo]:
        """Every stored snapshot, the newest first."""
        self._may(token)
        return stored_snapshots(self._home)[::-1]

    def receive(self, token: str, files: Sequence[tuple[str, bytes]]) -> Upload:
        """Take in files; they are kept apart and not believed."""
        return self._uploads.receive(self._may(token).person.person_id, files, self._clock())

    def point(self, token: str, name: str) -> Upload:
        """Name a folder or file of the inbox."""
        return self._uploads.point(self._may(token).person.person_id, name, self._clock())

    def find(self, token: str, upload_id: str) -> Upload:
        """Find an upload of the person again."""
        return self._uploads.find(upload_id, self._may(token).person.person_id)

    def look(self, token: str, upload_id: str) -> list[Looked]:
        """Look at the first rows of an upload in a limited process."""
        upload = self.find(token, upload_id)
        return look(_files(upload)[:MOST_LOOKED_AT], is_trusted=upload.is_trusted)

    def start(self, token: str, command: StartLoad) -> Receipt:
        """Start loading, once; the process goes on whoever looks at it."""
        upload = self.find(token, command.upload_id)
        if command.mapping:
            parse_mapping(command.mapping)
        self.look(token, command.upload_id)

        def write(_connection: Connection, _who: SignedIn, _now: datetime) -> Written:
            facts = {
                "files": [path.name for path in upload.paths],
                "mapping": command.mapping,
                "skip_bad_rows": command.skip_bad_rows,
            }
            return Written(subject=upload.upload_id, message="Loading has begun.", facts=facts)

        receipt = self._gate.execute(token, command, LOADERS, write)
        if not receipt.repeated:
            self._run(upload, command)
        return receipt

    def state(self, token: str, upload_id: str) -> LoadState:
        """Where the load of an upload stands."""
        return _state(self.find(token, upload_id).status_file)

    def _may(self, token: str) -> SignedIn:
        who = self._gate.who(token)
        if not who.person.roles & LOADERS:
            raise RightsError("Only analysts and administrators load logs.")
        return who

    def _run(self, upload: Upload, command: StartLoad) -> None:
        request = {
            "home": str(self._home.root.resolve()),
            "paths": [str(path) for path in upload.paths],
            "mapping": command.mapping,
            "skip_bad_rows": command.skip_bad_rows,
            "now": self._clock().isoformat(),
            "status": str(upload.status_file.resolve()),
        }
        child = subprocess.Popen(
            [sys.executable, "-m", "analytics.workflows.load_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            start_new_session=True,
        )
        told = {"state": "loading", "share": 0.0, "what": "starting", "pid": child.pid}
        upload.status_file.write_text(json.dumps(told))
        if child.stdin is not None:
            child.stdin.write(json.dumps(request).encode())
            child.stdin.close()
        with self._lock:
            self._running = [one for one in self._running if one.poll() is None]
            self._running.append(child)


def _files(upload: Upload) -> list[Path]:
    found = [file for path in upload.paths for file in (sorted(path.iterdir()) if path.is_dir() else [path])]
    return [file for file in found if file.suffix.lower() in SUFFIXES and file.is_file()]


def _state(path: Path) -> LoadState:
    if not path.exists():
        return LoadState(state="waiting")
    told: dict[str, Any] = json.loads(path.read_text())  # Any: JSON
    if told["state"] == "loading":
        if not _is_alive(told["pid"]):
            return LoadState(state="ended", message="The load was interrupted.", hint="Nothing was changed.")
        return LoadState(state="loading", share=float(told["share"]), message=told["what"])
    faults = tuple(Fault(one["file"], one["line"], one["cause"]) for one in told["faults"])
    return LoadState(
        state=told["state"], share=1.0, message=told["message"], hint=told["hint"], faults=faults, total=told["total"]
    )


def _is_alive(pid: int) -> bool:
    """Whether a process runs; one that ended and is not yet collected does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
