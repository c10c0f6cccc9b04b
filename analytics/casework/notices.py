"""What an account holder reads: reviewed templates, filled with counts, dates and set phrases only.

No text of an account, and none of a reviewer, ever enters a notice (X-04): every field is made here from numbers,
dates and enums. A template that names an unknown field, or leaves out one it owes, is refused when it is loaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from string import Template

from analytics.casework.notice_templates import (
    COUNTED,
    FALLBACK,
    OWED,
    Consequence,
    NoticeName,
    NoticeTemplate,
    Rule,
    Words,
    parse_notices,
)
from data.errors import InvalidCommandError
from data.records import NoticeText

__all__ = [
    "Consequence",
    "NextTime",
    "NoticeFacts",
    "NoticeName",
    "NoticeTemplate",
    "Rule",
    "counts_in_words",
    "date_in_words",
    "notice_of_step",
    "parse_notices",
    "render_notice",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class NextTime:
    """The next step in kind and length; days count only for a limit and a suspension."""

    consequence: Consequence
    days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeFacts:
    """Everything a notice may say, from the columns of the decision and its actions."""

    removed: Mapping[str, int]
    appeal_until: datetime
    next_time: NextTime
    # By which an appeal that comes by letter or telephone finds the decision; an outcome of an appeal needs none.
    case_number: int = 0
    rule: Rule = Rule.INAUTHENTIC_ENGAGEMENT
    automated_detection: bool = True
    is_blind: bool = False
    ends_at: datetime | None = None
    is_reset: bool = True


def notice_of_step(step: int) -> NoticeName:
    """Return the notice of a ladder step; steps past the last one read like the last."""
    steps = (NoticeName.STEP_1, NoticeName.STEP_2, NoticeName.STEP_3, NoticeName.STEP_4, NoticeName.STEP_5)
    return steps[min(max(step, 1), len(steps)) - 1]


def render_notice(template: NoticeTemplate, language: str, facts: NoticeFacts) -> NoticeText:
    """Write the notice in the account's language, or in English where there is none."""
    wording = template.wordings.get(language.lower().split("-")[0]) or template.wordings[FALLBACK]
    needed = {name: _FIELDS[name](wording.words, facts) for name in OWED[template.name]}
    return NoticeText(
        language=wording.words.language,
        title=wording.title,
        body=wording.body.substitute(needed),
        template_version=wording.version,
    )


def counts_in_words(words: Words, removed: Mapping[str, int]) -> str:
    """Write `412 likes and 1 follow` in the language; counts of nothing are left out."""
    parts = [
        f"{_number(words, count)} {words.kinds[kind][0 if count == 1 else 1]}"
        for kind in COUNTED
        if (count := removed.get(kind, 0)) > 0
    ]
    if not parts:
        return words.nothing
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {words.joiner} {parts[-1]}"


def date_in_words(words: Words, at: datetime) -> str:
    return words.date.substitute(day=at.day, month=words.months[at.month - 1], year=at.year)


def _number(words: Words, value: int) -> str:
    return f"{value:,}".replace(",", words.thousands)


def _ends(words: Words, facts: NoticeFacts) -> str:
    if facts.ends_at is None:
        raise InvalidCommandError("This notice says until when, but the plan has no end.", "Check policy.toml.")
    return date_in_words(words, facts.ends_at)


def _next_time(words: Words, facts: NoticeFacts) -> str:
    days = facts.next_time.days
    length = f"{_number(words, days)} {words.day[0 if days == 1 else 1]}"
    return Template(words.phrases["next"][facts.next_time.consequence]).substitute(length=length)


def _to_do(words: Words, facts: NoticeFacts) -> str:
    if facts.is_reset:
        return words.phrases["to_do"]["reset"]
    is_last = facts.next_time.consequence is Consequence.CLOSED
    return words.phrases["to_do"]["appeal" if is_last else "keep"]


def _given_back(words: Words, facts: NoticeFacts) -> str:
    if not any(facts.removed.get(kind, 0) for kind in COUNTED):
        return words.phrases["given_back"]["nothing"]
    removed = counts_in_words(words, facts.removed)
    return Template(words.phrases["given_back"]["counts"]).substitute(removed=removed)


_FIELDS = {
    "removed": lambda words, facts: counts_in_words(words, facts.removed),
    "rule": lambda words, facts: words.phrases["rule"][facts.rule],
    "found": lambda words, facts: words.phrases["found"]["software" if facts.automated_detection else "people"],
    "decided": lambda words, facts: words.phrases["decided"]["blind" if facts.is_blind else "with_software"],
    "to_do": _to_do,
    "appeal_until": lambda words, facts: date_in_words(words, facts.appeal_until),
    "case_number": lambda _words, facts: str(facts.case_number),
    "next_time": _next_time,
    "ends_at": _ends,
    "given_back": _given_back,
}
