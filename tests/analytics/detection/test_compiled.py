"""Compiled loops: the same answer wherever they are kept, and compiled once for all processes of a machine."""

from __future__ import annotations

import linecache
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from analytics.detection.compiled import compiled


def twice(number: float) -> float:
    return 2 * number


def total(numbers: npt.NDArray[np.float64]) -> float:
    told = 0.0
    for number in numbers:
        told += twice(number)
    return told


NUMBERS = np.array([1.0, 2.5, 4.0])


def test_a_loop_says_the_same_as_in_python_and_its_inner_function_stays_one() -> None:
    assert compiled(total, twice)(NUMBERS) == total(NUMBERS) == 15.0
    assert twice(1.5) == 3.0


def test_what_was_compiled_before_is_taken_from_where_it_is_kept() -> None:
    compiled(total, twice)(NUMBERS)
    again: Any = compiled(total, twice)
    again(NUMBERS)

    assert sum(again.stats.cache_hits.values()) == 1
    assert sum(again.stats.cache_misses.values()) == 0


def test_where_nothing_can_be_kept_each_process_compiles_for_itself() -> None:
    """A loop without a file of its own, as in a folder that may not be written."""
    source, name = "def total(numbers):\n    return numbers.sum() * 2\n", "<nowhere>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    there: dict[str, Callable[..., float]] = {}
    exec(compile(source, name, "exec"), there)

    assert compiled(there["total"])(NUMBERS) == 15.0
