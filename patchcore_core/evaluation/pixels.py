"""Pixels of masks and anomaly maps counted in blocks of images, each defect region weighing the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from patchcore_core.data.masks import Outline
from patchcore_core.evaluation.counts import FLOAT16, Scale, Tally, as_labels, as_scores, scale_of, tally_on
from patchcore_core.evaluation.regions import Advance, Regions, as_slice, blocks, find_regions
from patchcore_core.evaluation.thresholds.decision import predicted
from patchcore_core.evaluation.trimmed_maps import TrimmedMaps
from patchcore_core.in_threads import WORKERS, in_threads

FEW_BINS = 1 << 20


@dataclass(frozen=True)
class Pixels:
    """The maps (N, H, W) of a test set, the regions of its masks, and the scale on which their scores are counted.

    trimmed: for the predicted segmentation; None: untrimmed.

    Maps may be a file opened with mmap: they are read a block at a time and never copied whole. ignored (N, H, W) bool:
    pixels outside the regions that do not count; None: all do.
    """

    maps: NDArray[np.floating]
    regions: Regions
    scale: Scale
    ignored: NDArray[np.bool_] | None = None
    trimmed: TrimmedMaps | None = None

    @property
    def defective(self) -> NDArray[np.bool_]:
        """Whether each image (N,) has a defect pixel."""
        found = np.zeros(len(self.maps), bool)
        found[self.regions.image] = True
        return found

    def count(self, scale: Scale, images: int | slice | NDArray[np.integer]) -> NDArray[np.int64]:
        """Number of pixels of these images per bin, (K,), without ignored ones."""
        scores = self.maps[images]
        if self.ignored is None:
            return scale.count(scores)
        return scale.count(scores) - scale.count(scores[self.ignored[images]])

    def marked(
        self, images: NDArray[np.integer], threshold: float, advance: Advance | None = None
    ) -> NDArray[np.int64]:
        """Defect pixels and others predicted by the trimmed segmentation of each image, (N, 2); 0 for images not among
        `images` (n,)."""
        counts = np.zeros((len(self.maps), 2), np.int64)
        if self.trimmed is None or np.isnan(threshold):
            return counts
        for block in blocks(images, self.maps):
            for index in block.tolist():
                found = self.trimmed.reaching(index, threshold)
                counts[index, 1] = np.count_nonzero(found if self.ignored is None else found & ~self.ignored[index])
            if advance is not None:
                advance(len(block))
        shown = self.regions.shown
        inside = np.repeat(shown.image, shown.area)[predicted(shown.scores, threshold)]
        counts[:, 0] = np.bincount(inside, minlength=len(counts))
        counts[:, 1] -= counts[:, 0]
        return counts

    def tally(self, images: NDArray[np.integer], advance: Advance | None = None) -> Tally:
        """Tally the pixels of these images (n,), each once, each defect pixel weighing 1 / area of its region."""
        everything = np.zeros(len(self.scale.edges), np.int64)
        parts = list(blocks(images, self.maps, least=len(self.scale.edges)))  # every block passes over all edges
        workers = WORKERS if len(parts) > 1 and len(everything) <= FEW_BINS else 1  # each block's counts take memory
        counts = in_threads(lambda block: self.count(self.scale, as_slice(block)), parts, workers)
        for block, count in zip(parts, counts, strict=True):
            everything += count
            if advance is not None:
                advance(len(block))
        chosen = np.zeros(len(self.maps), bool)
        chosen[images] = True
        regions = self.regions if chosen[self.regions.image].all() else self.regions.of(chosen)
        return tally_on(self.scale, everything, regions.scores, regions.weights)


def as_maps(masks: ArrayLike, maps: ArrayLike) -> tuple[NDArray[np.bool_], NDArray[np.floating]]:
    """Masks and maps as arrays (N, H, W); ValueError when their shapes differ or are others."""
    mask, score = as_labels(masks), as_scores(maps)
    if mask.ndim != 3 or mask.shape != score.shape:
        raise ValueError(f"masks and maps must both be (N, H, W), got {mask.shape} and {score.shape}")
    return mask, score


def read_pixels(
    masks: NDArray[np.bool_], maps: NDArray[np.floating], images: NDArray[np.integer] | None = None,
    also: Sequence[float] = (), advance: Advance | None = None, ignored: NDArray[np.bool_] | None = None,
    trimmed: TrimmedMaps | None = None, outlines: Mapping[int, Outline] | None = None,
) -> Pixels:
    """Find the regions of the images (n,; default all) of masks (N, H, W); `also` as in `scale_of`, `outlines` as in
    `find_regions`."""
    images = np.arange(len(maps)) if images is None else images
    regions = find_regions(masks, maps, images, advance, trimmed, outlines)
    return Pixels(maps, regions, scale_of(maps, regions.scores, also), ignored, trimmed)


def tally_pixels(
    masks: NDArray[np.bool_], maps: NDArray[np.floating], images: NDArray[np.integer] | None = None
) -> Tally:
    """Tally the pixels of the given images (default all), each defect pixel weighing 1 / area of its region."""
    images = np.arange(len(maps)) if images is None else np.asarray(images)
    return read_pixels(masks, maps, images).tally(images)


def quantile(maps: NDArray[np.floating], images: NDArray[np.integer], share: float) -> float:
    """The ceil(share (n + 1))-th lowest of the n pixel scores of these images, or the highest; NaN without any.

    Exact, and of the rank that `operating_point.quantile` takes. Only the scores above it are kept, so `share` should
    be near 1.
    """
    total = len(images) * maps.shape[1] * maps.shape[2]
    rank = min(total, int(np.ceil(share * (total + 1) - 1e-9)))
    if maps.dtype == np.float16 and total:
        counts: Any = sum(FLOAT16.count(maps[as_slice(block)]) for block in blocks(images, maps))
        return float(FLOAT16.edges[np.searchsorted(np.cumsum(counts), rank)])
    above = total - rank + 1  # the quantile is the score of this rank from the top
    highest, least = np.zeros(0, maps.dtype), maps.dtype.type(-np.inf)
    for block in blocks(images, maps):
        scores = maps[as_slice(block)].ravel()
        highest = np.concatenate([highest, scores[~(scores < least)]])  # NaN too, to be refused
        if len(highest) > 2 * above:
            highest = np.partition(highest, len(highest) - above)[len(highest) - above:]
            least = highest[0]
    return float(np.partition(highest, len(highest) - above)[len(highest) - above]) if total else np.nan

