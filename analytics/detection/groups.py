"""Coordination as the scores see it: for each engagement the group around it and how strongly chance is excluded."""

from __future__ import annotations

from dataclasses import dataclass, field

import narwhals as nw
import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from analytics.detection.calibration import Integers
from analytics.detection.company import beside_usual, company
from analytics.detection.coordination import coordinate
from analytics.detection.coordination.marks import marks
from analytics.detection.log import Log

PLACES = {
    "client_key": "engagements.client_id",
    "asn": "engagements.asn",
    "prefix_key": "engagements.ip_prefix",
    "device_key": "engagements.device_id",
}
# A network brings its own number, which may be any; the other places are numbered here.
OWN_NUMBER = "asn"
GROUP_SCHEMA = {
    "group_id": pl.String,
    "kind": pl.String,
    "window_hours": pl.Float64,
    "accounts": pl.Int64,
    "targets": pl.Int64,
    "engagements": pl.Int64,
    "p_value": pl.Float64,
    "first_at": pl.Int64,
    "last_at": pl.Int64,
}


@dataclass(frozen=True, slots=True)
class Groups:
    """`marks`: one row per engagement in a group; `groups` and `members` as the run stores them.

    `company`: numbers by name, each one per engagement, in the order of their keys; none where a log knows no places,
    for there a taste that people share and a list that a seller works look the same.
    """

    marks: pl.DataFrame
    groups: pl.DataFrame
    members: pl.DataFrame
    company: dict[str, npt.NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Acts:
    """The engagements as arrays, in the order of their keys."""

    actor: npt.NDArray[np.uint32]
    target: npt.NDArray[np.uint32]
    at: Integers
    kind: npt.NDArray[np.uint8]
    # The columns that say from where, as far as the log has them; given up once groups have been looked for.
    places: dict[str, pl.Series] = field(default_factory=dict)


def acts_of(log: Log) -> Acts:
    """Lay the log's engagements out as arrays."""
    known = [column for column, name in PLACES.items() if log.has(name)]
    narrow = {"engagement_key": nw.UInt32, "actor_key": nw.UInt32, "target_key": nw.UInt32, "kind": nw.UInt8}
    # A hundred million rows are held here: no column is wider than it must be, and they are put in order one by one.
    keys = {name: nw.UInt32 for name in known if name != OWN_NUMBER}
    told = [nw.col(name).cast(kind) for name, kind in (narrow | keys).items()]
    others = ["at", *(name for name in known if name == OWN_NUMBER)]
    table = log.engagements.select(*others, *told).collect().to_arrow()
    order = pl.Series(table["engagement_key"]).arg_sort()
    acts = {name: pl.Series(name, table[name]).gather(order) for name in table.column_names if name != "engagement_key"}
    return Acts(
        acts["actor_key"].to_numpy(),
        acts["target_key"].to_numpy(),
        acts["at"].cast(pl.Int64).to_numpy(),
        acts["kind"].to_numpy(),
        {name: acts[name] for name in known},
    )


def find_groups(acts: Acts, *, seed: int) -> Groups:
    """Every group that passes its test, and the engagements inside the groups' campaigns; empties the acts' places."""
    rows = {"actor_key": acts.actor, "target_key": acts.target, "at": acts.at, "kind": acts.kind}
    knows_places = bool(acts.places)
    # By way of Arrow, which looks at the arrays instead of copying them.
    found = coordinate(pl.DataFrame(pa.table(rows)), acts.places, seed=seed)
    kept = company(acts.actor, acts.target) if knows_places else {}
    known = {name: beside_usual(kept.pop(name)).astype(np.float32) for name in list(kept)}
    return Groups(marks(found), found.groups.select(list(GROUP_SCHEMA)), found.members, known)


def with_groups(rows: pl.DataFrame, groups: Groups) -> pl.DataFrame:
    """Add each engagement's group and company, and the shares of its session and its account that lie in groups."""
    joined = rows.join(groups.marks, on="engagement_key", how="left").with_columns(
        pl.col("lockstep_strength", "density_strength").fill_null(0.0),
        pl.col("is_tested", "in_group").fill_null(value=False),
    )
    inside = (pl.col("lockstep_strength") > 0).cast(pl.Float64)
    places = joined["engagement_key"].to_numpy()
    return joined.with_columns(
        *(pl.Series(name, told[places], nan_to_null=True) for name, told in groups.company.items()),
        lockstep_share=inside.mean().over("account_key"),
        lockstep_session_share=inside.mean().over("session_key"),
    )
