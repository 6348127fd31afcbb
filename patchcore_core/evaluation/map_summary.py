"""A summary of the anomaly maps from one pass, so that they need not be read again.

For each image: the number of defect pixels and of others in a few hundred score bins common to the run, the position of
the peak, and its relation to the mask. From the bins follow IoU, missed area and predicted area at any pixel threshold:
exactly at the edges of the bins (named thresholds are edges), and between two edges within given bounds: on 394
defective images of magnetic tiles the bounds of the IoU are 0.004 apart on average, the largest error is 0.017.

A few maps and masks are held at a time; maps may be memory-mapped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from patchcore_core.data.masks import EIGHT_CONNECTED, Outline, Truth
from patchcore_core.data.scratch import release
from patchcore_core.evaluation.counts import ascending
from patchcore_core.evaluation.kernels.bins import Bins
from patchcore_core.evaluation.thresholds.decision import predicted
from patchcore_core.evaluation.trim import Trim
from patchcore_core.evaluation.trimmed_maps import TrimmedMaps
from patchcore_core.in_threads import in_threads

BINS = 512
SAMPLED = 64  # maps used for laying out the bins
RESIDENT = 1 << 25  # bytes of a mapped file read before its pages are released
MaskOf = Callable[[int], NDArray[np.bool_] | Truth | None]  # image -> its mask (H, W), None if unknown
Advance = Callable[[int], None]  # called with the number of images done since the last call
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class MapSummary:
    """N images of H x W pixels, B bins. NaN (or -1) where undefined.

    edges (B,): bin k holds scores from edges[k] to below edges[k + 1], the last one all above; edges[0] is -inf.
    defect, rest (N, B) int32: pixels inside the mask and all others, without ignored ones. height, width: H and W.

    mask_known (N,): a good image's mask is known and empty. peak (N,), row, column (N,): the highest score and its
    first position. peak_distance (N,): from there to the nearest defect pixel, in pixels of the map, 0 on the defect,
    NaN if the peak is on an ignored pixel. defect_peak (N,): the highest score on the defect. mask_box (N, 4): top,
    left, bottom, right of the whole mask, the last two exclusive. region_area, region_side (N,): pixels of the largest
    true region and the longer side of its box.

    hot_area, hot_fill (N,): for a peak off the defect at or above `level`, the pixels of the region at or above `level`
    around it, and the fraction of its box that they fill. defect_trimmed, rest_trimmed (N, B) int32: those of defect
    and rest that the predicted segmentation trims at any threshold, None without trim; figures at a pixel threshold
    exclude them, all else is of the untrimmed maps.
    """

    height: int
    width: int
    level: float
    edges: Floats
    defect: NDArray[np.int32]
    rest: NDArray[np.int32]
    mask_known: NDArray[np.bool_]
    peak: Floats
    row: NDArray[np.int64]
    column: NDArray[np.int64]
    peak_distance: Floats
    defect_peak: Floats
    mask_box: NDArray[np.int64]
    region_area: NDArray[np.int64]
    region_side: NDArray[np.int64]
    hot_area: NDArray[np.int64]
    hot_fill: Floats
    defect_trimmed: NDArray[np.int32] | None = None
    rest_trimmed: NDArray[np.int32] | None = None

    @property
    def defect_area(self) -> NDArray[np.int64]:
        """Defect pixels of each image (N,)."""
        return self.defect.sum(axis=1, dtype=np.int64)

    @property
    def shown(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Predicted defect and other pixels (N, B), by the score from which they are predicted."""
        if self.defect_trimmed is None or self.rest_trimmed is None:
            return self.defect, self.rest
        return self.defect - self.defect_trimmed, self.rest - self.rest_trimmed

    def is_exact(self, threshold: float) -> bool:
        """Whether `iou` and `overlooked` are exact at this pixel threshold, not interpolated."""
        return bool(np.any(self.edges == threshold))

    def overlooked(self, threshold: float) -> Floats:
        """Defect pixels below a pixel threshold (N,), interpolated between edges; NaN without either."""
        return np.where(self.mask_known, self.defect_area - self._above(self.shown[0], threshold), np.nan)

    def iou(self, threshold: float) -> Floats:
        """Intersection over union of mask and prediction (N,); NaN if both are empty, or one is unknown."""
        found, wrong = (self._above(counts, threshold) for counts in self.shown)
        return self._ratio(found, self.defect_area + wrong)

    def own_auroc(self) -> Floats:
        """Pixel AUROC of each image (N,), with ties within a bin."""
        rest = self.rest.astype(np.float64)
        beaten = np.cumsum(rest, axis=1) - rest / 2  # (N, B)
        pairs = self.defect_area * rest.sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(pairs > 0, (self.defect * beaten).sum(axis=1) / pairs, np.nan)

    def quantile(self, images: NDArray[np.bool_], share: float) -> float:
        """The score that this fraction of the pixels of some images (N,) does not exceed, to within a bin; NaN for
        none."""
        counts = (self.defect[images].sum(axis=0, dtype=np.int64) + self.rest[images].sum(axis=0, dtype=np.int64))
        if not counts.sum():
            return float("nan")
        place = int(np.searchsorted(np.cumsum(counts), share * counts.sum()))
        below = counts[:place].sum()
        low, high = max(self.edges[place], self.edges[1]), self._upper(place, float(self.peak[images].max()))
        return float(low + (high - low) * (share * counts.sum() - below) / counts[place])

    def _upper(self, place: int, highest: float) -> float:
        return float(self.edges[place + 1]) if place + 1 < len(self.edges) else max(highest, float(self.edges[place]))

    def _limits(self, counts: NDArray[np.int32], threshold: float) -> tuple[Floats, Floats]:
        """Bounds of the number of these pixels (N,) at or above a threshold."""
        if np.isnan(threshold):
            return np.full(len(counts), np.nan), np.full(len(counts), np.nan)
        first = int(np.searchsorted(self.edges, threshold, side="left"))  # the first bin wholly at or above it
        least = counts[:, first:].sum(axis=1, dtype=np.float64)
        exact = first < len(self.edges) and self.edges[first] == threshold
        return least, least if exact else least + counts[:, first - 1]

    def _above(self, counts: NDArray[np.int32], threshold: float) -> Floats:
        least, most = self._limits(counts, threshold)
        if np.isnan(threshold) or least is most:
            return least
        place = int(np.searchsorted(self.edges, threshold, side="left")) - 1
        low, high = float(self.edges[place]), self._upper(place, float(self.peak.max(initial=threshold)))
        share = (high - threshold) / (high - low) if np.isfinite(low) and high > low else 0.5
        return least + (most - least) * share

    def _ratio(self, part: Floats, whole: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.mask_known & (whole > 0), part / whole, np.nan)

    def arrays(self) -> dict[str, NDArray]:
        """All arrays by name, for a file; the inverse of `MapSummary.of`."""
        return {name: np.asarray(value) for name, value in asdict(self).items() if value is not None}

    @classmethod
    def of(cls, arrays: dict[str, NDArray]) -> MapSummary:
        """The summary with these arrays."""
        return cls(**{**arrays, "height": int(arrays["height"]),
                      "width": int(arrays["width"]), "level": float(arrays["level"])})  # type: ignore[arg-type]


def score_edges(maps: NDArray[np.floating], thresholds: Iterable[float] = (), bins: int = BINS) -> Floats:
    """The edges of the bins (B,), about `bins` of them and one for each finite threshold; the first at -inf.

    Half of them are evenly spaced by score, the others by rank, mostly in the upper tail. At most `SAMPLED` evenly
    spaced maps (N, H, W) are read, every fourth row and column.
    """
    if not len(maps):
        return np.array([-np.inf])
    chosen = np.unique(np.linspace(0, len(maps) - 1, min(SAMPLED, len(maps))).astype(int))
    stored = np.float16 if maps.dtype == np.float16 else np.float32
    sample = np.empty((len(chosen), -(-maps.shape[1] // 4), -(-maps.shape[2] // 4)), stored)
    for place, image in enumerate(chosen):
        sample[place] = maps[image, ::4, ::4]
        release(maps)
    scores = ascending(sample.ravel())
    tail = 1 - np.logspace(0, -6, bins // 4)
    ranks = scores[(np.concatenate([np.linspace(0, 1, bins // 4), tail]) * (len(scores) - 1)).astype(np.int64)]
    even = np.linspace(scores[0], scores[-1], bins // 2)
    named = [threshold for threshold in thresholds if np.isfinite(threshold)]
    return np.unique(np.concatenate([[-np.inf], ranks, even, named]).astype(np.float64))


def summarise(
    maps: NDArray[np.floating], labels: Sequence[int] | NDArray[np.integer], mask_of: MaskOf, level: float,
    edges: Floats | None = None, advance: Advance | None = None, trim: Trim | TrimmedMaps | None = None,
) -> MapSummary:
    """Read maps (N, H, W) once, in order, and the masks of images that are not good (label 0).

    level: the score from which a pixel counts as hot, such as the 99.9th percentile of good pixels; NaN: none is. trim:
    of the predicted segmentation, or these maps with it.
    """
    edges = score_edges(maps, [level]) if edges is None else edges
    label, table = np.asarray(labels), Bins(edges, maps.dtype, maps.size)
    rows: list[dict] = []
    trimmed, all_maps = TrimmedMaps.of(trim, maps), np.asarray(maps)  # np.memmap is slow to index

    def row_of(one: tuple[int, Truth | None]) -> dict:
        away = None if trimmed is None else trimmed.trimmed(one[0])
        return _row(all_maps[one[0]], one[1], level, table, away)

    for row in in_threads(row_of, _truths(maps, label, mask_of)):
        rows.append(row)
        if len(rows) % max(1, RESIDENT // maps[0].nbytes) == 0:
            release(maps)
        if advance is not None:
            advance(1)
    release(maps)
    empty = _row(np.zeros((1, 1), maps.dtype), None, level, table, None if trim is None else np.zeros((1, 1), bool))
    columns = {name: np.array([row[name] for row in rows], dtype=np.asarray(value).dtype).reshape(
        len(rows), *np.shape(value)) for name, value in empty.items()}  # fmt: skip
    return MapSummary(height=maps.shape[1], width=maps.shape[2], level=float(level), edges=edges, **columns)


def _truths(maps: NDArray, label: NDArray, mask_of: MaskOf) -> Iterator[tuple[int, Truth | None]]:
    """Each image with its ground truth; a good one has no defect."""
    for image in range(len(maps)):
        found = np.zeros(maps.shape[1:], bool) if label[image] == 0 else mask_of(image)
        truth = Truth(found) if isinstance(found, np.ndarray) else found
        if truth is not None and truth.defect.shape != maps.shape[1:]:
            raise ValueError(f"the mask of image {image} must be {maps.shape[1:]} as its map, got {truth.defect.shape}")
        yield image, truth


def _row(
    scores: NDArray[np.floating], known: Truth | None, level: float, table: Bins, away: NDArray[np.bool_] | None
) -> dict:
    """The summary of one image: map and mask (H, W), and which pixels are trimmed."""
    scores = np.ascontiguousarray(scores)
    place = _highest(scores)
    mask, ignored = (None, None) if known is None else (known.defect, known.ignored)
    defective = mask is not None and bool(mask.any())
    truth = _truth(scores, _outline(known), place) if known is not None and defective else _NO_DEFECT
    if ignored is not None and ignored[place]:
        truth = {**truth, "peak_distance": np.nan}
    off = mask is None or not (mask[place] or (ignored is not None and ignored[place]))
    hot = _hot(scores, place, level) if off and predicted(scores[place], level) else (0, np.nan)
    return {
        **table.counts(scores, mask if defective else None, ignored, away), "mask_known": mask is not None,
        "peak": float(scores[place]), "row": place[0], "column": place[1], **truth, "hot_area": hot[0],
        "hot_fill": hot[1],
    }  # fmt: skip


def _outline(known: Truth) -> Outline:
    return Outline.of(known.defect) if known.outline is None else known.outline


_NO_DEFECT = {"peak_distance": np.nan, "defect_peak": np.nan, "mask_box": (-1, -1, -1, -1), "region_area": 0,
              "region_side": 0}  # fmt: skip


def _highest(scores: NDArray[np.floating]) -> tuple[int, int]:
    """Row and column of the first maximum."""
    comparable: NDArray = scores
    if scores.dtype == np.float16 and not (scores.view(np.uint16).max() >> 15):
        comparable = scores.view(np.uint16)  # non-negative floats compare as their bit patterns, faster
    row, column = divmod(int(np.argmax(comparable)), scores.shape[1])
    return row, column


def _truth(scores: NDArray[np.floating], outline: Outline, place: tuple[int, int]) -> dict:
    """The relation of the mask to the map and its peak."""
    rows, columns = np.divmod(outline.places, scores.shape[1])
    box = (int(rows.min()), int(columns.min()), int(rows.max()) + 1, int(columns.max()) + 1)
    largest = int(np.argmax(outline.areas))
    region = slice(int(outline.areas[:largest].sum()), int(outline.areas[:largest + 1].sum()))
    down, across = rows - place[0], columns - place[1]
    squares = down**2 + across**2
    nearest = squares == squares.min()
    return {
        "peak_distance": float(np.hypot(down[nearest], across[nearest]).min()),
        "defect_peak": float(scores.ravel()[outline.places].max()), "mask_box": box,
        "region_area": int(outline.areas[largest]),
        "region_side": int(max(np.ptp(rows[region]), np.ptp(columns[region]))) + 1,
    }  # fmt: skip


def _hot(scores: NDArray[np.floating], place: tuple[int, int], level: float) -> tuple[int, float]:
    """Pixels of the region at or above the level around `place`, and the fraction of its box that they fill."""
    numbered, _ = ndimage.label(predicted(scores, level), structure=EIGHT_CONNECTED)
    region = numbered == numbered[place]
    rows, columns = np.flatnonzero(region.any(axis=1)), np.flatnonzero(region.any(axis=0))
    area = int(region.sum())
    return area, area / float((rows[-1] - rows[0] + 1) * (columns[-1] - columns[0] + 1))
