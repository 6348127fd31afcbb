"""The data that causes are computed from, and the test of each (for their meaning see `causes.py`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from patchcore_core.evaluation.map_summary import MapSummary

FAINT = 0.99  # quantile of good pixels that a faint defect does not exceed
REACH = 1.5  # largest distance of a peak from its defect, patches: half of a 3 x 3 neighbourhood
LOCALISED = 0.9  # pixel AUROC of the image from which a defect counts as localised
MOST_CUT = 0.5  # least fraction of a defect inside the crop, else it counts as outside
SPECK, HUGE = 4, 0.5  # a mask of fewer pixels, or of a larger fraction of the map, is doubtful
COMPACT, SPREAD = 0.4, 0.25  # a compact region fills at least this fraction of its box, and at most this of the map

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Facts:
    """The data that causes are computed from; scores and distances per image (N,). threshold: NaN until one is set."""

    summary: MapSummary
    scores: Floats
    threshold: float
    patch: float
    kept: Floats  # share of the defect inside the crop, NaN unknown
    twins: Sequence[str]  # names of training images, "" for none
    good_pixel: float  # the FAINT quantile of the good images' pixels, NaN without any
    good_highest: float  # their highest pixel
    own_auroc: Floats
    border: NDArray[np.int64]  # pixels from the peak to the nearest edge of the map

    @property
    def pixels(self) -> int:
        """Number of pixels of a map."""
        return self.summary.height * self.summary.width

    @property
    def share(self) -> Floats:
        """Fraction of the map that the mask covers."""
        return self.summary.defect_area / self.pixels


def _outside_crop(facts: Facts) -> Bools:
    return facts.kept < MOST_CUT


def _smaller_than_patch(facts: Facts) -> Bools:
    return facts.summary.mask_known & (facts.kept > 0) & (facts.summary.region_side < facts.patch)


def _below_threshold(facts: Facts) -> Bools:
    return (facts.summary.peak_distance <= REACH * facts.patch) & (facts.own_auroc >= LOCALISED)


def _peak_elsewhere(facts: Facts) -> Bools:
    return facts.summary.peak_distance > REACH * facts.patch


def _faint(facts: Facts) -> Bools:
    return facts.summary.defect_peak < facts.good_pixel


def _border(facts: Facts) -> Bools:
    return facts.border < facts.patch


def _near_training(facts: Facts) -> Bools:
    return np.array([bool(name) for name in facts.twins], dtype=bool)


def speck(facts: Facts) -> Bools:
    area = facts.summary.defect_area
    return (area > 0) & (area < SPECK) & (facts.kept == 1)


def huge(facts: Facts) -> Bools:
    return facts.share > HUGE


def touches_all(facts: Facts) -> Bools:
    whole = (0, 0, facts.summary.height, facts.summary.width)
    return (facts.summary.mask_box == whole).all(axis=1) & (facts.kept == 1)


def _hot_elsewhere(facts: Facts) -> Bools:
    kept = facts.summary
    compact = (kept.hot_fill >= COMPACT) & (kept.hot_area <= SPREAD * facts.pixels)
    return _peak_elsewhere(facts) & _faint(facts) & compact & (kept.peak > facts.good_highest)


def _mask_doubtful(facts: Facts) -> Bools:
    return speck(facts) | huge(facts) | touches_all(facts) | _hot_elsewhere(facts)


TESTS: dict[str, Callable[[Facts], Bools]] = {
    "outside_crop": _outside_crop, "smaller_than_patch": _smaller_than_patch, "below_threshold": _below_threshold,
    "peak_elsewhere": _peak_elsewhere, "faint": _faint, "border": _border, "near_training": _near_training,
    "mask_doubtful": _mask_doubtful,
}  # fmt: skip
