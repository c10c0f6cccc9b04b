"""Quality: known answers, agreement, overturns, the effect of explanations, the load and where it goes."""

import streamlit as st

from pages._kit import layout, state
from pages._quality import parts
from pages._statistics import parts as statistics

here = state.here()
layout.head("Quality", here, facts="how well do we decide?")
asked = statistics.asked(here, "quality")
if figure := st.query_params.get("figure"):
    layout.keep("figure", figure)
    statistics.rows(asked, figure)
else:
    parts.figures(asked)
    parts.tables(asked)
