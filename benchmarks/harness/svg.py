"""Points on logarithmic axes as a small SVG file, legible on light and dark pages."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 400, 280  # of a panel
LEFT, RIGHT, TOP, BOTTOM = 62, 16, 40, 52
STYLE = """
text { font: 12px system-ui, sans-serif; fill: #404040 } .title { font-weight: 600 }
.frame, .tick { stroke: #b0b0b0; fill: none } .linear { stroke: #808080; stroke-dasharray: 4 4; fill: none }
.points { stroke: #0072B2; stroke-width: 2; fill: none } circle { fill: #0072B2 }
@media (prefers-color-scheme: dark) {
  text { fill: #d0d0d0 } .frame, .tick { stroke: #606060 } .linear { stroke: #a0a0a0 }
  .points { stroke: #56B4E9 } circle { fill: #56B4E9 }
}
"""


@dataclass(frozen=True)
class Panel:
    """One set of points, x and y above 0; `unit` names the x axis."""

    title: str
    unit: str
    x: Sequence[float]
    y: Sequence[float]


def chart(panels: Sequence[Panel], y_name: str) -> str:
    """All panels, two in a row, each with a dashed line of linear growth through its last point."""
    height = math.ceil(len(panels) / 2) * HEIGHT
    drawn = "\n".join(
        f'<g transform="translate({place % 2 * WIDTH} {place // 2 * HEIGHT})">\n{_panel(panel, y_name)}\n</g>'
        for place, panel in enumerate(panels)
    )
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * WIDTH} {height}" role="img">\n'
            f"<style>{STYLE}</style>\n{drawn}\n</svg>\n")  # fmt: skip


def _panel(panel: Panel, y_name: str) -> str:
    across, up = _Axis(panel.x, LEFT, WIDTH - RIGHT), _Axis(panel.y, HEIGHT - BOTTOM, TOP)
    points = [(across(x), up(y)) for x, y in zip(panel.x, panel.y, strict=True)]
    return "\n".join([
        f'<text class="title" x="{LEFT}" y="24">{escape(panel.title)}</text>',
        f'<rect class="frame" x="{LEFT}" y="{TOP}" width="{WIDTH - LEFT - RIGHT}" height="{HEIGHT - TOP - BOTTOM}"/>',
        _linear(panel, across, up),
        '<polyline class="points" points="' + " ".join(f"{x:.1f},{y:.1f}" for x, y in points) + '"/>',
        *(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>' for x, y in points),
        *(_tick(across(x), HEIGHT - BOTTOM, "v5", 0, 18, "middle", x) for x in panel.x),
        *(_tick(LEFT, up(y), "h-5", -8, 4, "end", y) for y in up.ticks()),
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 12}" text-anchor="middle">{escape(panel.unit)}</text>',
        f'<text transform="translate(14 {(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" '
        f'text-anchor="middle">{escape(y_name)}</text>',
    ])  # fmt: skip


def _linear(panel: Panel, across: _Axis, up: _Axis) -> str:
    """The dashed line through the last point, from the smallest x or from where it enters the frame."""
    last, height = panel.x[-1], panel.y[-1]
    low = max(height * panel.x[0] / last, up.low)
    start = last * low / height
    return f'<path class="linear" d="M{across(start):.1f},{up(low):.1f} L{across(last):.1f},{up(height):.1f}"/>'


def _tick(x: float, y: float, stroke: str, right: float, down: float, anchor: str, value: float) -> str:
    return (f'<path class="tick" d="M{x:.1f},{y:.1f} {stroke}"/>'
            f'<text x="{x + right:.1f}" y="{y + down:.1f}" text-anchor="{anchor}">{_short(value)}</text>')  # fmt: skip


class _Axis:
    """Values on a logarithmic scale between two places of the picture, with a little room at both ends."""

    def __init__(self, values: Sequence[float], start: float, end: float) -> None:
        self.low, self.high = min(values) / 1.25, max(values) * 1.25
        self._start, self._end = start, end

    def __call__(self, value: float) -> float:
        share = math.log(value / self.low) / math.log(self.high / self.low)
        return self._start + share * (self._end - self._start)

    def ticks(self) -> list[float]:
        """1, 2 and 5 times the powers of ten within the axis."""
        powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        marks = [step * 10.0**power for power in powers for step in (1, 2, 5)]
        return [mark for mark in marks if self.low <= mark <= self.high]


def _short(value: float) -> str:
    if value >= 10_000:
        return f"{value / 1000:g}k"
    return f"{value:g}"
