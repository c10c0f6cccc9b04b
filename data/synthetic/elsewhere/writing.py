"""From the world's log to the tables of the input contract, with the truth beside them."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import polars as pl

from data.synthetic.elsewhere.acts import COMMENT, KINDS, LIKE, NO_CAMPAIGN, OWN_WORDS, Acts
from data.synthetic.elsewhere.chance import Bools, Floats, Ints, below, unit
from data.synthetic.elsewhere.naming import account_ids, moments, name_scene, texts
from data.synthetic.elsewhere.profiles import draw_profiles
from data.synthetic.elsewhere.scene import BUILDS, NO_DEVICE, WEB, Scene, gather
from data.synthetic.elsewhere.world import World

FAVOURITES = 9  # phrases that each owner likes best


@dataclass(frozen=True, slots=True)
class Sheet:
    """All engagements in order of time, one item per row."""

    acts: Acts
    scene: Scene
    origin: Ints
    bought: Bools
    post: Ints  # place of the post, NO_POST for follows

    def take(self, rows: Bools | Ints) -> Sheet:
        """Keep the rows named."""
        return Sheet(self.acts.take(rows), self.scene.take(rows), self.origin[rows], self.bought[rows], self.post[rows])


NO_POST = -1


def tables(world: World) -> dict[str, pl.DataFrame]:
    """The three tables of the log and the two of the truth."""
    sheet = _sheet(world)
    ids = account_ids(world, order := world.chance.permutation(world.crowd.size))
    first_bought = _first_bought(world, sheet)
    _forget_idle(world, first_bought)
    shuffled = world.chance.permutation(world.size)
    profiles = draw_profiles(world, ids[: world.size], order[: world.size], _first_seen(world, sheet))
    return {
        "accounts": profiles[shuffled],
        "engagements": _engagements(world, sheet, ids),
        "logins": _logins(world, ids),
        "truth_engagements": _truth_engagements(world, sheet, ids),
        "truth_accounts": _truth_accounts(world, ids, first_bought)[shuffled],
    }


def _sheet(world: World) -> Sheet:
    """All blocks together: one like a post, one follow and one unfollow a pair."""
    blocks = world.log.blocks
    columns = (np.concatenate([getattr(block.acts, field.name) for block in blocks]) for field in fields(Acts))
    sizes = [len(block.acts) for block in blocks]
    origin = np.repeat([block.hand.origin for block in blocks], sizes)
    bought = np.repeat([block.hand.bought for block in blocks], sizes)
    rows = Acts(*columns)
    sheet = Sheet(rows, gather([block.scene for block in blocks]), origin, bought, _posts(world, rows))
    sheet = sheet.take(np.argsort(sheet.acts.at, kind="stable"))
    return sheet.take(_first_of_its_kind(sheet))


def _posts(world: World, rows: Acts) -> Ints:
    chance, size = world.chance, len(rows)
    back = np.where(chance.random(size) < 0.25, 0, np.floor(chance.exponential(1, size) * rows.back))
    on_post = (rows.kind == LIKE) | (rows.kind == COMMENT)
    return np.where(on_post, world.posts.newest(rows.target, rows.at, back.astype(np.int64)), NO_POST)


def _first_of_its_kind(sheet: Sheet) -> Bools:
    rows = sheet.acts
    comment = np.where(rows.kind == COMMENT, np.arange(len(rows)), -1)
    keys = pl.DataFrame(
        {"actor": rows.actor, "target": rows.target, "post": sheet.post, "kind": rows.kind, "comment": comment}
    )
    return keys.select(pl.struct(pl.all()).is_first_distinct()).to_series().to_numpy()


def _engagements(world: World, sheet: Sheet, ids: pl.Series) -> pl.DataFrame:
    rows, named = sheet.acts, name_scene(world, _refused(world, sheet.scene))
    posts = [*(f"p{place}" for place in range(len(world.posts))), None]
    return pl.DataFrame(
        {
            "engagement_id": engagement_ids(len(rows)),
            "kind": texts(list(KINDS))[rows.kind],
            "actor_id": ids[rows.actor],
            "target_id": ids[rows.target],
            "at": moments(world, rows.at),
            "post_id": texts(posts)[np.where(sheet.post == NO_POST, len(world.posts), sheet.post)],
            "client_id": named.client_id,
            "asn": named.asn,
            "ip_prefix": named.ip_prefix,
            "device_id": named.device_id,
            "country": named.country,
            "text": _comments(world, rows),
        }
    )


def engagement_ids(size: int) -> pl.Series:
    """One id per row, in order of time."""
    return texts([f"e{place:08d}" for place in range(size)])


def _refused(world: World, scene: Scene) -> Scene:
    """Some browsers give no device id."""
    shy = unit(scene.device, world.dials.seed, 91) < world.dials.kit.no_device
    return replace(scene, device=np.where(shy & (scene.client // BUILDS == WEB), NO_DEVICE, scene.device))


def _comments(world: World, rows: Acts) -> pl.Series:
    favourite = below(2500, rows.actor, world.chance.integers(0, FAVOURITES, len(rows)), 71)
    own = world.words.own(rows.actor, world.crowd.country[rows.actor], favourite)
    text = np.where(rows.text == OWN_WORDS, own, rows.text)
    bank = texts([*world.words.bank, None])
    return bank[np.where(rows.kind == COMMENT, text, len(world.words.bank))]


def _logins(world: World, ids: pl.Series) -> pl.DataFrame:
    logins = world.log.logins
    at = np.concatenate([block.at for block in logins])
    order = np.argsort(at, kind="stable")
    account = np.concatenate([block.account for block in logins])[order]
    named = name_scene(world, _refused(world, gather([block.scene for block in logins]).take(order)))
    return pl.DataFrame(
        {
            "account_id": ids[account],
            "at": moments(world, at[order]),
            "client_id": named.client_id,
            "asn": named.asn,
            "device_id": named.device_id,
            "country": named.country,
            "succeeded": pl.Series(np.concatenate([block.succeeded for block in logins])[order]),
        }
    )


def _first_bought(world: World, sheet: Sheet) -> Floats:
    """Second of each account's first bought engagement, infinite if it has none."""
    first = np.full(world.size, np.inf)
    np.minimum.at(first, sheet.acts.actor[sheet.bought], sheet.acts.at[sheet.bought])
    return first


def _first_seen(world: World, sheet: Sheet) -> Floats:
    """Second of the first thing each account did, infinite if it did nothing."""
    first = np.full(world.size, np.inf)
    np.minimum.at(first, sheet.acts.actor, sheet.acts.at)
    for block in world.log.logins:
        np.minimum.at(first, block.account, block.at)
    return first


def _forget_idle(world: World, first_bought: Floats) -> None:
    """Who handed an account over, but with nothing done to it in this log, has nothing to be found."""
    standing = world.standing
    for account in np.flatnonzero(standing.sold & np.isinf(first_bought)).tolist():
        standing.sold[account], standing.role[account] = False, "genuine"
        standing.family[account], standing.sellers[account] = None, []


def _truth_engagements(world: World, sheet: Sheet, ids: pl.Series) -> pl.DataFrame:
    campaign = sheet.acts.campaign
    named = texts([*(f"c{place}" for place in range(world.log.campaigns)), None])
    return pl.DataFrame(
        {
            "engagement_id": engagement_ids(len(sheet.acts)),
            "actor_id": ids[sheet.acts.actor],
            "is_inauthentic": pl.Series(sheet.bought),
            "origin": texts(world.log.origins)[sheet.origin],
            "campaign_id": named[np.where(campaign == NO_CAMPAIGN, world.log.campaigns, campaign)],
        }
    )


def _truth_accounts(world: World, ids: pl.Series, first_bought: Floats) -> pl.DataFrame:
    standing, found = world.standing, np.isfinite(first_bought)
    started = moments(world, np.where(found, first_bought, 0.0))
    return pl.DataFrame(
        {
            "account_id": ids[: world.size],
            "is_inauthentic": pl.Series(standing.sold),
            "role": texts(standing.role.tolist()),
            "services": pl.Series(standing.sellers, dtype=pl.List(pl.String)),
            "family": texts(standing.family.tolist()),
            "started_at": started,
        }
    ).with_columns(started_at=pl.when(pl.Series(found)).then("started_at"))
