"""One drill world: acts gathered column by column, then written down as a log with its truth."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from data.synthetic.drills.platform import (
    COMMENT,
    DAY,
    HOME_NETWORKS,
    HOUR,
    PRIVATE_NETWORKS,
    START,
    WORDS,
    Array,
    Habits,
    People,
)

COLUMNS = (
    "actor", "target", "at", "kind", "client", "asn", "prefix", "device", "country", "text", "post", "bought", "origin",
    "campaign",
)  # fmt: skip
NUMBERS = {"actor": np.int64, "target": np.int64, "at": np.float64, "kind": np.int64, "asn": np.int64}
KINDS = {0: "like", 1: "follow", 2: "comment", 3: "unfollow"}


@dataclass(frozen=True, slots=True)
class Place:
    """From where acts come; each entry one value for all acts or one per act."""

    client: Any  # Any: text or an array of texts
    asn: Any
    prefix: Any
    device: Any
    country: Any


@dataclass(frozen=True, slots=True)
class Origin:
    """Who made the acts, for the truth."""

    name: str = "owner"
    is_bought: bool = False


OWNER = Origin()


@dataclass(slots=True)
class World:
    rng: np.random.Generator
    habits: Habits
    people: People
    circles: list[Array]
    popularity: Array
    ranking: Array
    parts: list[dict[str, Array]] = field(default_factory=list)
    entries: list[tuple[int, float, str, int, str, int]] = field(default_factory=list)

    @property
    def owners(self) -> int:
        """How many real people there are; farms come after them."""
        return len(self.circles)

    def popular(self, count: int) -> Array:
        return self.ranking[self.rng.choice(len(self.ranking), count, p=self.popularity)]

    def strangers(self, count: int) -> Array:
        return self.rng.integers(0, self.owners, count)

    def words(self, count: int) -> Array:
        return np.array(WORDS, dtype=object)[self.rng.integers(0, len(WORDS), count)]

    def add(
        self, actor: Any, target: Array, at: Array, kind: Any, *, place: Place, origin: Origin = OWNER, **more: Any
    ) -> None:
        """Record acts; nobody acts on himself. `more`: text, post, campaign."""
        size = len(at)
        row = {
            "actor": actor,
            "target": target,
            "at": at,
            "kind": kind,
            "client": place.client,
            "asn": place.asn,
            "prefix": place.prefix,
            "device": place.device,
            "country": place.country,
            "text": more.get("text", ""),
            "post": more.get("post", ""),
            "bought": origin.is_bought,
            "origin": origin.name,
            "campaign": more.get("campaign", ""),
        }
        part = {name: spread(value, size, NUMBERS.get(name, object)) for name, value in row.items()}
        kept = part["actor"] != part["target"]
        self.parts.append({name: values[kept] for name, values in part.items()})

    def own(self, actor: Any, target: Array, at: Array, kind: Any, *, origin: Origin = OWNER, **more: Any) -> None:
        """Record acts from where their actors live."""
        actors = spread(actor, len(at), np.int64)
        self.add(actors, np.asarray(target), at, kind, place=self.home(actors, at), origin=origin, **more)

    def home(self, actor: Array, at: Array) -> Place:
        """Each act's client, network and device: phone or second device, at home or out, before or after a change."""
        people, habits = self.people, self.habits
        day = (at - START) / DAY
        second = people.second_device[actor] & ((at // 5400 + actor) % 5 == 0)
        client = np.where(day > people.client_change[actor], people.next_client[actor], people.client[actor])
        client = np.where(second, (people.client[actor] * 7 + 3) % habits.clients, client)
        mix = ((at // HOUR).astype(np.int64) * 2_654_435_761 + actor * 40_503) % 1000 / 1000
        is_out = (mix < people.mobile_share[actor]) & ~second
        network = np.where(day > people.move[actor], people.next_network[actor], people.network[actor])
        asn = HOME_NETWORKS + people.country[actor] * 50 + np.where(is_out, 40 + people.carrier[actor], network)
        hidden = people.private[actor] & ((at // 20_000 + actor) % 2 == 0)
        return Place(
            client=self.builds(client, at, actor % 17 / 17),
            asn=np.where(hidden, PRIVATE_NETWORKS + actor % 3, asn),
            prefix=self._prefixes(actor, at, asn, is_out, hidden),
            device=texts("d", actor, np.where(second, 9, (day > people.device_change[actor]).astype(np.int64))),
            country=people.country[actor],
        )

    def builds(self, client: Array, at: Array, releases_behind: Any) -> Array:
        """The clients' names, which on some platforms change with every release; people take it up by and by."""
        if not self.habits.release_days:
            return texts("app", client)
        release = (at - START) / (self.habits.release_days * DAY) + 500 - releases_behind
        return texts("app", client, np.floor(release))

    def _prefixes(self, actor: Array, at: Array, asn: Array, is_out: Array, hidden: Array) -> Array:
        habits, people = self.habits, self.people
        hop = ((at // (habits.prefix_hours * HOUR)).astype(np.int64) * 7919 + actor * 31) % habits.carrier_prefixes
        lease = ((at - START) / (habits.home_lease_days * DAY)).astype(np.int64)
        moved = ((at - START) / DAY > people.move[actor]).astype(np.int64)
        house = texts("h", people.household[actor], lease, moved)
        return np.where(hidden, texts("v", actor % 3), np.where(is_out, texts("m", asn, hop), house))

    def frames(self) -> dict[str, pl.DataFrame]:
        """The log and its truth under the names of the input contract."""
        acts = self._acts()
        hidden = ("is_inauthentic", "origin", "campaign_id")
        return {
            "engagements": acts.drop(*hidden),
            "truth_engagements": acts.select("engagement_id", "actor_id", *hidden),
            "accounts": self._accounts(),
            "truth_accounts": self._truth(set(acts.filter("is_inauthentic")["actor_id"].unique())),
            "logins": self._logins(),
        }

    def _acts(self) -> pl.DataFrame:
        columns = {name: np.concatenate([part[name] for part in self.parts]) for name in COLUMNS}
        frame = pl.DataFrame({name: column(values) for name, values in columns.items()})
        frame = frame.filter(pl.col("at") < START + self.habits.days * DAY).sort("at", "actor", "target", "kind")
        window = (pl.col("at") // (self.habits.post_days * DAY)).cast(pl.Int64)
        target = "page" if self.habits.has_pages else "a"
        post = pl.when(pl.col("post") == "").then(pl.format("p{}_{}", "target", window)).otherwise("post")
        return frame.with_row_index("row").select(
            engagement_id=pl.format("e{}", "row"),
            kind=pl.col("kind").replace_strict(KINDS, return_dtype=pl.String),
            actor_id=pl.format("a{}", "actor"),
            target_id=pl.format(target + "{}", "target"),
            at=moment("at"),
            post_id=post,
            client_id="client",
            asn="asn",
            ip_prefix="prefix",
            device_id="device",
            country=pl.format("C{}", pl.col("country").cast(pl.Int64)),
            text=pl.when(pl.col("kind") == COMMENT).then("text"),
            is_inauthentic="bought",
            origin="origin",
            campaign_id="campaign",
        )

    def _accounts(self) -> pl.DataFrame:
        people = self.people
        return pl.DataFrame(
            {
                "account_id": [f"a{key}" for key in range(len(people))],
                "created_at": people.born,
                "handle": [f"person{key}" for key in range(len(people))],
                "followers": people.followers,
                "following": people.following,
                "posts": people.posts,
                "country": [f"C{key}" for key in people.country],
                "is_verified": [False] * len(people),
                "is_delegated": people.declared,
            }
        ).with_columns(created_at=moment("created_at"))

    def _truth(self, bought: set[str]) -> pl.DataFrame:
        people = self.people
        return pl.DataFrame(
            {
                "account_id": [f"a{key}" for key in range(len(people))],
                "is_inauthentic": [f"a{key}" in bought for key in range(len(people))],
                "role": people.role,
                "services": people.services,
                "family": people.family,
                "started_at": people.started,
            },
            schema_overrides={"services": pl.List(pl.String), "family": pl.String, "started_at": pl.Float64},
        ).with_columns(started_at=moment("started_at"))

    def _logins(self) -> pl.DataFrame:
        names = ["account_id", "at", "client_id", "asn", "device_id", "country"]
        types = [pl.Int64, pl.Float64, pl.String, pl.Int64, pl.String, pl.Int64]
        return pl.DataFrame(self.entries, schema=dict(zip(names, types, strict=True)), orient="row").with_columns(
            account_id=pl.format("a{}", "account_id"),
            country=pl.format("C{}", "country"),
            at=moment("at"),
            succeeded=pl.lit(value=True),
        )

    def write(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for name, frame in self.frames().items():
            frame.write_parquet(folder / f"{name}.parquet")


def spread(value: Any, size: int, kind: Any) -> Array:
    given = np.asarray(value, dtype=kind)
    return given if given.shape == (size,) else np.broadcast_to(given, (size,))


def column(values: Array) -> pl.Series:
    return pl.Series(values.tolist()) if values.dtype == object else pl.Series(values)


def texts(letter: str, *parts: Array) -> Array:
    """One text per row: the letter and the numbers, joined."""
    rows = zip(*(np.asarray(part).astype(np.int64).tolist() for part in parts), strict=True)
    told = np.empty(len(parts[0]), dtype=object)
    told[:] = ["_".join((letter, *map(str, row))) for row in rows]
    return told


def moment(name: str) -> pl.Expr:
    return (pl.col(name) * 1e6).cast(pl.Int64).cast(pl.Datetime("us", "UTC"))
