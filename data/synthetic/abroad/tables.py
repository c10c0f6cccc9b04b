"""From columns of codes to the tables of the input contract and of the truth."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.random import Generator
from numpy.typing import NDArray

from data.synthetic.abroad.acts import Acts
from data.synthetic.abroad.chance import Flags, Floats, Ints
from data.synthetic.abroad.clients import client_names
from data.synthetic.abroad.hired import FIRST_SELLER
from data.synthetic.abroad.homes import Homes, Seats
from data.synthetic.abroad.logins import Logins
from data.synthetic.abroad.networks import prefix_names
from data.synthetic.abroad.people import KINDS
from data.synthetic.abroad.platform import COUNTRIES, Platform
from data.synthetic.abroad.sellers import Seller
from data.synthetic.abroad.trades import CAMPAIGNS


def strings(values: NDArray[np.object_]) -> pl.Series:
    """A text column; None becomes null."""
    return pl.Series(values.tolist(), dtype=pl.String)


class Writer:
    """Writes codes of one world as text; the same code gives the same text in every table."""

    def __init__(self, rng: Generator, platform: Platform, homes: Homes) -> None:
        self._platform, self._homes = platform, homes
        self._salt = int(rng.integers(1 << 30))
        self._style = int(rng.integers(3))
        numbers = rng.permutation(platform.accounts) * int(rng.integers(3, 997)) + int(rng.integers(10**6, 10**9))
        self.accounts = numbers.astype(str).astype(object)

    def instant(self, name: str, seconds: Floats) -> pl.Series:
        """Times of the world, in seconds, as aware instants."""
        micros = np.round((seconds + self._platform.starts_at) * 1e6).astype(np.int64)
        return pl.Series(name, micros).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")

    def text(self, prefix: str, codes: Ints) -> pl.Series:
        """Opaque names, null for negative codes."""
        mixed = (codes.astype(np.uint64) + np.uint64(self._salt)) * np.uint64(0x9E3779B97F4A7C15)
        if self._style == 0:
            return pl.Series(mixed).cast(pl.String).set(pl.Series(codes < 0), None)
        short = (mixed >> np.uint64(3)).astype(np.uint64)
        return (prefix + pl.Series(short).cast(pl.String)).set(pl.Series(codes < 0), None)

    def seats(self, seats: Seats, rng: Generator) -> dict[str, pl.Series | Ints]:
        """The five columns of a seat; some platforms lose a share of the device ids."""
        homes = self._homes
        lost = rng.random(len(seats.device)) < self._platform.null_devices
        return {
            "client_id": strings(client_names(homes.clients, seats.client, self._salt)),
            "asn": homes.networks.numbers[seats.system],
            "ip_prefix": strings(prefix_names(homes.networks, seats.prefix)),
            "device_id": self.text("d", np.where(lost, -1, seats.device)),
            "country": strings(COUNTRIES[self._platform.countries[seats.country]].astype(object)),
        }


def engagement_frame(rng: Generator, writer: Writer, done: Acts, texts: NDArray[np.object_]) -> pl.DataFrame:
    """One row per engagement, sorted by time."""
    first, step = int(rng.integers(10**6, 10**10)), int(rng.integers(1, 500))
    ids = pl.Series(first + step * np.arange(len(done))).cast(pl.String)
    return pl.DataFrame(
        {
            "engagement_id": ids,
            "kind": strings(np.array(KINDS, dtype=object)[done.kind]),
            "actor_id": strings(writer.accounts[done.actor]),
            "target_id": strings(writer.accounts[done.target]),
            "at": writer.instant("at", done.at),
            "post_id": writer.text("p", done.post),
            **writer.seats(done.seats, rng),
            "text": strings(texts),
        }
    )


def login_frame(rng: Generator, writer: Writer, logins: Logins, until: float, created: Floats) -> pl.DataFrame:
    """One row per password entry inside the world, sorted by time."""
    kept = np.flatnonzero((logins.at >= 0) & (logins.at < until) & (logins.at >= created[logins.who]))
    kept = kept[np.argsort(logins.at[kept], kind="stable")]
    columns = writer.seats(logins.seats.take(kept), rng)
    del columns["ip_prefix"]
    return pl.DataFrame(
        {
            "account_id": strings(writer.accounts[logins.who[kept]]),
            "at": writer.instant("at", logins.at[kept]),
            **columns,
            "succeeded": logins.succeeded[kept],
        }
    )


def truth_frame(writer: Writer, ids: pl.Series, done: Acts, sellers: list[Seller]) -> pl.DataFrame:
    """One row per engagement: who truly made it."""
    origins = np.array(["owner", "agency", *(seller.origin for seller in sellers)], dtype=object)
    orders = (done.campaign % CAMPAIGNS).astype(str).astype(object)
    names = np.array([seller.name for seller in sellers], dtype=object)[done.campaign // CAMPAIGNS] + ":" + orders
    return pl.DataFrame(
        {
            "engagement_id": ids,
            "actor_id": strings(writer.accounts[done.actor]),
            "is_inauthentic": done.origin >= FIRST_SELLER,
            "origin": strings(origins[done.origin]),
            "campaign_id": strings(names).set(pl.Series(done.campaign < 0), None),
        }
    )


def account_truth(
    writer: Writer, done: Acts, sellers: list[Seller], roles: NDArray[np.object_], started: Floats
) -> pl.DataFrame:
    """One row per account: what it was, which sellers acted from it, and the family of the busiest of them."""
    counts = np.zeros((len(roles), len(sellers) + 1), dtype=np.int64)
    sold = done.origin >= FIRST_SELLER
    np.add.at(counts, (done.actor[sold], done.origin[sold] - FIRST_SELLER), 1)
    used: Flags = counts.sum(axis=1) > 0
    families = np.array([seller.family for seller in sellers], dtype=object)[counts[:, :-1].argmax(axis=1)]
    own = np.isin(families.astype(str), ("farm", "pod"))
    names = [
        [sellers[n].name for n in np.flatnonzero(row)] if any_sold else []
        for row, any_sold in zip(counts, used, strict=True)
    ]
    return pl.DataFrame(
        {
            "account_id": strings(writer.accounts),
            "is_inauthentic": used,
            "role": strings(np.where(used, np.where(own, families, "customer"), roles)),
            "services": pl.Series(names, dtype=pl.List(pl.String)),
            "family": strings(families).set(pl.Series(~used), None),
            "started_at": writer.instant("started_at", np.where(used, started, 0)).set(pl.Series(~used), None),
        }
    )
