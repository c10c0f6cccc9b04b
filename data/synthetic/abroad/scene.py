"""What every part of a world needs to know about its surroundings."""

from __future__ import annotations

from dataclasses import dataclass

from data.synthetic.abroad.homes import Homes
from data.synthetic.abroad.people import People
from data.synthetic.abroad.platform import Platform


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A platform with its people and their homes."""

    platform: Platform
    people: People
    homes: Homes
