"""Loading a log: find its files, check every row, and write the next snapshot; or refuse it whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from data.home import Home
from data.ingest.mapping import Mapping, read_mapping
from data.ingest.sources import find_sources
from data.ingest.staging import Staging
from data.records import SnapshotInfo
from data.warehouse import open_writer, snapshot_info

Report = Callable[[float, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """What the newest snapshot holds after a load, and what the load did."""

    accounts: int
    engagements: int
    logins: int
    labels: int
    skipped: int
    snapshot_id: str
    is_new: bool
    files: int

    @property
    def sentence(self) -> str:
        held = (
            f"{self.engagements:,} engagements, {self.accounts:,} accounts, "
            f"{self.logins:,} logins, {self.labels:,} labels"
        )
        if not self.is_new:
            return f"Nothing new: these files are in snapshot {self.snapshot_id} already ({held})."
        left_out = f" {self.skipped:,} rows could not be used and were left out." if self.skipped else ""
        return f"Snapshot {self.snapshot_id} holds {held}.{left_out}"


def silent(_share: float, _what: str) -> None:
    """Report to nobody."""


def ingest(
    home: Home,
    paths: Sequence[Path],
    *,
    mapping: Path | Mapping | None = None,
    skip_bad_rows: bool = False,
    now: datetime,
    progress: Report = silent,
) -> Ingested:
    """Load a log into a new snapshot; the same files again change nothing, a bad file changes nothing either."""
    chosen = read_mapping(mapping) if isinstance(mapping, Path) else mapping
    progress(0.01, "looking at the files")
    sources = find_sources(paths, chosen)
    with open_writer(home, now=now) as writer:
        fresh = [source for source in sources if source.digest not in writer.known_sources]
        newest = home.newest_snapshot()
        if not fresh and newest is not None:
            return _ingested(snapshot_info(newest), is_new=False, skipped=0, files=0)
        staged = Staging(writer.connection, fresh, chosen, now, skip_bad_rows).run(
            lambda share, what: progress(0.05 + 0.4 * share, what)
        )
        info = writer.write(
            present=staged.present,
            skipped=staged.skipped,
            sources=[source.digest for source in fresh],
            progress=lambda share, what: progress(0.45 + 0.55 * share, what),
        )
    return _ingested(info, is_new=True, skipped=staged.skipped, files=len(fresh))


def _ingested(info: SnapshotInfo, *, is_new: bool, skipped: int, files: int) -> Ingested:
    return Ingested(
        accounts=info.accounts,
        engagements=info.engagements,
        logins=info.logins,
        labels=info.labels,
        skipped=skipped,
        snapshot_id=info.snapshot_id,
        is_new=is_new,
        files=files,
    )
