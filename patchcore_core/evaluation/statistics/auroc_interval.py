"""The confidence interval of image AUROC, also where every defective image scores above every good one."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from patchcore_core.evaluation.statistics.bootstrap import LEVEL, NO_INTERVAL, Interval
from patchcore_core.evaluation.statistics.differences import placements, variance_of_mean

HALVINGS = 60  # of the bracket of an end: to the last bit of float64


def auroc_interval(labels: ArrayLike, scores: ArrayLike) -> Interval:
    """95 % interval of AUROC, labels (N,) 0 or 1, scores (N,); NaN with fewer than two images of a class."""
    (good,), (defective,) = placements(labels, [scores])
    if min(len(good), len(defective)) < 2:
        return NO_INTERVAL
    error = variance_of_mean(good) + variance_of_mean(defective)
    low, high = interval_ends(np.array([defective.mean()]), np.array([error]), len(good), len(defective))
    return float(low[0]), float(high[0])


def interval_ends(
    area: NDArray[np.float64], error: NDArray[np.float64], good: int, defective: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lower and upper ends (R,) for R values of AUROC (R,) with DeLong's variance of each (R,).

    The ends are the t with |AUROC - t| = z sqrt(V(t)), so that the interval has a width at 0 and 1 too, where the
    bootstrap's and DeLong's have none. V is the larger of two variances: that of Newcombe 2006 (Statistics in Medicine
    25, 559), method 5, with max(m, n) where he has (m + n) / 2 for m good and n defective images, and DeLong's, which
    scales as t (1 - t). Simulated (2000 draws each; AUROC .9, .99, .999; 10 to 1000 images a class; seven shapes of
    scores) it covers at least 93 % in all of 189 cases but one, which has 91 %: there .2 % of the 100 images of the
    smaller class score as the other class does. Method 5 as published falls to 83 % for classes of unlike size or
    spread.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = np.where(error > 0, error / (area * (1 - area)), 0.0)
    squared_z = float(ndtri((1 + LEVEL) / 2)) ** 2

    def end(outside: float) -> NDArray[np.float64]:
        near, far = area, np.full(len(area), outside)
        for _ in range(HALVINGS):
            middle = (near + far) / 2
            inside = (area - middle) ** 2 <= squared_z * _variance(middle, good, defective, spread)
            near, far = np.where(inside, middle, near), np.where(inside, far, middle)
        return near

    return end(0.0), end(1.0)


def _variance(
    area: NDArray[np.float64], good: int, defective: int, spread: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Of the AUROC at true areas t (R,): DeLong's is spread t (1 - t)."""
    larger = max(good, defective)
    newcombe = (1 + (larger - 1) * ((1 - area) / (2 - area) + area / (1 + area))) / (good * defective)
    return np.maximum(newcombe, spread) * area * (1 - area)
