"""One measurement in a process of its own: its memory is its own, and nothing that ran before burdens it."""

from __future__ import annotations

import multiprocessing
import resource
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing.context import BaseContext
from pathlib import Path
from time import perf_counter
from typing import Any, Generic, TypeVar

from data.errors import StorageError

T = TypeVar("T")
Work = Callable[[], object]
_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_FORGET_PEAK = "5"
# Loaded once and not used before a child is split off, so a child begins as if it had loaded them itself.
_LOADED_BEFORE = ["analytics.workflows.bench_line", "analytics.workflows.bench_reads"]
# Runs of each side that are not counted: files are read, code is loaded.
WARM_UP = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured(Generic[T]):
    """What a task returned, how long it took and the most memory its process held meanwhile."""

    value: T
    seconds: float
    peak_mb: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Seconds of the product and of its reference for the same questions, asked in turns."""

    ours: tuple[float, ...]
    reference: tuple[float, ...]


# Any: each task takes what it needs; all of it is plain data.
def in_child(task: Callable[..., T], *arguments: Any) -> Measured[T]:
    """Run a task of a module in a fresh process and wait for it."""
    context = _children()
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        try:
            return pool.submit(measure, task, *arguments).result()
        except BrokenProcessPool as error:
            raise StorageError(
                "A measurement ended early, most likely for want of memory.", "Measure fewer engagements."
            ) from error


def _children() -> BaseContext:
    """Return how to start a process; where systems can split one off, what all of them load is loaded once."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_LOADED_BEFORE)
    return context


def measure(task: Callable[..., T], *arguments: Any) -> Measured[T]:
    """Run a task here."""
    forget_peak()
    started = perf_counter()
    value = task(*arguments)
    return Measured(value=value, seconds=perf_counter() - started, peak_mb=peak_mb())


def alternate(cases: Sequence[tuple[Work, Work]]) -> Pair:
    """Time both sides of every case, the product first in one and its reference first in the next."""
    for ours, reference in cases[:WARM_UP]:
        ours()
        reference()
    taken: list[tuple[float, float]] = []
    for place, (ours, reference) in enumerate(cases):
        if place % 2:
            second, first = seconds_of(reference), seconds_of(ours)
        else:
            first, second = seconds_of(ours), seconds_of(reference)
        taken.append((first, second))
    return Pair(ours=tuple(ours for ours, _ in taken), reference=tuple(bare for _, bare in taken))


def seconds_of(work: Work) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


def peak_mb() -> float:
    """The most memory this process held since the peak was last forgotten."""
    if _STATUS.exists():
        lines = _STATUS.read_text(encoding="ascii").splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def forget_peak() -> None:
    """Start the peak anew, where the system can do that; elsewhere it is the peak since the process began."""
    if _CLEAR.exists():
        _CLEAR.write_text(_FORGET_PEAK, encoding="ascii")
