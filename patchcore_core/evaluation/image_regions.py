"""The regions of one image: those of its mask and those predicted at a pixel threshold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from patchcore_core.data.masks import EIGHT_CONNECTED
from patchcore_core.data.transforms import Transform
from patchcore_core.evaluation.thresholds.decision import predicted
from patchcore_core.evaluation.trim import Trim


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels, rows from `top` to below `bottom`, columns from `left` to below `right`."""

    top: float
    left: float
    bottom: float
    right: float

    def on_photo(self, transform: Transform, height: int, width: int) -> Box:
        """The box of a map on its photo of (height, width) pixels."""
        top, left, bottom, right = transform.box(height, width)
        down, across = (bottom - top) / transform.shape[0], (right - left) / transform.shape[1]
        rows = np.clip(np.array([self.top, self.bottom]) * down + top, 0, height).tolist()
        columns = np.clip(np.array([self.left, self.right]) * across + left, 0, width).tolist()
        return Box(rows[0], columns[0], rows[1], columns[1])


    def with_surroundings(self, height: int, width: int) -> Box:
        """The box grown to twice its longer side, but at least an eighth of the shorter side of the (height, width)
        that hold it, and moved inside: what to show of a photo to see a region and what lies around it."""
        longest = max(self.bottom - self.top, self.right - self.left)
        side = max(2 * longest, min(height, width) / 8)
        top, bottom = _span((self.top + self.bottom) / 2, side, height)
        left, right = _span((self.left + self.right) / 2, side, width)
        return Box(top, left, bottom, right)


@dataclass(frozen=True)
class Region:
    """One 8-connected region in the geometry of the map.

    area: pixels; share: as a fraction of the map. peak: the highest score in it, at (row, column). overlap: the
    fraction of its pixels covered by the other kind. found: for a true region whether it contains a predicted pixel,
    for a predicted one whether it contains a true pixel (else it is a false alarm); None without a mask.
    """

    kind: Literal["true", "predicted"]
    area: int
    share: float
    peak: float
    row: int
    column: int
    overlap: float
    found: bool | None
    box: Box


def regions_of_image(
    anomaly_map: NDArray[np.floating], mask: NDArray[np.bool_] | None, threshold: float,
    ignored: NDArray[np.bool_] | None = None, trim: Trim | None = None,
) -> tuple[Region, ...]:
    """The true regions of a mask (H, W), largest first, then the predicted ones of its map (H, W), highest peak first.

    mask: None if unknown; then only predicted regions, with overlap NaN. A NaN threshold predicts nothing. ignored (H,
    W): pixels where nothing is predicted either. trim: of the predicted segmentation, which may split a region.
    """
    if mask is not None and mask.shape != anomaly_map.shape:
        raise ValueError(f"mask and map must have one shape, got {mask.shape} and {anomaly_map.shape}")
    prediction = predicted(anomaly_map, threshold) if trim is None else trim.reaching(anomaly_map, threshold)
    if ignored is not None:
        prediction &= ~ignored
    true = () if mask is None else _regions("true", mask, prediction, anomaly_map)
    found = _regions("predicted", prediction, mask, anomaly_map)
    return (*sorted(true, key=lambda region: -region.area), *sorted(found, key=lambda region: -region.peak))


def _span(middle: float, side: float, room: int) -> tuple[float, float]:
    """Both ends of a span of length `side` around the middle, shifted into (0, room); the whole range if it is shorter.
    """
    side = min(side, room)
    start = min(max(middle - side / 2, 0.0), room - side)
    return start, start + side


def _regions(
    kind: Literal["true", "predicted"], those: NDArray[np.bool_], other: NDArray[np.bool_] | None,
    scores: NDArray[np.floating],
) -> list[Region]:
    numbered, _ = ndimage.label(those, structure=EIGHT_CONNECTED)
    found = []
    for number, box in enumerate(ndimage.find_objects(numbered), start=1):
        inside = numbered[box] == number
        area = int(np.count_nonzero(inside))
        masked = np.where(inside, scores[box], -np.inf)
        row, column = np.unravel_index(int(np.argmax(masked)), inside.shape)
        covered = np.nan if other is None else np.count_nonzero(inside & other[box]) / area
        corner = (box[0].start, box[1].start)
        found.append(Region(
            kind, area, area / scores.size, float(masked[row, column]), corner[0] + int(row), corner[1] + int(column),
            covered, None if other is None else covered > 0, Box(*corner, box[0].stop, box[1].stop),
        ))  # fmt: skip
    return found
