"""The one folder that holds everything of an installation, and where each thing lies in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

# A finished warehouse file is named `<id>.duckdb`; sidecars and files under construction have a second dot.
SUFFIX = ".duckdb"
# The ids that data/warehouse gives: a letter for the kind, and the moment, by which they sort.
_ID = re.compile(r"[rs]-[0-9]{8}T[0-9]{12}")


@dataclass(frozen=True, slots=True)
class Home:
    """Paths only; nothing is created by asking for one."""

    root: Path

    @property
    def snapshots(self) -> Path:
        return self.root / "snapshots"

    @property
    def runs(self) -> Path:
        return self.root / "runs"

    @property
    def models(self) -> Path:
        return self.root / "models"

    @property
    def ledger_file(self) -> Path:
        return self.root / "ledger" / "ledger.sqlite"

    @property
    def unfinished_demo(self) -> Path:
        """A sign that stands while a demo world is built: where it is left over, the building was cut off."""
        return self.root / "demo.unfinished"

    def newest_snapshot(self) -> Path | None:
        """The newest finished snapshot; ids sort by time."""
        return _newest(self.snapshots)

    def newest_run(self) -> Path | None:
        """The newest finished run; ids sort by time."""
        return _newest(self.runs)


def finished(folder: Path) -> list[Path]:
    """Every finished warehouse file of a folder, oldest first; what somebody else laid there is left alone."""
    return sorted(path for path in folder.glob(f"*{SUFFIX}") if _ID.fullmatch(path.stem))


def _newest(folder: Path) -> Path | None:
    found = finished(folder)
    return found[-1] if found else None
