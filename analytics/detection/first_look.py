"""A first look at every account of a large log: the engagement model, asked about a few sessions of each.

What only single engagements tell (the target, the pair, the company) is unknown to it here. What it knows of the place,
the pace and the account is enough to say who is worth a closer look, at a small part of the price.
"""

from __future__ import annotations

import narwhals as nw
import numpy as np
import polars as pl

from analytics.detection.log import Frame
from analytics.detection.models import Bundle
from analytics.detection.scoring import by_itself

# Of eight sessions across an account's time one is a service's wherever every fourth is, nine times in ten; all of
# them find no more accounts in the same number of engagements.
SESSIONS = 8


def a_few(sessions: Frame, most: int = SESSIONS) -> Frame:
    """At most so many sessions of each account, spread evenly over its sessions from first to last."""
    place = nw.col("session_key").cum_count().over("account_key", order_by=("started_at", "session_key"))
    numbered = sessions.with_columns(place=place, of=nw.len().over("account_key"))
    step, step_before = (nw.col("place") * most) // nw.col("of"), ((nw.col("place") - 1) * most) // nw.col("of")
    return numbered.filter(step != step_before).drop("place", "of")


def suspicion(rows: pl.DataFrame, bundle: Bundle) -> pl.DataFrame:
    """One row per account: `suspicion`, the share of its engagements that look bought at first sight, to order by.

    `rows`: its described sessions with what is known of the account.
    """
    odds = np.clip(by_itself(rows, bundle), -30.0, 30.0)
    told = rows.select("account_key", "session_engagements", p=pl.Series(1.0 / (1.0 + np.exp(-odds))))
    weight = pl.col("session_engagements")
    return told.group_by("account_key").agg(suspicion=(pl.col("p") * weight).sum() / weight.sum())


def worth_a_look(suspected: pl.DataFrame, most: int) -> pl.DataFrame:
    """The most suspicious accounts that have at most so many engagements together; equals go together or not at all.

    `suspected`: account_key, suspicion and account_engagements of every account.
    """
    steps = suspected.group_by("suspicion").agg(pl.col("account_engagements").sum())
    within = steps.sort("suspicion", descending=True).filter(pl.col("account_engagements").cum_sum() <= most)
    return suspected.join(within.select("suspicion"), on="suspicion", how="semi").select("account_key")
