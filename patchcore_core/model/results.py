"""What a model finds in images."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from patchcore_core.data.likeness import no_pictures
from patchcore_core.data.samples import Sample
from patchcore_core.model.batches import Unreadable


def cells_under(places: np.ndarray, finest: tuple[int, int], grid: tuple[int, int]) -> np.ndarray:
    """Rows and columns (2, ...) of the cells of a grid that hold the middles of these cells (2, ...) of the finest."""
    return np.stack([(2 * along + 1) * cells // (2 * fine)
                     for along, fine, cells in zip(places, finest, grid, strict=True)])  # fmt: skip


@dataclass(frozen=True)
class Scores:
    """What `score` found, in the order of `samples`: the images that could be read.

    image_scores (N,), patch_scores (N, h, w), both float32, higher = more anomalous; pictures (N, 4096) as in
    data.likeness; contents (N,) of the files as they were read, as in data.content; `unreadable` lists (path, cause)
    of the others. `notes`: sentences on photos that do not fit the scale of the training photos.
    """

    samples: tuple[Sample, ...]
    image_scores: np.ndarray
    patch_scores: np.ndarray
    unreadable: Unreadable = ()
    pictures: np.ndarray = field(default_factory=no_pictures)
    contents: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Predictions(Scores):
    """What `predict` found: scores, and anomaly_maps (N, H, W) float32."""

    anomaly_maps: np.ndarray = field(kw_only=True)


@dataclass(frozen=True)
class ImageResult:
    """One scored image: image score, patch_scores (h, w), anomaly_map (H, W), and for every patch its nearest
    bank row, neighbours (h, w), and the Euclidean distance to it, distances (h, w).

    Of several scales, whose patches are on `grids` (h_s, w_s), the last one the finest, neighbours and distances are
    those of the scale that stands out most at each place: scales (h, w), a number in `PatchCore.scales`.
    """

    image_score: float
    patch_scores: np.ndarray
    anomaly_map: np.ndarray
    neighbours: np.ndarray
    distances: np.ndarray
    scales: np.ndarray
    grids: tuple[tuple[int, int], ...]
