"""Public ids of clients, prefixes, devices, accounts and moments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from data.synthetic.elsewhere.chance import Floats, Ints, mix
from data.synthetic.elsewhere.lands import NAMES
from data.synthetic.elsewhere.scene import BUILDS, OTHER, SYSTEMS, Scene
from data.synthetic.elsewhere.world import World

FIRST_ACCOUNT = 10_000_000
SLOTS = 100_000  # more prefixes than any network has


@dataclass(frozen=True, slots=True)
class Columns:
    """The scene's columns as the contract has them, one item per row."""

    client_id: pl.Series
    asn: pl.Series
    ip_prefix: pl.Series
    device_id: pl.Series
    country: pl.Series


def name_scene(world: World, scene: Scene) -> Columns:
    """Write a scene out in this platform's style of names."""
    return Columns(
        client_id=_client_ids(world, scene.client),
        asn=pl.Series(world.networks.asn[scene.network], dtype=pl.Int64),
        ip_prefix=_prefixes(world, scene),
        device_id=_device_ids(world, scene.device),
        country=texts(list(NAMES)).gather(scene.country),
    )


def texts(values: list[str] | list[str | None]) -> pl.Series:
    """A column of text."""
    return pl.Series(values, dtype=pl.String)


def moments(world: World, at: Floats) -> pl.Series:
    """Zone-aware times from seconds since the log's start."""
    micros = np.rint((world.dials.start + at) * 1e6).astype(np.int64)
    return pl.Series(micros).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


def account_ids(world: World, order: Ints) -> pl.Series:
    """Ids that tell nothing about who is an account and who is not; `order` is a permutation of all ids."""
    return texts([str(FIRST_ACCOUNT + place * 37 + world.dials.seed % 37) for place in order.tolist()])


def _client_ids(world: World, client: Ints) -> pl.Series:
    codes, row = np.unique(client, return_inverse=True)
    return texts([_client_id(world, code) for code in codes.tolist()]).gather(row)


def _client_id(world: World, code: int) -> str:
    system, build = divmod(code, BUILDS)
    if world.clients.style == 2:
        return f"{int(mix(code, world.dials.seed)) & 0xFFFFFF:06x}"
    if world.clients.style == 1:
        return f"sdk/{code * 7919 % 1000}" if system == OTHER else f"com.plaza.{SYSTEMS[system]}/{build}"
    return f"client {build}" if system == OTHER else f"{SYSTEMS[system]} {build}.0"


def _prefixes(world: World, scene: Scene) -> pl.Series:
    codes, row = np.unique(scene.network * SLOTS + scene.slot, return_inverse=True)
    six = world.networks.six[codes // SLOTS] & (codes % 2 == 0)
    bits = mix(codes, 77 + world.dials.seed)
    named = [
        f"2a{(bit >> 8) & 255:02x}:{(bit >> 16) & 0xFFFF:x}:{(bit >> 32) & 0xFFFF:x}::/48"
        if long
        else f"{code % 210 + 11}.{(bit >> 8) & 255}.{(bit >> 16) & 255}.0/24"
        for code, bit, long in zip(codes.tolist(), bits.tolist(), six.tolist(), strict=True)
    ]
    return texts(named).gather(row)


def _device_ids(world: World, device: Ints) -> pl.Series:
    codes, row = np.unique(device, return_inverse=True)
    bits = mix(codes, 5 + world.dials.seed).tolist()
    named = [None if code < 0 else f"{bit:016x}" for code, bit in zip(codes.tolist(), bits, strict=True)]
    return texts(named).gather(row)
