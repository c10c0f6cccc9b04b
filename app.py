"""The pages by role, the frame around them, and the web server that serves them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import Page as StreamlitPage
from streamlit.runtime.scriptrunner import get_script_run_ctx

from analytics.views.words import Role
from pages._kit import cache, layout, server, state
from pages._kit.sign_in import ask_who

REVIEWER, SENIOR, ANALYST = Role.REVIEWER, Role.SENIOR_REVIEWER, Role.ANALYST
MANAGER, ADMIN = Role.MANAGER, Role.ADMIN


@dataclass(frozen=True, slots=True)
class Entry:
    """One page: where it stands in the menu and who sees it. Rights are checked again in every command."""

    section: str
    name: str
    title: str
    help: str
    roles: frozenset[Role]
    is_home_of: frozenset[Role] = frozenset()


def entry(section: str, name: str, title: str, help: str, *roles: Role, home: tuple[Role, ...] = ()) -> Entry:  # noqa: A002
    return Entry(section, name, title, help, frozenset(roles), frozenset(home))


PAGES = (
    entry("Review", "desk", "Desk", "One case at a time.", REVIEWER, SENIOR, MANAGER, home=(REVIEWER, SENIOR)),
    entry("Review", "appeals", "Appeals", "Complaints about decisions of others.", SENIOR),
    entry("Review", "bulk", "Bulk", "Many alike accounts, sampled first.", REVIEWER, SENIOR, MANAGER),
    entry(
        "Investigate", "explore", "Explore", "Engagement by time, client, service.", ANALYST, MANAGER, home=(ANALYST,)
    ),
    entry("Investigate", "account", "Account", "One account over time.", REVIEWER, SENIOR, ANALYST, MANAGER),
    entry("Investigate", "services", "Services", "The sellers of engagement.", SENIOR, ANALYST, MANAGER),
    entry("Investigate", "query", "Query", "One question in SQL.", ANALYST, MANAGER),
    entry("Investigate", "backtest", "Back-test", "What other thresholds would do.", ANALYST, MANAGER),
    entry("Investigate", "model", "Model", "What the model knows.", ANALYST, MANAGER),
    entry("Investigate", "data", "Data", "Loaded logs, and loading one.", ANALYST, ADMIN),
    entry("Manage", "statistics", "Statistics", "Four questions.", REVIEWER, ANALYST, MANAGER, home=(MANAGER,)),
    entry("Manage", "quality", "Quality", "How well we decide.", SENIOR, ANALYST, MANAGER),
    entry("Manage", "reports", "Reports", "Published periods.", ANALYST, MANAGER),
    entry("Operate", "deliveries", "Deliveries", "Every action and its state.", SENIOR, MANAGER, ADMIN),
    entry("Operate", "oversight", "Oversight", "What people did, day by day.", MANAGER),
    entry("Operate", "audit", "Audit", "The chained record.", MANAGER, ADMIN),
    entry("Operate", "operations", "Operations", "What is stuck.", MANAGER, ADMIN, home=(ADMIN,)),
    entry("Operate", "people", "People", "Who may do what.", MANAGER, ADMIN),
)
ROOT = Path(__file__).parent


def show() -> None:
    """Draw the frame: sign in, the pages this person may see, and the one they are on."""
    server.wait_for_tables()
    st.set_page_config(page_title="Unbought", page_icon=str(ROOT / "pages/_kit/mark.svg"), layout="wide")
    layout.style()
    st.logo(ROOT / "pages/_kit/name.svg", size="small")
    workspace = cache.workspace()
    person = state.signed_in(workspace)
    menu, home = _menu(person.person.roles if person else None)
    page = st.navigation(menu, position="top" if person else "hidden")
    if person is None:
        ask_who(workspace)
        return
    layout.keep_sign_in()
    if page.url_path == "" and home is not None:
        st.switch_page(home)
    layout.run(page)


def _menu(roles: frozenset[Role] | None) -> tuple[dict[str, list[StreamlitPage]], StreamlitPage | None]:
    """Return the menu of these roles and their home; without any, every address is known but nothing is shown.

    The address without a name is a page of its own, so that each page keeps its address whoever looks at it.
    """
    menu: dict[str, list[StreamlitPage]] = {"": [st.Page(_nothing, title="Start", default=True, visibility="hidden")]}
    home = None
    for one in PAGES:
        path = ROOT / "pages" / f"{one.name}.py"
        if (roles is None or one.roles & roles) and path.exists():
            page = st.Page(path, title=one.title, url_path=one.name, help=one.help)
            menu.setdefault(one.section, []).append(page)
            if roles and (one.is_home_of & roles or home is None):
                home = page if home is None or one.is_home_of & roles else home
    return menu, home


def _nothing() -> None:
    """Stand for the bare address."""


if get_script_run_ctx(suppress_warning=True) is None:
    routes = [*server.session_routes(), *cache.workspace().routes()]
    app = st.App(__file__, lifespan=server.lifespan, routes=routes, middleware=server.middleware())
else:
    show()
