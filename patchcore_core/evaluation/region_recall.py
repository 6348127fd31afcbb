"""Recall of defect regions by size."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from patchcore_core.evaluation.curve_points import RegionTable
from patchcore_core.evaluation.regions import Regions
from patchcore_core.evaluation.statistics.bootstrap import NO_INTERVAL, interval, resamples
from patchcore_core.evaluation.statistics.proportions import wilson_interval
from patchcore_core.evaluation.values import SizeRecall

SHARES = np.linspace(0.1, 1.0, 10)
REPLICATES = 1000  # resamples of the images for an interval


def recall_by_size(
    regions: Regions, classes: NDArray[np.int64], threshold: float, drawn: NDArray[np.floating]
) -> tuple[SizeRecall, ...]:
    """Recall at a pixel threshold per non-empty size class (R,), smallest first.

    The intervals are from resamples of the images, drawn (B, N).
    """
    overlaps = regions.overlaps(threshold)
    touched = np.where(np.isnan(overlaps), np.nan, overlaps > 0)
    rows = []
    for size in np.unique(classes):
        chosen = classes == size
        rows.append(_size_row(regions.area[chosen], overlaps[chosen], touched[chosen], regions.image[chosen], drawn))
    return tuple(rows)


def region_table(regions: Regions, classes: NDArray[np.int64], threshold: float) -> RegionTable:
    """One row per region (R,), with its class (R,) and its overlap at the threshold."""
    return RegionTable(regions.image, regions.area, classes, regions.peaks(), regions.overlaps(threshold),
                       regions.highest(SHARES))  # fmt: skip


def recall_from_table(table: RegionTable, threshold: float) -> tuple[SizeRecall, ...]:
    """`recall_by_size` at another threshold from the table of regions; overlap in tenths of a region, rounded down.

    NaN without a threshold. The images with regions are resampled among themselves.
    """
    image = np.unique(table.image, return_inverse=True)[1]
    drawn = _resamples(int(image.max(initial=-1)) + 1)
    scores_at = np.asarray(table.scores_at, dtype=np.float64).reshape(-1, len(SHARES))
    known = np.nan if np.isnan(threshold) else 1.0
    overlap = (scores_at >= threshold).sum(axis=1) / len(SHARES) * known
    found = (np.asarray(table.peak) >= threshold) * known
    rows = []
    for size in np.unique(table.size_class):
        chosen = table.size_class == size
        rows.append(_size_row(table.area[chosen], overlap[chosen], found[chosen], image[chosen], drawn))
    return tuple(rows)


@lru_cache(maxsize=8)
def _resamples(images: int) -> NDArray[np.float32]:
    """`resamples` of images in one stratum, cached: needed at every threshold."""
    drawn = resamples(np.zeros(images), REPLICATES, 0)
    drawn.setflags(write=False)
    return drawn


def _size_row(area: NDArray, overlap: NDArray, found: NDArray, image: NDArray[np.int64], drawn: NDArray) -> SizeRecall:
    """One size class: its regions (r,) with area, overlap, whether found, and their image.

    The intervals are those of the mean over regions drawn as often as their image; NaN if all are of one image, or all
    resamples are the same. Where all regions are found, or none, that of `found` is Wilson's of their images.
    """
    row: dict[str, float] = {}
    images, place = np.unique(image, return_inverse=True)
    sums = np.stack([np.bincount(place), np.bincount(place, overlap), np.bincount(place, found)], axis=1)  # (i, 3)
    totals = drawn[:, images] @ sums  # (B, 3)
    means = totals[totals[:, 0] > 0]
    for column, (name, values) in enumerate((("overlap", overlap), ("found", found)), start=1):
        low, high = NO_INTERVAL if len(images) == 1 else interval(means[:, column] / means[:, 0])
        row |= {name: float(values.mean()), f"{name}_low": low, f"{name}_high": high}
    if len(drawn) and len(images) > 1 and row["found"] in (0, 1):
        row["found_low"], row["found_high"] = wilson_interval(len(images) * int(row["found"]), len(images))
    return SizeRecall(float(area.min()), float(area.max()), float(len(area)), **row)
