"""The demo's past is made by the same commands as everybody's work, so it must keep their rules."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import select

from analytics.workflows.demo_past import ESCALATIONS, SKIPS, Past, Truth
from analytics.workflows.queue import SECOND_REVIEW
from analytics.workflows.review import QueueFilter
from analytics.workflows.tending import tend_queue
from analytics.workspace import Workspace
from data.records import Outcome
from data.tables import decision_events, decisions
from tests.analytics.workflows.case_world import ANY, RITA, THEO, plain_policy, review_of
from tests.ledger_fixtures import Staffed


class Undecided(random.Random):
    """Chance that always asks somebody else."""

    def random(self) -> float:
        return SKIPS + ESCALATIONS / 2

    def lognormvariate(self, mu: float = 0.0, sigma: float = 1.0) -> float:
        return 40.0


def past_of(office: Staffed) -> Past:
    workspace = Workspace(office.home, office.ledger, office.clock)
    return Past(workspace, office.clock, Truth(sold=frozenset(), families={}), Undecided(1))  # type: ignore[arg-type]


@pytest.mark.parametrize("outcome", [Outcome.CONFIRM, Outcome.REJECT])
def test_nobody_escalates_a_second_look(office: Staffed, outcome: Outcome) -> None:
    """P-16: it is a yes or a no, or the first start of the demo ends here."""
    review = review_of(office, 1, policy=plain_policy(second_review_share=1.0))
    review.decide(RITA, outcome)
    office.forward(minutes=5)
    tend_queue(office.ledger, now=office.clock())
    past, token = past_of(office), office.token(THEO)
    lease = past.workspace.desk.take_next(token, QueueFilter(lane=SECOND_REVIEW))
    assert lease is not None

    past._case(token, lease)

    assert review.count(decisions) == 1
    events = review.all(select(decision_events.c.event))
    assert sum(row.event in ("second_review_agreed", "second_review_disagreed") for row in events) == 1


def test_an_ordinary_case_may_go_to_somebody_else(office: Staffed) -> None:
    review = review_of(office, 1)
    past, token = past_of(office), office.token(THEO)
    lease = past.workspace.desk.take_next(token, ANY)
    assert lease is not None

    past._case(token, lease)

    assert review.one(select(decisions.c.outcome)).outcome == Outcome.ESCALATE
