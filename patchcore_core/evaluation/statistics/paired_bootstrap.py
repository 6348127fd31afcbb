"""Whether two runs differ in a figure, from their figures for the same resamples of the test images."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from patchcore_core.evaluation.statistics.differences import LEVEL, NO_SPREAD, PairedTest

SAME_FIGURE = "both runs have the same figure for every resample of the images"
NO_FIGURE = "the figure is undefined for one of the runs"
TOO_FEW_RESAMPLES = "the figure is defined for too few resamples of the images"
LEAST = 100  # resamples


def bootstrap_test(first: float, second: float, of_first: ArrayLike, of_second: ArrayLike) -> PairedTest:
    """The difference of two runs' figures on the same images, `second` - `first`.

    of_first, of_second (R,): the figures for the same R resamples. The standard error is the standard deviation of
    their R differences; interval and p value are those of a normal distribution (Efron and Tibshirani 1993, section
    13.3), since R resamples themselves give no p value below 2 / R, which a correction for many runs needs.
    """
    one, other = np.asarray(of_first, np.float64), np.asarray(of_second, np.float64)
    if one.shape != other.shape or one.ndim != 1:
        raise ValueError(f"expected the same resamples (R,) of both runs, got {one.shape} and {other.shape}")
    difference = second - first
    if math.isnan(difference):
        return _untested(first, second, NO_FIGURE)
    apart = (other - one)[np.isfinite(other - one)]
    if len(apart) < LEAST:
        return _untested(first, second, TOO_FEW_RESAMPLES)
    if (apart == apart[0]).all():
        return _untested(first, second, NO_SPREAD if difference else SAME_FIGURE)
    error = float(apart.std(ddof=1))
    reach = float(ndtri((1 + LEVEL) / 2)) * error
    return PairedTest(first, second, difference, max(-1.0, difference - reach), min(1.0, difference + reach),
                      float(2 * ndtr(-abs(difference) / error)))  # fmt: skip


def _untested(first: float, second: float, reason: str) -> PairedTest:
    return PairedTest(first, second, second - first, math.nan, math.nan, math.nan, reason)
