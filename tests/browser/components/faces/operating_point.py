"""The widget `operating_point` mounted alone in Streamlit, for tests; in the product it is a part of the workspace."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from pages.ui.components.mount import component
from pages.ui.review.workspace.histograms import Counts, Scores, notes
from patchcore_core.views.colours import COLOURS

_mount = component("operating_point")
SHOWN_COLOURS = ("good", "defective", "unknown", "hit", "miss", "false alarm")


@dataclass(frozen=True)
class Named:
    """A named threshold to snap to. `value` in score units; `label` is short, `help` a sentence."""

    name: str
    value: float
    label: str
    help: str = ""


def operating_point(
    shown: Scores | Counts, low: float, high: float, *, key: str, label: str, named: Sequence[Named] = (),
    unit: str = "images", log_counts: bool = False, zone: bool = True, on_release: Callable[[float, float], None],
) -> None:  # fmt: skip
    """Draw the histogram with its handles at low <= high, in score units.

    `on_release(low, high)` is called once when a handle is released, a number is typed or keys come to rest; never
    while a handle moves. The caller stores the two values and passes them on the next run. `log_counts`: initial scale
    of the counts. Without `zone` there is one handle, low must equal high, and scores at or above it are predicted.
    Texts are plain text.
    """
    if not (math.isfinite(low) and math.isfinite(high) and low <= high):
        raise ValueError(f"thresholds must be finite with low <= high, got {low} and {high}")
    if not zone and low != high:
        raise ValueError(f"without a review zone low must equal high, got {low} and {high}")
    data = {
        **shown.data(), "channel": key, "label": label, "unit": unit, "low": float(low), "high": float(high),
        "log": log_counts, "zone": zone, "named": [asdict(entry) for entry in named if math.isfinite(entry.value)],
        "notes": notes(shown.totals(), unit), "colours": {name: COLOURS[name] for name in SHOWN_COLOURS},
    }  # fmt: skip
    _mount(key=key, data=data, on_released_change=lambda: _release(key, on_release))


def released(value: object) -> tuple[float, float] | None:
    """The browser's values as (low, high), None unless they are finite with low <= high."""
    if not (isinstance(value, list) and len(value) == 2):
        return None
    if not all(isinstance(part, int | float) and math.isfinite(part) for part in value):
        return None
    low, high = float(value[0]), float(value[1])
    return (low, high) if low <= high else None


def _release(key: str, on_release: Callable[[float, float], None]) -> None:
    thresholds = released(st.session_state[key].released)
    if thresholds:
        on_release(*thresholds)
