"""Figures from counts by threshold: areas under curves, best F1, and why a figure is undefined.

A figure has the leading axes of its counts, (...): none for one test set, (R,) for R resamples. It is NaN if a class is
missing.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from patchcore_core.evaluation.counts import Counts

FloatArray = NDArray[np.float64]
NEARLY = 1e-9  # tolerance in images or pixels: 0.95 of 20 is 19 despite rounding


class Best(NamedTuple):
    """The largest F1 and the highest threshold that reaches it."""

    f1: float
    threshold: float


def why_undefined(counts: Counts, level: str) -> str | None:
    """Why no figure can be computed at this level ("image" or "pixel"), None if it can.

    Every figure needs both classes: with one, average precision and F1 would be 1 or 0 whatever the scores.
    """
    if counts.positives and counts.negatives:
        return None
    if level == "image":
        return "there is no good image" if counts.positives else "there is no defective image"
    return "no pixel lies outside the defects" if counts.positives else "no mask has a defect pixel"


def area_under_roc(counts: Counts) -> FloatArray:
    """Area under the ROC curve by the trapezoid rule, which counts ties as one half."""
    gained, reached = _gained(counts.false_positives), counts.true_positives
    doubled = np.einsum("...t,...t->...", gained, 2.0 * reached - _gained(reached))
    return _defined(counts, doubled / 2, counts.positives * 1.0 * counts.negatives)


def partial_auroc(counts: Counts, fpr_limit: float = 0.1) -> FloatArray:
    """Area under the ROC curve up to a false positive rate, standardised: 0.5 is chance, 1 is perfect.

    McClish 1989, "Analyzing a Portion of the ROC Curve", as scikit-learn's roc_auc_score(max_fpr=...).
    """
    fp, tp = counts.false_positives, counts.true_positives
    area = _area_up_to(fp, tp, fpr_limit * counts.negatives)
    share = _defined(counts, area, counts.positives * 1.0 * counts.negatives)
    least = fpr_limit**2 / 2
    return (1 + (share - least) / (fpr_limit - least)) / 2


def fpr_at_tpr(counts: Counts, tpr: float) -> FloatArray:
    """The lowest false positive rate among thresholds with at least this true positive rate."""
    enough = counts.true_positives >= (tpr * counts.positives - NEARLY)[..., None]
    first = np.where(enough, counts.false_positives, np.inf).min(axis=-1, initial=np.inf)
    return _defined(counts, first, counts.negatives)


def tpr_at_fpr(counts: Counts, fpr: float) -> FloatArray:
    """The highest true positive rate among thresholds with at most this false positive rate."""
    allowed = counts.false_positives <= (fpr * counts.negatives + NEARLY)[..., None]
    return _defined(counts, np.where(allowed, counts.true_positives, 0).max(axis=-1, initial=0), counts.positives)


def precision(counts: Counts) -> NDArray[np.float64]:
    """True positives / predicted defective at each threshold (..., T); 0 if nothing is predicted."""
    return counts.true_positives / np.maximum(counts.true_positives + counts.false_positives, 1)


def area_of_precision_steps(counts: Counts) -> FloatArray:
    """Average precision: sum of (R_n - R_n-1) P_n, without interpolation."""
    steps = np.einsum("...t,...t->...", _gained(counts.true_positives), precision(counts))
    return _defined(counts, steps, counts.positives)


def f1(counts: Counts) -> NDArray[np.float64]:
    """F1 at each threshold (..., T)."""
    total = counts.true_positives + counts.false_positives + counts.positives[..., None]
    return 2 * counts.true_positives / np.maximum(total, 1)


def largest_f1(counts: Counts) -> FloatArray:
    """The largest F1 over all thresholds."""
    return _defined(counts, f1(counts).max(axis=-1, initial=0), 1)


def best_f1(counts: Counts) -> Best:
    """The largest F1 over all thresholds and its threshold; both NaN with one class only."""
    if not (counts.positives and counts.negatives):
        return Best(np.nan, np.nan)
    values = f1(counts)
    at = int(np.argmax(values))
    return Best(float(values[at]), float(counts.thresholds[at]))


def reached_at(counts: Counts, threshold: float) -> tuple[NDArray[Any], NDArray[Any]]:
    """True and false positives (...) at a threshold; NaN at a NaN threshold.

    Exact if the counts are exact at the threshold, see `scale_of`.
    """
    reached, known = int(np.count_nonzero(counts.thresholds >= threshold)), np.nan if np.isnan(threshold) else 1.0
    found = counts.true_positives[..., reached - 1] if reached else counts.positives * 0
    wrong = counts.false_positives[..., reached - 1] if reached else counts.positives * 0
    return found * known, wrong * known


def iou_of(counts: Counts, found: NDArray[Any], wrong: NDArray[Any]) -> FloatArray:
    """Intersection over union from true and false positives, (...) each."""
    return _defined(counts, found * 1.0, counts.positives + wrong)


def f1_of(counts: Counts, found: NDArray[Any], wrong: NDArray[Any]) -> FloatArray:
    """F1 from true and false positives, (...) each."""
    return _defined(counts, 2.0 * found, found + wrong + counts.positives)


def per_region_overlap(counts: Counts) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """FPR, mean per-region overlap and thresholds, each (T + 1,), from the origin (0, 0, inf) to (1, 1, lowest)."""
    fpr = np.concatenate([[0], counts.false_positives]) / counts.negatives
    return fpr, np.concatenate([[0], counts.weighted_recall]), np.concatenate([[np.inf], counts.thresholds])


def area_under_pro(counts: Counts, fpr_limit: float) -> FloatArray:
    """Area under the per-region-overlap curve up to the limit, divided by it."""
    refuse_fpr_limit(fpr_limit)
    area = _area_up_to(counts.false_positives, counts.weighted_recall, fpr_limit * counts.negatives)
    return _defined(counts, area, fpr_limit * counts.negatives)


def refuse_fpr_limit(fpr_limit: float) -> None:
    """ValueError unless the limit is in (0, 1]."""
    if not 0 < fpr_limit <= 1:
        raise ValueError(f"fpr_limit must be in (0, 1], got {fpr_limit!r}")


def steps_along(coordinates: list[NDArray[np.float64]], count: int) -> NDArray[np.int64]:
    """The step, of at most `count` + 1 equal steps along a curve, that each of its points (T,) falls into, ascending.

    coordinates: arrays (T,). Within a step no coordinate changes by more than the curve's length / count.
    """
    along = _along(coordinates)
    return np.floor(along * (count / along[-1])).astype(np.int64) if along[-1] > 0 else np.zeros(len(along), np.int64)


def thin(coordinates: list[NDArray[np.float64]], limit: int = 2000) -> NDArray[np.intp]:
    """Indices of at most `limit` points spread evenly along a curve, including its ends.

    coordinates: arrays (T,) that are drawn. Between two kept points that were not adjacent, the coordinates together
    change by at most one step, about the curve's length / limit.
    """
    total = len(coordinates[0])
    if total <= limit:
        return np.arange(total)
    along = _along(coordinates).tolist()
    low, high = 0.0, 3 * along[-1] / (limit - 1)  # never over the limit at high: two gaps in a row always exceed it
    for _ in range(12):
        middle = (low + high) / 2
        low, high = (low, middle) if len(_walk(along, middle, limit)) <= limit else (middle, high)
    return _walk(along, high, limit)


def _walk(along: list[float], step: float, limit: int) -> NDArray[np.intp]:
    """From the first point, always the furthest one within a step, or the next; gives up beyond the limit."""
    kept, here = [0], 0
    while here < len(along) - 1 and len(kept) <= limit:
        here = max(here + 1, bisect_right(along, along[here] + step, here) - 1)
        kept.append(here)
    return np.array(kept)


def _along(coordinates: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    return np.concatenate([[0.0], np.cumsum(np.max([np.abs(np.diff(axis)) for axis in coordinates], axis=0))])


def _gained(cumulative: NDArray[Any]) -> NDArray[Any]:
    """The increment at each threshold (..., T)."""
    gained = cumulative.copy()
    gained[..., 1:] -= cumulative[..., :-1]
    return gained


def _area_up_to(x: NDArray[Any], y: NDArray[Any], limit: FloatArray) -> FloatArray:
    """Area under the line from the origin through the points x, y (..., T) up to x = limit (...); x never falls."""
    dx, dy = _gained(x), _gained(y)
    width = np.clip(np.asarray(limit)[..., None] - (x - dx), 0, dx)
    share = width / np.maximum(dx, NEARLY)
    return np.einsum("...t,...t->...", width, y - dy * (1 - share / 2))


def _defined(counts: Counts, part: FloatArray, whole: FloatArray | float) -> FloatArray:
    """part / whole, NaN with one class only."""
    both = (counts.positives > 0) & (counts.negatives > 0)
    return np.where(both, part, np.nan) / np.where(both, whole, 1)
