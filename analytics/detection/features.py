"""The versioned list of features: for each its unit, its family of evidence, its words and the columns it needs."""

from __future__ import annotations

from dataclasses import dataclass

from data.records import Family

FEATURES_VERSION = "1"

INFRASTRUCTURE, GRAPH, RHYTHM, CONTEXT = Family.INFRASTRUCTURE, Family.GRAPH, Family.RHYTHM, Family.NONE


@dataclass(frozen=True, slots=True)
class Feature:
    """One number the model may see; `reason` groups features that say the same thing to a person."""

    name: str
    family: Family
    reason: str
    label: str
    needs: tuple[str, ...] = ()


CLIENT, ASN, PREFIX, DEVICE = (f"engagements.{name}" for name in ("client_id", "asn", "ip_prefix", "device_id"))

_KEY_NEEDS = {
    "client": (CLIENT,),
    "asn": (ASN,),
    "route": (CLIENT, ASN),
    "prefix": (PREFIX,),
    "device": (DEVICE,),
}
_KEY_WORDS = {
    "client": "this client",
    "asn": "this network",
    "route": "this client on this network",
    "prefix": "this network prefix",
    "device": "this device",
}
_KEY_FEATURES = {
    "days_share": ("own_place", "share of the account's active days on {}"),
    "share": ("own_place", "share of the account's engagements on {}"),
    "late_days": ("new_place", "days from the account's first act to its first on {}"),
    "accounts": ("shared_place", "accounts that use {}"),
    "crowding": ("shared_place", "accounts on {} against the number expected"),
    "guest_share": ("shared_place", "share of accounts on {} that live elsewhere"),
    "late_share": ("shared_place", "share of accounts on {} that met it late"),
    "declared": ("declared_place", "share of accounts on {} that declared somebody acts for them"),
}
_KEY_PACE = {
    "per_day": ("pace", "engagements a day of the account on {}"),
    "hours": ("hours", "hours of the day in which the account acts on {}"),
    "key_per_hour": ("place_pace", "usual engagements an hour on {}"),
    "key_session_size": ("place_pace", "engagements in a session on {}"),
    "key_follow_share": ("place_mix", "share of follows on {}"),
}
# How many accounts share a client or a network grows with the log; their share of all accounts does not.
_UNTOLD = {
    ("client", "accounts"),
    ("asn", "accounts"),
    ("client", "declared"),
    ("asn", "declared"),
    ("device", "declared"),
    ("asn", "share"),
}
# The widest keys say little about pace that the route does not say better.
_PACED_KEYS = ("client", "route", "prefix", "device")


def _key_features() -> tuple[Feature, ...]:
    told = [
        Feature(f"{key}_{name}", INFRASTRUCTURE, reason, label.format(_KEY_WORDS[key]), needs)
        for key, needs in _KEY_NEEDS.items()
        for name, (reason, label) in _KEY_FEATURES.items()
        if (key, name) not in _UNTOLD
    ]
    told += [
        Feature(f"{key}_{name}", RHYTHM, reason, label.format(_KEY_WORDS[key]), _KEY_NEEDS[key])
        for key in _PACED_KEYS
        for name, (reason, label) in _KEY_PACE.items()
    ]
    return tuple(told)


SESSION_FEATURES = (
    Feature("session_engagements", RHYTHM, "pace", "engagements in the session"),
    Feature("session_minutes", RHYTHM, "pace", "minutes the session lasts"),
    Feature("session_per_hour", RHYTHM, "pace", "engagements an hour in the session"),
    Feature("gap_mean_s", RHYTHM, "pace", "seconds between engagements"),
    Feature("gap_min_s", RHYTHM, "pace", "shortest gap of the session, in seconds"),
    Feature("session_gap_cv", RHYTHM, "regularity", "how uneven the gaps are"),
    Feature("session_quick_share", RHYTHM, "regularity", "share of gaps under three seconds"),
    Feature("session_like_share", RHYTHM, "mix", "share of likes in the session"),
    Feature("session_follow_share", RHYTHM, "mix", "share of follows in the session"),
    Feature("session_comment_share", RHYTHM, "mix", "share of comments in the session"),
    Feature("session_unfollow_share", RHYTHM, "mix", "share of unfollows in the session"),
    Feature("session_stranger_share", RHYTHM, "strangers", "share of the session's targets never met before or since"),
    Feature("session_overlaps", RHYTHM, "overlap", "another session of the account at the same time"),
    Feature("session_pause_h", RHYTHM, "hours", "hours since the account's session before"),
    Feature(
        "session_country_differs", INFRASTRUCTURE, "country", "another country than usual", ("engagements.country",)
    ),
    Feature("entry_age_h", INFRASTRUCTURE, "password", "hours since the password was entered", ("logins",)),
    Feature(
        "entry_here_age_h", INFRASTRUCTURE, "password", "hours since the password was entered here", ("logins", ASN)
    ),
)

ENGAGEMENT_FEATURES = (
    Feature("pair_engagements", RHYTHM, "strangers", "engagements between the two"),
    Feature("pair_days", RHYTHM, "strangers", "days on which the account came back to the target"),
    Feature("pair_age_h", RHYTHM, "strangers", "hours since they first met"),
    Feature("back_engagements", RHYTHM, "strangers", "engagements the target gave back"),
    Feature("was_approached", RHYTHM, "strangers", "the target came first"),
    Feature("was_answered", RHYTHM, "strangers", "the target answered"),
    Feature("is_taken_back", RHYTHM, "taken_back", "a follow taken back within four days"),
    Feature("target_popularity", CONTEXT, "audience", "engagements the target receives, against the mean"),
    Feature("target_repeat", CONTEXT, "audience", "engagements for each of the target's admirers"),
    Feature("target_hour_share", GRAPH, "crowd", "share of the target's engagements in this hour"),
    Feature("target_hour_burst", GRAPH, "crowd", "the target's hour against its usual hour"),
    Feature("target_day_burst", GRAPH, "crowd", "the target's day against its usual day"),
    Feature("post_age_h", RHYTHM, "post_age", "hours since the post's first engagement", ("engagements.post_id",)),
    Feature("post_engagements", CONTEXT, "audience", "engagements on the post", ("engagements.post_id",)),
    Feature(
        "route_companions",
        GRAPH,
        "companions",
        "others from the same client and network to the target that day",
        (CLIENT, ASN),
    ),
    Feature("prefix_companions", GRAPH, "companions", "others from the same prefix to the target that day", (PREFIX,)),
    Feature("device_companions", GRAPH, "companions", "others from the same device to the target that day", (DEVICE,)),
    Feature(
        "target_guest_share",
        GRAPH,
        "companions",
        "share of the target's engagements from where actors are guests",
        (CLIENT, ASN),
    ),
    Feature(
        "route_neighbour", GRAPH, "companions", "the target is a guest on the same client and network", (CLIENT, ASN)
    ),
    Feature("prefix_neighbour", INFRASTRUCTURE, "neighbour", "the target acts from the same prefix", (PREFIX,)),
    Feature("device_neighbour", INFRASTRUCTURE, "neighbour", "the target acts from the same device", (DEVICE,)),
    Feature("text_length", RHYTHM, "template", "characters of the comment", ("engagements.text",)),
    Feature("text_accounts", RHYTHM, "template", "accounts that wrote the same words", ("engagements.text",)),
    Feature("text_uses", RHYTHM, "template", "uses of the same words", ("engagements.text",)),
    Feature("lockstep_strength", GRAPH, "lockstep", "strength of the lockstep around the engagement"),
    Feature("lockstep_accounts", GRAPH, "lockstep", "accounts in the group"),
    Feature("lockstep_share", GRAPH, "lockstep", "share of the account's engagements in lockstep"),
    Feature("lockstep_session_share", GRAPH, "lockstep", "share of the session's engagements in lockstep"),
    Feature("density_strength", GRAPH, "density", "strength of the dense circle around the engagement"),
    Feature("target_company", GRAPH, "company", "how many of the others at its targets are here too, in usual spreads"),
    Feature("account_company", GRAPH, "company", "how many others share its list of targets, in usual spreads"),
    Feature(
        "target_stranger_company", GRAPH, "company", "the others here too, where targets never engaged back, in spreads"
    ),
    Feature("account_stranger_company", GRAPH, "company", "others share its list of strangers, in usual spreads"),
)

ACCOUNT_FEATURES = (
    Feature("account_per_day_times", RHYTHM, "volume", "engagements on an active day"),
    Feature("account_days_share", RHYTHM, "volume", "share of days with activity"),
    Feature("account_sessions", RHYTHM, "volume", "sessions"),
    Feature("account_hours", RHYTHM, "hours", "hours of the day in which it acts"),
    Feature("account_overlap_share", RHYTHM, "overlap", "share of sessions that overlap another"),
    Feature("account_top_pace", RHYTHM, "pace", "most engagements an hour"),
    Feature("account_top_session", RHYTHM, "pace", "longest session, in engagements"),
    Feature("account_like_share", RHYTHM, "mix", "share of likes"),
    Feature("account_follow_share", RHYTHM, "mix", "share of follows"),
    Feature("account_comment_share", RHYTHM, "mix", "share of comments"),
    Feature("account_unfollow_share", RHYTHM, "mix", "share of unfollows"),
    Feature("account_clients", INFRASTRUCTURE, "places", "clients used", (CLIENT,)),
    Feature("account_asns", INFRASTRUCTURE, "places", "networks used", (ASN,)),
    Feature("account_prefixes", INFRASTRUCTURE, "places", "network prefixes used", (PREFIX,)),
    Feature("account_devices", INFRASTRUCTURE, "places", "devices used", (DEVICE,)),
    Feature("account_countries", INFRASTRUCTURE, "country", "countries", ("engagements.country",)),
    Feature("account_answered_share", CONTEXT, "circle", "share of its targets that ever engage back"),
    Feature("account_revisited_share", CONTEXT, "circle", "share of its targets it comes back to"),
    Feature("account_received_times", CONTEXT, "standing", "engagements it receives"),
    Feature("account_admirers_times", CONTEXT, "standing", "accounts that engage with it"),
    Feature("account_age_days", CONTEXT, "profile", "age of the account in days", ("accounts.created_at",)),
    Feature("account_followers_times", CONTEXT, "profile", "followers", ("accounts.followers",)),
    Feature("account_posts_times", CONTEXT, "profile", "posts", ("accounts.posts",)),
    Feature(
        "account_following_ratio",
        CONTEXT,
        "profile",
        "following for each follower",
        ("accounts.following", "accounts.followers"),
    ),
    Feature("account_logins", INFRASTRUCTURE, "password", "password entries", ("logins",)),
    Feature("account_login_asns", INFRASTRUCTURE, "password", "networks of password entries", ("logins.asn",)),
)

# Heard once every engagement has been judged by itself: what others from the same place were found to be.
HEARSAY_MODEL: tuple[Feature, ...] = tuple(
    Feature(f"heard_{key}", INFRASTRUCTURE, "shared_place", f"how far others on {_KEY_WORDS[key]} look bought", needs)
    for key, needs in _KEY_NEEDS.items()
)
ENGAGEMENT_MODEL: tuple[Feature, ...] = (*_key_features(), *SESSION_FEATURES, *ENGAGEMENT_FEATURES, *ACCOUNT_FEATURES)
