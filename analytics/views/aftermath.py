"""What the machine thought, beside what the person found, once the case is decided (S-01)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from analytics.views.case import is_unsure, of_hundred
from analytics.views.queue import proposed as listed
from analytics.views.text import counted
from data.records import Outcome

_FOUND = {Outcome.CONFIRM: "inauthentic", Outcome.REJECT: "not inauthentic"}
_MIDDLE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftermath:
    """One line: both findings, and whether they agree."""

    line: str
    agrees: bool | None


def aftermath(number: int, outcome: Outcome, score: float, proposed: Mapping[str, int]) -> Aftermath:
    """Compare a finding with the machine's; where it was unsure or nobody decided, there is nothing to agree on."""
    thought = "unsure" if is_unsure(score) else _FOUND[Outcome.CONFIRM if score > _MIDDLE else Outcome.REJECT]
    agrees = None if is_unsure(score) or outcome is Outcome.ESCALATE else _FOUND[outcome] == thought
    verdict = {True: "you agree", False: "you differ", None: ""}[agrees]
    yours = "you passed it on" if outcome is Outcome.ESCALATE else f"you found: {_FOUND[outcome]}"
    parts = [
        f"Case {number}, {yours}",
        f"the machine thought: {thought} (about {of_hundred(score)} of 100 like it); it proposed {listed(proposed)}",
        verdict,
    ]
    return Aftermath(line=" · ".join(part for part in parts if part), agrees=agrees)


def rows_told(outcome: Outcome, proposed: int, kept: int, added: int) -> str:
    """Say what became of the rows it proposed."""
    if not proposed:
        return "It proposed no row for removal" + (f"; you removed {added:,}." if added else ".")
    if outcome is not Outcome.CONFIRM:
        return f"It proposed {counted(proposed, 'row')} for removal; nothing was removed."
    more = f" and {added:,} more" if added else ""
    return f"It proposed {counted(proposed, 'row')} for removal; you removed {kept:,} of them{more}."
