"""One photo with its patch embeddings, to ask why it scores what it does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from patchcore_core.errors import ConfigError
from patchcore_core.model.evidence.shares import layer_shares
from patchcore_core.model.results import ImageResult, Nearest, cells_under
from patchcore_core.model.scoring import BankScores


@dataclass(frozen=True)
class Neighbour:
    """A row of the memory bank near a patch: Euclidean `distance`, and where it comes from: `image`, a number in
    `TrainingSet.paths`, row and column in the grid of its scale. -1 where the bank does not know."""

    distance: float
    image: int
    row: int
    column: int


@dataclass(frozen=True)
class Neighbours:
    """The bank rows nearest to one patch, nearest first: at the scale with this number, in whose grid (h_s, w_s) the
    patch has this cell (row, column)."""

    scale: int
    cell: tuple[int, int]
    grid: tuple[int, int]
    rows: tuple[Neighbour, ...]


class Explained:
    """The patch embeddings (h_s, w_s, D) of one photo at each scale, and what the memory banks say of them.

    Places are cells (row, column) of the finest grid (h, w). Nothing is searched before it is asked for; one place of a
    model with a single scale needs the search of one patch only.
    """

    def __init__(self, patches: Sequence[np.ndarray], by: BankScores, weights: np.ndarray) -> None:
        """weights (L, D): the part of each layer in each value, as `shares.layer_weights` gives it."""
        self.patches, self._by, self._weights = tuple(patches), by, weights
        self.grids = tuple((part.shape[0], part.shape[1]) for part in self.patches)
        self._wide: tuple[int, list[tuple[np.ndarray, np.ndarray]]] = (0, [])

    @property
    def by(self) -> BankScores:
        """What scores the patches."""
        return self._by

    def scored_by(self, by: BankScores) -> float:
        """The image score by other memory banks or settings."""
        return Explained(self.patches, by, self._weights).result.image_score

    def search(self, k: int) -> list[tuple[np.ndarray, np.ndarray]]:
        """Distances and bank rows (1, h_s, w_s, k) of all patches at each scale."""
        known, wide = self._wide
        return self._search(k) if k > known else [(distances[..., :k], rows[..., :k]) for distances, rows in wide]

    def widen(self, k: int) -> None:
        """Search for k neighbours now, so that what needs as many or fewer of them searches no more."""
        if k > self._wide[0]:
            self._wide = k, self._search(k)

    def _search(self, k: int) -> list[tuple[np.ndarray, np.ndarray]]:
        found = []
        for bank, part in zip(self._by.banks, self.patches, strict=True):
            near = bank.search(part.reshape(-1, part.shape[2]), min(k, len(bank)))
            found.append((near[0].reshape(1, *part.shape[:2], -1), near[1].reshape(1, *part.shape[:2], -1)))
        return found

    @cached_property
    def found(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """What `search` finds with the neighbours of the configuration."""
        return self.search(self._by.config.num_neighbors)

    @cached_property
    def result(self) -> ImageResult:
        """Score, patch scores and anomaly map, as `PatchCore.score_image` gives them."""
        distances, rows = zip(*self.found, strict=True)
        scores, patch_scores = self._by.of([part[None] for part in self.patches], distances, rows)
        nearest = Nearest.of(self.found, self.leading, [bank.origin for bank in self._by.banks])
        return ImageResult(float(scores[0]), patch_scores[0], self._by.maps.of(patch_scores)[0], nearest)

    @cached_property
    def leading(self) -> np.ndarray:
        """The number of the scale that stands out most at each place, (h, w)."""
        if len(self.grids) == 1:
            return np.zeros(self.grids[0], np.int64)
        return self._by.maps.leading([self._by.of_patches(distances) for distances, _ in self.found])[0]

    def patch_score(self, row: int, column: int) -> float:
        """The score of the patch at a place; ConfigError as `nearest`."""
        self._check(row, column)
        if len(self.grids) > 1 or "found" in vars(self):
            return float(self.result.patch_scores[row, column])
        k = min(self._by.config.num_neighbors, len(self._by.banks[0]))
        distances, _ = self._by.banks[0].search(self.patches[0][row, column][None], k)
        return float(self._by.of_patches(distances[None, None])[0, 0, 0])

    def nearest(self, row: int, column: int, k: int = 5) -> Neighbours:
        """The k nearest bank rows of the patch at a place; fewer where the bank has fewer rows. ConfigError for a place
        outside the grid."""
        self._check(row, column)
        scale = int(self.leading[row, column])
        cell = cells_under(np.array([row, column]), self.grids[-1], self.grids[scale])
        bank = self._by.banks[scale]
        distances, near = self._near(scale, (int(cell[0]), int(cell[1])), min(k, len(bank)))
        origins = np.full((len(near), 3), -1) if bank.origin is None else bank.origin[near]
        found = (Neighbour(float(distance), *map(int, origin))
                 for distance, origin in zip(distances, origins, strict=True))  # fmt: skip
        return Neighbours(scale, (int(cell[0]), int(cell[1])), self.grids[scale], tuple(found))

    def _near(self, scale: int, cell: tuple[int, int], k: int) -> tuple[np.ndarray, np.ndarray]:
        """Distances and bank rows (k,) of the patch in a cell of a scale's grid: of all patches, if these are known."""
        known, wide = self._wide
        if k <= known:
            distances, rows = (part[0, *cell, :k] for part in wide[scale])
        else:
            (distances,), (rows,) = self._by.banks[scale].search(self.patches[scale][cell][None], k)
        return distances, rows

    @cached_property
    def layer_shares(self) -> np.ndarray:
        """(L, h, w): the share of each layer in the squared distance of each patch to its nearest bank row, at the
        scale that leads there."""
        shares = []
        for bank, part, (_, rows) in zip(self._by.banks, self.patches, self.found, strict=True):
            shares.append(layer_shares(part, bank.patches[rows[0, ..., 0]], self._weights))
        places = np.indices(self.grids[-1])
        on_finest = [share[:, cells[0], cells[1]] for share, grid in zip(shares, self.grids, strict=True)
                     for cells in [cells_under(places, self.grids[-1], grid)]]  # fmt: skip
        return np.choose(self.leading, on_finest)

    @cached_property
    def resembles(self) -> np.ndarray:
        """(h, w): the number in `TrainingSet.paths` of the image whose patch is nearest; -1 where it is unknown."""
        nearest = self.result.nearest
        assert nearest is not None
        return np.full(self.grids[-1], -1) if nearest.origin is None else nearest.origin[..., 0]

    def _check(self, row: int, column: int) -> None:
        rows, columns = self.grids[-1]
        if not (0 <= row < rows and 0 <= column < columns):
            raise ConfigError(f"the patch must lie in the grid of {rows} x {columns}, got row {row}, column {column}")
