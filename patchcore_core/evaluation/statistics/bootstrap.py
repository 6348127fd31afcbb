"""Confidence intervals by resampling images, good and defective ones separately, counting each pixel once.

Every image's pixels are binned once; a resample is how often each image is drawn, and its counts are weighted
accordingly. Percentile intervals: Efron and Tibshirani 1993, "An Introduction to the Bootstrap".

Image scores are resampled exactly. Pixels have at most `BINS` bins, spaced so that no curve moves by more than about 1
/ 1000 within one; maps of fewer distinct scores (as float16 often has) are exact, for others the figures of a resample
are off by less than 0.002.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from threadpoolctl import ThreadpoolController

from patchcore_core.evaluation.counts import Counts, Scale, summed
from patchcore_core.evaluation.curves import precision, steps_along
from patchcore_core.evaluation.figures import FPR_LIMITS, PixelCounts, aupro_name, image_figures, pixel_figures
from patchcore_core.evaluation.pixels import Pixels
from patchcore_core.evaluation.regions import Advance, blocks
from patchcore_core.in_threads import in_threads

BINS = 4096
BATCH = 32  # resamples whose counts are in memory at a time
LEVEL = 0.95
MOST_KEPT = 1 << 22  # numbers
ENOUGH_TO_LOAD = 1 << 18  # bins of all resamples; fewer take 0.02 s in numpy, and numba 0.4 s to load
SUMS = 7  # beside the areas up to limits, of replicate_kernels.sum_rows
logger = logging.getLogger(__name__)
Interval = tuple[float, float]
NO_INTERVAL: Interval = (np.nan, np.nan)


@dataclass(frozen=True)
class ImageBins:
    """The pixels of each of N images by bin of their score, highest bin first; an excluded image has none.

    thresholds (B,) descending, the lower edges of the bins; negatives (N, B); defective (A,), the indices of the images
    with a defect pixel, and their positives and weights (A, B). float32, in which an image's counts are exact. marked
    (N, 2): `Pixels.marked` at the threshold, if maps are trimmed.
    """

    thresholds: NDArray[np.float64]
    negatives: NDArray[np.float32]
    defective: NDArray[np.int64]
    positives: NDArray[np.float32]
    weights: NDArray[np.float32]
    threshold: float = np.nan  # the operating point
    marked: NDArray[np.int64] | None = None

    def counts(self, drawn: NDArray[np.floating]) -> PixelCounts:
        """Counts of R resamples, (R, B) each; drawn (R, N): how often each image is in each resample."""
        positives, everywhere, with_defect, weights = self.drawn(drawn)
        marked = None if self.marked is None else tuple((drawn.astype(np.float64) @ self.marked).T)
        return PixelCounts(self._summed(positives, everywhere, weights),
                           self._summed(positives, with_defect, weights), self.threshold, marked)  # fmt: skip

    def drawn(self, drawn: NDArray[np.floating]) -> tuple[NDArray[np.floating], ...]:
        """What is in the bins of R resamples, (R, B) each: positives, negatives, negatives of the images with a defect,
        and weights; drawn (R, N)."""
        drawn = drawn.astype(np.float32)
        some = drawn[:, self.defective]
        return (some @ self.positives, drawn @ self.negatives, some @ self._beside, some @ self.weights)

    @cached_property
    def _beside(self) -> NDArray[np.float32]:
        """The negatives of the images with a defect, (A, B)."""
        return self.negatives[self.defective]

    def of(self, images: NDArray[np.bool_]) -> ImageBins:
        """The bins of those images (N,) that are True."""
        kept = images[self.defective]
        place = np.cumsum(images) - 1
        return ImageBins(self.thresholds, self.negatives[images], place[self.defective[kept]], self.positives[kept],
                         self.weights[kept], self.threshold, self.marked if self.marked is None else
                         self.marked[images])  # fmt: skip

    def coarser(self, bins: int) -> ImageBins:
        """The same images in at most `bins` + 2 bins, in even steps along the curves of all of them together."""
        if len(self.thresholds) <= bins:
            return self
        pooled = self.counts(np.ones((1, len(self.negatives)))).pixels
        counts = Counts(pooled.thresholds, pooled.true_positives[0], pooled.false_positives[0],
                        pooled.weighted_recall[0])  # fmt: skip
        edges = bin_edges(PixelCounts(counts, counts, self.threshold), bins=bins)
        last = np.flatnonzero(np.isin(self.thresholds, edges))
        starts = np.concatenate([[0], last[:-1] + 1])
        negatives, positives, weights = (
            np.add.reduceat(each, starts, axis=1) for each in (self.negatives, self.positives, self.weights)
        )
        return ImageBins(self.thresholds[last], negatives, self.defective, positives, weights, self.threshold,
                         self.marked)  # fmt: skip

    def _summed(self, positives: NDArray, negatives: NDArray, weights: NDArray) -> Counts:
        return summed(self.thresholds, *(each.astype(np.float64) for each in (positives, negatives, weights)))


def resamples(strata: ArrayLike, count: int, seed: int = 0) -> NDArray[np.float32]:
    """How often each image is drawn in each resample: (count, N), whole numbers.

    strata (N,): images of one stratum are drawn among themselves, as many as there are. The same strata, count and seed
    give the same resamples, so that two runs on the same images can be compared image by image.
    """
    stratum = np.asarray(strata)
    generator = np.random.default_rng(seed)
    drawn = np.zeros((count, len(stratum)), np.float32)
    for value in np.unique(stratum):
        images = np.flatnonzero(stratum == value)
        drawn[:, images] = generator.multinomial(len(images), np.full(len(images), 1 / len(images)), size=count)
    return drawn


def kept_resamples(strata: ArrayLike, count: int, seed: int = 0) -> NDArray[np.float32]:
    """`resamples`, read-only and, unless they are many, kept for the next test set with these strata, as in a sweep."""
    stratum = np.unique(np.asarray(strata), return_inverse=True)[1].tolist()
    known = _resamples if count * len(stratum) <= MOST_KEPT else _resamples.__wrapped__
    return known(tuple(stratum), count, seed)


@lru_cache(maxsize=2)  # of all images, and within their types
def _resamples(strata: tuple[int, ...], count: int, seed: int) -> NDArray[np.float32]:
    drawn = resamples(strata, count, seed)
    drawn.setflags(write=False)
    return drawn


def image_bins(
    pixels: Pixels, counts: PixelCounts, images: NDArray[np.integer], fpr_limits: Sequence[float] = FPR_LIMITS,
    advance: Advance | None = None, marked: NDArray[np.int64] | None = None,
) -> ImageBins:
    """Count the pixels of each image (n,) by bin; `counts` are those of all of them together, and choose the bins.

    marked (N, 2): `Pixels.marked` at the operating point, where maps are trimmed.
    """
    maps, regions = pixels.maps, pixels.regions
    edges = bin_edges(counts, fpr_limits).astype(maps.dtype)[::-1]
    scale = Scale(edges)
    negatives = np.zeros((len(maps), len(edges)), np.float32)

    def count(block: NDArray[np.integer]) -> None:
        for index in block:
            negatives[index] = pixels.count(scale, int(index))[::-1]

    parts = list(blocks(images, maps))
    for block, _ in zip(parts, in_threads(count, parts), strict=True):
        if advance is not None:
            advance(len(block))
    chosen = np.zeros(len(maps), bool)
    chosen[images] = True
    regions = regions.of(chosen)
    defective, owner = np.unique(regions.image, return_inverse=True)
    shape = len(defective), len(edges)
    place = np.repeat(owner * len(edges) + len(edges) - 1, regions.area) - scale.place(regions.scores)
    positives = np.bincount(place, minlength=shape[0] * shape[1]).reshape(shape).astype(np.float32)
    weights = np.bincount(place, regions.weights, minlength=shape[0] * shape[1]).reshape(shape).astype(np.float32)
    negatives[defective] -= positives
    return ImageBins(edges[::-1].astype(np.float64), negatives, defective, positives, weights, counts.threshold,
                     marked)  # fmt: skip


def bin_edges(
    counts: PixelCounts, fpr_limits: Sequence[float] = FPR_LIMITS, bins: int = BINS
) -> NDArray[np.float64]:
    """At most `bins` + 2 of the thresholds, descending: all if there are few, else in even steps along all curves.

    The last is the lowest of all; counts at the operating point stay exact.
    """
    pixels = counts.pixels
    if len(pixels.thresholds) <= bins:
        return pixels.thresholds
    fpr = pixels.false_positives / max(1, pixels.negatives)
    shares = [pixels.true_positives / max(1, pixels.positives), pixels.weighted_recall, fpr, precision(pixels)]
    step = steps_along([*shares, *(np.minimum(fpr / limit, 1) for limit in fpr_limits)], bins)
    last = np.append(step[1:] != step[:-1], True)  # the lowest threshold of its step
    reached = int(np.count_nonzero(pixels.thresholds >= counts.threshold))
    last[reached - 1 if reached else 0] = True
    return pixels.thresholds[last]


def image_replicates(labels: ArrayLike, scores: ArrayLike, drawn: NDArray[np.floating]) -> dict[str, NDArray]:
    """The image figures of R resamples, (R,) each; labels (N,) 0, 1 or -1 (left out), scores (N,), drawn (R, N)."""
    label, score = np.asarray(labels), np.asarray(scores)
    known = np.flatnonzero(label >= 0)
    order = known[np.argsort(-score[known].astype(np.float64), kind="stable")]
    falling = score[order]
    ends = np.flatnonzero(np.append(falling[1:] != falling[:-1], True)) if len(order) else np.zeros(0, np.int64)
    counted = drawn[:, order].astype(np.float64)
    positive = label[order] == 1
    true, false = np.cumsum(counted * positive, axis=1)[:, ends], np.cumsum(counted * ~positive, axis=1)[:, ends]
    return image_figures(Counts(falling[ends].astype(np.float64), true, false, true))


def pixel_replicates(
    bins: ImageBins, drawn: NDArray[np.floating], fpr_limits: Sequence[float] = FPR_LIMITS
) -> dict[str, NDArray]:
    """The pixel figures of R resamples, (R,) each; drawn (R, N)."""
    with blas_alone():
        many = len(drawn) * len(bins.thresholds) >= ENOUGH_TO_LOAD  # whatever is loaded: the last digit depends on it
        if many and (sum_rows := _kernel()) is not None:
            return _by_kernel(sum_rows, bins, drawn, fpr_limits)
        parts = [pixel_figures(bins.counts(drawn[start:start + BATCH]), fpr_limits)
                 for start in range(0, len(drawn), BATCH)]  # fmt: skip
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def blas_alone() -> AbstractContextManager[Any]:
    """While the products of resamples, which are too small to be shared, are computed by one thread of BLAS each."""
    return _libraries().limit(limits=1, user_api="blas")


@lru_cache(maxsize=1)
def _libraries() -> ThreadpoolController:
    """Those that are loaded, which takes a few milliseconds to find out; numpy's, which is used here, is."""
    return ThreadpoolController()


@lru_cache(maxsize=1)
def _kernel() -> Callable[..., None] | None:
    """`sum_rows`, which takes a fifth of the time; None where numba is missing or cannot compile."""
    try:
        from patchcore_core.evaluation.statistics.replicate_kernels import sum_rows

        sum_rows(*np.ones((4, 1, 1), np.float32), np.ones(1), np.empty((1, SUMS + 1)))
    except Exception as error:  # in one of its many ways
        logger.info("Resampling is slower here, since no machine code can be made: %s", error)
        return None
    return sum_rows


def _by_kernel(
    sum_rows: Callable[..., None], bins: ImageBins, drawn: NDArray[np.floating], fpr_limits: Sequence[float]
) -> dict[str, NDArray]:
    """As `pixel_figures` of the counts of the resamples, without cumulating them."""
    found = np.empty((len(drawn), SUMS + len(fpr_limits)))
    limits, reached = np.asarray(fpr_limits, np.float64), np.full((2, len(drawn)), np.nan)
    pointed = not np.isnan(bins.threshold)
    first = int(np.count_nonzero(bins.thresholds >= bins.threshold))
    for start in range(0, len(drawn), BATCH):
        part = slice(start, start + BATCH)
        positives, everywhere, with_defect, weights = bins.drawn(drawn[part])
        sum_rows(positives, everywhere, with_defect, weights, limits, found[part])
        if pointed and bins.marked is None:
            reached[:, part] = [each[:, :first].sum(axis=1, dtype=np.float64) for each in (positives, everywhere)]
    if pointed and bins.marked is not None:
        reached = (drawn.astype(np.float64) @ bins.marked).T
    return _figures(found, reached, fpr_limits)


def _figures(
    sums: NDArray[np.float64], reached: NDArray[np.float64], fpr_limits: Sequence[float]
) -> dict[str, NDArray]:
    """The pixel figures (R,) from what `sum_rows` gives (R, 7 + L), and true and false positives at the operating point
    (2, R)."""
    positives, negatives, beside, area, area_beside, steps, best = sums[:, :SUMS].T
    hits, alarms = reached
    with np.errstate(divide="ignore", invalid="ignore"):
        values = {
            "pixel_auroc": area / 2 / (positives * negatives),
            "pixel_auroc_anomalous": np.where(beside > 0, area_beside / 2 / (positives * beside), np.nan),
            "pixel_average_precision": steps / positives,
            "pixel_f1_max": best,
            "pixel_iou": hits / (positives + alarms),
            "pixel_f1": 2 * hits / (hits + alarms + positives),
            **{aupro_name(limit): sums[:, SUMS + number] / (limit * negatives)
               for number, limit in enumerate(fpr_limits)},
        }  # fmt: skip
    return {name: np.where((positives > 0) & ((negatives > 0) | (name == "pixel_auroc_anomalous")), found, np.nan)
            for name, found in values.items()}  # fmt: skip


def interval(replicates: NDArray[np.floating]) -> Interval:
    """The percentile interval of R replicates (R,) without NaN.

    NaN if none is left, and where it would have no width: resamples that are all the same, as where every one is
    perfect, say nothing about its error.
    """
    defined = replicates[np.isfinite(replicates)]
    return _percentiles(defined[None])[0] if len(defined) else NO_INTERVAL


def intervals(replicates: Mapping[str, NDArray[np.floating]]) -> dict[str, Interval]:
    """`interval` of each figure, (R,) each: of all at once, as numpy takes long to begin."""
    whole = [name for name, values in replicates.items() if len(values) and np.isfinite(values).all()]
    found = _percentiles(np.stack([replicates[name] for name in whole])) if whole else []
    others = {name: interval(values) for name, values in replicates.items() if name not in whole}
    return dict(zip(whole, found, strict=True)) | others


def _percentiles(replicates: NDArray[np.floating]) -> list[Interval]:
    """The interval of each row (n, R)."""
    ends = np.quantile(replicates, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=1)
    return [(low, high) if low < high else NO_INTERVAL for low, high in ends.T.tolist()]
