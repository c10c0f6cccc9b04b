"""One measurement in a process of its own, and both sides of a pair asked in turns."""

from __future__ import annotations

import pytest

from analytics.workflows.bench_child import alternate, in_child
from data.errors import StorageError


def test_both_sides_are_warmed_up_and_then_asked_in_turns() -> None:
    asked: list[str] = []
    cases = [((lambda: asked.append("ours")), (lambda: asked.append("reference")))] * 4

    pair = alternate(cases)

    assert asked[6:] == ["ours", "reference", "reference", "ours", "ours", "reference", "reference", "ours"]
    assert asked[:6] == ["ours", "reference"] * 3
    assert (len(pair.ours), len(pair.reference)) == (4, 4)


def holding(megabytes: int) -> int:
    return len(b"x" * (megabytes * 1024**2))


def test_the_memory_of_a_measurement_is_that_of_its_own_process() -> None:
    held = b"x" * (300 * 1024**2)

    little, much = in_child(holding, 1), in_child(holding, 400)

    assert len(held) == 300 * 1024**2
    assert much.value == 400 * 1024**2
    assert 350 < much.peak_mb - little.peak_mb < 450


def refused() -> None:
    raise StorageError("The disk is full.", "Free some space.")


def test_a_refusal_inside_a_measurement_stays_one_sentence() -> None:
    with pytest.raises(StorageError, match=r"The disk is full\. Free some space\."):
        in_child(refused)
