"""The process that loads a log for the Data page: it outlives the page, and its state is a file beside the upload."""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from analytics.workflows.ingest import ingest
from data.errors import InputError, UnboughtError
from data.home import Home
from data.ingest.mapping import parse_mapping

# The page looks about once a second.
_EVERY_SECONDS = 0.3
MOST_FAULTS = 100


class Status:
    """What the page is told: where the load stands, then how it ended."""

    def __init__(self, path: Path) -> None:
        self._path, self._last = path, 0.0

    def progress(self, share: float, what: str) -> None:
        if time.monotonic() - self._last >= _EVERY_SECONDS:
            self._last = time.monotonic()
            self.write({"state": "loading", "share": share, "what": what, "pid": os.getpid()})

    def write(self, told: dict[str, Any]) -> None:  # Any: JSON
        partial = self._path.with_suffix(".partial")
        partial.write_text(json.dumps(told))
        partial.replace(self._path)


def main() -> None:
    """Load what the request on standard input names."""
    request: dict[str, Any] = json.loads(sys.stdin.read())  # Any: JSON
    status = Status(Path(request["status"]))
    status.progress(0.0, "starting")
    try:
        done = ingest(
            Home(Path(request["home"])),
            [Path(path) for path in request["paths"]],
            mapping=parse_mapping(request["mapping"]) if request["mapping"] else None,
            skip_bad_rows=request["skip_bad_rows"],
            now=datetime.fromisoformat(request["now"]),
            progress=status.progress,
        )
    except UnboughtError as error:
        faults = [asdict(fault) for fault in error.faults[:MOST_FAULTS]] if isinstance(error, InputError) else []
        total = error.total if isinstance(error, InputError) else 0
        status.write(
            {"state": "refused", "message": error.message, "hint": error.hint, "faults": faults, "total": total}
        )
        return
    status.write({"state": "loaded", "message": done.sentence, "hint": "", "faults": [], "total": 0})


if __name__ == "__main__":
    main()
