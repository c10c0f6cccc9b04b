"""Loops that Python would take too long for, compiled when they are first needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def compiled(loop: Callable[..., Any], *inner: Callable[..., Any]) -> Callable[..., Any]:  # Any: as the loop returns
    """The loop as machine code that runs beside other threads; `inner`: plain functions that it calls.

    What was compiled is kept beside its module, so that only the first of all processes takes the seconds; where
    nothing may be written, each process does.
    """
    from numba import njit  # noqa: PLC0415 - a second of loading that only detection needs
    from numba.extending import register_jitable  # noqa: PLC0415 - see above

    for one in inner:
        register_jitable(one)
    try:
        told: Callable[..., Any] = njit(nogil=True, cache=True)(loop)
    except RuntimeError:
        told = njit(nogil=True)(loop)
    return told
