"""The figures people compare, each from labels and scores or from masks and anomaly maps.

Higher score = more anomalous. Labels (N,): 0 or False = good, 1 or True = defective. Masks (N, H, W): True = defect;
maps (N, H, W) float, in the geometry of the masks. All pixels of all images are pooled, unless said otherwise; nothing
is normalised. Arguments are whatever `np.asarray` takes. Every figure needs both classes: without one it is NaN, and
an `UndefinedMetricWarning` says why. ValueError for shapes that differ, other labels, and scores not finite.
"""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.exceptions import UndefinedMetricWarning

from patchcore_core.evaluation.counts import Counts, counts_by_threshold
from patchcore_core.evaluation.curves import (
    area_of_precision_steps,
    area_under_pro,
    area_under_roc,
    best_f1,
    per_region_overlap,
    why_undefined,
)
from patchcore_core.evaluation.pixels import as_maps, tally_pixels


def image_auroc(labels: ArrayLike, scores: ArrayLike) -> float:
    """Area under the ROC curve of images: the chance that a defective one scores above a good one, ties half."""
    return area_under_roc(_image_counts("image AUROC", labels, scores))


def average_precision(labels: ArrayLike, scores: ArrayLike) -> float:
    """Average precision of images: sum of (R_n - R_n-1) P_n over thresholds, without interpolation."""
    return area_of_precision_steps(_image_counts("average precision", labels, scores))


def f1_max(labels: ArrayLike, scores: ArrayLike) -> float:
    """The largest F1 over all thresholds; an optimistic figure, as the labels choose the threshold."""
    return best_f1(_image_counts("F1-max", labels, scores)).f1


def f1_max_threshold(labels: ArrayLike, scores: ArrayLike) -> float:
    """The highest threshold at which F1 is largest; predicted defective = score >= threshold."""
    return best_f1(_image_counts("the F1-max threshold", labels, scores)).threshold


def pixel_auroc(masks: ArrayLike, maps: ArrayLike) -> float:
    """Area under the ROC curve of all pixels."""
    return area_under_roc(_pixel_counts("pixel AUROC", *as_maps(masks, maps)))


def pixel_auroc_anomalous(masks: ArrayLike, maps: ArrayLike) -> float:
    """Area under the ROC curve of the pixels of those images that have a defect pixel."""
    mask, score = as_maps(masks, maps)
    defective = mask.any(axis=(1, 2))
    return area_under_roc(_pixel_counts("pixel AUROC of anomalous images", mask[defective], score[defective]))


def pixel_average_precision(masks: ArrayLike, maps: ArrayLike) -> float:
    """Average precision of all pixels."""
    return area_of_precision_steps(_pixel_counts("pixel average precision", *as_maps(masks, maps)))


def pixel_f1_max(masks: ArrayLike, maps: ArrayLike) -> float:
    """The largest F1 of all pixels over all thresholds."""
    return best_f1(_pixel_counts("pixel F1-max", *as_maps(masks, maps))).f1


def aupro(masks: ArrayLike, maps: ArrayLike, fpr_limit: float = 0.3) -> float:
    """Area under the per-region-overlap curve up to a false positive rate of `fpr_limit`, divided by it.

    Exact: over every distinct score, linearly interpolated at the limit. Regions are 8-connected and weigh the same
    whatever their area; the FPR is over the pixels outside all regions. Bergmann et al., IJCV 2021, section 5.2.
    """
    return area_under_pro(_region_counts("AUPRO", masks, maps), fpr_limit)


def pro_curve(
    masks: ArrayLike, maps: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """FPR, mean per-region overlap and thresholds, each (T + 1,): from (0, 0, inf) to (1, 1, lowest score).

    All three are empty where the curve is undefined.
    """
    counts = _region_counts("the per-region-overlap curve", masks, maps)
    if why_undefined(counts, "pixel"):
        return np.zeros(0), np.zeros(0), np.zeros(0)
    return per_region_overlap(counts)


def _image_counts(name: str, labels: ArrayLike, scores: ArrayLike) -> Counts:
    return _warned(name, counts_by_threshold(labels, scores), "image")


def _pixel_counts(name: str, masks: NDArray[np.bool_], maps: NDArray[np.floating]) -> Counts:
    return _warned(name, counts_by_threshold(masks, maps), "pixel")


def _region_counts(name: str, masks: ArrayLike, maps: ArrayLike) -> Counts:
    return _warned(name, tally_pixels(*as_maps(masks, maps)).counts(), "pixel")


def _warned(name: str, counts: Counts, level: str) -> Counts:
    if reason := why_undefined(counts, level):
        warnings.warn(f"{name} is undefined: {reason}", UndefinedMetricWarning, stacklevel=4)
    return counts
