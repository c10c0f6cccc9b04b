"""Draws every page over a ledger of 100,000 cases: `python -m tests.bench.large_ledger --home DIR [--cases 100000]`.

DIR is a home grown before by this script, or a prepared one that is copied beside and grown. Each page is drawn as the
role that uses it most, first in a workspace that has read nothing yet, then twice more in the same tab; the seconds of
the first and of the faster warm draw are printed, slowest first. They include AppTest's own work, about 20 ms.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import streamlit as st

from data.records import Role
from tests.bench.large_world import grow
from tests.browser.served import copied
from tests.pages.rooms import NAMES, ROLES_OF, TITLES, as_the_server_runs_it, tab_of, title, visit

PATIENCE = 600
# Who is on a page most, where several may see it.
USERS = (Role.MANAGER, Role.ANALYST, Role.ADMIN, Role.SENIOR_REVIEWER, Role.REVIEWER)
OF_PAGE = {"desk": Role.REVIEWER, "explore": Role.ANALYST, "query": Role.ANALYST, "account": Role.ANALYST}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One page: who drew it, and how long it took."""

    name: str
    role: Role
    first: float
    warm: float
    faults: tuple[str, ...]


def draw(home: Path, name: str) -> Drawn:
    """Draw one page first and warm, in a workspace of its own."""
    role = OF_PAGE.get(name) or next(one for one in USERS if one in ROLES_OF[name])
    st.cache_resource.clear()
    app = tab_of(home, role, longest_run=PATIENCE)
    started = perf_counter()
    visit(app, name)
    first = perf_counter() - started
    warm = []
    for _ in range(2):
        started = perf_counter()
        app.run()
        warm.append(perf_counter() - started)
    faults = [str(one.value) for one in app.exception]
    faults += [f"drew {title(app)!r}"] if title(app) != TITLES[name] else []
    return Drawn(name=name, role=role, first=first, warm=min(warm), faults=tuple(faults))


def main() -> None:
    told = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    told.add_argument("--home", type=Path, required=True)
    told.add_argument("--cases", type=int, default=100_000)
    told.add_argument("--pages", nargs="*", default=NAMES)
    asked = told.parse_args()
    large = asked.home.with_name(f"{asked.home.name}-{asked.cases}")
    if not large.exists():
        started = perf_counter()
        grow(copied(asked.home, large), asked.cases)
        print(f"{asked.cases:,} cases in {perf_counter() - started:.0f} s", flush=True)
    os.environ["UNBOUGHT_HOME"] = str(large)
    with as_the_server_runs_it():
        found = [draw(large, name) for name in asked.pages]
    for one in sorted(found, key=lambda one: -one.first):
        print(f"{one.name:<12} {one.role:<16} first {one.first:6.2f} s   warm {1e3 * one.warm:7.0f} ms")
        for fault in one.faults:
            print(f"    {fault}")
    sys.exit(any(one.faults for one in found))


if __name__ == "__main__":
    main()
