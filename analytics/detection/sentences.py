"""Facts in plain words: one sentence a reason, for and against, without blame and without jargon."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

# Any: a fact is a number or nothing, by name.
Facts = Mapping[str, Any]
Sentence = Callable[[Facts], str | None]
Words = Callable[[float], str]
# From where on a share is unlike the usual one, a rhythm uneven, a device at home, and a place one of declared helpers.
UNLIKE, UNEVEN, HOME, DECLARED = 0.1, 1.0, 0.5, 0.2
# A password entered longer ago than this says nothing about what followed.
RECENT_HOURS = 72
# Lists of targets that are shared so many spreads beyond the middle of their log are uncommon, or far from common.
CLEAR_SPREADS, FAR_SPREADS = 2.0, 5.0


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


def number(value: float) -> str:
    return f"{value:,.0f}"


def share(value: float) -> str:
    return f"{value * 100:.0f} %"


def usually(facts: Facts, name: str, words: Words) -> str:
    """Say what is usual in this log, where it is known."""
    value = told(facts, f"usual_{name}")
    return "" if value is None else f" Usual: {words(value)}."


def beside_usual(
    name: str, sentence: str, words: Words, *, usual: Words | None = None, usual_of: str = "", says_zero: bool = True
) -> Sentence:
    """Return what says one number and what is usual in this log; nothing where the number is not known."""

    def said(facts: Facts) -> str | None:
        value = told(facts, name)
        if value is None or (not value and not says_zero):
            return None
        return sentence.format(words(value)) + usually(facts, usual_of or name, usual or words)

    return said


strangers = beside_usual(
    "proposed_strangers", "{} of them went to accounts it met once and never again.", share, usual_of="strangers"
)
overlap = beside_usual(
    "account_overlap_share",
    "In {} of its sessions another session of the account ran at the same time.",
    share,
    says_zero=False,
)
circle = beside_usual("account_revisited_share", "It comes back to {} of the accounts it engages with.", share)
rhythm = beside_usual(
    "account_hours",
    "It acts in {} of the day.",
    lambda value: count(value, "different hour"),
    usual=number,
)
volume = beside_usual(
    "account_per_day",
    "{} on a day when it is active.",
    lambda value: count(value, "engagement"),
    usual=number,
)
countries = beside_usual(
    "account_countries",
    "It acts from {}.",
    lambda value: count(value, "country", "countries"),
    usual=number,
)
suspect = beside_usual(
    "suspect_share", "{} of its engagements come from sessions that do not look like the owner's.", share
)
slow = beside_usual(
    "account_top_pace",
    "It never made more than {} an hour.",
    lambda value: count(value, "engagement"),
    usual=number,
)


def what_was_done(facts: Facts) -> str:
    verbs = (("likes", "liked", "post"), ("follows", "followed", "account"), ("comments", "wrote", "comment"))
    parts = [
        f"{verb} {count(done, noun)}"
        for name, verb, noun in (*verbs, ("unfollows", "unfollowed", "account"))
        if (done := told(facts, f"proposed_{name}"))
    ]
    joined = ", ".join(parts[:-1]) + (" and " if len(parts) > 1 else "") + parts[-1] if parts else "Acted"
    return joined[0].upper() + joined[1:]


def pace(facts: Facts) -> str | None:
    days, gap = told(facts, "proposed_days"), told(facts, "proposed_gap_s")
    if days is None:
        return None
    nights = (told(facts, "proposed_night_share") or 0) > 0.6
    sentence = f"{what_was_done(facts)} in {count(days, 'night' if nights else 'day')}"
    sentence += f", one every {seconds(gap)}." if gap is not None and gap < 1800 else "."
    return sentence + (usually(facts, "gap_s", lambda value: f"one every {seconds(value)}") if gap is not None else "")


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


def company(facts: Facts) -> str | None:
    """Say how far the account's list of targets is shared; nothing where others' lists are shared about as much."""
    lists = [told(facts, "suspect_account_company"), told(facts, "suspect_account_stranger_company")]
    value = max((one for one in lists if one is not None), default=0.0)
    if value < 1:
        return None
    more = "far more" if value >= FAR_SPREADS else "clearly more" if value >= CLEAR_SPREADS else "somewhat more"
    return f"Other accounts go to the same targets, {more} than is common in this log."


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


def taken_back(facts: Facts) -> str | None:
    """Say how many follows were taken back soon, and by how many unfollows."""
    follows, back = told(facts, "proposed_follows"), told(facts, "follows_back")
    undone = told(facts, "unfollows_back")
    unfollows = count(undone, "unfollow") if undone else ""
    if back and follows:
        tail = f", by {unfollows}" if unfollows else ""
        verb = "was" if back == 1 else "were"
        return f"{number(back)} of {count(follows, 'follow')} {verb} taken back within four days{tail}."
    if not unfollows:
        return None
    return f"{unfollows} took back what was followed less than four days before."


def password(facts: Facts) -> str | None:
    age, networks = told(facts, "proposed_entry_here_age_h"), told(facts, "account_login_asns")
    if age is not None and age <= RECENT_HOURS:
        return f"The password had been entered from that network {seconds(age * 3600)} before."
    if networks is None or networks < 2:
        return None
    tail = usually(facts, "account_login_asns", number)
    return f"Its password was entered from {count(networks, 'network')}.{tail}"


def template(facts: Facts) -> str | None:
    accounts, written = told(facts, "proposed_text_accounts"), told(facts, "proposed_comments")
    if accounts is None or accounts < 2 or not written:
        return None
    return f"{count(written, 'comment')} in words that {count(accounts, 'account')} use."


def own_place(facts: Facts) -> str | None:
    """Say what looks like the owner's own, counted as the activity chart counts it, and what stays without that."""
    owner, kept = told(facts, "owner") or 0.0, told(facts, "kept") or 0.0
    own_kept = told(facts, "owner_kept") or 0.0
    others = kept - own_kept
    if not owner:
        return _unclear(kept, told(facts, "kept_days") or 1)
    rows = f"{count(owner, 'engagement')} on {count(told(facts, 'owner_days') or 1, 'day')}"
    look = f"{rows} {'looks' if owner == 1 else 'look'} like the owner's own"
    tail = f" and {_stay(owner)}." if own_kept == owner else f"; {number(own_kept)} of them {_stay(own_kept)}."
    return look + tail + (f" {number(others)} more {_stay(others)} for want of evidence." if others else "")


def _unclear(kept: float, days: float) -> str | None:
    if not kept:
        return None
    look = "it does not look" if kept == 1 else "none of them looks"
    rows = f"{count(kept, 'engagement')} on {count(days, 'day')}"
    return f"{rows} {_stay(kept)} for want of evidence; {look} like the owner's own."


def _stay(rows: float) -> str:
    return "stays" if rows == 1 else "stay"


def profile(facts: Facts) -> str | None:
    age, followers, posts = (told(facts, f"account_{name}") for name in ("age_days", "followers", "posts"))
    parts = [
        None if age is None else f"{count(age / 365, 'year')} old" if age >= 730 else f"{count(age, 'day')} old",
        None if followers is None else count(followers, "follower"),
        None if posts is None else count(posts, "post"),
    ]
    known = [part for part in parts if part]
    return f"The account: {', '.join(known)}." if known else None


def places(facts: Facts) -> str | None:
    parts = (("clients", "client"), ("asns", "network"), ("devices", "device"))
    known = [(name, word, value) for name, word in parts if (value := told(facts, f"account_{name}"))]
    if not known:
        return None
    usual = [told(facts, f"usual_account_{name}") for name, _, _ in known]
    tail = "" if None in usual else f" Usual: {listed([f'{value:,.0f}' for value in usual])}."
    return f"It acts from {listed([count(value, word) for _, word, value in known])}.{tail}"


def mix(facts: Facts) -> str | None:
    """The kind of engagement that is most unlike what is usual."""
    kind, value, usual = _furthest(facts)
    if kind is None or abs(value - usual) < UNLIKE:
        return None
    return f"{share(value)} of what it does are {kind}s. Usual: {share(usual)}."


def usual_mix(facts: Facts) -> str | None:
    kind, value, usual = _furthest(facts)
    if kind is None or abs(value - usual) >= UNLIKE:
        return None
    return "It likes, follows and comments in the usual proportions."


def _furthest(facts: Facts) -> tuple[str | None, float, float]:
    known = [
        (kind, value, usual)
        for kind in ("like", "follow", "comment", "unfollow")
        if (value := told(facts, f"account_{kind}_share")) is not None
        and (usual := told(facts, f"usual_account_{kind}_share")) is not None
    ]
    return max(known, key=lambda one: abs(one[1] - one[2])) if known else (None, 0.0, 0.0)


def uneven(facts: Facts) -> str | None:
    value = told(facts, "suspect_session_gap_cv")
    if value is None or value < UNEVEN:
        return None
    return "Its pauses between engagements are as uneven as a person's."


def known_device(facts: Facts) -> str | None:
    value = told(facts, "suspect_device_days_share")
    if value is None or value < HOME:
        return None
    return f"Its most unusual sessions come from a device it used on {share(value)} of its active days."


def declared(facts: Facts) -> str | None:
    value = told(facts, "suspect_route_declared")
    if value is None or value < DECLARED:
        return None
    return f"{share(value)} of the accounts there declared that somebody acts for them."


def listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]


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
