"""What is told of an account's engagements does not depend on who else is described beside it."""

from __future__ import annotations

from functools import cache

import narwhals as nw
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from analytics.detection.description import Description, describe, rows
from analytics.detection.keyed import Keyed, key_log
from analytics.detection.log import Frame, in_memory
from tests.analytics.detection.small_model import small_world


@cache
def described(seed: int) -> tuple[Keyed, Description]:
    world = small_world(seed)
    keyed = key_log({name: world[name] for name in ("accounts", "engagements", "logins")})
    return keyed, describe(keyed.log, in_memory, len(keyed.ids))


def collected(frame: Frame) -> pl.DataFrame:
    return pl.DataFrame(frame.collect().to_native()).sort("engagement_key")


def some(keyed: Keyed) -> list[int]:
    """Every seventh account that acted."""
    actors = keyed.log.engagements.select("actor_key").unique().collect().to_native()
    return sorted(int(key) for key in pl.DataFrame(actors)["actor_key"])[::7]


@pytest.mark.parametrize("seed", [7, 8])
def test_chosen_accounts_are_told_as_if_everybody_were(seed: int) -> None:
    """Tables as large as the log are looked up, not cut: who else came, what was said, how full the hour was."""
    keyed, told = described(seed)
    accounts = some(keyed)
    chosen = nw.from_native(pl.DataFrame({"account_key": accounts}, schema={"account_key": pl.Int64}).lazy())
    everybody = collected(rows(told, in_memory, "all").of())
    acts = collected(keyed.log.engagements)
    assert everybody["engagement_key"].cast(pl.Int64).to_list() == acts["engagement_key"].cast(pl.Int64).to_list()
    mine = everybody.filter(pl.col("account_key").is_in(accounts))
    assert 0 < len(mine) < len(everybody)
    assert_frame_equal(collected(rows(told, in_memory, "some", chosen).of()), mine)


def test_a_chunk_is_told_as_its_part_of_the_whole() -> None:
    """Each table is asked for the chunk's accounts alone."""
    keyed, told = described(7)
    low, high = some(keyed)[1], some(keyed)[4]
    everything = rows(told, in_memory, "all")
    part = (nw.col("account_key") >= low) & (nw.col("account_key") <= high)
    mine = collected(everything.of()).filter(pl.col("account_key").is_between(low, high))
    assert len(mine) > 0
    assert_frame_equal(collected(everything.of(part)), mine)
