"""The parts of the reports page."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import streamlit as st

from analytics.views import report as view
from analytics.views.moments import exact
from analytics.views.words import Role
from analytics.workspace import Period, PublishReport
from pages._kit import layout, state
from pages._kit.state import Here

_MONTHS = 12
_DAY = timedelta(days=1)
# The four tables stand under each other: their columns as well.
_WIDTHS = {
    "Figure": st.column_config.TextColumn(width=420),
    "Value": st.column_config.TextColumn(width=200),
    "95 % interval": st.column_config.TextColumn(width=300),
    "Counted": st.column_config.NumberColumn(width=200, format="localized"),
}


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
    months = _months(here.now)
    with layout.boxed("A period as it would be published now", "draft"):
        names = {f"{month:%Y-%m}": month for month in months}
        chosen = st.selectbox(
            "Month",
            list(names),
            format_func={name: f"{month:%B %Y}" for name, month in names.items()}.__getitem__,
            index=_first_shown(list(names.values()), here.workspace.reports.begun_at()),
            key="month",
            bind="query-params",
            width=220,
        )
        since = names[chosen or next(iter(names))]
        period = Period(since=since, until=_next(since))
        if period.until > here.now:
            layout.quiet("This month is not over: it can be looked at, not published.", "not_over")
        elif Role.MANAGER in here.who.person.roles:
            key = layout.once(f"publish_{chosen}_{len(here.workspace.reports.list())}")
            command = PublishReport(idempotency_key=key, period=period)
            run = here.workspace.governance.publish_report
            st.button(
                f"Publish {since:%B %Y}", key="publish", on_click=lambda: state.act(lambda: run(here.token, command))
            )
        _content(here.workspace.reports.draft(period))


def _content(content: Any) -> None:
    for section, rows in view.section_rows(content):
        with layout.boxed(section, f"section_{section}"):
            layout.table(rows, f"report_{section}", section, column_config=_WIDTHS)
    with st.popover("How counted", type="tertiary", key="report_counted"):
        for place, text in enumerate(view.definition_lines(content)):
            layout.say(text, key=f"report_definition_{place}")


def _months(now: datetime) -> list[datetime]:
    """List the first moments of the last months, the newest whole one first."""
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    found = []
    for _ in range(_MONTHS):
        first = (first - _DAY).replace(day=1)
        found.append(first)
    return [*found, now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)]


def _first_shown(months: list[datetime], begun_at: datetime | None) -> int:
    """Choose the newest whole month with decisions in it, else the running one."""
    is_there = begun_at is not None and _next(months[0]) > begun_at
    return 0 if is_there else len(months) - 1


def _next(first: datetime) -> datetime:
    return (first + timedelta(days=32)).replace(day=1)
