"""Score histogram with two draggable thresholds (OK | review | NG), for single scores or binned counts.

NG: `score >= high`; OK: `score < low`; review: between them. With low == high there is no review zone. Without zones,
as for pixels, there is one handle.

While a handle moves, other components follow it through the event bus without a rerun.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import ArrayLike, NDArray

from pages.ui.components.mount import component
from patchcore_core.views.colours import COLOURS
from patchcore_core.views.web.packed import packed

_mount = component("operating_point")
CLASSES = {"good": 0, "defective": 1, "unlabelled": -1}  # name -> label
SHOWN_COLOURS = ("good", "defective", "unknown", "hit", "miss", "false alarm")


@dataclass(frozen=True)
class Named:
    """A named threshold to snap to. `value` in score units; `label` is short, `help` a sentence."""

    name: str
    value: float
    label: str
    help: str = ""


@dataclass(frozen=True, eq=False)
class Scores:
    """Single scores (N,), and labels (N,): 1 defective, 0 good, -1 unknown. Scores that are not finite are left out."""

    scores: ArrayLike
    labels: ArrayLike

    def totals(self) -> dict[str, int]:
        """Class -> number of scores."""
        return {name: len(scores) for name, scores in self._classes().items()}

    def data(self) -> dict[str, Any]:
        """For the browser: per class its scores, ascending."""
        return {"scores": {name: packed(scores) for name, scores in self._classes().items()}}

    def _classes(self) -> dict[str, NDArray[np.float64]]:
        scores, labels = np.asarray(self.scores, dtype=np.float64), np.asarray(self.labels)
        if scores.shape != labels.shape or scores.ndim != 1:
            raise ValueError(f"scores and labels must both have shape (N,), got {scores.shape} and {labels.shape}")
        usable = np.isfinite(scores)
        return {name: np.sort(scores[usable & (labels == label)]) for name, label in CLASSES.items()}


@dataclass(frozen=True, eq=False)
class Counts:
    """Binned counts: edges (B + 1,) strictly ascending; good, defective, unlabelled (B,).

    Bin i holds edges[i] <= score < edges[i + 1]. Counts are exact for thresholds on an edge, which is where the handles
    move to; between edges they are interpolated and marked with "≈".
    """

    edges: ArrayLike
    good: ArrayLike
    defective: ArrayLike
    unlabelled: ArrayLike = ()

    @classmethod
    def from_curve(cls, thresholds: ArrayLike, defective: ArrayLike, good: ArrayLike) -> Counts:
        """From cumulative counts: thresholds (T,) strictly descending, counts (T,) ascending."""
        ascending = np.asarray(thresholds, dtype=np.float64)[::-1]
        edges = np.append(ascending, np.nextafter(ascending[-1:], np.inf))
        inside = [np.diff(np.append(0, np.asarray(counts, dtype=np.float64)))[::-1] for counts in (good, defective)]
        return cls(edges, *inside)

    def totals(self) -> dict[str, int]:
        """Class -> number of scores."""
        return {name: int(np.asarray(getattr(self, name)).sum()) for name in CLASSES}

    def data(self) -> dict[str, Any]:
        """For the browser: the edges, and per class its counts."""
        edges = np.asarray(self.edges, dtype=np.float64)
        if len(edges) < 2 or not (np.diff(edges) > 0).all():
            raise ValueError("edges must be at least two numbers, strictly ascending")
        counts = {name: np.asarray(getattr(self, name), dtype=np.float64) for name in CLASSES}
        counts["unlabelled"] = counts["unlabelled"] if counts["unlabelled"].size else np.zeros(len(edges) - 1)
        if wrong := {name: len(values) for name, values in counts.items() if len(values) != len(edges) - 1}:
            raise ValueError(f"{len(edges) - 1} bins need as many counts, got {wrong}")
        return {"edges": packed(edges), "counts": {name: packed(values) for name, values in counts.items()}}


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


def notes(totals: dict[str, int], unit: str) -> list[str]:
    """What is unknown with these numbers of good, defective and unlabelled, in sentences."""
    if not sum(totals.values()):
        return [f"There are no scored {unit}."]
    found = []
    if not totals["defective"]:
        found.append(f"No labelled defective {unit}: missed defects are unknown.")
    if not totals["good"]:
        found.append(f"No labelled good {unit}: false alarms are unknown.")
    if totals["unlabelled"]:
        found.append(f"{totals['unlabelled']} {unit} have no label and are not counted.")
    return found


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
