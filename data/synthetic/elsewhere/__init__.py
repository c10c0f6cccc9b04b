"""Worlds of another make: engagement logs with the truth beside, drawn by rules that share nothing with the others.

Whoever learned from the standard worlds or the drills meets other people, networks and sellers here.
"""

from __future__ import annotations

from data.synthetic.elsewhere.drawing import draw_world

__all__ = ["draw_world"]
