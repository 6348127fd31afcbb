"""Held-out scores of training images, the basis of the default thresholds."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from patchcore_core.evaluation.badges.training_photos import TrainingPhotos
from patchcore_core.evaluation.curve_points import HeldOutArrays
from patchcore_core.evaluation.statistics.good_patches import GoodPatches
from patchcore_core.evaluation.thresholds.methods import SHARES
from patchcore_core.evaluation.thresholds.operating_point import GoodScores, quantile_rank
from patchcore_core.evaluation.thresholds.unlike import levels_of
from patchcore_core.evaluation.values import HeldOut, OddPhoto
from patchcore_core.runs.maps import BLOCK_PIXELS, stored_type

METHOD = "leave one image out"
SHORT = 13  # bits dropped from float32 for the precision of float16
Table = tuple[np.ndarray, np.ndarray]  # keys (j,) ascending, in the order of the scores, with pixel counts
Render = Callable[[np.ndarray], np.ndarray]  # patch scores (n, h, w) to maps (n, H, W)


@dataclass(frozen=True)
class Pixels:
    """A table of pixel scores: scores (K,) ascending and distinct, as maps are stored, numbers (K,) of each, over the
    maps of `images` images. without (j,): the quantile of the default threshold without the 0, 1, 2, … images with the
    highest own quantile, half of them at most."""

    scores: np.ndarray = field(default_factory=lambda: np.empty(0, np.float32))
    numbers: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))
    images: int = 0
    without: np.ndarray = field(default_factory=lambda: np.empty(0, np.float32))

    @property
    def median(self) -> float:
        """The median score, the lower one of two; NaN of none."""
        if not len(self.scores):
            return float("nan")
        reached = np.cumsum(self.numbers)
        return float(self.scores[np.searchsorted(reached, reached[-1] / 2)])

    @classmethod
    def of(cls, patch_scores: np.ndarray, render: Render, shape: tuple[int, int]) -> Pixels:
        """Of the maps (m, H, W) that `render` makes of patch scores (m, h, w), those with NaN left out; shape: H, W.

        Pixels are counted a few maps at a time, exactly as they would be stored; maps that are stored as float32 are
        rounded up to the precision of float16, so that no table is longer than a few hundred thousand rows.
        """
        patches = patch_scores[~np.isnan(patch_scores).any(axis=(1, 2))]
        half = stored_type(patches) == np.float16
        tables: list[Table] = []
        step = max(1, BLOCK_PIXELS // math.prod(shape))
        for first in range(0, len(patches), step):
            for made in render(patches[first : first + step]):
                scores = np.abs(made).ravel()  # scores are not negative, but may be -0
                if half:
                    keys = scores.astype(np.float16).view(np.uint16)
                else:
                    keys = (scores.astype(np.float32).view(np.uint32) + (2**SHORT - 1)) >> SHORT
                numbers = np.bincount(keys)
                tables.append((places := np.flatnonzero(numbers), numbers[places]))
        if not tables:
            return cls()
        both = _summed(tables)
        kept = np.flatnonzero(both)
        scores = kept.astype(np.uint16).view(np.float16) if half else (kept.astype(np.uint32) << SHORT).view(np.float32)
        ordered = scores.astype(np.float32)
        without = np.searchsorted(kept, _quantiles_without(tables, both, SHARES["pixel"]))
        return cls(ordered, both[kept], len(patches), ordered[without])


def _summed(tables: Sequence[Table]) -> np.ndarray:
    """Pixel counts of all tables per key, from 0 to the highest."""
    numbers = np.zeros(max(keys[-1] for keys, _ in tables) + 1, np.int64)
    for keys, often in tables:
        numbers[keys] += often
    return numbers


def _quantiles_without(tables: Sequence[Table], numbers: np.ndarray, share: float) -> list[int]:
    """Keys of the quantiles without the 0, 1, 2, … tables with the highest own quantile, half of them at most."""
    own = [keys[np.searchsorted(np.cumsum(often), quantile_rank(int(often.sum()), share))] for keys, often in tables]
    highest = np.argsort(-np.array(own), kind="stable")[: len(tables) // 2]
    left, found = numbers.copy(), []
    for table in (None, *(tables[place] for place in highest)):
        if table is not None:
            left[table[0]] -= table[1]
        below = np.cumsum(left)
        found.append(int(np.searchsorted(below, quantile_rank(int(below[-1]), share))))
    return found


@dataclass(frozen=True)
class HeldOutScores:
    """image_scores (n,); `pixels` of the maps of some of these images, `patches` of the same. `odd_scores` (o,) and
    `odd_pixels` of odd photos, which are not in the others; `levels` (m,) of images, by which others are unlike them
    (evaluation.thresholds.unlike), empty in older runs; `copies`: near-duplicates were left out together; `capped`:
    thresholds are capped, as in all runs but older ones.

    Images that could not be scored, as the bank has too few rows of others, are in none of them.
    """

    image_scores: np.ndarray = field(default_factory=lambda: np.empty(0, np.float32))
    pixels: Pixels = Pixels()
    odd_scores: np.ndarray = field(default_factory=lambda: np.empty(0, np.float32))
    odd_pixels: Pixels = Pixels()
    copies: bool = False
    capped: bool = True
    levels: np.ndarray = field(default_factory=lambda: np.empty(0, np.float32))
    patches: GoodPatches = field(default_factory=GoodPatches)

    def good(self) -> tuple[GoodScores, GoodScores]:
        """The good scores of images and of pixels."""
        image = GoodScores.of(self.image_scores, "held-out", leave_one_out=True)
        pixel = GoodScores.of_pixels(
            self.pixels.scores, self.pixels.numbers, self.pixels.images, "held-out", leave_one_out=True
        )
        odd = GoodScores.of(self.odd_scores, "held-out") if len(self.odd_scores) else None
        without = tuple(self.pixels.without.tolist())
        image, pixel = (replace(part, copies=self.copies, capped=self.capped) for part in (image, pixel))
        return replace(image, odd=odd), replace(
            pixel, odd=self._odd_pixels(), without=without, without_share=SHARES["pixel"])

    def _odd_pixels(self) -> GoodScores | None:
        """Each odd photo counts as one of all images that were scored, of which only some have a map."""
        odd = self.odd_pixels
        if not odd.images or not self.pixels.images:
            return None
        share = self.pixels.images / max(len(self.image_scores), self.pixels.images)
        return GoodScores.of_pixels(odd.scores, np.ceil(odd.numbers * share), odd.images, "held-out")

    def arrays(self) -> HeldOutArrays:
        """Stored beside a run's curves."""
        patches = (self.patches.scores, self.patches.ranks) if self.patches.count else (None, None)
        return HeldOutArrays(
            self.image_scores, self.pixels.scores, self.pixels.numbers, self.pixels.images,
            self.odd_scores, self.odd_pixels.scores, self.odd_pixels.numbers,
            self.pixels.without if self.capped else None, self.levels if len(self.levels) else None, *patches,
        )  # fmt: skip

    def about(self, train_images: int, photos: TrainingPhotos | None = None) -> HeldOut:
        """Their description for the run's record: the method, the number of images and maps, and of how many; with
        `photos` also near-duplicates, odd photos, and the thresholds without and with these."""
        known = HeldOut(METHOD, len(self.image_scores), self.pixels.images, train_images)
        return known if photos is None else replace(
            known, groups=photos.groups, copies=photos.copies,
            odd=tuple(OddPhoto(path, score) for path, score in photos.odd),
            thresholds={"image": photos.image, "pixel": photos.pixel},
        )  # fmt: skip


def held_out_scores(
    image_scores: np.ndarray, patch_scores: np.ndarray, render: Render, shape: tuple[int, int], squared: bool = False
) -> HeldOutScores:
    """From the scores (n,) of images and patch scores (m, h, w) of some, whose maps (m, H, W) `render` computes;
    `squared` where these are squared distances."""
    levels = levels_of(patch_scores, squared)
    return HeldOutScores(image_scores[~np.isnan(image_scores)], Pixels.of(patch_scores, render, shape),
                         levels=levels[np.isfinite(levels)], patches=GoodPatches.of(patch_scores))  # fmt: skip


def read_held_out(stored: HeldOutArrays | None, copies: bool = False) -> HeldOutScores | None:
    """The scores stored beside a run's curves, None for older runs. `copies`: near-duplicates were left out together,
    as the run's record says."""
    if stored is None or stored.pixel_images is None:
        return None
    without = stored.pixel_without  # not in older runs, whose thresholds are not capped
    pixels = Pixels(stored.pixel_scores, stored.pixel_numbers, stored.pixel_images,
                    np.empty(0, np.float32) if without is None else without)  # fmt: skip
    levels = np.empty(0, np.float32) if stored.levels is None else stored.levels
    good = HeldOutScores(stored.scores, pixels, copies=copies, capped=without is not None, levels=levels,
                         patches=GoodPatches.stored(stored))
    if stored.odd_scores is None or stored.odd_pixel_scores is None or stored.odd_pixel_numbers is None:
        return good
    odd = Pixels(stored.odd_pixel_scores, stored.odd_pixel_numbers, len(stored.odd_scores))
    return replace(good, odd_scores=stored.odd_scores, odd_pixels=odd)


def near_copies_left_out(heldout: HeldOut | None) -> bool:
    """Whether near-duplicates were left out together, by a run's record of its held-out scores."""
    return heldout is not None and bool(heldout.copies)
