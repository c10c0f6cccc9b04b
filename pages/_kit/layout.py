"""What every page is laid out from. Text of accounts goes through `say`, which never reads it as markup (T-05)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from json import dumps
from pathlib import Path
from typing import Any
from uuid import uuid4

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from analytics.charts import Drawing
from analytics.views.frame import Notice
from analytics.views.refusal import Expected, NothingLoaded, SignInEnded
from analytics.views.text import plain
from analytics.views.words import ROLES
from pages._kit import state
from pages._kit.keys import Key
from pages._kit.server import TICKETS
from pages._kit.state import Here

_HERE = Path(__file__).parent
# Eager rows; more is paged on the server (S-19).
MOST_ROWS = 1_000
# Pixels of the root; everything else is measured in it.
_TEXT_SIZES = {"small": 13, "large": 17}
# What look.css does for whoever asked the operating system for less motion.
_STILL = "*, *::before, *::after { animation-duration: 0.01ms !important; transition-duration: 0.01ms !important; }"


def say(text: object, *, key: str | None = None, place: Any = st, **style: Any) -> None:
    """Show text literally: no markup, no links, nothing hidden (X-01 to X-03)."""
    if key is None:
        place.text(str(text), **style)
        return
    with place.container(key=key, gap=None, width=style.pop("box", "stretch")):
        st.text(str(text), **style)


def foreign(text: str | None, limit: int = 200) -> str:
    """Return text that an account under review chose, as it may be shown."""
    return plain(text, limit)


def label(text: str, key: str) -> None:
    """Name a part of the page in small capitals."""
    say(text, key=f"label_{key}")


def quiet(text: str, key: str, **style: Any) -> None:
    """Show what matters less than the rest."""
    say(text, key=f"quiet_{key}", **style)


def head(title: str, here: Here, *, facts: str = "") -> DeltaGenerator:
    """Lay out the first row of a page: title, a line of facts, freshness, the person. Returns the place beside it."""
    fresh = here.fresh
    _own_style(here.settings)
    with st.container(key="frame_head", horizontal=True, vertical_alignment="center", gap="small"):
        st.header(title, anchor=False, width="content")
        place = st.container(horizontal=True, vertical_alignment="center", width="stretch", gap="small")
        with place:
            if facts:
                quiet(facts, "facts", box="content")
            notice()
        quiet(fresh.text, "fresh", box="content", help=fresh.detail)
        _menu(here)
    return place


def _own_style(settings: Mapping[str, str]) -> None:
    """Lay the page out as the person set it for themselves (U-14); text and numbers of our own, nothing else."""
    rules = []
    if size := _TEXT_SIZES.get(settings.get("text_size", "")):
        rules.append(f"html {{ font-size: {size}px !important; }}")
    if settings.get("less_motion") == "on":
        rules.append(_STILL)
    if rules:
        st.html(f"<style>{' '.join(rules)}</style>")


def _menu(here: Here) -> None:
    """Lay out the person's own settings and the way out."""
    with opened(literal(here.who.person.name), "frame_menu", icon=":material/person:") as is_open:
        if not is_open:
            return
        if here.who.person.is_demo:
            st.badge("demo identity", color="orange")
        for role, word in ROLES.items():
            if role in here.who.person.roles:
                say(word)
        _setting(here, "keys", "Keys on the desk", {"single": "1", "alt": "Alt+1", "off": "off"}, "single")
        words = {"policy": "usual", "60": "1 min", "120": "2 min", "300": "5 min"}
        _setting(here, "undo_window", "Time to undo", words, "policy")
        _setting(here, "text_size", "Text size", {"small": "small", "normal": "normal", "large": "large"}, "normal")
        _switch(here, "blur_comments", "Blur comments")
        _switch(here, "less_motion", "Less motion")
        words = {"off": "off", "30": "30 min", "50": "50 min", "90": "90 min"}
        _setting(here, "break_prompt", "Suggest a break after", words, "50")
        quiet("Breaks are counted in this tab alone and stored nowhere.", "break_note")
        st.button("Sign out", key="sign_out", on_click=state.sign_out, args=(here.workspace,))


def _setting(here: Here, name: str, title: str, words: dict[str, str], usual: str) -> None:
    """Offer one of the person's own settings."""
    st.segmented_control(
        title,
        list(words),
        format_func=words.__getitem__,
        default=chosen if (chosen := here.settings.get(name, usual)) in words else usual,
        key=f"setting_{name}",
        on_change=state.save_setting,
        args=(here, name),
        required=True,
    )


def _switch(here: Here, name: str, title: str) -> None:
    """Offer one of the person's own settings that is on or off."""
    is_on, key = here.settings.get(name) == "on", f"setting_{name}"
    st.toggle(title, value=is_on, key=key, on_change=state.save_setting, args=(here, name))


def notice() -> None:
    """Show once what the last command did, or why it was refused; read out by screen readers (R-03)."""
    told: Notice | None = state.take_notice()
    if told is None:
        return
    show = st.error if told.is_refusal else st.success
    show(f"{literal(told.message)} {literal(told.hint)}".strip())


def empty(message: str, hint: str) -> None:
    """Say that there is nothing, and what to do."""
    with st.container(key="empty", border=True, horizontal_alignment="left"):
        say(message, key="strong_empty")
        say(hint)


def chart(drawing: Drawing, key: str, *, on_select: Any = "ignore", by: str = "box", note: bool = True) -> Any:
    """Draw a chart with its sentence and its numbers as a table (R-02); `by` says what chooses in it."""
    chosen = st.plotly_chart(
        drawing.figure,
        key=key,
        on_select=on_select,
        selection_mode=by,
        config={"displaylogo": False, "displayModeBar": False},
        alt=drawing.sentence,
    )
    if note:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"chart_note_{key}"):
            quiet(drawing.sentence, f"sentence_{key}")
            numbers(drawing, key)
    return chosen


def numbers(drawing: Drawing, key: str) -> None:
    """Offer what a chart shows as a sentence and a table; made when somebody asks."""
    with opened("Numbers", f"numbers_{key}") as is_open:
        if is_open:
            say(drawing.sentence)
            table(drawing.table, f"numbers_table_{key}", drawing.sentence)


@contextmanager
def opened(label_text: str, key: str, **options: Any) -> Iterator[bool]:
    """Offer what opens on a click, and say whether it is open: what nobody looks at need not be laid out."""
    place = st.popover(label_text, type="tertiary", key=key, on_change="rerun", **options)
    with place:
        yield bool(place.open)


def table(rows: Any, key: str, alt: str, **options: Any) -> Any:
    """Show rows; their cells are text and numbers, never markup. The first thousand at most."""
    if rows.is_empty():
        quiet("No rows.", f"none_{key}")
        return None
    shown = rows.head(MOST_ROWS)
    named = _grouped_numbers(shown) | options.pop("column_config", {})
    found = st.dataframe(
        shown, key=key, alt=alt, hide_index=True, row_height=28, placeholder="", column_config=named, **options
    )
    if rows.height > MOST_ROWS:
        quiet(f"The first {MOST_ROWS:,} of {rows.height:,} rows.", f"cut_{key}")
    return found


def _grouped_numbers(rows: Any) -> dict[str, Any]:
    """Let whole numbers be read with their thousands apart, as everywhere else on the page."""
    whole = (name for name, kind in rows.schema.items() if kind.is_integer())
    return {name: st.column_config.NumberColumn(format="localized") for name in whole}


def figure(label_text: str, value: str, under: str, key: str) -> None:
    """Show one number with what it is and how sure it is: a line, not a card."""
    with st.container(key=f"figure_box_{key}", gap=None):
        label(label_text, f"figure_{key}")
        say(value, key=f"figure_value_{key}")
        quiet(under, f"figure_{key}")


def rows_link(text: str, page: str, key: str, **query: str) -> None:
    """Link a number to the rows behind it (P-13); the address is the view."""
    with st.container(key=f"rows_{key}", width="content"):
        st.page_link(page, label=text, query_params=query)


def keep(name: str, value: str) -> None:
    """Write a parameter into the address again: a link to the page one is on changes the view but not the address."""
    st.query_params[name] = value


@contextmanager
def boxed(title: str, key: str) -> Iterator[None]:
    """Name a part of the page."""
    with st.container(key=f"box_{key}", gap="xsmall"):
        label(title, key)
        yield


def keep_sign_in() -> None:
    """Let the browser keep a fresh sign-in, once."""
    ticket = st.session_state.get(Key.TICKET)
    if ticket is None:
        return
    if TICKETS.is_spent(ticket):
        del st.session_state[Key.TICKET]
        return
    _script("cookie.js", ticket, _session_path(), "POST")


def drop_cookie() -> None:
    """Let the browser forget the cookie of a session that ended."""
    _script("cookie.js", "drop", _session_path(), "DELETE")


def countdown(seconds: float, before: str, after: str, key: str, *, soon: int = 0, warning: str = "") -> None:
    """Count down in words, in the browser; the words are ours, never an account's.

    When less than `soon` seconds are left the place is marked and the warning read out (WCAG 2.2.1).
    """
    place = f"countdown-{sha256(key.encode()).hexdigest()[:16]}"
    html = f'<span id="{place}">{before}</span>'
    _script("countdown.js", place, max(0, round(seconds)), before, after, soon, warning, html=html)


def announce(text: str, key: str) -> None:
    """Say an outcome to screen readers, once for each key (R-03)."""
    _script("announce.js", key, text)


def focus(name: str, key: str) -> None:
    """Bring the focus to a part of the page, once for each key (R-03)."""
    _script("focus.js", name, key)


def run(page: Any) -> None:
    """Run one page; an expected failure is one sentence with what to do."""
    try:
        page.run()
    except SignInEnded:
        state.forget()
        st.rerun()
    except NothingLoaded as error:
        empty(error.message, error.hint)
    except Expected as error:
        st.error(f"{literal(error.message)} {literal(error.hint)}")


def style() -> None:
    st.html(_HERE / "look.css")


def once(subject: str) -> str:
    """Return the idempotency key of a subject: minted when it was first shown here, the same until it is gone."""
    held: dict[str, str] = st.session_state.setdefault(Key.ONCE, {})
    return held.setdefault(subject, uuid4().hex)


def choices(words: dict[Any, str], among: Sequence[Any]) -> dict[str, Any]:
    """Return the options of a select box with `format_func` from a table of words."""
    return {"options": list(among), "format_func": lambda option: words.get(option, str(option))}


def literal(text: str) -> str:
    """Return text for a place that would read markup (labels, messages), so that it is shown as it is (T-05)."""
    told = _ADDRESS.sub(_WORD_JOINER, plain(text, 600))
    return "".join(f"\\{letter}" if letter in _MARKUP else letter for letter in told)


_MARKUP = set("\\`*_{}[]<>()#+-.!|~$:&")
# A bare address becomes a link even when every sign of it is escaped, unless something unseen parts it.
_ADDRESS = re.compile(r"(?<=http:)(?=//)|(?<=https:)(?=//)|(?<=www)(?=\.)|(?<=@)(?=\w)", re.IGNORECASE)
_WORD_JOINER = "\u2060"


def _session_path() -> str:
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}/session" if base else "/session"


def _script(name: str, *values: str | int, html: str = "") -> None:
    """Run one of our own scripts with plain values."""
    told = ", ".join(dumps(value) for value in values).replace("<", "\\u003c")
    st.html(f"{html}<script>{_source(name)}({told})</script>", unsafe_allow_javascript=True, width="content")


@cache
def _source(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8").strip()
