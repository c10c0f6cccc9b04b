"""The steps of one detection over one snapshot, each small enough to read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import narwhals as nw
import numpy as np
import polars as pl

from analytics.detection.attribution import Attribution, Hints, attribute
from analytics.detection.bands import certified
from analytics.detection.calibration import Floats
from analytics.detection.chunk import SERVICE_SESSION, Chunk, floor_probability, score_chunk, session_source
from analytics.detection.description import Description, describe
from analytics.detection.description import rows as described_rows
from analytics.detection.facts import usual_accounts, usual_facts
from analytics.detection.flags import explain_queue, flag_accounts, score_accounts
from analytics.detection.groups import Groups, acts_of, find_groups, with_groups
from analytics.detection.hearsay import Talk, belief, hear, said
from analytics.detection.hearsay import together as talk_of
from analytics.detection.log import Frame, Log, is_poor
from analytics.detection.models import Bundle
from analytics.detection.scoring import by_itself, positions
from analytics.detection.signs import least_signs, signs_of
from analytics.workflows.thresholds import Settings
from data.contracts import RUN

Report = Callable[[float, str], None]
# Gives a model, from a way to describe the engagements of some accounts.
Learn = Callable[[Callable[[Sequence[int]], pl.DataFrame]], Bundle]
# Engagements described and scored at a time; bounds memory, not quality.
CHUNK = 300_000


class Batch(Protocol):
    """What the line needs of the warehouse: the snapshot's tables, scratch tables, and the run's tables."""

    def table(self, name: str) -> Frame: ...
    def settle(self, name: str, frame: Frame) -> Frame: ...
    def collect(self, frame: Frame) -> pl.DataFrame: ...
    def store(self, name: str, rows: pl.DataFrame) -> None: ...
    @property
    def missing(self) -> frozenset[str]: ...
    @property
    def span(self) -> tuple[int, int]: ...
    @property
    def everyone(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Plan:
    """The described engagements to be scored, ranges of account keys, and how many engagements are left out."""

    frame: Frame
    parts: list[tuple[int, int]]
    unscored: int


class Line:
    """One detection: holds the batch, the models and what has been found so far.

    `known`: the members of the services of the run before: account_id, service_id, name; those found again keep both.
    """

    def __init__(
        self, batch: Batch, bundle: Bundle, settings: Settings, seed: int, known: pl.DataFrame | None = None
    ) -> None:
        self.batch, self.settings, self.seed, self.known = batch, settings, seed, known
        first, last = batch.span
        self.log = Log(
            batch.table("engagements"), batch.table("accounts"), batch.table("logins"), batch.missing, first, last
        )
        self.is_poor = is_poor(self.log)
        self.floor_p = 0.0
        self.last_part: tuple[tuple[int, int], pl.DataFrame] | None = None
        self.use(bundle)

    def use(self, bundle: Bundle) -> None:
        """Score with this model, under the levels that its card asks for."""
        levels = bundle.card["thresholds"]["remove_poor" if self.is_poor else "remove"]
        self.bundle, self.thresholds = bundle, certified(self.settings.thresholds, levels)
        self.talk: Talk | None = None

    def run(self, progress: Report, learn: Learn | None = None) -> dict[str, int]:
        """Every step in order; returns the counts of the run's manifest. `learn` may give a better model first."""
        progress(0.03, "looking for groups")
        groups = self.find_groups()
        progress(0.25, "sessions and features")
        told = describe(self.log, self.batch.settle, self.batch.everyone)
        if learn is not None:
            progress(0.42, "learning from what was decided")
            self.use(learn(lambda accounts: self.rows_of(told, groups, accounts)))
        return self.conclude(groups, told, progress)

    def conclude(self, groups: Groups, told: Description, progress: Report) -> dict[str, int]:
        """Everything that depends on the model: scores, services, flags and their evidence."""
        progress(0.45, "scoring")
        chunks = self.score(told, groups, progress)
        progress(0.8, "services")
        attribution = self.attribute(chunks)
        progress(0.88, "explaining the queue")
        queued, accounts = self.flag(chunks, groups, attribution, told)
        bands = chunks.engagements["band"]
        return {
            "accounts": accounts,
            "queued": queued,
            "remove": int((bands == 2).sum()),
            "review": int((bands == 1).sum()),
            "groups": len(groups.groups),
            "services": len(attribution.services),
        }

    def find_groups(self) -> Groups:
        found = find_groups(acts_of(self.log), seed=self.seed)
        self.batch.store("groups", shaped("groups", found.groups))
        self.batch.store("group_members", shaped("group_members", found.members))
        return found

    def rows_of(self, told: Description, groups: Groups, accounts: Sequence[int]) -> pl.DataFrame:
        """Every engagement of some accounts, described, with what is heard of their places."""
        rows = self.collected(described_rows(told), groups, nw.col("account_key").is_in(accounts))
        if not self.hears:
            return rows
        if self.talk is None:
            self.listen(self.plan(told, groups), groups)
        return self.told_of(rows, by_itself(rows, self.bundle))

    def collected(self, frame: Frame, groups: Groups, chosen: nw.Expr) -> pl.DataFrame:
        """The chosen engagements, described, in their order."""
        return with_groups(self.batch.collect(frame.filter(chosen)).sort("engagement_key"), groups)

    def part_of(self, plan: Plan, groups: Groups, part: tuple[int, int]) -> pl.DataFrame:
        """One chunk, described. The last one is kept: a log of one chunk is not described again to be heard."""
        if self.last_part is None or self.last_part[0] != part:
            self.last_part = None
            self.last_part = part, self.collected(plan.frame, groups, _within(*part))
        return self.last_part[1]

    @property
    def hears(self) -> bool:
        """Whether this model listens, and the log says from where accounts act."""
        return self.bundle.hears and not self.is_poor

    def score(self, told: Description, groups: Groups, progress: Report) -> Chunk:
        """Describe and score chunk by chunk, so that memory stays bounded; first everybody is asked, then heard."""
        plan = self.plan(told, groups)
        odds = self.listen(plan, groups) if self.hears else [None] * len(plan.parts)
        done: list[Chunk] = []
        for place, (part, alone) in enumerate(zip(plan.parts, odds, strict=True)):
            rows = self.part_of(plan, groups, part)
            if alone is not None:
                rows = self.told_of(rows, alone)
            done.append(score_chunk(rows, self.bundle, self.thresholds, is_poor=self.is_poor, alone=alone))
            progress(0.45 + 0.35 * (place + 1) / len(plan.parts), "scoring")
        return together(done)

    def plan(self, told: Description, groups: Groups) -> Plan:
        """Which engagements are scored, in which chunks."""
        chosen = self.worth_scoring(told, groups)
        frame, accounts = described_rows(told), told.accounts
        if chosen is not None:
            frame, accounts = frame.filter(chosen), accounts.filter(chosen)
        sizes = self.batch.collect(accounts.select("account_key", "account_engagements")).sort("account_key")
        everything = self.batch.collect(told.accounts.select(nw.col("account_engagements").sum())).item()
        unscored = 0 if chosen is None else int(everything - sizes["account_engagements"].sum())
        return Plan(frame, list(spans(sizes)) or [(0, 0)], unscored)

    def listen(self, plan: Plan, groups: Groups) -> list[Floats]:
        """Judge every engagement by itself, chunk by chunk, and gather what all accounts together say of each place."""
        odds, parts = [], []
        for part in plan.parts:
            rows = self.part_of(plan, groups, part)
            odds.append(by_itself(rows, self.bundle))
            parts.append(said(rows, self.believed(rows, odds[-1])))
        self.talk = talk_of(parts, unscored=plan.unscored)
        return odds

    def believed(self, rows: pl.DataFrame, alone: Floats) -> Floats:
        return belief(alone, positions(rows), self.bundle.base)

    def told_of(self, rows: pl.DataFrame, alone: Floats) -> pl.DataFrame:
        """The rows with what is heard of their places."""
        return rows if self.talk is None else hear(rows, self.believed(rows, alone), self.talk)

    def worth_scoring(self, told: Description, groups: Groups) -> nw.Expr | None:
        """In a large log, the accounts with some sign of a service; everybody in a smaller one."""
        size = self.batch.collect(self.log.engagements.select(nw.len()))
        if size.item() <= self.settings.gate_engagements:
            return None
        signs = self.batch.settle("signs", signs_of(told.sessions))
        counts = self.batch.collect(signs.group_by("signs").agg(nw.col("engagements").sum()))
        level = least_signs(counts, self.settings.gate_scored)
        found = self.batch.collect(signs.filter(nw.col("signs") >= level).select("account_key"))["account_key"]
        members = groups.members["account_key"].cast(pl.Int64)
        return nw.col("account_key").is_in(pl.concat([found.cast(pl.Int64), members]).unique().sort().to_list())

    def unscored(self, told: Description, scored: pl.DataFrame) -> pl.DataFrame:
        """Accounts without any sign: their own features, and the probability of an engagement without evidence."""
        everybody = self.batch.collect(told.accounts)
        rest = everybody.join(scored.select("account_key"), on="account_key", how="anti")
        score = pl.lit(self.floor_p)
        return rest.with_columns(score=score, raw_score=score.log())

    def attribute(self, chunks: Chunk) -> Attribution:
        grouped = chunks.engagements.select("session_key", "group_id").drop_nulls().unique()
        proposed = chunks.engagements.filter(pl.col("p") >= SERVICE_SESSION)
        visits = proposed.select("session_key", "target_key").unique()
        names = self.batch.collect(self.batch.table("names"))
        hints = Hints(visits=visits, groups=grouped, names=names, known=self.known_members())
        attribution = attribute(chunks.sessions, hints, seed=self.seed)
        told = chunks.sessions.with_columns(session_source()).join(attribution.sessions, on="session_key", how="left")
        self.batch.store("sessions", shaped("sessions", told))
        by_session = chunks.engagements.join(attribution.sessions, on="session_key", how="left")
        self.batch.store("engagement_scores", shaped("engagement_scores", by_session))
        self.batch.store("services", shaped("services", attribution.services))
        self.batch.store("service_members", shaped("service_members", attribution.members))
        self.floor_p = floor_probability(chunks.floor_sum, chunks.floor_rows)
        return attribution

    def known_members(self) -> pl.DataFrame | None:
        """The members of the services of the run before, by the keys of this snapshot."""
        if self.known is None or self.known.is_empty():
            return None
        ids = self.batch.table("ids").filter(nw.col("account_id").is_in(self.known["account_id"].unique().to_list()))
        return self.known.join(self.batch.collect(ids.select("account_key", "account_id")), on="account_id")

    def flag(self, chunks: Chunk, groups: Groups, attribution: Attribution, described: Description) -> tuple[int, int]:
        """Rank the accounts, explain the queue, store flags with their evidence; returns the queued and all."""
        cap = self.thresholds.no_evidence_cap
        scored = score_accounts(chunks.accounts, self.bundle, is_poor=self.is_poor, no_evidence_cap=cap)
        scored = pl.concat([scored, self.unscored(described, scored)], how="diagonal_relaxed").sort("account_key")
        flags = flag_accounts(
            scored,
            proposals(chunks.engagements),
            least_score=self.settings.queue_score,
            least_proposed=self.settings.queue_proposed,
        )
        flags = flags.join(main_of(attribution.members, "service_id"), on="account_key", how="left")
        flags = flags.join(main_of(groups.members, "group_id"), on="account_key", how="left")
        queued = flags.filter("is_queued").sort("rank")
        facts = group_facts(chunks.facts, flags, groups)
        usual = usual_facts(chunks.sessions.with_columns(session_source())) | usual_accounts(flags)
        told = explain_queue(queued, facts, usual, self.bundle, self.log.missing)
        self.batch.store("evidence", shaped("evidence", told.evidence))
        self.batch.store("explanations", shaped("explanations", told.explanations))
        self.store_flags(flags, told.lines)
        return len(queued), len(flags)

    def store_flags(self, flags: pl.DataFrame, lines: dict[int, list[str]]) -> None:
        names = self.batch.collect(self.batch.table("ids"))
        said = pl.DataFrame(
            {"account_key": list(lines), "reasons": list(lines.values())},
            schema={"account_key": pl.Int64, "reasons": pl.List(pl.String)},
        )
        keyed = flags.with_columns(pl.col("account_key").cast(pl.Int64))
        told = keyed.join(said, on="account_key", how="left").join(
            names.with_columns(pl.col("account_key").cast(pl.Int64)), on="account_key", how="left"
        )
        told = told.with_columns(pl.col("reasons").fill_null(pl.lit([], dtype=pl.List(pl.String))))
        self.batch.store("flags", shaped("flags", told))
        numbers = [name for name, kind in flags.schema.items() if kind.is_numeric() and name != "account_key"]
        floats = [pl.col(name).cast(pl.Float64) for name in numbers if name not in RUN["flags"]]
        self.batch.store("features", keyed.select(pl.col("account_key").cast(pl.UInt32), *floats).sort("account_key"))


def _within(low: int, high: int) -> nw.Expr:
    return (nw.col("account_key") >= low) & (nw.col("account_key") <= high)


def spans(sizes: pl.DataFrame) -> Iterator[tuple[int, int]]:
    """Ranges of account keys with about a chunk of engagements each."""
    keys, counts = sizes["account_key"].to_numpy(), np.cumsum(sizes["account_engagements"].to_numpy())
    if not len(keys):
        return
    chunk = (counts - 1) // CHUNK
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


def proposals(engagements: pl.DataFrame) -> pl.DataFrame:
    """One row per account with engagements in a band above keep."""
    return engagements.group_by("account_key").agg(
        (pl.col("band") == 2).sum().alias("remove_count"), (pl.col("band") == 1).sum().alias("review_count")
    )


def main_of(members: pl.DataFrame, name: str) -> pl.DataFrame:
    """One row per account: the service or group with most of its engagements, the first by name of equals."""
    ordered = members.sort(["engagements", name], descending=[True, False])
    return (
        ordered.group_by("account_key", maintain_order=True)
        .agg(pl.col(name).first())
        .with_columns(pl.col("account_key").cast(pl.Int64))
    )


def group_facts(facts: pl.DataFrame, flags: pl.DataFrame, groups: Groups) -> pl.DataFrame:
    """The facts of an account with those of its main group."""
    of_group = groups.groups.select(
        "group_id",
        group_accounts=pl.col("accounts"),
        group_targets=pl.col("targets"),
        group_window_hours=pl.col("window_hours"),
        group_p_value=pl.col("p_value"),
    )
    mine = flags.select("account_key", "group_id").join(of_group, on="group_id", how="inner")
    return facts.join(mine, on="account_key", how="left")


def shaped(table: str, rows: pl.DataFrame) -> pl.DataFrame:
    """The run table's columns in their order; one that nothing filled is unknown."""
    present = set(rows.columns)
    return rows.select(
        pl.col(name).cast(POLARS[kind]) if name in present else pl.lit(None, POLARS[kind]).alias(name)
        for name, kind in RUN[table].items()
    )


POLARS: dict[str, pl.DataType] = {
    "VARCHAR": pl.String(),
    "UINTEGER": pl.UInt32(),
    "UTINYINT": pl.UInt8(),
    "INTEGER": pl.Int32(),
    "BIGINT": pl.Int64(),
    "DOUBLE": pl.Float64(),
    "FLOAT": pl.Float32(),
    "BOOLEAN": pl.Boolean(),
    "VARCHAR[]": pl.List(pl.String()),
    "UINTEGER[]": pl.List(pl.UInt32()),
    "DOUBLE[]": pl.List(pl.Float64()),
}
