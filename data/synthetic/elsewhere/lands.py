"""Countries and networks that exist: time zones, languages and autonomous system numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np


@dataclass(frozen=True, slots=True)
class Land:
    """One country: hours from UTC, language, and three fixed-line and three mobile networks."""

    hours: float
    language: str
    fixed: tuple[int, int, int]
    mobile: tuple[int, int, int]


LANDS: Final = {
    "US": Land(-6, "en", (7922, 20115, 701), (21928, 20057, 22394)),
    "BR": Land(-3, "pt", (28573, 27699, 18881), (26599, 26615, 22085)),
    "ID": Land(7, "id", (7713, 17974, 23700), (23693, 24203, 4761)),
    "TR": Land(3, "tr", (9121, 34984, 47331), (16135, 15897, 20978)),
    "IN": Land(5.5, "en", (9829, 24560, 17488), (55836, 45609, 38266)),
    "RU": Land(3, "ru", (12389, 8402, 42610), (8359, 31133, 25159)),
    "GB": Land(0, "en", (2856, 5089, 5607), (12576, 25135, 206067)),
    "DE": Land(1, "en", (3320, 3209, 6805), (12638, 8881, 20676)),
    "FR": Land(1, "en", (3215, 12322, 15557), (5410, 51207, 21502)),
    "ES": Land(1, "es", (3352, 12479, 57269), (12430, 15704, 16299)),
    "MX": Land(-6, "es", (8151, 13999, 28548), (28403, 11888, 13591)),
    "NG": Land(1, "en", (37148, 35074, 37076), (29465, 36873, 37282)),
    "PH": Land(8, "en", (9299, 4775, 17639), (10139, 132199, 9658)),
    "JP": Land(9, "en", (4713, 2516, 17676), (9605, 55391, 138384)),
}
NAMES: Final = tuple(LANDS)
LANGUAGES: Final = tuple(land.language for land in LANDS.values())
ZONES: Final = np.array([land.hours for land in LANDS.values()], np.float64)
NETWORKS_EACH: Final = 3

HOSTING: Final = (
    *(16509, 14618, 15169, 8075, 16276, 24940, 14061, 20473, 63949, 60781, 9009),
    *(212238, 51167, 12876, 36352, 40676, 55286, 62240, 13335, 20940, 49981, 202425),
)
OFFICES: Final = 60
