"""How well small and large defects are found at a threshold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from patchcore_core.evaluation.bootstrap import NO_INTERVAL, Interval, interval
from patchcore_core.evaluation.regions import Regions

SizeRecall = dict[str, float]
SHARES = np.linspace(0.1, 1.0, 10)


def recall_by_size(
    regions: Regions, classes: NDArray[np.int64], threshold: float, drawn: NDArray[np.floating]
) -> tuple[SizeRecall, ...]:
    """Per size class (R,) that has regions, smallest first, what a pixel threshold finds of its regions.

    area_from and area_to, in pixels; regions, how many; overlap, the mean share of a region that is found; found, the
    share of regions of which a pixel is found; the last two with 95 % intervals as overlap_low, overlap_high,
    found_low, found_high, from resamples of the images, drawn (B, N). NaN without a threshold.
    """
    overlaps = regions.overlaps(threshold)
    touched = np.where(np.isnan(overlaps), np.nan, overlaps > 0)
    rows = []
    for size in np.unique(classes):
        chosen = classes == size
        times = drawn[:, regions.image[chosen]].astype(np.float64)  # (B, regions)
        row = {
            "area_from": float(regions.area[chosen].min()),
            "area_to": float(regions.area[chosen].max()),
            "regions": float(np.count_nonzero(chosen)),
        }
        for name, values in (("overlap", overlaps[chosen]), ("found", touched[chosen])):
            low, high = _interval(values, times, regions.image[chosen])
            row |= {name: float(values.mean()), f"{name}_low": low, f"{name}_high": high}
        rows.append(row)
    return tuple(rows)


def _interval(values: NDArray[np.float64], times: NDArray[np.float64], images: NDArray[np.int64]) -> Interval:
    """Of the mean of regions (r,) that are drawn (B, r) times with their image; none where all are of one image."""
    if (images == images[0]).all():
        return NO_INTERVAL
    drawn = times.sum(axis=1)
    return interval(times[drawn > 0] @ values / drawn[drawn > 0])


def region_table(regions: Regions, classes: NDArray[np.int64], threshold: float) -> dict[str, NDArray]:
    """One row per region: image, area in pixels, size_class (0 smallest to 3), peak score, overlap at the threshold.

    scores_at (R, 10): the highest threshold that finds 10, 20, ... 100 % of the region, from which its overlap at
    any other threshold can be told.
    """
    return {
        "image": regions.image, "area": regions.area, "size_class": classes, "peak": regions.peaks(),
        "overlap": regions.overlaps(threshold), "scores_at": regions.highest(SHARES),
    }  # fmt: skip
