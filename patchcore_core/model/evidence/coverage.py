"""How well a memory bank covers patches of good images, against its size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from patchcore_core.model.bank_rows import BankRows
    from patchcore_core.model.memory_bank import MemoryBank

SIZES = 48  # points of a curve
BLOCK = 2**24  # distances at a time
ROWS = 2**13  # of a bank at a time
FLAT = 0.05  # of the whole way that the mean distance falls: what is left where the curve counts as flat


@dataclass(frozen=True)
class Coverage:
    """Distances of patches to the first `sizes` (S,) rows of a bank, ascending, the last of them the whole bank.

    `mean` and `farthest` (S,): of the patches that were given. `radius` (S,): the distance of the row that was picked
    next, which for farthest-first is the covering radius of all training patches, exactly where they were not projected
    and else up to the projection; NaN for the whole bank, after which none was picked, and with other samplers.
    """

    sizes: np.ndarray
    mean: np.ndarray
    farthest: np.ndarray
    radius: np.ndarray

    @property
    def enough(self) -> int:
        """The least of `sizes` after which the mean falls by a twentieth of its whole fall only: the curve is flat."""
        fall = self.mean[0] - self.mean[-1]
        return int(self.sizes[np.flatnonzero(self.mean - self.mean[-1] <= FLAT * fall)[0]])


def coverage(bank: MemoryBank | BankRows, patches: np.ndarray, farthest_first: bool = True) -> Coverage:
    """The coverage of patches (N, D) by the first rows of the bank; `farthest_first`: whether that is their order."""
    sizes = sizes_up_to(len(bank))
    nearest = np.full((len(sizes), len(patches)), np.inf)  # squared
    step = max(1, BLOCK // len(bank))
    rows = bank.patches.astype(np.float32)
    for first in range(0, len(patches), step):
        some = slice(first, first + step)
        squares = np.minimum.reduceat(_squared(patches[some], rows), np.r_[0, sizes[:-1]], axis=1)  # (n, S)
        nearest[:, some] = np.minimum.accumulate(squares, axis=1).T
    distances = np.sqrt(nearest)
    radius = covering_radius(rows, sizes) if farthest_first else np.full(len(sizes), np.nan)
    return Coverage(sizes, distances.mean(axis=1), distances.max(axis=1), radius)


def sizes_up_to(rows: int) -> np.ndarray:
    """At most SIZES sizes from 1 to `rows`, about evenly spaced on a logarithmic scale, ascending."""
    return np.unique(np.round(np.geomspace(1, rows, SIZES)).astype(np.int64))


def covering_radius(rows: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """`Coverage.radius` (S,) of the first `sizes` (S,) of rows (M, D) in farthest-first order; it needs no patches."""
    radius = np.full(len(sizes), np.nan)
    for place, size in enumerate(sizes[:-1]):
        radius[place] = np.sqrt(min(_nearest_square(rows[first : min(first + ROWS, size)], rows[size])
                                    for first in range(0, size, ROWS)))  # fmt: skip
    return radius


def _nearest_square(rows: np.ndarray, one: np.ndarray) -> float:
    return float(np.square(rows.astype(np.float32) - one.astype(np.float32), dtype=np.float64).sum(axis=1).min())


def _squared(patches: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Squared Euclidean distances (n, M), at least 0."""
    ours = patches.astype(np.float32)
    squares = np.square(ours).sum(axis=1)[:, None] + np.square(rows).sum(axis=1) - 2 * (ours @ rows.T)
    return np.maximum(squares, 0.0)
