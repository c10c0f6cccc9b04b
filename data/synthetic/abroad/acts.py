"""Engagements in columns: sessions spread out into single moments, and lists joined."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.random import Generator

from data.synthetic.abroad.chance import Flags, Floats, Ints, ramp
from data.synthetic.abroad.homes import Seats

OWNER, AGENCY = 0, 1
NONE = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Acts:
    """One entry per engagement. Post is -1 where the last step shall choose it; campaign -1 is none."""

    kind: Ints
    actor: Ints
    target: Ints
    at: Floats
    seats: Seats
    origin: Ints
    post: Ints
    campaign: Ints

    def __len__(self) -> int:
        return len(self.kind)

    def take(self, rows: Ints | Flags) -> Acts:
        columns = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "seats"}
        return Acts(seats=self.seats.take(rows), **{name: column[rows] for name, column in columns.items()})

    def having(self, **columns: Ints | Floats) -> Acts:
        """The same engagements with some columns exchanged."""
        return replace(self, **columns)  # type: ignore[arg-type]


def acts(
    kind: Ints,
    actor: Ints,
    target: Ints,
    at: Floats,
    seats: Seats,
    *,
    origin: Ints | int = OWNER,
    post: Ints | int = NONE,
    campaign: Ints | int = NONE,
) -> Acts:
    """Engagements from columns, single numbers repeated."""
    wide = {
        name: np.broadcast_to(np.asarray(value, dtype=np.int64), actor.shape)
        for name, value in (("origin", origin), ("post", post), ("campaign", campaign))
    }
    return Acts(kind=kind, actor=actor, target=target, at=at, seats=seats, **wide)


def joined(parts: list[Acts]) -> Acts:
    """All parts, one after the other."""
    seats = Seats(*(np.concatenate([getattr(p.seats, f.name) for p in parts]) for f in fields(Seats)))
    names = [f.name for f in fields(Acts) if f.name != "seats"]
    return Acts(seats=seats, **{name: np.concatenate([getattr(p, name) for p in parts]) for name in names})


def moments(rng: Generator, starts: Floats, sizes: Ints, pace: Floats, unevenness: Floats) -> tuple[Ints, Floats]:
    """Session row and time of each engagement: gaps are log-normal around `pace` seconds, the first one zero."""
    row = np.repeat(np.arange(len(sizes)), sizes)
    gaps = pace[row] * np.exp(unevenness[row] * rng.standard_normal(len(row)))
    gaps = np.where(ramp(sizes) == 0, 0.0, np.minimum(gaps, 1500.0))
    total = np.cumsum(gaps)
    first = (np.cumsum(sizes) - sizes)[sizes > 0]
    base = np.zeros(len(sizes))
    base[sizes > 0] = total[first]
    return row, starts[row] + total - base[row]


def tidy(all_acts: Acts, created: Floats, until: float) -> Acts:
    """Sorted by time, inside the world, nobody with himself or before either account exists, nothing done twice."""
    a = all_acts
    keep = (a.target >= 0) & (a.actor != a.target) & (a.at >= 0) & (a.at < until)
    keep &= (a.at > created[a.actor]) & (a.at > created[a.target])
    a = a.take(keep)
    a = a.take(np.lexsort((a.at, a.target, a.actor)))
    a = a.take(~_repeated_bond(a))
    return a.take(np.argsort(a.at, kind="stable"))


def _repeated_bond(a: Acts) -> Flags:
    """True for a follow after a follow, or an unfollow after an unfollow, of the same pair."""
    bond = np.flatnonzero((a.kind == 1) | (a.kind == 3))
    again = np.zeros(len(bond), dtype=bool)
    again[1:] = (
        (a.actor[bond][1:] == a.actor[bond][:-1])
        & (a.target[bond][1:] == a.target[bond][:-1])
        & (a.kind[bond][1:] == a.kind[bond][:-1])
    )
    flags = np.zeros(len(a), dtype=bool)
    flags[bond[again]] = True
    return flags
