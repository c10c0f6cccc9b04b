"""The first look: which sessions it takes, how it orders accounts, and what it leaves out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb
import narwhals as nw
import polars as pl
import pytest

from analytics.detection.description import describe, described_sessions
from analytics.detection.first_look import a_few, suspicion, worth_a_look
from analytics.detection.keyed import key_log
from analytics.detection.log import in_memory
from data.synthetic import Sizes, WorldSpec, frames
from tests.analytics.detection.small_model import shipped

ENGINES: dict[str, Callable[[pl.DataFrame], Any]] = {
    "polars": lambda rows: rows.lazy(),
    "duckdb": lambda rows: duckdb.from_arrow(rows.to_arrow()),
}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_few_sessions_are_spread_evenly_over_an_accounts_time(engine: str) -> None:
    """Seven sessions of one account, two of another; three are wanted: thirds of the first, all of the second."""
    started = [70, 10, 60, 20, 50, 30, 40, 1, 2]
    rows = pl.DataFrame({"account_key": [1] * 7 + [2] * 2, "session_key": range(9), "started_at": started})
    told = a_few(nw.from_native(ENGINES[engine](rows)), most=3).collect("polars").to_native()
    assert sorted(told.filter(pl.col("account_key") == 1)["started_at"]) == [30, 50, 70]
    assert sorted(told.filter(pl.col("account_key") == 2)["started_at"]) == [1, 2]
    assert set(told.columns) == set(rows.columns)


def test_accounts_go_in_order_of_suspicion_as_long_as_there_is_room() -> None:
    """Of four accounts with 5 engagements each 12 may be scored: the first two; equals go together or not at all."""
    engagements = pl.DataFrame({"account_key": [1, 2, 3, 4], "account_engagements": [5.0] * 4})
    apart = engagements.with_columns(suspicion=pl.Series([0.1, 0.9, 0.2, 0.8]))
    assert sorted(worth_a_look(apart, 12)["account_key"]) == [2, 4]
    equal = engagements.with_columns(suspicion=pl.Series([0.1, 0.9, 0.8, 0.8]))
    assert sorted(worth_a_look(equal, 12)["account_key"]) == [2]
    assert worth_a_look(equal, 4).is_empty()


def test_most_of_what_was_bought_lies_with_the_most_suspicious_accounts() -> None:
    """By the truth of a world that the model has not seen: three tenths of its engagements hold seven of the bought."""
    world = frames(WorldSpec(seed=34, accounts=1500, days=20, sizes=Sizes.crowded(25)))
    keyed = key_log({name: world[name] for name in ("accounts", "engagements", "logins")})
    told = describe(keyed.log, in_memory, len(keyed.ids))
    few = described_sessions(told, a_few(told.sessions), in_memory, "few")
    rows = few.join(told.accounts, on="account_key", how="left").collect().to_native()
    known = told.accounts.select("account_key", "account_engagements").collect().to_native()
    suspected = known.join(suspicion(rows, shipped()), on="account_key")
    assert len(suspected) == len(known)

    most = int(0.3 * known["account_engagements"].sum())
    chosen = worth_a_look(suspected, most).join(keyed.ids, on="account_key")
    assert known.join(chosen, on="account_key", how="semi")["account_engagements"].sum() <= most
    bought = world["truth_engagements"].filter("is_inauthentic")
    assert bought["actor_id"].is_in(chosen["account_id"].to_list()).mean() >= 0.7
