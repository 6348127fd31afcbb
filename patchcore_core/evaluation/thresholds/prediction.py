"""The prediction for one image: its score against a threshold and against the good test images."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Prediction:
    """One score compared with a threshold and with the good test images of the run."""

    score: float
    threshold: float  # NaN: none, no prediction
    defective: bool | None  # score >= threshold; None without a threshold
    margin: float  # score / threshold - 1: +0.12 is 12 % above; NaN without a positive threshold
    above_good: float  # share of the good test images that score lower, in [0, 1]; NaN when there are none


def predict(score: float, threshold: float | None, good_scores: np.ndarray) -> Prediction:
    """The prediction for one image score; `good_scores` (N,) are those of the run's good test images."""
    limit = math.nan if threshold is None else threshold
    above_good = float((good_scores < score).mean()) if len(good_scores) else math.nan
    margin = score / limit - 1 if limit > 0 else math.nan
    return Prediction(score, limit, None if math.isnan(limit) else score >= limit, margin, above_good)
