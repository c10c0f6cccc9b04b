"""Filters of a page: they live in its address, as codes, so that a link means the same whatever a choice is called.

Bound to the address by the library, a box writes the words of its choice there and understands nothing else: a link
with a code, or with the name a service had last month, would open the page without its filter.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import streamlit as st

# What stands for no choice; never in an address.
ANY = "any"
_PAGE = "page"


def choice(name: str, words: Mapping[str, str], *, title: str = "", usual: str | None = None, **options: Any) -> str:
    """Lay out a select box and return the code of the choice.

    `words` says what each code is called; the usual one, else the first, counts without a choice, and for an unknown
    one (X-11).
    """
    usual, asked = usual or next(iter(words)), st.query_params.get(name)
    value = _code(asked, words) or usual
    _show(name, value)
    _keep(name, [] if value == usual else [value])
    st.selectbox(
        title or name.capitalize(),
        list(words),
        key=name,
        format_func=lambda code: words.get(code, code),
        on_change=_chosen,
        args=(name, usual),
        **({"label_visibility": "collapsed", "width": 240} | options),
    )
    return value


def choices(name: str, words: Mapping[str, str], title: str) -> tuple[str, ...]:
    """Lay out a box for several choices at once and return their codes; unknown ones are left out (X-11)."""
    asked = (_code(value, words) for value in st.query_params.get_all(name))
    values = list(dict.fromkeys(code for code in asked if code))
    _show(name, values)
    _keep(name, values)
    st.multiselect(
        title,
        list(words),
        key=name,
        format_func=lambda code: words.get(code, code),
        on_change=_chosen,
        args=(name, []),
        placeholder=title,
        label_visibility="collapsed",
    )
    return tuple(values)


def day(name: str, title: str, *, first: date, last: date, usual: date | None = None, width: int = 180) -> date | None:
    """Lay out a day and return it; the usual one where the address names none, or none between the bounds (X-11)."""
    value = day_of(st.query_params.get(name), first, last) or usual
    _keep(name, [] if value == usual or value is None else [value.isoformat()])
    st.date_input(
        title,
        key=name,
        value=_begins_with(name, value),
        min_value=first,
        max_value=last,
        format="YYYY-MM-DD",
        on_change=_chosen,
        args=(name, usual),
        label_visibility="collapsed",
        width=width,
    )
    return value


def span(name: str, title: str, shown: tuple[date, date], *, first: date, last: date, on_change: Any) -> None:
    """Lay out a first and a last day, for whoever cannot drag over a chart; whose address it is writes it (R-01)."""
    st.date_input(
        title,
        key=name,
        value=_begins_with(name, shown),
        min_value=first,
        max_value=last,
        format="YYYY-MM-DD",
        on_change=on_change,
        label_visibility="collapsed",
    )


def day_of(text: str | None, first: date, last: date) -> date | None:
    """Read a day of the address; what is no day between the bounds is none."""
    try:
        value = date.fromisoformat(text or "")
    except ValueError:
        return None
    return value if first <= value <= last else None


def choose(name: str, *values: str) -> None:
    """Choose in place of the reader, as a click on a chart does; no value takes the filter away."""
    _keep(name, list(values))
    _begin_again()


def _code(asked: str | None, words: Mapping[str, str]) -> str | None:
    """Return the code that is asked for; addresses that were kept from before hold the words of a choice."""
    if asked is None or asked in words:
        return asked
    return next((code for code, word in words.items() if word == asked), None)


def _show(name: str, value: Any) -> None:
    if name not in st.session_state or st.session_state[name] != value:
        st.session_state[name] = value


def _begins_with(name: str, value: Any) -> Any:
    """Return what a field of days begins with, and set the one that is there where the address says otherwise.

    A value that is only set gets lost while the browser fetches the code of the field; one that is both is complained
    about by the library.
    """
    held = st.session_state.get(name, value)
    # Of a span that is being chosen there is only the first day yet.
    if held == value or (isinstance(held, tuple) and len(held) == 1):
        return value
    st.session_state[name] = value
    return "today"


def _keep(name: str, values: list[str]) -> None:
    """Write the choice again: a link to the page one is on changes the view but not the address."""
    if values:
        st.query_params[name] = values
    elif name in st.query_params:
        del st.query_params[name]


def _chosen(name: str, usual: Any) -> None:
    """Write a choice into the address, and begin with the first page of what is left."""
    value = st.session_state[name]
    told = value if isinstance(value, list) else [value.isoformat() if isinstance(value, date) else value]
    _keep(name, [] if value is None or value == usual else told)
    _begin_again()


def _begin_again() -> None:
    if _PAGE in st.session_state:
        st.session_state[_PAGE] = 1
