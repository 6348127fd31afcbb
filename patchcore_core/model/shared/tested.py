"""The nearest bank rows of test photos, kept for fits whose banks begin alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from patchcore_core.model.batches import NO_IMAGES, Batch, Input
from patchcore_core.model.memory_bank import MemoryBank
from patchcore_core.model.shared.growing import At, GrowingNearest

Grid = tuple[int, ...]  # (B, h, w)


class Tested:
    """What searches have found of batches of photos, at most `limit` bytes: up to `most` rows for each patch, at each
    size. `banks`: the rows of the banks in which all batches were searched last, () before."""

    def __init__(self, most: int, limit: int) -> None:
        self.most, self.limit, self.banks = most, limit, tuple[int, ...]()
        self.batches: list[Batch] = []
        self._found: dict[tuple[int, int], tuple[Grid, GrowingNearest]] = {}
        self._bytes = 0

    def noting(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        """The batches; all of them but their images is kept."""
        self.batches, self.banks = [], ()
        for batch in batches:
            known = (Input(NO_IMAGES, ({},) * len(batch.samples)),) if batch.samples else ()
            self.batches.append(replace(batch, inputs=known))
            yield batch

    def at(self, batch: Batch, size: int, grid: Grid) -> At | None:
        """Where the patches of a batch at the size of this number are kept; None where there is no room for them."""
        number = batch.number
        if (number, size) not in self._found:
            patches = int(np.prod(grid))
            self._bytes += patches * (16 * self.most + 8)
            if self._bytes > self.limit:
                return None
            self._found[number, size] = grid, GrowingNearest(patches, self.most)
        kept = self._found[number, size][1]
        return At(kept, np.arange(kept.count))

    def found(self, batch: Batch, k: int) -> list[tuple[np.ndarray, ...]]:
        """Distances and rows (B, h, w, k) of a batch at each size."""
        sizes = [self._found[batch.number, size] for size in range(len(self.banks))]
        return [tuple(values.reshape(*grid, k) for values in kept.known(k)) for grid, kept in sizes]

    def knows(self, banks: Sequence[MemoryBank], k: int) -> bool:
        """Whether all batches were searched in banks of so many rows."""
        return self.banks == tuple(map(len, banks)) and k <= self.most and self._bytes <= self.limit
