"""The 8-connected defect regions of masks, and their overlap at a threshold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from patchcore_core.data.masks import Outline
from patchcore_core.evaluation.counts import ascending
from patchcore_core.evaluation.thresholds.decision import predicted
from patchcore_core.evaluation.trimmed_maps import TrimmedMaps

BLOCK = 1 << 20  # pixels read at a time
QUARTERS = (0.25, 0.5, 0.75)
Advance = Callable[[int], None]  # called with the number of images done since the last call


@dataclass(frozen=True)
class Regions:
    """R defect regions with their P pixels.

    image (R,): index of the image; area (R,): pixels; scores (P,): the map at each pixel, region after region; kept
    (P,): the same of the trimmed map, None if maps are not trimmed.
    """

    image: NDArray[np.int64]
    area: NDArray[np.int64]
    scores: NDArray[np.floating]
    kept: NDArray[np.floating] | None = None

    @property
    def shown(self) -> Regions:
        """The regions for the predicted segmentation: with the scores of the trimmed maps."""
        return self if self.kept is None else Regions(self.image, self.area, self.kept)

    @property
    def starts(self) -> NDArray[np.int64]:
        """The offset of each region's pixels in `scores`, (R,)."""
        return np.cumsum(self.area) - self.area

    @property
    def weights(self) -> NDArray[np.float64]:
        """1 / area of its region for each pixel, (P,), in the order of `scores`."""
        return np.repeat(1.0 / self.area, self.area)

    def peaks(self) -> NDArray[np.float64]:
        """The highest score of each region (R,)."""
        if not len(self.area):
            return np.zeros(0)
        return np.maximum.reduceat(self.scores, self.starts).astype(np.float64)

    def overlaps(self, threshold: float) -> NDArray[np.float64]:
        """The fraction of each region at or above a threshold (R,); NaN at a NaN threshold."""
        if np.isnan(threshold) or not len(self.area):
            return np.full(len(self.area), np.nan)
        return np.add.reduceat(predicted(self.scores, threshold), self.starts, dtype=np.int64) / self.area

    def highest(self, shares: NDArray[np.float64]) -> NDArray[np.float64]:
        """For each region the highest threshold that reaches at least these fractions (S,) of it: (R, S), in (0, 1].

        They give the overlap at any threshold to within one step.
        """
        found = np.full((len(self.area), len(shares)), np.nan)
        for row, start, area in zip(found, self.starts, self.area, strict=True):
            missed = area - np.maximum(np.ceil(area * shares - 1e-9).astype(np.int64), 1)  # pixels that may be left
            row[:] = ascending(self.scores[start:start + area])[missed]
        return found

    def size_classes(self) -> NDArray[np.int64]:
        """The quarter of the regions by area to which each belongs, 0 (smallest) to 3; equal areas stay together."""
        if not len(self.area):
            return np.zeros(0, np.int64)
        return np.searchsorted(np.quantile(self.area, QUARTERS), self.area, side="left")

    def of(self, images: NDArray[np.bool_]) -> Regions:
        """The regions of those images (N,) that are True."""
        chosen = images[self.image]
        inside = np.repeat(chosen, self.area)
        kept = None if self.kept is None else self.kept[inside]
        return Regions(self.image[chosen], self.area[chosen], self.scores[inside], kept)


def find_regions(
    masks: NDArray[np.bool_], maps: NDArray[np.floating], images: NDArray[np.integer], advance: Advance | None = None,
    trimmed: TrimmedMaps | None = None, outlines: Mapping[int, Outline] | None = None,
) -> Regions:
    """The regions of the images (n,) of masks (N, H, W), with the maps (N, H, W) there; one block is read at a time.

    `outlines` of the masks that are not empty; None: they are read from the masks.
    """
    image, area, scores = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], [np.zeros(0, maps.dtype)]
    kept = [np.zeros(0, maps.dtype)]
    for block in blocks(images, masks):
        for index, outline in _outlines_of(block, masks) if outlines is None else _known(block, outlines):
            image.append(np.full(len(outline.areas), index))
            area.append(outline.areas)
            scores.append(maps[index].ravel()[outline.places])
            if trimmed is not None:
                away = trimmed.trimmed(index).ravel()[outline.places]
                kept.append(np.where(away, maps.dtype.type(-np.inf), scores[-1]))
        if advance is not None:
            advance(len(block))
    return Regions(np.concatenate(image), np.concatenate(area), np.concatenate(scores),
                   None if trimmed is None else np.concatenate(kept))  # fmt: skip


def _outlines_of(block: NDArray[np.integer], masks: NDArray[np.bool_]) -> Iterator[tuple[int, Outline]]:
    for index, defective in zip(block.tolist(), np.any(masks[as_slice(block)], axis=(1, 2)).tolist(), strict=True):
        if defective:
            yield index, Outline.of(masks[index])


def _known(block: NDArray[np.integer], outlines: Mapping[int, Outline]) -> Iterator[tuple[int, Outline]]:
    return ((index, outlines[index]) for index in block.tolist() if index in outlines)


def blocks(images: NDArray[np.integer], masks: NDArray, least: int = 0) -> Iterator[NDArray[np.integer]]:
    """The images (n,) in parts of about `BLOCK` pixels of masks or maps (N, H, W), or `least` if that is more.

    A part has at least one image.
    """
    step = max(1, max(BLOCK, least) // max(1, masks.shape[1] * masks.shape[2]))
    for start in range(0, len(images), step):
        yield images[start:start + step]


def as_slice(images: NDArray[np.integer]) -> slice | NDArray[np.integer]:
    """Adjacent images as a slice, which is read without a copy; others unchanged."""
    first, last = int(images[0]), int(images[-1]) + 1
    return slice(first, last) if len(images) == last - first and (np.diff(images) == 1).all() else images
