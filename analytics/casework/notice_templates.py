"""The reviewed wording of the notices: templates in several languages, checked when they are loaded.

A template names exactly the fields that it owes the reader; a stray or a missing one is refused (X-04).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from string import Template
from typing import Any

from data.errors import ConfigError
from data.records import Kind

FALLBACK = "en"
LONGEST_TITLE, LONGEST_BODY = 80, 1_200


class NoticeName(StrEnum):
    STEP_1 = "step_1"
    STEP_2 = "step_2"
    STEP_3 = "step_3"
    STEP_4 = "step_4"
    STEP_5 = "step_5"
    RESET = "reset"
    UPHELD = "upheld"
    OVERTURNED = "overturned"


class Consequence(StrEnum):
    """What the next step of the ladder would bring (N-06)."""

    SAME = "same"
    LIMIT = "limit"
    SUSPEND = "suspend"
    CLOSE = "close"
    # this was the last step
    CLOSED = "closed"


class Rule(StrEnum):
    """The clause of the terms that a decision rests on."""

    INAUTHENTIC_ENGAGEMENT = "inauthentic_engagement"
    FAKE_ACCOUNT = "fake_account"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The phrases of one language."""

    language: str
    months: tuple[str, ...]
    date: Template
    thousands: str
    joiner: str
    nothing: str
    day: tuple[str, str]
    kinds: Mapping[str, tuple[str, str]]
    phrases: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """One template in one language."""

    words: Words
    title: str
    body: Template
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeTemplate:
    """One notice in every language."""

    name: NoticeName
    wordings: Mapping[str, Wording] = field(default_factory=dict)


_STEP = frozenset({"removed", "rule", "to_do", "found", "decided", "appeal_until", "case_number", "next_time"})
# What each template owes the reader (N-01 to N-06); it may name nothing else.
OWED: dict[NoticeName, frozenset[str]] = {
    NoticeName.STEP_1: _STEP,
    NoticeName.STEP_2: _STEP,
    NoticeName.STEP_3: _STEP | {"ends_at"},
    NoticeName.STEP_4: _STEP | {"ends_at"},
    NoticeName.STEP_5: _STEP,
    NoticeName.RESET: frozenset({"to_do", "found", "decided", "appeal_until"}),
    NoticeName.UPHELD: frozenset({"removed", "rule"}),
    NoticeName.OVERTURNED: frozenset({"given_back"}),
}
_PHRASES: dict[str, tuple[str, ...]] = {
    "rule": tuple(Rule),
    "found": ("software", "people"),
    "decided": ("with_software", "blind"),
    "to_do": ("reset", "keep", "appeal"),
    "next": tuple(Consequence),
    "given_back": ("counts", "nothing"),
}
_PHRASE_FIELDS: dict[tuple[str, str], frozenset[str]] = {
    ("next", Consequence.LIMIT): frozenset({"length"}),
    ("next", Consequence.SUSPEND): frozenset({"length"}),
    ("given_back", "counts"): frozenset({"removed"}),
}
COUNTED = (Kind.LIKE, Kind.FOLLOW, Kind.COMMENT)


def parse_notices(files: Mapping[str, Mapping[str, Any]]) -> dict[NoticeName, NoticeTemplate]:
    """Check the files of all languages, language → parsed TOML, and put them together by notice."""
    if FALLBACK not in files:
        raise ConfigError("There are no notices in English.", "Restore data/reference/notices/en.toml.")
    wordings: dict[NoticeName, dict[str, Wording]] = {name: {} for name in NoticeName}
    for language, told in sorted(files.items()):
        try:
            found = _parse_language(language, told)
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigError(f"Notices in {language!r} cannot be used: {error}.", "Correct the file.") from error
        for name, wording in found.items():
            wordings[name][language] = wording
    return {name: NoticeTemplate(name=name, wordings=wordings[name]) for name in NoticeName}


def _parse_language(language: str, told: Mapping[str, Any]) -> dict[NoticeName, Wording]:
    words = _parse_words(language, told["words"])
    if unknown := set(told["notice"]) - set(NoticeName):
        raise ValueError(f"unknown notices {sorted(unknown)}")
    return {name: _parse_wording(words, name, told["notice"][name], str(told["version"])) for name in NoticeName}


def _parse_words(language: str, told: Mapping[str, Any]) -> Words:
    phrases = {group: {key: str(told[group][key]).strip() for key in keys} for group, keys in _PHRASES.items()}
    for group, texts in phrases.items():
        for key, text in texts.items():
            _check_fields(f"{group}.{key}", Template(text), _PHRASE_FIELDS.get((group, key), frozenset()))
    date = Template(told["date"])
    _check_fields("date", date, frozenset({"day", "month", "year"}))
    if len(told["months"]) != 12:
        raise ValueError("twelve months are needed")
    return Words(
        language=language,
        months=tuple(told["months"]),
        date=date,
        thousands=told["thousands"],
        joiner=told["and"],
        nothing=told["nothing"],
        day=_pair(told["day"]),
        kinds={kind: _pair(told["kinds"][kind]) for kind in COUNTED},
        phrases=phrases,
    )


def _parse_wording(words: Words, name: NoticeName, told: Mapping[str, str], version: str) -> Wording:
    title, body = told["title"].strip(), Template(told["body"].strip())
    _check_fields(name, body, OWED[name])
    _check_fields(f"{name}.title", Template(title), frozenset())
    if len(title) > LONGEST_TITLE or len(body.template) > LONGEST_BODY:
        raise ValueError(f"{name} is longer than {LONGEST_TITLE} and {LONGEST_BODY} characters")
    return Wording(words=words, title=title, body=body, version=version)


def _check_fields(where: str, text: Template, owed: frozenset[str]) -> None:
    """Refuse a stray `$`, a field that does not exist here, and the absence of one that is owed."""
    if not text.is_valid():
        raise ValueError(f"{where} has a stray $")
    named = frozenset(text.get_identifiers())
    if named != owed:
        raise ValueError(f"{where} names {sorted(named)}, but owes {sorted(owed)}")


def _pair(told: Any) -> tuple[str, str]:
    one, many = told
    return str(one), str(many)
