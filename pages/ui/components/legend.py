"""A legend: a line of named swatches and optionally a colour bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from pages.ui.components.mount import component

_mount = component("legend")


@dataclass(frozen=True)
class Entry:
    """A named colour (CSS), as a filled square or as an outline."""

    label: str
    colour: str
    filled: bool = True


@dataclass(frozen=True)
class ColourBar:
    """A scale from `low` to `high` (as text) in CSS colours; `tick` in [0, 1] marks a place on it."""

    label: str
    low: str
    high: str
    colours: Sequence[str]
    tick: float | None = None


def legend(entries: Sequence[Entry], scale: ColourBar | None = None, *, key: str) -> None:
    """Draw the colour bar, if any, and the entries in one line that wraps."""
    _mount(key=key, data={"entries": [asdict(entry) for entry in entries], "scale": asdict(scale) if scale else None})
