"""What differs from one seed's platform to the next: size, pace, habits and trade."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from data.synthetic.elsewhere.chance import DAY, logspan


@dataclass(frozen=True, slots=True)
class Habits:
    """Shares of people (0 to 1) and typical gaps, the same for everybody on one platform."""

    organic: float  # multiplier on what people do by themselves
    sitting: float  # engagements in a typical sitting
    thumb: float  # seconds between two taps of a typical person
    thumb_spread: float  # sigma of the logarithm of that
    irregular: float  # second parameter of the beta law of odd hours
    regret: float  # follows taken back
    gratitude: float  # multiplier on what strangers give back
    busy: float  # accounts that like hundreds a day
    newcomers: float
    travellers: float
    hobbyists: float  # accounts that go on one spree of follows
    hustlers: float  # accounts that grow by hand in three sprees
    twins: float  # accounts on the phone of another


@dataclass(frozen=True, slots=True)
class Kit:
    """Phones and networks of one platform's people; shares are 0 to 1."""

    cadence: float  # seconds between two releases of the client
    lag: float  # mean days until a release is installed
    old: float  # people on the last client their phone can run
    mods: float  # people on a modified client
    gadgets: float  # people who also use schedulers and readers
    second: float  # people with a second device
    new_phone: float
    public: float  # people who also use shared computers
    works: float  # people with an office
    vpn_some: float
    vpn_always: float
    carrier_nat: float  # mobile carriers that put many people behind few addresses
    households: float  # people in one home's range of addresses
    geo_error: float  # addresses placed in a wrong country
    six: float  # networks that speak IPv6
    no_device: float  # browsers that give no device id


@dataclass(frozen=True, slots=True)
class Trade:
    """The market for engagement; shares are 0 to 1 of the accounts that take part."""

    farms: float
    pods: float
    families: tuple[float, float, float]  # how customers divide over reciprocity, collusion and drip
    agency_every: float  # accounts per agency
    club_every: float  # accounts per community


@dataclass(frozen=True, slots=True)
class Dials:
    """Everything drawn once for a world. `accounts` is a count, `days` the length of the log, `bought` a share."""

    seed: int
    accounts: int
    days: int
    bought: float
    start: float  # seconds since 1970 at which the log begins
    topics: int
    land_spread: float  # concentration of the Dirichlet law of countries
    habits: Habits
    kit: Kit
    trade: Trade

    @property
    def weekday(self) -> int:
        """Weekday of the first day, Monday is 0."""
        return int((self.start // DAY + 3) % 7)

    @property
    def zeal(self) -> float:
        """How far sellers, fans and clubs follow a quiet platform: less than its ordinary people do."""
        return float(self.habits.organic**0.5)


def draw_dials(seed: int, accounts: int | None, days: int | None, bought: float | None) -> Dials:
    """Draw every dial of this seed; what is given replaces what was drawn and moves no other draw."""
    chance = np.random.default_rng([seed, 7919])
    drawn = round(logspan(chance, 900, 2600)), int(chance.integers(18, 51)), float(chance.uniform(0.03, 0.10))
    return Dials(
        seed=seed,
        accounts=drawn[0] if accounts is None else accounts,
        days=drawn[1] if days is None else days,
        bought=drawn[2] if bought is None else bought,
        start=datetime(2024, 1, 1, tzinfo=UTC).timestamp() + int(chance.integers(0, 800)) * DAY,
        topics=int(chance.integers(6, 16)),
        land_spread=logspan(chance, 0.4, 2.5),
        habits=_habits(chance),
        kit=_kit(chance),
        trade=_trade(chance),
    )


def _habits(chance: np.random.Generator) -> Habits:
    return Habits(
        organic=chance.uniform(0.25, 1.0),
        sitting=chance.uniform(2.8, 6.0),
        thumb=logspan(chance, 8, 24),
        thumb_spread=chance.uniform(0.6, 1.0),
        irregular=chance.uniform(2.0, 4.5),
        regret=chance.uniform(0.08, 0.28),
        gratitude=chance.uniform(0.5, 1.4),
        busy=chance.uniform(0.005, 0.013),
        newcomers=chance.uniform(0.02, 0.05),
        travellers=chance.uniform(0.02, 0.06),
        hobbyists=chance.uniform(0.02, 0.07),
        hustlers=chance.uniform(0.01, 0.04),
        twins=chance.uniform(0.03, 0.12),
    )


def _kit(chance: np.random.Generator) -> Kit:
    return Kit(
        cadence=logspan(chance, 4, 24) * DAY,
        lag=chance.uniform(2, 9),
        old=chance.uniform(0.05, 0.18),
        mods=chance.uniform(0.015, 0.07),
        gadgets=chance.uniform(0.02, 0.08),
        second=chance.uniform(0.2, 0.65),
        new_phone=chance.uniform(0.04, 0.14),
        public=chance.uniform(0.03, 0.10),
        works=chance.uniform(0.25, 0.55),
        vpn_some=chance.uniform(0.02, 0.10),
        vpn_always=chance.uniform(0.01, 0.06),
        carrier_nat=chance.uniform(0.3, 1.0),
        households=chance.uniform(2, 6),
        geo_error=chance.uniform(0.01, 0.06),
        six=chance.uniform(0.1, 0.6),
        no_device=chance.uniform(0.02, 0.12),
    )


def _trade(chance: np.random.Generator) -> Trade:
    families = chance.dirichlet([6.0, 6.0, 5.0])
    return Trade(
        farms=chance.uniform(0.12, 0.30),
        pods=chance.uniform(0.06, 0.16),
        families=(float(families[0]), float(families[1]), float(families[2])),
        agency_every=chance.uniform(400, 900),
        club_every=chance.uniform(250, 600),
    )
