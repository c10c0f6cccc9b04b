"""The platform of one seed: how large, how busy, how tight, and how its people connect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from data.synthetic.abroad.chance import Floats, Ints, log_uniform, whole

COUNTRIES = np.array(
    [
        "US",
        "BR",
        "IN",
        "ID",
        "TR",
        "RU",
        "DE",
        "FR",
        "GB",
        "ES",
        "IT",
        "MX",
        "JP",
        "KR",
        "PH",
        "VN",
        "NG",
        "EG",
        "PK",
        "BD",
        "TH",
        "PL",
        "UA",
        "AR",
        "CO",
        "SA",
        "ZA",
        "NL",
        "SE",
        "KE",
        "IR",
        "MY",
    ]
)
UTC_OFFSETS = np.array(
    [-6, -3, 5.5, 7, 3, 3, 1, 1, 0, 1, 1, -6, 9, 9, 8, 7, 1, 2, 5, 6, 7, 1, 2, -3, -5, 3, 2, 1, 1, 3, 3.5, 8]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """What one seed fixes about its platform; shares are of all accounts unless the name says otherwise."""

    accounts: int
    days: int
    starts_at: int
    events_per_account: float
    activity_sigma: float
    countries: Ints
    country_shares: Floats
    thumb: float
    pace_seconds: float
    circle_size: float
    tightness: float
    explore: float
    fame_exponent: float
    celebrities: int
    several_devices: float
    shared_tablets: float
    changers: float
    vpn: float
    travellers: float
    campuses: float
    mobile: float
    home_renewal_days: float
    roaming: float
    cookieless: float
    null_devices: float
    newcomers: float
    heavy: float
    churners: float
    scheduled: float
    wide_hours: float
    comment_share: float
    follow_share: float
    answer_follow: float
    answer_like: float
    logins_per_account: float


def draw_platform(rng: Generator, accounts: int | None) -> Platform:
    """The platform of a seed: 800 to 3,000 accounts unless told, 14 to 60 days, every other trait from a wide range."""
    count = int(rng.integers(2, 17))
    return Platform(
        accounts=accounts or whole(rng, 800, 3000),
        days=int(rng.integers(14, 61)),
        starts_at=int(rng.integers(1_420_070_400, 1_790_000_000)) // 3600 * 3600,
        countries=rng.permutation(len(COUNTRIES))[:count],
        country_shares=rng.dirichlet(np.full(count, log_uniform(rng, 0.3, 3.0))) + 0.01,
        **_manners(rng),
        **_shares(rng),
        celebrities=whole(rng, 2, 20),
    )


def _manners(rng: Generator) -> dict[str, float]:
    return {
        "events_per_account": log_uniform(rng, 16, 80),
        "activity_sigma": float(rng.uniform(1.0, 1.9)),
        "thumb": log_uniform(rng, 2.0, 14.0),
        "pace_seconds": log_uniform(rng, 5, 60),
        "circle_size": log_uniform(rng, 5, 50),
        "tightness": float(rng.uniform(0.1, 0.8)),
        "explore": float(rng.uniform(0.1, 0.6)),
        "fame_exponent": float(rng.uniform(0.5, 1.1)),
        "home_renewal_days": log_uniform(rng, 0.5, 60),
        "roaming": log_uniform(rng, 0.02, 0.25),
        "wide_hours": float(rng.uniform(0.15, 0.7)),
        "comment_share": log_uniform(rng, 0.02, 0.15),
        "follow_share": log_uniform(rng, 0.06, 0.35),
        "answer_follow": float(rng.uniform(0.06, 0.25)),
        "answer_like": log_uniform(rng, 0.005, 0.04),
        "logins_per_account": log_uniform(rng, 0.3, 3.0),
    }


def _shares(rng: Generator) -> dict[str, float]:
    return {
        "several_devices": float(rng.uniform(0.1, 0.65)),
        "shared_tablets": log_uniform(rng, 0.01, 0.15),
        "changers": log_uniform(rng, 0.02, 0.12),
        "vpn": log_uniform(rng, 0.02, 0.2),
        "travellers": log_uniform(rng, 0.02, 0.15),
        "campuses": log_uniform(rng, 0.03, 0.3),
        "mobile": float(rng.uniform(0.15, 0.75)),
        "cookieless": log_uniform(rng, 0.01, 0.1),
        "null_devices": float(rng.choice([0.0, 0.0, 0.02, 0.15])),
        "newcomers": log_uniform(rng, 0.02, 0.12),
        "heavy": log_uniform(rng, 0.01, 0.06),
        "churners": log_uniform(rng, 0.005, 0.03),
        "scheduled": log_uniform(rng, 0.01, 0.08),
    }
