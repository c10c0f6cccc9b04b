"""One seed, one platform, its people and its sellers, as the tables of the input contract and the truth."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import polars as pl
from numpy.random import Generator
from numpy.typing import NDArray

from data.synthetic.abroad.acts import Acts, joined, tidy
from data.synthetic.abroad.agencies import agencies
from data.synthetic.abroad.chance import DAY, Flags, Floats, log_uniform, log_uniforms
from data.synthetic.abroad.clients import draw_clients
from data.synthetic.abroad.comments import write_comments
from data.synthetic.abroad.crowds import classes, fans, giveaways
from data.synthetic.abroad.everyday import answers, everyday, second_thoughts, sprees
from data.synthetic.abroad.hired import Hire, hire
from data.synthetic.abroad.homes import Homes, Seats, draw_homes
from data.synthetic.abroad.logins import Logins, genuine_logins, sold_logins
from data.synthetic.abroad.networks import draw_networks
from data.synthetic.abroad.people import COMMENT, LIKE, People, draw_people
from data.synthetic.abroad.platform import Platform, draw_platform
from data.synthetic.abroad.posts import Posts, draw_posts
from data.synthetic.abroad.profiles import account_frame
from data.synthetic.abroad.scene import Scene
from data.synthetic.abroad.sellers import Seller, draw_sellers
from data.synthetic.abroad.tables import Writer, account_truth, engagement_frame, login_frame, truth_frame
from data.synthetic.abroad.trades import sell

Marks = dict[str, Flags]


def draw_world(seed: int, *, accounts: int | None = None) -> dict[str, pl.DataFrame]:
    """The world of a seed: accounts, engagements, logins, truth_engagements and truth_accounts.

    The same seed and number of accounts give the same frames; another seed gives another platform and other sellers.
    """
    rng = np.random.default_rng([seed, 7_041_776])
    platform = draw_platform(rng, accounts)
    people = draw_people(rng, platform)
    homes = draw_homes(rng, platform, people, draw_networks(rng, len(platform.countries)), draw_clients(rng))
    sellers = draw_sellers(rng, homes)
    office, held, declared = agencies(rng, Scene(platform=platform, people=people, homes=homes))
    jobs = _hires(rng, sellers, platform, people, held)
    people = _farmed(rng, people, jobs)
    scene = Scene(platform=platform, people=people, homes=_racked(rng, homes, jobs))
    posts = draw_posts(rng, people.fame, people.created, platform.days)
    sold = [sell(rng, scene, posts, job) for job in jobs]
    lived, marks = _lives(rng, scene, posts, jobs, sold)
    done = _settled(rng, scene, posts, joined([*lived, office, *sold]))
    return _frames(rng, scene, jobs, done, marks | {"agency_client": held}, declared=held & declared)


def _hires(rng: Generator, sellers: list[Seller], platform: Platform, people: People, held: Flags) -> list[Hire]:
    """Accounts for every seller; a farm's or a pod's accounts belong to nobody else."""
    free = ~held & ~people.celebrity
    customers = np.zeros(people.count, dtype=bool)
    jobs = []
    for seller in sellers:
        pool = np.flatnonzero(free & ~customers)
        market = people.country[rng.choice(pool, 1 if seller.family == "pod" else 2)]
        beyond = 0.0 if seller.family == "pod" else log_uniform(rng, 0.03, 3)
        pool = pool[np.isin(people.country[pool], market) | (rng.random(len(pool)) < beyond)]
        jobs.append(hire(rng, seller, platform, pool, np.flatnonzero(customers)))
        customers[jobs[-1].who] |= seller.family not in {"farm", "pod"}
        free[jobs[-1].who] &= seller.family not in {"farm", "pod"}
    return jobs


def _farmed(rng: Generator, people: People, jobs: list[Hire]) -> People:
    """People with the creation dates of farms: bought old accounts, or new ones up to the first days of the world."""
    created = people.created.copy()
    for job in jobs:
        if job.seller.family != "farm":
            continue
        bought = np.minimum(people.created[job.who], -DAY)
        batch = rng.uniform(-100, 6) * DAY - log_uniforms(rng, 0.1, 40, len(job.who)) * DAY
        created[job.who] = batch if rng.random() < 0.6 else bought
    return replace(people, created=created)


def _racked(rng: Generator, homes: Homes, jobs: list[Hire]) -> Homes:
    """Homes in which most phone farms stand in one room: one home network and one carrier for all their phones."""
    household, home, carrier = homes.household.copy(), homes.home.copy(), homes.carrier.copy()
    for job in jobs:
        if job.seller.family == "farm" and job.seller.way == "phone" and rng.random() < 0.7:
            for column in (household, home, carrier):
                column[job.who] = column[job.who[0]]
    return replace(homes, household=household, home=home, carrier=carrier)


def _lives(rng: Generator, scene: Scene, posts: Posts, jobs: list[Hire], sold: list[Acts]) -> tuple[list[Acts], Marks]:
    """What owners do: days, sprees, crowds, second thoughts and answers; farms and dormant owners do nothing."""
    people = scene.people
    crowds = {
        "fan": fans(rng, scene, posts),
        "giveaway": giveaways(rng, scene),
        "community": classes(rng, scene, posts),
        "newcomer": sprees(rng, scene),
    }
    parts = [everyday(rng, scene), *(crowd for crowd, _ in crowds.values())]
    asleep = _asleep_from(rng, people, jobs)
    lived = _awake(joined(parts), asleep)
    regrets = second_thoughts(rng, scene, lived, float(rng.uniform(0.01, 0.15)))
    replies = answers(rng, scene, joined([lived, *sold]))
    marks = {name: mark for name, (_, mark) in crowds.items()}
    return [lived, _awake(regrets, asleep), _awake(replies, asleep)], marks


def _asleep_from(rng: Generator, people: People, jobs: list[Hire]) -> Floats:
    """The moment after which nothing more comes from the owner: never for most, hire for dormant customers."""
    asleep = np.full(people.count, np.inf)
    for job in jobs:
        if job.seller.family == "farm":
            asleep[job.who] = -np.inf
        elif job.seller.family != "pod":
            sleeps = rng.random(len(job.who)) < job.seller.dormant
            asleep[job.who[sleeps]] = job.joined[sleeps]
    return asleep


def _awake(done: Acts, asleep: Floats) -> Acts:
    return done.take(done.at < asleep[done.actor])


def _settled(rng: Generator, scene: Scene, posts: Posts, done: Acts) -> Acts:
    """Tidy engagements, each like and comment on a post that existed, no post liked twice by one account."""
    done = tidy(done, scene.people.created, scene.platform.days * DAY)
    shown = (done.kind == LIKE) | (done.kind == COMMENT)
    back = rng.geometric(rng.uniform(0.15, 0.7), len(done)) - 1
    chosen = np.where(done.post >= 0, done.post, posts.seen(done.target, done.at, back))
    done = done.having(post=np.where(shown, chosen, -1))
    pair = done.actor * (len(posts.at) + 1) + done.post
    unique = np.zeros(len(done), dtype=bool)
    likes = np.flatnonzero((done.kind == LIKE) & (done.post >= 0))
    unique[likes[np.unique(pair[likes], return_index=True)[1]]] = True
    return done.take(unique | ((done.kind == COMMENT) & (done.post >= 0)) | ~shown)


def _frames(
    rng: Generator, scene: Scene, jobs: list[Hire], done: Acts, marks: Marks, *, declared: Flags
) -> dict[str, pl.DataFrame]:
    platform, people, sellers = scene.platform, scene.people, [job.seller for job in jobs]
    writer = Writer(rng, platform, scene.homes)
    farmed = np.zeros(people.count, dtype=bool)
    started = np.full(people.count, np.inf)
    for job in jobs:
        farmed[job.who] |= job.seller.family == "farm"
        started[job.who] = np.minimum(started[job.who], np.maximum(job.joined, people.created[job.who]))
    engagements = engagement_frame(rng, writer, done, write_comments(rng, done, sellers))
    logins = _all_logins([genuine_logins(rng, scene), *(sold_logins(rng, scene, job) for job in jobs)])
    return {
        "accounts": account_frame(rng, writer, scene, farmed=farmed, declared=declared),
        "engagements": engagements,
        "logins": login_frame(rng, writer, logins, platform.days * DAY, people.created),
        "truth_engagements": truth_frame(writer, engagements["engagement_id"], done, sellers),
        "truth_accounts": account_truth(writer, done, sellers, _roles(scene, marks), started),
    }


def _all_logins(parts: list[Logins]) -> Logins:
    seats = Seats(*(np.concatenate([getattr(part.seats, f.name) for part in parts]) for f in fields(Seats)))
    return Logins(
        who=np.concatenate([part.who for part in parts]),
        at=np.concatenate([part.at for part in parts]),
        seats=seats,
        succeeded=np.concatenate([part.succeeded for part in parts]),
    )


def _roles(scene: Scene, marks: Marks) -> NDArray[np.object_]:
    """One word for each account, the rarest trait first."""
    people, homes = scene.people, scene.homes
    order: Marks = {
        "celebrity": people.celebrity,
        "agency_client": marks["agency_client"],
        "churner": people.churner,
        "newcomer": people.newcomer,
        "heavy": people.heavy,
        "scheduled": people.scheduled,
        "traveller": homes.trip_from < scene.platform.days * DAY,
        "phone_changer": homes.changes_at < scene.platform.days * DAY,
        "community": marks["community"],
        "giveaway": marks["giveaway"],
        "vpn": homes.reach[:, 3] > 0.01,
        "fan": marks["fan"],
        "campus": homes.campus >= 0,
        "household": np.bincount(homes.household, minlength=people.count)[homes.household] > 1,
    }
    return np.select(list(order.values()), list(order), default="genuine").astype(object)
