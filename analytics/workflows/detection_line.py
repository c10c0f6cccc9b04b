"""The steps of one detection over one snapshot, each small enough to read."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import narwhals as nw
import polars as pl

from analytics.detection.attribution import Attribution, Hints, attribute
from analytics.detection.chunk import SERVICE_SESSION, Chunk, floor_probability, session_source
from analytics.detection.description import Description, describe
from analytics.detection.facts import usual_accounts, usual_facts
from analytics.detection.flags import explain_queue, flag_accounts, score_accounts
from analytics.detection.groups import Groups, acts_of, find_groups
from analytics.detection.log import Log
from analytics.detection.models import Bundle
from analytics.workflows.batch import Batch
from analytics.workflows.run_tables import shaped
from analytics.workflows.scoring_line import Report, Scoring
from analytics.workflows.thresholds import Settings
from data.contracts import RUN

# Gives a model, from a way to describe the engagements of some accounts.
Learn = Callable[[Callable[[Sequence[int]], pl.DataFrame]], Bundle]


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
        self.scoring = Scoring(batch, self.log, settings, bundle)
        self.floor_p = 0.0

    def run(self, progress: Report, learn: Learn | None = None) -> dict[str, int]:
        """Every step in order; returns the counts of the run's manifest. `learn` may give a better model first."""
        progress(0.03, "looking for groups")
        groups = self.find_groups()
        progress(0.25, "sessions and features")
        told = describe(self.log, self.batch.settle, self.batch.everyone)
        if learn is not None:
            progress(0.42, "learning from what was decided")
            self.scoring.use(learn(lambda accounts: self.scoring.rows_of(told, groups, accounts)))
        return self.conclude(groups, told, progress)

    def conclude(self, groups: Groups, told: Description, progress: Report) -> dict[str, int]:
        """Everything that depends on the model: scores, services, flags and their evidence."""
        progress(0.45, "scoring")
        chunks = self.scoring.score(told, groups, progress)
        progress(0.8, "services")
        attribution = self.attribute(chunks)
        # What comes holds every account at once, and none of the tables that the engine still keeps in memory.
        self.batch.let_go()
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
        acts = acts_of(self.log)
        self.batch.let_go()
        found = find_groups(acts, seed=self.seed)
        self.batch.store("groups", shaped("groups", found.groups))
        self.batch.store("group_members", shaped("group_members", found.members))
        return found

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
        cap = self.scoring.thresholds.no_evidence_cap
        scored = score_accounts(chunks.accounts, self.scoring.bundle, is_poor=self.scoring.is_poor, no_evidence_cap=cap)
        scored = pl.concat([scored, self.unscored(described, scored)], how="diagonal_relaxed").sort("account_key")
        flags = flag_accounts(
            scored,
            proposals(chunks.engagements),
            least_score=self.settings.queue_score,
            least_proposed=self.settings.queue_proposed,
        )
        flags = flags.join(main_of(attribution.members, "service_id"), on="account_key", how="left")
        flags = flags.join(main_of(groups.members, "group_id"), on="account_key", how="left")
        # A high score of which too little is proposed asks for no person, but whoever reads it wants to know why.
        certain = (pl.col("score") >= self.settings.queue_score) & pl.col("raw_score").is_not_null()
        explained = flags.filter(pl.col("is_queued") | certain).sort("rank")
        facts = group_facts(chunks.facts, flags, groups)
        usual = usual_facts(chunks.sessions.with_columns(session_source())) | usual_accounts(flags)
        told = explain_queue(explained, facts, usual, self.scoring.bundle, self.log.missing)
        self.batch.store("evidence", shaped("evidence", told.evidence))
        self.batch.store("explanations", shaped("explanations", told.explanations))
        self.store_flags(flags, told.lines)
        return int(flags["is_queued"].sum()), len(flags)

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
