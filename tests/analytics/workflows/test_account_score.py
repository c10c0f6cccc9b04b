"""Any scored account is explained on demand; the parts are those of shap's own explainer, or there are none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
import shap

from analytics.detection.models import ACCOUNT
from analytics.detection.scoring import matrix_of
from analytics.workflows.account_score import Why, why
from analytics.workflows.models import SHIPPED, load_bundle, store_bundle
from analytics.workspace import Workspace
from data.records import Direction
from data.sidecars import LogReader
from tests.analytics.detection.small_model import small_files


@pytest.fixture(scope="module")
def reader(prepared_home: Path) -> LogReader:
    return Workspace.open(prepared_home).files.reader()


def account(reader: LogReader, wanted: pl.Expr) -> dict[str, object]:
    """Return one account of the run that fits, with its features."""
    rows = reader.rows("bench_queue", {"most": 100_000}).filter(wanted)
    return rows.row(0, named=True)


def explained(reader: LogReader, row: dict[str, object], models: Path = SHIPPED) -> Why:
    found = why(reader, int(str(row["account_key"])), models)
    assert found is not None
    return found


@pytest.mark.filterwarnings("ignore:LightGBM binary classifier:UserWarning")
@pytest.mark.parametrize("wanted", [pl.col("raw_score") < -3, pl.col("raw_score") > 3], ids=["unsuspected", "queued"])
def test_the_parts_of_a_score_are_those_of_shap_and_add_up(reader: LogReader, wanted: pl.Expr) -> None:
    """S-05, issue 3: one account on demand."""
    row = account(reader, wanted)
    found = explained(reader, row)
    bundle = load_bundle(SHIPPED)
    names = bundle.features(ACCOUNT)
    explainer = shap.TreeExplainer(bundle.boosters[ACCOUNT])
    told = np.asarray(explainer.shap_values(matrix_of(pl.DataFrame([row]), names))).reshape(-1)

    parts = {one.feature: one.contribution for one in found.contributions}
    assert [parts[name] for name in names] == pytest.approx(told.tolist(), abs=1e-6)
    assert found.base + sum(parts.values()) == pytest.approx(row["raw_score"], abs=1e-6)
    assert {one.direction for one in found.evidence} & {Direction.FOR, Direction.AGAINST}


def test_under_another_model_than_the_runs_there_is_no_explanation(reader: LogReader, tmp_path: Path) -> None:
    store_bundle(tmp_path, "small", small_files())
    found = explained(reader, account(reader, pl.col("raw_score") < -3), tmp_path)

    assert found.contributions == ()
    assert [one.sentence for one in found.evidence if one.reason == "explanation"] == [
        "The model's explanation is unavailable: its parts do not add up to its score."
    ]


def test_a_high_score_has_reasons_whether_or_not_a_person_is_asked(reader: LogReader) -> None:
    """The export of flags gives reasons with every score from which a case could be opened."""
    told = reader.rows("export_flags")
    with_reasons = told.filter(pl.col("score") >= 0.5, pl.col("reasons").list.len() > 0).height

    assert with_reasons == told.filter(pl.col("score") >= 0.5).height > 0


def test_an_account_that_the_log_does_not_know_has_no_score(prepared_home: Path) -> None:
    assert Workspace.open(prepared_home).accounts.why("nobody") is None
