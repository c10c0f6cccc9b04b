"""What a reviewer has written and ticked on a case so far, as text that is kept with the lease (F-08)."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from itertools import groupby

from analytics.views.engagements import Choice

# A draft longer than this keeps the note alone.
LONGEST = 2_000
EMPTY = ("", Choice())


def draft_text(note: str, choice: Choice, ids: Sequence[str]) -> str:
    """Write note and choice; rows are named by their place in the case's frozen list, in spans."""
    if not choice.is_changed:
        return _written({"note": note}) if note else ""
    places = {one: place for place, one in enumerate(ids)}
    told = {"note": note, "out": _spans(choice.out, places), "added": _spans(choice.added, places)}
    text = _written(told)
    return text if len(text) <= LONGEST else _written({"note": note[: LONGEST // 2]})


def read_draft(text: str, ids: Sequence[str]) -> tuple[str, Choice]:
    """Read what was kept; anything else counts as nothing kept."""
    try:
        told = json.loads(text) if text else {}
        out, added = _ids(told.get("out", ""), ids), _ids(told.get("added", ""), ids)
        return str(told.get("note", "")), Choice(out=out, added=added)
    except (ValueError, AttributeError, IndexError):
        return EMPTY


def _written(told: dict[str, str]) -> str:
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False)


def _spans(chosen: Collection[str], places: dict[str, int]) -> str:
    """Write `3-40,77` for the places of these rows."""
    found = sorted(places[one] for one in chosen if one in places)
    runs = [[place for _, place in run] for _, run in groupby(enumerate(found), lambda pair: pair[1] - pair[0])]
    return ",".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def _ids(spans: str, ids: Sequence[str]) -> frozenset[str]:
    ends = [(part.split("-")[0], part.split("-")[-1]) for part in spans.split(",") if part]
    return frozenset(ids[place] for first, last in ends for place in range(int(first), int(last) + 1))
