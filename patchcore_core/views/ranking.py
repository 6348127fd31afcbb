"""A run's test images for review: outcomes at a threshold, and orders.

The table is `RunStore.images`: columns `path`, `label` (1 defective, 0 good, -1 unknown), `defect_type`,
`image_score`. Nothing here changes the table it is given.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from patchcore_core.evaluation.thresholds.decision import outcomes

OUTCOMES: dict[str, str] = {
    "TP": "true positive",
    "FN": "missed defect (FN)",
    "FP": "false alarm (FP)",
    "TN": "true negative",
    "?": "unknown",
}
ORDERS: dict[str, tuple[str, bool]] = {  # words -> column, ascending
    "highest score first": ("image_score", False),
    "lowest score first": ("image_score", True),
    "closest to the threshold first": ("distance", True),
    "most wrong first": ("wrongness", False),
    "by name": ("path", True),
}


@dataclass(frozen=True)
class Scale:
    """Range and step of a threshold control; low <= every score < high. `digits`: decimals that show a step."""

    low: float
    high: float
    step: float
    digits: int


def with_outcomes(images: pd.DataFrame, threshold: float) -> pd.DataFrame:
    """The table with `outcome` (TP, FN, FP, TN or ?), `margin` (score - threshold), `distance` (its absolute value) and
    `wrongness`, the distance of a wrong image from the threshold (negative for correct ones, NaN for unknown)."""
    labels, scores = images["label"].to_numpy(), images["image_score"].to_numpy()
    margin = scores - threshold
    wrong = np.select([labels == 1, labels == 0], [-margin, margin], np.nan)
    return images.assign(outcome=outcomes(labels, scores, threshold), margin=margin, distance=np.abs(margin),
                         wrongness=wrong)


def threshold_scale(values: np.ndarray) -> Scale:
    """A round range around the finite values, with a round step of about 1/500 of it."""
    known = values[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    if high - low <= 1e-9 * max(abs(low), abs(high)):  # equal up to rounding
        low, high = low - 0.5, high + 0.5
    raw = (high - low) / 500
    power = 10.0 ** np.floor(np.log10(raw))
    step = float(power * next(factor for factor in (1, 2, 5, 10) if factor * power >= raw * (1 - 1e-9)))
    digits = max(0, -int(np.floor(np.log10(step))))
    bottom, top = round(float(np.floor(low / step)) * step, digits), round(float(np.floor(high / step)) * step, digits)
    while top <= high:
        top = round(top + step, digits)
    return Scale(low=min(bottom, low), high=top, step=step, digits=digits)


def neighbours(order: list[int], current: int) -> tuple[int | None, int | None]:
    """The rows before and after `current` in the order; if it is not in it, None and the first."""
    if current not in order:
        return None, order[0] if order else None
    place = order.index(current)
    return order[place - 1] if place else None, order[place + 1] if place + 1 < len(order) else None
