"""Facts in plain words: one sentence a reason, for and against, without blame and without jargon."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

# Any: a fact is a number or nothing, by name.
Facts = Mapping[str, Any]
Sentence = Callable[[Facts], str | None]


def told(facts: Facts, name: str) -> float | None:
    value = facts.get(name)
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    return float(value)


def count(value: float, one: str, many: str | None = None) -> str:
    return f"{value:,.0f} {one if round(value) == 1 else many or one + 's'}"


def day(us: float) -> str:
    moment = datetime.fromtimestamp(us / 1e6, tz=UTC)
    return f"{moment.day} {moment:%b %Y}"


def seconds(value: float) -> str:
    if value < 90:
        return count(max(value, 1), "second")
    return count(value / 60, "minute") if value < 5400 else count(value / 3600, "hour")


def share(value: float) -> str:
    return f"{value * 100:.0f} %"


def what_was_done(facts: Facts) -> str:
    done = (("proposed_likes", "Liked {} posts"), ("proposed_follows", "followed {} accounts"))
    more = (("proposed_comments", "wrote {} comments"), ("proposed_unfollows", "unfollowed {} accounts"))
    parts = [text.format(f"{told(facts, name):,.0f}") for name, text in (*done, *more) if (told(facts, name) or 0) > 0]
    joined = ", ".join(parts[:-1]) + (" and " if len(parts) > 1 else "") + parts[-1] if parts else "Acted"
    return joined[0].upper() + joined[1:]


def pace(facts: Facts) -> str | None:
    days, gap = told(facts, "proposed_days"), told(facts, "proposed_gap_s")
    if days is None:
        return None
    nights = (told(facts, "proposed_night_share") or 0) > 0.6
    sentence = f"{what_was_done(facts)} in {count(days, 'night' if nights else 'day')}"
    sentence += f", one every {seconds(gap)}." if gap is not None and gap < 1800 else "."
    usual = told(facts, "usual_per_hour")
    return sentence + (f" Usual: {usual:,.0f} an hour." if usual is not None and gap is not None else "")


def shared_place(facts: Facts) -> str | None:
    places = (
        ("device_accounts", "A device"),
        ("route_accounts", "A client on a network"),
        ("prefix_accounts", "A network address range"),
        ("client_accounts", "A client"),
    )
    for name, words in places:
        accounts = told(facts, f"proposed_{name}")
        if accounts is not None and accounts >= 3:
            guests = told(facts, f"proposed_{name.removesuffix('accounts')}guest_share")
            tail = f", {share(guests)} of which spend most of their days elsewhere" if guests and guests > 0.5 else ""
            return f"{words} shared with {count(accounts - 1, 'other account')}{tail}."
    return None


def new_place(facts: Facts) -> str | None:
    late = told(facts, "proposed_route_late_days") or told(facts, "proposed_device_late_days")
    since = told(facts, "proposed_first")
    if late is None or since is None or late < 1:
        return None
    return f"From a place the account never used before {day(since)}, {count(late, 'day')} after its first act here."


def lockstep(facts: Facts) -> str | None:
    accounts, targets = told(facts, "group_accounts"), told(facts, "group_targets")
    if accounts is None or targets is None:
        return None
    hours, chance = told(facts, "group_window_hours"), told(facts, "group_p_value")
    within = f" within {count(hours, 'hour')} of each other" if hours else ""
    tail = (
        f" Chance alone: less than one in {1 / max(chance, 1e-12):,.0f}."
        if chance is not None and chance < 0.01
        else ""
    )
    return f"With {count(accounts - 1, 'other account')} on {count(targets, 'same target')}{within}.{tail}"


def strangers(facts: Facts) -> str | None:
    value, usual = told(facts, "proposed_strangers"), told(facts, "usual_strangers")
    if value is None:
        return None
    tail = f" Usual: {share(usual)}." if usual is not None else ""
    return f"{share(value)} of them went to accounts it met once and never again.{tail}"


def taken_back(facts: Facts) -> str | None:
    undone, follows = told(facts, "proposed_taken_back"), told(facts, "proposed_follows")
    if not undone:
        return None
    return f"{count(undone, 'follow or unfollow', 'follows and unfollows')} cancel each other within four days" + (
        f", of {count(follows, 'follow')}." if follows else "."
    )


def password(facts: Facts) -> str | None:
    age = told(facts, "proposed_entry_here_age_h")
    if age is None:
        return None
    return f"The password had been entered from that network {seconds(age * 3600)} before."


def overlap(facts: Facts) -> str | None:
    value = told(facts, "account_overlap_share")
    return f"In {share(value)} of its sessions another session of the account ran at the same time." if value else None


def template(facts: Facts) -> str | None:
    accounts, written = told(facts, "proposed_text_accounts"), told(facts, "proposed_comments")
    if accounts is None or accounts < 2 or not written:
        return None
    return f"{count(written, 'comment')} in words that {count(accounts, 'account')} use."


def own_place(facts: Facts) -> str | None:
    kept = told(facts, "kept")
    if not kept:
        return None
    days = count(told(facts, "kept_days") or 1, "day")
    return f"{count(kept, 'engagement')} on {days} look like the owner's own and stay."


def circle(facts: Facts) -> str | None:
    value = told(facts, "account_revisited_share")
    return None if value is None else f"It comes back to {share(value)} of the accounts it engages with."


def answers(facts: Facts) -> str | None:
    value = told(facts, "account_answered_share")
    return None if value is None else f"{share(value)} of the accounts it engages with engage back."


def profile(facts: Facts) -> str | None:
    age, followers, posts = (told(facts, f"account_{name}") for name in ("age_days", "followers", "posts"))
    parts = [
        None if age is None else f"{count(age / 365, 'year')} old" if age >= 730 else f"{count(age, 'day')} old",
        None if followers is None else count(followers, "follower"),
        None if posts is None else count(posts, "post"),
    ]
    known = [part for part in parts if part]
    return f"The account: {', '.join(known)}." if known else None


def rhythm(facts: Facts) -> str | None:
    value = told(facts, "account_hours")
    return None if value is None else f"It acts in {count(value, 'different hour')} of the day."


def volume(facts: Facts) -> str | None:
    value = told(facts, "account_per_day")
    return None if value is None else f"{count(value, 'engagement')} on a day when it is active."


def places(facts: Facts) -> str | None:
    parts = (("clients", "client"), ("asns", "network"), ("devices", "device"))
    known = [count(value, word) for name, word in parts if (value := told(facts, f"account_{name}"))]
    return f"It acts from {', '.join(known)}." if known else None


def suspect(facts: Facts) -> str | None:
    value = told(facts, "suspect_share")
    return (
        None
        if value is None
        else f"{share(value)} of its engagements come from sessions that do not look like the owner's."
    )


SENTENCES: dict[str, Sentence] = {
    "pace": pace,
    "regularity": pace,
    "shared_place": shared_place,
    "new_place": new_place,
    "lockstep": lockstep,
    "density": lockstep,
    "crowd": lockstep,
    "companions": lockstep,
    "strangers": strangers,
    "taken_back": taken_back,
    "password": password,
    "overlap": overlap,
    "template": template,
    "own_place": own_place,
    "circle": circle,
    "answers": answers,
    "profile": profile,
    "standing": profile,
    "hours": rhythm,
    "volume": volume,
    "places": places,
    "suspect": suspect,
}

NOT_SEEN = {
    "engagements.client_id": "no client names in this log",
    "engagements.asn": "no networks in this log",
    "engagements.ip_prefix": "no network address ranges in this log",
    "engagements.device_id": "no device ids in this log",
    "engagements.country": "no countries in this log",
    "engagements.post_id": "no posts in this log",
    "engagements.text": "no comment texts in this log",
    "accounts": "no account profiles in this log",
    "logins": "no password entries in this log",
}
