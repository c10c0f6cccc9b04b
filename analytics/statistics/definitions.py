"""How each figure is counted, in words that a reader outside the team understands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    SHARE = "share"
    COUNT = "count"
    HOURS = "hours"
    SECONDS = "seconds"
    AGREEMENT = "agreement"
    DIFFERENCE = "difference"


class Question(StrEnum):
    """The four questions of the statistics page, in its order."""

    HOW_MUCH = "How much is there?"
    DETECT = "How well do we detect?"
    DECIDE = "How well do we decide?"
    PEOPLE = "How do people take it?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """What a figure counts, what one counted row is, and what it must not be mistaken for."""

    metric_id: str
    title: str
    question: Question
    unit: Unit
    row: str
    counted: str
    caution: str
    # Whether a smaller figure is the better one; None where neither direction is good in itself.
    is_less_better: bool | None = None
    # Whether what is counted are engagements, each of a kind of its own; else a kind is the main one of a case.
    has_own_kind: bool = False


_ALL = (
    Definition(
        metric_id="M-01",
        title="Inauthentic engagement",
        question=Question.HOW_MUCH,
        unit=Unit.SHARE,
        row="engagement in the random sample",
        counted=(
            "Engagements drawn evenly at random from the whole log and found inauthentic by a person, among "
            "all engagements drawn. Wilson interval, widened where several engagements are of one account."
        ),
        caution="Never taken from the review queue, which holds only what the machine chose.",
        has_own_kind=True,
        is_less_better=True,
    ),
    Definition(
        metric_id="M-01w",
        title="Inauthentic engagement, weighted by audience",
        question=Question.HOW_MUCH,
        unit=Unit.SHARE,
        row="engagement in the random sample",
        counted=(
            "The same sample, each engagement counting as much as the followers of the account that received "
            "it. Whole accounts are redrawn for the interval."
        ),
        caution="A few large audiences can carry the figure; read it beside the plain share.",
        has_own_kind=True,
        is_less_better=True,
    ),
    Definition(
        metric_id="M-02",
        title="Engagements removed",
        question=Question.HOW_MUCH,
        unit=Unit.COUNT,
        row="confirmed decision",
        counted=(
            "Likes, follows and comments that confirmed decisions removed; undone decisions and known answers are left "
            "out. By kind each engagement counts under its own, so a decision that removed several kinds is a row of "
            "each."
        ),
        caution="Says how much was done, not how well.",
        has_own_kind=True,
    ),
    Definition(
        metric_id="M-11",
        title="Time before removal",
        question=Question.HOW_MUCH,
        unit=Unit.HOURS,
        row="removed engagement",
        counted=(
            "Hours from an inauthentic engagement to its delivered removal; the median. In large periods read"
            " from an even sample of the decisions."
        ),
        caution="The log holds no views: one engagement is one recipient.",
        has_own_kind=True,
        is_less_better=True,
    ),
    Definition(
        metric_id="M-04",
        title="Precision of the machine",
        question=Question.DETECT,
        unit=Unit.SHARE,
        row="blind decision",
        counted="Confirmed among confirmed and rejected, of cases decided before the machine's opinion was shown.",
        caution="Decisions made with the opinion in sight would flatter it.",
        is_less_better=False,
    ),
    Definition(
        metric_id="M-05",
        title="Recall of the machine",
        question=Question.DETECT,
        unit=Unit.SHARE,
        row="inauthentic engagement in the random sample",
        counted=(
            "Of the engagements that people found inauthentic in the random sample, those the machine had "
            "proposed for removal or review."
        ),
        caution="Few rows, wide interval: read the bounds.",
        has_own_kind=True,
        is_less_better=False,
    ),
    Definition(
        metric_id="M-03",
        title="Found by ourselves",
        question=Question.DETECT,
        unit=Unit.SHARE,
        row="decision",
        counted="Decisions that our own detection started, among all decisions; known answers are left out.",
        caution="Rises when nobody reports any more.",
    ),
    Definition(
        metric_id="M-10",
        title="Time to action",
        question=Question.DETECT,
        unit=Unit.HOURS,
        row="confirmed decision with its removals delivered",
        counted=(
            "Hours from the first proposed engagement to the last delivered removal; the median, with the "
            "slow tail and the four stages (detect, wait, decide, deliver) beside it."
        ),
        caution="Decisions still under way are not in it.",
        is_less_better=True,
    ),
    Definition(
        metric_id="M-06",
        title="Known answers decided rightly",
        question=Question.DECIDE,
        unit=Unit.SHARE,
        row="decided known-answer case",
        counted=(
            "Cases with a known answer that were decided so; only answers of the policy version the reviewer "
            "worked under, and within their time."
        ),
        caution="Can look perfect against outdated guidance.",
        is_less_better=False,
    ),
    Definition(
        metric_id="M-07",
        title="Agreement of two reviewers",
        question=Question.DECIDE,
        unit=Unit.AGREEMENT,
        row="pair of blind reviews",
        counted=(
            "Cohen's kappa of cases decided twice, neither reviewer knowing of the other. Raw agreement and "
            "the share confirmed stand beside it. The interval is never narrower than the exact binomial one of the "
            "raw agreement, so that a few pairs without a disagreement prove little."
        ),
        caution="Kappa falls when one finding is rare, even at the same raw agreement.",
        is_less_better=False,
    ),
    Definition(
        metric_id="M-07a",
        title="Agreement of several reviewers",
        question=Question.DECIDE,
        unit=Unit.AGREEMENT,
        row="verdict on a case seen by several people",
        counted="Krippendorff's alpha of all cases with two or more verdicts.",
        caution="Few cases are seen by more than two people.",
        is_less_better=False,
    ),
    Definition(
        metric_id="M-09",
        title="Wrong on second look",
        question=Question.DECIDE,
        unit=Unit.SHARE,
        row="decision looked at again",
        counted="Decisions drawn at random for a second review that came out otherwise.",
        caution="The honest error rate: not only what was appealed.",
        is_less_better=True,
    ),
    Definition(
        metric_id="M-12",
        title="Time per case",
        question=Question.DECIDE,
        unit=Unit.SECONDS,
        row="decision",
        counted="Seconds from shown to decided with pauses over two minutes taken out; the median.",
        caution="Never a personal target without known-answer results beside it.",
    ),
    Definition(
        metric_id="M-13",
        title="Oldest waiting case",
        question=Question.DECIDE,
        unit=Unit.HOURS,
        row="undecided case",
        counted="Hours that the oldest undecided case has waited.",
        caution="One forgotten case decides it; the slow tail stands beside it.",
        is_less_better=True,
    ),
    Definition(
        metric_id="SLA",
        title="Decided in time",
        question=Question.DECIDE,
        unit=Unit.SHARE,
        row="decided case",
        counted="Cases decided within the promised hours after they were opened.",
        caution="Cases still waiting are not in it.",
        is_less_better=False,
    ),
    Definition(
        metric_id="M-16",
        title="Effect of explanations",
        question=Question.DECIDE,
        unit=Unit.DIFFERENCE,
        row="decision with a measured time",
        counted=(
            "Share confirmed where explanations were shown minus share confirmed where they were not; the "
            "change of the median time stands beside it. Newcombe interval."
        ),
        caution="A higher share confirmed is not by itself better: explanations can also persuade wrongly.",
    ),
    Definition(
        metric_id="M-08",
        title="Appeals overturned",
        question=Question.PEOPLE,
        unit=Unit.SHARE,
        row="decided appeal",
        counted=(
            "Decided appeals that overturned the decision; the share of all confirmed decisions stands beside it."
        ),
        caution="Few appeals are no proof of quality.",
        is_less_better=True,
    ),
    Definition(
        metric_id="M-14",
        title="Repeat within 30 days",
        question=Question.PEOPLE,
        unit=Unit.SHARE,
        row="confirmed decision whose 30 days have passed",
        counted=(
            "Accounts confirmed again within 30 days of a confirmed decision that still stands; known answers are left "
            "out."
        ),
        caution=("Accounts on higher steps are other people than those on lower ones: the steps are not comparable."),
        is_less_better=True,
    ),
    Definition(
        metric_id="M-15",
        title="Service gone after reset",
        question=Question.PEOPLE,
        unit=Unit.SHARE,
        row="delivered password reset",
        counted=(
            "Delivered password resets after which the service was not seen on the account again; counted "
            "when the log reaches a day past the reset."
        ),
        caution="A service that pauses looks like one that is gone.",
        is_less_better=False,
    ),
)

DEFINITIONS: dict[str, Definition] = {definition.metric_id: definition for definition in _ALL}


def of_question(question: Question) -> tuple[Definition, ...]:
    """List the figures that answer one question, in the order of the page."""
    return tuple(definition for definition in _ALL if definition.question is question)
