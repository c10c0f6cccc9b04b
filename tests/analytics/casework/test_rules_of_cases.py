"""States, priority, approvals and the policy file: small pure rules, each with its literal answers."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from analytics.casework.approvals import Confirmer, still_needed
from analytics.casework.draws import draw, is_drawn
from analytics.casework.notices import Consequence
from analytics.casework.policy import Policy, parse_policy
from analytics.casework.priority import priority
from analytics.casework.states import may_move, moved, resting
from analytics.workflows.policy import SHIPPED, load_policy
from data.errors import ConfigError, StaleCaseError
from data.records import CaseState, Role

S, R = CaseState, Role
POLICY = load_policy()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (S.OPEN, S.DECIDED),
        (S.CLOSED, S.LEASED),
        (S.CLOSED, S.DECIDED),
        (S.PROPOSED, S.DECIDED),
        (S.ESCALATED, S.DECIDED),
        (S.SNOOZED, S.DECIDED),
        (S.DECIDED, S.PROPOSED),
    ],
)
def test_no_case_is_decided_or_revived_past_its_lease(before: CaseState, after: CaseState) -> None:
    assert not may_move(before, after)
    with pytest.raises(StaleCaseError, match="moved on"):
        moved(before, after)


def test_only_a_leased_case_is_decided() -> None:
    assert [state for state in S if may_move(state, S.DECIDED)] == [S.LEASED]


def test_every_state_can_be_reached_from_a_proposed_case() -> None:
    reached, waiting = {S.PROPOSED}, [S.PROPOSED]
    while waiting:
        here = waiting.pop()
        found = {state for state in S if may_move(here, state)} - reached
        reached |= found
        waiting += found
    assert reached == set(S)


def test_an_escalated_case_rests_among_the_escalated() -> None:
    assert resting(is_escalated=True) is S.ESCALATED
    assert resting(is_escalated=False) is S.OPEN


def urgency(score: float, **proposed: int) -> float:
    return priority(score, proposed, 0, POLICY.priority)


def test_more_harm_is_more_urgent_and_never_above_one() -> None:
    assert urgency(0.9) == 0
    assert urgency(0.9, like=10) < urgency(0.9, like=100) < urgency(0.9, like=1_000) <= 1
    assert urgency(0.9, like=1_000) == urgency(0.9, like=100_000)
    assert urgency(0.9, comment=10) > urgency(0.9, follow=10) > urgency(0.9, like=10)


def test_a_doubtful_case_goes_before_a_sure_one_of_the_same_harm() -> None:
    """Expected harm times uncertainty: a person changes nothing where the machine is sure either way."""
    assert urgency(0.875, like=500) > urgency(0.999, like=500) > urgency(0.3, like=500) > urgency(0.01, like=500)
    assert urgency(0.875, like=1_000) == pytest.approx(1)


def test_rows_that_are_only_to_look_at_count_too() -> None:
    assert 0 < priority(0.6, {}, 40, POLICY.priority) < priority(0.6, {"like": 40}, 0, POLICY.priority)


RITA, MAX = Confirmer("r", R.REVIEWER), Confirmer("m", R.MANAGER)
SENA, IVO = Confirmer("s", R.SENIOR_REVIEWER), Confirmer("i", R.SENIOR_REVIEWER)


@pytest.mark.parametrize(
    ("step", "confirmed", "needed"),
    [
        (1, [RITA], ()),
        (3, [RITA], ()),
        (4, [], (R.SENIOR_REVIEWER,)),
        (4, [RITA], (R.SENIOR_REVIEWER,)),
        (4, [SENA], (R.SENIOR_REVIEWER,)),
        (4, [SENA, SENA], (R.SENIOR_REVIEWER,)),
        (4, [RITA, MAX], (R.SENIOR_REVIEWER,)),
        (4, [RITA, SENA], ()),
        (4, [SENA, IVO], ()),
        (5, [RITA], (R.SENIOR_REVIEWER, R.MANAGER)),
        (5, [RITA, SENA], (R.MANAGER,)),
        (5, [RITA, MAX], (R.SENIOR_REVIEWER,)),
        (5, [RITA, SENA, IVO], (R.MANAGER,)),
        (5, [RITA, SENA, MAX], ()),
        (5, [RITA, MAX, SENA], ()),
    ],
)
def test_who_must_still_agree(step: int, confirmed: list[Confirmer], needed: tuple[Role, ...]) -> None:
    """A.6: the fourth step needs a second person, the fifth a senior and a manager; each somebody else."""
    assert still_needed(POLICY.step(step), confirmed) == needed


def test_a_draw_is_even_and_belongs_to_its_names() -> None:
    drawn = [draw("blind", "r-1", f"a{n}") for n in range(2_000)]

    assert drawn == [draw("blind", "r-1", f"a{n}") for n in range(2_000)]
    assert 0.47 < sum(drawn) / 2_000 < 0.53
    assert [sum(low <= one < low + 0.25 for one in drawn) // 100 for low in (0, 0.25, 0.5, 0.75)] in (
        [[4, 4, 4, 4], [4, 4, 5, 5], [5, 4, 5, 4], [5, 4, 4, 5], [4, 5, 4, 5], [4, 5, 5, 4], [5, 5, 4, 4]]
    )
    assert not any(is_drawn(0.0, "blind", f"a{n}") for n in range(500))
    assert all(is_drawn(1.0, "blind", f"a{n}") for n in range(500))


def test_the_shipped_policy_is_the_ladder_of_the_rules() -> None:
    assert POLICY.undo.total_seconds() == 30
    assert [(one.limit_days, one.suspend_days, one.closes_account) for one in POLICY.steps] == [
        (0, 0, False),
        (0, 0, False),
        (7, 0, False),
        (0, 30, False),
        (0, 0, True),
    ]
    assert [POLICY.next_time(one.number).consequence for one in POLICY.steps] == [
        Consequence.SAME,
        Consequence.LIMIT,
        Consequence.SUSPEND,
        Consequence.CLOSE,
        Consequence.CLOSED,
    ]
    assert (POLICY.language("br"), POLICY.language("MX"), POLICY.language(None), POLICY.language("DE")) == (
        "pt",
        "es",
        "en",
        "en",
    )


@pytest.mark.parametrize(
    ("section", "change", "words"),
    [
        ("undo", {"seconds": 4}, "undo.seconds is not between 5 and 300"),
        ("undo", {"seconds": 301}, "undo.seconds"),
        ("appeal", {"days": 182}, "appeal.days is not between 183"),
        ("strikes", {"repeat_days": 181}, "strikes.repeat_days"),
        ("review", {"blind_share": 1.5}, "review.blind_share"),
        ("step", [{"consequence": "suspend", "suspend_days": 30}], "step 1 shuts an account without a second person"),
        ("step", [{"consequence": "close", "closes_account": True}], "without a second person"),
        ("step", [], "the ladder has no steps"),
        ("protected", {"approvals": []}, "protected.approvals names nobody"),
        ("protected", {"release_hours": 0}, "protected.release_hours is not between"),
        ("step", [{"consequence": "forgive"}], "forgive"),
    ],
)
def test_a_senseless_policy_is_refused_by_name(section: str, change: Any, words: str) -> None:
    told = tomllib.loads(SHIPPED.read_text())
    told[section] = change if isinstance(change, list) else told[section] | change

    with pytest.raises(ConfigError, match=words):
        parse_policy(told)


def test_a_policy_without_a_section_is_refused() -> None:
    told = tomllib.loads(SHIPPED.read_text())
    del told["lease"]

    with pytest.raises(ConfigError, match="lease"):
        parse_policy(told)


def test_steps_past_the_last_are_the_last() -> None:
    policy: Policy = POLICY

    assert (policy.step(0).number, policy.step(9).number) == (1, 5)
