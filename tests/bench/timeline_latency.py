"""How long one account's timeline takes in a home as it is: `python -m tests.bench.timeline_latency HOME`.

Two hundred accounts, drawn evenly from the newest run, asked as the account page asks; beside each the plain rows.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from analytics.workflows.bench_child import in_child
from analytics.workflows.bench_reads import timelines


def main(home: Path) -> None:
    told = in_child(timelines, home)
    for name, taken in (("as the page asks", told.value.ours), ("plain rows", told.value.reference)):
        p50, p95 = np.percentile(taken, (50, 95)) * 1e3
        print(f"{name}: p50 {p50:.1f} ms, p95 {p95:.1f} ms, slowest {max(taken) * 1e3:.1f} ms, of {len(taken)}")
    print(f"peak memory: {told.peak_mb:,.0f} MB")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
