"""What a world shall be: its size, its span, its seed, and who sells in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Self

from data.synthetic.cast import FAMILIES, Sizes

MONTH_DAYS = 30
MONTHS = 4
# Engagements a day of one account of the bench world, so that two million accounts make 100 million in 60 days.
BENCH_DAYS, BENCH_PER_ACCOUNT = 60, 62


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldSpec:
    """One world. `horizon` is the number of days its people and services are planned for; a log may show a part.

    `liveliness` multiplies everybody's own activity, `sold` the customers of every service.
    """

    seed: int
    accounts: int
    days: int
    sizes: Sizes
    first_day: int = 0
    horizon: int = 0
    starts_at: datetime = datetime(2026, 9, 1, tzinfo=UTC)
    liveliness: float = 1.0
    without: frozenset[str] = frozenset()
    has_labels: bool = False
    has_hostile_texts: bool = False

    def __post_init__(self) -> None:
        unknown = self.without - set(FAMILIES)
        if unknown:
            raise ValueError(f"no such family: {', '.join(sorted(unknown))}; there are {', '.join(FAMILIES)}")

    @property
    def planned_days(self) -> int:
        return max(self.horizon, self.first_day + self.days)

    @classmethod
    def demo(cls, seed: int) -> Self:
        """The world of the demo: small enough to load while one waits, with enough sold in it to review."""
        return cls(seed=seed, accounts=6_000, days=45, sizes=Sizes.crowded(100), liveliness=0.6, has_hostile_texts=True)

    @classmethod
    def small(cls, seed: int) -> Self:
        """The world of tests."""
        return cls(seed=seed, accounts=3_000, days=21, sizes=Sizes.crowded(60), has_hostile_texts=True, has_labels=True)

    @classmethod
    def standard(cls, seed: int, without: tuple[str, ...] = ()) -> Self:
        """The world that quality is measured on; families of services may be left out by name."""
        return cls(
            seed=seed, accounts=30_000, days=60, sizes=Sizes.crowded(260), has_labels=True, without=frozenset(without)
        )

    @classmethod
    def month(cls, seed: int, number: int) -> Self:
        """One of four consecutive months of one world: the same people and services, a month later."""
        if not 0 <= number < MONTHS:
            raise ValueError(f"a world is planned for {MONTHS} months; there is no month {number}")
        spec = cls(seed=seed, accounts=6_000, days=MONTH_DAYS, sizes=Sizes.crowded(220))
        return replace(spec, first_day=number * MONTH_DAYS, horizon=MONTHS * MONTH_DAYS)

    @classmethod
    def bench(cls, engagements: int, seed: int) -> Self:
        """About so many engagements of proportionally many accounts, written in daily files in bounded memory."""
        accounts = max(1_000, engagements // BENCH_PER_ACCOUNT)
        sizes = Sizes.crowded(max(20, accounts // 400))
        return cls(seed=seed, accounts=accounts, days=BENCH_DAYS, sizes=sizes)
