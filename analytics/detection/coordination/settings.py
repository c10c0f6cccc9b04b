"""What the tests of coordination ask for; every threshold in one place."""

from __future__ import annotations

from dataclasses import dataclass

HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CoordinationSettings:
    """Thresholds of all four searches; times in hours."""

    lockstep_hours: tuple[float, ...] = (1.0, 4.0, 24.0)
    burst_hours: float = 2.0
    # A cell or window with more accounts than this is popularity, not coordination.
    most_in_cell: int = 300
    most_in_burst: int = 3_000
    least_in_burst: int = 5
    # How many of the linked pairs of bursts may be chance: few, and so many that hardly any true pair is missed, where
    # only groups that pass every test count. Coarse communities, for a sparse pool has no parts to be told apart.
    burst_discovery: float = 0.01
    loose_discovery: float = 0.3
    burst_resolution: float = 0.4
    least_meetings: int = 2
    least_group: int = 5
    false_discovery: float = 0.01
    hot_p: float = 1e-6
    admission_p: float = 1e-6
    window_p: float = 1e-4
    # Twice their usual share: then at least half of the members' visits are there for the campaign.
    window_lift: float = 2.0
    rounds: int = 4
    # Pair products for each engagement, at most; the cells least beyond their target's rate are left out.
    work_per_engagement: float = 2.0
    least_work: float = 1e7
    # A group whose coincidences are so few times those of its own hours and targets is explained by shared interest.
    least_excess: float = 2.0
    # So many times, and it is not a handful of events that the same people went to.
    tested_excess: float = 8.0
    # Accounts that come back to the same target again and again share an interest in it.
    most_repetition: float = 2.0
    least_targets: int = 5
    least_moments: int = 3
    group_p: float = 1e-9
    # Infrastructure: how many accounts, how far beyond expectation.
    least_on_key: int = 8
    least_lift: float = 5.0
    shared_place: float = 0.3
    # In-group density: pairs looked at, at most; the least expected first.
    most_expected: float = 0.02
    most_pairs: int = 2_000_000
    resolutions: tuple[float, ...] = (1.0, 5.0, 20.0)
    least_circle: int = 8
    density_lift: float = 5.0
    # Friends come back and answer; what is dealt out is neither.
    most_returns: float = 1.5
    most_answers: float = 0.2
    seed: int = 0
