"""The bench: every piece of work has a time, a reference from the same run, their ratio and its memory."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from analytics.statistics.exploration import Choices
from analytics.workflows.bench import Line, duration, run_bench
from analytics.workflows.bench_line import Stages, sparse_product
from analytics.workflows.bench_reads import random_filters
from data.errors import StorageError

HOUR = 3_600_000_000


@pytest.fixture(scope="module")
def lines() -> list[Line]:
    """One small bench, since it starts a process for each of its lines."""
    return run_bench(engagements=20_000, rounds=1)


@pytest.mark.slow
def test_every_line_of_a_small_bench_is_finite_and_its_ratio_is_seconds_to_reference(lines: list[Line]) -> None:
    told = [line.work for line in lines]
    for work in (
        "ingest of",
        "account features of",
        "log to explained queue, whole line",
        "lockstep groups, per engagement",
        "one account's timeline, p50",
        "one account's timeline, p95",
        "explanation in the batch, per account",
        "explanation of one account on demand, p95",
        "explore, cells counted once a run",
        "explore, one filter change, p50",
        "explore, one filter change, p95",
    ):
        assert any(name.startswith(work) for name in told), work
    for line in lines:
        assert math.isfinite(line.seconds)
        assert line.seconds > 0
        assert line.ratio == line.seconds / line.reference_seconds
        assert math.isfinite(line.ratio)
        assert 50 < line.peak_mb < 8_000


@pytest.mark.slow
def test_the_steps_of_detection_add_up_to_the_whole_line_without_loading(lines: list[Line]) -> None:
    loading = next(line.seconds for line in lines if line.work.startswith("ingest"))
    whole = next(line.seconds for line in lines if "whole line" in line.work)
    steps = [line for line in lines if line.work.startswith("  of it")]
    assert len(steps) >= 5
    assert sum(step.seconds for step in steps) == pytest.approx(whole - loading, rel=0.05)
    assert sum(step.ratio for step in steps) < 1


def test_a_line_is_shown_in_units_that_people_read() -> None:
    line = Line(work="loading", seconds=46.8, reference="sorted copy", reference_seconds=36.0, peak_mb=5_030.4)

    assert line.ratio == pytest.approx(1.3)
    assert line.cells() == ("loading", "46.8 s", "sorted copy: 36.0 s", "1.30", "5,030")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1_234.5, "1,234.5 s"), (1.0, "1.0 s"), (0.0123, "12.3 ms"), (0.0000016, "1.60 µs")],
)
def test_a_time_is_told_in_seconds_milliseconds_or_microseconds(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_more_engagements_than_the_disk_holds_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"need about .* GB of disk"):
        run_bench(engagements=10**15, folder=tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_steps_are_told_by_the_name_under_which_they_report() -> None:
    ticks = iter([0.0, 1.0, 4.0, 9.0])
    told = Stages(clock=lambda: next(ticks))

    for share, what in ((0.1, "groups"), (0.2, "groups"), (0.5, "scoring"), (0.6, "scoring")):
        told(share, what)

    assert [(stage.name, stage.seconds) for stage in told.ended()] == [
        ("opening", 1.0),
        ("groups", 3.0),
        ("scoring", 5.0),
    ]


def test_the_reference_for_lockstep_counts_pairs_that_met_twice_within_an_hour() -> None:
    rows = [
        (1, 10, 0, 5),
        (2, 10, 0, 6),  # 1 and 2 meet
        (1, 11, 0, HOUR + 5),
        (2, 11, 0, HOUR + 6),  # and meet again
        (3, 11, 0, 3 * HOUR),  # another hour
        (3, 10, 1, 5),  # another kind
        (1, 12, 0, 5),
        (3, 12, 0, 7),  # 1 and 3 meet once
    ]
    acts = pl.DataFrame(rows, schema=["actor_key", "target_key", "kind", "at"], orient="row")

    assert sparse_product(acts) == 1


def test_a_crowd_is_no_meeting_in_the_reference_for_lockstep() -> None:
    rows = [(actor, target, 0, 5) for actor in range(60) for target in (1, 2)]
    acts = pl.DataFrame(rows, schema=["actor_key", "target_key", "kind", "at"], orient="row")

    assert sparse_product(acts) == 0


def test_random_filters_are_the_same_again_and_use_every_dimension() -> None:
    names = {
        part: (f"{part}-1", f"{part}-2")
        for part in ("kinds", "clients", "networks", "countries", "services", "bands", "cohorts", "scores")
    }
    choices = Choices(first=datetime(2026, 9, 1, tzinfo=UTC), last=datetime(2026, 10, 31, tzinfo=UTC), names=names)

    filters = random_filters(choices, ["G-1"], 200, seed=5)

    assert filters == random_filters(choices, ["G-1"], 200, seed=5)
    assert len(filters) == 200
    assert all(any(getattr(one, part) for one in filters) for part in names)
    assert any(one.group_id for one in filters)
    assert any(one.since is None for one in filters)
    spans = [one.until - one.since for one in filters if one.since and one.until]
    assert any(span.days <= 2 for span in spans)
    assert any(span.days > 20 for span in spans)
