"""Two brands on the same rented networks are told apart by how they work; what holds a circle or a farm stays whole."""

from __future__ import annotations

import numpy as np
import polars as pl

from analytics.detection.service_habits import dealt_anew

HOUR = 3_600_000_000
DAY = 24 * HOUR
CUSTOMERS, SESSIONS, LEAST = 12, 8, 3


def session(key: int, account: int, room: int, brand: int, rng: np.random.Generator) -> dict[str, int | float | None]:
    """Brand 0 likes nine things, every half minute, at any hour; brand 1 follows four, every two minutes, at noon."""
    acts = 9 if brand == 0 else 4
    hour = int(rng.integers(0, 24)) if brand == 0 else int(rng.integers(11, 15))
    at = key % SESSIONS * DAY + hour * HOUR
    kinds = {"likes": acts if brand == 0 else 0, "follows": 0 if brand == 0 else acts, "comments": 0, "unfollows": 0}
    places = {"client_key": 1, "asn": room, "prefix_key": room, "device_key": None}
    return {
        "session_key": key,
        "account_key": account,
        "unit": account,
        "cluster": room,
        "started_at": at,
        "ended_at": at + HOUR,
        "engagements": acts,
        "gap_mean_s": 30.0 if brand == 0 else 120.0,
        **kinds,
        **places,
    }


def brand_of(account: int) -> int:
    return account // CUSTOMERS


def market(rooms: int = 2, sessions: int = SESSIONS) -> pl.DataFrame:
    """Two brands' customers, spread over rooms with no regard to the brand; each room was taken for a service."""
    rng = np.random.default_rng(11)
    rows = [
        session(account * SESSIONS + number, account, room_of(account, rooms), brand_of(account), rng)
        for account in range(2 * CUSTOMERS)
        for number in range(sessions)
    ]
    return pl.DataFrame(rows)


def room_of(account: int, rooms: int) -> int:
    """Two of three customers of a brand are in its own room: a beginning, no more."""
    return (brand_of(account) + (account % 3 == 0)) % rooms


def parts(told: pl.DataFrame) -> set[frozenset[int]]:
    """The accounts of each cluster."""
    return {frozenset(rows["account_key"].to_list()) for _, rows in told.group_by("cluster")}


def test_brands_in_the_same_rooms_are_parted_by_how_they_work() -> None:
    rooms = market()

    told = dealt_anew(rooms, rooms, None, LEAST)

    assert parts(rooms) != parts(told)
    assert parts(told) == {frozenset(range(CUSTOMERS)), frozenset(range(CUSTOMERS, 2 * CUSTOMERS))}
    assert told["session_key"].to_list() == rooms["session_key"].to_list()


def test_one_like_moves_nobody() -> None:
    """Brand 1 likes nothing; still, a single like says less than where it was found."""
    rooms = market()
    single = session(999, 99, 1, 0, np.random.default_rng(3)) | {"engagements": 1, "likes": 1, "gap_mean_s": None}
    stranger = pl.DataFrame([single], schema=rooms.schema)
    settled = pl.concat([rooms.with_columns(cluster=pl.col("account_key") // CUSTOMERS), stranger])

    told = dealt_anew(settled, settled, None, LEAST)

    assert told.filter(pl.col("account_key") == 99)["cluster"].to_list() == [1]


def test_an_account_with_two_services_keeps_both() -> None:
    rng = np.random.default_rng(5)
    both = [session(2_000 + number, 77, number % 2, number % 2, rng) for number in range(2 * SESSIONS)]
    rooms = pl.concat([market(), pl.DataFrame(both, schema=market().schema)])

    told = dealt_anew(rooms, rooms, None, LEAST)

    own = told.filter(pl.col("account_key") == 77).select("cluster", brand=pl.col("session_key") % 2).unique()
    assert sorted(own.rows()) == [(0, 0), (1, 1)]


def test_whom_they_serve_holds_a_circle_together_whatever_their_habits() -> None:
    """The same sessions, but what members of a room buy goes to members of the same room."""
    rooms = market()
    visits = rooms.select("session_key", "cluster").join(
        rooms.select("cluster", target_key=pl.col("account_key")).unique(), on="cluster"
    )

    assert dealt_anew(rooms, rooms, visits.select("session_key", "target_key"), LEAST).equals(rooms)


def test_devices_that_they_share_hold_a_farm_together() -> None:
    rooms = market().with_columns(device_key=pl.col("cluster") + 50)

    assert dealt_anew(rooms, rooms, None, LEAST).equals(rooms)
    assert not dealt_anew(rooms.with_columns(device_key=pl.col("account_key")), rooms, None, LEAST).equals(rooms)


def test_no_cluster_is_left_with_too_few_accounts() -> None:
    """A third room of which all but two customers go home to their brands."""
    rooms = market(rooms=3)
    assert rooms["cluster"].n_unique() == 3

    told = dealt_anew(rooms, rooms, None, 5)

    assert min(len(part) for part in parts(told)) >= 5
    assert told["account_key"].n_unique() == 2 * CUSTOMERS


def test_order_and_names_change_nothing() -> None:
    """Shuffling rows or renaming every account moves nobody."""
    rooms = market(rooms=3)
    shuffled = rooms.sample(fraction=1.0, shuffle=True, seed=9)
    renamed = rooms.with_columns((pl.col("account_key") * 7_919 + 13) % 1_009)
    back = {(account * 7_919 + 13) % 1_009: account for account in range(2 * CUSTOMERS)}

    told = parts(dealt_anew(rooms, rooms, None, LEAST))

    assert parts(dealt_anew(shuffled, shuffled, None, LEAST)) == told
    assert {
        frozenset(back[account] for account in part) for part in parts(dealt_anew(renamed, renamed, None, LEAST))
    } == told
