"""All automatic threshold methods for one test set."""

from __future__ import annotations

import math
from collections.abc import Sequence

from numpy.typing import ArrayLike

from patchcore_core.evaluation.counts import Counts
from patchcore_core.evaluation.thresholds.operating_point import (
    GoodScores,
    f1_max,
    fixed_fpr,
    mean_plus_sd,
    quantile,
    youden,
)
from patchcore_core.evaluation.thresholds.rules import SHARES
from patchcore_core.evaluation.values import OperatingPoint, Rule


def operating_points(
    good: ArrayLike, image: Counts, pixel: Counts, good_pixels: float, held_out: Sequence[GoodScores] = ()
) -> tuple[OperatingPoint, ...]:
    """Image and pixel thresholds: from held-out good scores, then from good test images, then oracles.

    good (K,): scores of the good test images; good_pixels: the threshold above 99.9 % of their pixels, NaN without any;
    held_out: scores of good images that are not test images.
    """
    tested = GoodScores.of(good, "test good")
    return (
        *(point for scores in held_out for point in of_good(scores)),
        *of_good(tested),
        _good_pixels(good_pixels, tested.images),
        f1_max(image), youden(image), f1_max(pixel, "pixel"), youden(pixel, "pixel"),
    )  # fmt: skip


def of_good(scores: GoodScores) -> tuple[OperatingPoint, ...]:
    """The methods that need good scores only; the first is the default."""
    points = quantile(scores, SHARES[scores.level]), mean_plus_sd(scores)
    return points if scores.level == "pixel" else (*points, fixed_fpr(scores))


def _good_pixels(value: float, images: int) -> OperatingPoint:
    """The pixel quantile, whose value was computed elsewhere."""
    if math.isnan(value):
        return quantile(GoodScores.of_pixels([], [], 0, "test good"), SHARES["pixel"])
    words = GoodScores.of_pixels([value], [1], images, "test good").words()
    sentence = f"{SHARES['pixel'] * 100:.6g} % of {words} score below it; set without defects."
    rule = Rule("quantile", "test good", "pixel", 100 * SHARES["pixel"])
    return OperatingPoint(rule.name, value, rule.source, rule.level, sentence, rule=rule)
