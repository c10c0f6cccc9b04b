"""What the command line prints: progress, tables, machine-readable answers, and one plain sentence on a failure."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from data.errors import InputError, UnboughtError

# (share done from 0 to 1, what is being done)
Report = Callable[[float, str], None]

FAULTS_SHOWN = 100
BAD_INPUT = 2

errors = Console(stderr=True, highlight=False)
out = Console(highlight=False, soft_wrap=True)


@contextmanager
def progress(title: str, *, quiet: bool = False) -> Iterator[Report]:
    """A bar on standard error for anything longer than a second; silent for machines."""
    columns = (TextColumn("{task.description:<44}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(*columns, TimeElapsedColumn(), console=errors, disable=quiet) as bars:
        task = bars.add_task(title, total=1.0)

        def report(share: float, what: str) -> None:
            bars.update(task, completed=min(1.0, share), description=f"{title}: {what}"[:44] if what else title)

        yield report
        bars.update(task, completed=1.0, description=title)


def answer(value: Any, *, as_json: bool, sentence: str = "") -> None:
    """One JSON object for machines, one sentence for people."""
    if as_json:
        sys.stdout.write(json.dumps(plain(value), ensure_ascii=False) + "\n")
    elif sentence:
        out.print(sentence, markup=False)


def plain(value: Any) -> Any:  # Any: whatever a record may hold
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None  # JSON has no word for it, and strict readers stop there.
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    shown = Table(title=title, title_justify="left")
    for position, column in enumerate(columns):
        shown.add_column(column, justify="right" if position else "left")
    for row in rows:
        shown.add_row(*row)
    out.print(shown)


def refuse(error: UnboughtError, *, as_json: bool) -> int:
    """Say what happened and what to do, list the faults of an input, and return the exit code."""
    faults = error.faults[:FAULTS_SHOWN] if isinstance(error, InputError) else ()
    if as_json:
        total = error.total if isinstance(error, InputError) else 0
        answer({"error": error.message, "hint": error.hint, "faults": faults, "total": total}, as_json=True)
        return BAD_INPUT
    errors.print(str(error), markup=False, style="bold")
    for fault in faults:
        errors.print(f"  {fault}", markup=False)
    if isinstance(error, InputError) and error.total > len(faults):
        errors.print(f"  … and {error.total - len(faults):,} more.", markup=False)
    return BAD_INPUT
