"""Curves over thresholds for drawing, from the counts that a run stores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


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


def run_curves(stored: Mapping[str, np.ndarray]) -> dict[str, Curve]:
    """The curves of a run from its `curves.npz`; an undefined one (a class is missing) has no points.

    Names: `image_roc`, `image_precision_recall`, `pixel_roc`, `pixel_precision_recall`, `pro`.
    """
    pro_parts = [stored.get(f"pro_{part}", np.zeros(0)) for part in ("fpr", "overlap", "thresholds")]
    return {**_level_curves(stored, "image"), **_level_curves(stored, "pixel"), "pro": Curve(*pro_parts)}


def _level_curves(stored: Mapping[str, np.ndarray], level: str) -> dict[str, Curve]:
    positives, negatives = (float(stored.get(f"{level}_{part}", 0)) for part in ("positives", "negatives"))
    if not (positives and negatives):
        return {f"{level}_roc": EMPTY, f"{level}_precision_recall": EMPTY}
    thresholds, tp, fp = (stored[f"{level}_{part}"] for part in ("thresholds", "tp", "fp"))
    return {
        f"{level}_roc": roc_curve(thresholds, tp / positives, fp / negatives),
        f"{level}_precision_recall": Curve(tp / positives, tp / (tp + fp), thresholds),
    }


def roc_curve(thresholds: np.ndarray, true_rate: np.ndarray, false_rate: np.ndarray) -> Curve:
    """ROC from the rates at each threshold, starting at the origin."""
    return Curve(np.append(0.0, false_rate), np.append(0.0, true_rate), np.append(np.inf, thresholds))
