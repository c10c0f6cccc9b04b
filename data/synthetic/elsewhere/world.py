"""One seed's platform while it is being drawn, and the two ways to write into its log."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from data.synthetic.elsewhere.acts import COMMENT, FOLLOW, LIKE, OWNER, Acts, Block, Hand, Log, Logins, acts
from data.synthetic.elsewhere.belongings import Phones, Places, draw_phones, draw_places, share_phones
from data.synthetic.elsewhere.chance import DAY, HOUR, Bools, Floats, Ints
from data.synthetic.elsewhere.dials import Dials
from data.synthetic.elsewhere.people import (
    Clock,
    Crowd,
    Hands,
    Standing,
    blank_standing,
    draw_clock,
    draw_crowd,
    draw_hands,
)
from data.synthetic.elsewhere.platform import Clients, Networks, draw_clients, draw_networks
from data.synthetic.elsewhere.posts import Posts
from data.synthetic.elsewhere.rigs import Rigs
from data.synthetic.elsewhere.scene import Scene
from data.synthetic.elsewhere.ties import Ties, draw_ties
from data.synthetic.elsewhere.whereabouts import Whereabouts
from data.synthetic.elsewhere.words import Words, draw_words

RETURNED = np.array([0.025, 0.13, 0.12, 0.0])  # chance that a stranger gives something back, by kind
MAIN_DEVICES = 3  # device codes that each account takes


@dataclass(slots=True)
class World:
    """The platform, its people and its log. Times are seconds from the log's start."""

    dials: Dials
    chance: np.random.Generator
    networks: Networks
    clients: Clients
    crowd: Crowd
    hands: Hands
    ties: Ties
    clock: Clock
    phones: Phones
    places: Places
    words: Words
    standing: Standing
    owners: Whereabouts
    rigs: Rigs
    log: Log = field(default_factory=Log)
    posts: Posts = field(default_factory=Posts)
    lots: list[Ints] = field(default_factory=list)  # profiles of each farm
    devices: int = 0  # device codes given out

    @property
    def size(self) -> int:
        """Number of accounts."""
        return self.dials.accounts

    @property
    def end(self) -> float:
        """Seconds from the log's start to its end."""
        return self.dials.days * DAY

    def new_devices(self, count: int) -> Ints:
        """Device codes that nobody has yet."""
        self.devices += count
        return np.arange(self.devices - count, self.devices)

    def role(self, name: str) -> Ints:
        """Accounts of a role."""
        return np.flatnonzero(self.standing.role == name)

    def some(self, count: int, near: int | None = None) -> Ints:
        """Different genuine accounts, the active ones more often, those of an id's country first."""
        weight = np.sqrt(np.minimum(self.hands.activity / self.dials.habits.organic, 400)) * ~self.standing.made_up
        if near is not None:
            country = self.crowd.country
            weight = weight * np.where(country[: self.size] == country[near], 6, 1)
        kept = min(max(count, 0), self.size // 3)
        return self.chance.choice(self.size, kept, replace=False, p=weight / weight.sum())

    def write(self, rows: Acts, scene: Scene | None = None, hand: Hand = OWNER, *, answerable: float = 0.0) -> None:
        """Write engagements down; strangers may give back, `answerable` times as much as usual.

        Left out: what lies outside the log, what somebody does to himself, and what is done by or to an account that
        does not exist yet. Without a scene it is the owner's own.
        """
        kept = self._possible(rows)
        rows = rows.take(kept)
        placed = self.owners.scene(rows.actor, rows.at) if scene is None else scene.take(kept)
        self.log.blocks.append(Block(rows, placed, hand))
        if answerable > 0:
            self._answer(rows, answerable * self.dials.habits.gratitude)

    def login(self, who: Ints, at: Floats, scene: Scene | None = None, succeeded: npt.ArrayLike = True) -> None:
        """Write log-ins down, within the log and the account's life; without a scene it is the owner's own."""
        kept = (at > np.maximum(self.hands.born[who], 0) * DAY) & (at < self.end)
        placed = self.owners.scene(who, at) if scene is None else scene
        done = np.broadcast_to(np.asarray(succeeded, np.bool_), who.shape)
        self.log.logins.append(Logins(who[kept], at[kept], placed.take(kept), done[kept]))

    def _possible(self, rows: Acts) -> Bools:
        born = self.hands.born * DAY
        target_born = np.append(born, 0.0)[np.minimum(rows.target, self.size)]
        exists = (rows.at > born[rows.actor]) & (rows.at >= target_born)
        return np.asarray(exists & (rows.at < self.end) & (rows.actor != rows.target), np.bool_)

    def _answer(self, rows: Acts, scale: float) -> None:
        """What strangers give back by themselves: genuine, whoever asked."""
        chance = self.chance
        back = (rows.target < self.size) & (chance.random(len(rows)) < RETURNED[rows.kind] * scale)
        asked = rows.take(back)
        part = chance.random(len(asked))
        thanks = np.where(part < 0.8, LIKE, np.where(part < 0.9, COMMENT, FOLLOW))
        kind = np.where(asked.kind == FOLLOW, np.where(part < 0.9, FOLLOW, LIKE), thanks)
        later = asked.at + chance.lognormal(math.log(3.9 * HOUR), 1.7, len(asked))
        at = self.clock.awake(asked.target, later)
        alive = (self.hands.until[asked.target] * DAY > at) & ~self.standing.made_up[asked.target]
        self.write(acts(asked.target[alive], asked.actor[alive], at[alive], kind[alive]))


def draw_platform(dials: Dials) -> World:
    """Draw networks, clients, people and words; nobody has a role and nothing has happened yet."""
    chance = np.random.default_rng([dials.seed, 15485863])
    networks, clients = draw_networks(dials, chance), draw_clients(dials.kit, chance)
    crowd, hands = draw_crowd(dials, networks, chance), draw_hands(dials, chance)
    ties = draw_ties(crowd, dials.topics, chance)
    phones = draw_phones(dials, clients, chance)
    places = draw_places(dials, crowd, ties, networks, chance)
    share_phones(dials, crowd, ties, phones, places)
    clock = draw_clock(dials, crowd, chance)
    owners = Whereabouts(dials, crowd, clock, networks, clients, phones, places)
    return World(
        dials=dials,
        chance=chance,
        networks=networks,
        clients=clients,
        crowd=crowd,
        hands=hands,
        ties=ties,
        clock=clock,
        phones=phones,
        places=places,
        words=draw_words(chance),
        standing=blank_standing(dials.accounts),
        owners=owners,
        rigs=Rigs(owners),
        devices=MAIN_DEVICES * dials.accounts,
    )
