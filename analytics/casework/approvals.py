"""Who else must agree before a severe step is taken: each required role once, each by another person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.casework.policy import Step
from data.records import Role


@dataclass(frozen=True, slots=True)
class Confirmer:
    """Somebody who confirmed this case, and the role they did it in."""

    person_id: str
    role: Role


def still_needed(step: Step, confirmed: Sequence[Confirmer]) -> tuple[Role, ...]:
    """Return the roles that must still agree; the first confirmation is the proposal and stands for none of them."""
    needed, seen = list(step.approvals), {one.person_id for one in confirmed[:1]}
    if step.approvals and not confirmed:
        return step.approvals
    for one in confirmed[1:]:
        if one.role in needed and one.person_id not in seen:
            needed.remove(one.role)
        seen.add(one.person_id)
    return tuple(needed)
