"""One filter over the whole log, answered from cells that were counted when the run was made.

What the cells do not hold (one account, one target, one group) is counted from the log itself, in one pass over the
rows that fit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Protocol

import polars as pl

from analytics.statistics.exploration import (
    BAND_NAMES,
    COHORTS,
    DAY_US,
    DIMENSIONS,
    HOUR_US,
    KIND_NAMES,
    SCORES,
    Answer,
    Choices,
    Filter,
    Look,
    Span,
    coded,
    day_of,
    days,
    fallback,
    hours,
    keys_of,
    look_of,
    named_rows,
    panels_of,
    series_of,
    span_of,
    words_of,
)
from data.moments import micros
from data.records import Kind

PAGE = 50


class Reader(Protocol):
    """Answers the named questions of data/sql over one snapshot and its run."""

    def rows(
        self,
        name: str,
        parameters: Mapping[str, Any] | None = None,
        frames: Mapping[str, pl.DataFrame] | None = None,
    ) -> pl.DataFrame: ...


Readers = Callable[[], Reader]


class Explore:
    """Reads for the Explore page."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    def choices(self) -> Choices:
        """List what this log can be filtered by."""
        reader = self._readers()
        span, codes = reader.rows("explore_span"), reader.rows("explore_codes")
        names = {
            DIMENSIONS[domain]: tuple(codes.filter(pl.col("domain") == domain, pl.col("name").is_not_null())["name"])
            for domain in ("client", "network", "country", "service")
        }
        fixed = {
            "kinds": tuple(kind.value for kind in Kind),
            "bands": tuple(BAND_NAMES.values()),
            "cohorts": COHORTS,
            "scores": SCORES,
        }
        groups = {"groups": tuple(reader.rows("explore_groups")["group_id"])}
        first, last = span["first_at"].item() or 0, span["last_at"].item() or 0
        return Choices(first=day_of(first), last=day_of(last) + timedelta(days=1), names={**fixed, **names, **groups})

    def look(self, wanted: Filter) -> Look:
        """Answer one filter: series, tables, distributions."""
        reader, choices = self._readers(), self.choices()
        span = span_of(wanted, choices)
        codes = reader.rows("explore_codes")
        if wanted.is_narrow:
            return self._narrow(reader, wanted, span, codes)
        if span.is_hourly:
            return self._hourly(reader, wanted, span, codes)
        filters = coded(wanted, codes)
        told = reader.rows("explore_panels", {**days(span), **filters})
        before = reader.rows("explore_days", {**days(span.before), **filters})
        answer = Answer(told, before, series_of(told, before, span))
        return look_of(span, answer, self._few(wanted, span), panels_of(told, codes))

    def page(self, wanted: Filter, page: int = 1) -> pl.DataFrame:
        """Return one page of the proposed engagements under the filter, newest first."""
        reader = self._readers()
        span, codes = span_of(wanted, self.choices()), reader.rows("explore_codes")
        paging = {"page_size": PAGE, "skip": PAGE * (max(page, 1) - 1)}
        told = reader.rows("explore_list", {**self._proposed(wanted, span, codes), **paging})
        return told.with_columns(
            at=pl.from_epoch("at", "us").dt.replace_time_zone("UTC"),
            kind=pl.col("kind").cast(pl.Int64).replace_strict(KIND_NAMES),
            band=pl.col("band").cast(pl.Int64).replace_strict(BAND_NAMES),
        )

    def _few(self, wanted: Filter, span: Span) -> pl.DataFrame:
        reader = self._readers()
        return reader.rows("explore_proposed", self._proposed(wanted, span, reader.rows("explore_codes")))

    def _proposed(self, wanted: Filter, span: Span, codes: pl.DataFrame) -> dict[str, Any]:
        return {
            "since": micros(span.since),
            "until": micros(span.until),
            **coded(wanted, codes),
            "group_id": wanted.group_id,
            "actor_key": self._key(wanted.account_id),
            "target_key": self._key(wanted.target_id),
        }

    def _key(self, account_id: str | None) -> int | None:
        """Return the snapshot's number of an account; an unknown one fits nothing."""
        if account_id is None:
            return None
        found = self._readers().rows("account_key", {"account_id": account_id})
        return int(found["account_key"].item()) if found.height else -1

    def _hourly(self, reader: Reader, wanted: Filter, span: Span, codes: pl.DataFrame) -> Look:
        filters = coded(wanted, codes)
        told = reader.rows("explore_hour_panels", {**hours(span), **filters})
        before = _moments(reader.rows("explore_hour_panels", {**hours(span.before), **filters}))
        answer = Answer(told, before, series_of(told, before, span))
        return look_of(span, answer, self._few(wanted, span), panels_of(told, codes))

    def _narrow(self, reader: Reader, wanted: Filter, span: Span, codes: pl.DataFrame) -> Look:
        told = self._narrow_rows(reader, wanted, span, codes)
        before = self._narrow_rows(reader, wanted, span.before, codes)
        bucket = HOUR_US if span.is_hourly else DAY_US
        moments = _moments(before)
        drawn = series_of(told, moments, span, bucket)
        tables = {
            name: named_rows(told.filter(pl.col("dimension") == name), words_of(name), fallback(name))
            for name in DIMENSIONS
        }
        return look_of(span, Answer(told, moments, drawn), self._few(wanted, span), tables)

    def _narrow_rows(self, reader: Reader, wanted: Filter, span: Span, codes: pl.DataFrame) -> pl.DataFrame:
        filters = coded(wanted, codes)
        return reader.rows(
            "explore_narrow",
            {
                "since": micros(span.since),
                "until": micros(span.until),
                "bucket": HOUR_US if span.is_hourly else DAY_US,
                "actor_key": self._key(wanted.account_id),
                "target_key": self._key(wanted.target_id),
                "group_id": wanted.group_id,
                "client_keys": keys_of(wanted.clients, "client", codes),
                "asns": keys_of(wanted.networks, "network", codes),
                "country_keys": keys_of(wanted.countries, "country", codes),
                "service_ids": list(wanted.services) or None,
                **{name: filters[name] for name in ("kinds", "bands", "cohorts", "scores")},
            },
        )


def _moments(before: pl.DataFrame) -> pl.DataFrame:
    """The series of the period before, out of its panels."""
    return before.filter(pl.col("dimension") == "day").select(
        day=pl.col("value"), engagements="engagements", proposed=pl.col("removable") + pl.col("reviewable")
    )
