"""Synthetic worlds: an engagement log as a platform would write it, with the truth about it beside.

Standard worlds serve the demo, the tests, the quality figures and the benchmarks. Models learn from them and from
worlds of three makers with other rules, `drills`, `elsewhere` and `abroad`. None of the four knows another.
"""

from __future__ import annotations

from data.synthetic.cast import Sizes
from data.synthetic.spec import WorldSpec
from data.synthetic.writing import frames, generate

__all__ = ["Sizes", "WorldSpec", "frames", "generate"]
