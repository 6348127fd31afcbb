"""How many of a number of parts, with the uncertainty of few."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from patchcore_core.evaluation.statistics.proportions import wilson_interval

HUNDRED, THOUSAND = 100, 1000
FEW = 30  # parts below which a sentence warns


@dataclass(frozen=True)
class Rate:
    """`count` of `total` tested parts; the ends of its 95 % interval (Wilson 1927) are NaN where none was tested."""

    count: int
    total: int

    @property
    def known(self) -> bool:
        """Whether any part was tested."""
        return self.total > 0

    @property
    def share(self) -> float:
        """The measured fraction, NaN where nothing was tested."""
        return self.count / self.total if self.known else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the fraction."""
        return wilson_interval(self.count, self.total)

    def per(self, base: int) -> int:
        """The number of `base` parts, rounded; 0 and all of them only where that was measured."""
        nearest = math.floor(self.share * base + 0.5)
        return min(max(nearest, 1 if self.count else 0), base - 1 if self.count < self.total else base)

    def exact(self, base: int) -> bool:
        """Whether `per` needed no rounding."""
        return self.count * base == self.per(base) * self.total

    def at_least(self, base: int) -> int:
        """The low end of the interval as a number of `base` parts, rounded down."""
        return math.floor(self.interval[0] * base + 1e-9)

    def at_most(self, base: int) -> int:
        """The high end, rounded up."""
        return math.ceil(self.interval[1] * base - 1e-9)


@dataclass(frozen=True)
class Measured:
    """What a run does with its labelled test images at its thresholds in use.

    found: of the defective ones those that are called NG; stopped: of the good ones. by_type: `found` per defect type,
    the least found first. checked_defective, checked_good: those of the review zone, which a person decides.
    unlabelled: images without a label, which count nowhere. `decides`: whether there is a threshold at all.
    """

    found: Rate
    stopped: Rate
    by_type: tuple[tuple[str, Rate], ...]
    checked_defective: Rate
    checked_good: Rate
    unlabelled: int
    decides: bool

    @property
    def zone(self) -> bool:
        """Whether any part goes to a person."""
        return self.checked_defective.count + self.checked_good.count > 0


def measured(
    labels: ArrayLike, kinds: Sequence[str], scores: ArrayLike, threshold: float, review_from: float | None = None
) -> Measured:
    """Count N images: labels (N,) 0 good, 1 defective, -1 unknown; kinds (N,) defect types; scores (N,).

    NG: score >= threshold; review: from `review_from` up to below it. A NaN threshold decides nothing.
    """
    label, kind = np.asarray(labels), np.asarray(kinds, dtype=object)
    score = np.asarray(scores, dtype=np.float64)
    if not label.shape == kind.shape == score.shape:
        raise ValueError(f"expected columns of one length, got {label.shape}, {kind.shape} and {score.shape}")
    ng = score >= threshold
    checked = np.zeros(len(ng), bool) if review_from is None else (score >= review_from) & (score < threshold)

    def rate(chosen: np.ndarray, among: np.ndarray) -> Rate:
        return Rate(int(np.count_nonzero(chosen & among)), int(np.count_nonzero(among)))

    bad, good = label == 1, label == 0
    types = [(str(name), rate(ng, bad & (kind == name))) for name in sorted(set(kind[bad].tolist()))]
    types.sort(key=lambda one: (one[1].share, -one[1].total))
    return Measured(rate(ng, bad), rate(ng, good), tuple(types), rate(checked, bad), rate(checked, good),
                    int(np.count_nonzero(label == -1)), not math.isnan(threshold))
