"""The files that other programs read, from the newest run: flags, engagements, services; statements from the ledger."""

from __future__ import annotations

from pathlib import Path

from analytics.workflows import statements
from data.errors import EmptyHomeError, InvalidCommandError
from data.home import Home
from data.parquet_export import write_parquet
from data.warehouse import stored_runs

__all__ = ["export_engagements", "export_flags", "export_services", "export_statements"]


# Endings that say what a file holds; one that says nothing of the kind is left to whoever chose it.
_TELLING = frozenset({".csv", ".tsv", ".txt", ".json", ".jsonl", ".xlsx", ".parquet", ".pq"})


def export_flags(home: Home, out: Path) -> int:
    """One row per scored account, best rank first; `reasons` is a list of sentences, empty where nobody asked why."""
    return _export("export_flags", home, out)


def export_engagements(home: Home, out: Path) -> int:
    """One row per engagement; `band` is remove, review or keep, `families` a list of words in lower case."""
    return _export("export_engagements", home, out)


def export_services(home: Home, out: Path) -> int:
    """One row per account and service that acted from it, with the share of the account's sold engagements."""
    return _export("export_services", home, out)


def export_statements(home: Home, out: Path) -> int:
    """Every statement of reasons that stands, as one JSON array."""
    _refuse_ending(out, "JSON", ".json")
    return statements.export_statements(home, out)


def _export(name: str, home: Home, out: Path) -> int:
    _refuse_ending(out, "Parquet", ".parquet", ".pq")
    runs = stored_runs(home)
    if not runs:
        raise EmptyHomeError("There is no detection to export yet.", "Load a log and run `python -m analytics detect`.")
    return write_parquet(name, runs[-1].snapshot, runs[-1].run, out)


def _refuse_ending(out: Path, what: str, *endings: str) -> None:
    if out.suffix.lower() in _TELLING.difference(endings):
        raise InvalidCommandError(
            f"{out.name} would hold {what}, whatever its name says.", f"Let the name end in {endings[0]}."
        )
