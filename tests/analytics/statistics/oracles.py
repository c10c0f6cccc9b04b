"""Each figure once more, read off its definition row by row: no frames, and nothing of the product but its words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from analytics.workflows.figures import Cut
from tests.analytics.statistics.ledgers import DONE, LOG_UNTIL, NOW, SINCE, UNTIL, Ledger, Row
from tests.analytics.statistics.rows import DAY, HOUR, SECOND

PROMISED = 24
NOT_SHOWN_AS_CHOSEN = ("known_answer", "random_audit")


@dataclass(frozen=True, slots=True)
class Told:
    """What a figure should say; `hits` where it is a plain share with Wilson's interval."""

    n: int
    value: float | None
    hits: int | None = None
    detail: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Book:
    """A ledger under one cut, in the period of the tests."""

    ledger: Ledger
    cut: Cut

    def decisions(self) -> list[Row]:
        return [row for row in self.ledger.decisions if self.is_of_cut(row) and in_period(row["decided_at"])]

    def of_cases(self) -> list[Row]:
        return [row for row in self.decisions() if row["lane"] != "known_answer"]

    def confirmed(self) -> list[Row]:
        return [row for row in self.of_cases() if row["outcome"] == "confirm"]

    def judged(self) -> list[Row]:
        verdicts = [row for row in self.decisions() if row["outcome"] in ("confirm", "reject")]
        return [row for row in verdicts if row["lane"] not in NOT_SHOWN_AS_CHOSEN]

    def cases(self) -> list[Row]:
        """A case has no step of its own: its decisions say which."""
        mine = [row for row in self.ledger.cases if self.cut.service_id in (None, row["service_id"])]
        if self.cut.step is None:
            return mine
        named = {row["case_id"] for row in self.ledger.decisions if self.is_of_cut(row)}
        return [row for row in mine if row["case_id"] in named]

    def actions(self, decision: Row, kind: str) -> list[Row]:
        return [
            row for row in self.ledger.actions if row["decision_id"] == decision["decision_id"] and row["kind"] == kind
        ]

    def reviews(self) -> list[Row]:
        return [row for row in self.ledger.reviews if self.is_of_cut(row) and in_period(row["at"])]

    def drawn(self) -> list[Row]:
        return [row for row in self.ledger.drawn if self.is_of_cut(row) and in_period(row["decided_at"])]

    def is_of_cut(self, row: Row) -> bool:
        return self.cut.service_id in (None, row["service_id"]) and self.cut.step in (None, row["step"])


def in_period(at: int | None) -> bool:
    return at is not None and SINCE <= at < UNTIL


def percentile(values: Iterable[float], percent: int) -> float | None:
    """The smallest value that so many in a hundred do not exceed."""
    known = list(values)
    return min((one for one in known if 100 * sum(x <= one for x in known) >= percent * len(known)), default=None)


def tail(values: Iterable[float | None], prefix: str = "") -> dict[str, float]:
    known = [one for one in values if one is not None]
    found = {f"{prefix}p{percent}": percentile(known, percent) for percent in (50, 90, 95)}
    return {name: value for name, value in found.items() if value is not None}


def share(hits: int, n: int, **detail: float) -> Told:
    return Told(n, hits / n if n else None, hits, detail)


def hours(start: int | None, end: int | None) -> float | None:
    return None if start is None or end is None else (end - start) / HOUR


def seconds(row: Row) -> float | None:
    if row["shown_at"] is None:
        return None
    spent = row["decided_at"] - row["shown_at"] - row["idle_us"]
    return spent / SECOND if spent >= 0 else None


def m01(book: Book) -> Told:
    rows = book.drawn()
    hits = sum(row["is_inauthentic"] for row in rows)
    accounts = len({row["account_id"] for row in rows})
    return Told(len(rows), hits / len(rows) if rows else None, detail={"inauthentic": hits, "accounts": accounts})


def m01w(book: Book) -> Told:
    rows = book.drawn()
    whole = sum(row["weight"] for row in rows)
    found = sum(row["weight"] for row in rows if row["is_inauthentic"])
    return Told(len(rows), found / whole if whole > 0 else None)


def m02(book: Book) -> Told:
    rows = book.confirmed()
    detail = {f"{kind}": sum(row[f"removed_{kind}"] for row in rows) for kind in ("likes", "follows", "comments")}
    total = sum(detail.values())
    for step in {row["step"] for row in rows}:
        detail[f"step_{step}"] = len({row["account_id"] for row in rows if row["step"] == step})
    return Told(len(rows), total, detail={**detail, "accounts": len({row["account_id"] for row in rows})})


def m03(book: Book) -> Told:
    rows = book.of_cases()
    return share(sum(row["source_type"] == "SOURCE_VOLUNTARY" for row in rows), len(rows))


def m04(book: Book) -> Told:
    rows = [row for row in book.judged() if row["is_blind"]]
    return share(sum(row["outcome"] == "confirm" for row in rows), len(rows))


def m05(book: Book) -> Told:
    bands = [row["band"] for row in book.drawn() if row["is_inauthentic"]]
    if not bands:
        return Told(0, None)
    removable = sum(band == 2 for band in bands) / len(bands)
    return Told(len(bands), sum(band >= 1 for band in bands) / len(bands), detail={"removable": removable})


def m06(book: Book) -> Told:
    answers = {row["case_id"]: row for row in book.ledger.answers}
    right: dict[str, list[bool]] = {}
    for row in book.decisions():
        answer = answers.get(row["case_id"])
        if answer is None or row["lane"] != "known_answer" or row["outcome"] == "escalate":
            continue
        is_late = answer["valid_until"] is not None and row["decided_at"] > answer["valid_until"]
        if row["policy_version"] == answer["policy_version"] and not is_late:
            right.setdefault(row["policy_version"], []).append(row["outcome"] == answer["expected"])
    every = [one for ones in right.values() for one in ones]
    return share(sum(every), len(every), **{policy: sum(ones) / len(ones) for policy, ones in right.items()})


def m07(book: Book) -> Told:
    pairs = [(row["first"], row["second"]) for row in book.reviews()]
    n = len(pairs)
    if not n:
        return Told(0, None)
    raw = sum(first == second for first, second in pairs) / n
    of_first, of_second = (sum(pair[side] == "confirm" for pair in pairs) / n for side in (0, 1))
    chance = of_first * of_second + (1 - of_first) * (1 - of_second)
    detail = {"raw": raw, "prevalence": (of_first + of_second) / 2}
    return Told(n, None if chance == 1 else (raw - chance) / (1 - chance), detail=detail)


def m07a(book: Book) -> Told:
    """All ordered pairs of labels within a case against all ordered pairs of labels there are."""
    labels: dict[str, list[str]] = {}
    for row in book.decisions():
        if row["outcome"] != "escalate":
            labels.setdefault(row["case_id"], []).append(row["outcome"])
    for row in book.reviews():
        labels.setdefault(row["case_id"], []).append(row["second"])
    units = [unit for unit in labels.values() if len(unit) >= 2]
    every = [label for unit in units for label in unit]
    seen = sum(sum(one != other for one in unit for other in unit) / (len(unit) - 1) for unit in units)
    apart = sum(one != other for one in every for other in every)
    n = len(every)
    return Told(n, 1 - (n - 1) * seen / apart if apart else None, detail={"cases": len(units)})


def m08(book: Book) -> Told:
    rows = [row for row in book.ledger.appeals if book.is_of_cut(row) and in_period(row["decided_at"])]
    lost = [row["decision_id"] for row in rows if row["outcome"] == "overturned"]
    confirmed = len(book.confirmed())
    detail = {"of_confirmed": len(set(lost)) / confirmed} if confirmed else {}
    return share(len(lost), len(rows), **detail)


def m09(book: Book) -> Told:
    rows = book.reviews()
    return share(sum(row["first"] != row["second"] for row in rows), len(rows))


def m10(book: Book) -> Told:
    whole: list[float] = []
    stages: dict[str, list[float | None]] = {stage: [] for stage in ("detect", "wait", "decide", "deliver")}
    for row in book.confirmed():
        removals = book.actions(row, "remove_engagements")
        if not removals or any(one["state"] not in DONE for one in removals) or row["first_engagement_at"] is None:
            continue
        ended = max(one["finished_at"] for one in removals)
        whole.append((ended - row["first_engagement_at"]) / HOUR)
        stages["detect"].append(hours(row["first_engagement_at"], row["opened_at"]))
        stages["wait"].append(hours(row["opened_at"], row["shown_at"]))
        stages["decide"].append(hours(row["shown_at"], row["decided_at"]))
        stages["deliver"].append(hours(row["decided_at"], ended))
    detail = tail(whole)
    for stage, spent in stages.items():
        detail |= tail(spent, f"{stage}_")
    return Told(len(whole), percentile(whole, 50), detail=detail)


def m11(book: Book) -> Told:
    mine = {row["decision_id"] for row in book.decisions()}
    rows = [row for row in book.ledger.engagements if row["decision_id"] in mine and row["removed_at"] is not None]
    stood = [(row["removed_at"] - row["at"]) / HOUR for row in rows]
    return Told(len(stood), percentile(stood, 50), detail={**tail(stood), "total_hours": sum(stood)})


def m12(book: Book) -> Told:
    spent = [one for one in map(seconds, book.decisions()) if one is not None]
    return Told(len(spent), percentile(spent, 50), detail=tail(spent))


def m13(book: Book) -> Told:
    now, rows = min(NOW, UNTIL), book.cases()
    waiting = [row for row in rows if row["opened_at"] <= now and (row["decided_at"] or now + 1) > now]
    ages = [(now - row["opened_at"]) / HOUR for row in waiting]

    def in_a_day(name: str) -> float:
        return sum(row[name] is not None and now - DAY < row[name] <= now for row in rows) / 24

    detail = {
        "breaches": sum(age > PROMISED for age in ages),
        "arrivals_per_hour": in_a_day("opened_at"),
        "completions_per_hour": in_a_day("decided_at"),
    }
    return Told(len(ages), max(ages, default=None), detail={**detail, **tail(ages)})


def m14(book: Book) -> Told:
    """The cut and the period choose the decisions that are counted; a repeat is one wherever it falls."""
    stands = [
        row
        for row in book.ledger.decisions
        if row["lane"] != "known_answer" and row["outcome"] == "confirm" and row["overturned_at"] is None
    ]
    again: dict[int, list[bool]] = {}
    for row in stands:
        if book.is_of_cut(row) and in_period(row["decided_at"]) and row["decided_at"] + 30 * DAY <= NOW:
            waits = [one["decided_at"] - row["decided_at"] for one in stands if one["account_id"] == row["account_id"]]
            again.setdefault(row["step"], []).append(any(0 < wait <= 30 * DAY for wait in waits))
    every = [one for ones in again.values() for one in ones]
    return share(sum(every), len(every), **{f"step_{step}": sum(ones) / len(ones) for step, ones in again.items()})


def m15(book: Book) -> Told:
    mine = {row["decision_id"] for row in book.ledger.decisions if book.is_of_cut(row)}
    forced = [
        row
        for row in book.ledger.actions
        if row["kind"] == "reset_password" and row["decision_id"] in mine and in_period(row["created_at"])
    ]
    delivered = [row for row in forced if row["state"] in DONE]
    told = [row for row in delivered if row["finished_at"] + DAY <= LOG_UNTIL]
    gone = sum(row["service_last_at"] is None or row["service_last_at"] <= row["finished_at"] for row in told)
    return share(gone, len(told), forced=len(forced), delivered=len(delivered))


def m16(book: Book) -> Told:
    arms: dict[bool, list[tuple[bool, float]]] = {True: [], False: []}
    for row in book.judged():
        spent = seconds(row)
        if spent is not None:
            arms[row["explanation_shown"]].append((row["outcome"] == "confirm", spent))
    n = len(arms[True]) + len(arms[False])
    if not arms[True] or not arms[False]:
        return Told(n, None)
    shares = {shown: sum(hit for hit, _ in arm) / len(arm) for shown, arm in arms.items()}
    pace = {shown: percentile((spent for _, spent in arm), 50) or 0.0 for shown, arm in arms.items()}
    detail = {"seconds": pace[True] - pace[False], "with": len(arms[True]), "without": len(arms[False])}
    return Told(n, shares[True] - shares[False], detail=detail)


def sla(book: Book) -> Told:
    rows = [row for row in book.cases() if in_period(row["decided_at"])]
    return share(sum(row["decided_at"] - row["opened_at"] <= PROMISED * HOUR for row in rows), len(rows))


ORACLES: dict[str, Callable[[Book], Told]] = {
    "M-01": m01,
    "M-01w": m01w,
    "M-02": m02,
    "M-03": m03,
    "M-04": m04,
    "M-05": m05,
    "M-06": m06,
    "M-07": m07,
    "M-07a": m07a,
    "M-08": m08,
    "M-09": m09,
    "M-10": m10,
    "M-11": m11,
    "M-12": m12,
    "M-13": m13,
    "M-14": m14,
    "M-15": m15,
    "M-16": m16,
    "SLA": sla,
}
