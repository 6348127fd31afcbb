"""The results of scoring: of a batch of images, and of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from patchcore_core.data.files.depth import scale_notes
from patchcore_core.data.likeness import no_pictures
from patchcore_core.data.samples import Sample
from patchcore_core.model.batches import FEW_KNOWN, Batch, Unreadable

# image scores (B,), patch scores (B, h, w), and distances and bank rows (B, h_s, w_s, k) at each scale
Found = tuple[np.ndarray, np.ndarray, list[tuple[np.ndarray, ...]]]


@dataclass(frozen=True)
class Scores:
    """What `score` found, in the order of `samples`: the images that could be read.

    image_scores (N,), patch_scores (N, h, w), both float32, higher = more anomalous; pictures (N, 4096) as in
    data.likeness; contents (N,) of the files as they were read, as in data.content; `unreadable` lists (path, cause)
    of the others. `notes`: sentences on photos that do not fit the scale of the training photos. row_use: how often
    each row (M_s,) of the memory bank of each scale was among the k nearest of a patch; () with a method without rows.
    `shortened`: earlier fits had done a part of the work.
    """

    samples: tuple[Sample, ...]
    image_scores: np.ndarray
    patch_scores: np.ndarray
    unreadable: Unreadable = ()
    pictures: np.ndarray = field(default_factory=no_pictures)
    contents: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    row_use: tuple[np.ndarray, ...] = ()
    shortened: bool = False


@dataclass(frozen=True)
class Predictions(Scores):
    """What `predict` found: scores, and anomaly_maps (N, H, W) float32."""

    anomaly_maps: np.ndarray = field(kw_only=True)


class ScoredBatches:
    """Scores of batches as they come, to become one `Scores`; the images themselves are not kept."""

    def __init__(self, bits: int | None, rows: Sequence[int] = ()) -> None:
        """bits: the scale of the training photos, None where they have 8; rows: of the memory bank of each scale."""
        self.done = 0  # images
        self._bits = bits
        self._samples: list[Sample] = []
        self._unreadable: list[tuple[str, str]] = []
        self._contents: list[str] = []
        self._clipped: list[str] = []
        self._unscaled: list[str] = []
        self._pictures = [no_pictures()]
        self._image_scores, self._patch_scores = list[np.ndarray](), list[np.ndarray]()
        self._known = 0
        self._row_use = tuple(np.zeros(count, np.int64) for count in rows)

    def add(self, batch: Batch, scored: Found | None) -> None:
        """A batch with what was found in it, None where it has no images."""
        self.done += len(batch.samples) + len(batch.unreadable)
        self._samples += batch.samples
        self._unreadable += batch.unreadable
        self._contents += batch.contents
        self._clipped += batch.clipped
        self._unscaled += batch.unscaled
        self._known += batch.known
        if scored is not None:
            self._image_scores.append(scored[0])
            self._patch_scores.append(scored[1])
            self._pictures.append(batch.pictures)
            for use, (_, rows) in zip(self._row_use, scored[2], strict=True):
                use += np.bincount(rows.ravel(), minlength=len(use))

    def scores(self) -> Scores:
        """Of all batches so far."""
        return Scores(
            tuple(self._samples),
            np.concatenate(self._image_scores or [np.empty(0, np.float32)]),
            np.concatenate(self._patch_scores or [np.empty((0, 1, 1), np.float32)]),
            tuple(self._unreadable),
            np.concatenate(self._pictures),
            tuple(self._contents),
            tuple(scale_notes(self._bits, self._clipped, self._unscaled, len(self._samples))),
            self._row_use,
            self._known > FEW_KNOWN * len(self._samples),
        )


@dataclass(frozen=True)
class Nearest:
    """Which patch of a training image is nearest to each patch (h, w) of an image.

    `rows` of the memory bank, the Euclidean `distances` to them, and their `origin` (h, w, 3): image, a number in
    `TrainingSet.paths`, and row and column in its grid; None if the bank does not record it. Of several scales, whose
    patches are on `grids` (h_s, w_s), the last one the finest, they are those of the scale with the highest
    standardised score at each position: `scales` (h, w), numbers in `grids`.
    """

    rows: np.ndarray
    distances: np.ndarray
    scales: np.ndarray
    grids: tuple[tuple[int, int], ...]
    origin: np.ndarray | None

    @classmethod
    def of(
        cls, found: Sequence[tuple[np.ndarray, ...]], scales: np.ndarray, origins: Sequence[np.ndarray | None]
    ) -> Nearest:
        """Of one image, from the distances and bank rows (1, h_s, w_s, k) at each scale, the scale (h, w) to use at
        each position, and the origin (M_s, 3) of the rows of each bank."""
        grids = tuple((rows.shape[1], rows.shape[2]) for _, rows in found)
        places = np.indices(scales.shape)
        cells = [tuple(cells_under(places, grids[-1], grid)) for grid in grids]
        distances, rows = (
            np.choose(scales, [part[0, ..., 0][cell] for part, cell in zip(parts, cells, strict=True)])
            for parts in zip(*found, strict=True)
        )
        known = [origin for origin in origins if origin is not None]
        if len(known) < len(origins):
            return cls(rows, distances, scales, grids, None)
        origin = np.empty((*scales.shape, 3), np.int32)
        for scale, of_rows in enumerate(known):
            origin[scales == scale] = of_rows[rows[scales == scale]]
        return cls(rows, distances, scales, grids, origin)

    def at(self, row: int, column: int) -> tuple[int, tuple[int, int]]:
        """The scale used at a position of the finest grid, and the row and column of that position in its grid."""
        scale = int(self.scales[row, column])
        cell = cells_under(np.array([row, column]), self.grids[-1], self.grids[scale])
        return scale, (int(cell[0]), int(cell[1]))


@dataclass(frozen=True)
class ImageResult:
    """One scored image: image score, patch_scores (h, w), anomaly_map (H, W), and the training patches that are
    `nearest`, None with a method that keeps none."""

    image_score: float
    patch_scores: np.ndarray
    anomaly_map: np.ndarray
    nearest: Nearest | None = None


def cells_under(places: np.ndarray, finest: tuple[int, int], grid: tuple[int, int]) -> np.ndarray:
    """Rows and columns (2, ...) of the cells of a grid that hold the middles of these cells (2, ...) of the finest."""
    return np.stack([(2 * along + 1) * cells // (2 * fine)
                     for along, fine, cells in zip(places, finest, grid, strict=True)])  # fmt: skip
