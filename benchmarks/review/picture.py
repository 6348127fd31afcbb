"""What was measured of Review as one SVG picture: of each figure the median, least and most beside what is wanted."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

WIDTH, ROW, HEAD, FOOT = 820, 26, 44, 40
LEFT, RIGHT = 190, 96  # room for names, and for the medians
LOW, HIGH = 5.0, 10_000.0  # milliseconds
TICKS = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #404040 } .title { font-weight: 600 } .middle { text-anchor: middle }
.end { text-anchor: end } .grid { stroke: #d8d8d8 } .span { stroke: #0072B2; stroke-width: 3 } circle { fill: #0072B2 }
.wanted { fill: #009E73; fill-opacity: .16 } .edge { stroke: #009E73; stroke-width: 2 }
.over .span { stroke: #D55E00 } .over circle { fill: #D55E00 }
@media (prefers-color-scheme: dark) {
  text { fill: #d0d0d0 } .grid { stroke: #484848 } .span { stroke: #56B4E9 } circle { fill: #56B4E9 }
}
"""


def drawn(results: Sequence[Mapping[str, Any]]) -> str:
    """The results of `review_latency`, one below the other; a row is orange where its median is over what is wanted."""
    parts, top = [], 0
    for result in results:
        parts.append(f'<g transform="translate(0 {top})">\n{_panel(result)}\n</g>')
        top += _height(result)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" role="img">\n<style>{STYLE}</style>\n'
            + "\n".join(parts) + "\n</svg>\n")  # fmt: skip


def _height(result: Mapping[str, Any]) -> int:
    return HEAD + ROW * len(result["steps"]) + FOOT


def _panel(result: Mapping[str, Any]) -> str:
    bottom = HEAD + ROW * len(result["steps"])
    grid = [f'<path class="grid" d="M{_x(tick):.1f},{HEAD} V{bottom}"/>'
            f'<text class="middle" x="{_x(tick):.1f}" y="{bottom + 18}">{tick:,}</text>' for tick in TICKS]
    rows = [_row(name, step, HEAD + ROW * place) for place, (name, step) in enumerate(result["steps"].items())]
    return "\n".join([
        f'<text class="title" x="8" y="24">{escape(result["run"])}</text>', *grid, *rows,
        f'<text class="end" x="{WIDTH - 8}" y="{bottom + 18}">ms, the median</text>',
    ])  # fmt: skip


def _row(name: str, step: Mapping[str, Any], top: int) -> str:
    times, aim, middle = step["ms"], step["wanted_ms"], top + ROW / 2
    over = " class=\"over\"" if aim is not None and times["median"] > aim else ""
    wanted = "" if aim is None else (
        f'<rect class="wanted" x="{LEFT}" y="{top + 3}" width="{_x(aim) - LEFT:.1f}" height="{ROW - 6}"/>'
        f'<path class="edge" d="M{_x(aim):.1f},{top + 3} v{ROW - 6}"/>')
    return (f'<g{over}>{wanted}<text class="end" x="{LEFT - 10}" y="{middle + 5}">{escape(name)}</text>'
            f'<path class="span" d="M{_x(times["least"]):.1f},{middle} H{_x(times["most"]):.1f}"/>'
            f'<circle cx="{_x(times["median"]):.1f}" cy="{middle}" r="5"/>'
            f'<text class="end" x="{WIDTH - 8}" y="{middle + 5}">{times["median"]:,.0f}</text></g>')  # fmt: skip


def _x(milliseconds: float) -> float:
    share = math.log(min(max(milliseconds, LOW), HIGH) / LOW) / math.log(HIGH / LOW)
    return LEFT + share * (WIDTH - LEFT - RIGHT)
