"""The figures of a test set by name, from its counts: of one test set or of R resamples at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from patchcore_core.evaluation.counts import Counts
from patchcore_core.evaluation.curves import (
    FloatArray,
    area_of_precision_steps,
    area_under_pro,
    area_under_roc,
    f1_of,
    fpr_at_tpr,
    iou_of,
    largest_f1,
    partial_auroc,
    reached_at,
    refuse_fpr_limit,
    tpr_at_fpr,
    why_undefined,
)

FPR_LIMITS = (0.3, 0.05)
AT_THE_THRESHOLD = ("pixel_iou", "pixel_f1")
NO_THRESHOLD = "there is no pixel threshold"
IMAGE_FIGURES = (
    "image_auroc", "image_average_precision", "image_f1_max", "image_fpr_at_95_tpr", "image_tpr_at_fpr_0",
    "image_tpr_at_fpr_1", "image_partial_auroc",
)


@dataclass(frozen=True)
class PixelCounts:
    """The input of all pixel figures: all pixels, those of the images with a defect, and a threshold."""

    pixels: Counts
    anomalous: Counts
    threshold: float = np.nan  # the operating point of IoU and F1
    marked: tuple[FloatArray, FloatArray] | None = None  # true and false positives there, if maps are trimmed


def image_figures(counts: Counts) -> dict[str, FloatArray]:
    """The figures in `IMAGE_FIGURES`, (...) each.

    fpr_at_95_tpr, tpr_at_fpr_0 and tpr_at_fpr_1 (1 %) are those of actual thresholds, without interpolation;
    partial_auroc is up to an FPR of 0.1, standardised.
    """
    values = (
        area_under_roc(counts), area_of_precision_steps(counts), largest_f1(counts), fpr_at_tpr(counts, 0.95),
        tpr_at_fpr(counts, 0.0), tpr_at_fpr(counts, 0.01), partial_auroc(counts),
    )
    return dict(zip(IMAGE_FIGURES, values, strict=True))


def pixel_figures(counts: PixelCounts, fpr_limits: Sequence[float] = FPR_LIMITS) -> dict[str, FloatArray]:
    """Pixel AUROC of all and of anomalous images, average precision, F1-max, IoU and F1 at the threshold, AUPRO per
    limit."""
    pixels = counts.pixels
    found = counts.marked
    if found is None or np.isnan(counts.threshold):
        found = reached_at(pixels, counts.threshold)
    values = {
        "pixel_auroc": area_under_roc(pixels),
        "pixel_auroc_anomalous": area_under_roc(counts.anomalous),
        "pixel_average_precision": area_of_precision_steps(pixels),
        "pixel_f1_max": largest_f1(pixels),
        "pixel_iou": iou_of(pixels, *found),
        "pixel_f1": f1_of(pixels, *found),
    }
    return values | {aupro_name(limit): area_under_pro(pixels, limit) for limit in fpr_limits}


def aupro_name(fpr_limit: float) -> str:
    """`aupro` for the usual limit of 0.3, else with the limit, as `aupro_0.05`; ValueError outside (0, 1]."""
    refuse_fpr_limit(fpr_limit)
    return "aupro" if fpr_limit == 0.3 else f"aupro_{fpr_limit:g}"


def figure_names(fpr_limits: Sequence[float] = FPR_LIMITS) -> tuple[str, ...]:
    """The names of all figures in their order."""
    return (*IMAGE_FIGURES, "pixel_auroc", "pixel_auroc_anomalous", "pixel_average_precision", "pixel_f1_max",
            *AT_THE_THRESHOLD, *(aupro_name(limit) for limit in fpr_limits))  # fmt: skip


def reasons(names: Sequence[str], image: Counts, pixel: PixelCounts) -> dict[str, str]:
    """Why the undefined ones of the named figures are undefined."""
    found = {}
    for name in names:
        level = "image" if name in IMAGE_FIGURES else "pixel"
        counts = image if level == "image" else pixel.anomalous if name == "pixel_auroc_anomalous" else pixel.pixels
        if reason := why_undefined(counts, level):
            found[name] = reason
        elif name in AT_THE_THRESHOLD and np.isnan(pixel.threshold):
            found[name] = NO_THRESHOLD
    return found
