"""Predictions at a threshold: defective = score >= threshold, compared in float64 for any type of scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from patchcore_core.evaluation.counts import INFINITE, as_labels, at_or_above
from patchcore_core.evaluation.values import Level

OUTCOMES = np.array([["TN", "FP"], ["FN", "TP"]])  # [label, predicted]
DEFAULT_RULES: dict[Level, tuple[str, ...]] = {  # from set without test images to set with all labels
    "image": ("heldout_p99", "good_p99", "f1_max"),
    "pixel": ("pixel_heldout_p999", "pixel_good_p999", "pixel_f1_max"),
}


@dataclass(frozen=True)
class Confusion:
    """Counts of correct and wrong predictions; ratios with denominator 0 are NaN."""

    tp: int
    fp: int
    fn: int
    tn: int

    @property
    def precision(self) -> float:
        """Fraction of the predicted defective that are defective."""
        return _ratio(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> float:
        """Fraction of the defective that are predicted defective."""
        return _ratio(self.tp, self.tp + self.fn)

    @property
    def false_positive_rate(self) -> float:
        """Fraction of the good that are predicted defective."""
        return _ratio(self.fp, self.fp + self.tn)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return _ratio(2 * self.tp, 2 * self.tp + self.fp + self.fn)

    @property
    def iou(self) -> float:
        """Intersection over union of the predicted and the true defects."""
        return _ratio(self.tp, self.tp + self.fp + self.fn)


def default_rule(thresholds: Mapping[str, float], level: Level = "image") -> str | None:
    """The name of a run's default threshold, used everywhere.

    The percentile of held-out good images, else of good test images, else F1-max, else None: no prediction.
    """
    return next((name for name in DEFAULT_RULES[level] if np.isfinite(thresholds.get(name, np.nan))), None)


def predicted(scores: ArrayLike, threshold: float) -> NDArray[np.bool_]:
    """True where score >= threshold, same shape as scores; nothing is predicted at a NaN threshold or score."""
    values = np.asarray(scores)
    if values.dtype == np.float16 and threshold > 0:
        bits = values.view(np.uint16)
        if bits.max(initial=0) < INFINITE:  # without a sign they have the order of the scores, and compare faster
            with np.errstate(over="ignore"):
                return np.greater_equal(bits, at_or_above(threshold, values.dtype).view(np.uint16))
    return np.greater_equal(values, np.float64(threshold))


def confusion(labels: ArrayLike, scores: ArrayLike, threshold: float) -> Confusion:
    """Confusion counts of images, labels (N,) 0 or 1; images of unknown label, -1, are left out."""
    label, score = _same_shape(labels, scores)
    known = label != -1
    return segmentation(label[known], score[known], threshold)


def segmentation(masks: ArrayLike, maps: ArrayLike, threshold: float) -> Confusion:
    """Confusion counts of pixels, masks and maps of one shape: those of the segmentation."""
    mask, score = _same_shape(masks, maps)
    truth, found = as_labels(mask), predicted(score, threshold)
    tp = int(np.count_nonzero(truth & found))
    fp, fn = int(np.count_nonzero(found)) - tp, int(np.count_nonzero(truth)) - tp
    return Confusion(tp, fp, fn, truth.size - tp - fp - fn)


def outcomes(labels: ArrayLike, scores: ArrayLike, threshold: float) -> NDArray[np.str_]:
    """"TP", "FP", "FN" or "TN" for each image (N,), "?" where the label is -1."""
    label, score = _same_shape(labels, scores)
    known = label != -1
    result = np.full(label.shape, "?", dtype="<U2")
    result[known] = OUTCOMES[as_labels(label[known]).astype(int), predicted(score[known], threshold).astype(int)]
    return result


def recall_per_defect(
    defect_types: Sequence[str], labels: ArrayLike, scores: ArrayLike, threshold: float
) -> dict[str, tuple[int, int]]:
    """Defect type -> (found, total) over the defective images, types in alphabetical order."""
    result, types = outcomes(labels, scores, threshold), np.asarray(defect_types, dtype=object)
    if types.shape != result.shape:
        raise ValueError(f"defect types and labels must have one shape, got {types.shape} and {result.shape}")
    found, missed = types[result == "TP"].tolist(), types[result == "FN"].tolist()
    return {name: (found.count(name), found.count(name) + missed.count(name)) for name in sorted({*found, *missed})}


def _same_shape(labels: ArrayLike, scores: ArrayLike) -> tuple[NDArray, NDArray]:
    label, score = np.asarray(labels), np.asarray(scores)
    if label.shape != score.shape:
        raise ValueError(f"labels and scores must have one shape, got {label.shape} and {score.shape}")
    return label, score


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
