"""Threshold methods, each naming the data it was set on; predicted defective = score >= threshold.

The same functions set image and pixel thresholds. Methods that need good images only take `GoodScores`; those that
need defects take `Counts` of the test set and are oracles: they use its labels.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv, ndtr

from patchcore_core.evaluation.counts import Counts
from patchcore_core.evaluation.thresholds.costs import Costs, expected_cost
from patchcore_core.evaluation.values import Kind, Level, OperatingPoint, Rule

GoodSource = Literal["held-out", "test good"]
CONFIDENCE = 0.95  # of the bound on false alarms
STEP = 1.1  # by which a few images together can raise a capped threshold
KINDS = {"held-out": "held-out good images", "test good": "good test images"}


@dataclass(frozen=True)
class GoodScores:
    """Scores of good images, or of their pixels: scores (K,) ascending and distinct, numbers (K,) how often each.

    `images`: how many images they are of. `leave_one_out`: each was scored by a bank without its own rows; else the
    images were not trained on. `copies`: near-duplicates of these images were left out with them and are not counted.
    `odd`: scores of outliers, which are excluded from these.

    `capped`: quantiles are limited where a few images would determine them, see `capped_at`, for which pixels have
    `without`: their quantile at `without_share` without the 0, 1, 2, … images with the highest own quantile.
    """

    scores: NDArray[np.float64]
    numbers: NDArray[np.int64]
    images: int
    source: GoodSource
    level: Level = "image"
    leave_one_out: bool = False
    copies: bool = False
    odd: GoodScores | None = None
    capped: bool = False
    without: tuple[float, ...] = ()
    without_share: float = math.nan

    @classmethod
    def of(cls, scores: ArrayLike, source: GoodSource, leave_one_out: bool = False) -> GoodScores:
        """From the scores (n,) of n images; NaN, a score that could not be computed, is left out."""
        given = np.asarray(scores, dtype=np.float64).ravel()
        values, numbers = np.unique(given[~np.isnan(given)], return_counts=True)
        return cls(values, numbers, int(numbers.sum()), source, "image", leave_one_out)

    @classmethod
    def of_pixels(
        cls, scores: ArrayLike, numbers: ArrayLike, images: int, source: GoodSource, leave_one_out: bool = False
    ) -> GoodScores:
        """From a table of the pixels of good images: scores (K,) ascending and distinct, numbers (K,) of each."""
        values, often = np.asarray(scores, dtype=np.float64), np.asarray(numbers, dtype=np.int64)
        if values.shape != often.shape or (np.diff(values) <= 0).any():
            raise ValueError("the scores must be ascending and distinct, with one number each")
        return cls(values[often > 0], often[often > 0], images, source, "pixel", leave_one_out)

    def with_odd(self) -> GoodScores:
        """With the scores of the odd images among them."""
        if self.odd is None:
            return self
        scores = np.concatenate([self.scores, self.odd.scores])
        values, places = np.unique(scores, return_inverse=True)
        often = np.bincount(places, np.concatenate([self.numbers, self.odd.numbers])).astype(np.int64)
        without = (math.inf,) * self.odd.images + self.without  # outliers are the highest
        return replace(self, scores=values, numbers=often, images=self.images + self.odd.images, odd=None,
                       without=without)

    @property
    def total(self) -> int:
        """Number of scores."""
        return int(self.numbers.sum())

    def above(self, rank: int) -> float:
        """The least number above the score of this rank, 1 = the lowest."""
        score = self.scores[np.searchsorted(np.cumsum(self.numbers), rank)]
        return float(np.nextafter(score, np.inf))

    def lower(self, rank: int, share: float) -> NDArray[np.float64]:
        """The score of this rank, and what it would be without the 1, 2, … images with the highest, half of all at
        most; of pixels the first alone at other shares than `without_share`."""
        if self.level == "image":
            ranks = np.arange(rank, rank - rank // 2 - 1, -1)
            return self.scores[np.searchsorted(np.cumsum(self.numbers), np.maximum(ranks, 1))]
        first = self.scores[np.searchsorted(np.cumsum(self.numbers), rank)]
        return np.array([first, *self.without[1:]] if share == self.without_share else [first])

    def words(self) -> str:
        """Their description in a sentence: `20 held-out good images`."""
        kind = "good training images (leave-one-out scores)" if self.leave_one_out else KINDS[self.source]
        kind += ", near-duplicates left out" if self.copies else ""
        return f"{self.images} {kind}" if self.level == "image" else f"the pixels of {self.images} {kind}"


def capped_at(lower: NDArray[np.float64], images: int) -> float:
    """The least of STEP^⌈i / m⌉ lower[i], where lower[i] is a quantile without the i highest of `images` images.

    Whatever m further images score, they raise it by no more than a factor STEP: they are among the highest, so that
    lower[i] moves to lower[i + m]. A gap of less than STEP above the m + 1 images below changes nothing. m is 3, and a
    fourth part of fewer than 12 images, at least 1. For squared distances a tenth is a twentieth of the distance, so
    the cap applies more often.
    """
    together = min(max(images // 4, 1), 3)
    return float((STEP ** np.ceil(np.arange(len(lower)) / together) * lower).min())


def quantile(good: GoodScores, share: float = 0.99) -> OperatingPoint:
    """Just above the ceil(share (n + 1))-th lowest of n good scores, or above the highest where there are too few.

    A new good image of the same kind then scores at or above it with probability at most 1 - share, whatever the
    distribution, given n >= share / (1 - share); with fewer, with probability 1 / (n + 1). Above the r-th lowest the
    share of false alarms is distributed as Beta(n - r + 1, r) (Wilks 1941), which gives the bound. Neither holds for
    pixels, which are not independent: there it is the plain quantile.

    `capped` scores: see `capped_at`; the fractions of false alarms are then those above the highest score below the
    threshold, slightly too high.
    """
    _expect_share("share", share, 0 < share < 1)
    percent = f"{share * 100:.6g}"
    rule = Rule("quantile", good.source, good.level, share * 100)
    if not good.total:
        return _none(rule, f"there are no {KINDS[good.source]}")
    rank = quantile_rank(good.total, share)
    value, held_back = _capped(good, rank, share)
    if good.level == "pixel":
        below = percent if not held_back else f"{100 * good.numbers[good.scores < value].sum() / good.total:.4g}"
        sentence = (f"{below} % of {good.words()} score below it; set without defects.{held_back}"
                    f"{_without_odd(good, share)}")
        return _point(rule, value, sentence)
    rank = max(int(good.numbers[good.scores < value].sum()), 1) if held_back else rank
    expected = (good.total + 1 - rank) / (good.total + 1)
    bound = float(betaincinv(good.total + 1 - rank, rank, CONFIDENCE))
    sentence = (f"Above {rank} of {good.words()}: about {_percent(expected)} of new good images are false alarms, "
                f"with {_percent(CONFIDENCE)} confidence at most {_percent(bound)}.{held_back}")
    if images_needed(share) > good.total and not held_back:
        sentence += f" {percent} % needs {images_needed(share)} good images; the maximum is used."
    if good.leave_one_out:
        sentence += " Approximate, as the images share their bank."
    sentence += _without_odd(good, share)
    return _point(rule, value, sentence, expected, bound)


def quantile_rank(total: int, share: float) -> int:
    """The rank of the quantile among so many scores, 1 = the lowest: ceil(share (total + 1)), the highest at most."""
    return min(math.ceil(share * (total + 1) - 1e-9), total)


def _capped(good: GoodScores, rank: int, share: float) -> tuple[float, str]:
    """Just above the score of this rank, or the cap of `capped_at` with a sentence on it."""
    value, lower = good.above(rank), good.lower(rank, share)
    cap = capped_at(lower, good.images) if good.capped else math.inf
    if cap >= lower[0]:
        return value, ""
    held_back = f" Limited: a few images alone would set it to {value:.4g}."
    return float(np.nextafter(cap, np.inf)), held_back


def _without_odd(good: GoodScores, share: float) -> str:
    """A sentence on the quantile with the outliers."""
    if good.odd is None or not good.odd.images:
        return ""
    number, value = good.odd.images, quantile(good.with_odd(), share).value
    left = "1 odd training image is" if number == 1 else f"{number} odd training images are"
    return f" {left} left out; with {'it' if number == 1 else 'them'}: {value:.4g}."


def images_needed(share: float = 0.99) -> int:
    """The fewest good images of which a quantile is more than their highest score."""
    return math.ceil(share / (1 - share) - 1e-9)


def mean_plus_sd(good: GoodScores, k: float = 3.0) -> OperatingPoint:
    """Mean + k standard deviations (n - 1 in the denominator) of good scores: an extrapolation beyond what was seen.

    Were the scores normal, ndtr(-k) of the new good images would lie above it.
    """
    if not 0 <= k < math.inf:
        raise ValueError(f"k must be 0 or more, got {k!r}")
    rule = Rule("mean_sd", good.source, good.level, k)
    if good.total < 2:
        return _none(rule, f"a standard deviation needs two {KINDS[good.source]}")
    mean = float(np.average(good.scores, weights=good.numbers))
    squares = float(np.dot(good.numbers, (good.scores - mean) ** 2))
    value = mean + k * math.sqrt(squares / (good.total - 1))
    sentence = (f"Mean + {k:.6g} standard deviations of {good.words()}: an extrapolation with "
                f"{_percent(float(ndtr(-k)))} false alarms if the scores are normally distributed.")
    return _point(rule, value, sentence)


def fixed_fpr(good: GoodScores, limit: float = 0.01) -> OperatingPoint:
    """The lowest threshold with at most this fraction of false alarms among these good scores."""
    _expect_share("limit", limit, 0 <= limit <= 1)
    rule = Rule("fpr", good.source, good.level, limit * 100)
    if not good.total:
        return _none(rule, f"there are no {KINDS[good.source]}")
    allowed = math.floor(limit * good.total + 1e-9)
    value = good.above(good.total - allowed) if allowed < good.total else float(good.scores[0])
    sentence = f"Lowest threshold with at most {_percent(limit)} of {good.words()} as false alarms."
    return _point(rule, value, sentence)


def f1_max(counts: Counts, level: Level = "image") -> OperatingPoint:
    """The highest threshold with the largest F1 on the test set."""
    def f1(tp: NDArray, fp: NDArray) -> NDArray:
        return 2 * tp / np.maximum(tp + fp + counts.positives, 1)

    return _oracle("f1_max", counts, level, f1, "the best F1")


def youden(counts: Counts, level: Level = "image") -> OperatingPoint:
    """The highest threshold with the largest TPR - FPR on the test set (Youden 1950)."""
    def index(tp: NDArray, fp: NDArray) -> NDArray:
        return tp * counts.negatives - fp * counts.positives  # integers, so ties are exact

    return _oracle("youden", counts, level, index, "the largest recall minus false positive rate")


def cost_weighted(counts: Counts, costs: Costs, level: Level = "image") -> OperatingPoint:
    """The highest threshold with the least expected cost per part, as estimated on the test set."""
    def saved(tp: NDArray, fp: NDArray) -> NDArray:
        return -expected_cost(counts, costs, tp, fp)

    words = (f"the lowest cost at a defect rate of {_percent(costs.defect_rate)}, {costs.escape:.6g} per missed defect "
             f"and {costs.overkill:.6g} per false reject")
    return _oracle("cost_weighted", counts, level, saved, words)


def manual(value: float, level: Level = "image") -> OperatingPoint:
    """A threshold set manually."""
    rule = Rule("manual", "manual", level)
    if math.isnan(value):
        return _none(rule, "no threshold was set")
    return _point(rule, float(value), "Set manually.")


def _oracle(
    kind: Kind, counts: Counts, level: Level, gain: Callable[[NDArray, NDArray], NDArray], words: str
) -> OperatingPoint:
    """The highest threshold of the largest gain. Predicting nothing is a candidate: for images just above all scores;
    for pixels, whose highest scores may share a bin, infinity."""
    rule = Rule(kind, "oracle", level)
    if not (counts.positives and counts.negatives):
        missing = "defective" if counts.negatives else "good"
        return _none(rule, f"the test set has no {missing} {level}")
    nothing = np.nextafter(counts.thresholds[0], np.inf) if level == "image" else np.inf
    thresholds = np.concatenate([[nothing], counts.thresholds])
    tp, fp = (np.concatenate([[0], part]) for part in (counts.true_positives, counts.false_positives))
    best = int(np.argmax(gain(tp, fp)))
    labels = "labels" if level == "image" else "masks"
    sentence = f"Oracle: {words} on this test set, chosen with its {labels}."
    return _point(rule, float(thresholds[best]), sentence)


def _point(rule: Rule, value: float, sentence: str, expected: float = math.nan, bound: float = math.nan,
           reason: str | None = None) -> OperatingPoint:  # fmt: skip
    return OperatingPoint(rule.name, value, rule.source, rule.level, sentence, expected, bound, reason, rule)


def _none(rule: Rule, reason: str) -> OperatingPoint:
    return _point(rule, math.nan, f"Not defined: {reason}.", reason=reason)


def _percent(share: float) -> str:
    return f"{share * 100:.2g} %"


def _expect_share(name: str, value: float, holds: bool) -> None:
    if not holds:
        raise ValueError(f"{name} must be a share, got {value!r}")
