"""Statistics: how much, how well detected, how well decided, how people take it."""

import streamlit as st

from pages._kit import layout, state
from pages._statistics import parts

here = state.here()
layout.head("Statistics", here, facts="four questions; every number opens its rows")
asked = parts.asked(here)
if figure := st.query_params.get("figure"):
    layout.keep("figure", figure)
    parts.rows(asked, figure)
else:
    parts.sections(asked)
    parts.activity(asked)
