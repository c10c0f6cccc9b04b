"""Engagements and log-ins as they are written down, before they have ids."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Final

import numpy as np
import numpy.typing as npt

from data.synthetic.elsewhere.chance import Bools, Floats, Ints
from data.synthetic.elsewhere.scene import Scene

LIKE, FOLLOW, COMMENT, UNFOLLOW = range(4)
KINDS: Final = ("like", "follow", "comment", "unfollow")
OWN_WORDS: Final = -1
NO_CAMPAIGN: Final = -1


@dataclass(frozen=True, slots=True)
class Hand:
    """Who acts: a place among the origins, and whether that is bought."""

    origin: int
    bought: bool = False


OWNER: Final = Hand(0)
AGENCY: Final = Hand(1)


@dataclass(frozen=True, slots=True)
class Acts:
    """One item per engagement; `at` is seconds from the log's start, `back` how many posts it reaches back."""

    actor: Ints
    target: Ints
    at: Floats
    kind: Ints
    back: Floats
    text: Ints
    campaign: Ints

    def take(self, rows: Bools | Ints) -> Acts:
        """Keep the rows named."""
        return Acts(*(getattr(self, column.name)[rows] for column in fields(self)))

    def __len__(self) -> int:
        return len(self.actor)


def acts(
    actor: Ints,
    target: Ints,
    at: Floats,
    kind: npt.ArrayLike,
    *,
    back: npt.ArrayLike = 1.5,
    text: npt.ArrayLike = OWN_WORDS,
    campaign: npt.ArrayLike = NO_CAMPAIGN,
) -> Acts:
    """Engagements from columns; one value serves all rows."""
    shape = actor.shape
    return Acts(
        actor,
        target,
        at,
        np.broadcast_to(np.asarray(kind, np.int64), shape),
        np.broadcast_to(np.asarray(back, np.float64), shape),
        np.broadcast_to(np.asarray(text, np.int64), shape),
        np.broadcast_to(np.asarray(campaign, np.int64), shape),
    )


@dataclass(frozen=True, slots=True)
class Block:
    """Engagements of one hand, with the scene of each."""

    acts: Acts
    scene: Scene
    hand: Hand


@dataclass(frozen=True, slots=True)
class Logins:
    """Log-ins of accounts at seconds from the log's start."""

    account: Ints
    at: Floats
    scene: Scene
    succeeded: Bools


@dataclass(slots=True)
class Log:
    """What was written so far, and the names of those who acted."""

    origins: list[str] = field(default_factory=lambda: ["owner", "agency"])
    blocks: list[Block] = field(default_factory=list)
    logins: list[Logins] = field(default_factory=list)
    campaigns: int = 0

    def origin(self, name: str) -> int:
        """The place of a new origin."""
        self.origins.append(name)
        return len(self.origins) - 1

    def campaign(self, orders: Ints) -> Ints:
        """Numbers for orders 0 … n that no other seller's orders have."""
        first = self.campaigns
        self.campaigns += int(orders.max(initial=-1)) + 1
        return first + orders
