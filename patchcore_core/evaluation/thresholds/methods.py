"""Every way to choose a threshold that needs no decision of a person, for one test set."""

from __future__ import annotations

import math
from collections.abc import Sequence

from numpy.typing import ArrayLike

from patchcore_core.evaluation.counts import Counts
from patchcore_core.evaluation.thresholds.decision import Level
from patchcore_core.evaluation.thresholds.operating_point import (
    GoodScores,
    OperatingPoint,
    f1_max,
    fixed_fpr,
    mean_plus_sd,
    quantile,
    youden,
)

SHARES: dict[Level, float] = {"image": 0.99, "pixel": 0.999}  # of the good scores that lie below the threshold


def operating_points(
    good: ArrayLike, image: Counts, pixel: Counts, good_pixels: float, held_out: Sequence[GoodScores] = ()
) -> tuple[OperatingPoint, ...]:
    """Those of held-out good scores first, then of good test images, then the oracles; of images and of pixels.

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
    """What good scores alone allow; the first is the default."""
    points = quantile(scores, SHARES[scores.level]), mean_plus_sd(scores)
    return points if scores.level == "pixel" else (*points, fixed_fpr(scores))


def _good_pixels(value: float, images: int) -> OperatingPoint:
    """The quantile of pixels that were counted elsewhere."""
    if math.isnan(value):
        return quantile(GoodScores.of_pixels([], [], 0, "test good"), SHARES["pixel"])
    words = GoodScores.of_pixels([value], [1], images, "test good").words()
    sentence = f"{SHARES['pixel'] * 100:.6g} % of {words} score below it; no defect was needed."
    return OperatingPoint("pixel_good_p999", value, "test good", "pixel", sentence)
