"""95 % confidence intervals of all figures of a test set, also per defect type.

By resampling images, except for image AUROC (auroc_interval.py), whose interval is valid at 1 too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from patchcore_core.evaluation.figures import IMAGE_FIGURES, figure_names
from patchcore_core.evaluation.groups import DEFECTIVE, GOOD, UNKNOWN, TestSet
from patchcore_core.evaluation.statistics.auroc_interval import auroc_interval
from patchcore_core.evaluation.statistics.bootstrap import (
    BINS,
    NO_INTERVAL,
    ImageBins,
    Interval,
    blas_alone,
    image_replicates,
    intervals,
    kept_resamples,
    pixel_replicates,
)
from patchcore_core.evaluation.values import NO_WIDTH
from patchcore_core.in_threads import in_threads

TYPE_BINS = BINS // 4  # per image, for the intervals of one defect type
MOST_TYPES = 20  # most defect types with intervals: each takes a fraction of a second
TOO_FEW = "an interval needs at least two good and two defective images"
TOO_FEW_MASKS = "an interval needs at least two images with a defect pixel"


@dataclass(frozen=True)
class Resampled:
    """Resamples of the images, also within each type, (count, N) each, and the intervals of figures that they give;
    `replicates`: the figures of each resample of `images`, (count,) each."""

    images: NDArray[np.floating]
    images_by_type: NDArray[np.floating]
    replicates: dict[str, NDArray]
    intervals: dict[str, Interval]
    of_types: dict[str, dict[str, Interval]]
    with_defect: int = 0  # images with a defect pixel

    @classmethod
    def of(
        cls, tests: TestSet, bins: ImageBins | None, count: int, seed: int, fpr_limits: Sequence[float]
    ) -> Resampled:
        """From `count` resamples; no intervals if there are none, or no `bins`."""
        images = kept_resamples(tests.label, count, seed)
        types = np.where(tests.label == DEFECTIVE, "/" + tests.types, tests.label.astype(str))
        by_type = kept_resamples(types, count, seed)
        replicates = {} if bins is None else figure_replicates(tests, bins, images, fpr_limits)
        return cls(images, by_type, replicates, {} if bins is None else figure_intervals(tests, replicates, fpr_limits),
                   type_intervals(tests, bins, by_type, fpr_limits),
                   0 if bins is None else len(bins.defective))  # fmt: skip


def figure_replicates(
    tests: TestSet, bins: ImageBins, drawn: NDArray[np.floating], fpr_limits: Sequence[float]
) -> dict[str, NDArray]:
    """Each figure of the resamples, (R,); those for which there are too few images are left out."""
    replicates: dict[str, NDArray] = {}
    if min(np.count_nonzero(tests.label == GOOD), np.count_nonzero(tests.label == DEFECTIVE)) > 1:
        replicates |= image_replicates(tests.label, tests.scores, drawn)
    if len(bins.defective) > 1:
        replicates |= pixel_replicates(bins, drawn, fpr_limits)
    return replicates


def figure_intervals(
    tests: TestSet, replicates: Mapping[str, NDArray], fpr_limits: Sequence[float]
) -> dict[str, Interval]:
    """Per figure, from `figure_replicates`; NaN if there are too few images or all resamples are the same."""
    found = dict.fromkeys(figure_names(fpr_limits), NO_INTERVAL) | intervals(replicates)
    known = tests.label != UNKNOWN
    return found | {"image_auroc": auroc_interval(tests.label[known], tests.scores[known])}


def why_no_interval(
    tests: TestSet, intervals: dict[str, Interval], reasons: Mapping[str, str], with_defect: int
) -> dict[str, str]:
    """Why intervals are NaN, by "figure/interval"; not for figures that are undefined themselves (`reasons`).

    with_defect: number of images with a defect pixel.
    """
    few_images = min(np.count_nonzero(tests.label == GOOD), np.count_nonzero(tests.label == DEFECTIVE)) < 2
    why = {}
    for name, (low, _) in intervals.items():
        if np.isnan(low) and name not in reasons:
            few, sentence = (few_images, TOO_FEW) if name in IMAGE_FIGURES else (with_defect < 2, TOO_FEW_MASKS)
            why[f"{name}/interval"] = sentence if few else NO_WIDTH
    return why


def type_intervals(
    tests: TestSet, bins: ImageBins | None, drawn: NDArray[np.floating], fpr_limits: Sequence[float]
) -> dict[str, dict[str, Interval]]:
    """The same for each of the first `MOST_TYPES` types against all good images, in coarser bins."""
    if bins is None:
        return {}
    coarse, names = bins.coarser(TYPE_BINS), tests.type_names[:MOST_TYPES]

    def of_type(name: str) -> dict[str, Interval]:
        chosen = tests.of_type(name) | (tests.label == GOOD)
        some = TestSet(tests.label[chosen], tests.scores[chosen], tests.types[chosen], tests.usable[chosen])
        replicates = figure_replicates(some, coarse.of(chosen), drawn[:, chosen], fpr_limits)
        return figure_intervals(some, replicates, fpr_limits)

    with blas_alone():  # as in pixel_replicates, here for all threads
        return dict(zip(names, in_threads(of_type, names), strict=True))
