"""What two people agreed on is what the next detection runs with, and what its manifest says."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from analytics.workflows.detect import detect, in_force
from analytics.workflows.governance import ApproveThresholds, ProposeThresholds
from analytics.workflows.ingest import ingest
from analytics.workflows.people import add_demo_people
from analytics.workflows.thresholds import approved_over, load_settings
from analytics.workspace import Workspace
from data.errors import ConfigError
from data.home import Home
from data.records import KIND_CODES, Kind
from data.synthetic import WorldSpec, generate
from data.synthetic.spec import Sizes
from tests.ledger_fixtures import new_ledger

ANALYST, MANAGER = "demo-ana", "demo-max"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
STRICT = {
    "remove": {"like": 0.999, "follow": 0.998, "comment": 0.997, "unfollow": 0.996},
    "review": {"like": 0.6, "follow": 0.61, "comment": 0.62, "unfollow": 0.63},
    "queue": {"score": 0.8, "proposed": 7},
}


def agree(workspace: Workspace, value: object) -> None:
    """An analyst proposes, a manager approves."""
    people, governance = workspace.people, workspace.governance
    analyst, manager = people.sign_in_demo(ANALYST).token, people.sign_in_demo(MANAGER).token
    governance.propose_thresholds(analyst, ProposeThresholds(idempotency_key="p", value=value, reason="Fewer lost"))
    seen = governance.candidates()[0].event_id
    governance.approve_thresholds(manager, ApproveThresholds(idempotency_key="a", event_id=seen))


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    home = Home(tmp_path / "home")
    ledger = new_ledger(home)
    add_demo_people(ledger, now=NOW)
    return Workspace(home, ledger, lambda: NOW)


def test_a_home_without_a_ledger_runs_with_the_shipped_numbers(tmp_path: Path) -> None:
    assert in_force(Home(tmp_path)) == load_settings()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("engagements", "scored"),
    [(0, 0), (4_000_000, 4_000_000), (5_000_000, 5_000_000), (10_000_000, 5_500_000), (100_000_000, 14_500_000)],
)
def test_five_million_engagements_are_scored_and_a_tenth_of_the_rest(engagements: int, scored: int) -> None:
    assert load_settings().scored_of(engagements) == scored


def test_a_candidate_in_the_shadow_changes_no_detection(workspace: Workspace) -> None:
    analyst = workspace.people.sign_in_demo(ANALYST).token
    command = ProposeThresholds(idempotency_key="p", value=STRICT, reason="Fewer lost")
    workspace.governance.propose_thresholds(analyst, command)

    assert in_force(workspace.home) == load_settings()


def test_an_approved_candidate_is_what_detection_runs_with(workspace: Workspace) -> None:
    """D.2, issue point 5."""
    agree(workspace, STRICT)

    found = in_force(workspace.home)

    assert found.thresholds.remove == {KIND_CODES[kind]: STRICT["remove"][kind.value] for kind in Kind}
    assert found.thresholds.review == {KIND_CODES[kind]: STRICT["review"][kind.value] for kind in Kind}
    assert (found.queue_score, found.queue_proposed) == (0.8, 7)
    assert found.audit_share == load_settings().audit_share
    assert found.version != load_settings().version


def test_a_senseless_candidate_stops_detection_by_name() -> None:
    with pytest.raises(ConfigError, match="not between 0 and 1"):
        approved_over(load_settings(), {"remove": {"like": 7.0}})


@pytest.mark.slow
def test_the_next_run_and_its_manifest_hold_the_approved_numbers(workspace: Workspace, tmp_path: Path) -> None:
    """Approve, detect, read the manifest: removal never starts below what was approved."""
    generate(WorldSpec(seed=3, accounts=1_500, days=14, sizes=Sizes.crowded(40)), tmp_path / "world")
    ingest(workspace.home, [tmp_path / "world"], now=NOW)
    agree(workspace, STRICT)

    detect(workspace.home, now=NOW)

    ran = workspace.backtest.setting_of()
    assert all(ran.remove[kind] >= STRICT["remove"][kind.value] for kind in Kind)
    assert {kind.value: level for kind, level in ran.review.items()} == STRICT["review"]
    assert (ran.queue_score, ran.queue_proposed) == (0.8, 7)
    told = json.loads(workspace.files.reader(None).rows("run_settings").row(0, named=True)["settings"])
    assert told["asked"] == STRICT["remove"]
    flags = workspace.backtest.side(ran)
    assert flags.accounts["score"].min() is None or flags.accounts["score"].min() >= 0.8
