"""Pixels of masks and anomaly maps tallied in blocks of images, each defect region weighing the same."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from patchcore_core.evaluation.counts import Tally, as_labels, as_scores, merge, tally

BLOCK = 1 << 20  # pixels tallied at a time
EIGHT_CONNECTED = np.zeros((3, 3, 3), bool)  # within an image, never from one image to the next
EIGHT_CONNECTED[1] = True


def as_maps(masks: ArrayLike, maps: ArrayLike) -> tuple[NDArray[np.bool_], NDArray[np.floating]]:
    """Masks and maps as arrays (N, H, W); ValueError when their shapes differ or are others."""
    mask, score = as_labels(masks), as_scores(maps)
    if mask.ndim != 3 or mask.shape != score.shape:
        raise ValueError(f"masks and maps must both be (N, H, W), got {mask.shape} and {score.shape}")
    return mask, score


def tally_pixels(
    masks: NDArray[np.bool_], maps: NDArray[np.floating], images: NDArray[np.integer] | None = None
) -> Tally:
    """Tally the pixels of the given images (default all), each defect pixel weighing 1 / area of its region.

    masks, maps (N, H, W), images (n,) indices. float16 maps are read in blocks, so that a map file opened with mmap
    is never in memory as a whole.
    """
    images = np.arange(len(masks)) if images is None else np.asarray(images)
    pixels = max(1, masks.shape[1] * masks.shape[2])
    step = max(1, BLOCK // pixels) if maps.dtype == np.float16 else max(1, len(images))
    blocks = [images[start:start + step] for start in range(0, len(images), step)]
    return merge([tally(masks[block], maps[block], region_weights(masks[block])) for block in blocks])


def region_weights(masks: NDArray[np.bool_]) -> NDArray[np.float64]:
    """1 / area of the 8-connected region of each defect pixel of masks (N, H, W), in the order of masks[masks]."""
    if not masks.any():
        return np.zeros(0)
    regions, _ = ndimage.label(masks, structure=EIGHT_CONNECTED)
    inside = regions[masks]
    return 1.0 / np.bincount(inside)[inside]
