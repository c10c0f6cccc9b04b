"""Why one account has its score: as the run stored it, else explained on demand from its stored features."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from analytics.casework.freezing import evidence_rows
from analytics.workflows.case_material import Reader, contributions_of
from data.records import Contribution, Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Reasons for and against, and the SHAP values behind them; none where they do not add up to the score."""

    evidence: tuple[Evidence, ...]
    contributions: tuple[Contribution, ...]
    base: float
    raw_score: float


def why(reader: Reader, account_key: int, models: Path) -> Why | None:
    """Explain one account's score in the newest run; None when the run did not score it by itself.

    What the run explained is read. The rest is explained by the model in use, from the account alone: without the facts
    of its sessions the reasons say what was measured, and no sentence opens rows. Under another model than the run's
    the parts do not add up, and the one reason is that there is no explanation.
    """
    named = {"chosen": pl.DataFrame({"account_key": [account_key]}, {"account_key": pl.UInt32})}
    evidence, parts = (reader.rows(f"case_{name}", frames=named) for name in ("evidence", "explanations"))
    if evidence.is_empty():
        row = reader.rows("account_features", {"account_key": account_key})
        if row.is_empty():
            return None
        evidence, parts = _on_demand(reader, row, models)
    return Why(
        evidence=evidence_rows(evidence),
        contributions=contributions_of(parts),
        base=float(parts["base"][0]) if parts.height else 0.0,
        raw_score=float(parts["raw_score"][0]) if parts.height else 0.0,
    )


def _on_demand(reader: Reader, row: pl.DataFrame, models: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    from analytics.detection.flags import explain_queue
    from analytics.workflows.models import kept_bundle

    missing = frozenset(reader.rows("explore_span")["missing"].item())
    facts = pl.DataFrame(schema={"account_key": pl.UInt32})
    told = explain_queue(row, facts, {}, kept_bundle(models), missing)
    return told.evidence, told.explanations
