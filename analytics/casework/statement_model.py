"""One statement of reasons in the fields, values and limits of the EU's transparency database, and nothing else."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self, TypeVar

import rfc8785
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from analytics.casework.statement_codes import (
    AccountDecision,
    AccountType,
    AutomatedDecision,
    Category,
    ContentType,
    Country,
    Ground,
    Keyword,
    Monetary,
    Provision,
    SourceType,
    Visibility,
    YesNo,
)

CONTENT_FROM, APPLICATION_FROM, LATEST = date(2000, 1, 1), date(2020, 1, 1), date(2038, 1, 1)

T = TypeVar("T")


def _unlike(values: tuple[T, ...]) -> tuple[T, ...]:
    if len(set(values)) != len(values):
        raise ValueError("a value is named twice")
    return values


Short = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Long = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]
ContentDate = Annotated[date, Field(ge=CONTENT_FROM, le=LATEST)]
ApplicationDate = Annotated[date, Field(ge=APPLICATION_FROM, le=LATEST)]


class Statement(BaseModel):
    """A statement that the database takes; what may be left out is None and is not sent."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    puid: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,500}$")]
    decision_visibility: Annotated[tuple[Visibility, ...], Field(min_length=1), AfterValidator(_unlike)] | None = None
    decision_visibility_other: Short | None = None
    decision_monetary: Monetary | None = None
    decision_monetary_other: Short | None = None
    decision_provision: Provision | None = None
    decision_account: AccountDecision | None = None
    account_type: AccountType | None = None
    decision_ground: Ground
    decision_ground_reference_url: Annotated[Short, StringConstraints(pattern=r"^https?://\S+$")] | None = None
    illegal_content_legal_ground: Short | None = None
    illegal_content_explanation: Long | None = None
    incompatible_content_ground: Short | None = None
    incompatible_content_explanation: Long | None = None
    incompatible_content_illegal: YesNo | None = None
    content_type: Annotated[tuple[ContentType, ...], Field(min_length=1), AfterValidator(_unlike)]
    content_type_other: Short | None = None
    category: Category
    category_addition: Annotated[tuple[Category, ...], AfterValidator(_unlike)] | None = None
    category_specification: Annotated[tuple[Keyword, ...], AfterValidator(_unlike)] | None = None
    category_specification_other: Short | None = None
    decision_facts: Annotated[str, StringConstraints(min_length=1, max_length=5_000)]
    source_type: SourceType
    source_identity: Short | None = None
    automated_detection: YesNo
    automated_decision: AutomatedDecision
    content_date: ContentDate
    application_date: ApplicationDate
    end_date_account_restriction: ApplicationDate | None = None
    end_date_service_restriction: ApplicationDate | None = None
    end_date_visibility_restriction: ApplicationDate | None = None
    end_date_monetary_restriction: ApplicationDate | None = None
    territorial_scope: Annotated[tuple[Country, ...], AfterValidator(_unlike)] | None = None
    content_language: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None

    @model_validator(mode="after")
    def _names_a_decision(self) -> Self:
        others = (self.decision_monetary, self.decision_provision, self.decision_account)
        if self.decision_visibility is None and not any(others):
            raise ValueError("decision_visibility is required when no other decision is given")
        return self

    @model_validator(mode="after")
    def _names_what_other_means(self) -> Self:
        pairs = (
            (
                Visibility.OTHER in (self.decision_visibility or ()),
                self.decision_visibility_other,
                "decision_visibility",
            ),
            (self.decision_monetary is Monetary.OTHER, self.decision_monetary_other, "decision_monetary"),
            (ContentType.OTHER in self.content_type, self.content_type_other, "content_type"),
            (Keyword.OTHER in (self.category_specification or ()), self.category_specification_other, "category"),
        )
        for is_other, text, name in pairs:
            if is_other != (text is not None):
                raise ValueError(f"{name}: the other text goes with the other value, and only with it")
        return self

    @model_validator(mode="after")
    def _explains_its_ground(self) -> Self:
        illegal = (self.illegal_content_legal_ground, self.illegal_content_explanation)
        terms = (self.incompatible_content_ground, self.incompatible_content_explanation)
        needed, unneeded = (illegal, terms) if self.decision_ground is Ground.ILLEGAL else (terms, illegal)
        if None in needed or any(unneeded):
            raise ValueError("a ground is given with its own name and explanation")
        return self

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if self.source_type is SourceType.VOLUNTARY and self.source_identity is not None:
            raise ValueError("source_identity does not go with an own initiative")
        if self.category in (self.category_addition or ()):
            raise ValueError("category_addition repeats the category")
        ends = (
            (self.end_date_account_restriction, self.decision_account is AccountDecision.SUSPENDED),
            (self.end_date_service_restriction, self.decision_provision is not None),
            (self.end_date_visibility_restriction, self.decision_visibility is not None),
            (self.end_date_monetary_restriction, self.decision_monetary is not None),
        )
        for end, is_restricted in ends:
            if end is not None and (not is_restricted or end < self.application_date):
                raise ValueError("an end date belongs to a restriction and does not lie before it")
        return self

    def to_json(self) -> str:
        """Write the canonical text that is stored, exported and sent."""
        return rfc8785.dumps(self.model_dump(mode="json", exclude_none=True)).decode()
