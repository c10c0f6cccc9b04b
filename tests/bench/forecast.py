"""What a back-test says of the next month beside what that month brought: `python -m tests.bench.forecast`.

A standard world of 10,000 accounts is planned for four months. The first is loaded and detected, people who know the
truth decide the random audit and a part of the queue, and the back-test says what the thresholds do. Then the second
month is loaded into the same home and detected with the same thresholds, and the same figures are counted from that
month's engagements and the world's truth. The last column is the second month loaded into a home of its own.
"""

from __future__ import annotations

import argparse
import io
import random
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from sqlalchemy import insert, select
from uuid6 import uuid7

from analytics.statistics.backtest import Setting, Share
from analytics.workflows.backtest import BackTest, Side
from analytics.workflows.cases import open_cases
from analytics.workflows.detect import detect
from analytics.workflows.ingest import ingest
from analytics.workflows.log_files import RunFiles
from analytics.workflows.people import add_demo_people
from data.home import Home
from data.ledger import Ledger
from data.moments import micros
from data.records import Band
from data.sidecars import LogReader
from data.synthetic import WorldSpec, generate
from data.synthetic.spec import MONTH_DAYS
from data.tables import case_files, cases, decision_engagements, decisions
from data.warehouse import stored_runs

ACCOUNTS, SEED = 10_000, 20_181_119
# Queue cases that people decide in the first month, beside the whole random audit.
DECIDED = 250
SECONDS_A_CASE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """What a month brought, counted from its engagements and the truth."""

    accounts: int
    removed: int
    reviewed: int
    precision: float
    recall: float
    genuine_removed: int


def month(folder: Path, number: int, accounts: int, seed: int) -> Path:
    """Write one month of the world with its truth."""
    place = folder / f"month-{number}"
    generate(replace(WorldSpec.month(seed, number), accounts=accounts), place, _quietly)
    return place


def loaded(root: Path, months: list[Path], *, until: datetime, seed: int) -> RunFiles:
    """Load months into a home and detect; returns the newest run."""
    home = Home(root)
    for place in months:
        ingest(home, [place], now=until)
    detect(home, now=until, seed=seed)
    stored = stored_runs(home)[-1]
    return RunFiles(run_id=stored.run_id, run=stored.run, snapshot=stored.snapshot)


def forecast(root: Path, files: RunFiles, truth: pl.DataFrame, *, now: datetime, seed: int) -> Side:
    """Open the month's cases, let people decide some, and back-test the thresholds as they ran."""
    home = Home(root)
    ledger = Ledger.open(home)
    add_demo_people(ledger, now=now)
    open_cases(home, ledger, now=now)
    decide(ledger, truth, now, random.Random(seed))
    reader = LogReader(files.snapshot, files.run)
    backtest = BackTest(lambda _run: reader, ledger)
    side = backtest.side(backtest.setting_of())
    ledger.close()
    return side


def decide(ledger: Ledger, truth: pl.DataFrame, now: datetime, rng: random.Random) -> None:
    """Decide the whole random audit and some of the queue by the truth, at times that follow each other."""
    inauthentic = set(truth.filter("is_inauthentic")["engagement_id"])
    query = select(cases, case_files.c.engagements).join(case_files).order_by(cases.c.number)
    with ledger.read() as connection:
        rows = [dict(row) for row in connection.execute(query).mappings()]
    queue = [row for row in rows if row["lane"] == "queue"]
    chosen = rng.sample(queue, min(DECIDED, len(queue))) + [row for row in rows if row["lane"] == "random_audit"]
    with ledger.write() as connection:
        for number, row in enumerate(chosen):
            at = micros(now + timedelta(seconds=(number + 1) * SECONDS_A_CASE))
            told, taken = verdict(row, inauthentic, at)
            connection.execute(insert(decisions).values(told))
            connection.execute(insert(decision_engagements).values(taken))


def verdict(case: dict[str, Any], inauthentic: set[str], at: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the decision on one case with its engagements, each as the truth says."""
    rows = pl.read_parquet(io.BytesIO(case["engagements"])).select(
        "engagement_id",
        "kind",
        pl.col("at").dt.epoch("us"),
        "p",
        "band",
        is_removed=pl.col("engagement_id").is_in(inauthentic),
    )
    sink = io.BytesIO()
    rows.write_parquet(sink)
    is_real = bool(rows["is_removed"].any())
    of_case = {name: case[name] for name in ("case_id", "account_id", "lane", "run_id", "score", "is_blind")}
    told = {
        **of_case,
        "decision_id": str(uuid7()),
        "person_id": "demo-rita",
        "role": "reviewer",
        "outcome": "confirm" if is_real else "reject",
        "reason": "PURCHASED_LIKES" if is_real else "NOT_INAUTHENTIC",
        "decided_at": at,
        "shown_at": at - SECONDS_A_CASE * 1_000_000,
        "undo_until": at,
        "case_version": 1,
        "fence": 1,
        "explanation_shown": True,
        "step": 1,
        "policy_version": "1",
        "model_version": "m",
        "model_hash": "h",
        "evidence_hash": "h",
    }
    removed = dict.fromkeys(("removed_likes", "removed_follows", "removed_comments"), 0)
    proposed = rows.filter(pl.col("band") > 0).height
    return told, {"decision_id": told["decision_id"], "engagements": sink.getvalue(), "proposed": proposed, **removed}


def came(files: RunFiles, setting: Setting, truth: pl.DataFrame) -> Came:
    """Count one month: `truth` says which engagements are its own."""
    with duckdb.connect() as connection:
        for name, path in (("snapshot", files.snapshot), ("run", files.run)):
            connection.execute(f"attach '{path}' as {name} (read_only)")
        scored = connection.sql(
            "select e.engagement_id, f.account_id, f.score, s.band from run.engagement_scores s"
            " join snapshot.engagements e using (engagement_key) join run.flags f on f.account_key = s.account_key"
            " where s.band > 0"
        ).pl()
    rows = truth.join(scored, on="engagement_id", how="left").with_columns(pl.col("band").fill_null(0))
    proposed = rows.filter(pl.col("band") > 0, pl.col("score") >= setting.queue_score)
    queued = proposed.filter(pl.len().over("account_id") >= setting.queue_proposed)
    removed = queued.filter(pl.col("band") == int(Band.REMOVE))
    right = int(removed["is_inauthentic"].sum())
    return Came(
        accounts=queued["account_id"].n_unique(),
        removed=removed.height,
        reviewed=queued.height - removed.height,
        precision=right / removed.height if removed.height else float("nan"),
        recall=right / int(truth["is_inauthentic"].sum()),
        genuine_removed=removed.height - right,
    )


def table(side: Side, same: Came, own: Came) -> str:
    """Lay the forecast beside what came."""

    def row(name: str, said: str, *came: str) -> str:
        return f"{name:<34} {said:>24}" + "".join(f" {one:>16}" for one in came)

    lost = "none judged" if side.lost is None else f"{side.lost[0]:,.0f} to {side.lost[1]:,.0f}"
    both = (same, own)
    return "\n".join(
        (
            row("", "back-test of month 1", "month 2 came", "month 2 alone"),
            row("cases a day", f"{side.cases_a_day:.1f}", *(f"{one.accounts / MONTH_DAYS:.1f}" for one in both)),
            row("accounts brought up", f"{side.accounts.height:,}", *(f"{one.accounts:,}" for one in both)),
            row("engagements removed", f"{side.removed:,}", *(f"{one.removed:,}" for one in both)),
            row("engagements for review", f"{side.reviewed:,}", *(f"{one.reviewed:,}" for one in both)),
            row("precision of removal", said(side.judged.precision), *(f"{100 * one.precision:.2f} %" for one in both)),
            row("  by probabilities alone", f"{100 * (side.expected_precision or 0):.2f} %", "", ""),
            row("recall of removal", said(side.judged.recall), *(f"{100 * one.recall:.1f} %" for one in both)),
            row("genuine engagements removed", lost, *(f"{one.genuine_removed:,}" for one in both)),
        )
    )


def said(share: Share) -> str:
    if share.value is None or share.interval is None:
        return "none judged"
    low, high = share.interval
    return f"{100 * share.value:.2f} % ({100 * low:.1f} to {100 * high:.1f})"


def main() -> None:
    told = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    told.add_argument("--accounts", type=int, default=ACCOUNTS)
    told.add_argument("--seed", type=int, default=SEED)
    asked = told.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder, then = Path(place), datetime.now(UTC)
        first, second = (month(folder, number, asked.accounts, asked.seed) for number in (0, 1))
        truths = [pl.read_parquet(sorted(one.glob("truth/truth_engagements*.parquet"))) for one in (first, second)]
        files = loaded(folder / "home", [first], until=then, seed=asked.seed)
        side = forecast(folder / "home", files, truths[0], now=then, seed=asked.seed)
        later = then + timedelta(seconds=1)
        both = loaded(folder / "home", [second], until=later, seed=asked.seed)
        alone = loaded(folder / "alone", [second], until=later, seed=asked.seed)
        print(f"{asked.accounts:,} accounts, {truths[0].height:,} and {truths[1].height:,} engagements;", end=" ")
        print(f"{side.judged.rows:,} engagements judged in month 1")
        print(table(side, came(both, side.setting, truths[1]), came(alone, side.setting, truths[1])))


def _quietly(_share: float, _what: str) -> None:
    """Say nothing about progress."""


if __name__ == "__main__":
    main()
