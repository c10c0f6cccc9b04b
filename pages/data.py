"""Data: what is loaded, and loading a log: bring it, look at it, say what its columns are, load it."""

from pages._data import parts
from pages._kit import layout, state

here = state.here()
layout.head("Data", here, facts="a bad file is refused whole, and what is loaded stays")
parts.snapshots(here)
parts.bring(here)
parts.upload(here)
