"""Significance of differences between runs: paired tests, many runs at once, repeated seeds.

Undefined is NaN with a reason. A difference is always the second run's value minus the first's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from patchcore_core.evaluation.counts import as_labels, as_scores

FloatArray = NDArray[np.float64]
LEVEL = 0.95  # of intervals; 1 - LEVEL is the level of the critical difference
TOO_FEW = "DeLong's test needs at least two good and two defective images"
SAME_RANKING = "both runs rank the images in the same way"
NO_SPREAD = "the images give no measure of the error, since each of them shows the same"


@dataclass(frozen=True)
class PairedTest:
    """Two runs on the same images: their values, second - first with its interval, and the two-sided p value."""

    first: float
    second: float
    difference: float
    low: float
    high: float
    p_value: float
    reason: str | None = None


@dataclass(frozen=True)
class Ranking:
    """R runs ranked over C categories (Friedman), with the critical difference (Nemenyi).

    ranks (R,): the average rank, 1 = best. `critical_difference`: least significant difference between two average
    ranks at 5 %. `categories`: number of categories that every run has.
    """

    ranks: tuple[float, ...]
    p_value: float
    critical_difference: float
    categories: int
    reason: str | None = None

    @property
    def significant(self) -> bool:
        """Whether the runs differ significantly at 5 % (Friedman)."""
        return self.p_value < 0.05


@dataclass(frozen=True)
class Spread:
    """Mean and standard deviation (n - 1 in the denominator) of n repeated runs; NaN with a reason if undefined."""

    mean: float
    sd: float
    n: int
    reason: str | None = None


def delong_test(labels: ArrayLike, first: ArrayLike, second: ArrayLike) -> PairedTest:
    """DeLong's test of two runs' AUROC on the same images: labels (N,) 0 or 1, scores (N,) of each run.

    O(N log N) (DeLong, DeLong and Clarke-Pearson 1988; Sun and Xu 2014). No p value if both runs rank the images
    identically, if a class has fewer than two images, or if every image shows the same difference, as when one run is
    perfect and the other constant.
    """
    good, defective = placements(labels, [first, second])
    one, other = _mean(defective[0]), _mean(defective[1])
    if min(good.shape[1], defective.shape[1]) < 2:
        return _untested(one, other, _why_too_few(good, defective))
    apart_good, apart_defective = good[1] - good[0], defective[1] - defective[0]
    error = math.sqrt(variance_of_mean(apart_good) + variance_of_mean(apart_defective))
    if error == 0:
        return _untested(one, other, NO_SPREAD if apart_good.any() else SAME_RANKING)
    difference = _mean(apart_defective)
    reach = float(ndtri((1 + LEVEL) / 2)) * error
    low, high = max(-1.0, difference - reach), min(1.0, difference + reach)
    return PairedTest(one, other, difference, low, high, float(2 * ndtr(-abs(difference) / error)))


def holm(p_values: ArrayLike) -> FloatArray:
    """p values (T,) corrected for T tests (Holm 1979), in their order; NaN stays NaN and is not counted."""
    given = np.asarray(p_values, dtype=np.float64)
    corrected = np.full(given.shape, np.nan)
    defined = np.flatnonzero(~np.isnan(given))
    order = defined[np.argsort(given[defined], kind="stable")]
    factors = np.arange(len(order), 0, -1)
    corrected[order] = np.minimum(1.0, np.maximum.accumulate(given[order] * factors))
    return corrected


def rank_runs(values: ArrayLike, higher_is_better: bool = True) -> Ranking:
    """Friedman's test and Nemenyi's critical difference over categories: values (C, R) of R runs (Demsar 2006).

    Categories without a value for some run are left out. Ties share their mean rank, and Friedman's statistic is
    corrected for them. Needs at least three runs and two categories; approximate for few categories.
    """
    from scipy.stats import friedmanchisquare, studentized_range  # slow to load, and only this needs it

    table = np.asarray(values, dtype=np.float64)
    if table.ndim != 2:
        raise ValueError(f"values must be (categories, runs), got {table.shape}")
    table = table[np.isfinite(table).all(axis=1)]
    categories, runs = table.shape
    ranks = _mean_ranks(-table if higher_is_better else table)  # (R,)
    reason = _why_no_ranking(table)
    if reason is not None:
        return Ranking(tuple(ranks.tolist()), math.nan, math.nan, categories, reason)
    _, p_value = friedmanchisquare(*table.T)
    unit = math.sqrt(runs * (runs + 1) / (6 * categories))
    critical = float(studentized_range.ppf(LEVEL, runs, np.inf)) / math.sqrt(2) * unit
    return Ranking(tuple(ranks.tolist()), float(p_value), critical, categories)


def spread(values: ArrayLike) -> Spread:
    """Mean ± sd of one figure over repeated runs (n,), without NaN."""
    given = np.asarray(values, dtype=np.float64)
    given = given[np.isfinite(given)]
    if len(given) < 2:
        mean, reason = (float(given[0]), "one run has no spread") if len(given) else (math.nan, "no run has a value")
        return Spread(mean, math.nan, len(given), reason)
    return Spread(float(given.mean()), float(given.std(ddof=1)), len(given))


def repeats(identities: Sequence[dict[str, object]]) -> list[tuple[int, ...]]:
    """Groups of repeated runs: those with the same identity except for the `seed`.

    Returns the indices of the runs of each group, in order of first appearance; a run without repeats is its own group.
    """
    groups: dict[str, list[int]] = {}
    for place, identity in enumerate(identities):
        rest = repr(sorted((name, repr(value)) for name, value in identity.items() if name != "seed"))
        groups.setdefault(rest, []).append(place)
    return [tuple(places) for places in groups.values()]


def placements(labels: ArrayLike, scores: Sequence[ArrayLike]) -> tuple[FloatArray, FloatArray]:
    """For each run and image, the fraction of the other class on the correct side of it, ties half.

    Returns those of the good (R, n) and of the defective (R, m): V01 and V10 of DeLong. The counts behind them are Sun
    and Xu's differences of midranks, found by looking each class up in the other, sorted.
    """
    label = as_labels(labels)
    good, defective = [], []
    for given in scores:
        score = as_scores(given)
        if score.shape != label.shape or label.ndim != 1:
            raise ValueError(f"labels and scores must be (N,) both, got {label.shape} and {score.shape}")
        if not np.isfinite(score).all():
            raise ValueError("scores must be finite, got NaN or infinity")
        low, high = np.sort(score[~label]), np.sort(score[label])
        good.append(1 - _share_below(high, score[~label]))
        defective.append(_share_below(low, score[label]))
    return np.array(good), np.array(defective)


def _share_below(ordered: NDArray[np.floating], values: NDArray[np.floating]) -> FloatArray:
    """Fraction of `ordered` below each value, equal ones counted half; NaN if it is empty."""
    if not len(ordered):
        return np.full(len(values), np.nan)
    twice = np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right")
    return twice / (2 * len(ordered))


def variance_of_mean(values: FloatArray) -> float:
    """Sample variance / n of values (n,), exactly 0 if all of them are equal."""
    return 0.0 if (values == values[0]).all() else float(values.var(ddof=1)) / len(values)


def _mean(values: FloatArray) -> float:
    return float(values.mean()) if len(values) else math.nan


def _why_too_few(good: FloatArray, defective: FloatArray) -> str:
    for name, rows in (("good", good), ("defective", defective)):
        if not rows.shape[1]:
            return f"there is no {name} image"
    return TOO_FEW


def _untested(first: float, second: float, reason: str) -> PairedTest:
    return PairedTest(first, second, second - first, math.nan, math.nan, math.nan, reason)


def _mean_ranks(table: FloatArray) -> FloatArray:
    """Average over the rows of the rank within each row, 1 = lowest, ties sharing their mean rank: (R,)."""
    below = (table[:, None, :] < table[:, :, None]).sum(axis=2)
    equal = (table[:, None, :] == table[:, :, None]).sum(axis=2)
    return (below + (equal + 1) / 2).mean(axis=0) if len(table) else np.full(table.shape[1], np.nan)


def _why_no_ranking(table: FloatArray) -> str | None:
    categories, runs = table.shape
    if runs < 3:
        return "ranking over categories needs at least three runs; compare two by a paired test"
    if categories < 2:
        return "ranking needs at least two categories in which every run has a value"
    if (table == table[:, :1]).all():
        return "all runs have the same value in every category"
    return None
