"""Curves over thresholds for drawing, from the counts that a run stores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from patchcore_core.evaluation.curve_points import Curves, LevelCounts


@dataclass(frozen=True)
class Curve:
    """A curve over thresholds: x, y (T,) in [0, 1] and thresholds (T,) descending.

    Point i belongs to predicting scores >= thresholds[i] defective; a first threshold of infinity predicts nothing.
    """

    x: np.ndarray
    y: np.ndarray
    thresholds: np.ndarray

    def at(self, threshold: float | None) -> tuple[float, float] | None:
        """The point of this threshold; None without a threshold, or if there is no point (precision without
        predictions)."""
        if threshold is None or np.isnan(threshold):
            return None
        index = int(np.searchsorted(-self.thresholds, -threshold, side="right")) - 1
        return (float(self.x[index]), float(self.y[index])) if index >= 0 else None


EMPTY = Curve(np.zeros(0), np.zeros(0), np.zeros(0))


def run_curves(stored: Curves) -> dict[str, Curve]:
    """The curves of a run; an undefined one (a class is missing) has no points.

    Names: `image_roc`, `image_precision_recall`, `pixel_roc`, `pixel_precision_recall`, `pro`.
    """
    pro = Curve(stored.pro.fpr, stored.pro.overlap, stored.pro.thresholds)
    return {**_level_curves(stored.image, "image"), **_level_curves(stored.pixel, "pixel"), "pro": pro}


def _level_curves(stored: LevelCounts, level: str) -> dict[str, Curve]:
    if not (stored.positives and stored.negatives):
        return {f"{level}_roc": EMPTY, f"{level}_precision_recall": EMPTY}
    recall, fpr = stored.tp / stored.positives, stored.fp / stored.negatives
    predicted = stored.tp + stored.fp
    precision = np.divide(stored.tp, predicted, out=np.full(len(predicted), np.nan), where=predicted > 0)
    return {
        f"{level}_roc": roc_curve(stored.thresholds, recall, fpr),
        f"{level}_precision_recall": Curve(recall, precision, stored.thresholds),
    }


def roc_curve(thresholds: np.ndarray, true_rate: np.ndarray, false_rate: np.ndarray) -> Curve:
    """ROC from the rates at each threshold, starting at the origin."""
    return Curve(np.append(0.0, false_rate), np.append(0.0, true_rate), np.append(np.inf, thresholds))
