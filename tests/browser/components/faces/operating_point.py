"""The widget `operating_point` mounted alone in Streamlit, for tests; in the product it is a part of the workspace."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import streamlit as st

from pages.ui.components.mount import component
from patchcore_core.views.widgets.histograms import Counts, Named, Scores, histogram, with_handles

_mount = component("operating_point")


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
    data = with_handles(histogram(shown, label, unit, log=log_counts, zone=zone), low, high, key, named)
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
