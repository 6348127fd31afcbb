"""Nearest bank rows of patches, kept while the bank grows and while fewer of them are asked for.

The rows of a smaller coreset are the first rows of a larger one, and the k nearest rows are the first of any more. So a
patch that was searched among the first rows need only be compared with those that have come since; what is found is
what a search of the whole bank finds, to the bit, since distances are exact (exact/search.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from patchcore_core.model.exact.nearest import Nearest

if TYPE_CHECKING:
    from patchcore_core.model.exact.search import ExactSearch


class GrowingNearest:
    """The `most` nearest bank rows of `count` patches, each as far as it was searched."""

    def __init__(self, count: int, most: int) -> None:
        self.count, self.most = count, most
        self._squared = np.empty((count, most))
        self._rows = np.empty((count, most), np.int64)
        self._among = np.zeros(count, np.int64)  # the first rows that each patch was compared with

    def search(
        self, index: ExactSearch, places: np.ndarray, queries: np.ndarray, k: int, owners: np.ndarray | None,
        owns: np.ndarray | None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """As `ExactSearch.search` of the patches at `places` (q,), whose features are `queries` (q, D)."""
        if k > self.most:
            return index.search(queries, k, owners, owns)
        among = self._among[places]
        among[among > len(index)] = 0  # the bank has become smaller
        for first in np.unique(among[among < len(index)]).tolist():
            some = np.flatnonzero(among == first)
            where = places[some]
            before = Nearest(self._squared[where], self._rows[where], first) if first else None
            own = None if owners is None else owners[some]
            found = index.nearest(queries[some], self.most, own, owns, before)
            self._squared[where], self._rows[where], self._among[where] = found.squared, found.rows, found.among
        found = Nearest(self._squared[places], self._rows[places], len(index))
        return found.distances(k), found.rows[:, :k]

    def so_far(self, places: np.ndarray, k: int, rows: int) -> tuple[np.ndarray, np.ndarray]:
        """Distances (q, k) float32 of the patches at `places` (q,) to their nearest of a bank's first rows, which those
        in the whole bank, of so many rows, do not exceed; NaN where they are not known. And whether they are those in
        the whole bank, (q,)."""
        among = self._among[places]
        known = (among > 0) & (among <= rows) & (self._rows[places, k - 1] >= 0)
        found = Nearest(np.where(known[:, None], self._squared[places], np.nan), self._rows[places], rows)
        return found.distances(k), known & (among == rows)

    def known(self, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Distances (count, k) float32 and rows (count, k) of all patches, as far as they were searched."""
        return Nearest(self._squared, self._rows, 0).distances(k), self._rows[:, :k]


@dataclass(frozen=True)
class At:
    """Patches at `places` (q,) of those that are kept."""

    kept: GrowingNearest
    places: np.ndarray


class LeftOutNearest:
    """The nearest rows of training patches without those of their groups: `cells` patches of each of `images`, whose
    `groups` (images,) must be this very array."""

    def __init__(self, groups: np.ndarray, cells: int, most: int) -> None:
        self.groups, self._cells, self._most = groups, cells, most
        self._kept = GrowingNearest(len(groups) * cells, most)
        self._thinned: dict[int, LeftOutNearest] = {}

    def at(self, groups: np.ndarray | None, images: np.ndarray, cells: np.ndarray, count: int) -> At | None:
        """The patches `cells` (q,) of `images` (q,), of which each has `count`; None for others than these are."""
        if groups is not self.groups or count != self._cells or count == 1:  # one alone may be any patch
            return None
        return At(self._kept, images.astype(np.int64) * count + cells)

    def thinned(self, share: int) -> LeftOutNearest:
        """Those in every `share`-th row."""
        if share not in self._thinned:
            self._thinned[share] = LeftOutNearest(self.groups, self._cells, self._most)
        return self._thinned[share]
