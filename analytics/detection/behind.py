"""The rows behind a sentence: exactly those it speaks of, or none where it speaks of the account as a whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from analytics.detection.sentences import Facts, told
from data.records import Family

# Any: columns with their allowed values, and a number.
Rows = dict[str, Any]
PROPOSED: Rows = {"band": ["1", "2"]}
_PLACED = [str(families) for families in range(8) if families & Family.INFRASTRUCTURE]
# Beside the columns of a filter: how many rows the sentence counts, of which a case may keep only a part.
COUNTED = "counted"


def behind(reason: str, facts: Facts) -> str:
    """Return the filter of the rows that a sentence for it speaks of, as the run stores it."""
    return json.dumps(_BEHIND.get(reason, _whole_account)(facts))


def kept_rows(facts: Facts) -> str:
    """Return the filter of the rows that the sentence on what stays counts first."""
    owner = told(facts, "owner")
    own = {"source": ["owner"], COUNTED: owner}
    return json.dumps(own if owner else {"band": ["0"], COUNTED: told(facts, "kept")})


def _whole_account(_facts: Facts) -> Rows:
    return {}


def _proposed(facts: Facts) -> Rows:
    return PROPOSED | {COUNTED: told(facts, "proposed")}


def _placed(_facts: Facts) -> Rows:
    return PROPOSED | {"families": _PLACED}


def _new_place(_facts: Facts) -> Rows:
    return PROPOSED | {"is_new_place": ["true"]}


def _group(facts: Facts) -> Rows:
    return {"group_id": [str(facts["group_id"])]} if facts.get("group_id") else {}


def _taken_back(facts: Facts) -> Rows:
    counted = sum(told(facts, name) or 0.0 for name in ("follows_back", "unfollows_back"))
    return PROPOSED | {"is_taken_back": ["true"], COUNTED: counted}


def _template(facts: Facts) -> Rows:
    return PROPOSED | {"kind": ["2"], COUNTED: told(facts, "proposed_comments")}


_BEHIND: dict[str, Callable[[Facts], Rows]] = {
    "pace": _proposed,
    "regularity": _proposed,
    "shared_place": _placed,
    "new_place": _new_place,
    # Said for it, this reason speaks of the place that is not the owner's.
    "own_place": _new_place,
    "lockstep": _group,
    "density": _group,
    "crowd": _group,
    "companions": _group,
    "taken_back": _taken_back,
    "template": _template,
}
