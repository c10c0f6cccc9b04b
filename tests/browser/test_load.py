"""Fifty people at once, for a short while: nobody meets an error and no case is decided twice.

How long they wait is for `python -m tests.bench.desk_load` to measure, on a machine that has nothing else to do.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.bench.desk_load import Crowd, measure

pytestmark = [pytest.mark.browser, pytest.mark.process, pytest.mark.slow]
SECONDS = float(os.environ.get("UNBOUGHT_LOAD_SECONDS", "20"))


@pytest.mark.parametrize("processes", [1, 2])
def test_fifty_reviewers_decide_each_case_once(prepared_home: Path, processes: int) -> None:
    """S-17, S-18: people decide, in one process and in two; no error; each case decided once."""
    crowd = Crowd(reviewers=50, think=10, seconds=SECONDS, processes=processes)

    seen = measure(prepared_home, crowd)

    print(seen.table(crowd))
    assert seen.errors == []
    assert len(seen.waits) >= crowd.reviewers
    assert (seen.twice, seen.lost) == ([], [])
