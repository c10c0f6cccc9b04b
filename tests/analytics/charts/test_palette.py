"""R-06: charts can be seen on both surfaces and told apart by everybody."""

from __future__ import annotations

from itertools import combinations

import pytest

from analytics.charts.palette import AMBER, GREEN, PALETTE, RED, SOURCES
from tests.analytics.colours import SIGHTS, contrast, distance

SURFACES = ("#ffffff", "#15181b")


@pytest.mark.parametrize("colour", [*PALETTE, *SOURCES.values(), RED, AMBER, GREEN])
@pytest.mark.parametrize("surface", SURFACES)
def test_a_mark_stands_out_on_both_surfaces(colour: str, surface: str) -> None:
    assert contrast(colour, surface) >= 3


@pytest.mark.parametrize("sight", SIGHTS)
def test_colours_of_the_palette_stay_apart(sight: str) -> None:
    nearest = min(distance(one, other, sight) for one, other in combinations(PALETTE, 2))

    assert nearest >= 15
