"""An independent synthetic engagement log with ground truth, to judge a detector of bought engagement.

`frames(seed, accounts, days, bought)` returns accounts, engagements, logins, truth_engagements, truth_accounts.
Everything follows from the seed; each seed is another platform: other countries, clients, services, paces, networks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime, timezone

import numpy as np
import polars as pl

DAY, HOUR = 86400.0, 3600.0
LIKE, FOLLOW, COMMENT, UNFOLLOW = 0, 1, 2, 3
KINDS = ["like", "follow", "comment", "unfollow"]
OWNER, AGENCY = 0, 1
# country: utc offset, language, fixed-line ASNs, mobile ASNs
COUNTRIES = {
    "US": (-6, "en", [7922, 20115, 701, 7018], [21928, 20057, 22394]),
    "BR": (-3, "pt", [28573, 27699, 18881], [26599, 26615, 22085]),
    "ID": (7, "id", [7713, 17974, 23700], [23693, 24203, 4761]),
    "TR": (3, "tr", [9121, 34984, 47331], [16135, 15897, 20978]),
    "IN": (5.5, "en", [9829, 24560, 17488], [55836, 45609, 38266]),
    "RU": (3, "ru", [12389, 8402, 42610], [8359, 31133, 25159]),
    "GB": (0, "en", [2856, 5089, 5607], [12576, 25135, 206067]),
    "DE": (1, "en", [3320, 3209, 6805], [12638, 8881, 20676]),
    "FR": (1, "en", [3215, 12322, 15557], [5410, 51207, 16276 + 100000]),
    "ES": (1, "es", [3352, 12479, 57269], [12430, 15704, 16299]),
    "MX": (-6, "es", [8151, 13999, 28548], [28403, 11888, 13591]),
    "NG": (1, "en", [37148, 35074, 37076], [29465, 36873, 37282]),
    "PH": (8, "en", [9299, 4775, 17639], [10139, 132199, 4775 + 100000]),
    "JP": (9, "en", [4713, 2516, 17676], [9605, 55391, 138384]),
}
HOSTING = [16509, 14618, 15169, 8075, 16276, 24940, 14061, 20473, 63949, 60781, 9009, 212238, 51167, 12876, 36352,
           40676, 55286, 62240, 13335, 20940, 49981, 202425]  # fmt: skip
N_OFFICE = 60
ANDROID, IOS, WEB, LITE, TABLET, OTHER = range(6)
OSNAME = ["android", "ios", "web", "lite", "tablet"]


def mix(*parts):
    """Deterministic 64-bit hash of integer arrays (splitmix rounds)."""
    with np.errstate(over="ignore"):
        h = np.uint64(0x9E3779B97F4A7C15)
        for p in parts:
            h = (h ^ np.asarray(p).astype(np.int64).astype(np.uint64)) * np.uint64(0xBF58476D1CE4E5B9)
            h = (h ^ (h >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            h = h ^ (h >> np.uint64(31))
    return h


def unit(*parts):
    """Deterministic uniform in [0, 1) of integer arrays."""
    return (mix(*parts) >> np.uint64(11)).astype(np.float64) / float(1 << 53)


def spread(counts):
    """Row index and position within the row, for `counts` items a row."""
    counts = np.asarray(counts, dtype=np.int64)
    idx = np.repeat(np.arange(len(counts)), counts)
    return idx, np.arange(len(idx)) - np.repeat(np.cumsum(counts) - counts, counts)


def running(values, idx, pos):
    """Cumulative sum within each row, first item at 0."""
    v = np.where(pos == 0, 0.0, values)
    c = np.cumsum(v)
    first = np.flatnonzero(pos == 0)
    return c - np.repeat(c[first], np.diff(np.append(first, len(c))))


@dataclass
class Service:
    """How one seller works, as drawn for this seed."""

    name: str
    family: str
    net: str  # hosting, resi, mobile, home, mixed
    device: str  # fresh, shared, clone, rotate, none
    client: str  # stale, api, spoof, web, own
    rhythm: str  # steady, blocks, human, odd
    volume: float = 60.0
    gap: float = 30.0
    gap_sigma: float = 0.5
    pause: float = 6.0
    short: bool = False
    unfollow: tuple = (24.0, 72.0)
    unfollow_share: float = 0.8
    mix: tuple = (0.65, 0.22, 0.03)
    login: float = 0.9
    local: float = 0.6
    sticky: float = 6 * HOUR
    off_net: float = 0.1
    move: float = math.inf
    exits: np.ndarray = field(default_factory=lambda: np.zeros((0, 3), int))
    exits2: np.ndarray = field(default_factory=lambda: np.zeros((0, 3), int))
    builds: list = field(default_factory=list)
    per_device: int = 40
    lag: float = 5.0
    code: int = 0
    bank: tuple = (0, 1)
    infra: int = 0
    same_country: float = 0.95
    buyers: np.ndarray = field(default_factory=lambda: np.zeros(0, int))
    pace: float = 1.0


class World:
    """One seed's platform while it is being drawn."""

    def __init__(self, seed, accounts, days, bought, organic=1.0):
        self.r = np.random.default_rng([seed, 7919])
        self.seed, self.n, self.days, self.bought, self.organic = seed, accounts, days, bought, organic
        self.blocks, self.logins, self.origins = [], [], ["owner", "agency"]
        r = self.r
        self.t0 = datetime(2024, 1, 1, tzinfo=timezone.utc).timestamp() + int(r.integers(0, 800)) * DAY
        self.wd0 = int((self.t0 // DAY + 3) % 7)
        self.next_device = 0
        self.platform()
        self.people()
        self.posts()

    # ---- the platform and its people -------------------------------------------------------------------------------
    def platform(self):
        r = self.r
        names = list(COUNTRIES)
        self.cn = names
        self.tz = np.array([COUNTRIES[c][0] for c in names], float)
        w = r.dirichlet(np.full(len(names), 1.2)) + 0.01
        self.cw = w / w.sum()
        asn = []
        self.fixed, self.mobile = [], []
        for c in names:
            f, m = COUNTRIES[c][2], COUNTRIES[c][3]
            self.fixed.append(np.arange(len(asn), len(asn) + len(f)))
            asn += f
            self.mobile.append(np.arange(len(asn), len(asn) + len(m)))
            asn += m
        self.host = np.arange(len(asn), len(asn) + len(HOSTING))
        asn += HOSTING
        self.office = np.arange(len(asn), len(asn) + N_OFFICE)
        asn += [int(x) for x in r.integers(1000, 64000, N_OFFICE)]
        self.asn = np.array(asn)
        per = self.n * self.cw / 3.2
        self.pool = np.ones(len(asn), int) * 40
        for i in range(len(names)):
            self.pool[self.fixed[i]] = max(6, int(per[i] / r.uniform(2, 5)))
            self.pool[self.mobile[i]] = r.integers(2, 9)
        self.cadence = r.uniform(5, 16) * DAY
        self.base = np.array([r.integers(200, 420), r.integers(200, 420), r.integers(20, 60), r.integers(100, 400), r.integers(200, 420)])
        self.mods = r.choice(np.arange(20, 40), 4, replace=False)  # modded apps that real people also install
        self.partners = [60, 61, 62]
        self.style = int(r.integers(0, 3))
        # last builds that old phones can install: many people stay on them, and sellers copy them
        self.legacy = np.stack([self.base - r.integers(2, 60, 5) for _ in range(3)])
        self.geo_error = r.uniform(0.015, 0.06)
        # VPN products: exits on hosting networks, (asn, prefix, country)
        self.vpn = [self.exits(r.integers(1, 3), r.integers(5, 16)) for _ in range(6)]

    def exits(self, n_asn, n_prefix):
        r = self.r
        a = r.choice(self.host, int(n_asn), replace=False)
        k = int(n_prefix)
        return np.stack([r.choice(a, k), r.integers(0, 60, k), r.choice(len(self.cn), k, p=self.cw)], 1)

    def devices(self, k):
        out = np.arange(self.next_device, self.next_device + k)
        self.next_device += k
        return out

    def people(self):
        r, n = self.r, self.n
        self.N = N = n + int(n * r.uniform(0.6, 2.2))  # ids seen only as targets lie beyond n
        self.country = r.choice(len(self.cn), N, p=self.cw)
        self.topics = 10
        self.topic = r.integers(0, self.topics, N)
        self.pop = (1 - r.random(N)) ** (-1 / r.uniform(0.9, 1.25))
        self.pop[: n] *= np.where(r.random(n) < 0.5, 0.5, 1)
        self.rate = np.clip(r.lognormal(math.log(0.14), 1.2, N), 0.01, 4)
        # ring position inside a country: neighbours are acquaintances
        self.ring = np.lexsort((r.random(n), self.country[:n]))
        self.pos = np.empty(n, int)
        self.pos[self.ring] = np.arange(n)
        # strangers by topic and country
        self.by_topic = np.lexsort((r.random(N), self.country, self.topic))
        w = np.minimum(self.rate, 1.0)[self.by_topic] * np.minimum(self.pop[self.by_topic], 200) ** 0.35
        self.by_topic_w = np.concatenate([[0], np.cumsum(w)])
        cell = self.topic[self.by_topic] * len(self.cn) + self.country[self.by_topic]
        self.cell_at = np.searchsorted(cell, np.arange(self.topics * len(self.cn) + 1))
        by_c = np.lexsort((r.random(N), self.country))
        self.by_c, self.by_c_w = by_c, np.concatenate([[0], np.cumsum(np.minimum(self.pop[by_c], N / 3))])
        self.c_at = np.searchsorted(self.country[by_c], np.arange(len(self.cn) + 1))
        # what a person does
        self.activity = r.lognormal(math.log(r.uniform(22, 34)), r.uniform(1.55, 1.75), n)
        self.activity = np.minimum(self.activity, 2500 * self.days / 40) * self.organic
        self.per_session = np.clip(r.lognormal(math.log(4), 0.8, n), 1, 60)
        self.tempo = np.clip(r.lognormal(math.log(14), 0.8, n), 1.5, 200)
        self.tempo_s = r.uniform(0.5, 1.5, n)
        self.chrono = r.normal(0, 1.7, n) + np.where(r.random(n) < 0.06, r.uniform(6, 12, n), 0)
        self.irregular = r.beta(0.8, 3, n)  # students, parents of babies, shift workers
        m = r.gamma([2.2, 2.2, 1.4], 1.0, (n, 3))
        self.where = np.cumsum(m / m.sum(1, keepdims=True), 1)
        k = r.gamma(np.array([9, 1.3, 1.5]) * r.uniform(0.6, 1.6, 3), 1.0, (n, 3))
        self.does = np.cumsum(k / k.sum(1, keepdims=True), 1)
        self.since = np.where(r.random(n) < 0.15, r.uniform(0, self.days, n), 0)
        self.until = np.where(r.random(n) < 0.15, self.since + r.uniform(0.1, 1, n) * self.days, self.days)
        self.until = np.minimum(self.until, self.days)
        # circles and followed creators
        K = 24
        off = np.rint(r.laplace(0, r.uniform(5, 18, (n, 1)), (n, K))).astype(int)
        off[off == 0] = 1
        self.circle = self.ring[np.clip(self.pos[:, None] + off, 0, n - 1)]
        out = r.random((n, K)) < 0.25
        self.circle[out] = self.locals_of(np.repeat(np.arange(n), K).reshape(n, K)[out])
        self.creators = self.celebs(np.repeat(np.arange(n), 40)).reshape(n, 40)
        # devices, places
        self.dev1, self.dev1b, self.dev2 = self.devices(n), self.devices(n), self.devices(n)
        os_p = np.array([0.48, 0.3, 0.08, 0.1, 0.04]) * r.uniform(0.6, 1.6, 5)
        os_p /= os_p.sum()
        self.os1, self.os1b = r.choice(5, n, p=os_p), r.choice(5, n, p=os_p)
        self.os2 = r.choice([WEB, WEB, WEB, TABLET, ANDROID], n)
        self.lag = r.exponential(r.uniform(3, 9), n)
        stuck = r.random(n)
        p_old = r.uniform(0.07, 0.16)
        self.stuck = np.where(stuck < p_old, r.integers(1, 4, n), np.where(stuck < p_old + 0.02, r.integers(4, 60, n), 0))
        self.mod = np.where(r.random(n) < r.uniform(0.02, 0.06), r.choice(self.mods, n, p=[0.5, 0.25, 0.15, 0.1]), 0)
        self.gadget = np.where(r.random(n) < r.uniform(0.03, 0.07), r.integers(40, 44, n), 0)  # readers, schedulers, own scripts
        self.p_gadget = r.beta(1.5, 2, n)
        self.p_public = np.where(r.random(n) < r.uniform(0.04, 0.09), r.beta(1.2, 2.5, n), 0)  # library, school, cyber café
        self.wander = r.beta(1, 5, n)
        self.abroad = r.choice(len(self.cn), n, p=self.cw)
        self.second = np.where(r.random(n) < 0.45, r.beta(1, 3, n), 0)
        self.change = np.where(r.random(n) < 0.08, r.uniform(1, self.days, n) * DAY, np.inf)
        self.moved = np.where(r.random(n) < 0.06, r.uniform(1, self.days, n) * DAY, np.inf)
        self.house = self.ring[(self.pos // r.choice([1, 1, 2, 3, 4], n)) * 1 % n]  # a neighbour's home, or one's own
        alone = r.random(n) < 0.65
        self.house[alone] = np.arange(n)[alone]
        other_land = self.country[self.house] != self.country[:n]
        self.house[other_land] = np.arange(n)[other_land]
        pick = lambda table, key: np.array([len(t) for t in table])[self.country[:n]] * unit(key, 11)  # noqa: E731
        fx = np.array([f[0] for f in self.fixed])
        mb = np.array([m[0] for m in self.mobile])
        self.home_asn = fx[self.country[:n]] + pick(self.fixed, self.house * 2 + 5000000 * self.seed).astype(int)
        self.home_asn2 = fx[self.country[:n]] + pick(self.fixed, self.house * 2 + 1 + 5000000 * self.seed).astype(int)
        self.mob_asn = mb[self.country[:n]] + pick(self.mobile, np.arange(n) + 9000000 + self.seed).astype(int)
        self.p_mob = r.beta(1.2, 1.8, n)
        self.dyn = np.where(unit(self.house, self.seed, 3) < 0.4, 3 * DAY, 400 * DAY)
        self.works = r.random(n) < 0.42
        self.work_asn = np.where(r.random(n) < 0.1, r.choice(self.host, n), self.office[(self.country[:n] * 7 + r.integers(0, 7, n)) % N_OFFICE])
        self.work_j = r.integers(0, 6, n)
        v = r.random(n)
        self.p_vpn = np.where(v < 0.06, r.beta(1, 2, n), np.where(v < r.uniform(0.08, 0.13), 0.95, 0))
        self.vpn_of = r.integers(0, len(self.vpn), n)
        self.trip0 = np.full(n, np.inf)
        self.trip1 = np.full(n, -np.inf)
        self.trip_c = r.choice(len(self.cn), n, p=self.cw)
        self.role = np.full(n, "owner", dtype=object)
        self.family = np.full(n, None, dtype=object)
        self.services = [[] for _ in range(n)]
        self.bad = np.zeros(n, bool)
        self.delegated = np.zeros(n, bool)
        # one person, several accounts on one phone
        twin = np.flatnonzero(r.random(n) < 0.07)
        base = self.ring[np.clip(self.pos[twin] + r.integers(1, 3, len(twin)), 0, n - 1)]
        for arr in (self.dev1, self.dev1b, self.dev2, self.os1, self.os1b, self.os2, self.change, self.house, self.home_asn,
                    self.home_asn2, self.mob_asn, self.moved, self.dyn, self.lag):  # fmt: skip
            arr[twin] = arr[base]
        self.country[twin] = self.country[base]

    def posts(self):
        pass  # drawn when all rates are known

    def draw_posts(self):
        r, N = self.r, self.N
        k = r.poisson(self.rate * (self.days + 25)) + 1
        who, pos = spread(k)
        lead = 25 * DAY
        t = r.random(len(who)) * (self.days * DAY + lead) - lead
        hours = self.hours(np.minimum(who, self.n - 1))  # shape only
        t = np.floor(t / DAY) * DAY + (hours - self.tz[self.country[who]]) * HOUR
        t[pos == 0] = -lead - r.random((pos == 0).sum()) * 60 * DAY
        o = np.lexsort((t, who))
        self.p_who, self.p_t = who[o], t[o]
        self.p_key = self.p_who * 1e8 + self.p_t
        self.p_first = np.searchsorted(self.p_who, np.arange(N))

    def posts_of(self, nodes):
        """(node, time) of every post in the log's window of these nodes."""
        sel = np.isin(self.p_who, nodes) & (self.p_t > 0) & (self.p_t < self.days * DAY)
        return self.p_who[sel], self.p_t[sel]

    # ---- choosing targets and hours --------------------------------------------------------------------------------
    def draw(self, order, cum, lo, hi):
        u = self.r.random(len(lo))
        x = cum[lo] + u * (cum[hi] - cum[lo])
        return order[np.clip(np.searchsorted(cum, x, side="right") - 1, lo, np.maximum(hi - 1, lo))]

    def locals_of(self, a):
        """Ordinary people of one's own country."""
        c = self.country[a]
        lo, hi = self.c_at[c], self.c_at[c + 1]
        return self.by_c[lo + (self.r.random(len(a)) * (hi - lo)).astype(int)]

    def celebs(self, a):
        c = self.country[a]
        glob = self.r.random(len(a)) < 0.35
        return self.draw(self.by_c, self.by_c_w, np.where(glob, 0, self.c_at[c]), np.where(glob, len(self.by_c), self.c_at[c + 1]))

    def strangers(self, a, topic=None, local=0.6):
        """People met through a hashtag or the explore page."""
        r = self.r
        tp = self.topic[a] if topic is None else topic
        tp = np.where(r.random(len(a)) < 0.2, r.integers(0, self.topics, len(a)), tp)
        c, C = self.country[a], len(self.cn)
        near = r.random(len(a)) < local
        lo = np.where(near, self.cell_at[tp * C + c], self.cell_at[tp * C])
        hi = np.where(near, self.cell_at[tp * C + c + 1], self.cell_at[tp * C + C])
        bad = hi <= lo
        lo, hi = np.where(bad, self.cell_at[tp * C], lo), np.where(bad, self.cell_at[tp * C + C], hi)
        return self.draw(self.by_topic, self.by_topic_w, lo, hi)

    def hours(self, a):
        """Local hours at which these people hold their phone."""
        r = self.r
        g = r.random(len(a))
        odd = r.random(len(a)) < self.irregular[a]
        h = np.where(odd, r.uniform(-1, 24, len(a)), np.where(g < 0.5, r.normal(20.3, 2.2, len(a)), np.where(g < 0.78, r.normal(13.2, 2.5, len(a)), r.normal(8.3, 1.6, len(a)))))
        return (h + self.chrono[a]) % 24

    def at_hours(self, a, day):
        return (np.floor(day) * 24 + self.hours(a) - self.tz[self.country[a]]) * HOUR

    def local(self, a, t):
        return (t / HOUR + self.tz[self.country[a]]) % 24

    def wake(self, a, t):
        """Delay what would fall into a person's night."""
        h = (self.local(a, t) - self.chrono[a]) % 24
        asleep = (h > 1) & (h < 7) & (self.r.random(len(a)) < 0.9)
        return np.where(asleep, t + (7.2 - h + self.r.exponential(1.2, len(a))) * HOUR, t)

    # ---- where and with what ----------------------------------------------------------------------------------------
    def version(self, os, t, lag):
        return (self.base[os] + np.floor((t + os * 1.7 * DAY - lag * DAY) / self.cadence)).astype(int)

    def own_version(self, a, os, t):
        st = self.stuck[a]
        old = np.where(st <= 3, self.legacy[np.clip(st - 1, 0, 2), os], self.base[os] - st)
        fresh = self.version(os, t, np.where(os == WEB, 0, self.lag[a]))
        return np.where((st > 0) & (os != WEB), old, fresh)

    def geo(self, asn, j, c):
        """The country a database names for an address: wrong now and then, for everybody alike."""
        wrong = unit(asn, j, self.seed, 15) < self.geo_error
        return np.where(wrong, (unit(asn, j, self.seed, 16) * len(self.cn)).astype(int), c)

    def own_env(self, a, t):
        """Client, network index, prefix slot, device, country of a person at a time."""
        b = (t // 2700).astype(np.int64)
        s = self.seed
        lh, wd = self.local(a, t), (np.floor(t / DAY + self.tz[self.country[a]] / 24).astype(int) + self.wd0) % 7
        trip = (t >= self.trip0[a]) & (t < self.trip1[a])
        work = self.works[a] & (wd < 5) & (lh > 8.7) & (lh < 17.5) & (unit(a, b, s, 1) < 0.65) & ~trip
        mob = ~work & (unit(a, b, s, 2) < self.p_mob[a])
        second = (unit(a, b, s, 4) < self.second[a]) & ~mob
        new = t >= self.change[a]
        dev = np.where(second, self.dev2[a], np.where(new, self.dev1b[a], self.dev1[a]))
        os = np.where(second, self.os2[a], np.where(new, self.os1b[a], self.os1[a]))
        c = np.where(trip, self.trip_c[a], self.country[a])
        moved = t >= self.moved[a]
        asn = np.where(moved, self.home_asn2[a], self.home_asn[a])
        hj = (unit(self.house[a] + moved * 1000003, (t // self.dyn[a]).astype(int), s, 5) * self.pool[asn]).astype(int)
        mb = np.array([m[0] for m in self.mobile])
        fx = np.array([f[0] for f in self.fixed])
        masn = np.where(trip, mb[c] + (unit(a, s, 6) * 3).astype(int), self.mob_asn[a])
        mj = (unit(a, b, s, 7) * self.pool[masn]).astype(int)
        tasn = fx[c] + (unit(a, (t // (3 * DAY)).astype(int), s, 8) * 3).astype(int)
        tj = (unit(a, (t // (2 * DAY)).astype(int), s, 9) * self.pool[tasn]).astype(int)
        asn, j = np.where(trip, tasn, asn), np.where(trip, tj, hj)
        # cafés, friends' homes, hot spots, a partner's second country
        b3 = (t // (3 * HOUR)).astype(np.int64)
        out = (unit(a, b3, s, 12) < self.wander[a]) & ~trip & ~mob
        spot = mix(a, (unit(a, b3, s, 13) * 9).astype(int), s)  # each has nine places he goes to
        hot = (spot % np.uint64(3)) == 0
        oasn = np.where(hot, mb[c], fx[c]) + ((spot >> np.uint64(8)) % np.uint64(3)).astype(int)
        oj = ((spot >> np.uint64(16)) % self.pool[oasn].astype(np.uint64)).astype(int)
        asn, j = np.where(out, oasn, asn), np.where(out, oj, j)
        asn, j = np.where(mob, masn, asn), np.where(mob, mj, j)
        asn, j = np.where(work, self.work_asn[a], asn), np.where(work, self.work_j[a], j)
        for k, ex in enumerate(self.vpn):
            m = (self.vpn_of[a] == k) & (unit(a, b, s, 10) < self.p_vpn[a])
            e = ex[(mix(a, (t // DAY).astype(int), s) % np.uint64(len(ex))).astype(int)]
            asn, j, c = np.where(m, e[:, 0], asn), np.where(m, e[:, 1], j), np.where(m, e[:, 2], c)
        ver = self.own_version(a, os, t)
        c = self.geo(asn, j, c)
        client = np.where((self.mod[a] > 0) & ~second, OTHER * 10000 + self.mod[a], os * 10000 + ver)
        tool = (self.gadget[a] > 0) & (unit(a, b // 8, s, 17) < self.p_gadget[a])
        client = np.where(tool, OTHER * 10000 + self.gadget[a], client)
        public = (unit(a, b // 4, s, 18) < self.p_public[a]) & ~tool & ~mob
        dev = np.where(public, 3_500_000 + self.country[a] * 16 + (unit(a, b // 32, s, 19) * 4).astype(int) + (a % 3) * 4, dev)
        client = np.where(public, WEB * 10000 + self.version(np.full(len(a), WEB), t, 0), client)
        return np.stack([client, asn, j, dev, c], 1)

    def service_env(self, s, a, t):
        """The same for a service acting from account `a`."""
        k = s.infra + 31 * self.seed
        b = (t // s.sticky).astype(np.int64)
        if s.net == "home":
            env = self.own_env(a, t)
            phone = np.where(t >= self.change[a], self.dev1b[a], self.dev1[a])
            os = np.where(t >= self.change[a], self.os1b[a], self.os1[a])
            env[:, 3] = phone
            own = os * 10000 + self.own_version(a, os, t)
            env[:, 0] = np.where(self.mod[a] > 0, OTHER * 10000 + self.mod[a], own)
            return env
        c = np.where(unit(a, b, k, 1) < s.same_country, self.country[a], (unit(a, b, k, 2) * len(self.cn)).astype(int))
        fx, mb = np.array([f[0] for f in self.fixed]), np.array([m[0] for m in self.mobile])
        use_mob = unit(a, b, k, 3) < (0.85 if s.net == "mobile" else 0.2)
        asn = np.where(use_mob, mb[c], fx[c]) + (unit(a, b, k, 4) * 3).astype(int)
        j = (unit(a, b, k, 5) * self.pool[asn]).astype(int)
        if s.net in ("hosting", "mixed"):
            on = unit(a, b, k, 6) < (1 - s.off_net)
            e1 = s.exits[(mix(a, b if s.sticky < DAY else a, k) % np.uint64(len(s.exits))).astype(int)]
            e2 = s.exits2[(mix(a, b if s.sticky < DAY else a, k) % np.uint64(len(s.exits2))).astype(int)]
            e = np.where((t > s.move)[:, None], e2, e1)
            asn, j, c = np.where(on, e[:, 0], asn), np.where(on, e[:, 1], j), np.where(on, e[:, 2], c)
        c = self.geo(asn, j, c)
        base = 4_000_000 + s.infra * 200_000
        if s.device == "fresh":
            dev = base + a
        elif s.device == "shared":
            dev = base + (mix(a, k, 8) % np.uint64(max(1, 400 // s.per_device))).astype(int)
        elif s.device == "rotate":
            dev = base + (mix(a, (t // (4 * DAY)).astype(int), k) % np.uint64(190_000)).astype(int)
        elif s.device == "clone":
            dev = np.where(t >= self.change[a], self.dev1b[a], self.dev1[a])
        else:
            dev = np.full(len(a), -1)
        pick = (mix(a, k, 9) % np.uint64(len(s.builds))).astype(int)
        kind = np.array([x[0] for x in s.builds])[pick]
        val = np.array([x[1] for x in s.builds])[pick]
        cur = self.version(np.minimum(kind, 4), t, np.where(kind == WEB, 0, s.lag))
        client = kind * 10000 + np.where(val < 0, cur, val)
        return np.stack([client, asn, j, dev, c], 1)

    # ---- writing rows -------------------------------------------------------------------------------------------------
    def add(self, a, b, t, kind, env=None, origin=OWNER, bad=False, back=1.5, text=None, answerable=0.0):
        a, b, t = np.asarray(a), np.asarray(b), np.asarray(t, float)
        kind = np.broadcast_to(np.asarray(kind), a.shape)
        back = np.broadcast_to(np.asarray(back, float), a.shape)
        text = np.full(a.shape, -1) if text is None else np.broadcast_to(text, a.shape)
        ok = (t > self.born[a] * DAY) & (t < self.days * DAY) & (a != b)
        if env is not None:
            env = env[ok]
        a, b, t, kind, back, text = a[ok], b[ok], t[ok], kind[ok], back[ok], text[ok]
        if env is None:
            env = self.own_env(a, t)
        self.blocks.append((a, b, t, kind, env, np.full(len(a), origin), np.full(len(a), bad), back, text))
        if answerable > 0:
            self.answers(a, b, t, kind, answerable)

    def answers(self, a, b, t, kind, scale):
        """What strangers give back on their own account: genuine, whoever asked."""
        r = self.r
        p = np.array([0.025, 0.13, 0.12, 0.0])[kind] * scale
        m = (b < self.n) & (r.random(len(a)) < p)
        a, b, t, kind = a[m], b[m], t[m], kind[m]
        q = r.random(len(a))
        back_kind = np.where(kind == FOLLOW, np.where(q < 0.9, FOLLOW, LIKE), np.where(q < 0.8, LIKE, np.where(q < 0.9, COMMENT, FOLLOW)))
        at = self.wake(b, t + r.lognormal(math.log(3.9 * HOUR), 1.7, len(a)))
        live = (self.until[b] * DAY > at) & ~self.is_farm[b]
        self.add(b[live], a[live], at[live], back_kind[live])

    def login(self, a, t, env, ok=True):
        a, t = np.asarray(a), np.asarray(t, float)
        ok = np.broadcast_to(ok, a.shape)
        m = (t > 0) & (t < self.days * DAY)
        self.logins.append((a[m], t[m], env[m], ok[m]))

    def talk(self, kind_share, size):
        """Kinds drawn from (like, follow, comment) cumulative shares."""
        u = self.r.random(size)
        return np.where(u < kind_share[0], LIKE, np.where(u < kind_share[1], FOLLOW, COMMENT))

    # ---- ordinary life ----------------------------------------------------------------------------------------------
    def ordinary(self, who, total):
        """Sessions of thumbs on friends, creators and strangers."""
        r = self.r
        n_s = np.maximum(r.poisson(total / self.per_session[who]), 1)
        idx, _ = spread(n_s)
        a = who[idx]
        # some days are full and most are empty
        lumpy = unit(a, r.integers(0, 6, len(a)), self.seed, 21)
        day = np.where(r.random(len(a)) < 0.45, lumpy, r.random(len(a)))
        day = self.since[a] + day * (self.until[a] - self.since[a])
        start = self.at_hours(a, day)
        start = np.where(start < self.since[a] * DAY, start + DAY, start)
        k = np.minimum(r.geometric(1 / self.per_session[a]), 250)
        i, pos = spread(k)
        a, start = a[i], start[i]
        g = r.lognormal(np.log(self.tempo[a]), self.tempo_s[a])
        g = np.where(r.random(len(a)) < 0.07, g + r.uniform(60, 900, len(a)), g)
        t = start + running(np.maximum(g, 0.8), i, pos)
        u = r.random(len(a))
        w = self.where[a]
        z = np.minimum((r.exponential(1, len(a)) * 6).astype(int), 23)
        z2 = np.minimum((r.exponential(1, len(a)) * 9).astype(int), 39)
        st = self.strangers(a)
        # looking through one stranger's page: several likes in a row
        hold = (r.random(len(a)) < 0.3) & (pos > 0)
        b = np.where(u < w[:, 0], self.circle[a, z], np.where(u < w[:, 1], self.creators[a, z2], st))
        prev = np.roll(b, 1)
        b = np.where(hold, prev, b)
        d = self.does[a]
        kind = np.where(r.random(len(a)) < d[:, 0], LIKE, np.where(r.random(len(a)) < 0.5, FOLLOW, COMMENT))
        kind = np.where((kind == FOLLOW) & (u < w[:, 0]) & (r.random(len(a)) < 0.6), COMMENT, kind)
        self.add(a, b, t, kind, back=np.where(hold, 4.0, 1.2), answerable=0.7)
        # changing one's mind about a follow
        m = (kind == FOLLOW) & (r.random(len(a)) < 0.18)
        self.add(a[m], b[m], self.wake(a[m], t[m] + r.lognormal(math.log(3 * DAY), 1.2, m.sum())), UNFOLLOW)

    def sessions(self, a, day, k, per, tempo, sigma):
        """Times of k actions a day by hand in long sittings; returns row index and time."""
        r = self.r
        n_b = np.maximum(1, np.rint(k / per)).astype(int)
        i, _ = spread(n_b)
        share = np.maximum(1, r.poisson((k / n_b)[i]))
        start = self.at_hours(a[i], day[i])
        j, pos = spread(share)
        g = r.lognormal(np.log(tempo[i][j]), sigma)
        g = np.where(r.random(len(j)) < 0.03, g + r.uniform(60, 600, len(j)), g)
        return i[j], start[j] + running(np.maximum(g, 0.7), j, pos)

    def heavy(self, who):
        """Likes 300 to 800 a day by thumb, and grows by hand: follows strangers and drops them later."""
        r = self.r
        n = len(who)
        on = r.uniform(0.15, 0.6, n)
        w, d = np.nonzero(r.random((n, self.days)) < on[:, None])
        a = who[w]
        vol = np.clip(r.lognormal(math.log(420), 0.35, n), 250, 900)[w] * r.uniform(0.6, 1.2, len(w))
        vol = np.where(r.random(n)[w] < 0.45, vol * 0.3, vol)
        tempo = np.clip(r.lognormal(math.log(6), 0.9, n), 1.2, 60)[w]
        i, t = self.sessions(a, d.astype(float), vol, r.uniform(25, 140, n)[w], tempo, 0.7)
        a = a[i]
        spree = (unit(a, self.seed, 31) < 0.6)
        u = r.random(len(a))
        kind = np.where(spree & (u < 0.25), FOLLOW, np.where(u > 0.97, COMMENT, LIKE))
        pure = unit(a, self.seed, 32) * 0.9
        b = np.where(r.random(len(a)) < pure, self.strangers(a), self.creators[a, r.integers(0, 40, len(a))])
        self.add(a, b, t, kind, back=4.0, answerable=0.9)
        m = (kind == FOLLOW) & (r.random(len(a)) < 0.65)
        self.add(a[m], b[m], self.wake(a[m], t[m] + r.uniform(1, 6, m.sum()) * DAY), UNFOLLOW)

    def spree(self, who, start, size):
        """Follow sprees: newcomers, and people who found a new interest; some unfollow later."""
        r = self.r
        i, t = self.sessions(who, start, size, np.full(len(who), 35.0), np.clip(r.lognormal(math.log(5), 0.7, len(who)), 1.2, 40), 0.8)
        a = who[i]
        t = t + (unit(a, i, 41) < 0.5) * DAY * r.integers(0, 2, len(i))
        tp = (unit(a, self.seed, 42) * self.topics).astype(int)
        b = np.where(r.random(len(a)) < 0.4, self.celebs(a), np.where(r.random(len(a)) < 0.6, self.strangers(a, tp), self.circle[a, r.integers(0, 24, len(a))]))
        kind = np.where(r.random(len(a)) < 0.75, FOLLOW, LIKE)
        self.add(a, b, t, kind, answerable=1.0)
        m = (kind == FOLLOW) & (unit(a, self.seed, 43) < 0.4) & (r.random(len(a)) < 0.5)
        self.add(a[m], b[m], self.wake(a[m], t[m] + r.uniform(1.5, 12, m.sum()) * DAY), UNFOLLOW)

    def crowd(self, who, target, t, like=0.8, comment=0.1, follow=0.0, text=None, back=0.0):
        """Genuine people, each for itself, on given targets at given times."""
        r = self.r
        t = self.wake(who, t)
        for kind, p in ((LIKE, like), (FOLLOW, follow), (COMMENT, comment)):
            m = r.random(len(who)) < p
            self.add(who[m], target[m], t[m] + r.exponential(20, m.sum()) * (kind != LIKE), kind, back=back, text=text if kind == COMMENT else None)

    def fans(self):
        r = self.r
        stars = np.argsort(-self.pop)[: int(r.integers(8, 16))]
        for s in stars:
            self.rate[s] = r.uniform(0.4, 1.8)
        self.star_fans = []
        for s in stars:
            core = self.some(int(r.integers(15, 110) * self.n / 6000), near=s)
            self.role[core[self.role[core] == "owner"]] = "fan"
            self.star_fans.append((s, core))

    def act_fans(self):
        r = self.r
        for s, core in self.star_fans:
            _, pt = self.posts_of([s])
            p_fan = r.beta(2.5, 2, len(core))
            hit = r.random((len(pt), len(core))) < p_fan
            i, f = np.nonzero(hit)
            d = r.lognormal(math.log(r.uniform(6, 30) * 60), 0.9, len(i))
            self.crowd(core[f], np.full(len(f), s), pt[i] + d, like=0.97, comment=r.uniform(0.03, 0.15))
            wide = self.some(int(250 * self.n / 6000), near=s)
            hit = r.random((len(pt), len(wide))) < 0.06
            i, f = np.nonzero(hit)
            self.crowd(wide[f], np.full(len(f), s), pt[i] + r.lognormal(math.log(2 * HOUR), 1.2, len(i)), comment=0.05)

    def some(self, k, near=None):
        """k different genuine accounts, the active ones more often."""
        w = np.sqrt(np.minimum(self.activity, 400)) * ~self.is_farm
        if near is not None:
            w = w * np.where(self.country[: self.n] == self.country[near], 6, 1)
        return self.r.choice(self.n, min(k, self.n // 3), replace=False, p=w / w.sum())

    def giveaways(self):
        """Strangers follow and comment one host, often a whole list of sponsors, within a day or two."""
        r = self.r
        for g in range(int(r.integers(5, 11))):
            hosts = self.strangers(r.integers(0, self.n, 1 if r.random() < 0.4 else int(r.integers(3, 16))))
            who = self.some(int(r.integers(40, 260) * self.n / 6000), near=hosts[0])
            fresh = who[self.role[who] == "owner"]
            self.role[fresh[: len(fresh) // 3]] = "giveaway"
            t0 = r.uniform(1, self.days - 3) * DAY
            when = t0 + r.exponential(r.uniform(0.2, 0.8) * DAY, len(who))
            i = np.repeat(np.arange(len(who)), len(hosts))
            h = np.tile(hosts, len(who))
            keep = r.random(len(i)) < 0.85
            i, h = i[keep], h[keep]
            step = np.tile(np.arange(len(hosts)), len(who))[keep] * r.uniform(6, 40)
            t = self.wake(who, when)[i] + step + r.exponential(4, len(i))
            self.add(who[i], h, t, FOLLOW)
            first = h == hosts[0]
            self.add(who[i][first], h[first], t[first] + 15, LIKE, back=0.0)
            self.add(who[i][first], h[first], t[first] + 40, COMMENT, back=0.0, text=self.tag_bank[0] + r.integers(0, self.tag_bank[1], first.sum()))
            m = r.random(len(i)) < 0.3
            self.add(who[i][m], h[m], self.wake(who[i][m], t[m] + r.uniform(2, 9, m.sum()) * DAY), UNFOLLOW)
        for _ in range(int(r.integers(4, 9))):  # a post that goes viral
            who = self.some(int(r.integers(80, 420) * self.n / 6000))
            tgt = self.strangers(who[:1])
            t = r.uniform(1, self.days - 1) * DAY + r.gamma(1.2, r.uniform(1, 6) * HOUR, len(who))
            self.crowd(who, np.repeat(tgt, len(who)), t, like=0.9, comment=0.15, follow=0.2)

    def communities(self):
        """Classes, teams and clubs: everyone likes nearly everything of everyone."""
        r = self.r
        self.clubs = []
        for _ in range(max(4, self.n // 330)):
            size = int(r.integers(7, 34))
            at = int(r.integers(0, self.n - size))
            m = self.ring[at : at + size] if r.random() < 0.7 else self.some(size)
            m = m[~self.is_farm[m]]
            self.rate[m] = np.maximum(self.rate[m], r.uniform(0.1, 0.7, len(m)))
            if r.random() < 0.5:
                self.works[m], self.work_asn[m], self.work_j[m] = True, r.choice(self.office), 1
            self.role[m[self.role[m] == "owner"]] = "community"
            self.clubs.append((m, r.uniform(0.25, 0.85), r.uniform(0.3, 6)))

    def act_clubs(self):
        r = self.r
        for m, p, d in self.clubs:
            pw, pt = self.posts_of(m)
            pm = np.clip(r.normal(p, 0.2, len(m)), 0.03, 0.97)
            i, f = np.nonzero(r.random((len(pt), len(m))) < pm)
            self.crowd(m[f], pw[i], pt[i] + r.lognormal(math.log(d * HOUR), 1.2, len(i)), like=0.95, comment=r.uniform(0.05, 0.3))

    def agencies(self):
        r = self.r
        taken = np.zeros(self.n, bool)
        for _ in range(max(3, int(self.n / 800))):
            c = int(r.choice(len(self.cn), p=self.cw))
            cand = np.flatnonzero((self.country[: self.n] == c) & ~taken & ~self.is_farm)
            if len(cand) < 10:
                cand = np.flatnonzero(~taken & ~self.is_farm)
            w = self.rate[cand] ** 0.5
            m = r.choice(cand, min(int(r.integers(5, 26)), len(cand)), replace=False, p=w / w.sum())
            taken[m] = True
            self.role[m] = "agency_client"
            self.delegated[m] = r.random(len(m)) < 0.7
            self.rate[m] = np.maximum(self.rate[m], r.uniform(0.2, 1.0, len(m)))
            tool = r.random()
            client = OTHER * 10000 + int(r.choice(self.partners)) if tool < 0.55 else -1
            devs = self.devices(int(r.integers(1, 5)))
            asn = int(r.choice(self.office) if r.random() < 0.5 else (r.choice(self.host) if r.random() < 0.3 else self.fixed[c][0]))
            j = int(r.integers(0, self.pool[asn]))
            since = np.where(r.random(len(m)) < 0.7, -5.0, r.uniform(0, self.days, len(m)))
            self.bureau.append((m, c, client, devs, asn, j, since))

    def act_agencies(self):
        r = self.r
        for m, c, client, devs, asn, j, since in self.bureau:
            pace = r.lognormal(math.log(9), 0.7, len(m))
            camp = r.random((len(m), self.days)) < 0.05
            wd = (np.arange(self.days) + self.wd0) % 7 < 5
            k = np.where(camp, r.uniform(40, 220, camp.shape), r.poisson(pace[:, None], camp.shape)) * (wd | (r.random(camp.shape) < 0.1))
            k *= np.arange(self.days)[None] > since[:, None]
            w, d = np.nonzero(k >= 1)
            kk = k[w, d].astype(int)
            i, pos = spread(kk)
            a = m[w][i]
            start = (d * 24 + r.uniform(8.5, 16.5, len(w)) - self.tz[c]) * HOUR
            gap = np.where(kk > 30, r.uniform(4, 25, len(w)), r.uniform(20, 240, len(w)))
            t = start[i] + running(r.exponential(1, len(i)) * gap[i] + 1, i, pos)
            mass = kk[i] > 30
            u = r.random(len(a))
            kind = np.where(mass, np.where(u < 0.8, LIKE, np.where(u < 0.92, FOLLOW, COMMENT)), np.where(u < 0.45, LIKE, np.where(u < 0.97, COMMENT, FOLLOW)))
            b = np.where(mass | (r.random(len(a)) < 0.5), self.strangers(a, local=0.9), self.creators[a, r.integers(0, 40, len(a))])
            dev = devs[(mix(a, d[i], 5) % np.uint64(len(devs))).astype(int)]
            cl = np.full(len(a), client) if client >= 0 else WEB * 10000 + self.version(np.full(len(a), WEB), t, 0)
            env = np.stack([cl, np.full(len(a), asn), np.full(len(a), j), dev, np.full(len(a), c)], 1)
            self.add(a, b, t, kind, env=env, origin=AGENCY, answerable=1.0)
            first = since > 0
            t_in = since[first] * DAY + r.uniform(9, 17, first.sum()) * HOUR
            e = np.stack([np.full(first.sum(), client if client >= 0 else WEB * 10000 + self.base[WEB]), np.full(first.sum(), asn), np.full(first.sum(), j), np.resize(devs, first.sum()), np.full(first.sum(), c)], 1)
            self.login(m[first], t_in, e)

    # ---- sellers ------------------------------------------------------------------------------------------------------
    def draw_services(self):
        """Another set of sellers for every seed, with every way of working somewhere."""
        r = self.r
        out = []
        n_rec = int(r.integers(4, 7))
        nets = ["hosting", "resi", "home"] + list(r.choice(["hosting", "resi", "mobile", "home", "mixed"], 3, p=[0.3, 0.25, 0.15, 0.1, 0.2]))
        for i in range(n_rec):
            out.append(self.seller(f"R{i + 1}", "reciprocity", str(nets[i]), short=i == n_rec - 1 or r.random() < 0.15))
        for i in range(int(r.integers(2, 4))):
            out.append(self.seller(f"C{i + 1}", "collusion", str(r.choice(["hosting", "mixed", "resi", "mobile"]))))
        for i in range(int(r.integers(1, 3))):
            out.append(self.seller(f"D{i + 1}", "drip", str(r.choice(["hosting", "resi", "mixed", "home"], p=[0.25, 0.3, 0.25, 0.2]))))
        if r.random() < 0.5:  # two brands, one machine room
            a, b = out[0], out[int(r.integers(3, n_rec))]
            if b.net != "home":
                b.net, b.device, b.client, b.exits, b.exits2, b.builds, b.infra, b.off_net, b.sticky, b.per_device = a.net, a.device, a.client, a.exits, a.exits2, a.builds, a.infra, a.off_net, a.sticky, a.per_device
        return out

    def seller(self, name, family, net, short=False):
        r = self.r
        self.infra = getattr(self, "infra", 0) + 1
        client = "own" if net == "home" else str(r.choice(["stale", "api", "spoof", "web"], p=[0.28, 0.14, 0.43, 0.15]))
        builds = []
        for _ in range(int(r.integers(1, 4))):
            os = int(r.choice([ANDROID, ANDROID, IOS, LITE]))
            builds.append({"stale": (os, int(self.legacy[r.integers(0, 3), os] if r.random() < 0.96 else self.base[os] - r.integers(1, 40))), "api": (OTHER, int(r.choice(self.mods, p=[0.5, 0.25, 0.15, 0.1]) if r.random() < 0.85 else r.integers(40, 44))),
                           "spoof": (os, -1), "web": (WEB, -1), "own": (os, -1)}[client])  # fmt: skip
        rhythm = "odd" if net == "home" else str(r.choice(["steady", "blocks", "human"], p=[0.4, 0.3, 0.3]))
        s = Service(name, family, net, str(r.choice(["fresh", "shared", "clone", "rotate", "none"], p=[0.35, 0.3, 0.1, 0.15, 0.1] if net == "hosting" else [0.45, 0.07, 0.2, 0.18, 0.1])), client, rhythm)
        s.infra, s.builds, s.short = self.infra, builds, short
        s.volume = float(np.clip(r.lognormal(math.log(75), 0.7), 18, 380))
        s.gap, s.gap_sigma = float(np.clip(r.lognormal(math.log(22), 0.6), 5, 120)), float(r.choice([0.08, 0.25, 0.6, 1.1]))
        s.pause = float(r.uniform(4, 10))
        lo = r.uniform(18, 60)
        s.unfollow, s.unfollow_share = (lo, lo + r.uniform(2, 48)), float(r.choice([0.0, 0.6, 0.85, 0.95], p=[0.25, 0.25, 0.25, 0.25]))
        f = r.uniform(0.05, 0.45)
        s.mix = (1 - f - 0.04, f, float(r.uniform(0, 0.05)))
        s.login, s.local = float(r.choice([0.3, 0.8, 1.0])), float(r.uniform(0.45, 0.9))
        s.sticky = float(r.choice([HOUR, 6 * HOUR, DAY, 30 * DAY]))
        s.off_net = float(r.uniform(0.05, 0.2)) if net == "hosting" else 0.5
        s.move = float(r.uniform(0.5, 0.85) * self.days * DAY) if r.random() < 0.3 else math.inf
        s.exits = self.vpn[int(r.integers(0, 6))] if r.random() < 0.35 else self.exits(r.integers(1, 4), r.integers(2, 14))
        s.exits2 = self.exits(r.integers(1, 3), r.integers(2, 10))
        s.per_device = int(r.integers(6, 70))
        s.lag = float(r.uniform(0, 12))
        s.same_country = float(r.choice([0.9, 0.96, 1.0]))
        s.pace = float(r.uniform(0.8, 2.4) if family == "drip" else r.uniform(1.2, 4.0))
        if family in ("collusion", "drip"):  # buyers who pay with money, not with their account
            s.buyers = self.strangers(r.integers(0, self.n, max(4, int(self.bought * self.n / 25))))
            self.rate[s.buyers] = np.maximum(self.rate[s.buyers], r.uniform(0.4, 2.0, len(s.buyers)))
        s.code = len(self.origins)
        self.origins.append(f"service:{name}")
        k = int(r.integers(20, 60))
        s.bank = (len(self.bank), k * 6)
        self.bank += self.stems(k)
        return s

    def enrol(self, services):
        """Who gave the name and password to whom, and for how long: rows of (account, service, from, to)."""
        r = self.r
        k = int(self.bought * self.n)
        open_ = np.flatnonzero(~self.is_farm & (self.role != "pod"))
        w = (np.minimum(self.activity[open_], 300) + 25) ** 0.45
        cust = r.choice(open_, k, replace=False, p=w / w.sum())
        base = {"reciprocity": 0.42, "collusion": 0.38, "drip": 0.2}
        fam_n = {f: sum(s.family == f for s in services) for f in base}
        size = np.array([base[s.family] / fam_n[s.family] * r.lognormal(0, 0.5) for s in services])
        # collusion networks need a pool, home clients sell less
        pick = r.choice(len(services), k, p=size / size.sum())
        rows = []
        for c, p in zip(cust, pick, strict=True):
            todo = [p]
            if r.random() < 0.15:
                todo.append(int(r.integers(0, len(services))))
            for q in dict.fromkeys(todo):
                s = services[q]
                start = r.uniform(-12, self.days - 2)
                if s.short:
                    stay = r.uniform(1, 4.5)
                    start = r.uniform(0, self.days - 2)
                elif s.family != "reciprocity":  # a pool keeps its members for weeks
                    start, stay = r.uniform(-20, self.days * 0.7), 6 + r.exponential(25)
                else:
                    stay = r.uniform(3, 7) if r.random() < 0.45 else 5 + r.exponential(22)
                rows.append((c, q, start, start + stay))
                if not s.short and r.random() < 0.2:  # the owner changes the password
                    cut = start + r.uniform(0.2, 1) * stay
                    rows[-1] = (c, q, start, cut)
                    if r.random() < 0.4:
                        rows.append((c, q, cut + r.uniform(1, 48) / 24, start + stay))
                elif r.random() < 0.1:
                    again = start + stay + r.uniform(2, 12)
                    rows.append((c, q, again, again + r.uniform(2, 12)))
        rows = [x for x in rows if x[3] > 0.2 and x[2] < self.days - 0.3 and x[3] > x[2]]
        for c, q, _, _ in rows:
            self.bad[c] = True
            self.role[c] = "customer"
            s = services[q]
            if s.name not in self.services[c]:
                self.services[c].append(s.name)
            self.family[c] = self.family[c] or s.family
            if s.family != "reciprocity":
                self.rate[c] = np.maximum(self.rate[c], r.uniform(0.2, 2.2))
        return rows

    def hand_over(self, s, rows):
        r = self.r
        for c, _, a, b in rows:
            c1 = np.array([c])
            if r.random() < s.login:
                t = np.array([a * DAY - r.exponential(0.5) * HOUR])
                if r.random() < 0.15:
                    self.login(c1, t - 60, self.service_env(s, c1, t - 60), False)
                self.login(c1, t, self.service_env(s, c1, t))
            if r.random() < 0.25:
                t = np.array([r.uniform(a, b) * DAY])
                self.login(c1, t, self.service_env(s, c1, t))
            if r.random() < 0.25:  # owner comes back in after a change of password
                t = np.array([b * DAY + r.exponential(3) * HOUR])
                self.login(c1, t, self.own_env(c1, t))

    def plan(self, s, a, day, k):
        """Times of k actions on each (account, day), in the seller's rhythm; returns row index and time."""
        r = self.r
        tz = self.tz[self.country[a]]
        if s.rhythm == "steady":
            i, pos = spread(k)
            g = np.maximum(r.lognormal(0, s.gap_sigma + 0.05, len(i)), 0.02)
            c = running(g, i, pos)
            tot = np.bincount(i, g, len(k))
            wake = (unit(a, self.seed, s.code) * 4 + 6) % 24 if s.code % 2 else r.uniform(0, 24, len(a))
            span = (24 - s.pause) * HOUR * r.uniform(0.5, 1, len(a))
            return i, ((day * 24 + wake - tz) * HOUR)[i] + c / tot[i] * span[i]
        per = max(4.0, s.volume / (3 + s.code % 7)) * r.uniform(0.6, 1.4, len(a))
        n_b = np.maximum(1, np.rint(k / per)).astype(int)
        x, _ = spread(n_b)
        share = np.maximum(1, r.poisson((k / n_b)[x]))
        if s.rhythm == "human":
            start = self.at_hours(a[x], day[x])
        elif s.rhythm == "odd":  # while the owner sleeps or works
            h = np.where(r.random(len(x)) < 0.5, r.uniform(0.5, 6.5, len(x)), r.uniform(9, 16.5, len(x))) + self.chrono[a[x]]
            start = (day[x] * 24 + h - tz[x]) * HOUR
        else:
            h = (unit(a, self.seed, s.code, 3) * 24)[x] + r.uniform(0, 24 - s.pause, len(x))
            start = (day[x] * 24 + h) * HOUR
        i, pos = spread(share)
        g = s.gap * r.lognormal(0, s.gap_sigma, len(i))
        return x[i], start[i] + running(np.maximum(g, 1), i, pos)

    def reciprocity(self, s, rows):
        r = self.r
        if not rows:
            return
        self.hand_over(s, rows)
        c = np.array([x[0] for x in rows])
        a0, a1 = np.array([x[2] for x in rows]), np.array([x[3] for x in rows])
        vol = s.volume * r.lognormal(0, 0.55, len(c))
        w, d = np.nonzero((np.arange(-1, self.days)[None] + 1 > a0[:, None]) & (np.arange(-1, self.days)[None] < a1[:, None]))
        d = d - 1.0
        ramp = np.clip((d - a0[w] + 1) / (1 + 3 * (not s.short)), 0.15, 1)
        k = r.poisson(vol[w] * ramp * r.lognormal(0, 0.3, len(w)) * (r.random(len(w)) > 0.07))
        m = k > 0
        w, d, k = w[m], d[m], k[m]
        i, t = self.plan(s, c[w], d, k)
        i = w[i]
        ok = (t > a0[i] * DAY) & (t < a1[i] * DAY)
        i, t = i[ok], t[ok]
        a = c[i]
        topic = (self.topic[a] + (unit(a, i, r.integers(0, 3, len(a)), 51) < 0.4) * r.integers(0, 2, len(a))) % self.topics
        b = self.strangers(a, topic, s.local)
        u = r.random(len(a))
        kind = np.where(u < s.mix[0], LIKE, np.where(u < s.mix[0] + s.mix[1], FOLLOW, np.where(u < s.mix[0] + s.mix[1] + s.mix[2], COMMENT, LIKE)))
        # many sellers like two or three posts of one stranger and then follow
        pair = (r.random(len(a)) < 0.3 * (s.code % 2)) & (np.roll(a, 1) == a)
        b = np.where(pair, np.roll(b, 1), b)
        text = np.where(kind == COMMENT, s.bank[0] + np.minimum(r.zipf(1.3, len(a)), s.bank[1]) - 1, -1)
        self.add(a, b, t, kind, self.service_env(s, a, t), s.code, True, back=2.0, text=text, answerable=1.0)
        m = (kind == FOLLOW) & (r.random(len(a)) < s.unfollow_share)
        ut = t[m] + r.uniform(*s.unfollow, m.sum()) * HOUR
        ok = ut < a1[i[m]] * DAY
        am, bm, ut = a[m][ok], b[m][ok], ut[ok]
        self.add(am, bm, ut, UNFOLLOW, self.service_env(s, am, ut), s.code, True)

    def pool_orders(self, s, rows):
        """Collusion (minutes) and drips (days): a member's order is dealt out to the pool."""
        r = self.r
        if len(rows) < 4:
            return
        self.hand_over(s, rows)
        c = np.array([x[0] for x in rows])
        a0, a1 = np.array([x[2] for x in rows]), np.array([x[3] for x in rows])
        drip = s.family == "drip"
        per_day = s.pace
        w, d = np.nonzero((np.arange(self.days)[None] + 1 > a0[:, None]) & (np.arange(self.days)[None] < a1[:, None]))
        n_o = r.poisson(per_day * (unit(c, self.seed, 61) * 1.6)[w])
        i, _ = spread(n_o)
        target, day = c[w][i], d[w][i].astype(float)
        buyers = s.buyers
        paid = r.random(len(target)) < r.uniform(0.1, 0.4)
        target = np.where(paid, buyers[r.integers(0, len(buyers), len(target))], target)
        start = self.at_hours(np.minimum(target, self.n - 1), day) + r.exponential(900, len(target))
        span = r.uniform(1, 6, len(target)) * DAY if drip else np.exp(r.uniform(math.log(300), math.log(7200), len(target)))
        frac = r.uniform(0.12, 0.5, len(target)) if drip else r.uniform(0.08, 0.55, len(target))
        kind_o = self.talk((s.mix[0] if s.mix[0] > 0.6 else 0.75, 0.97), len(target))
        held = (a0[None] * DAY < start[:, None] + span[:, None]) & (a1[None] * DAY > start[:, None])
        use = held & (r.random(held.shape) < frac[:, None] * np.clip(unit(c, self.seed, 62)[None] * 1.6, 0.1, 1))
        o, mem = np.nonzero(use)
        shape = r.beta(1.0, 1.6, len(o)) if s.code % 2 else r.random(len(o))
        t = start[o] + shape * span[o]
        a, b = c[mem], target[o]
        if drip and s.rhythm in ("human", "odd"):
            t = self.wake(a, t) if s.rhythm == "human" else t
        ok = (t > a0[mem] * DAY) & (t < a1[mem] * DAY)
        a, b, t, o = a[ok], b[ok], t[ok], o[ok]
        kind = kind_o[o]
        text = np.where(kind == COMMENT, s.bank[0] + np.minimum(r.zipf(1.3, len(a)), s.bank[1]) - 1, -1)
        # an order is for one post: the newest or one shortly before it; drips also sweep older ones
        back = np.where(drip, 3.0 * r.random(len(a)), np.floor(unit(o, self.seed, 63) * 4))
        self.add(a, b, t, kind, self.service_env(s, a, t), s.code, True, back=back, text=text, answerable=0.3)

    def farms(self):
        """Made-up profiles in lots, some with a life painted on."""
        r = self.r
        for f, m in enumerate(self.farm_sets):
            s = self.seller(f"F{f + 1}", "farm", str(r.choice(["hosting", "resi", "mobile", "mixed"])))
            self.origins[s.code] = f"farm:F{f + 1}"
            self.role[m], self.family[m], self.bad[m] = "farm", "farm", True
            for x in m:
                self.services[x].append(s.name)
            n_o = int(r.integers(20, 90))
            buyers = np.concatenate([self.strangers(r.integers(0, self.n, n_o)), np.flatnonzero(self.role == "customer")[: n_o // 4]])
            n_o = len(buyers)
            start = r.uniform(-1, self.days - 1, n_o) * DAY
            span = np.exp(r.uniform(math.log(2 * HOUR), math.log(6 * DAY), n_o))
            use = r.random((n_o, len(m))) < r.uniform(0.1, 0.6, n_o)[:, None]
            o, mem = np.nonzero(use)
            t = self.wake(m[mem], start[o] + r.random(len(o)) * span[o])
            a, b = m[mem], buyers[o]
            kind = np.where(r.random(n_o) < 0.65, FOLLOW, LIKE)[o]
            self.add(a, b, t, kind, self.service_env(s, a, t), s.code, True)
            # camouflage: stars, strangers and each other
            k = np.maximum(1, r.lognormal(math.log(r.uniform(15, 140)), 0.9, len(m))).astype(int)
            per = r.integers(2, 14)
            n_s = np.maximum(1, k // per)
            x, _ = spread(n_s)
            day = self.since[m][x] + r.random(len(x)) * (self.days - self.since[m][x])
            st = self.at_hours(m[x], day)
            y, pos = spread(np.maximum(1, r.poisson(per, len(x))))
            t = st[y] + running(r.lognormal(math.log(s.gap), 0.8, len(y)), y, pos)
            a = m[x][y]
            u = r.random(len(a))
            b = np.where(u < 0.45, self.celebs(a), np.where(u < 0.85, self.strangers(a), r.choice(m, len(a))))
            kind = np.where(r.random(len(a)) < 0.6, LIKE, np.where(r.random(len(a)) < 0.75, FOLLOW, COMMENT))
            text = np.where(kind == COMMENT, s.bank[0] + np.minimum(r.zipf(1.3, len(a)), s.bank[1]) - 1, -1)
            self.add(a, b, t, kind, self.service_env(s, a, t), s.code, True, text=text, answerable=0.5)
            lt = np.maximum(self.since[m] * DAY + 60, 0) + r.exponential(HOUR, len(m))
            seen = self.since[m] > 0
            self.login(m[seen], lt[seen], self.service_env(s, m[seen], lt[seen]))

    def act_pods(self):
        """Groups who like each other's posts by hand from their own phones."""
        r = self.r
        for p, m in enumerate(self.pod_sets):
            code = len(self.origins)
            self.origins.append(f"pod:P{p + 1}")
            for x in m:
                if f"P{p + 1}" not in self.services[x]:
                    self.services[x].append(f"P{p + 1}")
                self.bad[x], self.family[x], self.role[x] = True, self.family[x] or "pod", "pod"
            pw, pt = self.posts_of(m)
            hit = r.random((len(pt), len(m))) < np.clip(r.normal(0.7, 0.2, len(m)), 0.1, 0.98)
            i, f = np.nonzero(hit)
            t = self.wake(m[f], pt[i] + r.lognormal(math.log(r.uniform(15, 90) * 60), 0.9, len(i)))
            self.add(m[f], pw[i], t, LIKE, None, code, True, back=0.0)
            c = r.random(len(i)) < r.uniform(0.1, 0.5)
            self.add(m[f][c], pw[i][c], t[c] + r.exponential(25, c.sum()) + 3, COMMENT, None, code, True, back=0.0)

    # ---- words ----------------------------------------------------------------------------------------------------------
    def words(self):
        lang = {
            "en": ("love this|so cute|amazing|great shot|wow|beautiful|goals|haha same|where is this|need this|nice one|congrats|miss you|so proud|stunning|can't wait|this made my day|fire", "|my friend|bestie|keep going|as always|today|from here|so much|really|the colours|that light"),
            "es": ("qué lindo|me encanta|hermosa|felicidades|jaja|increíble|guapa|te extraño|buena foto|dónde es", "|amiga|hermano|siempre|hoy|mucho|de verdad"),
            "pt": ("que lindo|amei|maravilhosa|parabéns|kkkk|top demais|saudade|sensacional|onde é|perfeita", "|amiga|irmão|sempre|hoje|demais|mesmo"),
            "id": ("keren|cantik|mantap|bagus banget|lucu|semangat|kangen|di mana ini|suka", "|kak|bro|banget|hari ini|sekali"),
            "tr": ("çok güzel|harika|efsane|tebrikler|özledim|süper|bayıldım|nerede bu", "|canım|kanka|bugün|gerçekten|her zaman"),
            "ru": ("красота|супер|обалденно|поздравляю|скучаю|класс|огонь|где это", "|подруга|брат|как всегда|сегодня|очень"),
        }  # fmt: skip
        self.emoji = ["", "", "", "!", "!!", " ❤️", " 😍", " 🔥", " 🔥🔥", " 👏", " 🙌", " ✨", " 😂", "...", " 💯"]
        self.bank, self.lang_at, self.vocab = [], {}, {}
        for lg, (x, y) in lang.items():
            first, then = x.split("|"), y.split("|")
            self.vocab[lg] = first
            phrases = [f"{f} {z}".strip() + e for f in first for z in then for e in self.emoji]
            phrases += [f"{f}, {g} {z}".strip() + e for f in first for g in first for z in then for e in self.emoji[3:8]]
            phrases += ["❤️", "🔥🔥🔥", "😍😍", "👏👏", "😂😂😂"] * 3
            phrases = [phrases[i] for i in self.r.permutation(len(phrases))[:2500]]
            self.lang_at[lg] = (len(self.bank), len(phrases))
            self.bank += phrases
        self.tag_bank = (len(self.bank), 400)
        done = ["done", "done ✅", "in", "me please", "fingers crossed", "pick me 🙏", "hope to win", ""]
        self.bank += [f"@{self.name_of(int(x))} {done[int(y)]}".strip() for x, y in zip(self.r.integers(0, 10**9, 400), self.r.integers(0, 8, 400), strict=True)]

    def stems(self, k):
        r = self.r
        lg = list(self.vocab)
        out = []
        for _ in range(k):
            v = self.vocab[lg[0] if r.random() < 0.6 else lg[int(r.integers(0, len(lg)))]]
            stem = " ".join(v[int(x)] for x in r.integers(0, len(v), int(r.integers(1, 3))))
            out += [stem + self.emoji[int(x)] for x in r.integers(0, len(self.emoji), 6)]
        return out

    def name_of(self, x):
        syl = ["ka", "mi", "lo", "ren", "da", "sa", "nu", "ti", "vel", "or", "an", "jo", "be", "shi", "ma", "li"]
        s = "".join(syl[(x >> (4 * i)) & 15] for i in range(2 + x % 3))
        return s + ["", "", "_", ".", "x"][x % 5] + (str(x % 97) if x % 3 else "")

    # ---- the whole -------------------------------------------------------------------------------------------------------
    def build(self):
        r, n = self.r, self.n
        self.words()
        self.bureau = []
        self.is_farm = np.zeros(n, bool)
        n_farm = int(self.bought * 0.25 * n)
        farm = r.choice(n, n_farm, replace=False)
        self.is_farm[farm] = True
        self.farm_sets = np.array_split(farm, int(r.integers(2, 4))) if n_farm else []
        self.since[farm] = np.where(r.random(n_farm) < 0.5, r.uniform(0, self.days * 0.7, n_farm), 0)
        free = lambda k: r.choice(np.flatnonzero((self.role == "owner") & ~self.is_farm), k, replace=False)  # noqa: E731
        heavy = free(int(0.008 * n))
        self.role[heavy] = "heavy"
        new = free(int(0.03 * n))
        self.role[new] = "newcomer"
        self.since[new] = r.uniform(0, self.days - 2, len(new))
        self.until[new] = self.days
        self.born = np.zeros(n)
        self.born[new], self.born[farm] = self.since[new], self.since[farm]
        trav = free(int(0.035 * n))
        self.role[trav] = "traveller"
        tool = heavy[r.random(len(heavy)) < 0.3]  # some of the busy like their modded app
        self.mod[tool] = r.choice(self.mods, len(tool), p=[0.5, 0.25, 0.15, 0.1])
        more = free(int(0.06 * n))
        away = np.concatenate([trav, more])
        self.trip0[away] = r.uniform(0, self.days * 0.9, len(away)) * DAY
        self.trip1[away] = self.trip0[away] + r.lognormal(math.log(6), 0.7, len(away)) * DAY
        self.agencies()
        self.fans()
        self.communities()
        # pods: strangers to each other who post often
        n_pod = int(self.bought * 0.08 * n)
        k_pod = max(1, n_pod // int(r.integers(9, 16)))
        pod = self.some(n_pod)
        self.rate[pod] = np.clip(self.rate[pod], r.uniform(0.12, 0.5, len(pod)), 0.9)
        self.pod_sets = np.array_split(pod, k_pod) if n_pod else []
        self.role[pod] = "pod"
        services = self.draw_services()
        rows = self.enrol(services)
        self.draw_posts()
        # ordinary life of everybody but farms; 15 % of customers are dormant owners, the others want to grow
        total = self.activity.copy()
        cust = np.flatnonzero(self.role == "customer")
        total[cust] = np.where(r.random(len(cust)) < 0.15, 0.3, total[cust] * r.uniform(1, 2, len(cust)))
        total = total * (self.until - self.since) / self.days
        live = np.flatnonzero(~self.is_farm & (total > 0.5))
        self.ordinary(live, total[live])
        self.heavy(heavy)
        self.spree(new, self.since[new], r.lognormal(math.log(70), 0.7, len(new)))
        later = self.some(int(0.05 * n))  # a new hobby, or growing by hand
        self.spree(later, r.uniform(0, self.days - 3, len(later)), r.lognormal(math.log(90), 0.8, len(later)))
        hustle = self.some(int(0.03 * n))
        for _ in range(3):
            self.spree(hustle, r.uniform(0, self.days - 1, len(hustle)), r.lognormal(math.log(110), 0.7, len(hustle)))
        self.act_fans()
        self.giveaways()
        self.act_clubs()
        self.act_agencies()
        for q, s in enumerate(services):
            mine = [x for x in rows if x[1] == q]
            (self.reciprocity if s.family == "reciprocity" else self.pool_orders)(s, mine)
        self.farms()
        self.act_pods()
        self.plain_logins()
        self.sold = services
        return self.tables()

    def plain_logins(self):
        """People log in anew: new phone, trip, browser, forgotten password; and strangers guess passwords."""
        r, n = self.r, self.n
        who = np.flatnonzero(~self.is_farm)
        a = np.repeat(who, r.poisson(0.45, len(who)))
        a = np.concatenate([a, who[(self.p_vpn[who] > 0)], np.flatnonzero(self.role == "heavy")])
        t = self.at_hours(a, r.uniform(0, self.days, len(a)))
        env = self.own_env(a, t)
        fail = r.random(len(a)) < 0.12
        self.login(a[fail], t[fail] - r.exponential(40, fail.sum()) - 3, env[fail], False)
        self.login(a, t, env)
        for when, p in ((self.change, 0.9), (self.trip0 + 0.2 * DAY, 0.35), (self.since * DAY + 60, 0.9)):
            m = who[np.isfinite(when[who]) & (when[who] > 100) & (r.random(len(who)) < p)]
            t = when[m] + r.exponential(600, len(m))
            self.login(m, t, self.own_env(m, t))
        g = r.choice(who, int(0.03 * n))
        t = r.uniform(0, self.days, len(g)) * DAY
        env = self.own_env(g, t)
        ex = self.exits(3, 12)[r.integers(0, 12, len(g))]
        env[:, 1:3], env[:, 4], env[:, 3] = ex[:, :2], ex[:, 2], self.devices(len(g))
        self.login(g, t, env, False)

    def names(self, env):
        """Text of client, prefix, device and country codes."""
        lit = lambda v: pl.Series(v, dtype=pl.String)  # noqa: E731
        u, inv = np.unique(env[:, 0], return_inverse=True)
        pub = [f"{OSNAME[x // 10000]} {x % 10000}.0" if x < OTHER * 10000 else f"client {x % 10000}" for x in u]
        if self.style == 1:
            pub = [f"com.plaza.{OSNAME[x // 10000]}/{x % 10000}" if x < OTHER * 10000 else f"sdk/{(x * 7919) % 1000}" for x in u]
        if self.style == 2:
            pub = [f"{int(mix(x, self.seed)) & 0xFFFFFF:06x}" for x in u.tolist()]
        client = lit(pub)[inv]
        p, pinv = np.unique(env[:, 1].astype(np.int64) * 100000 + env[:, 2], return_inverse=True)
        h = mix(p, 77 + self.seed)
        v6 = (self.v6[p // 100000]) & (p % 2 == 0)
        pre = [f"2a{(x >> 8) & 255:02x}:{(x >> 16) & 0xFFFF:x}:{(x >> 32) & 0xFFFF:x}::/48" if s else f"{(x % 210) + 11}.{(x >> 8) & 255}.{(x >> 16) & 255}.0/24"
               for x, s in zip(h.tolist(), v6.tolist(), strict=True)]  # fmt: skip
        d, dinv = np.unique(env[:, 3], return_inverse=True)
        dh = mix(d, 5 + self.seed)
        dev = [None if x < 0 else f"{y:016x}" for x, y in zip(d.tolist(), dh.tolist(), strict=True)]
        return client, lit(pre)[pinv], lit(dev)[dinv], lit(self.cn)[env[:, 4]]

    def when(self, t):
        us = np.rint((self.t0 + t) * 1e6).astype(np.int64)
        return pl.Series(us).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")

    def tables(self):
        r, n, N = self.r, self.n, self.N
        self.v6 = r.random(len(self.asn)) < 0.35
        a, b, t, kind, env, org, bad, back, text = (np.concatenate(x) for x in zip(*self.blocks, strict=True))
        # the post: the newest or a few older ones
        step = np.where(r.random(len(a)) < 0.25, 0, np.floor(r.exponential(1, len(a)) * back)).astype(int)
        p = np.searchsorted(self.p_key, b * 1e8 + t, side="right") - 1 - step
        p = np.maximum(p, self.p_first[b])
        onpost = (kind == LIKE) | (kind == COMMENT)
        o = np.argsort(t, kind="stable")
        a, b, t, kind, env, org, bad, text, p, onpost = (x[o] for x in (a, b, t, kind, env, org, bad, text, p, onpost))
        # one like a post, one follow a pair, an unfollow only once
        key = np.where(onpost, p, b + 10**9) * 10 + kind
        key = np.where(kind == COMMENT, -np.arange(len(a)) - 1, key)
        first = pl.DataFrame({"a": a, "k": key}).select(pl.struct("a", "k").is_first_distinct()).to_series().to_numpy()
        a, b, t, kind, env, org, bad, text, p, onpost = (x[first] for x in (a, b, t, kind, env, org, bad, text, p, onpost))
        m = len(a)
        # the owner's words: a few favourites and the language's common stock
        own = (kind == COMMENT) & (text < 0)
        lg = [COUNTRIES[c][1] for c in self.cn]
        lo = np.array([self.lang_at[x][0] for x in lg])[self.country[a]]
        size = np.array([self.lang_at[x][1] for x in lg])[self.country[a]]
        fav = (mix(a, r.integers(0, 9, m), 71) % np.uint64(2500)).astype(int) % size
        stock = (size * r.random(m) ** 3).astype(int)
        text = np.where(own, lo + np.where(r.random(m) < 0.45, fav, stock), text)
        text = np.where(kind == COMMENT, text, -1)
        dev_hidden = unit(env[:, 3], self.seed, 91) < 0.06  # cookies refused: no device id
        env[dev_hidden & (env[:, 0] // 10000 == WEB), 3] = -1
        client, prefix, device, country = self.names(env)
        ids = r.permutation(N)
        acc = pl.Series([f"{10_000_000 + int(x) * 37 + self.seed % 37}" for x in ids], dtype=pl.String)
        bank = pl.Series([*self.bank, None], dtype=pl.String)
        post = pl.Series(np.where(onpost, p, 0)).cast(pl.String)
        eng = pl.DataFrame(
            {
                "engagement_id": "e" + pl.Series(np.arange(m)).cast(pl.String).str.zfill(8),
                "kind": pl.Series(KINDS, dtype=pl.String)[kind],
                "actor_id": acc[a],
                "target_id": acc[b],
                "at": self.when(t),
                "post_id": ("p" + post).zip_with(pl.Series(onpost), pl.Series([None], dtype=pl.String).new_from_index(0, m)),
                "client_id": client,
                "asn": pl.Series(self.asn[env[:, 1]].astype(np.int64)),
                "ip_prefix": prefix,
                "device_id": device,
                "country": country,
                "text": bank[np.where(text < 0, len(self.bank), text)],
            }
        )
        # who handed an account over but nothing was done with it in this window has nothing to be found
        did = np.zeros(n, bool)
        did[a[bad]] = True
        idle = np.flatnonzero(self.bad & ~did)
        self.bad[idle], self.family[idle], self.role[idle] = False, None, "owner"
        for x in idle:
            self.services[x] = []
        truth = pl.DataFrame(
            {"engagement_id": eng["engagement_id"], "is_inauthentic": pl.Series(bad), "origin": pl.Series(self.origins, dtype=pl.String)[org]}
        )
        la, lt, lenv, lok = (np.concatenate(x) for x in zip(*self.logins, strict=True))
        o = np.argsort(lt, kind="stable")
        la, lt, lenv, lok = la[o], lt[o], lenv[o], lok[o]
        lc, _, ld, lco = self.names(lenv)
        logins = pl.DataFrame(
            {"account_id": acc[la], "at": self.when(lt), "client_id": lc, "asn": pl.Series(self.asn[lenv[:, 1]].astype(np.int64)), "device_id": ld, "country": lco, "succeeded": pl.Series(lok)}
        )
        return self.profiles(acc, ids, eng, truth, logins)

    def profiles(self, acc, ids, eng, truth, logins):
        r, n = self.r, self.n
        hungry = (self.role == "customer") | (self.role == "heavy") | (self.role == "pod") | (r.random(n) < 0.12)
        followers = r.lognormal(math.log(380), 1.5, n) * np.maximum(self.pop[:n], 1) ** 0.5
        following = r.lognormal(math.log(480), 1.0, n) * np.where(hungry, r.uniform(0.8, 2.5, n), 1)
        posts = r.lognormal(math.log(45), 1.4, n) * np.clip(self.rate[:n] / 0.14, 0.3, 6) ** 0.5
        age = r.gamma(1.6, 900, n) + self.days
        fresh = self.role == "newcomer"
        age = np.where(fresh, self.days - self.since + r.exponential(0.01, n), age)
        for m in self.farm_sets:
            if r.random() < 0.5:  # cheap lot
                followers[m], following[m], posts[m] = r.lognormal(math.log(70), 0.9, len(m)), r.lognormal(math.log(1100), 0.7, len(m)), r.integers(0, 6, len(m))
                age[m] = np.where(self.since[m] > 0, self.days - self.since[m] + r.exponential(6, len(m)), r.gamma(1.2, 250, len(m)) + self.days)
            else:  # aged lot
                followers[m], following[m], posts[m] = r.lognormal(math.log(240), 1.1, len(m)), r.lognormal(math.log(800), 0.8, len(m)), r.lognormal(math.log(12), 1.0, len(m))
        age = np.minimum(age, 5200)
        created = self.days * DAY - age * DAY
        first = eng.group_by("actor_id").agg(pl.col("at").min())
        accounts = pl.DataFrame(
            {
                "account_id": acc[:n],
                "created_at": self.when(created),
                "handle": pl.Series([self.name_of(int(x)) + str(i % 1000) for i, x in enumerate(mix(ids[:n], 13) >> np.uint64(30))], dtype=pl.String),
                "followers": pl.Series(followers.astype(np.int64)),
                "following": pl.Series(np.minimum(following, 7500).astype(np.int64)),
                "posts": pl.Series(posts.astype(np.int64)),
                "country": pl.Series(self.cn, dtype=pl.String)[self.country[:n]],
                "is_verified": pl.Series((followers > np.quantile(followers, 0.997)) & (r.random(n) < 0.8)),
                "is_delegated": pl.Series(self.delegated),
            }
        )
        # nobody acts before the account exists
        accounts = (
            accounts.join(first, left_on="account_id", right_on="actor_id", how="left", maintain_order="left")
            .with_columns(created_at=pl.min_horizontal(pl.col("created_at"), pl.col("at") - pl.duration(seconds=90)))
            .drop("at")
        )
        truth_accounts = pl.DataFrame(
            {
                "account_id": acc[:n],
                "is_inauthentic": pl.Series(self.bad),
                "role": pl.Series(self.role.tolist(), dtype=pl.String),
                "services": pl.Series(self.services, dtype=pl.List(pl.String)),
                "family": pl.Series(self.family.tolist(), dtype=pl.String),
            }
        )
        o = r.permutation(n)
        return {"accounts": accounts[o], "engagements": eng, "logins": logins, "truth_engagements": truth, "truth_accounts": truth_accounts[o]}


def frames(seed: int, accounts: int = 6000, days: int = 40, bought: float = 0.06) -> dict[str, pl.DataFrame]:
    """One world with its truth; `bought` is the share of accounts that are customers of a service."""
    return World(seed, accounts, days, bought).build()
