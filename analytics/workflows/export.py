"""The files that other programs read, from the newest run: flags, engagements, services; statements from the ledger."""

from __future__ import annotations

from pathlib import Path

from analytics.workflows.statements import export_statements
from data.errors import EmptyHomeError, InvalidCommandError
from data.home import Home
from data.parquet_export import write_parquet
from data.warehouse import stored_runs

__all__ = ["export_engagements", "export_flags", "export_services", "export_statements"]


# Names under which no program looks for Parquet.
_OTHER_FORMATS = frozenset({".csv", ".tsv", ".txt", ".json", ".jsonl", ".xlsx"})


def export_flags(home: Home, out: Path) -> int:
    """One row per scored account, best rank first; `reasons` is a list of sentences, empty where nobody asked why."""
    return _export("export_flags", home, out)


def export_engagements(home: Home, out: Path) -> int:
    """One row per engagement; `band` is remove, review or keep, `families` a list of words in lower case."""
    return _export("export_engagements", home, out)


def export_services(home: Home, out: Path) -> int:
    """One row per account and service that acted from it, with the share of the account's sold engagements."""
    return _export("export_services", home, out)


def _export(name: str, home: Home, out: Path) -> int:
    if out.suffix.lower() in _OTHER_FORMATS:
        raise InvalidCommandError(
            f"{out.name} would hold Parquet, whatever its name says.", "Let the name end in .parquet."
        )
    runs = stored_runs(home)
    if not runs:
        raise EmptyHomeError("There is no detection to export yet.", "Load a log and run `python -m analytics detect`.")
    return write_parquet(name, runs[-1].snapshot, runs[-1].run, out)
