"""Scores of good training images as if they were not in the bank: what the default thresholds rest on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from patchcore_core.evaluation.operating_point import GoodScores
from patchcore_core.runs.maps import BLOCK_PIXELS, stored_type

METHOD = "leave one image out"
NAMES = ("heldout_scores", "heldout_pixel_scores", "heldout_pixel_numbers", "heldout_pixel_images")  # of the arrays
SHORT = 13  # bits by which float32 is shortened to the precision of float16


@dataclass(frozen=True)
class HeldOutScores:
    """image_scores (n,); of the maps of `pixel_images` of these images, pixel_scores (K,) ascending and distinct, as
    maps are stored, and pixel_numbers (K,) of each.

    Images that could not be scored, as the bank holds too few rows of others, are in none of them.
    """

    image_scores: np.ndarray = field(default_factory=lambda: np.empty(0, np.float32))
    pixel_scores: np.ndarray = field(default_factory=lambda: np.empty(0, np.float32))
    pixel_numbers: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))
    pixel_images: int = 0

    def good(self) -> tuple[GoodScores, GoodScores]:
        """Of images and of pixels."""
        image = GoodScores.of(self.image_scores, "held-out", leave_one_out=True)
        return image, GoodScores.of_pixels(
            self.pixel_scores, self.pixel_numbers, self.pixel_images, "held-out", leave_one_out=True
        )

    def arrays(self) -> dict[str, np.ndarray]:
        """As they lie beside a run's curves."""
        count = np.array(self.pixel_images)
        return dict(zip(NAMES, (self.image_scores, self.pixel_scores, self.pixel_numbers, count), strict=True))

    def about(self, train_images: int) -> dict[str, Any]:
        """How they came about, for the run's record: the method, how many images and maps, and of how many."""
        return {"method": METHOD, "images": len(self.image_scores), "maps": self.pixel_images, "of": train_images}


def held_out_scores(
    image_scores: np.ndarray, patch_scores: np.ndarray, render: Callable[[np.ndarray], np.ndarray], side: int
) -> HeldOutScores:
    """From the scores (n,) of images and patch scores (m, h, w) of some, whose maps (m, side, side) `render` makes.

    Pixels are counted a few maps at a time, exactly as they would be stored; maps that are stored as float32 are
    rounded up to the precision of float16, so that no table is longer than a few hundred thousand rows.
    """
    patches = patch_scores[~np.isnan(patch_scores).any(axis=(1, 2))]
    half = stored_type(patches) == np.float16
    numbers = np.zeros(2**16 if half else 2 ** (32 - SHORT), np.int64)
    step = max(1, BLOCK_PIXELS // side**2)
    for first in range(0, len(patches), step):
        maps = np.abs(render(patches[first : first + step])).ravel()  # no score is below 0, but -0 there may be
        if half:
            keys = maps.astype(np.float16).view(np.uint16)
        else:
            keys = (maps.astype(np.float32).view(np.uint32) + (2**SHORT - 1)) >> SHORT
        numbers += np.bincount(keys, minlength=len(numbers))
    kept = np.flatnonzero(numbers)
    scores = kept.astype(np.uint16).view(np.float16) if half else (kept.astype(np.uint32) << SHORT).view(np.float32)
    known = image_scores[~np.isnan(image_scores)]
    return HeldOutScores(known, scores.astype(np.float32), numbers[kept], len(patches))


def read_held_out(arrays: Mapping[str, np.ndarray]) -> HeldOutScores | None:
    """What lies beside a run's curves, None where the run was made before there were such scores."""
    if not set(NAMES) <= set(arrays):
        return None
    image_scores, pixel_scores, numbers, count = (arrays[name] for name in NAMES)
    return HeldOutScores(image_scores, pixel_scores, numbers, int(count))
