"""What can be read off counts by threshold: areas under curves, the best F1, and why a figure is undefined."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from patchcore_core.evaluation.counts import Counts


class Best(NamedTuple):
    """The largest F1 and the highest threshold that reaches it."""

    f1: float
    threshold: float


def why_undefined(counts: Counts, level: str) -> str | None:
    """One sentence why no figure can be computed at this level ("image" or "pixel"), None when one can.

    Every figure needs both classes: with only one, average precision and F1 would be 1 or 0 whatever the scores are.
    """
    if counts.positives and counts.negatives:
        return None
    if level == "image":
        return "there is no good image" if counts.positives else "there is no defective image"
    return "no pixel lies outside the defects" if counts.positives else "no mask has a defect pixel"


def area_under_roc(counts: Counts) -> float:
    """Area under the ROC curve by the trapezoid rule, which counts ties half; NaN with one class only."""
    if not (counts.positives and counts.negatives):
        return np.nan
    fp, tp = _from_origin(counts.false_positives), _from_origin(counts.true_positives)
    return float(np.dot(np.diff(fp), (tp[1:] + tp[:-1]).astype(np.float64)) / 2 / counts.positives / counts.negatives)


def precision(counts: Counts) -> NDArray[np.float64]:
    """True positives / predicted defective at each threshold (T,)."""
    return counts.true_positives / (counts.true_positives + counts.false_positives)


def area_of_precision_steps(counts: Counts) -> float:
    """Average precision: sum of (R_n - R_n-1) P_n, without interpolation; NaN with one class only."""
    if not (counts.positives and counts.negatives):
        return np.nan
    return float(np.dot(np.diff(_from_origin(counts.true_positives)), precision(counts)) / counts.positives)


def best_f1(counts: Counts) -> Best:
    """The largest F1 over all thresholds; both NaN with one class only."""
    if not (counts.positives and counts.negatives):
        return Best(np.nan, np.nan)
    tp = counts.true_positives
    f1 = 2 * tp / (tp + counts.false_positives + counts.positives)
    at = int(np.argmax(f1))
    return Best(float(f1[at]), float(counts.thresholds[at]))


def per_region_overlap(counts: Counts) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """FPR, mean per-region overlap and thresholds, each (T + 1,), from the origin (0, 0, inf) to (1, 1, lowest)."""
    fpr = _from_origin(counts.false_positives) / counts.negatives
    return fpr, _from_origin(counts.weighted_recall), np.concatenate([[np.inf], counts.thresholds])


def area_under_pro(counts: Counts, fpr_limit: float) -> float:
    """Area under the per-region-overlap curve up to the limit, divided by it; NaN without regions or background."""
    if not 0 < fpr_limit <= 1:
        raise ValueError(f"fpr_limit must be in (0, 1], got {fpr_limit!r}")
    if not (counts.positives and counts.negatives):
        return np.nan
    fpr, overlap, _ = per_region_overlap(counts)
    inside = fpr <= fpr_limit
    x = np.append(fpr[inside], fpr_limit)
    y = np.append(overlap[inside], np.interp(fpr_limit, fpr, overlap))
    return float(np.dot(np.diff(x), (y[1:] + y[:-1]) / 2) / fpr_limit)


def thin(coordinates: list[NDArray[np.float64]], limit: int = 2000) -> NDArray[np.intp]:
    """Indices of at most `limit` points spread evenly along a curve, its ends among them.

    coordinates: arrays (T,) that are drawn. Between two kept points that were not neighbours the coordinates together
    change by no more than one common step, about the curve's whole length / limit.
    """
    total = len(coordinates[0])
    if total <= limit:
        return np.arange(total)
    along = np.concatenate([[0.0], np.cumsum(np.max([np.abs(np.diff(axis)) for axis in coordinates], axis=0))])
    low, high = 0.0, 3 * along[-1] / (limit - 1)  # never over the limit at high: two gaps in a row always exceed it
    for _ in range(12):
        middle = (low + high) / 2
        low, high = (low, middle) if len(_walk(along, middle, limit)) <= limit else (middle, high)
    return _walk(along, high, limit)


def _walk(along: NDArray[np.float64], step: float, limit: int) -> NDArray[np.intp]:
    """From the first point, always the furthest one within a step, or the next; gives up past the limit."""
    kept = [0]
    while kept[-1] < len(along) - 1 and len(kept) <= limit:
        furthest = int(np.searchsorted(along, along[kept[-1]] + step, side="right")) - 1
        kept.append(max(kept[-1] + 1, furthest))
    return np.array(kept)


def _from_origin(values: NDArray) -> NDArray:
    return np.concatenate([[0], values])
