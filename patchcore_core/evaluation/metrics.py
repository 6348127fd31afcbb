"""Figures of images and pixels, from labels and scores or from masks and anomaly maps.

Higher score = more anomalous. Labels (N,): 0 or False = good, 1 or True = defective. Masks (N, H, W): True = defect;
maps (N, H, W) float, in the geometry of the masks. All pixels of all images are pooled, unless stated otherwise;
nothing is normalised. Arguments are converted by `np.asarray`. Every figure needs both classes: without one it is NaN,
with an `UndefinedMetricWarning`. ValueError for differing shapes, other labels, and scores that are not finite.
"""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import ArrayLike, NDArray

from patchcore_core.evaluation import curves
from patchcore_core.evaluation.counts import Counts, counts_by_threshold, merge
from patchcore_core.evaluation.curves import per_region_overlap, why_undefined
from patchcore_core.evaluation.figures import AT_THE_THRESHOLD, FPR_LIMITS, PixelCounts, pixel_figures, reasons
from patchcore_core.evaluation.pixels import as_maps, read_pixels, tally_pixels


class UndefinedMetricWarning(UserWarning):
    """A figure is NaN: the message names it and the missing class."""


def image_auroc(labels: ArrayLike, scores: ArrayLike) -> float:
    """Area under the ROC curve of images: the probability that a defective one scores above a good one, ties half."""
    return float(curves.area_under_roc(_image_counts("image AUROC", labels, scores)))


def average_precision(labels: ArrayLike, scores: ArrayLike) -> float:
    """Average precision of images: sum of (R_n - R_n-1) P_n over thresholds, without interpolation."""
    return float(curves.area_of_precision_steps(_image_counts("average precision", labels, scores)))


def f1_max(labels: ArrayLike, scores: ArrayLike) -> float:
    """The largest F1 over all thresholds; optimistic, as the labels choose the threshold."""
    return curves.best_f1(_image_counts("F1-max", labels, scores)).f1


def f1_max_threshold(labels: ArrayLike, scores: ArrayLike) -> float:
    """The highest threshold with the largest F1; predicted defective = score >= threshold."""
    return curves.best_f1(_image_counts("the F1-max threshold", labels, scores)).threshold


def fpr_at_tpr(labels: ArrayLike, scores: ArrayLike, tpr: float = 0.95) -> float:
    """The lowest false positive rate among thresholds with a true positive rate of at least `tpr`."""
    return float(curves.fpr_at_tpr(_image_counts("the FPR at a TPR", labels, scores), tpr))


def tpr_at_fpr(labels: ArrayLike, scores: ArrayLike, fpr: float = 0.0) -> float:
    """The highest true positive rate among thresholds with a false positive rate of at most `fpr`."""
    return float(curves.tpr_at_fpr(_image_counts("the TPR at an FPR", labels, scores), fpr))


def partial_auroc(labels: ArrayLike, scores: ArrayLike, fpr_limit: float = 0.1) -> float:
    """AUROC of images up to a false positive rate, standardised: 0.5 is chance, 1 perfect. McClish 1989."""
    curves.refuse_fpr_limit(fpr_limit)
    return float(curves.partial_auroc(_image_counts("partial AUROC", labels, scores), fpr_limit))


def pixel_auroc(masks: ArrayLike, maps: ArrayLike) -> float:
    """Area under the ROC curve of all pixels."""
    return float(curves.area_under_roc(_pixel_counts("pixel AUROC", masks, maps)))


def pixel_auroc_anomalous(masks: ArrayLike, maps: ArrayLike) -> float:
    """Area under the ROC curve of the pixels of the images with a defect."""
    mask, score = as_maps(masks, maps)
    pixels = read_pixels(mask, score)
    counts = pixels.tally(np.flatnonzero(pixels.defective)).counts()
    return float(curves.area_under_roc(_warned("pixel AUROC of anomalous images", counts, "pixel", 3)))


def pixel_average_precision(masks: ArrayLike, maps: ArrayLike) -> float:
    """Average precision of all pixels."""
    return float(curves.area_of_precision_steps(_pixel_counts("pixel average precision", masks, maps)))


def pixel_f1_max(masks: ArrayLike, maps: ArrayLike) -> float:
    """The largest F1 of all pixels over all thresholds."""
    return float(curves.largest_f1(_pixel_counts("pixel F1-max", masks, maps)))


def pixel_metrics(masks: ArrayLike, maps: ArrayLike, fpr_limits: tuple[float, ...] = FPR_LIMITS) -> dict[str, float]:
    """All threshold-free pixel figures in one call, by name: AUROC, average precision, F1-max, AUPRO.

    Each equals its own function; the pixels are counted once.
    """
    pixels = read_pixels(*as_maps(masks, maps))
    anomalous = pixels.tally(np.flatnonzero(pixels.defective))
    everything = merge([anomalous, pixels.tally(np.flatnonzero(~pixels.defective))]).counts()
    counts = PixelCounts(everything, anomalous.counts())
    values = {name: float(value) for name, value in pixel_figures(counts, fpr_limits).items()
              if name not in AT_THE_THRESHOLD}  # fmt: skip
    for name, reason in reasons(list(values), everything, counts).items():
        warnings.warn(f"{name} is undefined: {reason}", UndefinedMetricWarning, stacklevel=2)
    return values


def aupro(masks: ArrayLike, maps: ArrayLike, fpr_limit: float = 0.3) -> float:
    """Area under the per-region-overlap curve up to a false positive rate of `fpr_limit`, divided by it.

    Exact: over every distinct score, linearly interpolated at the limit. Regions are 8-connected and weigh the same
    whatever their area; the FPR is over the pixels outside all regions. Bergmann et al., IJCV 2021, section 5.2.
    """
    return float(curves.area_under_pro(_pixel_counts("AUPRO", masks, maps), fpr_limit))


def pro_curve(
    masks: ArrayLike, maps: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """FPR, mean per-region overlap and thresholds, each (T + 1,): from (0, 0, inf) to (1, 1, lowest score).

    At every distinct score; for many scores wider than float16, wherever the overlap changes. All three are empty if
    the curve is undefined.
    """
    counts = _pixel_counts("the per-region-overlap curve", masks, maps)
    if why_undefined(counts, "pixel"):
        return np.zeros(0), np.zeros(0), np.zeros(0)
    return per_region_overlap(counts)


def _image_counts(name: str, labels: ArrayLike, scores: ArrayLike) -> Counts:
    return _warned(name, counts_by_threshold(labels, scores), "image", 4)


def _pixel_counts(name: str, masks: ArrayLike, maps: ArrayLike) -> Counts:
    return _warned(name, tally_pixels(*as_maps(masks, maps)).counts(), "pixel", 4)


def _warned(name: str, counts: Counts, level: str, stacklevel: int) -> Counts:
    if reason := why_undefined(counts, level):
        warnings.warn(f"{name} is undefined: {reason}", UndefinedMetricWarning, stacklevel=stacklevel)
    return counts
