"""The paired test of two runs on the same images, for each figure that has one."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from patchcore_core.evaluation.statistics.differences import PairedTest, delong_test
from patchcore_core.evaluation.statistics.paired_bootstrap import bootstrap_test

OTHER_IMAGES = "they were tested on other images"
NOT_KEPT = "a run made before runs kept figures of resampled images has no test of this figure"
OTHER_FIGURE = "the figure that a run recorded is not that of its scores"
CLOSE = 1e-4  # rounding, of figures recorded with few digits
NO_SCORE = "some images have no score"
NO_TEST = "there is no paired test of this figure"


@dataclass(frozen=True, eq=False)
class RunImages:
    """What a run keeps of its N test images: their key (`images_key`), labels and scores (N,), and for one figure those
    of its resamples (R,) with the key that they were made for; None where there are none.

    has_others: whether the run keeps resamples of other figures.
    """

    key: str
    labels: NDArray
    scores: NDArray
    resampled: NDArray | None = None
    resampled_key: str = ""
    has_others: bool = False


def paired_test(name: str, values: tuple[float, float], first: RunImages, second: RunImages) -> PairedTest:
    """The figure `name`, of the values given, in two runs: DeLong's test for image AUROC, else the paired bootstrap.

    Without a p value where the runs lack what the test needs; the reason says so.
    """
    if first.key != second.key:
        return _untested(values, OTHER_IMAGES)
    if name == "image_auroc":
        known = first.labels >= 0
        if not (np.isfinite(first.scores[known]).all() and np.isfinite(second.scores[known]).all()):
            return _untested(values, NO_SCORE)
        found = delong_test(first.labels[known], first.scores[known], second.scores[known])
        same = np.allclose((found.first, found.second), values, atol=CLOSE, equal_nan=True)
        return found if same else _untested(values, OTHER_FIGURE)
    one, other = first.resampled, second.resampled
    if one is None or other is None:
        lacking = [run for run in (first, second) if run.resampled is None]
        return _untested(values, NO_TEST if all(run.has_others for run in lacking) else NOT_KEPT)
    if first.resampled_key != second.resampled_key or one.shape != other.shape:
        return _untested(values, OTHER_IMAGES)
    return bootstrap_test(*values, one, other)


def _untested(values: tuple[float, float], reason: str) -> PairedTest:
    return PairedTest(*values, values[1] - values[0], math.nan, math.nan, math.nan, reason)
