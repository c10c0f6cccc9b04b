"""The parts of the reports page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import streamlit as st

from analytics.views import report as view
from analytics.views.moments import exact
from analytics.views.words import Role
from analytics.workspace import Period, PublishReport, Report
from pages._kit import filters, layout, state
from pages._kit.state import Here

_DAY = timedelta(days=1)
# The four tables stand under each other: their columns as well.
_WIDTHS = {
    "Figure": st.column_config.TextColumn(width=420),
    "Value": st.column_config.TextColumn(width=200, alignment="right"),
    "95 % interval": st.column_config.TextColumn(width=300, alignment="right"),
    "Counted": st.column_config.NumberColumn(width=200, format="localized"),
}
# The one box of the page, so it says what it is for.
_LABELLED = {"label_visibility": "visible", "width": 300}


def wanted() -> str:
    return str(st.query_params.get("report_id", ""))[:64]


def listing(here: Here) -> None:
    """List what was published, the newest first."""
    found = here.workspace.reports.list()
    names = here.workspace.people.names(here.token)
    with layout.boxed(f"Published ({len(found):,})", "published"):
        if not found:
            layout.quiet("Nothing was published yet. Choose a period below.", "none_published")
        for report in found:
            with st.container(horizontal=True, gap="small", vertical_alignment="center"):
                text = f"{report.since:%-d %b %Y} to {report.until - _DAY:%-d %b %Y}"
                layout.rows_link(text, "pages/reports.py", f"report_{report.report_id}", report_id=report.report_id)
                moment = exact(report.created_at, here.zone)
                told = f"{view.origin(report.person_id, names)} {moment}, ledger entry {report.as_of_seq:,}"
                layout.quiet(told, f"report_{report.report_id}")


def published(here: Here, report_id: str) -> None:
    """Show one published report, with its files."""
    layout.rows_link("All reports", "pages/reports.py", "all_reports")
    content = here.workspace.reports.content(report_id)
    name = f"report-{content['since']}"
    files = (
        ("Page (HTML)", here.workspace.reports.html, "html", "text/html"),
        ("CSV", here.workspace.reports.csv, "csv", "text/csv"),
        ("Parquet", here.workspace.reports.parquet, "parquet", "application/octet-stream"),
    )
    with st.container(horizontal=True, gap="small", key="report_files"):
        for title, render, ending, kind in files:
            st.download_button(
                title, render(report_id), f"{name}.{ending}", kind, key=f"report_{ending}", on_click="ignore"
            )
    _content(content)


def draft(here: Here) -> None:
    """Count a month as it would be published now; a manager publishes it."""
    begun_at, published = here.workspace.reports.begun_at(), _published(here)
    with layout.boxed("A period as it would be published now", "draft"):
        if begun_at is None:
            layout.quiet("Nothing was decided yet: the first month with a decision can be published.", "no_months")
            return
        periods = {f"{one.since:%Y-%m}": one for one in _months(begun_at, here.now)}
        names = {name: _title(one, published) for name, one in periods.items()}
        usual = _first_shown(periods, published, here.now)
        period = periods[filters.choice("month", names, title="Month", usual=usual, **_LABELLED)]
        if period.until > here.now:
            layout.quiet("This month is not over: it can be looked at, not published.", "not_over")
        elif Role.MANAGER in here.who.person.roles:
            _publish(here, period, published.get(period))
        _content(here.workspace.reports.draft(period))


def _published(here: Here) -> dict[Period, Report]:
    """Return the newest report of each period that has one."""
    return {Period(since=one.since, until=one.until): one for one in reversed(here.workspace.reports.list())}


def _title(period: Period, published: Mapping[Period, Report]) -> str:
    """Name a month, and say when it is published already."""
    return f"{period.since:%B %Y}" + (", published" if period in published else "")


def _publish(here: Here, period: Period, found: Report | None) -> None:
    """Offer to publish a month; a second time only to whoever says that it is one."""
    name, again = f"{period.since:%B %Y}", False
    if found:
        layout.quiet(f"Published {exact(found.created_at, here.zone)}. That report stays as it is.", "published_at")
        again = st.checkbox("Publish a second report of this month, counted now", key="again")
    key = layout.once(f"publish_{period.since:%Y-%m}_{found.report_id if found else 0}")
    command = PublishReport(idempotency_key=key, period=period, again=again)
    run = here.workspace.governance.publish_report
    st.button(
        f"Publish {name} again" if found else f"Publish {name}",
        key="publish",
        disabled=found is not None and not again,
        on_click=lambda: state.act(lambda: run(here.token, command)),
    )


def _content(content: Any) -> None:
    for section, rows in view.section_rows(content):
        with layout.boxed(section, f"section_{section}"):
            layout.table(rows, f"report_{section}", section, column_config=_WIDTHS)
    with st.popover("How counted", type="tertiary", key="report_counted"):
        for place, text in enumerate(view.definition_lines(content)):
            layout.say(text, key=f"report_definition_{place}")


def _months(begun_at: datetime, now: datetime) -> list[Period]:
    """List the months since the first decision, the running one first."""
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    found = [Period(since=first, until=_next(first))]
    while found[-1].since > begun_at:
        until = found[-1].since
        found.append(Period(since=(until - _DAY).replace(day=1), until=until))
    return found


def _first_shown(months: Mapping[str, Period], published: Mapping[Period, Report], now: datetime) -> str:
    """Choose the newest whole month that is not published, else the running one."""
    is_open = (name for name, one in months.items() if one.until <= now and one not in published)
    return next(is_open, next(iter(months)))


def _next(first: datetime) -> datetime:
    return (first + timedelta(days=32)).replace(day=1)
