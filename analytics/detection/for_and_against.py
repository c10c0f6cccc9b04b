"""Which sentence a reason is given in, for and against; one that points the other way is not said at all."""

from __future__ import annotations

from collections.abc import Callable
from operator import ge, le

from analytics.detection.sentences import (
    Facts,
    Sentence,
    circle,
    company,
    countries,
    declared,
    known_device,
    lockstep,
    mix,
    new_place,
    overlap,
    pace,
    password,
    places,
    profile,
    rhythm,
    shared_place,
    slow,
    strangers,
    suspect,
    taken_back,
    template,
    told,
    uneven,
    usual_mix,
    volume,
)


def where(name: str, fits: Callable[[float, float], bool], sentence: Sentence) -> Sentence:
    """Return a sentence that is said only where the value lies on this side of the usual one."""

    def said(facts: Facts) -> str | None:
        value, usual = told(facts, name), told(facts, f"usual_{name}")
        return sentence(facts) if value is None or usual is None or fits(value, usual) else None

    return said


FOR: dict[str, Sentence] = {
    "pace": pace,
    "regularity": pace,
    "shared_place": shared_place,
    "new_place": new_place,
    "lockstep": lockstep,
    "density": lockstep,
    "crowd": lockstep,
    "companions": lockstep,
    "company": company,
    "strangers": strangers,
    "taken_back": taken_back,
    "password": password,
    "overlap": where("account_overlap_share", ge, overlap),
    "template": template,
    "own_place": new_place,
    "circle": where("account_revisited_share", le, circle),
    "profile": profile,
    "standing": profile,
    "hours": where("account_hours", ge, rhythm),
    "volume": where("account_per_day", ge, volume),
    "places": where("account_asns", ge, places),
    "country": where("account_countries", ge, countries),
    "suspect": suspect,
    "mix": mix,
}
AGAINST: dict[str, Sentence] = {
    "own_place": known_device,
    "circle": where("account_revisited_share", ge, circle),
    "profile": profile,
    "standing": profile,
    "hours": where("account_hours", le, rhythm),
    "volume": where("account_per_day", le, volume),
    "places": where("account_asns", le, places),
    "country": where("account_countries", le, countries),
    "suspect": where("suspect_share", le, suspect),
    "mix": usual_mix,
    "pace": where("account_top_pace", le, slow),
    "regularity": uneven,
    "declared_place": declared,
}
