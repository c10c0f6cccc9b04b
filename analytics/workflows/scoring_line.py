"""Scoring one snapshot chunk by chunk: each engagement by itself, then with what the whole log says of its places."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import narwhals as nw
import polars as pl

from analytics.detection.bands import certified
from analytics.detection.calibration import Floats
from analytics.detection.chunk import Chunk, score_chunk
from analytics.detection.description import Description, Rows
from analytics.detection.description import rows as described_rows
from analytics.detection.groups import Groups, with_groups
from analytics.detection.hearsay import Talk, belief, hear, said
from analytics.detection.hearsay import together as talk_of
from analytics.detection.log import Frame, Log, is_poor
from analytics.detection.models import Bundle
from analytics.detection.scoring import by_itself, positions
from analytics.workflows.batch import Batch, Range, spans, within
from analytics.workflows.choosing import worth_scoring
from analytics.workflows.thresholds import Settings

Report = Callable[[float, str], None]
# Engagements scored at a time, and those described at a time; both bound memory, not quality. What engagements are
# looked up in may be larger than memory, so the fewer are looked up, the smaller is the side that must be held.
CHUNK, STRETCH = 300_000, 3_000_000
NOBODY: Range = (0, 0)


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
            rows = self.collected(self.stretch_of(told, plan, part).of(within(*part)), groups)
            if self.hears and len(plan.parts) > 1:
                self.batch.lay_by(name, rows)
                self.laid_by.add(name)
        self.last_part = part, rows
        return rows

    def stretch_of(self, told: Description, plan: Plan, part: Range) -> Rows:
        """The described engagements around a chunk; those of the last stretch make room for them."""
        stretch = plan.around(part)
        if self.last_stretch is None or self.last_stretch[0] != stretch:
            chosen = plan.accounts.filter(within(*stretch))
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
        if self.laid_by:
            # From here on rows come from disk, and what they become needs the room that the engine holds.
            self.batch.let_go()
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
        chosen, accounts = worth_scoring(self.batch, self.settings, self.bundle, told, groups), told.accounts
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


def together(chunks: list[Chunk]) -> Chunk:
    return Chunk(
        pl.concat([chunk.engagements for chunk in chunks]),
        pl.concat([chunk.sessions for chunk in chunks]),
        pl.concat([chunk.accounts for chunk in chunks]),
        pl.concat([chunk.facts for chunk in chunks]),
        sum(chunk.floor_sum for chunk in chunks),
        sum(chunk.floor_rows for chunk in chunks),
    )
