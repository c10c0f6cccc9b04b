"""Scoring one snapshot chunk by chunk: each engagement by itself, then with what the whole log says of its places."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import narwhals as nw
import numpy as np
import polars as pl

from analytics.detection.bands import certified
from analytics.detection.calibration import Floats
from analytics.detection.chunk import Chunk, score_chunk
from analytics.detection.description import Description, Rows, described_sessions
from analytics.detection.description import rows as described_rows
from analytics.detection.first_look import a_few, suspicion, worth_a_look
from analytics.detection.groups import Groups, with_groups
from analytics.detection.hearsay import Talk, belief, hear, said
from analytics.detection.hearsay import together as talk_of
from analytics.detection.log import Frame, Log, is_poor
from analytics.detection.models import Bundle
from analytics.detection.scoring import by_itself, positions
from analytics.workflows.thresholds import Settings

Report = Callable[[float, str], None]
# Engagements scored at a time, and those described at a time; both bound memory, not quality. What engagements are
# looked up in may be larger than memory, so the fewer are looked up, the smaller is the side that must be held.
CHUNK, STRETCH = 300_000, 3_000_000
# Sessions that are looked at first, at a time.
LOOK = 1_000_000
Range = tuple[int, int]
NOBODY: Range = (0, 0)


class Batch(Protocol):
    """What the line needs of the warehouse: the snapshot's tables, scratch tables, and the run's tables."""

    def table(self, name: str) -> Frame: ...
    def settle(self, name: str, frame: Frame) -> Frame: ...
    def settle_rows(self, name: str, rows: pl.DataFrame) -> Frame: ...
    def collect(self, frame: Frame) -> pl.DataFrame: ...
    def store(self, name: str, rows: pl.DataFrame) -> None: ...
    def let_go(self) -> None: ...
    def lay_by(self, name: str, rows: pl.DataFrame) -> None: ...
    def take_up(self, name: str) -> pl.DataFrame: ...
    @property
    def missing(self) -> frozenset[str]: ...
    @property
    def span(self) -> tuple[int, int]: ...
    @property
    def everyone(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Plan:
    """The accounts that are scored, in ranges that are described together, each with the ranges it is scored in.

    `unscored`: how many engagements are left out.
    """

    accounts: Frame
    stretches: dict[Range, list[Range]]
    unscored: int

    @property
    def parts(self) -> list[Range]:
        return [part for parts in self.stretches.values() for part in parts]

    def around(self, part: Range) -> Range:
        """The stretch in which a part lies."""
        return next(stretch for stretch, parts in self.stretches.items() if part in parts)


class Scoring:
    """The scores of one snapshot's engagements by one model after another, which are all asked of the same chunks."""

    def __init__(self, batch: Batch, log: Log, settings: Settings, bundle: Bundle) -> None:
        self.batch, self.log, self.settings = batch, log, settings
        self.is_poor = is_poor(log)
        self.last_part: tuple[Range, pl.DataFrame] | None = None
        self.last_stretch: tuple[Range, Rows] | None = None
        self.laid_by: set[str] = set()
        self.planned: Plan | None = None
        self.use(bundle)

    def use(self, bundle: Bundle) -> None:
        """Score with this model, under the levels that its card asks for."""
        levels = bundle.card["thresholds"]["remove_poor" if self.is_poor else "remove"]
        self.bundle, self.thresholds = bundle, certified(self.settings.thresholds, levels)
        self.talk: Talk | None = None

    def rows_of(self, told: Description, groups: Groups, accounts: Sequence[int]) -> pl.DataFrame:
        """Every engagement of some accounts, described, with its id and with what is heard of their places."""
        known = self.batch.settle_rows(
            "known", pl.DataFrame({"account_key": accounts}, schema={"account_key": pl.Int64})
        )
        rows = self.collected(described_rows(told, self.batch.settle, "known_rows", known).of(), groups)
        acts = self.log.engagements.join(known, left_on="actor_key", right_on="account_key", how="semi")
        ids = self.batch.collect(acts.select("engagement_key", "engagement_id"))
        rows = rows.join(ids, on="engagement_key", how="left", maintain_order="left")
        if not self.hears:
            return rows
        if self.talk is None:
            self.listen(told, self.plan(told, groups), groups)
        return self.told_of(rows, by_itself(rows, self.bundle))

    def collected(self, frame: Frame, groups: Groups) -> pl.DataFrame:
        """Described engagements, in their order."""
        return with_groups(self.batch.collect(frame).sort("engagement_key"), groups)

    def part_of(self, told: Description, plan: Plan, groups: Groups, part: Range) -> pl.DataFrame:
        """One chunk, described once: a log's only chunk is kept, of several that are needed twice each is laid by."""
        if self.last_part is not None and self.last_part[0] == part:
            return self.last_part[1]
        self.last_part = None
        name = f"rows-{part[0]}-{part[1]}"
        if name in self.laid_by:
            rows = self.batch.take_up(name)
        else:
            rows = self.collected(self.stretch_of(told, plan, part).of(_within(*part)), groups)
            if self.hears and len(plan.parts) > 1:
                self.batch.lay_by(name, rows)
                self.laid_by.add(name)
        self.last_part = part, rows
        return rows

    def stretch_of(self, told: Description, plan: Plan, part: Range) -> Rows:
        """The described engagements around a chunk; those of the last stretch make room for them."""
        stretch = plan.around(part)
        if self.last_stretch is None or self.last_stretch[0] != stretch:
            chosen = plan.accounts.filter(_within(*stretch))
            self.last_stretch = stretch, described_rows(told, self.batch.settle, "rows", chosen)
        return self.last_stretch[1]

    @property
    def hears(self) -> bool:
        """Whether this model listens, and the log says from where accounts act."""
        return self.bundle.hears and not self.is_poor

    def score(self, told: Description, groups: Groups, progress: Report) -> Chunk:
        """Describe and score chunk by chunk, so that memory stays bounded; first everybody is asked, then heard."""
        plan = self.plan(told, groups)
        odds = self.listen(told, plan, groups) if self.hears else [None] * len(plan.parts)
        done: list[Chunk] = []
        for place, (part, alone) in enumerate(zip(plan.parts, odds, strict=True)):
            rows = self.part_of(told, plan, groups, part)
            if alone is not None:
                rows = self.told_of(rows, alone)
            done.append(score_chunk(rows, self.bundle, self.thresholds, is_poor=self.is_poor, alone=alone))
            progress(0.45 + 0.35 * (place + 1) / len(plan.parts), "scoring")
        self.last_part = None
        return together(done)

    def plan(self, told: Description, groups: Groups) -> Plan:
        """Which engagements are scored, in which chunks: found out once, whatever the model."""
        if self.planned is None:
            self.planned = self.new_plan(told, groups)
        return self.planned

    def new_plan(self, told: Description, groups: Groups) -> Plan:
        chosen, accounts = self.worth_scoring(told, groups), told.accounts
        if chosen is not None:
            accounts = accounts.join(chosen, on="account_key", how="semi")
        sizes = self.batch.collect(accounts.select("account_key", rows="account_engagements")).sort("account_key")
        everything = self.batch.collect(told.accounts.select(nw.col("account_engagements").sum())).item()
        unscored = 0 if chosen is None else int(everything - sizes["rows"].sum())
        stretches = {
            stretch: list(spans(sizes.filter(pl.col("account_key").is_between(*stretch)), CHUNK))
            for stretch in spans(sizes, STRETCH)
        }
        return Plan(accounts.select("account_key"), stretches or {NOBODY: [NOBODY]}, unscored)

    def listen(self, told: Description, plan: Plan, groups: Groups) -> list[Floats]:
        """Judge every engagement by itself, chunk by chunk, and gather what all accounts together say of each place."""
        odds, parts = [], []
        for part in plan.parts:
            rows = self.part_of(told, plan, groups, part)
            odds.append(by_itself(rows, self.bundle))
            parts.append(said(rows, self.believed(rows, odds[-1])))
        self.talk = talk_of(parts, unscored=plan.unscored)
        return odds

    def believed(self, rows: pl.DataFrame, alone: Floats) -> Floats:
        return belief(alone, positions(rows), self.bundle.base)

    def told_of(self, rows: pl.DataFrame, alone: Floats) -> pl.DataFrame:
        """The rows with what is heard of their places."""
        return rows if self.talk is None else hear(rows, self.believed(rows, alone), self.talk)

    def worth_scoring(self, told: Description, groups: Groups) -> Frame | None:
        """In a large log, the accounts that look most like a service's at first sight, and every group's members."""
        size = self.batch.collect(self.log.engagements.select(nw.len())).item()
        most = self.settings.scored_of(size)
        if size <= most:
            return None
        found = worth_a_look(self.suspected(told), most)["account_key"]
        members = groups.members["account_key"].cast(pl.Int64)
        chosen = pl.concat([found.cast(pl.Int64), members]).unique().sort()
        return self.batch.settle_rows("worth_scoring", chosen.to_frame("account_key"))

    def suspected(self, told: Description) -> pl.DataFrame:
        """Every account with its suspicion and its engagements, looked at stretch by stretch."""
        few = self.batch.settle("a_few", a_few(told.sessions))
        sizes = self.batch.collect(few.group_by("account_key").agg(nw.len().alias("rows"))).sort("account_key")
        parts = [self.first_look(told, few.filter(_within(*stretch)), stretch) for stretch in spans(sizes, LOOK)]
        known = self.batch.collect(told.accounts.select("account_key", "account_engagements"))
        return known.join(pl.concat(parts), on="account_key")

    def first_look(self, told: Description, few: Frame, stretch: Range) -> pl.DataFrame:
        sessions = self.batch.settle("first_look", few)
        seen = described_sessions(told, sessions, self.batch.settle, "first_look")
        accounts = told.accounts.filter(_within(*stretch))
        return suspicion(self.batch.collect(seen.join(accounts, on="account_key", how="left")), self.bundle)


def _within(low: int, high: int) -> nw.Expr:
    return (nw.col("account_key") >= low) & (nw.col("account_key") <= high)


def spans(sizes: pl.DataFrame, most: int) -> Iterator[Range]:
    """Ranges of account keys with about so many rows each. `sizes`: account_key, in order, and rows."""
    keys, counts = sizes["account_key"].to_numpy(), np.cumsum(sizes["rows"].to_numpy())
    if not len(keys):
        return
    chunk = (counts - 1) // most
    starts = np.flatnonzero(np.append(True, np.diff(chunk) > 0))
    ends = np.append(starts[1:] - 1, len(keys) - 1)
    yield from ((int(keys[start]), int(keys[end])) for start, end in zip(starts, ends, strict=True))


def together(chunks: list[Chunk]) -> Chunk:
    return Chunk(
        pl.concat([chunk.engagements for chunk in chunks]),
        pl.concat([chunk.sessions for chunk in chunks]),
        pl.concat([chunk.accounts for chunk in chunks]),
        pl.concat([chunk.facts for chunk in chunks]),
        sum(chunk.floor_sum for chunk in chunks),
        sum(chunk.floor_rows for chunk in chunks),
    )
