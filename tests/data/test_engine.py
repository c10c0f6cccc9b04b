"""The door to DuckDB: what does not fit in memory goes to disk, and nothing of it stays."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from data.engine import clear_spill, connect

MEGABYTE = 1024**2


def test_a_query_that_does_not_fit_in_memory_is_answered_in_a_folder_that_never_saw_one(tmp_path: Path) -> None:
    with connect(tmp_path, 48 * MEGABYTE) as connection:
        connection.execute("create table wide as select range as id, md5(range::varchar) as word from range(1500000)")
        spilled = list(tmp_path.glob(".spill-*"))
        told = connection.execute("select count(distinct word) from wide").fetchall()

    assert told == [(1_500_000,)]
    assert len(spilled) == 1
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_had_spilled_is_cleared_and_what_a_living_one_spills_is_not(tmp_path: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    dead, alive = tmp_path / f".spill-{int(ended.stdout)}-0", tmp_path / f".spill-{os.getpid()}-0"
    for folder in (dead, alive):
        folder.mkdir()

    clear_spill(tmp_path)

    assert list(tmp_path.iterdir()) == [alive]


def test_a_cursor_keeps_what_answers_depend_on(tmp_path: Path) -> None:
    """On a machine in Tokyo too; without it a reader's threads would count hours and joins otherwise than a batch."""
    ask = "select current_setting('TimeZone'), current_setting('disabled_optimizers')"
    lines = (
        "import sys, pathlib, data.engine",
        "cursor = data.engine.connect(pathlib.Path(sys.argv[1])).cursor()",
        "print(*cursor.execute(sys.argv[2]).fetchall()[0])",
    )
    told = subprocess.run(
        [sys.executable, "-c", "\n".join(lines), str(tmp_path), ask],
        env={**os.environ, "TZ": "Asia/Tokyo"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.stdout.split() == ["UTC", "common_subplan"]
