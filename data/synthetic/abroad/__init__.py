"""Worlds of other platforms, drawn apart from the first generator: each seed has other people and sellers."""

from data.synthetic.abroad.world import draw_world

__all__ = ["draw_world"]
