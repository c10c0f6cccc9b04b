"""The first look: which sessions it takes, how it orders accounts, and what it leaves out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb
import narwhals as nw
import polars as pl
import pytest

from analytics.detection.description import describe
from analytics.detection.first_look import a_few, worth_a_look
from analytics.detection.keyed import key_log
from analytics.detection.log import in_memory
from analytics.workflows import choosing
from analytics.workflows.choosing import suspected
from analytics.workflows.rehearsal import MemoryBatch
from data.synthetic import Sizes, WorldSpec, frames
from tests.analytics.detection.small_model import shipped, tiny_world

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
    looked_at = suspected(MemoryBatch(keyed), shipped(), told)
    assert looked_at["account_key"].n_unique() == len(looked_at) == world["engagements"]["actor_id"].n_unique()
    assert looked_at["account_engagements"].sum() == len(world["engagements"])

    most = int(0.3 * len(world["engagements"]))
    chosen = worth_a_look(looked_at, most).join(keyed.ids, on="account_key")
    assert looked_at.join(chosen, on="account_key", how="semi")["account_engagements"].sum() <= most
    bought = world["truth_engagements"].filter("is_inauthentic")
    assert bought["actor_id"].is_in(chosen["account_id"].to_list()).mean() >= 0.7


def test_accounts_are_as_suspicious_however_many_are_looked_at_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    world = tiny_world(3)
    keyed = key_log({name: world[name] for name in ("accounts", "engagements", "logins")})
    told = describe(keyed.log, in_memory, len(keyed.ids))
    whole = suspected(MemoryBatch(keyed), shipped(), told).sort("account_key")
    monkeypatch.setattr(choosing, "LOOK", 100)
    parts = suspected(MemoryBatch(keyed), shipped(), told).sort("account_key")
    assert parts["account_key"].equals(whole["account_key"])
    assert parts["suspicion"].to_numpy() == pytest.approx(whole["suspicion"].to_numpy())
