"""F-20 with bulks: lists are drawn up, sampled, approved, run, stopped and taken back amid everything else.

At least 150 steps here, 3,000 with `make soak` (UNBOUGHT_SOAK_STEPS for both machines).
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize

from analytics.workflows.bulk import Bulk
from tests.analytics.workflows.bulk_life import ENDS, HAPPENED, WANTED_OF_BULKS, BulkLife
from tests.analytics.workflows.case_world import MAX, RITA
from tests.analytics.workflows.test_state_machine import STEPS, Life

# A step here costs three of the other machine's: every decision of a list is one of these ledgers' decisions.
SHARE, STEPS_A_LIFE = 0.3, 30


class BulkAndAllElse(Life, BulkLife):
    """One ledger's life in which there are bulks too."""

    @initialize(seed=st.integers(0, 2**32 - 1))
    def begin(self, seed: int) -> None:
        self.begin_bulks()
        Life.begin(self, seed)

    def restart(self) -> None:
        Life.restart(self)
        self.bulk = Bulk(self.office.gate, self.office.ledger, self.office.clock, lambda: self.rng.getrandbits(32))

    def teardown(self) -> None:
        """What stands of bulks is looked at when everything has been delivered, before the ledger is closed."""
        if hasattr(self, "office"):
            Life.teardown(self)
        self.small.stop()

    def count_what_happened(self, left) -> None:  # type: ignore[no-untyped-def]
        Life.count_what_happened(self, left)
        self.look_back_at_bulks()


TestBulkLife = BulkAndAllElse.TestCase
TestBulkLife.settings = settings(
    max_examples=max(8, int(STEPS * SHARE) // STEPS_A_LIFE),
    stateful_step_count=STEPS_A_LIFE,
    deadline=None,
    derandomize="UNBOUGHT_SOAK_STEPS" not in os.environ,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("end", ENDS)
def test_a_bulk_comes_to_this_end_and_what_always_holds_held(end: str) -> None:
    """Chance comes to each end in some lives; these come to each in one."""
    life = BulkAndAllElse()
    life.begin(seed=7)
    try:
        life.a_bulk_from_the_list_to_its_end(author=RITA, approver=MAX, before=2, end=end)
        life.deliver_due(500)
        life.a_case_has_one_decision_that_stands()
        life.run_bulks(life.office.ledger, 25)
        life.a_stopped_bulk_decides_nothing_more()
        life.each_action_has_each_effect_at_most_once()
    finally:
        life.teardown()


def test_enough_happened_to_bulks() -> None:
    assert [name for name in WANTED_OF_BULKS if not HAPPENED[name]] == []
