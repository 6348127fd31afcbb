"""Scores by class, or their counts in bins, as the data of views/web/operating_point and views/web/threshold_strip."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from patchcore_core.evaluation.curve_points import LevelCounts
from patchcore_core.views.colours import COLOURS
from patchcore_core.views.web.packed import packed

CLASSES = {"good": 0, "defective": 1, "unlabelled": -1}  # name -> label
SHOWN_COLOURS = ("good", "defective", "unknown", "hit", "miss", "false alarm")


def of_images(scores: ArrayLike, labels: ArrayLike) -> dict[str, Any]:
    """Of a run's images: scores (N,), labels (N,) 1 defective, 0 good, -1 unknown; without handles."""
    return histogram(Scores(scores, labels), "Image threshold", "images", zone=True)


def of_pixels(pixels: LevelCounts) -> dict[str, Any] | None:
    """Of a run's pixels, without handles; None where it has no pixel scores."""
    if not len(pixels.thresholds):
        return None
    shown = Counts.from_curve(pixels.thresholds, pixels.tp, pixels.fp)
    return histogram(shown, "Pixel threshold", "pixels", log=True, zone=False)


def histogram(shown: Scores | Counts, label: str, unit: str, *, log: bool = False, zone: bool) -> dict[str, Any]:
    """What does not move: bars and words. `log`: initial scale of the counts; `zone`: whether a review zone is offered,
    else there is one handle."""
    return {**shown.data(), "label": label, "unit": unit, "log": log, "zone": zone,
            "notes": notes(shown.totals(), unit), "colours": {name: COLOURS[name] for name in SHOWN_COLOURS}}


def with_handles(
    data: dict[str, Any], low: float, high: float, channel: str, named: Sequence[Named] = ()
) -> dict[str, Any]:
    """`histogram` with its handles at low <= high, in score units; `channel` names it to those that follow."""
    known = [asdict(one) for one in named if math.isfinite(one.value)]
    return {**data, "low": float(low), "high": float(high), "channel": channel, "named": known}


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
