"""The reading side of the bench: one account's timeline, a filter change on the explore page, one explanation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import polars as pl
import shap

from analytics.detection.flags import explain_queue
from analytics.detection.models import ACCOUNT
from analytics.detection.scoring import matrix_of
from analytics.statistics.exploration import Choices, Filter, coded, keys_of, span_of
from analytics.workflows.bench_child import Pair, alternate
from analytics.workflows.explore import Explore
from analytics.workflows.log_files import LogFiles, RunFiles
from analytics.workflows.models import current_bundle
from data.home import Home
from data.moments import micros
from data.sidecars import LogReader, build_explore
from data.warehouse import stored_runs

QUESTIONS, SEED = 200, 5
EXPLAINED, EXPLAIN_ROUNDS, ONE_BY_ONE = 2_000, 3, 100
# Shares of filters with the whole time, with some days, and with hours of up to three days.
_SPANS = (0.35, 0.5, 0.15)
_PARTS = ("kinds", "clients", "networks", "countries", "services", "bands", "cohorts", "scores")


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """Explaining in the batch and one by one, each beside the reference, in seconds an account."""

    batch: Pair
    single: Pair
    accounts: int


def newest(root: Path) -> RunFiles:
    stored = stored_runs(Home(root))[-1]
    return RunFiles(run_id=stored.run_id, run=stored.run, snapshot=stored.snapshot)


def timelines(root: Path) -> Pair:
    """Two hundred accounts' timelines as the account page asks for them, beside the plain rows."""
    files = newest(root)
    reader = LogReader(files.snapshot, files.run)
    keys = reader.rows("bench_actors", {"most": QUESTIONS})["account_key"]
    drawn = keys.sample(keys.len(), shuffle=True, seed=SEED)
    return alternate([(_asked(reader, "account_hours", key), _asked(reader, "bench_timeline", key)) for key in drawn])


def _asked(reader: LogReader, name: str, key: int) -> Callable[[], object]:
    return partial(reader.rows, name, {"account_key": key})


def count_cells(root: Path) -> tuple[float, float]:
    """Seconds to count what the explore page answers from, and of one plain count over the same log."""
    files = newest(root)
    started = perf_counter()
    build_explore(files.explore, files.snapshot, files.run)
    built = perf_counter() - started
    reader = LogReader(files.snapshot, files.run, files.explore)
    everything = plain(Filter(), explore_of(reader).choices(), reader.rows("explore_codes"))
    started = perf_counter()
    reader.rows("bench_explore", everything)
    return built, perf_counter() - started


def explore_of(reader: LogReader) -> Explore:
    return Explore(lambda: reader)


def filter_changes(root: Path) -> Pair:
    """Two hundred filters as a page would set them, beside one plain count of the log under each."""
    reader = served(root).reader()
    explore = explore_of(reader)
    choices, codes = explore.choices(), reader.rows("explore_codes")
    return alternate(
        [
            (partial(explore.look, one), partial(reader.rows, "bench_explore", plain(one, choices, codes)))
            for one in filters_of(reader)
        ]
    )


def served(root: Path) -> LogFiles:
    """The home's newest run as the pages read it."""
    files = newest(root)
    return LogFiles(lambda: [files], lambda: b"")


def filters_of(reader: LogReader) -> list[Filter]:
    """The filters that this log is asked under, always the same."""
    groups = reader.rows("bench_groups")["group_id"].to_list()
    return random_filters(explore_of(reader).choices(), groups, QUESTIONS, SEED)


def plain(wanted: Filter, choices: Choices, codes: pl.DataFrame) -> dict[str, Any]:  # Any: what a query may bind
    """The part of a filter that a single table can answer."""
    span = span_of(wanted, choices)
    return {
        "since": micros(span.since),
        "until": micros(span.until),
        "kinds": coded(wanted, codes)["kinds"],
        "client_keys": keys_of(wanted.clients, "client", codes),
        "asns": keys_of(wanted.networks, "network", codes),
        "country_keys": keys_of(wanted.countries, "country", codes),
    }


def random_filters(choices: Choices, groups: list[str], most: int, seed: int) -> list[Filter]:
    """Filters of one to three conditions over every dimension, on the whole time, on days or on hours."""
    rng = np.random.default_rng(seed)
    return [_conditions(_span(choices, rng), choices, groups, rng) for _ in range(most)]


def _span(choices: Choices, rng: np.random.Generator) -> Filter:
    days = max((choices.last - choices.first).days, 1)
    how = rng.choice(3, p=_SPANS)
    if how == 0:
        return Filter()
    if how == 1:
        first, length = int(rng.integers(days)), int(rng.integers(4, max(days, 5)))
        since = choices.first + timedelta(days=first)
        return Filter(since=since, until=since + timedelta(days=length))
    since = choices.first + timedelta(hours=int(rng.integers(days * 24)))
    return Filter(since=since, until=since + timedelta(hours=int(rng.integers(6, 73))))


def _conditions(wanted: Filter, choices: Choices, groups: list[str], rng: np.random.Generator) -> Filter:
    usable = [part for part in _PARTS if choices.names[part]] + (["group_id"] if groups else [])
    chosen: dict[str, Any] = {}  # Any: one group or several names
    for part in rng.choice(usable, int(rng.integers(1, 4)), replace=False):
        if part == "group_id":
            chosen[part] = str(rng.choice(groups))
        else:
            names = choices.names[part]
            chosen[part] = tuple(sorted({str(name) for name in rng.choice(names, int(rng.integers(1, 3)))}))
    return replace(wanted, **chosen)


def explanations(root: Path) -> Explained:
    """The queue explained at once and one by one; the reference is shap's own explainer on the same rows."""
    home, files = Home(root), newest(root)
    bundle = current_bundle(home.models)
    reader = LogReader(files.snapshot, files.run)
    queue = reader.rows("bench_queue", {"most": EXPLAINED})
    missing = frozenset(reader.rows("explore_span")["missing"].item())
    matrix = matrix_of(queue, bundle.features(ACCOUNT))
    explainer = shap.TreeExplainer(bundle.boosters[ACCOUNT])
    no_facts = pl.DataFrame(schema={"account_key": pl.UInt32})

    def both(first: int, most: int) -> tuple[Callable[[], object], Callable[[], object]]:
        rows = queue.slice(first, most)
        return (
            partial(explain_queue, rows, no_facts, {}, bundle, missing),
            partial(explainer.shap_values, matrix[first : first + most]),
        )

    singles = [both(place, 1) for place in range(min(ONE_BY_ONE, queue.height))]
    batch = alternate([both(0, queue.height)] * EXPLAIN_ROUNDS)
    return Explained(batch=batch, single=alternate(singles), accounts=queue.height)
