"""The points of the curves that a run stores and pages draw."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from patchcore_core.evaluation.counts import Counts
from patchcore_core.evaluation.curves import per_region_overlap, precision, thin, why_undefined


def curve_points(image: Counts, pixel: Counts) -> dict[str, np.ndarray]:
    """Image level complete; pixel and per-region-overlap curves thinned, empty if undefined; see Evaluation."""
    curves = _counts_as_curve("image", image, np.arange(len(image.thresholds)))
    if why_undefined(pixel, "pixel"):
        kept = thin([(pixel.true_positives + pixel.false_positives) / max(1, pixel.positives + pixel.negatives)])
        fpr, overlap, thresholds = np.zeros(0), np.zeros(0), np.zeros(0)
    else:
        kept = thin([
            pixel.true_positives / pixel.positives, pixel.false_positives / pixel.negatives, precision(pixel)
        ])
        fpr, overlap, thresholds = per_region_overlap(pixel)
    pro = thin([fpr, overlap])
    curves |= _counts_as_curve("pixel", pixel, kept)
    return curves | {"pro_fpr": fpr[pro], "pro_overlap": overlap[pro], "pro_thresholds": thresholds[pro]}


def _counts_as_curve(level: str, counts: Counts, kept: NDArray[np.intp]) -> dict[str, np.ndarray]:
    return {
        f"{level}_thresholds": counts.thresholds[kept],
        f"{level}_tp": counts.true_positives[kept],
        f"{level}_fp": counts.false_positives[kept],
        f"{level}_positives": np.array(counts.positives),
        f"{level}_negatives": np.array(counts.negatives),
    }
